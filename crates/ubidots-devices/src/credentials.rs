//! What a client proves itself with.

use fleetpurge_http::environment;
use fleetpurge_http::token_provider::{SharedProvider, TokenProvider};
use secrecy::SecretString;

use fleetpurge_http::error::Error;

const TOKEN: &str = "UBIDOTS_TOKEN";
const API_KEY: &str = "UBIDOTS_API_KEY";

/// What a client proves itself with. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Credentials(pub(crate) Kind);

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Token(SecretString),
    ApiKey(SecretString),
    Provider(SharedProvider),
}

impl Credentials {
    /// A token of the account, sent as `X-Auth-Token`. It cannot be renewed: once it is refused, the client stops.
    ///
    /// It needs the permission to delete devices.
    pub fn token(token: impl Into<SecretString>) -> Self {
        Self(Kind::Token(token.into()))
    }

    /// The account's API key: exchanged for a token of six hours, which is renewed as often as needed. It is sent to the
    /// token endpoint and nowhere else.
    pub fn api_key(key: impl Into<SecretString>) -> Self {
        Self(Kind::ApiKey(key.into()))
    }

    /// Tokens that the program supplies. The client keeps a token until it is close to its end or the service refuses it,
    /// and asks for one at a time, however many requests need it.
    pub fn provider(provider: impl TokenProvider) -> Self {
        Self(Kind::Provider(SharedProvider::new(provider)))
    }

    /// Whether another token can be had once one has expired: not if a token was given.
    #[must_use]
    pub fn can_be_renewed(&self) -> bool {
        !matches!(self.0, Kind::Token(_))
    }

    /// The credentials in the environment: `UBIDOTS_TOKEN` or `UBIDOTS_API_KEY`. An empty variable counts as unset.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), with the variable: none is set, both are set, or a
    /// value is not text.
    pub fn from_env() -> Result<Self, Error> {
        match (environment::secret(TOKEN)?, environment::secret(API_KEY)?) {
            (Some(token), None) => Ok(Self::token(token)),
            (None, Some(key)) => Ok(Self::api_key(key)),
            (Some(_), Some(_)) => Err(Error::configuration(format!(
                "both {TOKEN} and {API_KEY} are set; unset the one that is not meant"
            ))),
            (None, None) => Err(Error::configuration(format!(
                "credentials are missing: set {TOKEN} or {API_KEY}"
            ))),
        }
    }
}
