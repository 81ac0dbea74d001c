//! The one function that makes code of a spec.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;
use schemars_08::schema::{InstanceType, SchemaObject};
use serde_json::Value;
use syn::{Item, parse_quote};

use crate::error::Culprit;
use crate::leniency::{self, Dropped, METHODS, operations};
use crate::sources::{Document, Documents, sha256};
use crate::{Error, Overlay, docs, limits, schemas};

/// What made the code, as `Cargo.lock` has it (a test compares): another version may write other code.
pub const GENERATOR: &str = "progenitor 0.15.1, typify 0.8.0, prettyplease 0.3.0";

/// Applies the overlay and the rules of leniency to the spec, and turns the result into the formatted source of a client.
///
/// The crate that holds the code depends on `fleetpurge-http`, whose `AttemptContext` is the inner type of the client, and
/// implements progenitor's `ClientHooks` for the `Client` that the code defines. A schema of the spec with `format: password`
/// becomes a `fleetpurge_http::secret::Secret`, which shows nothing. The same texts give the same bytes, whatever the order
/// of an object's keys.
///
/// # Errors
///
/// When the overlay does not fit, or progenitor cannot make a client of the result. A panic of progenitor's is an error
/// here, too.
pub fn generate(documents: &Documents) -> Result<Generated, Error> {
    let file = || documents.spec.name.clone();
    let mut corrected = corrected(documents)?;
    let dropped = leniency::apply(&mut corrected);
    let tokens = tokens(&corrected).map_err(|why| why.into_error(file(), culprit(&corrected)))?;
    let mut syntax = syn::parse2(tokens).map_err(|source| Error::NotRust { file: file(), source })?;
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

/// Why progenitor made no code.
enum Failed {
    NotOpenApi(serde_json::Error),
    Refused(Box<progenitor::Error>),
    Panicked(String),
}

impl Failed {
    fn into_error(self, file: String, operation: Option<String>) -> Error {
        match self {
            Self::NotOpenApi(source) => Error::NotOpenApi { file, source },
            Self::Refused(source) => Error::Generator {
                file,
                operation: Culprit(operation),
                source,
            },
            Self::Panicked(message) => Error::GeneratorPanicked {
                file,
                operation: Culprit(operation),
                message,
            },
        }
    }
}

fn tokens(spec: &Value) -> Result<TokenStream, Failed> {
    let parsed = serde_json::from_value(spec.clone()).map_err(Failed::NotOpenApi)?;
    let mut generator = Generator::new(&settings(spec));
    catch_unwind(AssertUnwindSafe(|| generator.generate_tokens(&parsed)))
        .map_err(|panic| Failed::Panicked(panic_message(panic.as_ref()).to_owned()))?
        .map_err(|source| Failed::Refused(Box::new(source)))
}

/// The first operation of which alone progenitor can make no code either: its id, method and path.
fn culprit(spec: &Value) -> Option<String> {
    let places: Vec<String> = operations(spec).into_iter().map(|(place, _)| place).collect();
    places.iter().find_map(|place| {
        let (path, method) = place.rsplit_once('/')?;
        let operation = spec.pointer(place)?;
        let id = operation.get("operationId").and_then(Value::as_str);
        let path_name = path.strip_prefix("/paths/")?.replace("~1", "/").replace("~0", "~");
        let mut item = spec.pointer(path)?.clone();
        for (other, _) in spec.pointer(path)?.as_object()? {
            if other != method && METHODS.contains(&other.as_str()) {
                item.as_object_mut()?.remove(other);
            }
        }
        let mut alone = spec.clone();
        alone["paths"] = serde_json::json!({ &*path_name: item });
        let method = method.to_uppercase();
        tokens(&alone).is_err().then(|| match id {
            Some(id) => format!("{id} ({method} {path_name})"),
            None => format!("{method} {path_name}"),
        })
    })
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

fn settings(spec: &Value) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        // A parameter that the vendor adds then breaks no caller.
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(fleetpurge_http::exchange::AttemptContext));
    // Its own choice is `chrono`, which no raw crate has.
    for (format, rust) in [("date-time", "::jiff::Timestamp"), ("date", "::jiff::civil::Date")] {
        settings.with_conversion(
            string_of(format),
            rust,
            [TypeImpl::Display, TypeImpl::FromStr].into_iter(),
        );
    }
    // Every generated type derives `Debug`, and would show them.
    for secret in secrets(spec) {
        settings.with_replacement(
            secret,
            "fleetpurge_http::secret::Secret",
            std::iter::empty::<TypeImpl>(),
        );
    }
    settings
}

fn string_of(format: &str) -> SchemaObject {
    SchemaObject {
        instance_type: Some(InstanceType::String.into()),
        format: Some(format.to_owned()),
        ..SchemaObject::default()
    }
}

/// The names of the schemas that are secrets.
fn secrets(spec: &Value) -> impl Iterator<Item = &String> {
    let schemas = spec.pointer("/components/schemas").and_then(Value::as_object);
    schemas
        .into_iter()
        .flatten()
        .filter(|(_, schema)| schema["format"] == "password")
        .map(|(name, _)| name)
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

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(message), _) => message,
        (None, Some(message)) => message,
        (None, None) => "it did not say why",
    }
}
