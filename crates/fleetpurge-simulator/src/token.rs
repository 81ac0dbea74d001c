//! The token endpoint, and which tokens are good.

use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use base64::Engine as _;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;
use uuid::Uuid;

use crate::reply::Reply;

/// The only scope there is.
const SCOPE: &str = "service:integration";

/// The tokens issued, and to whom.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) credentials: Option<(String, String)>,
    pub(crate) lifetime: Duration,
    pub(crate) fixed: HashSet<String>,
    issued: RwLock<HashMap<String, Instant>>,
}

impl Tokens {
    pub(crate) fn new(credentials: Option<(String, String)>, lifetime: Duration, fixed: HashSet<String>) -> Self {
        Self {
            credentials,
            lifetime,
            fixed,
            issued: RwLock::default(),
        }
    }

    /// A fresh opaque token.
    pub(crate) fn issue(&self) -> String {
        let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let now = Instant::now();
        let mut issued = self.issued.write().unwrap_or_else(PoisonError::into_inner);
        issued.retain(|_, expiry| *expiry > now);
        issued.insert(token.clone(), now + self.lifetime);
        token
    }

    pub(crate) fn revoke(&self) {
        self.issued.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Whether the headers carry a bearer token that is good now.
    pub(crate) fn accepts(&self, headers: &HeaderMap) -> bool {
        let Some(token) = headers
            .get(AUTHORIZATION)
            .and_then(|value| after_scheme(value, "bearer"))
        else {
            return false;
        };
        self.fixed.contains(token)
            || self
                .issued
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .get(token)
                .is_some_and(|expiry| *expiry > Instant::now())
    }

    /// The faithful answer to a request for a token.
    pub(crate) fn answer(&self, headers: &HeaderMap, body: &[u8]) -> Reply {
        if !self.knows(headers) {
            return refusal(
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "the client credentials are missing or wrong",
            );
        }
        let form = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| {
                value
                    .split(';')
                    .next()
                    .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
            });
        if !form {
            return refusal(StatusCode::BAD_REQUEST, "invalid_request", "the body must be a form");
        }
        let fields: HashMap<_, _> = form_urlencoded::parse(body).collect();
        match fields.get("grant_type").map(AsRef::as_ref) {
            Some("client_credentials") => {}
            None => return refusal(StatusCode::BAD_REQUEST, "invalid_request", "`grant_type` is missing"),
            Some(_) => {
                return refusal(
                    StatusCode::BAD_REQUEST,
                    "unsupported_grant_type",
                    "only client_credentials is supported",
                );
            }
        }
        if fields.get("scope").map(AsRef::as_ref) != Some(SCOPE) {
            return refusal(
                StatusCode::BAD_REQUEST,
                "invalid_scope",
                "the scope must be service:integration",
            );
        }
        // A lifetime of less than a second is for tests, and "0" would tell a client not to use the token at all.
        let seconds = self.lifetime.as_secs() + u64::from(self.lifetime.subsec_nanos() > 0);
        let reply = json!({
            "token_type": "Bearer",
            "expires_in": seconds,
            "access_token": self.issue(),
            "scope": SCOPE,
        });
        Reply::json(StatusCode::OK, &reply, 192).with(CACHE_CONTROL, HeaderValue::from_static("no-store"))
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        let given = headers
            .get(AUTHORIZATION)
            .and_then(|value| after_scheme(value, "basic"))
            .and_then(|encoded| base64::engine::general_purpose::STANDARD.decode(encoded).ok())
            .and_then(|decoded| String::from_utf8(decoded).ok());
        let Some((id, secret)) = given.as_deref().and_then(|given| given.split_once(':')) else {
            return false;
        };
        match &self.credentials {
            Some((known_id, known_secret)) => id == known_id && secret == known_secret,
            None => !id.is_empty() && !secret.is_empty(),
        }
    }
}

/// An error as OAuth 2.0 writes it (RFC 6749, 5.2).
pub(crate) fn refusal(status: StatusCode, error: &str, description: &str) -> Reply {
    let reply = Reply::json(status, &json!({"error": error, "error_description": description}), 128);
    if status == StatusCode::UNAUTHORIZED {
        reply.with(WWW_AUTHENTICATE, HeaderValue::from_static("Basic"))
    } else {
        reply
    }
}

fn after_scheme<'a>(value: &'a HeaderValue, scheme: &str) -> Option<&'a str> {
    let (given, rest) = value.to_str().ok()?.split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}
