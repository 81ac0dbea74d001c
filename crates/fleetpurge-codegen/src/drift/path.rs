//! JSONPath (RFC 9535) as a person would write it.

use std::fmt;

/// Where something stands in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path(String);

impl Path {
    pub(super) fn root() -> Self {
        Self("$".to_owned())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of a key: `.name`, or `['/a/b']` where the key is not a plain name.
    pub(super) fn field(&self, key: &str) -> Self {
        let plain = key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && key.chars().all(|other| other.is_ascii_alphanumeric() || other == '_');
        Self(if plain {
            format!("{}.{key}", self.0)
        } else {
            format!("{}['{}']", self.0, escape(key))
        })
    }

    /// An entry of an array.
    pub(super) fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// The entry of an array that has these values: it is found whatever the order.
    pub(super) fn entry(&self, fields: &[(&str, &str)]) -> Self {
        let conditions: Vec<String> = fields
            .iter()
            .map(|(field, value)| format!("@.{field}=='{}'", escape(value)))
            .collect();
        Self(format!("{}[?{}]", self.0, conditions.join(" && ")))
    }

    /// The target of a `$ref`, a JSON Pointer in a URI fragment: `#/components/schemas/Device`.
    pub(super) fn of_reference(reference: &str) -> Self {
        reference
            .trim_start_matches("#/")
            .split('/')
            .map(unescape_pointer)
            .fold(Self::root(), |path, key| path.field(&key))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One step of a JSON Pointer as the key that it stands for.
pub(super) fn unescape_pointer(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "\\'")
}
