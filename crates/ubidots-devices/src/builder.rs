//! Sets a client up.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use fleetpurge_engine::Rate;
use fleetpurge_http::token::{TokenSource, is_token};
use fleetpurge_http::transport::Transport;
use secrecy::ExposeSecret;

use crate::account::Account;
use crate::assumptions::Assumptions;
use crate::client::{Client, Inner};
use crate::credentials::{Credentials, Kind};
use crate::error::Error;
use crate::pace::Pace;
use crate::token::Exchange;

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
    transport: Transport,
    assumptions: Assumptions,
    read_rate: Rate,
    reply_limit: usize,
}

impl ClientBuilder {
    /// How long one request may take from its start to the end of its reply, of the time in which this process runs: a
    /// process that was stopped still reads what came meanwhile. Default: 30 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.transport.timeout = timeout;
        self
    }

    /// How long making a connection may take; always less than the request. Default: 10 s.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.transport.connect_timeout = timeout;
        self
    }

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

    /// Trusts this certificate (DER) beside those that the machine trusts.
    #[must_use]
    pub fn root_certificate(mut self, der: impl Into<Vec<u8>>) -> Self {
        self.transport.root_certificates.push(der.into());
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if TLS cannot be set up, or a token or key cannot be a header.
    pub fn build(self) -> Result<Client, Error> {
        let (Kind::Token(secret) | Kind::ApiKey(secret)) = &self.credentials.0;
        if !is_token(secret.expose_secret()) {
            return Err(Error::configuration(
                "the token or API key is empty or contains a character that it cannot have, such as a space or a line \
                 break",
            ));
        }
        let http = self.transport.build_for(USER_AGENT, self.account.base_url())?;
        let tokens = match self.credentials.0 {
            Kind::Token(secret) => TokenSource::given(secret),
            Kind::ApiKey(key) => TokenSource::issued_by(Exchange {
                client: http.clone(),
                url: self.account.token_url(),
                timeout: self.transport.timeout,
                key,
            }),
        };
        Ok(Client(Arc::new(Inner {
            account: self.account,
            http,
            tokens,
            assumptions: self.assumptions,
            pace: Pace::new(self.read_rate),
            reads: AtomicU64::new(0),
            reply_limit: self.reply_limit,
            timeout: self.transport.timeout,
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
            transport: Transport::default(),
            assumptions: Assumptions::default(),
            read_rate: READ_RATE,
            reply_limit: REPLY_LIMIT,
        }
    }
}
