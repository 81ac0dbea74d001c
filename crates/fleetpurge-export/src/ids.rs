//! Which texts look like the id of a device, for each service, and which of them are equal.

use uuid::Uuid;

use fleetpurge_text::is_invisible;

use crate::headers::Headers;

/// How many hexadecimal digits an id of Ubidots has.
const HEX_ID: usize = 24;

/// How far a value is the id of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    Blank,
    /// Of this device, however it is written.
    Id(u128),
    /// Another key by which the service knows devices.
    Key,
    Other,
}

impl Likeness {
    /// Reads a value as leniently as a person would. An id of zeros is that of no device.
    pub(crate) fn of(names: Headers, value: &str) -> Self {
        let value = value.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
        if value.is_empty() {
            return Self::Blank;
        }
        let id = match names {
            Headers::Nexthink => uuid(value),
            Headers::Ubidots if value.starts_with('~') => return Self::Key,
            Headers::Ubidots => hex_id(value),
        };
        match id {
            Some(0) => Self::Blank,
            Some(id) => Self::Id(id),
            None => Self::Other,
        }
    }

    pub(crate) fn id(self) -> Option<u128> {
        match self {
            Self::Id(id) => Some(id),
            Self::Blank | Self::Key | Self::Other => None,
        }
    }
}

/// With dashes or without, in braces, as a URN.
fn uuid(value: &str) -> Option<u128> {
    matches!(value.len(), 32 | 36 | 38 | 45)
        .then(|| Uuid::try_parse(value).ok())
        .flatten()
        .map(|uuid| uuid.as_u128())
}

/// 24 hexadecimal digits, on their own or as the bulk deletion takes them: `{"id":"..."}`.
fn hex_id(value: &str) -> Option<u128> {
    let digits = if value.starts_with('{') {
        value
            .split(|c: char| !c.is_ascii_hexdigit())
            .find(|digits| digits.len() == HEX_ID)?
    } else {
        value
    };
    let is_id = digits.len() == HEX_ID && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| u128::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_known_however_they_are_written() {
        const ID: u128 = 0x0f8f_ad5b_d9cb_469f_a165_7086_7728_950e;
        const HEX: u128 = 0x5f1d_7f4e_4763_e75a_1b2c_3d4e;
        use Likeness::{Blank, Id, Key, Other};
        for (value, nexthink, ubidots) in [
            ("0f8fad5b-d9cb-469f-a165-70867728950e", Id(ID), Other),
            ("0F8FAD5B-D9CB-469F-A165-70867728950E", Id(ID), Other),
            (" {0f8fad5b-d9cb-469f-a165-70867728950e}\t", Id(ID), Other),
            ("urn:uuid:0f8fad5b-d9cb-469f-a165-70867728950e", Id(ID), Other),
            ("0f8fad5bd9cb469fa16570867728950e", Id(ID), Other),
            ("\u{200b}0f8fad5b-d9cb-469f-a165-70867728950e\u{a0}", Id(ID), Other),
            ("0f8fad5b-d9cb-469f-a165-7086772895", Other, Other),
            ("00000000-0000-0000-0000-000000000000", Blank, Other),
            ("5f1d7f4e4763e75a1b2c3d4e", Other, Id(HEX)),
            (" 5F1D7F4E4763E75A1B2C3D4E ", Other, Id(HEX)),
            ("{\"id\": \"5f1d7f4e4763e75a1b2c3d4e\"}", Other, Id(HEX)),
            ("000000000000000000000000", Other, Blank),
            ("5f1d7f4e4763e75a1b2c3d4", Other, Other),
            ("~pump", Other, Key),
            ("PC-1", Other, Other),
            (" \u{200b}", Blank, Blank),
            ("", Blank, Blank),
        ] {
            assert_eq!(Likeness::of(Headers::Nexthink, value), nexthink, "{value:?}");
            assert_eq!(Likeness::of(Headers::Ubidots, value), ubidots, "{value:?}");
        }
    }
}
