//! Which rows are comments, and which look as if a person had commented them out.
//!
//! A `#` before a row means that its device stays. Read as data, the row would delete it, under a name with a `#`.

use std::fmt;
use std::str::FromStr;

use fleetpurge_text::is_invisible;

use crate::grammar::Delimiter;

/// What most comments begin with.
pub(crate) const USUAL: char = '#';

/// Which rows of a list are comments. From text: one character, or none for [`None`](Self::None).
///
/// A comment begins with its character, space before it aside, within quotes as well. It is no device: it is counted
/// ([`Rows::comments`](crate::Rows::comments)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Comments {
    /// Rows that begin with `#`, in a file that has such a line before its header. In a file that has none, a row that
    /// begins like a comment of any kind (`#`, `//`, `--`, `;`, `'`, `REM` and the like) is an error.
    #[default]
    Detect,
    /// No row: each is data, whatever it begins with.
    None,
    /// Rows that begin with this character. A row that begins like a comment of another kind is an error.
    Char(CommentChar),
}

/// A character that a comment may begin with: no separator, no quote, and one that can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CommentChar(char);

impl CommentChar {
    /// The character, if it can begin a comment.
    #[must_use]
    pub fn new(char: char) -> Option<Self> {
        let is_syntax = matches!(char, ',' | ';' | '\t' | '"');
        (!is_syntax && !char.is_whitespace() && !char.is_control() && !is_invisible(char)).then_some(Self(char))
    }

    /// The character.
    #[must_use]
    pub const fn get(self) -> char {
        self.0
    }
}

/// The text is not a character that a comment may begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotACommentChar(String);

impl fmt::Display for NotACommentChar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not one visible character that is no separator (comma, semicolon, tab) and no quote",
            self.0.escape_debug()
        )
    }
}

impl std::error::Error for NotACommentChar {}

impl FromStr for Comments {
    type Err = NotACommentChar;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (None, _) => Ok(Self::None),
            (Some(char), None) => CommentChar::new(char)
                .map(Self::Char)
                .ok_or_else(|| NotACommentChar(text.to_owned())),
            (Some(_), Some(_)) => Err(NotACommentChar(text.to_owned())),
        }
    }
}

/// Whether a line, or a field, begins with the character. Space before it and what cannot be seen are passed over, but for
/// a separator: that ends the first field.
pub(crate) fn begins_with(text: &str, char: char, delimiter: Delimiter) -> bool {
    let passed = |c: char| {
        let is_separator = u8::try_from(c).is_ok_and(|byte| delimiter == Delimiter::Byte(byte));
        (c.is_whitespace() || is_invisible(c)) && !is_separator
    };
    text.trim_start_matches(passed).starts_with(char)
}

/// A first field without the mark that made its row a comment.
pub(crate) fn unmarked(field: &str, mark: char) -> &str {
    field.trim_start_matches(|c: char| c == mark || c.is_whitespace() || is_invisible(c))
}

/// A comment without its marker, as far as that is known: to see whether it reads like a header.
pub(crate) fn without_mark(line: &[u8]) -> &[u8] {
    let start = line
        .iter()
        .position(|byte| byte.is_ascii_alphanumeric() || *byte == b'"')
        .unwrap_or(line.len());
    &line[start..]
}

/// Whether a first field looks as if its row was commented out, whatever the language.
pub(crate) fn is_suspicious(field: &str) -> bool {
    /// Marks that need something after them: on its own, each is what some lists write where there is no value.
    const MARKS: [&str; 9] = ["//", "/*", "<!--", "--", "::", ";", "'", "%", "!"];
    let text = field.trim_start_matches(|c: char| c.is_whitespace() || is_invisible(c));
    // The second is the one that East Asian keyboards type.
    if text.starts_with(['#', '\u{ff03}']) {
        return true;
    }
    let mark = MARKS.into_iter().find_map(|mark| text.strip_prefix(mark));
    if mark.is_some_and(|rest| rest.contains(char::is_alphanumeric)) {
        return true;
    }
    let (word, rest) = text.split_at_checked(3).unwrap_or_default();
    word.eq_ignore_ascii_case("rem") && rest.starts_with([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_character_is_one_that_can_be_seen_and_separates_nothing() {
        assert_eq!("".parse(), Ok(Comments::None));
        for text in ["#", "!", "%", "'", "/", "-", "~", "\u{a7}", "\u{ff03}", "x"] {
            let Ok(Comments::Char(char)) = text.parse() else {
                panic!("{text}")
            };
            assert_eq!(char.get().to_string(), text);
        }
        for text in [
            ",", ";", "\t", "\"", " ", "\n", "\r", "\0", "\u{a0}", "\u{200b}", "\u{feff}", "##", "//", "REM", "# ",
        ] {
            assert_eq!(
                text.parse::<Comments>(),
                Err(NotACommentChar(text.to_owned())),
                "{text:?}"
            );
        }
    }

    #[test]
    fn space_before_a_comment_is_passed_over_and_a_separator_is_not() {
        for (line, delimiter, comment) in [
            ("#PC-1,u", b',', true),
            ("  \t# PC-1", b',', true),
            ("\u{a0}\u{feff}#PC-1", b',', true),
            ("\u{200b}#PC-1", b',', true),
            ("\t#PC-1", b'\t', false),
            (",#PC-1", b',', false),
            ("PC#1", b',', false),
            ("", b',', false),
        ] {
            assert_eq!(begins_with(line, '#', Delimiter::Byte(delimiter)), comment, "{line:?}");
        }
    }

    #[test]
    fn rows_that_were_commented_out_are_known_by_any_usual_mark_and_names_are_not() {
        for field in [
            "#PC-1",
            "# PC-1",
            " #PC-1",
            "\u{feff}#PC-1",
            "#",
            "##",
            "#N/A",
            "\u{ff03}PC-1",
            "//PC-1",
            "// PC-1",
            "--PC-1",
            "-- PC-1",
            "---PC-1",
            ";PC-1",
            "::PC-1",
            ":: PC-1",
            "/* PC-1 */",
            "<!-- PC-1 -->",
            "REM PC-1",
            "rem\tPC-1",
            "'PC-1",
            "%PC-1",
            "!PC-1",
        ] {
            assert!(is_suspicious(field), "{field:?}");
        }
        for field in [
            "",
            " ",
            "PC-1",
            "PC#1",
            "-PC-1",
            "--",
            "---",
            "//",
            "'",
            ";",
            "REM-1",
            "REMOTE 1",
            "Rem",
            "~pump",
            "_PC",
            "/dev",
            "(PC)",
            "{\"id\":\"x\"}",
            "@PC",
            "*",
            "\u{e9}",
            "0f8fad5b-d9cb-469f-a165-70867728950e",
        ] {
            assert!(!is_suspicious(field), "{field:?}");
        }
    }
}
