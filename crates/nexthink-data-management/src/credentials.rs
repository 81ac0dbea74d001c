//! What a client proves itself with.

use secrecy::SecretString;

/// What a client proves itself with. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Credentials(pub(crate) Kind);

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Client { id: String, secret: SecretString },
    Token(SecretString),
}

impl Credentials {
    /// API credentials of the instance: exchanged for a token of 15 minutes, renewed for as long as it takes.
    ///
    /// They need the permission for data management.
    pub fn client(id: impl Into<String>, secret: SecretString) -> Self {
        Self(Kind::Client { id: id.into(), secret })
    }

    /// A token that was obtained elsewhere. It cannot be renewed: once it has expired, the client stops.
    #[must_use]
    pub fn token(token: SecretString) -> Self {
        Self(Kind::Token(token))
    }
}
