//! Compares two documents: servers, authentication, paths, shared parts. `operation` compares the content of a path,
//! `schema` compares schemas.

use std::collections::BTreeMap;

use serde_json::Value;

use super::change::Drift;
use super::classify::{self, Part};
use super::comparison::{CompareError, Comparison, Pair, Sides, canonical, joined};
use super::path::Path;

/// Lists what has changed from `old` to `new`, by meaning: the order of keys does not matter, a `$ref` is what it
/// refers to, and what is not written is the same as its default.
///
/// # Errors
///
/// When a `$ref` cannot be followed.
pub fn compare(old: &Value, new: &Value) -> Result<Drift, CompareError> {
    let mut comparison = Comparison::new(old, new);
    comparison.document()?;
    Ok(comparison.into_drift())
}

impl<'a> Comparison<'a> {
    fn document(&mut self) -> Result<(), CompareError> {
        let root = Pair {
            path: Path::root(),
            old: self.old,
            new: self.new,
        };
        self.plain_keys(&root, classify::document);
        if let Some(Sides::Both(pair)) = root.field("openapi")
            && pair.old != pair.new
        {
            let text = |value: &'a Value| value.as_str().unwrap_or_default();
            let verdict = classify::openapi_version(text(pair.old), text(pair.new));
            self.record(&pair.path, verdict, Some(pair.old), Some(pair.new));
        }
        self.servers(&root);
        self.security(
            &root.path.field("security"),
            root.old.get("security"),
            root.new.get("security"),
        );
        for (_, sides) in Pair::entries(root.field("paths")) {
            if let Some(pair) = self.part(Part::Endpoint, sides) {
                let pair = self.resolve(pair)?;
                self.path_item(&pair)?;
            }
        }
        self.components(&root)
    }

    fn servers(&mut self, root: &Pair<'a>) {
        let path = root.path.field("servers");
        let by_url = |side: &'a Value| {
            keyed(side.get("servers"), |server| {
                Some(server.get("url")?.as_str()?.to_owned())
            })
        };
        for (url, (old, new)) in joined(by_url(root.old), by_url(root.new)) {
            let sides = Sides::of(path.entry(&[("url", &url)]), old, new);
            if let Some(pair) = sides.and_then(|sides| self.part(Part::Server, sides)) {
                self.plain_keys(&pair, classify::server);
            }
        }
    }

    /// Any of the alternatives is enough to authenticate; within one, all schemes are needed. Their order is nothing.
    pub(super) fn security(&mut self, path: &Path, old: Option<&'a Value>, new: Option<&'a Value>) {
        let alternatives = |side: Option<&'a Value>| keyed(side, |alternative| Some(canonical(alternative)));
        for (_, (old, new)) in joined(alternatives(old), alternatives(new)) {
            if let Some(sides) = Sides::of(path.clone(), old, new) {
                self.part(Part::Authentication, sides);
            }
        }
    }

    /// Shared parts are compared where they are used. What is left: their names, which the generated types have, too;
    /// those that nothing uses; and the ways to authenticate, which are referred to by name.
    fn components(&mut self, root: &Pair<'a>) -> Result<(), CompareError> {
        for (kind, sides) in Pair::entries(root.field("components")) {
            for (name, sides) in Pair::entries(Some(sides)) {
                if kind == "securitySchemes" {
                    if let Some(pair) = self.part(Part::Authentication, sides) {
                        let scheme = self.resolve(pair)?;
                        self.plain_keys(&scheme, classify::security_scheme);
                    }
                    continue;
                }
                let is_used = self.used.iter().any(|reference| {
                    Path::of_reference(reference) == Path::root().field("components").field(kind).field(name)
                });
                match &sides {
                    Sides::Both(_) if is_used => {}
                    Sides::Both(_) => self.opaque(&sides, &classify::wording("no operation that we know uses it")),
                    Sides::Gone(..) => self.opaque(&sides, &classify::wording("the name is gone; uses are compared")),
                    Sides::Came(..) => self.opaque(&sides, &classify::wording("a further name; uses are compared")),
                }
            }
        }
        Ok(())
    }
}

/// The entries of an array by what makes them the same.
fn keyed<'a>(array: Option<&'a Value>, key: impl Fn(&'a Value) -> Option<String>) -> BTreeMap<String, &'a Value> {
    let entries = array.and_then(Value::as_array).into_iter().flatten();
    entries
        .map(|entry| (key(entry).unwrap_or_else(|| canonical(entry)), entry))
        .collect()
}
