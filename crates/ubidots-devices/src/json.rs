//! JSON as the service wrote it: kept byte for byte, and parsed no further than necessary. Pure.
//!
//! A parser into numbers loses whole numbers beyond 64 bits (SIM card numbers), decimals beyond a double, `1e400`, the
//! order of keys, and repeated keys. So data to be kept is not parsed, and of the rest only the fields that are needed.

use std::fmt;

use fleetpurge_http::json::{Field, Object, Raw};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

/// A JSON value, byte for byte as the service wrote it.
#[derive(Clone)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// As serde writes it: byte for byte.
    #[must_use]
    pub fn as_raw(&self) -> &RawValue {
        &self.0
    }

    /// It as a type of the caller's; what that cannot hold is lost.
    ///
    /// # Errors
    ///
    /// It is not such a type: `serde_json::Value`, for one, has no number beyond a double.
    pub fn decode<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.as_str())
    }
}

impl From<&RawValue> for RawJson {
    fn from(raw: &RawValue) -> Self {
        Self(raw.to_owned())
    }
}

/// Equal bytes: `1.0` is not `1`.
impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for RawJson {}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RawJson").field(&self.as_str()).finish()
    }
}

impl fmt::Display for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// The fields of an object, each as it was written.
#[derive(Debug)]
pub(crate) struct Fields<'a>(Object<'a>);

/// A field has another type than it should, or comes twice and contradicts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Odd;

impl<'a> Fields<'a> {
    /// None for anything but an object.
    pub(crate) fn of(json: impl Into<Raw<'a>>) -> Option<Self> {
        json.into().object().map(Self)
    }

    /// Every value that a field has.
    pub(crate) fn each(&self, name: &str) -> impl Iterator<Item = Raw<'a>> {
        self.0.each(name)
    }

    /// The value of a field; None if it is absent.
    pub(crate) fn one(&self, name: &str) -> Result<Option<Raw<'a>>, Odd> {
        match self.0.field(name) {
            Field::Absent => Ok(None),
            Field::Once(value) | Field::Alike(value) => Ok(Some(value)),
            Field::Contradictory(_) => Err(Odd),
        }
    }

    /// The same as a type; None also for null.
    pub(crate) fn get<T: Deserialize<'a>>(&self, name: &str) -> Result<Option<T>, Odd> {
        match self.one(name)? {
            Some(value) => serde_json::from_str(value.as_str()).map_err(|_| Odd),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn what_is_kept_is_kept_to_the_byte() {
        for text in [
            "89340711001234567890",
            "1e400",
            "-0.0",
            "1.50",
            r#"{"b":1,"a":null,"b":{"\ud800":2}}"#,
            r#"{ "x" : [ 1 ] }"#,
        ] {
            let json = RawJson::from(&*raw(text));
            assert_eq!(json.as_str(), text);
            assert_eq!(serde_json::to_string(&json).unwrap(), text);
            assert_eq!(json, RawJson(raw(text)));
        }
        assert_ne!(RawJson(raw("1")), RawJson(raw("1.0")));
    }

    #[test]
    fn a_field_is_read_whatever_stands_beside_it() {
        let json = raw(
            r#"{"n":1e999,"\ud800":1,"id":"a","same":1,"same":1,"other":1,"other":2,"null":null,"num":5,"deep":[[[]]]}"#,
        );
        let fields = Fields::of(&*json).unwrap();
        assert_eq!(fields.get::<String>("id"), Ok(Some("a".to_owned())));
        assert_eq!(fields.get::<i64>("same"), Ok(Some(1)));
        assert_eq!(fields.get::<i64>("other"), Err(Odd));
        assert_eq!(fields.each("other").count(), 2);
        assert_eq!(fields.get::<i64>("null"), Ok(None));
        assert_eq!(fields.one("null").unwrap().unwrap().as_str(), "null");
        assert_eq!(fields.get::<i64>("absent"), Ok(None));
        assert_eq!(fields.get::<String>("num"), Err(Odd));
        assert_eq!(fields.one("n").unwrap().unwrap().as_str(), "1e999");
        for text in ["[]", "5", "null", r#""a""#] {
            assert!(Fields::of(&*raw(text)).is_none(), "{text}");
        }
    }
}
