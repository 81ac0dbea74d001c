//! A device of the account, as the service describes it.

use fleetpurge_http::json::Raw;
use jiff::Timestamp;

use crate::json::{Fields, Odd, RawJson};
use crate::key::DeviceId;
use fleetpurge_http::error::{Error, ErrorKind};

/// A device of the account, as the service describes it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Its label, under which data is sent.
    pub label: Option<String>,
    /// Its name, for people.
    pub name: Option<String>,
    /// Its tags.
    pub tags: Option<Vec<String>>,
    /// When it last sent something.
    pub last_activity: LastActivity,
    /// How many variables the service says that it has. A list does not ask for this.
    pub variables_count: Option<u64>,
    /// All that the service said of it, these fields included, byte for byte.
    pub json: RawJson,
}

/// When a device last sent something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum LastActivity {
    /// Then.
    At(Timestamp),
    /// The service says that it never did.
    Never,
    /// The service does not say, or not in milliseconds.
    Unsaid,
}

impl Device {
    /// What the service says of one device. A field that contradicts itself or is of another kind is one that it does not
    /// say.
    pub(crate) fn read(json: &RawJson) -> Result<Self, Error> {
        let fields = Fields::of(json.as_raw());
        let fields = fields.as_ref();
        let id = DeviceId::new(text(fields, "id").ok().flatten().unwrap_or_default()).map_err(|error| {
            Error::new(
                ErrorKind::AmbiguousReply,
                fleetpurge_engine::Disposition::Stop,
                "the service listed a device whose id is not 24 hexadecimal digits",
            )
            .with_source(error)
        })?;
        let last_activity = fields.and_then(|fields| fields.one("lastActivity").ok().flatten());
        let count = |name| fields.and_then(|fields| fields.get(name).ok().flatten());
        Ok(Self {
            id,
            label: text(fields, "label").ok().flatten(),
            name: text(fields, "name").ok().flatten(),
            tags: fields.and_then(|fields| fields.get("tags").ok().flatten()),
            last_activity: last_activity.map_or(LastActivity::Unsaid, read_activity),
            // The documentation has it under both names.
            variables_count: count("variablesCount").or_else(|| count("variablesNumber")),
            json: json.clone(),
        })
    }

    /// One device of a list, of which a person decides by its label: a label or tags that are not understood are no
    /// reason to take it for a device without.
    pub(crate) fn listed(json: &RawJson) -> Result<Self, Error> {
        let fields = Fields::of(json.as_raw());
        let tags = fields.as_ref().map(|fields| fields.get::<Vec<String>>("tags"));
        if text(fields.as_ref(), "label").is_err() || matches!(tags, Some(Err(_))) {
            return Err(not_decoded());
        }
        Self::read(json)
    }
}

fn text(fields: Option<&Fields<'_>>, name: &str) -> Result<Option<String>, Odd> {
    fields.map_or(Ok(None), |fields| fields.get(name))
}

pub(crate) fn not_decoded() -> Error {
    Error::new(
        ErrorKind::AmbiguousReply,
        fleetpurge_engine::Disposition::Stop,
        "the service answered with a reply that cannot be decoded",
    )
}

/// A missing field is not a null: where the service was not asked, or does not know the field, it says nothing.
fn read_activity(json: Raw<'_>) -> LastActivity {
    match serde_json::from_str::<Option<i64>>(json.as_str()) {
        Ok(None) => LastActivity::Never,
        Ok(Some(at)) => Timestamp::from_millisecond(at).map_or(LastActivity::Unsaid, LastActivity::At),
        Err(_) => LastActivity::Unsaid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> RawJson {
        RawJson::from(serde_json::from_str::<&serde_json::value::RawValue>(text).unwrap())
    }

    #[test]
    fn an_activity_that_is_not_said_is_not_never() {
        let second = Timestamp::from_second(1).unwrap();
        for (fields, expected) in [
            ("", LastActivity::Unsaid),
            (r#","lastActivity":null"#, LastActivity::Never),
            (r#","lastActivity":1000"#, LastActivity::At(second)),
            (r#","lastActivity":"1000""#, LastActivity::Unsaid),
            (r#","lastActivity":1.5"#, LastActivity::Unsaid),
            (r#","lastActivity":1e400"#, LastActivity::Unsaid),
            (r#","lastActivity":9223372036854775807"#, LastActivity::Unsaid),
            (r#","lastActivity":1000,"lastActivity":1000"#, LastActivity::At(second)),
            (r#","lastActivity":null,"lastActivity":1000"#, LastActivity::Unsaid),
        ] {
            let device = Device::read(&json(&format!(r#"{{"id":"6e309da44fc8455a9cceb5aa"{fields}}}"#))).unwrap();
            assert_eq!(device.last_activity, expected, "{fields}");
        }
    }

    #[test]
    fn a_list_that_is_odd_about_what_decides_is_refused_and_a_device_alone_is_kept() {
        for (fields, is_listed) in [
            (r#","label":"a","tags":["x"]"#, true),
            (r#","label":null,"tags":null"#, true),
            (r#","label":"a","label":"a","n":1e400"#, true),
            (r#","name":5,"name":6"#, true),
            (r#","label":5"#, false),
            (r#","label":"a","label":"b""#, false),
            (r#","label":"\ud800""#, false),
            (r#","tags":"x""#, false),
            (r#","tags":[1]"#, false),
        ] {
            let device = json(&format!(r#"{{"id":"6e309da44fc8455a9cceb5aa"{fields}}}"#));
            assert_eq!(Device::listed(&device).is_ok(), is_listed, "{fields}");
            assert_eq!(Device::read(&device).unwrap().json, device, "{fields}");
        }
        for id in [
            "",
            r#""id":5"#,
            r#""id":"a""#,
            r#""id":"6e309da44fc8455a9cceb5aa","id":"7e309da44fc8455a9cceb5aa""#,
        ] {
            assert!(Device::read(&json(&format!("{{{id}}}"))).is_err(), "{id}");
        }
    }
}
