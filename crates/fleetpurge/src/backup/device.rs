//! Reads one device from the service into its file.

use std::io;
use std::num::NonZeroU64;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, Value};
use ubidots_devices::{Client, DeviceId, DeviceKey, Error, ErrorKind};

use crate::backup::file::{Content, DeviceFile, write_missing};

/// How often a device is begun that changes while it is read.
const ROUNDS: u32 = 3;

/// Why a device could not be saved.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The service did not answer, or not with the device.
    Service(Error),
    /// This machine's fault.
    Machine(io::Error),
    /// The service answered with another device.
    OtherDevice(DeviceId),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Machine(error)
    }
}

/// Reads a device, its variables and their values. `saved` is told of values as they are written.
///
/// All values are of before the moment at which the device was begun, or of before the last that its variable had then:
/// what it sends meanwhile shifts no page. What comes with an older time can bring a value twice and loses none, for the
/// newest come first. Where the variables change meanwhile, or are gone, it is begun anew: it may be that the device is
/// being deleted.
pub(crate) async fn save(client: &Client, id: &DeviceId, path: &Path, saved: impl Fn(u64)) -> Result<Content, Trouble> {
    let mut round = 1;
    loop {
        match read(client, id, path, &saved).await {
            Err(Trouble::Service(error)) if round < ROUNDS && has_changed(&error) => round += 1,
            done => return done,
        }
    }
}

/// Something that was there is not, or a list is not whole.
fn has_changed(error: &Error) -> bool {
    error.status() == Some(404) || error.kind() == ErrorKind::AmbiguousReply
}

async fn read(client: &Client, id: &DeviceId, path: &Path, saved: &impl Fn(u64)) -> Result<Content, Trouble> {
    let until = Timestamp::now();
    let Some(device) = client.device(&DeviceKey::Id(id.clone())).await? else {
        return Ok(write_missing(path, id.as_str(), Timestamp::now())?);
    };
    if device.id != *id {
        return Err(Trouble::OtherDevice(device.id));
    }
    let mut file = DeviceFile::create(path)?;
    file.device(id.as_str(), until, &device.json)?;
    let variables = client.variables(id).await?;
    for variable in &variables {
        file.variable(&variable.id, &variable.json)?;
    }
    for variable in &variables {
        let until = last_of(&variable.json).map_or(until, |last| last.max(until));
        let mut page = NonZeroU64::MIN;
        loop {
            let values = client.values(&variable.id, until, page).await?;
            for value in &values.values {
                file.value(&variable.id, value)?;
            }
            saved(values.values.len() as u64);
            match page.checked_add(1) {
                Some(next) if values.has_next => page = next,
                _ => break,
            }
        }
    }
    Ok(file.finish(id.as_str(), Timestamp::now())?)
}

/// The time of a variable's last value. It may lie in the future: a device is free to send any, and its clock may be
/// wrong.
fn last_of(variable: &Map<String, Value>) -> Option<Timestamp> {
    let activity = variable.get("lastActivity");
    let value = variable.get("lastValue").and_then(|value| value.get("timestamp"));
    [activity, value]
        .into_iter()
        .flatten()
        .filter_map(|time| Timestamp::from_millisecond(time.as_i64()?).ok())
        .max()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_value_of_a_variable_is_where_the_service_says_so() {
        let at = |second| Timestamp::from_second(second).ok();
        for (variable, expected) in [
            (json!({}), None),
            (json!({"lastActivity": null, "lastValue": null}), None),
            (json!({"lastActivity": 1000, "lastValue": {}}), at(1)),
            (json!({"lastActivity": 1000, "lastValue": {"timestamp": 2000}}), at(2)),
            (json!({"lastActivity": "soon", "lastValue": {"timestamp": 2000}}), at(2)),
            (json!({"lastActivity": i64::MAX}), None),
        ] {
            assert_eq!(last_of(variable.as_object().unwrap()), expected, "{variable}");
        }
    }
}
