//! What a token says of itself.
//!
//! Source: Nexthink's documentation of the device deletion API, as of 2026-11: "The API credential must include the
//! `nx_dataplatform_device_deletion_api` permission scope", called a JWT permission scope. It does not say which claim holds
//! it, so every claim is searched.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// The permission that a token needs for deletions.
pub(crate) const PERMISSION: &str = "nx_dataplatform_device_deletion_api";

/// The claims of a token that is a JSON Web Token (RFC 7519). The signature is not checked: only the service can.
///
/// What the service answers to a token that lacks the permission is not documented; one that has it may still be refused.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenClaims(Map<String, Value>);

/// What a token says is the service's, and may name persons.
impl std::fmt::Debug for TokenClaims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenClaims")
            .field("may_delete_devices", &self.may_delete_devices())
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}

impl TokenClaims {
    /// The permission that a token needs for deletions: `nx_dataplatform_device_deletion_api`.
    pub const DELETION_PERMISSION: &'static str = PERMISSION;

    /// The claims of a token; `None` if it is no JSON Web Token, so that nothing is known of it.
    ///
    /// ```
    /// use nexthink_data_management::TokenClaims;
    ///
    /// // {"alg":"none"} . {"scope":"service:integration nx_dataplatform_device_deletion_api"} .
    /// let token = "eyJhbGciOiJub25lIn0.eyJzY29wZSI6InNlcnZpY2U6aW50ZWdyYXRpb24gbnhfZGF0YXBsYXRmb3JtX2RldmljZV9kZWxldGlvbl9hcGkifQ.";
    /// assert!(TokenClaims::of(token).is_some_and(|claims| claims.may_delete_devices()));
    /// assert_eq!(TokenClaims::of("opaque"), None);
    /// ```
    #[must_use]
    pub fn of(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        // Any three words between dots are no JWT.
        object(header)?;
        object(claims).map(Self)
    }

    /// Whether a claim holds the permission for deletions: as a text, as one of the words of a text, in a list, or as a name
    /// that is `true`.
    #[must_use]
    pub fn may_delete_devices(&self) -> bool {
        grants(&self.0)
    }

    /// When it expires (`exp`), if it says so.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        let exp = self.0.get("exp")?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a fraction of a second makes no difference"
        )]
        let seconds = exp.as_i64().or_else(|| exp.as_f64().map(|seconds| seconds as i64))?;
        Timestamp::from_second(seconds).ok()
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn has_permission(value: &Value) -> bool {
    match value {
        Value::String(text) => text.split([' ', ',']).any(|word| word == PERMISSION),
        Value::Array(values) => values.iter().any(has_permission),
        Value::Object(object) => grants(object),
        _ => false,
    }
}

/// `{"nx_...": true}` grants as well; `false` does not.
fn grants(object: &Map<String, Value>) -> bool {
    object
        .iter()
        .any(|(key, value)| (key == PERMISSION && *value == Value::Bool(true)) || has_permission(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!(
            "{}.{}.c2ln",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#),
            URL_SAFE_NO_PAD.encode(claims)
        )
    }

    #[test]
    fn the_permission_is_found_in_any_claim_and_only_as_a_whole_word() {
        for (claims, expected) in [
            (format!(r#"{{"scope":"service:integration {PERMISSION}"}}"#), true),
            (format!(r#"{{"scp":["a","{PERMISSION}"]}}"#), true),
            (format!(r#"{{"nx":{{"permissions":["{PERMISSION}"]}}}}"#), true),
            (format!(r#"{{"permissions":{{"{PERMISSION}":true}}}}"#), true),
            (format!(r#"{{"permissions":{{"{PERMISSION}":false}}}}"#), false),
            (format!(r#"{{"{PERMISSION}":true}}"#), true),
            (format!(r#"{{"{PERMISSION}":false}}"#), false),
            (format!(r#"{{"scope":"{PERMISSION}_read"}}"#), false),
            (format!(r#"{{"scope":"no_{PERMISSION}"}}"#), false),
            (r#"{"scope":"service:integration"}"#.to_owned(), false),
            ("{}".to_owned(), false),
        ] {
            let claims_of = TokenClaims::of(&token(&claims)).unwrap();
            assert_eq!(claims_of.may_delete_devices(), expected, "{claims}");
        }
    }

    #[test]
    fn the_expiry_is_read_and_never_invented() {
        for (claims, expected) in [
            (r#"{"exp":1700000000}"#, Some("2023-11-14T22:13:20Z")),
            (r#"{"exp":1700000000.9}"#, Some("2023-11-14T22:13:20Z")),
            (r#"{"exp":"soon"}"#, None),
            (r#"{"exp":1e300}"#, None),
            ("{}", None),
        ] {
            let found = TokenClaims::of(&token(claims)).unwrap().expires_at();
            assert_eq!(found.map(|at| at.to_string()).as_deref(), expected, "{claims}");
        }
    }

    #[test]
    fn what_is_no_json_web_token_has_no_claims() {
        let good = token("{}");
        for text in [
            "",
            "opaque",
            "a.b.c",
            "..",
            &format!("{good}.x"),
            &token("[]"),
            &token("{"),
        ] {
            assert_eq!(TokenClaims::of(text), None, "{text}");
        }
    }

    #[test]
    fn debug_shows_no_claim() {
        let claims = TokenClaims::of(&token(r#"{"sub":"somebody"}"#)).unwrap();
        assert!(!format!("{claims:?}").contains("somebody"));
    }
}
