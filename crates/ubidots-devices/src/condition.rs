//! Rejects conditions of a filter that are likely to be mistakes. Pure.
//!
//! An unset variable makes an empty prefix, which every label has. A deletion may follow a list, so a condition that
//! every device meets by accident is refused before any request.

use jiff::Timestamp;

use crate::filter::Filter;
use fleetpurge_http::error::Error;

impl Filter {
    /// Whether its conditions can be meant, at this moment. [`Client::devices`](crate::Client::devices) refuses a filter
    /// that fails here.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), and nothing was sent:
    ///
    /// - There is no condition, and the filter is not [`Filter::all`]; or it is, and there is one.
    /// - A label prefix or a tag is blank, or has an invisible character, such as a control character or a zero-width
    ///   space. A label prefix begins with `~`, which is the mark of a label in a key and no part of it.
    /// - `inactive_since` is later than `now`, so that every device that ever sent something would meet it, or not later
    ///   than 1970-01-01T00:00:00Z, before which no device can have sent anything.
    pub fn check(&self, now: Timestamp) -> Result<(), Error> {
        match (self.is_all, self.has_condition()) {
            (false, false) => return refuse("the filter has no condition; every device of the account is Filter::all"),
            (true, true) => return refuse("the filter means every device of the account, and has a condition"),
            _ => {}
        }
        if let Some(prefix) = &self.label_prefix {
            text("the label prefix", prefix)?;
            if prefix.starts_with('~') {
                return refuse(format!(
                    "the label prefix {prefix:?} begins with ~, which marks a label in a key and is not part of it"
                ));
            }
        }
        for tag in &self.tags {
            text("the tag", tag)?;
        }
        match self.inactive_since {
            Some(since) if since > now => refuse(format!(
                "{since} lies in the future: every device that ever sent something was last active before then"
            )),
            Some(since) if since <= Timestamp::UNIX_EPOCH => refuse(format!(
                "{since} is not after 1970-01-01T00:00:00Z: no device can have sent something before 1970"
            )),
            _ => Ok(()),
        }
    }
}

fn text(what: &str, text: &str) -> Result<(), Error> {
    if text.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
        return refuse(format!("{what} {text:?} is blank"));
    }
    match text.chars().find(|c| is_invisible(*c)) {
        Some(c) => refuse(format!(
            "{what} {:?} has a character that cannot be seen, U+{:04X}",
            text,
            u32::from(c)
        )),
        None => Ok(()),
    }
}

/// A variation selector belongs to the emoji before it.
fn is_invisible(c: char) -> bool {
    fleetpurge_text::is_invisible(c) && !fleetpurge_text::is_variation_selector(c)
}

fn refuse(why: impl Into<String>) -> Result<(), Error> {
    Err(Error::invalid_input(why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fleetpurge_http::error::ErrorKind;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn prefix(text: &str) -> Filter {
        Filter {
            label_prefix: Some(text.to_owned()),
            ..Filter::default()
        }
    }

    fn tags(tags: &[&str]) -> Filter {
        Filter {
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            ..Filter::default()
        }
    }

    fn since(text: &str) -> Filter {
        Filter {
            inactive_since: Some(at(text)),
            ..Filter::default()
        }
    }

    #[test]
    fn a_condition_that_every_device_or_none_meets_by_accident_is_refused() {
        let now = at("2026-11-22T10:00:00Z");
        let never = Filter {
            never_active: true,
            ..Filter::default()
        };
        let all_and_more = Filter {
            never_active: true,
            ..Filter::all()
        };
        let table = [
            (Filter::all(), None),
            (never, None),
            (prefix("lab"), None),
            (prefix("lab "), None),
            (prefix(" lab"), None),
            (prefix("é💻"), None),
            (tags(&["old"]), None),
            (tags(&["two words", "a,b"]), None),
            (since("2026-11-22T10:00:00Z"), None),
            (since("1970-01-01T00:00:00.001Z"), None),
            (Filter::default(), Some("no condition")),
            (all_and_more, Some("has a condition")),
            (prefix(""), Some("is blank")),
            (prefix(" \t"), Some("is blank")),
            (prefix("\u{3000}"), Some("is blank")),
            (prefix("\u{200b}\u{feff}"), Some("is blank")),
            (prefix("lab\0"), Some("U+0000")),
            (prefix("lab\u{200b}"), Some("U+200B")),
            (prefix("~"), Some("begins with ~")),
            (prefix("~lab"), Some("begins with ~")),
            (tags(&[""]), Some("is blank")),
            (tags(&["old", " "]), Some("is blank")),
            (tags(&["old\u{7f}"]), Some("U+007F")),
            (since("2026-11-22T10:00:00.000000001Z"), Some("lies in the future")),
            (since("9999-01-01T00:00:00Z"), Some("lies in the future")),
            (since("1970-01-01T00:00:00Z"), Some("before 1970")),
            (since("0001-01-01T00:00:00Z"), Some("before 1970")),
        ];
        for (filter, expected) in table {
            match (filter.check(now), expected) {
                (Ok(()), None) => {}
                (Err(error), Some(expected)) => {
                    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{filter:?}");
                    assert!(error.to_string().contains(expected), "{filter:?}: {error}");
                }
                (found, _) => panic!("{filter:?}: {found:?}"),
            }
        }
    }
}
