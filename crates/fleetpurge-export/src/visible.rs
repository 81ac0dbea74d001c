//! Shows text of unknown origin in messages: invisible characters become escapes.

use std::borrow::Cow;

use fleetpurge_text::is_invisible;

/// No message repeats more of a value.
const LONGEST: usize = 120;

/// The text with every control character, every space but the usual one and all that is invisible written out.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    let is_hidden = |c: char| c.is_control() || (c.is_whitespace() && c != ' ') || is_invisible(c);
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        if is_hidden(char) {
            shown.extend(char.escape_default());
        } else {
            shown.push(char);
        }
    }
    Cow::Owned(shown)
}

/// A value of a row, cut where it is longer than a message can hold.
pub(crate) fn sample(value: &str) -> String {
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", visible(&value[..end])),
        None => visible(value).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        for (text, expected) in [
            ("PC 1 caf\u{e9} \u{1f4bb} it's", "PC 1 caf\u{e9} \u{1f4bb} it's"),
            ("cafe\u{301}", "cafe\u{301}"),
            ("a\u{200b}b", "a\\u{200b}b"),
            ("a\u{ad}b", "a\\u{ad}b"),
            ("a\u{a0}b", "a\\u{a0}b"),
            ("a\u{3000}b", "a\\u{3000}b"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("a\u{2060}b", "a\\u{2060}b"),
            ("a\u{feff}b", "a\\u{feff}b"),
            ("a\u{e0001}b", "a\\u{e0001}b"),
            ("a\u{1b}[2Jb", "a\\u{1b}[2Jb"),
            ("a\nb\tc", "a\\nb\\tc"),
        ] {
            assert_eq!(visible(text), expected);
        }
        assert_eq!(sample(&"x".repeat(500)), format!("{}...", "x".repeat(LONGEST)));
        assert_eq!(sample("a\u{200b}b"), "a\\u{200b}b");
    }

    /// Error messages use the standard library's own escapes for names of columns.
    #[test]
    fn the_standard_escapes_write_out_the_same() {
        for char in [
            '\u{200b}', '\u{ad}', '\u{a0}', '\u{202e}', '\u{2060}', '\u{feff}', '\u{1b}', '\u{3000}',
        ] {
            let text = format!("a{char}b");
            assert_eq!(text.escape_debug().to_string(), visible(&text));
        }
    }
}
