//! What stands in a reply and must stand nowhere else.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::SecretString;
use serde::{Deserialize, Serialize, Serializer};

/// A string that is read, and neither shown nor written: its `Debug` hides it, and serializing it is an error. The
/// generator puts it where the spec says `format: password`.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Secret(SecretString);

impl From<Secret> for SecretString {
    fn from(Secret(secret): Secret) -> Self {
        secret
    }
}

/// Generated types derive it. Nothing of ours writes a reply.
impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("a secret is not written"))
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "password" })
    }
}
