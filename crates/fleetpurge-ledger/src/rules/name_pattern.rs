//! Which names a person means who types a pattern.

use crate::rules::equality::name_key;
use crate::rules::pattern::{Haystack, InvalidPattern, Pattern};

/// A pattern for names: `*`, `?` and `[..]`, without regard to case, to outer space and to how an accent is encoded, as
/// in a protect list. A text without wildcards matches the names that are equal to it.
#[derive(Debug)]
pub struct NamePattern {
    text: String,
    form: Form,
}

#[derive(Debug)]
enum Form {
    Pattern(Box<Pattern>),
    Equal(String),
}

/// The text has a `[` without a `]`, or more asterisks than any name needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a pattern has *, ? and [..] (a [ needs its ])")]
pub struct NotANamePattern;

impl NamePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// [`NotANamePattern`].
    pub fn parse(text: &str) -> Result<Self, NotANamePattern> {
        let form = match Pattern::parse(text) {
            Ok(Some(pattern)) => Form::Pattern(Box::new(pattern)),
            Ok(None) => Form::Equal(name_key(text)),
            Err(InvalidPattern) => return Err(NotANamePattern),
        };
        Ok(Self {
            text: text.to_owned(),
            form,
        })
    }

    /// The pattern as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this is such a name.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match &self.form {
            Form::Pattern(pattern) => pattern.matches(&Haystack::of(name)),
            Form::Equal(key) => name_key(name) == *key,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_names_as_a_protect_list_does() {
        for (pattern, name, expected) in [
            ("pc-*", "PC-7", true),
            ("pc-?", "PC-77", false),
            ("*m\u{fc}nchen*", "PC-MU\u{308}NCHEN-1", true),
            ("srv-0[1-3]", "SRV-02", true),
            ("srv-0[1-3]", "SRV-04", false),
            ("PC-7", "pc-7 ", true),
            ("PC-7", "PC-70", false),
            ("*", "", true),
        ] {
            assert_eq!(
                NamePattern::parse(pattern).unwrap().matches(name),
                expected,
                "{pattern} {name}"
            );
        }
        assert_eq!(NamePattern::parse("pc-[7").unwrap_err(), NotANamePattern);
    }
}
