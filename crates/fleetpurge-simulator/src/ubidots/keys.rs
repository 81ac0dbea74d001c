//! The ways in which a device is named: its id, `~` and its label, `{"id": its id}`. Pure.

use serde_json::{Map, Value, json};

/// What a device is asked for by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// 24 hexadecimal digits, in the case in which they came.
    Id(String),
    /// Without the `~`.
    Label(String),
}

impl Key {
    /// An id, or a label behind a `~`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix('~') {
            Some("") => None,
            Some(label) => Some(Self::Label(label.to_owned())),
            None => is_id(text).then(|| Self::Id(text.to_owned())),
        }
    }

    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Self::parse(text),
            // No label is written in an object.
            Value::Object(fields) => match fields.get("id") {
                Some(Value::String(id)) if is_id(id) => Some(Self::Id(id.clone())),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The shape that Ubidots' own command line client holds an id to.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What is wrong, by field, as the `detail` of a validation error has it. Its words are ours: the documentation leaves
/// them out.
pub(crate) type Detail = Map<String, Value>;

/// The keys of a bulk request; no keys at all are for the caller to judge.
pub(crate) fn parse(body: &[u8]) -> Result<Vec<Key>, Detail> {
    let value: Value = serde_json::from_slice(body).map_err(|error| whole(&format!("JSON parse error - {error}")))?;
    let Value::Array(items) = value else {
        return Err(whole("Expected a list of items."));
    };
    let (mut keys, mut wrong) = (Vec::with_capacity(items.len()), Detail::new());
    for (position, item) in items.iter().enumerate() {
        match Key::of(item) {
            Some(key) => keys.push(key),
            None => drop(wrong.insert(position.to_string(), json!(["Not a valid device key."]))),
        }
    }
    if wrong.is_empty() { Ok(keys) } else { Err(wrong) }
}

/// What is wrong with the body as a whole.
pub(crate) fn whole(why: &str) -> Detail {
    Detail::from_iter([("non_field_errors".to_owned(), json!([why]))])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "6e309da44fc8455a9cceb5aa";

    #[test]
    fn a_device_is_named_in_three_ways() {
        let body = json!([ID, "~second-device", {"id": ID.to_uppercase()}, "~~", "~ \u{e9}"]).to_string();
        let label = |label: &str| Key::Label(label.to_owned());
        assert_eq!(
            parse(body.as_bytes()).unwrap(),
            [
                Key::Id(ID.to_owned()),
                label("second-device"),
                Key::Id(ID.to_uppercase()),
                label("~"),
                label(" \u{e9}"),
            ]
        );
        assert_eq!(parse(b"[]").unwrap(), []);
    }

    #[test]
    fn what_names_no_device_is_told_by_its_position() {
        for wrong in [
            json!("second-device"),
            json!(""),
            json!("~"),
            json!("1237809ca5pIhpjgc345fc"),
            json!("6e309da44fc8455a9cceb5a"),
            json!(null),
            json!(5),
            json!([ID]),
            json!({"id": "~second-device"}),
            json!({"label": "second-device"}),
            json!({"id": 5}),
        ] {
            let wrong = parse(json!([ID, wrong]).to_string().as_bytes()).unwrap_err();
            assert_eq!(wrong.keys().collect::<Vec<_>>(), ["1"]);
        }
        for wrong in ["", "[", "{}", "null", "\"~a\"", "[] x"] {
            let wrong = parse(wrong.as_bytes()).unwrap_err();
            assert_eq!(wrong.keys().collect::<Vec<_>>(), ["non_field_errors"]);
        }
    }
}
