//! The body of a deletion, written without a copy of any key. Pure.
//!
//! It is what the generated types write (a test holds it to that).

use bytes::Bytes;
use fleetpurge_http::error::Error;
use ubidots_devices_raw::types;

use crate::key::{DeviceId, DeviceKey};

/// What a body names devices by.
pub(crate) trait Named {
    /// Writes it as JSON.
    fn write(&self, body: &mut Vec<u8>) -> Result<(), Error>;

    /// As a key.
    #[cfg(feature = "test-util")]
    fn key(&self) -> DeviceKey;
}

impl Named for &DeviceId {
    fn write(&self, body: &mut Vec<u8>) -> Result<(), Error> {
        // Hexadecimal digits: nothing of it needs an escape.
        body.push(b'"');
        body.extend_from_slice(self.as_str().as_bytes());
        body.push(b'"');
        Ok(())
    }

    #[cfg(feature = "test-util")]
    fn key(&self) -> DeviceKey {
        DeviceKey::Id(DeviceId::clone(self))
    }
}

impl Named for DeviceKey {
    fn write(&self, body: &mut Vec<u8>) -> Result<(), Error> {
        match self {
            Self::Id(id) => (&id).write(body),
            Self::IdObject(id) => {
                body.extend_from_slice(br#"{"id":"#);
                (&id).write(body)?;
                body.push(b'}');
                Ok(())
            }
            Self::Label(_) => {
                let unspoken = || Error::invalid_input("a key does not have a documented form");
                let label: types::DeviceLabel = self.to_string().parse().map_err(|_| unspoken())?;
                serde_json::to_writer(body, &label).map_err(|error| unspoken().with_source(error))
            }
        }
    }

    #[cfg(feature = "test-util")]
    fn key(&self) -> DeviceKey {
        self.clone()
    }
}

/// The body of a request for these devices.
///
/// # Errors
///
/// No device is named: an empty list might mean every device. Or a label does not have the documented form.
pub(crate) fn of(keys: &[impl Named]) -> Result<Bytes, Error> {
    if keys.is_empty() {
        return Err(Error::invalid_input("no device was named"));
    }
    let mut body = Vec::with_capacity(keys.len() * 28 + 2);
    for key in keys {
        body.push(if body.is_empty() { b'[' } else { b',' });
        key.write(&mut body)?;
    }
    body.push(b']');
    Ok(body.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_costs_an_allocation() {
        let ids: Vec<DeviceId> = (0..300).map(|n| DeviceId::new(format!("{n:024x}")).unwrap()).collect();
        let batch: Vec<&DeviceId> = ids.iter().collect();
        let written = allocation_counter::measure(|| drop(of(&batch)));
        assert!(written.count_total <= 2, "{written:?}");
    }

    #[test]
    fn a_body_is_what_the_generated_types_write() {
        let texts = [
            "6e309da44fc8455a9cceb5aa",
            "~a",
            "~b\u{e9}'\u{1f600}",
            r#"~a"b"#,
            r#"{"id":"6E309da44fc8455a9cceb5ab"}"#,
        ];
        let keys: Vec<DeviceKey> = texts.iter().map(|text| text.parse().unwrap()).collect();
        let typed: Vec<types::DeviceKey> = keys
            .iter()
            .map(|key| serde_json::from_value(serde_json::to_value(key).unwrap()).unwrap())
            .collect();
        let written = of(&keys).unwrap();
        assert_eq!(
            std::str::from_utf8(&written).unwrap(),
            serde_json::to_string(&types::DeviceKeyList(typed)).unwrap()
        );
        let id: DeviceId = texts[0].parse().unwrap();
        assert_eq!(of(&[&id, &id]).unwrap(), format!("[\"{id}\",\"{id}\"]"));
        assert!(of(&[] as &[DeviceKey]).is_err());
    }
}
