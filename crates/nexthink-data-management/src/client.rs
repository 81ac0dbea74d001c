//! The client, and one request.

use std::fmt;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use fleetpurge_engine::Attempt;
use fleetpurge_engine::trace::debug;
use fleetpurge_http::classify::{self, classify, with_sent_id};
use fleetpurge_http::connection::Connection;
use fleetpurge_http::detached::{Undone, unless, unless_left};
use fleetpurge_http::observe::{Seen, decoded};
use fleetpurge_http::session::Session;
use fleetpurge_http::settings::Settings;
use fleetpurge_http::token::TokenSource;
use jiff::Timestamp;
use nexthink_data_management_raw::{AttemptContext, generated};
use secrecy::{ExposeSecret, SecretString};

use crate::claims::TokenClaims;
use crate::classify::Nexthink;
use crate::device::{Device, UidValidation};
use crate::endpoints::Endpoints;
use crate::plain;
use fleetpurge_http::error::{Error, ErrorKind};

/// A client of one Nexthink instance's Data Management API. Cloning it is cheap; clones share connections and token.
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) endpoints: Endpoints,
    pub(crate) connection: Connection,
    pub(crate) settings: Settings,
    pub(crate) tokens: Arc<TokenSource>,
    pub(crate) batch_limit: NonZeroUsize,
    pub(crate) uid_validation: UidValidation,
    pub(crate) reply_limit: usize,
    #[cfg(feature = "test-util")]
    pub(crate) fake: Option<fleetpurge_http::fake::Fake<Device, crate::receipt::Receipt>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoints", &self.0.endpoints)
            .field("batch_limit", &self.0.batch_limit)
            .field("uid_validation", &self.0.uid_validation)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Who is addressed.
    #[must_use]
    pub fn endpoints(&self) -> &Endpoints {
        &self.0.endpoints
    }

    /// How many devices one request may name.
    #[must_use]
    pub fn batch_limit(&self) -> NonZeroUsize {
        self.0.batch_limit
    }

    pub(crate) fn uid_validation(&self) -> UidValidation {
        self.0.uid_validation
    }

    /// Has a token now rather than with the first deletion, and keeps it. With a token that was given, does nothing.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request for a token; the next call makes another. It must be polled within a Tokio
    /// runtime.
    ///
    /// # Errors
    ///
    /// The token endpoint was not reached or refused the credentials. No deletion was sent. One that asks to wait
    /// ([`ErrorKind::Throttled`]) is not asked again before the time in [`Error::retry_after`] is over, whoever calls.
    pub async fn authenticate(&self) -> Result<(), Error> {
        #[cfg(feature = "test-util")]
        if self.0.fake.is_some() {
            return Ok(());
        }
        self.0.tokens.get().await.map(drop)
    }

    /// What the token says of itself; `None` if it is no JSON Web Token. Requests a token if there is none yet, sends no
    /// deletion, and shows the token to nobody.
    ///
    /// # Cancel safety
    ///
    /// As [`authenticate`](Self::authenticate).
    ///
    /// # Errors
    ///
    /// As [`authenticate`](Self::authenticate).
    pub async fn token_claims(&self) -> Result<Option<TokenClaims>, Error> {
        #[cfg(feature = "test-util")]
        if self.0.fake.is_some() {
            return Ok(None);
        }
        let bearer = self.0.tokens.get().await?;
        Ok(TokenClaims::of(bearer.secret.expose_secret()))
    }

    /// The generated client, with the connections and the login of this one, for operations that this crate does not wrap.
    ///
    /// Each call is one request with a current token. Nothing is judged: the generated client has no retries, does not
    /// match replies to devices, fails to decode replies that this crate can read, and does not say whether the service may
    /// have acted. After an error of a request that changes something, assume that it has. A call for which there is no
    /// token fails with `Error::InvalidRequest`, and nothing was sent.
    ///
    /// Its types follow the published API and change with it: this crate does not promise to keep them.
    #[must_use]
    pub fn raw(&self) -> generated::Client {
        let inner = &*self.0;
        let context = AttemptContext::bearer(&inner.connection, SecretString::default(), inner.reply_limit);
        self.generated(context.by_source(Arc::clone(&inner.tokens)))
    }

    /// What another facade of this instance shares with this one: connections and login.
    #[doc(hidden)]
    #[must_use]
    pub fn session(&self) -> Session {
        let inner = &*self.0;
        Session {
            base_url: inner.endpoints.base_url().to_owned(),
            connection: inner.connection.clone(),
            tokens: Arc::clone(&inner.tokens),
            settings: inner.settings.clone(),
        }
    }

    fn generated(&self, context: AttemptContext) -> generated::Client {
        let requests = self.0.connection.requests().clone();
        generated::Client::new_with_client(self.0.endpoints.base_url(), requests, context)
    }

    /// One attempt: at most one request for a deletion, and none if it is called off before that leaves.
    pub(crate) async fn attempt(
        &self,
        batch: &[&Device],
        attempt: &Attempt,
        called_off: impl Future<Output = ()>,
    ) -> Result<fleetpurge_engine::Receipt, Undone> {
        let inner = &*self.0;
        let mut called_off = pin!(called_off);
        let body = request(batch)?;
        #[cfg(feature = "test-util")]
        if let Some(fake) = &inner.fake {
            return Ok(fake.answer(batch)?);
        }
        let bearer = unless(called_off.as_mut(), inner.tokens.get()).await??;
        let context = AttemptContext::bearer(&inner.connection, bearer.secret.clone(), inner.reply_limit);
        let exchange = context.exchange();
        let client = self.generated(context);
        let request = client
            .delete_devices()
            .x_request_id(attempt.request_id)
            .send_encoded(body);
        let result = unless_left(called_off, &exchange, request).await?;
        let sent_id = || Some(attempt.request_id.to_string());
        let answer = match classify::plain(&exchange, &Nexthink(batch), &bearer.secret) {
            Some(receipt) => with_sent_id(Ok(receipt), sent_id()),
            None => {
                let seen = Seen::of(&exchange, decoded(result, &Nexthink(batch)).await, &bearer.secret);
                let sent_id = if seen.has_left() { sent_id() } else { None };
                let answer = classify(seen, &Nexthink(batch), inner.tokens.renewal(), Timestamp::now());
                with_sent_id(answer, sent_id)
            }
        };
        match &answer {
            Ok(receipt) => {
                debug!(
                    request_id = receipt.trail.request_id,
                    trace_id = receipt.trail.trace_id,
                    anomalies = receipt.anomalies.len(),
                    "accepted"
                );
            }
            Err(error) => {
                if error.kind() == ErrorKind::Unauthorized {
                    inner.tokens.refused(&bearer);
                }
                debug!(
                    status = error.status(),
                    request_id = error.request_id(),
                    trace_id = error.trace_id(),
                    applied = %error.applied(),
                    "{error}"
                );
            }
        }
        Ok(answer?)
    }
}

/// The body of a request for these devices.
fn request(batch: &[&Device]) -> Result<Bytes, Error> {
    if let Some(device) = batch.iter().find(|device| device.name.is_empty()) {
        return Err(Error::invalid_input(format!("the device {:?} has no name", device.uid)));
    }
    plain::request(batch).map_err(|error| Error::invalid_input("a device cannot be written as JSON").with_source(error))
}
