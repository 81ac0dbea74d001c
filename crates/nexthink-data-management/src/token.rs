//! Tokens for client credentials.
//!
//! Source: Nexthink's documentation, "Getting an authentication token", as of 2026-11: HTTP Basic, form body,
//! `expires_in` 900.

use fleetpurge_http::connection::Connection;
use fleetpurge_http::json::{Field, Kind, Object};
use fleetpurge_http::token::{Issued, Issuer, is_token};
use fleetpurge_http::token_request::{TokenReply, ask, lifetime, text_of};
use secrecy::{ExposeSecret, SecretString};

use fleetpurge_http::error::Error;

/// Asks the token endpoint for tokens.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) connection: Connection,
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
            .connection
            .requests()
            .post(&self.url)
            .basic_auth(&self.id, Some(self.secret.expose_secret()))
            .form(&[("grant_type", "client_credentials"), ("scope", "service:integration")]);
        ask(&self.connection, request, &REPLY, &[&self.secret]).await
    }
}

/// The documented reply, if it is one whose token can be a header.
fn read_token(body: &[u8]) -> Option<Issued> {
    let text = String::from_utf8_lossy(body);
    let reply = Object::of(&text).ok()?;
    let token = text_of(&reply, "access_token").filter(|token| is_token(token))?;
    let is_bearer = match reply.field("token_type") {
        Field::Absent => true,
        kind => kind.value().is_some_and(|kind| {
            kind.kind() == Kind::Null || kind.text().is_some_and(|word| word.eq_ignore_ascii_case("bearer"))
        }),
    };
    is_bearer.then(|| Issued {
        secret: token.into(),
        lifetime: reply.field("expires_in").value().and_then(lifetime),
    })
}

/// The `error` of an OAuth error body (RFC 6749, 5.2), as far as a sentence should hold it.
fn oauth_error(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let word = text_of(&Object::of(&text).ok()?, "error")?;
    let is_word = (1..=64).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_word.then_some(word)
}
