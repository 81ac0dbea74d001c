//! What requests of either service have in common: correlation headers, and devices asked for.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use uuid::Uuid;

/// `x-request-id` and `x-trace-id` of the reply.
#[derive(Debug)]
pub(crate) struct Correlation {
    pub(crate) request_id: String,
    pub(crate) trace_id: String,
    /// The client gave an `x-request-id` that is no UUID, or several.
    pub(crate) malformed: bool,
}

impl Correlation {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut given = headers.get_all("x-request-id").iter();
        let (first, second) = (given.next(), given.next());
        let usable = first
            .and_then(|value| value.to_str().ok())
            .filter(|text| second.is_none() && is_uuid(text));
        let request_id = usable.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
        let trace_id = headers
            .get("traceparent")
            .and_then(|value| trace_id(value.to_str().ok()?))
            .map_or_else(|| request_id.clone(), str::to_owned);
        Self {
            request_id,
            trace_id,
            malformed: first.is_some() && usable.is_none(),
        }
    }
}

/// The trace id of a W3C `traceparent`, version 00: `00-<32 hex>-<16 hex>-<2 hex>`, hex in lower case, ids not zero.
fn trace_id(traceparent: &str) -> Option<&str> {
    let mut parts = traceparent.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, len| text.len() == len && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let id = |text: &str, len| hex(text, len) && text.bytes().any(|byte| byte != b'0');
    let known = hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    (known && id(trace, 32) && id(parent, 16) && hex(flags, 2)).then_some(trace)
}

/// Canonical: 8-4-4-4-12 hexadecimal digits, in either case.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether the body is said to be JSON; `None` when nothing is said.
pub(crate) fn says_json(headers: &HeaderMap) -> Option<bool> {
    let value = headers.get(CONTENT_TYPE)?;
    let kind = value
        .to_str()
        .ok()
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    Some(kind.trim().eq_ignore_ascii_case("application/json"))
}

/// One device of a request. For Ubidots the uid is the key, the name the label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub(crate) uid: Cow<'a, str>,
    pub(crate) name: Cow<'a, str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_form_is_a_uuid() {
        for (text, expected) in [
            ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", true),
            ("6BA7B810-9DAD-11D1-80B4-00C04FD430C8", true),
            ("6ba7b8109dad11d180b400c04fd430c8", false),
            ("{6ba7b810-9dad-11d1-80b4-00c04fd430c8}", false),
            ("urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8", false),
            ("6ba7b81-09dad-11d1-80b4-00c04fd430c8", false),
            ("6ba7b810-9dad-11d1-80b4-00c04fd430cg", false),
            (" 6ba7b810-9dad-11d1-80b4-00c04fd430c8", false),
            ("", false),
        ] {
            assert_eq!(is_uuid(text), expected, "{text}");
        }
    }

    #[test]
    fn a_traceparent_gives_its_trace_id_or_nothing() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        for (text, expected) in [
            (format!("00-{trace}-00f067aa0ba902b7-01"), Some(trace)),
            (format!("cc-{trace}-00f067aa0ba902b7-01-more"), Some(trace)),
            (format!("00-{trace}-00f067aa0ba902b7-01-more"), None),
            (format!("ff-{trace}-00f067aa0ba902b7-01"), None),
            (format!("00-{}-00f067aa0ba902b7-01", trace.to_uppercase()), None),
            (format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)), None),
            (format!("00-{trace}-{}-01", "0".repeat(16)), None),
            (trace.to_owned(), None),
        ] {
            assert_eq!(trace_id(&text), expected, "{text}");
        }
    }
}
