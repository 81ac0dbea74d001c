//! Tokens for an API key.
//!
//! Source: Ubidots' documentation, "Authentication" of v1.6: `POST /api/v1.6/auth/token` with `x-ubidots-apikey`; such
//! tokens are "valid for 6 hours". The status of the reply is not printed there.

use std::time::Duration;

use fleetpurge_http::token::{Issued, Issuer, TokenReply, ask, is_token};
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use ubidots_devices_raw::hooks::API_KEY;

use crate::error::Error;

/// How long a token lives. The reply does not say.
const LIFETIME: Duration = Duration::from_secs(6 * 3600);

/// Asks the token endpoint for tokens.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) client: reqwest::Client,
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
            .map_err(|_| Error::configuration("the API key holds a character that no header may"))?;
        key.set_sensitive(true);
        ask(self.client.post(&self.url).header(API_KEY, key), &REPLY).await
    }
}

fn read(body: &[u8]) -> Option<Issued> {
    #[derive(Deserialize)]
    struct Reply {
        token: SecretString,
    }
    let Reply { token } = serde_json::from_slice(body).ok()?;
    is_token(token.expose_secret()).then_some(Issued {
        secret: token,
        lifetime: Some(LIFETIME),
    })
}

/// The number of an error body.
fn code(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Reply {
        code: u64,
    }
    let Reply { code } = serde_json::from_slice(body).ok()?;
    Some(code.to_string())
}
