//! Takes secrets out of what a service wrote, however it wrote them. Pure.
//!
//! A reply is read by more than one reader: as bytes, as JSON, as a sentence. A secret that one of them does not see,
//! because JSON writes it with escapes or because a byte beside it is not UTF-8, is plain to another. So it is looked for in
//! the bytes, in every way in which JSON, a URL and HTML write a character.

/// Shorter than any token that is issued: so short a text may well be part of a word that has nothing to do with it.
pub(crate) const SHORTEST_TOKEN: usize = 16;

/// The text with `mark` in place of the secret; `None` if the secret is not in it.
pub(crate) fn bytes(text: &[u8], secret: &str, mark: &str) -> Option<Vec<u8>> {
    let first = *secret.as_bytes().first()?;
    // Nearly every text has neither the secret nor anything that could stand for a character of it.
    let may_be_spelled = memchr::memchr3(b'\\', b'%', b'&', text).is_some();
    if !may_be_spelled
        && memchr::memmem::find(text, secret.as_bytes()).is_none()
        && !ends_within(text, secret.as_bytes())
    {
        return None;
    }
    let spellings = [json(secret), json(&json(secret))];
    let mut redacted = Vec::new();
    let mut kept_from = 0;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let length = if *byte == first || matches!(byte, b'\\' | b'%' | b'&') {
            length(&text[at..], secret, &spellings)
        } else {
            None
        };
        match length {
            Some(length) => {
                redacted.extend_from_slice(&text[kept_from..at]);
                redacted.extend_from_slice(mark.as_bytes());
                at += length;
                kept_from = at;
            }
            None => at += 1,
        }
    }
    if kept_from == 0 {
        return None;
    }
    redacted.extend_from_slice(&text[kept_from..]);
    Some(redacted)
}

/// The same of text.
pub(crate) fn text(text: &str, secret: &str, mark: &str) -> String {
    match bytes(text.as_bytes(), secret, mark) {
        Some(redacted) => String::from_utf8_lossy(&redacted).into_owned(),
        None => text.to_owned(),
    }
}

/// Whether the text may end within the secret.
fn ends_within(text: &[u8], secret: &[u8]) -> bool {
    (SHORTEST_TOKEN..secret.len()).any(|length| text.ends_with(&secret[..length]))
}

/// A text as it stands in a string of JSON.
fn json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted
        .trim_start_matches('"')
        .strip_suffix('"')
        .unwrap_or_default()
        .to_owned()
}

/// How many bytes the secret takes at the beginning of the text, if it stands there: whole, or cut off by the end of the
/// text so late that what is left of it is still a secret.
fn length(text: &[u8], secret: &str, spellings: &[String]) -> Option<usize> {
    if text.starts_with(secret.as_bytes()) {
        return Some(secret.len());
    }
    if let Some(spelling) = spellings.iter().find(|spelling| text.starts_with(spelling.as_bytes())) {
        return Some(spelling.len());
    }
    let mut at = 0;
    for (n, c) in secret.chars().enumerate() {
        match written(c, &text[at..]) {
            Some(length) => at += length,
            None => return (n >= SHORTEST_TOKEN && at == text.len()).then_some(at),
        }
    }
    Some(at)
}

/// How many bytes this character takes at the beginning of the text, if it stands there.
fn written(c: char, text: &[u8]) -> Option<usize> {
    match text.first()? {
        b'\\' => escaped(c, text),
        b'%' => percent(c, text),
        b'&' => entity(c, text),
        _ => None,
    }
    .or_else(|| {
        let mut utf8 = [0; 4];
        let utf8 = c.encode_utf8(&mut utf8);
        text.starts_with(utf8.as_bytes()).then_some(utf8.len())
    })
}

/// `\u002b`, `\/`: of JSON within a string of JSON with more than one backslash.
fn escaped(c: char, text: &[u8]) -> Option<usize> {
    let backslashes = |text: &[u8]| text.iter().take_while(|byte| **byte == b'\\').count();
    let run = backslashes(text);
    let after = text.get(run);
    if c == '\\' && after != Some(&b'u') {
        return Some(if run.is_power_of_two() { run } else { 2 });
    }
    if c.is_ascii_punctuation() && after.is_some_and(|byte| char::from(*byte) == c) {
        return Some(run + 1);
    }
    let mut units = [0; 2];
    let mut at = 0;
    for unit in c.encode_utf16(&mut units) {
        let rest = text.get(at..)?;
        let digits = backslashes(rest) + 1;
        let is_escape = digits > 1 && rest.get(digits - 1) == Some(&b'u');
        if !is_escape || number(rest.get(digits..digits + 4)?, 16)? != u32::from(*unit) {
            return None;
        }
        at += digits + 4;
    }
    Some(at)
}

/// `%2B`.
fn percent(c: char, text: &[u8]) -> Option<usize> {
    let mut utf8 = [0; 4];
    let utf8 = c.encode_utf8(&mut utf8).as_bytes();
    let is_it = utf8.iter().enumerate().all(|(n, byte)| {
        let triple = text.get(3 * n..3 * n + 3);
        triple.is_some_and(|triple| triple[0] == b'%' && number(&triple[1..], 16) == Some(u32::from(*byte)))
    });
    is_it.then_some(3 * utf8.len())
}

/// `&#43;`, `&#x2b;`, `&amp;`.
fn entity(c: char, text: &[u8]) -> Option<usize> {
    let end = text.iter().take(12).position(|byte| *byte == b';')?;
    let is_it = match &text[1..end] {
        b"amp" => c == '&',
        b"lt" => c == '<',
        b"gt" => c == '>',
        b"quot" => c == '"',
        b"apos" => c == '\'',
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16) == Some(c.into()),
        [b'#', digits @ ..] => number(digits, 10) == Some(c.into()),
        _ => false,
    };
    is_it.then_some(end + 1)
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    digits
        .iter()
        .try_fold(0_u32, |sum, digit| {
            sum.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?)
        })
        .filter(|_| !digits.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_however_it_is_written() {
        for (secret, written) in [
            ("a+b/c=", r"a+b/c="),
            ("a+b/c=", r"a\u002bb\/c\u003D"),
            ("a+b/c=", r"\u0061\u002B\u0062\u002f\u0063\u003d"),
            ("a+b/c=", r"a\\u002bb\\\/c="),
            ("a+b/c=", "a%2Bb%2fc%3D"),
            ("a+b/c=", "a&#43;b&#x2F;c&#0061;"),
            ("<a&b>\"'", "&lt;a&amp;b&gt;&quot;&apos;"),
            ("a\\b", r"a\b"),
            ("a\\b", r"a\\b"),
            ("a\\b", r"a\\\\b"),
            ("a\\\\b", r"a\\\\b"),
            ("a\\b", r"a\u005cb"),
            ("a\"b\\", r#"a\"b\\"#),
            ("%a&", "%a&"),
            ("%a&", "%25a&amp;"),
            ("\u{fc}\u{1f600}", "\u{fc}\u{1f600}"),
            ("\u{fc}\u{1f600}", r"\u00fc\uD83D\ude00"),
            ("\u{fc}\u{1f600}", "%C3%BC%F0%9F%98%80"),
        ] {
            for (before, after) in [("", ""), ("x", "y"), ("\\", " "), ("{\"", "\"}")] {
                let redacted = text(&format!("{before}{written}{after}"), secret, "[it]");
                let alone = format!("{before}[it]{after}");
                // A backslash before an escape may belong to it.
                assert!(
                    redacted == alone || (before == "\\" && redacted == format!("[it]{after}")),
                    "{written}: {redacted}"
                );
            }
        }
    }

    #[test]
    fn what_is_not_the_secret_stays_to_the_byte() {
        for (secret, written) in [
            ("abc", "ab"),
            ("abc", "abd"),
            ("abc", r"\u0061bd"),
            ("abc", "&#;&"),
            ("", "abc"),
            ("abc", "%6"),
        ] {
            assert_eq!(bytes(written.as_bytes(), secret, "[it]"), None, "{written}");
        }
        let odd = bytes(b"\xff abc \xe9abc\xc3", "abc", "[it]");
        assert_eq!(odd.as_deref(), Some(&b"\xff [it] \xe9[it]\xc3"[..]));
    }

    #[test]
    fn a_secret_that_is_cut_off_late_is_taken_out() {
        let secret = "t0ken-of-20-bytes-!!";
        assert_eq!(text("x t0ken-of-20-bytes", secret, "[it]"), "x [it]");
        assert_eq!(text("x t0ken-of-20", secret, "[it]"), "x t0ken-of-20");
        assert_eq!(text("x t0ken-of-20-bytes.", secret, "[it]"), "x t0ken-of-20-bytes.");
    }
}
