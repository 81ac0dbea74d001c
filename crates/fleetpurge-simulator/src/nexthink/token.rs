//! The token endpoint, and the bearer tokens it issues: JSON Web Tokens, as the documentation calls them. Which claims they
//! have is not documented; ours are those of RFC 9068, with the permissions in `scope`.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;
use uuid::Uuid;

use crate::reply::Reply;
use crate::token::Tokens;

/// The only scope there is.
const SCOPE: &str = "service:integration";

/// The permission that deletions need.
pub(crate) const PERMISSION: &str = "nx_dataplatform_device_deletion_api";

/// The id and secret of a client.
pub(crate) type Credentials = (String, String);

/// Whether the headers carry a bearer token that is good now.
pub(crate) fn accepts(tokens: &Tokens, headers: &HeaderMap) -> bool {
    headers
        .get(AUTHORIZATION)
        .and_then(|value| after_scheme(value, "bearer"))
        .is_some_and(|token| tokens.good(token))
}

/// A fresh token with these permissions.
pub(crate) fn issue(tokens: &Tokens, permissions: &[String]) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let scope: Vec<&str> = std::iter::once(SCOPE)
        .chain(permissions.iter().map(String::as_str))
        .collect();
    let header = json!({"alg": "RS256", "typ": "at+jwt"});
    let claims = json!({
        "iss": "fleetpurge-simulator",
        "iat": now.as_secs(),
        "exp": (now + tokens.lifetime).as_secs(),
        "jti": Uuid::new_v4(),
        "scope": scope.join(" "),
    });
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    // Nobody but the service checks a signature, and this one knows its tokens by heart.
    let signature = part(Uuid::new_v4().as_bytes());
    tokens.remember(format!(
        "{}.{}.{signature}",
        part(header.to_string().as_bytes()),
        part(claims.to_string().as_bytes())
    ))
}

/// The faithful answer to a request for a token.
pub(crate) fn answer(
    tokens: &Tokens,
    permissions: &[String],
    credentials: Option<&Credentials>,
    headers: &HeaderMap,
    body: &[u8],
) -> Reply {
    if !knows(credentials, headers) {
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
    let seconds = tokens.lifetime.as_secs() + u64::from(tokens.lifetime.subsec_nanos() > 0);
    let reply = json!({
        "token_type": "Bearer",
        "expires_in": seconds,
        "access_token": issue(tokens, permissions),
        "scope": SCOPE,
    });
    Reply::json(StatusCode::OK, &reply, 512).with(CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

fn knows(credentials: Option<&Credentials>, headers: &HeaderMap) -> bool {
    let given = headers
        .get(AUTHORIZATION)
        .and_then(|value| after_scheme(value, "basic"))
        .and_then(|encoded| base64::engine::general_purpose::STANDARD.decode(encoded).ok())
        .and_then(|decoded| String::from_utf8(decoded).ok());
    let Some((id, secret)) = given.as_deref().and_then(|given| given.split_once(':')) else {
        return false;
    };
    match credentials {
        Some((known_id, known_secret)) => id == known_id && secret == known_secret,
        None => !id.is_empty() && !secret.is_empty(),
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
