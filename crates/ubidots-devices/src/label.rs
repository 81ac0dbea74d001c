//! Device labels. Pure.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// A device's label, without the `~` that a key puts before it.
///
/// Labels are compared character for character. Whether the service takes two labels that differ only in case for one is
/// not documented, so they are two labels here.
///
/// ```
/// use ubidots_devices::Label;
///
/// # fn main() -> Result<(), ubidots_devices::Error> {
/// let label: Label = "second-device".parse()?;
/// assert_eq!(label, Label::try_from("second-device")?);
/// assert_ne!(label, Label::try_from("Second-Device")?);
/// assert!(Label::try_from("~second-device").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(String);

impl Label {
    /// The label with these characters.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an empty label, and for one with a space, a
    /// control character, or one of `~/?#%\`: no label has them, and some would make another path of a URL.
    pub fn new(label: impl Into<String>) -> Result<Self, Error> {
        let label = label.into();
        let is_odd = |c: char| c.is_whitespace() || c.is_control() || "~/?#%\\".contains(c);
        if label.is_empty() {
            Err(Error::invalid_input("a label is empty"))
        } else if label.contains(is_odd) {
            Err(Error::invalid_input(format!(
                "{label:?} is not a label: a label has no space, no control character and none of ~/?#%\\"
            )))
        } else {
            Ok(Self(label))
        }
    }

    /// The label.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Label {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Label {
    type Err = Error;

    fn from_str(label: &str) -> Result<Self, Error> {
        Self::new(label)
    }
}

impl TryFrom<&str> for Label {
    type Error = Error;

    fn try_from(label: &str) -> Result<Self, Error> {
        Self::new(label)
    }
}

impl TryFrom<String> for Label {
    type Error = Error;

    fn try_from(label: String) -> Result<Self, Error> {
        Self::new(label)
    }
}
