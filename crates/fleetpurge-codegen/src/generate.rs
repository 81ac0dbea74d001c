//! The one function that makes code of a spec.

use serde_json::Value;
use syn::{Item, parse_quote};

use crate::culprit::culprit;
use crate::leniency::{self, Dropped};
use crate::sources::{Document, Documents, sha256};
use crate::tokens::{Failed, tokens};
use crate::{Error, Overlay, docs, encoded, formats, limits, schemas};

/// What made the code, as `Cargo.lock` has it (a test compares): another version may write other code.
pub const GENERATOR: &str = "progenitor 0.15.1, typify 0.8.0, prettyplease 0.3.0";

/// Applies the overlay and the rules of leniency to the spec, and turns the result into the formatted source of a client.
///
/// The crate that holds the code depends on `fleetpurge-http`, whose `AttemptContext` is the inner type of the client, and
/// implements progenitor's `ClientHooks` for the `Client` that the code defines. Any string with `format: password`
/// becomes a `fleetpurge_http::secret::Secret`, which shows nothing. The same texts give the same bytes, whatever the order
/// of an object's keys.
///
/// # Errors
///
/// When the overlay does not fit, a request would have a secret, or progenitor cannot make a client of the result. A panic
/// of progenitor's is an error here, too.
pub fn generate(documents: &Documents) -> Result<Generated, Error> {
    let file = || documents.spec.name.clone();
    let mut corrected = corrected(documents)?;
    let dropped = leniency::apply(&mut corrected);
    if let Some(place) = formats::secret_of_a_request(&corrected) {
        return Err(Error::SecretInRequest { file: file(), place });
    }
    formats::lay_bare(&mut corrected);
    let tokens = tokens(&corrected).map_err(|failed| error(file(), failed, &corrected))?;
    let mut syntax = syn::parse2(tokens).map_err(|source| Error::NotRust { file: file(), source })?;
    encoded::add(&mut syntax);
    limits::annotate(&mut syntax, &corrected);
    schemas::derive_behind_feature(&mut syntax);
    schemas::list(&mut syntax, &corrected);
    docs::without_ignored_examples(&mut syntax);
    keep_rustfmt_off(&mut syntax);
    Ok(Generated {
        source: format!("{}\n{}", header(documents), prettyplease::unparse(&syntax)),
        dropped,
    })
}

/// What was made of a spec.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The source of the client.
    pub source: String,
    /// What the rules of leniency dropped from the spec before.
    pub dropped: Vec<Dropped>,
}

fn error(file: String, failed: Failed, spec: &Value) -> Error {
    match failed {
        Failed::NotOpenApi(source) => Error::NotOpenApi { file, source },
        Failed::Refused(source) => Error::Generator {
            file,
            culprit: culprit(spec),
            source,
        },
        Failed::Panicked(message) => Error::GeneratorPanicked {
            file,
            culprit: culprit(spec),
            message,
        },
    }
}

/// The spec with the overlay applied, its objects' keys in order.
///
/// # Errors
///
/// When the spec is not JSON, or the overlay does not fit it.
pub fn corrected(documents: &Documents) -> Result<Value, Error> {
    let mut spec: Value = serde_json::from_str(&documents.spec.text).map_err(|source| Error::NotJson {
        file: documents.spec.name.clone(),
        source,
    })?;
    if let Some(overlay) = &documents.overlay {
        Overlay::parse(&overlay.text)
            .and_then(|actions| actions.apply(&mut spec))
            .map_err(|source| Error::Overlay {
                file: overlay.name.clone(),
                source,
            })?;
    }
    // Whether serde_json keeps the order of keys depends on what else is built with it: a build script and `xtask`
    // would write the same code in two orders.
    spec.sort_all_objects();
    Ok(spec)
}

/// `cargo fmt` would lay the committed file out anew, and no longer would it be what this function writes. An attribute
/// on the file as a whole is not stable, and one on its `mod` would have to be remembered in every crate.
fn keep_rustfmt_off(file: &mut syn::File) {
    for item in &mut file.items {
        let attributes = match item {
            Item::Const(item) => &mut item.attrs,
            Item::Impl(item) => &mut item.attrs,
            Item::Mod(item) => &mut item.attrs,
            Item::Struct(item) => &mut item.attrs,
            Item::Use(item) => &mut item.attrs,
            // The generator writes nothing else at the top level; `cargo fmt --check` would tell.
            _ => continue,
        };
        attributes.push(parse_quote!(#[rustfmt::skip]));
    }
}

/// Plain comments: the build-time crate includes the file, and `include!` takes no inner attribute or doc comment.
fn header(documents: &Documents) -> String {
    let digest = |document: &Document| format!("//   {} {}\n", sha256(&document.text), document.name);
    let mut header = format!(
        "// @generated with {GENERATOR}, from (sha256)\n{}",
        digest(&documents.spec)
    );
    header.extend(documents.overlay.as_ref().map(digest));
    header.push_str(
        "// Not edited by hand: `cargo xtask regen` writes this file, `cargo xtask regen --check` compares it.\n",
    );
    header
}
