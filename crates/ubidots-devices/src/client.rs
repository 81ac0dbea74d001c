//! The client, and one request.

use std::collections::HashSet;
use std::fmt;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use bytes::Bytes;
use fleetpurge_engine::trace::{debug, warn};
use fleetpurge_engine::{Attempt, DeletionService, Disposition, SubmitError};
use fleetpurge_http::AttemptContext;
use fleetpurge_http::classify;
use fleetpurge_http::connection::Connection;
use fleetpurge_http::detached::{Caller, Undone, see_through, unless, unless_left};
use fleetpurge_http::observe::{Seen, decoded};
use fleetpurge_http::token::{Bearer, TokenSource};
use jiff::Timestamp;
use secrecy::SecretString;
use ubidots_devices_raw::hooks::AUTH_TOKEN;
use ubidots_devices_raw::{generated, types};

use crate::account::Account;
use crate::assumptions::Assumptions;
use crate::body::{self, Named};
use crate::classify::Ubidots;
use crate::key::{DeviceId, DeviceKey};
use crate::pace::Pace;
use crate::receipt::Receipt;
use fleetpurge_http::error::{Error, ErrorKind};

/// A client of one Ubidots account. Cloning it is cheap; clones share connections, token and pace.
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) account: Account,
    pub(crate) connection: Connection,
    pub(crate) tokens: Arc<TokenSource>,
    pub(crate) assumptions: Assumptions,
    pub(crate) pace: Pace,
    /// How many requests that only read were made.
    pub(crate) reads: AtomicU64,
    pub(crate) reply_limit: usize,
    #[cfg(feature = "test-util")]
    pub(crate) fake: Option<fleetpurge_http::fake::Fake<DeviceKey, Receipt>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("account", &self.0.account)
            .field("assumptions", &self.0.assumptions)
            .finish_non_exhaustive()
    }
}

/// Logs an answer that nobody waits for any more: it is known nowhere else.
fn unheard_of(keys: &[DeviceKey], answer: &Result<Receipt, Error>) {
    let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
    match answer {
        Ok(receipt) => {
            let task = receipt.task_id();
            warn!(task, ?keys, "a deletion was accepted after its caller had gone away");
        }
        Err(error) => warn!(
            applied = %error.applied(),
            ?keys,
            "a deletion failed after its caller had gone away: {error}"
        ),
    }
}

impl Client {
    /// Who is addressed.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.0.account
    }

    /// What is believed where the documentation is silent.
    #[must_use]
    pub fn assumptions(&self) -> &Assumptions {
        &self.0.assumptions
    }

    /// Has a token now rather than with the first request, and keeps it. With a token that was given, does nothing.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request for a token; the next call makes another. It must be polled within a Tokio
    /// runtime.
    ///
    /// # Errors
    ///
    /// The token endpoint was not reached or refused the API key. No deletion was sent. One that asks to wait
    /// ([`ErrorKind::Throttled`]) is not asked again before the time in [`Error::retry_after`] is over, whoever calls.
    pub async fn authenticate(&self) -> Result<(), Error> {
        #[cfg(feature = "test-util")]
        if self.0.fake.is_some() {
            return Ok(());
        }
        self.0.tokens.get().await.map(drop)
    }

    /// Asks for the deletion of the devices with these keys, in one request.
    ///
    /// A receipt means that the service has made a task of it; no device is deleted yet, and which of them existed is
    /// not said. A token that turns out to be refused (401, certainly not applied) is renewed once and the request made once
    /// more; apart from that there is exactly one request.
    ///
    /// A [label](DeviceKey::Label) names whichever device has it when the service acts: after an error whose
    /// [`applied`](Error::applied) is not `No`, do not send it again.
    ///
    /// # Cancel safety
    ///
    /// Nothing is sent before the future is first polled. Dropping it, as `select!` and `timeout` do, cancels a request
    /// that has not been sent yet, even while it waits for a token or a connection. A request that has been sent
    /// continues in a background task until its reply; it is not sent a second time, and its reply appears only in the
    /// log, as a warning with the id of the task. After a drop the service may therefore have acted: do not just send
    /// again, and never send a label again.
    ///
    /// # Panics
    ///
    /// When it is polled outside a Tokio runtime.
    ///
    /// # Errors
    ///
    /// Nothing is sent for an empty list (what it does is not known), more keys or bytes than the
    /// [`Assumptions`] allow, or a key named twice ([`ErrorKind::InvalidInput`]). Everything else is in [`ErrorKind`];
    /// [`Error::applied`] says whether the service may have acted.
    pub async fn delete_devices(&self, keys: &[DeviceKey]) -> Result<Receipt, Error> {
        check(keys, &self.0.assumptions)?;
        // What cannot be asked for is not logged in for.
        let body = body::of(keys)?;
        let (client, keys) = (self.clone(), keys.to_vec());
        see_through(move |caller| async move { client.see_through_to_receipt(&keys, body, caller).await }).await
    }

    /// One request, and one more where the token had been revoked, for as long as the caller waits for it.
    async fn see_through_to_receipt(&self, keys: &[DeviceKey], body: Bytes, mut caller: Caller<Receipt>) {
        let mut is_second = false;
        loop {
            match self.attempt(keys, body.clone(), caller.gone()).await {
                // A caller that has gone away before the request left wants nothing deleted any more.
                Err(Undone::CalledOff) => return,
                // The token had been revoked; the client has forgotten it.
                Err(Undone::Failed(error)) if error.disposition() == Disposition::Reauthenticate && !is_second => {
                    is_second = true;
                }
                answer => {
                    let answer = answer.map(|reply| Receipt::of(keys.to_vec(), reply));
                    if let Err(unheard) = caller.answer(answer.map_err(Error::from)) {
                        unheard_of(keys, &unheard);
                    }
                    return;
                }
            }
        }
    }

    /// One attempt: at most one request for a deletion, and none if it is called off before that leaves.
    async fn attempt<K: Named>(
        &self,
        keys: &[K],
        body: Bytes,
        called_off: impl Future<Output = ()>,
    ) -> Result<fleetpurge_engine::Receipt, Undone> {
        let mut called_off = pin!(called_off);
        #[cfg(feature = "test-util")]
        if let Some(fake) = &self.0.fake {
            let keys: Vec<DeviceKey> = keys.iter().map(Named::key).collect();
            return Ok(fake.answer(&keys.iter().collect::<Vec<_>>())?);
        }
        let bearer = unless(called_off.as_mut(), self.0.tokens.get()).await??;
        let (client, context) = self.generated(&bearer);
        let exchange = context.exchange();
        let request = client
            .bulk_delete_devices()
            .x_bulk_operation(types::BulkOperation::True)
            .send_encoded(body);
        let result = unless_left(called_off, &exchange, request).await?;
        let dialect = Ubidots {
            devices: keys.len(),
            assumptions: &self.0.assumptions,
        };
        let answer = match classify::plain(&exchange, &dialect, &bearer.secret) {
            Some(receipt) => Ok(receipt),
            None => {
                let seen = Seen::of(&exchange, decoded(result, &dialect).await, &bearer.secret);
                classify::classify(seen, &dialect, self.0.tokens.renewal(), Timestamp::now())
            }
        };
        match &answer {
            Ok(receipt) => {
                let task = receipt.entries.first().and_then(|entry| entry.detail.as_deref());
                debug!(status = receipt.trail.status, task, "accepted");
            }
            Err(error) => {
                if error.kind() == ErrorKind::Unauthorized {
                    self.0.tokens.refused(&bearer);
                }
                debug!(status = error.status(), applied = %error.applied(), "{error}");
            }
        }
        Ok(answer?)
    }

    /// The generated client for one request with this token.
    pub(crate) fn generated(&self, bearer: &Bearer) -> (generated::Client, AttemptContext) {
        let inner = &*self.0;
        let context = AttemptContext::header(&inner.connection, AUTH_TOKEN, bearer.secret.clone(), inner.reply_limit);
        (self.generated_with(context.clone()), context)
    }

    /// The generated client, with the connections and the login of this one, for operations that this crate does not wrap.
    ///
    /// Each call is one request with a current token. Nothing is judged or paced: the generated client has no retries,
    /// fails to decode replies that this crate can read, and does not say whether the service may have acted. After an
    /// error of a request that changes something, assume that it has. A call for which there is no token fails with
    /// `Error::InvalidRequest`, and nothing was sent.
    ///
    /// Its types follow what is known of the API and change with it: this crate does not promise to keep them.
    #[must_use]
    pub fn raw(&self) -> generated::Client {
        let inner = &*self.0;
        let context = AttemptContext::header(
            &inner.connection,
            AUTH_TOKEN,
            SecretString::default(),
            inner.reply_limit,
        );
        self.generated_with(context.by_source(Arc::clone(&inner.tokens)))
    }

    fn generated_with(&self, context: AttemptContext) -> generated::Client {
        let requests = self.0.connection.requests().clone();
        generated::Client::new_with_client(self.0.account.base_url(), requests, context)
    }
}

/// How many of these lengths fit a body, with its brackets and commas. One always does.
fn fitting(lengths: impl Iterator<Item = usize>, max_bytes: usize) -> usize {
    let mut total = 1;
    lengths
        .take_while(|length| {
            total += length + 1;
            total <= max_bytes
        })
        .count()
        .max(1)
}

/// What can be known to be wrong before anything is sent.
fn check(keys: &[DeviceKey], assumptions: &Assumptions) -> Result<(), Error> {
    let (max_keys, max_bytes) = (assumptions.max_keys.get(), assumptions.max_bytes.get());
    if keys.len() > max_keys {
        return Err(Error::invalid_input(format!(
            "{} keys are more than the {max_keys} of one request",
            keys.len()
        )));
    }
    if !keys.is_empty() && fitting(keys.iter().map(DeviceKey::encoded_len), max_bytes) < keys.len() {
        return Err(Error::invalid_input(format!(
            "{} keys are longer than the {max_bytes} bytes of one request",
            keys.len()
        )));
    }
    let mut seen = HashSet::with_capacity(keys.len());
    for key in keys {
        if !seen.insert(key) {
            return Err(Error::invalid_input(format!("the key {key} is named twice")));
        }
    }
    Ok(())
}

impl DeletionService for Client {
    /// Never a label: the engine may send a device again.
    type Device = DeviceId;

    fn batch_limit(&self) -> NonZeroUsize {
        self.0.assumptions.max_keys
    }

    fn sends_request_ids(&self) -> bool {
        false
    }

    fn fitting<'a>(&self, devices: impl Iterator<Item = &'a DeviceId>) -> usize {
        let lengths = devices.map(|id| id.as_str().len() + 2);
        fitting(lengths, self.0.assumptions.max_bytes.get())
    }

    async fn submit(&self, batch: &[&DeviceId], attempt: &Attempt) -> Result<fleetpurge_engine::Receipt, SubmitError> {
        self.submit_unless(batch, attempt, std::future::pending()).await
    }

    async fn submit_unless(
        &self,
        batch: &[&DeviceId],
        _: &Attempt,
        called_off: impl Future<Output = ()> + Send,
    ) -> Result<fleetpurge_engine::Receipt, SubmitError> {
        let answer = match body::of(batch) {
            Ok(body) => self.attempt(batch, body, called_off).await,
            Err(error) => Err(error.into()),
        };
        answer.map_err(|undone| Error::from(undone).into_submit_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_as_long_as_its_keys_brackets_and_commas() {
        let keys: Vec<DeviceKey> = [
            "6e309da44fc8455a9cceb5aa",
            "~a",
            r#"~a"b"#,
            r#"{"id":"6e309da44fc8455a9cceb5ab"}"#,
        ]
        .map(|key| key.parse().unwrap())
        .into();
        let whole = body::of(&keys).unwrap().len();
        let lengths = || keys.iter().map(DeviceKey::encoded_len);
        assert_eq!(fitting(lengths(), whole), keys.len());
        assert_eq!(fitting(lengths(), whole - 1), keys.len() - 1);
        assert_eq!(fitting(lengths(), 1), 1, "a single key always goes");
    }

    #[test]
    fn three_hundred_ids_fit_the_documented_bytes() {
        let assumptions = Assumptions::default();
        assert!(fitting(std::iter::repeat_n(26, 1_000), assumptions.max_bytes.get()) >= assumptions.max_keys.get());
    }
}
