//! Sets a client up.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use fleetpurge_engine::Rate;
use fleetpurge_http::connection_setters;
use fleetpurge_http::settings::Settings;
use fleetpurge_http::token::{TokenSource, is_token};
use secrecy::ExposeSecret;

use crate::account::Account;
use crate::assumptions::Assumptions;
use crate::client::{Client, Inner};
use crate::credentials::{Credentials, Kind};
use crate::pace::Pace;
use crate::token::Exchange;
#[cfg(feature = "test-util")]
use crate::{key::DeviceKey, receipt::Receipt};
use fleetpurge_http::error::Error;

/// Ubidots documents four requests a second for a token, for sending data.
const READ_RATE: Rate = match Rate::per_second(4.0) {
    Ok(rate) => rate,
    Err(_) => Rate::LEAST,
};

/// The longest reply that is read: a page of a thousand devices with long properties.
const REPLY_LIMIT: usize = 32 * 1024 * 1024;
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// Sets a [`Client`] up.
#[derive(Clone, Debug)]
pub struct ClientBuilder {
    account: Account,
    credentials: Credentials,
    settings: Settings,
    assumptions: Assumptions,
    read_rate: Rate,
    reply_limit: usize,
    #[cfg(feature = "test-util")]
    fake: Option<fleetpurge_http::fake::Fake<DeviceKey, Receipt>>,
}

impl ClientBuilder {
    connection_setters!(settings);

    /// What to believe where the documentation is silent.
    #[must_use]
    pub fn assumptions(mut self, assumptions: Assumptions) -> Self {
        self.assumptions = assumptions;
        self
    }

    /// How many requests that only read may be started per second. Default: 4, which is what Ubidots documents
    /// for a token.
    #[must_use]
    pub fn read_rate(mut self, rate: Rate) -> Self {
        self.read_rate = rate;
        self
    }

    /// The longest reply that is read, in bytes; a longer one counts as not understood. Default: 32 MiB.
    #[must_use]
    pub fn reply_limit(mut self, bytes: usize) -> Self {
        self.reply_limit = bytes;
        self
    }

    /// Lets `answer` take the place of the service: see [`Client::fake`]. Any other request fails, and is not sent.
    #[cfg(feature = "test-util")]
    #[must_use]
    pub fn fake(mut self, answer: impl Fn(&[DeviceKey]) -> Result<Receipt, Error> + Send + Sync + 'static) -> Self {
        self.fake = Some(fleetpurge_http::fake::Fake::new(answer));
        self.wrap_transport(|_| fleetpurge_http::fake::NoService)
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if TLS cannot be set up, or a token or key cannot be a header.
    pub fn build(self) -> Result<Client, Error> {
        if let Kind::Token(secret) | Kind::ApiKey(secret) = &self.credentials.0
            && !is_token(secret.expose_secret())
        {
            return Err(Error::configuration(
                "the token or API key is empty or contains a character that it cannot have, such as a space or a line \
                 break",
            ));
        }
        let connection = self.settings.connect(USER_AGENT, &[self.account.base_url()])?;
        let tokens = match self.credentials.0 {
            Kind::Token(secret) => TokenSource::given(secret),
            Kind::ApiKey(key) => TokenSource::issued_by(Exchange {
                connection: connection.clone(),
                url: self.account.token_url(),
                key,
            }),
            Kind::Provider(provider) => TokenSource::issued_by(provider.within(connection.timeout())),
        };
        Ok(Client(Arc::new(Inner {
            account: self.account,
            connection,
            tokens: Arc::new(tokens),
            assumptions: self.assumptions,
            pace: Pace::new(self.read_rate),
            reads: AtomicU64::new(0),
            reply_limit: self.reply_limit,
            #[cfg(feature = "test-util")]
            fake: self.fake,
        })))
    }
}

impl Client {
    /// Sets up a client of this account.
    #[must_use]
    pub fn builder(account: Account, credentials: Credentials) -> ClientBuilder {
        ClientBuilder {
            account,
            credentials,
            settings: Settings::default(),
            assumptions: Assumptions::default(),
            read_rate: READ_RATE,
            reply_limit: REPLY_LIMIT,
            #[cfg(feature = "test-util")]
            fake: None,
        }
    }
}
