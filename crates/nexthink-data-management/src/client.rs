//! The client, and one request.

use std::collections::HashSet;
use std::fmt;
use std::future::IntoFuture;
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use fleetpurge_engine::{Anomaly, Attempt, Disposition, EntryStatus, Outcome, OutcomeKind, Trail};
use fleetpurge_http::classify::{classify, with_sent_id};
use fleetpurge_http::detached::{Caller, Undone, see_through, unless, unless_left};
use fleetpurge_http::observe::Seen;
use fleetpurge_http::token::{TokenSource, is_token};
use fleetpurge_http::transport::Transport;
use jiff::Timestamp;
use nexthink_data_management_raw::types::{DeviceDeletionRequest, DeviceEntry};
use nexthink_data_management_raw::{AttemptContext, generated};
use secrecy::ExposeSecret;
use tracing::Instrument;
use uuid::Uuid;

use crate::classify::Nexthink;
use crate::credentials::{Credentials, Kind};
use crate::device::{Device, UidKey, UidValidation};
use crate::endpoints::Endpoints;
use crate::error::{Error, ErrorKind};
use crate::token::Login;

/// The documented limit of one request. A tenant may allow fewer.
const BATCH_LIMIT: NonZeroUsize = NonZeroUsize::new(100).unwrap();
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
/// The longest reply that is read: a hundred times what a hundred devices of the longest names need.
const REPLY_LIMIT: usize = 8 * 1024 * 1024;

/// A client of one Nexthink instance's Data Management API. Cloning it is cheap; clones share connections and token.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    endpoints: Endpoints,
    http: reqwest::Client,
    tokens: TokenSource<Login>,
    batch_limit: NonZeroUsize,
    uid_validation: UidValidation,
    reply_limit: usize,
    timeout: Duration,
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

/// Sets a [`Client`] up.
#[derive(Clone, Debug)]
pub struct ClientBuilder {
    endpoints: Endpoints,
    credentials: Credentials,
    transport: Transport,
    batch_limit: NonZeroUsize,
    uid_validation: UidValidation,
    reply_limit: usize,
}

impl ClientBuilder {
    /// How long one attempt may take from its start to the end of its reply, of the time in which this process runs: a
    /// process that was stopped still reads what came meanwhile. 30 s unless told otherwise.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.transport.timeout = timeout;
        self
    }

    /// How long making a connection may take; always less than the attempt. 10 s unless told otherwise.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.transport.connect_timeout = timeout;
        self
    }

    /// How many devices one request may name, where the tenant allows fewer than the documented 100.
    #[must_use]
    pub fn batch_limit(mut self, limit: NonZeroUsize) -> Self {
        self.batch_limit = limit;
        self
    }

    /// What happens to malformed UIDs. [`UidValidation::Warn`] unless told otherwise.
    #[must_use]
    pub fn uid_validation(mut self, mode: UidValidation) -> Self {
        self.uid_validation = mode;
        self
    }

    /// The longest reply that is read, in bytes; a longer one counts as not understood. 8 MiB unless told otherwise.
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
    /// [`ErrorKind::Configuration`] if TLS cannot be set up, or a token cannot be a header.
    pub fn build(self) -> Result<Client, Error> {
        check_credentials(&self.credentials)?;
        let http = self.transport.build_for(USER_AGENT, self.endpoints.base_url())?;
        let tokens = match self.credentials.0 {
            Kind::Token(secret) => TokenSource::given(secret),
            Kind::Client { id, secret } => TokenSource::issued_by(Login {
                // Another host may be asked through another proxy, or none.
                client: self.transport.build_for(USER_AGENT, self.endpoints.token_url())?,
                url: self.endpoints.token_url().to_owned(),
                timeout: self.transport.timeout,
                id,
                secret,
            }),
        };
        Ok(Client(Arc::new(Inner {
            tokens,
            endpoints: self.endpoints,
            http,
            batch_limit: self.batch_limit,
            uid_validation: self.uid_validation,
            reply_limit: self.reply_limit,
            timeout: self.transport.timeout,
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

/// The service's word on each device of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    outcomes: Vec<Outcome>,
    anomalies: Vec<Anomaly>,
    trail: Trail,
}

impl Receipt {
    /// One outcome a device, in the order of the request: `scheduled`, `invalid`, `failed` or `unknown`.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// What was odd about the reply. The outcomes stand as they are.
    #[must_use]
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies
    }

    /// The `x-request-id` of the reply.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.trail.request_id.as_deref()
    }

    /// The `x-trace-id` of the reply.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.trail.trace_id.as_deref()
    }

    fn of(receipt: fleetpurge_engine::Receipt) -> Self {
        let outcome = |entry: fleetpurge_engine::Entry| Outcome {
            kind: match entry.status {
                EntryStatus::Scheduled => OutcomeKind::Scheduled,
                EntryStatus::Invalid => OutcomeKind::Invalid,
                EntryStatus::Failed => OutcomeKind::Failed,
                EntryStatus::Unknown => OutcomeKind::Unknown,
            },
            detail: entry.detail,
            code: entry.code,
        };
        Self {
            outcomes: receipt.entries.into_iter().map(outcome).collect(),
            anomalies: receipt.anomalies,
            trail: receipt.trail,
        }
    }
}

/// One request for some devices: await it, after setting what is to differ from the client's defaults.
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Deletion<'a> {
    client: &'a Client,
    devices: &'a [Device],
    request_id: Option<Uuid>,
    uid_validation: UidValidation,
}

impl<'a> Deletion<'a> {
    /// The `x-request-id` to send, for Nexthink's support to find the request by. A fresh one unless told otherwise.
    pub fn request_id(mut self, id: Uuid) -> Self {
        self.request_id = Some(id);
        self
    }

    /// What happens to malformed UIDs in this request.
    pub fn uid_validation(mut self, mode: UidValidation) -> Self {
        self.uid_validation = mode;
        self
    }

    async fn send(self) -> Result<Receipt, Error> {
        let devices: Vec<&Device> = self.devices.iter().collect();
        check(&devices, self.client.0.batch_limit, self.uid_validation)?;
        let (client, devices, request_id) = (self.client.clone(), self.devices.to_vec(), self.request_id);
        see_through(move |caller| async move { see_through_to_receipt(&client, &devices, request_id, caller).await })
            .await
    }
}

/// One request, and one more where the token had been revoked, for as long as the caller waits for it.
async fn see_through_to_receipt(
    client: &Client,
    devices: &[Device],
    request_id: Option<Uuid>,
    mut caller: Caller<Receipt>,
) {
    let devices: Vec<&Device> = devices.iter().collect();
    let mut attempt = Attempt {
        request_id: request_id.unwrap_or_else(Uuid::new_v4),
        batch: 1,
        number: 1,
    };
    loop {
        let span = tracing::info_span!("attempt", devices = devices.len(), request_id = %attempt.request_id);
        match client.attempt(&devices, &attempt, caller.gone()).instrument(span).await {
            // A caller that has gone away before the request left wants nothing deleted any more.
            Err(Undone::CalledOff) => return,
            // The token had been revoked; the client has forgotten it.
            Err(Undone::Failed(error)) if error.disposition() == Disposition::Reauthenticate && attempt.number == 1 => {
                attempt.number += 1;
                if request_id.is_none() {
                    attempt.request_id = Uuid::new_v4();
                }
            }
            answer => {
                if let Err(unheard) = caller.answer(answer.map(Receipt::of).map_err(Error::from)) {
                    unheard_of(&devices, &unheard);
                }
                return;
            }
        }
    }
}

/// Logs an answer that nobody waits for any more: it is known nowhere else.
fn unheard_of(devices: &[&Device], answer: &Result<Receipt, Error>) {
    let uids = || devices.iter().map(|device| device.uid.as_str()).collect::<Vec<_>>();
    match answer {
        Ok(receipt) => {
            let outcomes = devices.iter().zip(receipt.outcomes());
            let outcomes: Vec<_> = outcomes
                .map(|(device, of)| (device.uid.as_str(), of.kind.as_str()))
                .collect();
            tracing::warn!(
                request_id = receipt.request_id(),
                trace_id = receipt.trace_id(),
                ?outcomes,
                "a deletion was accepted after its caller had gone away"
            );
        }
        Err(error) => tracing::warn!(
            request_id = error.request_id().or(error.sent_request_id()),
            trace_id = error.trace_id(),
            applied = %error.applied(),
            uids = ?uids(),
            "a deletion failed after its caller had gone away: {error}"
        ),
    }
}

impl<'a> IntoFuture for Deletion<'a> {
    type Output = Result<Receipt, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl Client {
    /// Sets up a client of the service at `endpoints`.
    #[must_use]
    pub fn builder(endpoints: Endpoints, credentials: Credentials) -> ClientBuilder {
        ClientBuilder {
            endpoints,
            credentials,
            transport: Transport::default(),
            batch_limit: BATCH_LIMIT,
            uid_validation: UidValidation::default(),
            reply_limit: REPLY_LIMIT,
        }
    }

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
    /// # Errors
    ///
    /// The token endpoint was not reached or refused the credentials. No deletion was sent. One that asks to wait
    /// ([`ErrorKind::Throttled`]) is not asked again before the time in [`Error::retry_after`] is over, whoever calls.
    pub async fn authenticate(&self) -> Result<(), Error> {
        self.0.tokens.get().await.map(drop)
    }

    /// Asks for the deletion of 1 to 100 devices in one request.
    ///
    /// A receipt means that the batch was accepted, and says for each device what became of it; none of them is deleted
    /// yet. A token that turns out to be refused (401, surely not applied) is renewed once and the request made once
    /// more; apart from that there is exactly one request.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future, as `select!` and `timeout` do, cuts no request off. If none has left yet, none will: it is
    /// called off, whether it waits for a token or a connection. One that has left is seen through to its answer by a
    /// task of its own, and is not made a second time; the answer is then told in the log alone, as a warning with each
    /// device's outcome. So after a drop the service may have acted: do not simply send again. Before the future is
    /// first polled nothing is sent.
    ///
    /// # Panics
    ///
    /// When it is polled outside a Tokio runtime.
    ///
    /// # Errors
    ///
    /// Nothing is sent for an empty list, more devices than the limit, a blank uid or name, a uid named twice, or,
    /// under [`UidValidation::Strict`], a malformed one ([`ErrorKind::InvalidInput`]). Everything else is in
    /// [`ErrorKind`]; [`Error::applied`] says whether the service may have acted.
    pub fn delete_devices<'a>(&'a self, devices: &'a [Device]) -> Deletion<'a> {
        Deletion {
            client: self,
            devices,
            request_id: None,
            uid_validation: self.0.uid_validation,
        }
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
        let bearer = unless(called_off.as_mut(), inner.tokens.get()).await??;
        let context = AttemptContext::bearer(bearer.secret.clone(), inner.reply_limit).within(inner.timeout);
        let exchange = context.exchange();
        let client = generated::Client::new_with_client(inner.endpoints.base_url(), inner.http.clone(), context);
        let request = client.delete_devices(Some(&attempt.request_id), &body);
        let result = unless_left(called_off, &exchange, request).await?;
        let seen = Seen::of(&exchange, result, &bearer.secret);
        let has_left = seen.has_left();
        let answer = classify(seen, &Nexthink(batch), inner.tokens.renewal(), Timestamp::now());
        let answer = with_sent_id(answer, has_left.then(|| attempt.request_id.to_string()));
        match &answer {
            Ok(receipt) => {
                tracing::debug!(
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
                tracing::debug!(
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

fn request(batch: &[&Device]) -> Result<DeviceDeletionRequest, Error> {
    let entry = |device: &&Device| {
        Ok(DeviceEntry {
            uid: device.uid.clone(),
            name: device
                .name
                .parse()
                .map_err(|_| Error::invalid_input(format!("the device {:?} has no name", device.uid)))?,
        })
    };
    Ok(DeviceDeletionRequest {
        devices: batch.iter().map(entry).collect::<Result<_, Error>>()?,
    })
}

/// What can be known to be wrong before anything is sent.
fn check(devices: &[&Device], limit: NonZeroUsize, mode: UidValidation) -> Result<(), Error> {
    if devices.is_empty() {
        return Err(Error::invalid_input("no device was named"));
    }
    if devices.len() > limit.get() {
        return Err(Error::invalid_input(format!(
            "{} devices are more than the {limit} of one request",
            devices.len()
        )));
    }
    let mut seen = HashSet::with_capacity(devices.len());
    for (n, device) in devices.iter().enumerate() {
        if let Some(field) = device.blank_field() {
            return Err(Error::invalid_input(format!("device {} has a blank {field}", n + 1)));
        }
        if !seen.insert(UidKey::of(&device.uid)) {
            return Err(Error::invalid_input(format!("the uid {:?} is named twice", device.uid)));
        }
        if !device.has_canonical_uid() {
            match mode {
                UidValidation::Strict => {
                    return Err(Error::invalid_input(format!("the uid {:?} is malformed", device.uid)));
                }
                UidValidation::Warn => tracing::warn!(uid = device.uid, "malformed uid"),
                UidValidation::Permissive => {}
            }
        }
    }
    Ok(())
}
