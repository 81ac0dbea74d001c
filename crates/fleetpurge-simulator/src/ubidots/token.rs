//! An API key for a token, and the token for everything else.

use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::errors::{incorrect_credentials, no_credentials};
use crate::reply::Reply;
use crate::token::Tokens;

/// What a request is let in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credentials {
    Missing,
    Wrong,
    Good,
}

impl Credentials {
    /// The token of a request: the header, else the query parameter, which is documented too and advised against.
    pub(crate) fn of(parts: &Parts, tokens: &Tokens) -> Self {
        let judge = |token: &str| match token {
            "" => Self::Missing,
            token if tokens.good(token) => Self::Good,
            _ => Self::Wrong,
        };
        if let Some(value) = parts.headers.get("x-auth-token") {
            return value.to_str().map_or(Self::Wrong, judge);
        }
        form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .find(|(name, _)| name == "token")
            .map_or(Self::Missing, |(_, token)| judge(&token))
    }

    /// The 401 they get.
    pub(crate) fn refusal(self) -> Option<Reply> {
        match self {
            Self::Missing => Some(no_credentials()),
            Self::Wrong => Some(incorrect_credentials()),
            Self::Good => None,
        }
    }
}

/// The answer to a request for a token. How long it lives is not in it.
pub(crate) fn answer(tokens: &Tokens, api_key: Option<&str>, headers: &HeaderMap) -> Reply {
    let Some(given) = headers.get("x-ubidots-apikey").filter(|value| !value.is_empty()) else {
        return no_credentials();
    };
    if api_key.is_some_and(|key| given != key) {
        return incorrect_credentials();
    }
    // The status is not documented. A token is created.
    Reply::json(StatusCode::CREATED, &json!({"token": tokens.issue()}), 96)
}
