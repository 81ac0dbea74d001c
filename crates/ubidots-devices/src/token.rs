//! Tokens for an API key.
//!
//! Source: Ubidots' documentation, "Authentication" of v1.6: `POST /api/v1.6/auth/token` with `x-ubidots-apikey`; such
//! tokens are "valid for 6 hours". The status of the reply is not printed there.

use std::time::Duration;

use fleetpurge_http::connection::Connection;
use fleetpurge_http::json::Object;
use fleetpurge_http::token::{Issued, Issuer, is_token};
use fleetpurge_http::token_request::{TokenReply, ask, text_of};
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use ubidots_devices_raw::hooks::API_KEY;

use fleetpurge_http::error::Error;

/// How long a token lives. The reply does not say.
const LIFETIME: Duration = Duration::from_secs(6 * 3600);

/// Asks the token endpoint for tokens.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) connection: Connection,
    pub(crate) url: String,
    pub(crate) key: SecretString,
}

const REPLY: TokenReply = TokenReply {
    issues: |status| matches!(status, 200..=299),
    read,
    code,
};

impl Issuer for Exchange {
    async fn issue(&self) -> Result<Issued, Error> {
        let mut key = HeaderValue::try_from(self.key.expose_secret())
            .map_err(|_| Error::configuration("the API key contains a character that a header cannot carry"))?;
        key.set_sensitive(true);
        let request = self.connection.requests().post(&self.url).header(API_KEY, key);
        ask(&self.connection, request, &REPLY, &[&self.key]).await
    }
}

fn read(body: &[u8]) -> Option<Issued> {
    let text = String::from_utf8_lossy(body);
    let token = text_of(&Object::of(&text).ok()?, "token")?;
    is_token(&token).then(|| Issued {
        secret: token.into(),
        lifetime: Some(LIFETIME),
    })
}

/// The number of an error body.
fn code(body: &[u8]) -> Option<String> {
    fleetpurge_http::observe::code(body)
        .filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()) && code.len() <= 20)
}
