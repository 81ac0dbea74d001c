//! What a client proves itself with.

use secrecy::SecretString;

/// What a client proves itself with. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Credentials(pub(crate) Kind);

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Token(SecretString),
    ApiKey(SecretString),
}

impl Credentials {
    /// A token of the account, sent as `X-Auth-Token`. It cannot be renewed: once it is refused, the client stops.
    ///
    /// It needs the permission to delete devices.
    #[must_use]
    pub fn token(token: SecretString) -> Self {
        Self(Kind::Token(token))
    }

    /// The account's API key: exchanged for a token of six hours, renewed for as long as it takes. It is sent to the
    /// token endpoint and nowhere else.
    #[must_use]
    pub fn api_key(key: SecretString) -> Self {
        Self(Kind::ApiKey(key))
    }
}
