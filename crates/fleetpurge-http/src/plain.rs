//! Reads JSON that is as plain as it can be, without a copy. Pure.
//!
//! Nearly every reply says what is documented, in the documented form. It takes no decoder to see that: the texts that are
//! expected are compared where they stand. Whatever is not plain (an escape, another key, a text that is not the expected
//! one) is `None`, which says nothing about the reply but that it has to be read with care.

/// What is left of a text of JSON.
#[derive(Clone, Copy, Debug)]
pub struct Plain<'a>(&'a [u8]);

impl<'a> Plain<'a> {
    /// The whole of a body.
    #[must_use]
    pub const fn of(body: &'a [u8]) -> Self {
        Self(body)
    }

    /// Takes a mark such as `{`, with the white space before it. `None` if something else is next.
    pub fn mark(&mut self, mark: u8) -> Option<()> {
        self.skip_space();
        let (first, rest) = self.0.split_first()?;
        (*first == mark).then(|| self.0 = rest)
    }

    /// Whether this mark is next. It is not taken.
    #[must_use]
    pub fn is_next(&mut self, mark: u8) -> bool {
        self.skip_space();
        self.0.first() == Some(&mark)
    }

    /// Takes a text: the bytes between its quotes, among which is no escape and no control character. They may be no UTF-8.
    pub fn text(&mut self) -> Option<&'a [u8]> {
        self.mark(b'"')?;
        let end = memchr::memchr(b'"', self.0)?;
        let (text, rest) = self.0.split_at(end);
        if !needs_no_escape(text) {
            return None;
        }
        self.0 = &rest[1..];
        Some(text)
    }

    /// Takes exactly this text, quotes and all.
    pub fn expect(&mut self, text: &str) -> Option<()> {
        self.mark(b'"')?;
        let rest = self.0.strip_prefix(text.as_bytes())?.strip_prefix(b"\"")?;
        // With a quote or a backslash in it, these bytes would be another text.
        if text.as_bytes().contains(&b'"') || !needs_no_escape(text.as_bytes()) {
            return None;
        }
        self.0 = rest;
        Some(())
    }

    /// Takes a key, with its colon.
    pub fn key(&mut self) -> Option<&'a [u8]> {
        let key = self.text()?;
        self.mark(b':')?;
        Some(key)
    }

    /// Takes a whole number that is not negative.
    pub fn number(&mut self) -> Option<u64> {
        self.skip_space();
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.0.split_at(digits);
        // `01` is no number of JSON, and `1.0` and `1e2` go on.
        let ends = rest
            .first()
            .is_none_or(|next| matches!(next, b',' | b'}' | b']') || next.is_ascii_whitespace());
        if !ends || (digits > 1 && number[0] == b'0') {
            return None;
        }
        self.0 = rest;
        std::str::from_utf8(number).ok()?.parse().ok()
    }

    /// That nothing follows.
    pub fn end(&mut self) -> Option<()> {
        self.skip_space();
        self.0.is_empty().then_some(())
    }

    fn skip_space(&mut self) {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.0 {
            self.0 = rest;
        }
    }
}

/// Whether these bytes, none of them a quote, stand for themselves. Without a branch for each: that is several bytes at once.
fn needs_no_escape(text: &[u8]) -> bool {
    !text
        .iter()
        .fold(false, |needs, &byte| needs | (byte == b'\\') | (byte < b' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_json_is_read_where_it_stands() {
        let mut reply = Plain::of(b" { \"a\" : 10 ,\r\n\t\"b\":\"x\xc3\xa9\" } ");
        assert_eq!(reply.mark(b'{'), Some(()));
        assert_eq!((reply.key(), reply.number()), (Some(&b"a"[..]), Some(10)));
        assert!(!reply.is_next(b'}') && reply.is_next(b','));
        assert_eq!(reply.mark(b','), Some(()));
        assert_eq!((reply.key(), reply.expect("x\u{e9}")), (Some(&b"b"[..]), Some(())));
        assert_eq!(reply.end(), None, "a brace follows");
        assert_eq!((reply.mark(b'}'), reply.end()), (Some(()), Some(())));
    }

    #[test]
    fn what_is_not_plain_is_not_read() {
        for text in ["", "x", "\"", "\"a", "\"a\\u0062\"", "\"a\\\"\"", "\"a\nb\"", "'a'"] {
            assert_eq!(Plain::of(text.as_bytes()).text(), None, "{text}");
        }
        for number in ["", "-1", "+1", "01", "1.0", "1e2", "x", "99999999999999999999999", "1x"] {
            assert_eq!(Plain::of(number.as_bytes()).number(), None, "{number}");
        }
        for (number, value) in [("0", 0), ("7}", 7), (" 42 ", 42)] {
            assert_eq!(Plain::of(number.as_bytes()).number(), Some(value), "{number}");
        }
        assert_eq!(Plain::of(b"\"a\"").expect("b"), None);
        for (json, text) in [
            ("\"a\\\\\"", "a\\"),
            ("\"a\\\"", "a\\"),
            ("\"a\"b\"", "a\"b"),
            ("\"a\tb\"", "a\tb"),
            ("\"ab", "ab"),
        ] {
            assert_eq!(Plain::of(json.as_bytes()).expect(text), None, "{json}");
        }
        assert_eq!(Plain::of(b"\"a\" 1").key(), None);
    }
}
