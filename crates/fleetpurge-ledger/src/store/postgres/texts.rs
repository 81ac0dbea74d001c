//! PostgreSQL keeps no NUL in a text, and a reply of a service may have one: it is written as `\0`, and `\` as `\\`.

use std::borrow::Cow;

use crate::model::Error;
use crate::store::columns::altered;

/// A text as the database has it.
pub(crate) fn stored(text: &str) -> Cow<'_, str> {
    if text.contains(['\\', '\0']) {
        Cow::Owned(text.replace('\\', "\\\\").replace('\0', "\\0"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text that was stored.
pub(crate) fn restored(stored: &str) -> Result<Cow<'_, str>, Error> {
    if !stored.contains('\\') {
        return Ok(Cow::Borrowed(stored));
    }
    let mut text = String::with_capacity(stored.len());
    let mut rest = stored.chars();
    while let Some(c) = rest.next() {
        match (c, if c == '\\' { rest.next() } else { None }) {
            ('\\', Some('\\')) => text.push('\\'),
            ('\\', Some('0')) => text.push('\0'),
            ('\\', _) => return Err(altered("a text of the plan is not as it was written")),
            (c, _) => text.push(c),
        }
    }
    Ok(Cow::Owned(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_restored() {
        for (text, written) in [
            ("", ""),
            ("pc-1", "pc-1"),
            ("a\0b", "a\\0b"),
            ("a\\0b", "a\\\\0b"),
            ("\\\0\\", "\\\\\\0\\\\"),
            ("Ü\\", "Ü\\\\"),
        ] {
            assert_eq!(stored(text), written);
            assert_eq!(restored(written).unwrap(), text);
        }
        for nonsense in ["\\", "a\\n", "\\\\\\"] {
            restored(nonsense).unwrap_err();
        }
    }
}
