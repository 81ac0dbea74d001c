//! Which query, and what it is asked for.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// The id of a saved query: `#` and 2 to 255 lowercase letters, digits and underscores, as the API documents it.
///
/// ```
/// use nexthink_nql::QueryId;
///
/// # fn main() -> Result<(), nexthink_nql::Error> {
/// assert_eq!(QueryId::new("#stale_devices")?.as_str(), "#stale_devices");
/// assert!(QueryId::new("devices | list device.uid").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueryId(String);

impl QueryId {
    /// Takes an id.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for anything else. Nothing was sent.
    pub fn new(id: impl Into<String>) -> Result<Self, Error> {
        let id = id.into();
        let is_id = id.strip_prefix('#').is_some_and(|name| {
            (2..=255).contains(&name.len())
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        });
        if is_id {
            return Ok(Self(id));
        }
        Err(Error::invalid_input(format!(
            "{id:?} is not the id of a saved query: # and 2 to 255 lowercase letters, digits and underscores, such as \
             #stale_devices"
        )))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for QueryId {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self, Error> {
        Self::new(id)
    }
}

impl fmt::Display for QueryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The values of a query's parameters, by name. Nexthink takes parameters in the `where` clauses of a query alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Adds a value.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput): the name is empty, or has a value already.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        if name.is_empty() {
            return Err(Error::invalid_input("a parameter of the query has no name"));
        }
        match self.0.insert(name.clone(), value.into()) {
            None => Ok(self),
            Some(_) => Err(Error::invalid_input(format!("the parameter {name:?} is given twice"))),
        }
    }

    /// The values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_documented_pattern_and_nothing_else() {
        let longest = format!("#{}", "a".repeat(255));
        for id in ["#ab", "#stale_devices", "#90_days", longest.as_str()] {
            assert_eq!(QueryId::new(id).unwrap().to_string(), id);
        }
        let too_long = format!("#{}", "a".repeat(256));
        for id in [
            "",
            "#",
            "#a",
            "stale_devices",
            "#Stale",
            "#a-b",
            "#a b",
            "##ab",
            " #ab",
            "#ab\n",
            "#\u{e4}\u{e4}",
            "devices | list device.uid",
            too_long.as_str(),
        ] {
            assert!(QueryId::new(id).is_err(), "{id:?}");
        }
    }

    #[test]
    fn a_parameter_has_a_name_and_one_value() {
        let parameters = Parameters::default().with("days", "90").unwrap();
        assert_eq!(parameters.iter().collect::<Vec<_>>(), [("days", "90")]);
        assert!(parameters.clone().with("days", "91").is_err());
        assert!(parameters.with("", "x").is_err());
    }
}
