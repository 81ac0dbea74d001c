//! Tokens for client credentials.
//!
//! Source: Nexthink's documentation, "Getting an authentication token", as of 2026-11: HTTP Basic, form body,
//! `expires_in` 900.

use std::time::Duration;

use fleetpurge_http::token::{Issued, Issuer, TokenReply, ask, is_token};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::error::Error;

/// Asks the token endpoint for tokens.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) client: reqwest::Client,
    pub(crate) url: String,
    pub(crate) id: String,
    pub(crate) secret: SecretString,
}

const REPLY: TokenReply = TokenReply {
    issues: |status| status == 200,
    read: read_token,
    code: oauth_error,
};

impl Issuer for Login {
    async fn issue(&self) -> Result<Issued, Error> {
        let request = self
            .client
            .post(&self.url)
            .basic_auth(&self.id, Some(self.secret.expose_secret()))
            .form(&[("grant_type", "client_credentials"), ("scope", "service:integration")]);
        ask(request, &REPLY).await
    }
}

/// The documented reply, if it is one whose token can be a header.
fn read_token(body: &[u8]) -> Option<Issued> {
    #[derive(Deserialize)]
    struct Reply {
        access_token: SecretString,
        #[serde(default)]
        token_type: Option<String>,
        #[serde(default)]
        expires_in: Option<f64>,
    }
    let reply: Reply = serde_json::from_slice(body).ok()?;
    let is_bearer = reply.token_type.is_none_or(|word| word.eq_ignore_ascii_case("bearer"));
    if !is_bearer || !is_token(reply.access_token.expose_secret()) {
        return None;
    }
    Some(Issued {
        lifetime: reply
            .expires_in
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .map(|life| life.min(Duration::from_secs(24 * 3600))),
        secret: reply.access_token,
    })
}

/// The `error` of an OAuth error body (RFC 6749, 5.2), as far as a sentence should hold it.
fn oauth_error(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Reply {
        error: String,
    }
    let word = serde_json::from_slice::<Reply>(body).ok()?.error;
    let is_word = (1..=64).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_word.then_some(word)
}
