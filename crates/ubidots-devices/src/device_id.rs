//! Device ids. Pure.
//!
//! Source of the shape: `is_valid_object_id` of Ubidots' own command, `ubidots-cli` 2.1.2.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::error::Error;

/// A device's id: 24 hexadecimal digits, kept as they were given.
///
/// Two spellings of one id, in upper and lower case, are equal, hash alike and sort alike, because hexadecimal digits
/// stand for the same twelve bytes in either case.
///
/// ```
/// use std::collections::HashSet;
///
/// use ubidots_devices::DeviceId;
///
/// # fn main() -> Result<(), ubidots_devices::Error> {
/// let lower: DeviceId = "6e309da44fc8455a9cceb5aa".parse()?;
/// let upper = DeviceId::try_from("6E309DA44FC8455A9CCEB5AA")?;
/// assert_eq!(lower, upper);
/// assert_eq!(HashSet::from([lower, upper.clone()]).len(), 1);
/// // It is sent as it was given.
/// assert_eq!(upper.as_ref(), "6E309DA44FC8455A9CCEB5AA");
/// assert!(DeviceId::try_from("second-device").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DeviceId(String);

impl DeviceId {
    /// The id with these digits.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for anything but 24 hexadecimal digits.
    pub fn new(id: impl Into<String>) -> Result<Self, Error> {
        let id = id.into();
        if id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(id))
        } else {
            Err(Error::invalid_input(format!(
                "{id:?} is not a device id: a device id is 24 hexadecimal digits"
            )))
        }
    }

    /// The id as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The twelve bytes it stands for.
    #[must_use]
    pub fn bytes(&self) -> [u8; 12] {
        let digit = |at: usize| {
            let byte = self.0.as_bytes().get(at).copied().unwrap_or_default();
            char::from(byte).to_digit(16).unwrap_or_default().to_le_bytes()[0]
        };
        std::array::from_fn(|at| (digit(2 * at) << 4) | digit(2 * at + 1))
    }
}

impl PartialEq for DeviceId {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for DeviceId {}

impl Hash for DeviceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes().hash(state);
    }
}

/// By the bytes, so that the order agrees with equality.
impl Ord for DeviceId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes().cmp(&other.bytes())
    }
}

impl PartialOrd for DeviceId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl AsRef<str> for DeviceId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for DeviceId {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self, Error> {
        Self::new(id)
    }
}

impl TryFrom<&str> for DeviceId {
    type Error = Error;

    fn try_from(id: &str) -> Result<Self, Error> {
        Self::new(id)
    }
}

impl TryFrom<String> for DeviceId {
    type Error = Error;

    fn try_from(id: String) -> Result<Self, Error> {
        Self::new(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "6e309da44fc8455a9cceb5aA";

    #[test]
    fn an_id_is_the_same_in_either_case_and_is_sent_as_it_was_given() {
        let (given, lower) = (DeviceId::new(ID).unwrap(), DeviceId::new(ID.to_lowercase()).unwrap());
        assert_eq!(given, lower);
        assert_eq!(given.bytes(), lower.bytes());
        assert_eq!(given.bytes()[..2], [0x6e, 0x30]);
        assert_eq!(given.as_str(), ID);
        assert_ne!(given, DeviceId::new("6e309da44fc8455a9cceb5ab").unwrap());
    }

    #[test]
    fn ids_sort_by_their_bytes_whatever_their_case() {
        let [nine, lower, upper, last] = ["9", "a", "A", "F"].map(|digit| DeviceId::new(digit.repeat(24)).unwrap());
        assert!(lower.cmp(&upper).is_eq());
        // As text, `F` sorts before `a`.
        assert!(nine < lower && lower < last && upper < last);
    }
}
