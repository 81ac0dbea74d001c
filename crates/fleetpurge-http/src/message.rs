//! The service's own message in an error reply, as far as a person should read it. Pure.

use std::fmt;

use fleetpurge_text::is_invisible;

use crate::json::{Kind, Object, Raw};

/// How many characters of it are kept.
const LENGTH: usize = 200;

/// Fields that hold a sentence: of Nexthink and Ubidots, of OAuth (RFC 6749, 5.2), of Okta, which issues Nexthink's tokens.
const SENTENCES: [&str; 3] = ["message", "error_description", "errorSummary"];
/// What Ubidots adds: a sentence, or which fields of the request are wrong.
const DETAIL: &str = "detail";

/// The message of an error body, on one line and without a character that would not show as itself; `redact` takes
/// secrets out of it first. None where there is no JSON object, or none of the fields: an HTML page is no message.
pub(crate) fn of(body: &[u8], redact: impl Fn(&str) -> String) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let object = Object::of(&text).ok()?;
    let sentence = SENTENCES
        .iter()
        .filter_map(|key| object.field(key).value().and_then(Raw::lossy_text))
        .find(|text| !text.trim().is_empty());
    let detail = object.field(DETAIL).value().and_then(|value| match value.kind() {
        Kind::Text => value.lossy_text(),
        Kind::Array | Kind::Object if !matches!(value.as_str(), "{}" | "[]") => Some(value.as_str().to_owned()),
        _ => None,
    });
    let mut whole: Vec<String> = [sentence, detail].into_iter().flatten().collect();
    whole.dedup();
    let line = redact(&whole.join(" "))
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    Some(shown(&line, LENGTH)).filter(|line| !line.is_empty())
}

/// The first so many characters of a text that a service wrote, each as itself or as its escape.
#[must_use]
pub fn shown(text: &str, length: usize) -> String {
    text.chars().take(length).map(|c| Shown(c).to_string()).collect()
}

/// How a word of a service, such as a name, stands in a sentence: in quotes, its first 200 characters.
#[must_use]
pub fn quoted(word: &str) -> String {
    format!("{:?}", cut(word))
}

/// The first 200 characters of a word of a service.
#[must_use]
pub fn cut(word: &str) -> &str {
    word.char_indices().nth(LENGTH).map_or(word, |(end, _)| &word[..end])
}

/// A character that shows as itself, or its escape: no control of a terminal, none that turns the direction of what
/// follows, none that cannot be seen.
struct Shown(char);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            c if is_invisible(c) => write!(f, "{}", c.escape_unicode()),
            c => write!(f, "{c}"),
        }
    }
}

/// A service's own message as the source of an error.
#[derive(Clone, Debug)]
pub(crate) struct Says(pub(crate) String);

impl fmt::Display for Says {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it says \"{}\"", self.0)
    }
}

impl std::error::Error for Says {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_of_at_most_200_characters_that_show_as_themselves() {
        let said = |body: &str| of(body.as_bytes(), str::to_owned);
        let long = "\u{e4}".repeat(300);
        let table: &[(&str, Option<&str>)] = &[
            (r#"{"code":"X","message":"It is off."}"#, Some("It is off.")),
            (
                r#"{"error":"invalid_client","error_description":"Unknown."}"#,
                Some("Unknown."),
            ),
            (
                r#"{"errorCode":"E1","errorSummary":"No such app."}"#,
                Some("No such app."),
            ),
            (r#"{"detail":"Not found."}"#, Some("Not found.")),
            (r#"{"message":"Not found.","detail":"Not found."}"#, Some("Not found.")),
            (
                r#"{"code":400001,"message":"Validation Error.","detail":{"0":["no"]}}"#,
                Some(r#"Validation Error. {"0":["no"]}"#),
            ),
            (r#"{"message":"m","detail":{}}"#, Some("m")),
            (r#"{"message":"a\n b\t\tc "}"#, Some("a b c")),
            (
                r#"{"message":"a\u001b[2Jb\u202ec\u200bd"}"#,
                Some("a\\u{1b}[2Jb\\u{202e}c\\u{200b}d"),
            ),
            (r#"{"message":"half \ud800"}"#, Some("half \u{fffd}\u{fffd}\u{fffd}")),
            (r#"{"message":"same","message":"same"}"#, Some("same")),
            (r#"{"message":"one","message":"other"}"#, None),
            (r#"{"message":" "}"#, None),
            (r#"{"message":7}"#, None),
            (r#"["message"]"#, None),
            ("<html><body>message</body></html>", None),
            ("", None),
        ];
        for (body, expected) in table {
            assert_eq!(said(body).as_deref(), *expected, "{body}");
        }
        let cut = said(&format!(r#"{{"message":"{long}"}}"#)).unwrap_or_default();
        assert_eq!(cut, "\u{e4}".repeat(200));
    }

    #[test]
    fn a_secret_goes_before_the_message_is_cut() {
        let body = format!(r#"{{"message":"{}t\u006fken-of-18-bytes"}}"#, "x".repeat(190));
        let said = of(body.as_bytes(), |text| text.replace("token-of-18-bytes", "[token]")).unwrap_or_default();
        assert_eq!(said, format!("{}[token]", "x".repeat(190)));
    }
}
