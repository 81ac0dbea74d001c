//! Patterns in a protect list: `*`, `?`, `[..]`.
//!
//! They are read by `glob`. `globset` matches bytes: its `?` does not match `Ü`, and its `[ä-ü]` is not a range of
//! letters.

use std::borrow::Cow;

use glob::{MatchOptions, Pattern as Glob};

use crate::rules::equality::{folded, visible};

/// A pattern, read without regard to case as [`protect_key`](super::protect_key) reads an entry.
///
/// Nothing but `*`, `?` and `[..]` has a meaning: no separator, no leading dot, no backslash, no brace.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// Against the folded text.
    folded: Part,
    /// Against the text in lowercase, where folding may change how many letters there are: `Stra?e` and `Straße`.
    lower: Option<Part>,
    /// Against the text itself, where lowercase moves the ends of a range: `[A-_]`.
    exact: Option<Part>,
}

/// A pattern against one form of a text, with what a text begins and ends with if it matches. Most texts do not, and are
/// passed over without the glob, which is slower by far.
#[derive(Debug)]
struct Part {
    prefix: String,
    suffix: String,
    glob: Glob,
}

impl Part {
    fn compiled(text: &str) -> Result<Self, InvalidPattern> {
        let glob = compiled(text)?;
        // On Windows, `glob` takes one separator for the other.
        let prefix = text.split(['*', '?', '[', '/', '\\']).next();
        let suffix = text.rsplit(['*', '?', ']', '/', '\\']).next();
        Ok(Self {
            prefix: prefix.unwrap_or_default().to_owned(),
            suffix: suffix.unwrap_or_default().to_owned(),
            glob,
        })
    }

    fn matches(&self, text: &str) -> bool {
        const OPTIONS: MatchOptions = MatchOptions {
            case_sensitive: false,
            require_literal_separator: false,
            require_literal_leading_dot: false,
        };
        let bytes = text.as_bytes();
        let begins = bytes.get(..self.prefix.len());
        let ends = bytes
            .len()
            .checked_sub(self.suffix.len())
            .and_then(|start| bytes.get(start..));
        // As `glob` does it: the case of other letters counts.
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(self.prefix.as_bytes()))
            && ends.is_some_and(|ends| ends.eq_ignore_ascii_case(self.suffix.as_bytes()))
            && self.glob.matches_with(text, OPTIONS)
    }
}

/// More than any name needs; matching takes a stack frame for each.
const MOST_ASTERISKS: usize = 100;

/// The text holds a `[` without a `]`, or too many asterisks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidPattern;

/// A text of a row, as patterns look at it.
#[derive(Debug)]
pub(crate) struct Haystack<'a> {
    folded: String,
    exact: Cow<'a, str>,
    lower: String,
}

impl<'a> Haystack<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let exact = visible(text);
        Self {
            folded: folded(&exact),
            lower: lower(&exact),
            exact,
        }
    }
}

impl Pattern {
    /// Reads a pattern; `None` for a text without wildcards.
    pub(crate) fn parse(text: &str) -> Result<Option<Self>, InvalidPattern> {
        if !text.contains(['*', '?', '[']) {
            return Ok(None);
        }
        let text = visible(text);
        let counts = text.contains(['?', '[']);
        // Of other letters `glob` does not know the case, and would take `Ä` for one that is in `[!ä]`.
        let ranges = text.contains('[') && text.is_ascii();
        Ok(Some(Self {
            folded: Part::compiled(&folded(&text))?,
            lower: counts.then(|| Part::compiled(&lower(&text))).transpose()?,
            exact: ranges.then(|| Part::compiled(&text)).transpose()?,
        }))
    }

    pub(crate) fn matches(&self, haystack: &Haystack<'_>) -> bool {
        self.folded.matches(&haystack.folded)
            || self.lower.as_ref().is_some_and(|part| part.matches(&haystack.lower))
            || self.exact.as_ref().is_some_and(|part| part.matches(&haystack.exact))
    }
}

fn compiled(text: &str) -> Result<Glob, InvalidPattern> {
    // `glob` reads two asterisks as folders. Shells read `[^` as `[!`.
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' if plain.ends_with('*') => {}
            '^' if plain.ends_with('[') => plain.push('!'),
            c => plain.push(c),
        }
    }
    if plain.matches('*').count() > MOST_ASTERISKS {
        return Err(InvalidPattern);
    }
    Glob::new(&plain).map_err(|_| InvalidPattern)
}

/// In lowercase letter by letter: as many letters as before.
fn lower(text: &str) -> String {
    let single = |c: char| {
        let mut lower = c.to_lowercase();
        match (lower.next(), lower.next()) {
            (Some(lower), None) => lower,
            _ => c,
        }
    };
    text.chars().map(single).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_letters_without_regard_to_case() {
        for (pattern, text, matches) in [
            ("SRV-*", "srv-1", true),
            ("SRV-*", "srv-", true),
            ("SRV-*", "xsrv-1", false),
            ("*", "anything at all/with.dots", true),
            ("**", "x", true),
            ("a***b", "axxb", true),
            ("*.corp.example", "PC-1.CORP.EXAMPLE", true),
            ("pc-?", "PC-1", true),
            ("pc-?", "PC-10", false),
            ("pc-??", "PC-1", false),
            ("b?ro", "BÜRO", true),
            ("b?ro", "BU\u{308}RO", true),
            ("b?ro", " \u{feff}BÜRO", true),
            ("üstra?e", "ÜSTRAßE", true),
            ("stra*e", "STRASSE", true),
            ("straß*", "STRASSEN", true),
            ("οδο?", "ΟΔΟΣ", true),
            ("οδος*", "ΟΔΟΣΑ", true),
            ("ist*", "İSTANBUL", true),
            ("IST*", "ıstanbul", true),
            ("pc-[0-9]", "PC-7", true),
            ("pc-[!0-9]", "PC-7", false),
            ("pc-[!0-9]", "PC-x", true),
            ("pc-[^0-9]", "PC-7", false),
            ("[A-C]x", "bX", true),
            ("[a-c]x", "BX", true),
            ("[A-_]x", "_x", true),
            ("[ä-ü]x", "ÖX", true),
            ("[Ä-Ü]x", "öX", true),
            ("[!ä]x", "Äx", false),
            ("[!Ä]x", "äx", false),
            ("[]]x", "]x", true),
            ("[*]x", "*x", true),
            ("[*]x", "yx", false),
            (r"CORP\PC-*", r"corp\pc-1", true),
            (r"PC\*", r"pc\1", true),
            ("{a,b}*", "a1", false),
            ("{a,b}*", "{A,B}1", true),
            ("a/*", "a/b/c", true),
            ("*x", ".hidden.x", true),
            // Where the text before and after the wildcards decides.
            ("\u{131}?", "\u{131}\u{301}", true),
            ("K\u{d6}LN-[A-Z]-b", "k\u{f6}ln-q-B", true),
            ("PC-[A-_]-End", "pc-_-eND", true),
            ("PC-1*1", "PC-1", false),
            ("PC-1*1", "PC-11", true),
            ("a]*", "A]b", true),
            ("*a]", "bA]", true),
            ("[]-]x", "-X", true),
            ("x[!]]", "xy", true),
            ("Stra\u{df}e-?", "STRASSE-1", true),
            ("\u{fc}b\u{e9}r*", "\u{fc}", false),
        ] {
            let found = Pattern::parse(pattern).unwrap().unwrap().matches(&Haystack::of(text));
            assert_eq!(found, matches, "{pattern:?} {text:?}");
        }
    }

    #[test]
    fn what_has_no_wildcard_is_no_pattern_and_an_open_set_is_an_error() {
        for text in ["", "PC-1", r"CORP\PC-1", "{a}", "a]", "~pump"] {
            assert!(Pattern::parse(text).unwrap().is_none(), "{text:?}");
        }
        for text in ["[", "PC-[1", "SRV-*[", "[]", "[!]", "[!", &"*a".repeat(101)] {
            assert_eq!(Pattern::parse(text).unwrap_err(), InvalidPattern, "{text:?}");
        }
    }

    #[test]
    fn a_pattern_of_many_wildcards_ends_soon() {
        let pattern = Pattern::parse(&format!("{}b", "*a".repeat(30))).unwrap().unwrap();
        assert!(!pattern.matches(&Haystack::of(&"a".repeat(2000))));
    }
}
