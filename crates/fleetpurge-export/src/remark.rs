//! Where a comment begins in a hand-written list.

/// Where a comment begins: at a `#` after a space. `PC#1` has none.
pub(crate) fn comment(text: &str) -> Option<usize> {
    let mut after_space = false;
    for (at, c) in text.char_indices() {
        if c == '#' && after_space {
            return Some(at);
        }
        after_space = c.is_whitespace();
    }
    None
}

/// Whether the whole line is a comment.
pub(crate) fn is_comment(line: &str) -> bool {
    line.trim_start_matches(is_passed).starts_with('#')
}

/// Whether a line of a table is a comment. Space that separates its fields ends a blank first one: what follows may be the
/// name of a device.
pub(crate) fn is_comment_row(line: &str, separator: Option<char>) -> bool {
    line.trim_start_matches(|c: char| is_passed(c) && Some(c) != separator)
        .starts_with('#')
}

fn is_passed(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_begins_with_a_number_sign_after_a_space() {
        for (text, expected) in [
            ("PC-1 # the boss", Some(5)),
            ("PC-1 #the boss", Some(5)),
            ("PC-1\t# the boss", Some(5)),
            ("PC-1\u{a0}# x", Some(6)),
            ("PC#1 # x", Some(5)),
            ("PC#1", None),
            ("PC# 1", None),
            ("#PC-1", None),
            ("", None),
        ] {
            assert_eq!(comment(text), expected, "{text:?}");
        }
        for (line, expected) in [
            ("# x", true),
            ("#x", true),
            (" \t#x", true),
            ("\u{feff}#x", true),
            ("PC #x", false),
            ("\"#x\"", false),
            ("", false),
        ] {
            assert_eq!(is_comment(line), expected, "{line:?}");
        }
    }
}
