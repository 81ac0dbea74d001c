//! Tokens that the program supplies: from a vault, a broker, or a login of its own.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use fleetpurge_engine::Disposition;
use secrecy::{ExposeSecret, SecretString};

use crate::deadline::within;
use crate::error::{Error, ErrorKind};
use crate::token::{Issued, Issuer, is_token};

/// Supplies tokens to a client.
///
/// The client calls it rarely: it keeps a token until it is close to its end or the service refuses it, and of many
/// callers that need one at once only one calls. A failed renewal keeps a token that still works. So an implementation
/// simply obtains a token.
///
/// ```
/// use std::time::Duration;
/// # use fleetpurge_http::token_provider::{AccessToken, ProviderError, TokenProvider};
///
/// struct Vault;
///
/// impl TokenProvider for Vault {
///     async fn token(&self) -> Result<AccessToken, ProviderError> {
///         let text = std::fs::read_to_string("/run/secrets/nexthink-token")?;
///         Ok(AccessToken::new(text.trim()).expires_in(Duration::from_secs(900)))
///     }
/// }
/// ```
pub trait TokenProvider: Send + Sync + 'static {
    /// A new token. It is given the client's timeout for one request.
    ///
    /// # Errors
    ///
    /// There is none. No deletion was sent. An error that was made by `?` may pass: a run tries again, within its limits.
    /// [`ProviderError::refused`] stops it.
    fn token(&self) -> impl Future<Output = Result<AccessToken, ProviderError>> + Send;
}

/// Any [`TokenProvider`]. Clones share it.
#[derive(Clone)]
pub struct SharedProvider(Arc<dyn ErasedProvider>);

impl SharedProvider {
    /// Shares a provider.
    pub fn new(provider: impl TokenProvider) -> Self {
        Self(Arc::new(provider))
    }

    /// What a client asks for tokens: this provider, each time within `timeout`.
    #[must_use]
    pub fn within(self, timeout: Duration) -> Provided {
        Provided {
            provider: self,
            timeout,
        }
    }
}

impl fmt::Debug for SharedProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedProvider").finish_non_exhaustive()
    }
}

type Providing<'a> = Pin<Box<dyn Future<Output = Result<AccessToken, ProviderError>> + Send + 'a>>;

/// [`TokenProvider`] as an object.
trait ErasedProvider: Send + Sync {
    fn token_erased(&self) -> Providing<'_>;
}

impl<P: TokenProvider> ErasedProvider for P {
    fn token_erased(&self) -> Providing<'_> {
        Box::pin(self.token())
    }
}

/// A token and how long it works.
#[derive(Clone, Debug)]
pub struct AccessToken {
    secret: SecretString,
    lifetime: Option<Duration>,
}

impl AccessToken {
    /// A token that works until the service refuses it.
    pub fn new(secret: impl Into<SecretString>) -> Self {
        Self {
            secret: secret.into(),
            lifetime: None,
        }
    }

    /// Sets how long it works from now on. It is renewed a minute before, or after four fifths of a shorter time.
    #[must_use]
    pub fn expires_in(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }
}

/// Why a [`TokenProvider`] has no token. Any error becomes one by `?`.
#[derive(Debug)]
pub struct ProviderError {
    is_final: bool,
    source: Box<dyn StdError + Send + Sync>,
}

impl ProviderError {
    /// There is no token, and trying again does not help: the permission is missing, for example.
    pub fn refused(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            is_final: true,
            source: source.into(),
        }
    }
}

impl<E: Into<Box<dyn StdError + Send + Sync>>> From<E> for ProviderError {
    fn from(source: E) -> Self {
        Self {
            is_final: false,
            source: source.into(),
        }
    }
}

/// The tokens of a [`TokenProvider`], each obtained within a time limit.
#[derive(Debug)]
pub struct Provided {
    provider: SharedProvider,
    timeout: Duration,
}

impl Issuer for Provided {
    async fn issue(&self) -> Result<Issued, Error> {
        let token = within(self.timeout, self.provider.0.token_erased()).await;
        let token = token.map_err(|_| unavailable("the token provider did not answer in time"))?;
        let AccessToken { secret, lifetime } = token.map_err(|ProviderError { is_final, source }| {
            let error = if is_final {
                refused("the token provider refused to supply a token")
            } else {
                unavailable("the token provider failed")
            };
            error.with_source(source)
        })?;
        if !is_token(secret.expose_secret()) {
            return Err(refused(
                "the token provider supplied a text that is empty or contains a character that a token cannot have, such \
                 as a space or a line break",
            ));
        }
        Ok(Issued { secret, lifetime })
    }
}

fn unavailable(message: &str) -> Error {
    Error::new(ErrorKind::Unreachable, Disposition::Backoff, message)
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::LoginRefused, Disposition::Stop, message)
}
