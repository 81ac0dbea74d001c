//! What a client proves itself with.

use fleetpurge_http::environment;
use fleetpurge_http::token_provider::{SharedProvider, TokenProvider};
use secrecy::{ExposeSecret, SecretString};

use fleetpurge_http::error::Error;

const CLIENT_ID: &str = "NEXTHINK_CLIENT_ID";
const CLIENT_SECRET: &str = "NEXTHINK_CLIENT_SECRET";
const TOKEN: &str = "NEXTHINK_TOKEN";

/// What a client proves itself with. Its `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Credentials(pub(crate) Kind);

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Client { id: String, secret: SecretString },
    Token(SecretString),
    Provider(SharedProvider),
}

impl Credentials {
    /// API credentials of the instance: exchanged for a token of 15 minutes, which is renewed as often as needed.
    ///
    /// They need the permission for data management.
    pub fn client(id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        Self(Kind::Client {
            id: id.into(),
            secret: secret.into(),
        })
    }

    /// A token that was obtained elsewhere. It cannot be renewed: once it has expired, the client stops.
    pub fn token(token: impl Into<SecretString>) -> Self {
        Self(Kind::Token(token.into()))
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

    /// The credentials in the environment: `NEXTHINK_CLIENT_ID` with `NEXTHINK_CLIENT_SECRET`, or `NEXTHINK_TOKEN`. An empty
    /// variable counts as unset.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), with the variable: none is set, both kinds are set, or
    /// a value is not text.
    pub fn from_env() -> Result<Self, Error> {
        let found = (
            environment::secret(TOKEN)?,
            environment::secret(CLIENT_ID)?,
            environment::secret(CLIENT_SECRET)?,
        );
        match found {
            (Some(token), None, None) => Ok(Self::token(token)),
            (None, Some(id), Some(secret)) => Ok(Self::client(id.expose_secret(), secret)),
            (None, Some(_), None) => Err(missing(CLIENT_ID, CLIENT_SECRET)),
            (None, None, Some(_)) => Err(missing(CLIENT_SECRET, CLIENT_ID)),
            (Some(_), _, _) => Err(Error::configuration(format!(
                "both {TOKEN} and client credentials are set; unset the one that is not meant"
            ))),
            (None, None, None) => Err(Error::configuration(format!(
                "credentials are missing: set {CLIENT_ID} with {CLIENT_SECRET}, or {TOKEN}"
            ))),
        }
    }
}

fn missing(set: &str, unset: &str) -> Error {
    Error::configuration(format!("{set} is set, but {unset} is not"))
}
