//! Why no reply came, for a person: what lies beneath the layers of the HTTP client.

use std::error::Error as StdError;
use std::fmt;

/// What the layers of the client say of themselves. It tells a person nothing.
const LAYERS: [&str; 8] = [
    "error sending request",
    "error decoding response body",
    "request or response body error",
    "client error (Connect)",
    "client error (SendRequest)",
    "tcp connect error",
    "http2 error",
    "connection error",
];

/// What the TLS client says of a service that answers something else.
const NO_TLS: &str = "received corrupt message of type InvalidContentType";

/// An error of the HTTP client. Its `Display` is the innermost of its sources that say something; `Debug` shows all.
pub(crate) struct Cause(reqwest::Error);

impl Cause {
    /// Without the URL, whose query may hold a secret.
    pub(crate) fn of(error: reqwest::Error) -> Self {
        Self(error.without_url())
    }

    /// The error of the client, with all its sources.
    pub(crate) fn whole(&self) -> &reqwest::Error {
        &self.0
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut texts = vec![self.0.to_string()];
        let mut source = self.0.source();
        while let Some(inner) = source {
            texts.push(inner.to_string());
            source = inner.source();
        }
        f.write_str(&told(&texts))
    }
}

impl StdError for Cause {}

/// What is told of an error and its sources, the outermost first. Pure.
fn told(texts: &[String]) -> String {
    let mut told: Vec<&str> = Vec::new();
    for text in texts {
        let text = if text == NO_TLS {
            "TLS is not spoken there"
        } else {
            without_number(text)
        };
        if !LAYERS.contains(&text) && told.last() != Some(&text) {
            told.push(text);
        }
    }
    if told.is_empty() {
        return texts.last().cloned().unwrap_or_default();
    }
    told.join(": ")
}

/// Without the number that the system gives its error.
fn without_number(text: &str) -> &str {
    let number = text.strip_suffix(')').and_then(|text| text.rsplit_once(" (os error "));
    match number {
        Some((rest, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_without_the_layers_above_it() {
        let table: [(&[&str], &str); 6] = [
            (
                &[
                    "error sending request",
                    "client error (Connect)",
                    "tcp connect error",
                    "Connection refused (os error 111)",
                ],
                "Connection refused",
            ),
            (
                &[
                    "error sending request",
                    "client error (Connect)",
                    "dns error",
                    "failed to lookup address information: Name or service not known",
                ],
                "dns error: failed to lookup address information: Name or service not known",
            ),
            (
                &["error sending request", "client error (Connect)", NO_TLS],
                "TLS is not spoken there",
            ),
            (&["error sending request", "broken", "broken"], "broken"),
            (&["error sending request"], "error sending request"),
            (&["a (os error x)"], "a (os error x)"),
        ];
        for (texts, expected) in table {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            assert_eq!(told(&texts), expected);
        }
    }
}
