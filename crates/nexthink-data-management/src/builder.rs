//! Sets a client up.

use std::num::NonZeroUsize;
use std::sync::Arc;

use fleetpurge_http::connection_setters;
use fleetpurge_http::settings::Settings;
use fleetpurge_http::token::{TokenSource, is_token};
use secrecy::ExposeSecret;

use crate::client::{Client, Inner};
use crate::credentials::{Credentials, Kind};
use crate::device::UidValidation;
use crate::endpoints::Endpoints;
use crate::token::Login;
#[cfg(feature = "test-util")]
use crate::{device::Device, receipt::Receipt};
use fleetpurge_http::error::Error;

/// The documented limit of one request. A tenant may allow fewer.
const BATCH_LIMIT: NonZeroUsize = NonZeroUsize::new(100).unwrap();

/// The longest reply that is read: a hundred times what a hundred devices of the longest names need.
const REPLY_LIMIT: usize = 8 * 1024 * 1024;
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// Sets a [`Client`] up.
#[derive(Clone, Debug)]
pub struct ClientBuilder {
    endpoints: Endpoints,
    credentials: Credentials,
    settings: Settings,
    batch_limit: NonZeroUsize,
    uid_validation: UidValidation,
    reply_limit: usize,
    #[cfg(feature = "test-util")]
    fake: Option<fleetpurge_http::fake::Fake<Device, Receipt>>,
}

impl ClientBuilder {
    connection_setters!(settings);

    /// How many devices one request may name, where the tenant allows fewer than the documented 100.
    #[must_use]
    pub fn batch_limit(mut self, limit: NonZeroUsize) -> Self {
        self.batch_limit = limit;
        self
    }

    /// Sets how malformed UIDs are handled. Default: [`UidValidation::Warn`].
    #[must_use]
    pub fn uid_validation(mut self, mode: UidValidation) -> Self {
        self.uid_validation = mode;
        self
    }

    /// The longest reply that is read, in bytes; a longer one counts as not understood. Default: 8 MiB.
    #[must_use]
    pub fn reply_limit(mut self, bytes: usize) -> Self {
        self.reply_limit = bytes;
        self
    }

    /// Lets `answer` take the place of the service: see [`Client::fake`]. Any other request fails, and is not sent.
    #[cfg(feature = "test-util")]
    #[must_use]
    pub fn fake(mut self, answer: impl Fn(&[Device]) -> Result<Receipt, Error> + Send + Sync + 'static) -> Self {
        self.fake = Some(fleetpurge_http::fake::Fake::new(answer));
        self.wrap_transport(|_| fleetpurge_http::fake::NoService)
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if TLS cannot be set up, or a token cannot be a header.
    pub fn build(self) -> Result<Client, Error> {
        check_credentials(&self.credentials)?;
        let connection = self
            .settings
            .connect(USER_AGENT, &[self.endpoints.base_url(), self.endpoints.token_url()])?;
        let tokens = match self.credentials.0 {
            Kind::Token(secret) => TokenSource::given(secret),
            Kind::Client { id, secret } => TokenSource::issued_by(Login {
                connection: connection.clone(),
                url: self.endpoints.token_url().to_owned(),
                id,
                secret,
            }),
            Kind::Provider(provider) => TokenSource::issued_by(provider.within(connection.timeout())),
        };
        Ok(Client(Arc::new(Inner {
            tokens: Arc::new(tokens),
            endpoints: self.endpoints,
            connection,
            settings: self.settings,
            batch_limit: self.batch_limit,
            uid_validation: self.uid_validation,
            reply_limit: self.reply_limit,
            #[cfg(feature = "test-util")]
            fake: self.fake,
        })))
    }
}

fn check_credentials(credentials: &Credentials) -> Result<(), Error> {
    match &credentials.0 {
        Kind::Token(token) => {
            if !is_token(token.expose_secret()) {
                return Err(Error::configuration(
                    "the token is empty or contains a character that a token cannot have, such as a space or a line \
                     break",
                ));
            }
        }
        // What it supplies is checked each time.
        Kind::Provider(_) => {}
        Kind::Client { id, secret } => {
            if id.is_empty() || secret.expose_secret().is_empty() {
                return Err(Error::configuration("the client id or the client secret is empty"));
            }
            if id.contains(':')
                || id.chars().any(char::is_control)
                || secret.expose_secret().chars().any(char::is_control)
            {
                return Err(Error::configuration(
                    "the client id or the client secret contains a character that HTTP Basic authentication cannot carry, \
                     such as a line break",
                ));
            }
        }
    }
    Ok(())
}

impl Client {
    /// Sets up a client of the service at `endpoints`.
    #[must_use]
    pub fn builder(endpoints: Endpoints, credentials: Credentials) -> ClientBuilder {
        ClientBuilder {
            endpoints,
            credentials,
            settings: Settings::default(),
            batch_limit: BATCH_LIMIT,
            uid_validation: UidValidation::default(),
            reply_limit: REPLY_LIMIT,
            #[cfg(feature = "test-util")]
            fake: None,
        }
    }
}
