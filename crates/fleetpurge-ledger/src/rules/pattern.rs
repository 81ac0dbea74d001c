//! Patterns in a protect list: `*`, `?`, `[..]`.
//!
//! They are read by `glob`. `globset` matches bytes: its `?` does not match `Ü`, and its `[ä-ü]` is not a range of
//! letters.

use std::borrow::Cow;

use glob::{MatchOptions, Pattern as Glob};

use super::same::{folded, visible};

/// A pattern, read without regard to case as [`protect_key`](super::protect_key) reads an entry.
///
/// Nothing but `*`, `?` and `[..]` has a meaning: no separator, no leading dot, no backslash, no brace.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// Against the folded text.
    folded: Glob,
    /// Against the text in lowercase, where folding may change how many letters there are: `Stra?e` and `Straße`.
    lower: Option<Glob>,
    /// Against the text itself, where lowercase moves the ends of a range: `[A-_]`.
    exact: Option<Glob>,
}

/// More than any name needs; matching takes a stack frame for each.
const MOST_ASTERISKS: usize = 100;

/// The text holds a `[` without a `]`, or too many asterisks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidPattern;

/// A text of a row, as patterns look at it.
#[derive(Debug)]
pub(crate) struct Face<'a> {
    folded: String,
    exact: Cow<'a, str>,
    lower: String,
}

impl<'a> Face<'a> {
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
            folded: compiled(&folded(&text))?,
            lower: counts.then(|| compiled(&lower(&text))).transpose()?,
            exact: ranges.then(|| compiled(&text)).transpose()?,
        }))
    }

    pub(crate) fn matches(&self, face: &Face<'_>) -> bool {
        let options = MatchOptions {
            case_sensitive: false,
            require_literal_separator: false,
            require_literal_leading_dot: false,
        };
        let matches = |glob: &Glob, text| glob.matches_with(text, options);
        matches(&self.folded, &face.folded)
            || self.lower.as_ref().is_some_and(|glob| matches(glob, &face.lower))
            || self.exact.as_ref().is_some_and(|glob| matches(glob, &face.exact))
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
        ] {
            let found = Pattern::parse(pattern).unwrap().unwrap().matches(&Face::of(text));
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
        assert!(!pattern.matches(&Face::of(&"a".repeat(2000))));
    }
}
