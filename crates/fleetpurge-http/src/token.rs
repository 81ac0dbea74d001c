//! The token: requested once for all callers, renewed before it expires, kept while it works.
//!
//! A refusal is shared as well: callers that waited for one token request get its error. If the endpoint asks to wait,
//! no request is made before that time, for any caller. Each caller gets the remaining time and decides whether to
//! wait.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use fleetpurge_engine::{Disposition, Trail};
use jiff::Timestamp;
use reqwest::header::{DATE, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

use crate::body::{Unpacked, unpack};
use crate::classify::Renewal;
use crate::deadline::within;
use crate::error::{Error, ErrorKind};
use crate::json::{Kind, Object, Raw};
use crate::observe::{Failure, texts};
use crate::{message, retry_after, unread};

/// A token is renewed once less than this is left of it, or a fifth of its life if that is less.
const AHEAD: Duration = Duration::from_secs(60);
/// After a renewal that failed, a token that still works is used on for this long before the next try.
const PAUSE: Duration = Duration::from_secs(5);
/// However long the token endpoint asks to wait, it is asked again after this long: a slip of its clock is not to lock a
/// program out for good.
const LONGEST_SILENCE: Duration = Duration::from_secs(3600);
/// The longest life of a token that is believed.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// The longest reply of the token endpoint that is read.
const REPLY_LIMIT: usize = 64 * 1024;

/// Issues tokens for credentials.
pub trait Issuer: Send + Sync {
    /// Asks for a token, once; [`ask`] does it.
    ///
    /// # Errors
    ///
    /// None was issued.
    fn issue(&self) -> impl Future<Output = Result<Issued, Error>> + Send;
}

/// A token that was issued.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The token; one that [`is_token`].
    pub secret: SecretString,
    /// How long it works from when it was asked for, if that is known.
    pub lifetime: Option<Duration>,
}

/// A token, and which one it is.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The token.
    pub secret: SecretString,
    generation: u64,
}

/// Where tokens come from.
#[derive(Debug)]
pub struct TokenSource<I> {
    /// None: the token was given, and there is no other.
    issuer: Option<I>,
    current: RwLock<Option<Current>>,
    /// Held by the one caller that renews.
    renewal: Mutex<Renewals>,
    /// How many requests for a token were answered, in any way.
    asked: AtomicU64,
}

/// What came of the requests for tokens.
#[derive(Debug, Default)]
struct Renewals {
    generation: u64,
    /// The last one's failure, and before when the endpoint is not asked again.
    failed: Option<(Error, Option<Instant>)>,
}

impl Renewals {
    /// The failure that a caller shares who saw `seen` requests answered when it came, of now `asked`.
    fn shared(&self, seen: u64, asked: u64, now: Instant) -> Option<Error> {
        let (error, silent_until) = self.failed.as_ref()?;
        match silent_until {
            Some(until) if now < *until => Some(error.shared().told_to_wait(*until - now)),
            _ if seen < asked => Some(error.shared()),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
struct Current {
    bearer: Bearer,
    /// When it stops to work, and from when it is renewed; None: it says nothing of its end.
    life: Option<(Instant, Instant)>,
}

impl<I: Issuer> TokenSource<I> {
    /// Tokens of this issuer. Nothing is asked yet.
    pub fn issued_by(issuer: I) -> Self {
        Self::new(Some(issuer), None)
    }

    /// A token that was given; there is no other.
    #[must_use]
    pub fn given(secret: SecretString) -> Self {
        let bearer = Bearer { secret, generation: 0 };
        Self::new(None, Some(Current { bearer, life: None }))
    }

    fn new(issuer: Option<I>, current: Option<Current>) -> Self {
        Self {
            issuer,
            current: RwLock::new(current),
            renewal: Mutex::default(),
            asked: AtomicU64::new(0),
        }
    }

    /// Whether another token can be had once this one is refused.
    pub fn renewal(&self) -> Renewal {
        match self.issuer {
            Some(_) => Renewal::Possible,
            None => Renewal::Impossible,
        }
    }

    /// A token that works, as far as is known.
    ///
    /// # Errors
    ///
    /// There is none that works, and none was issued.
    pub async fn get(&self) -> Result<Bearer, Error> {
        let seen = self.asked.load(Ordering::Acquire);
        match self.usable(Instant::now()) {
            Usable::Fresh(bearer) => Ok(bearer),
            // Whoever comes first renews it; the others go on with it.
            Usable::Ageing(bearer) => match self.renewal.try_lock() {
                Ok(guard) => self.renew(guard, seen).await.or(Ok(bearer)),
                Err(_) => Ok(bearer),
            },
            Usable::None => {
                let guard = self.renewal.lock().await;
                self.renew(guard, seen).await
            }
        }
    }

    /// The service refused this token: it is not used again. Of many callers that were refused with one token, the
    /// first makes the others wait for its successor.
    pub fn refused(&self, bearer: &Bearer) {
        if self.issuer.is_none() {
            return;
        }
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current
            .as_ref()
            .is_some_and(|current| current.bearer.generation == bearer.generation)
        {
            *current = None;
        }
    }

    fn usable(&self, now: Instant) -> Usable {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        match current.as_ref() {
            None => Usable::None,
            Some(Current { bearer, life: None }) => Usable::Fresh(bearer.clone()),
            Some(Current {
                bearer,
                life: Some((end, renew)),
            }) => {
                if now >= *end {
                    Usable::None
                } else if now >= *renew {
                    Usable::Ageing(bearer.clone())
                } else {
                    Usable::Fresh(bearer.clone())
                }
            }
        }
    }

    async fn renew(&self, mut renewals: MutexGuard<'_, Renewals>, seen: u64) -> Result<Bearer, Error> {
        // Another caller may have renewed it while this one waited.
        if let Usable::Fresh(bearer) = self.usable(Instant::now()) {
            return Ok(bearer);
        }
        let asked = Instant::now();
        if let Some(error) = renewals.shared(seen, self.asked.load(Ordering::Acquire), asked) {
            return Err(error);
        }
        let issued = self.issue().await;
        self.asked.fetch_add(1, Ordering::AcqRel);
        match issued {
            Ok(Issued { secret, lifetime }) => {
                renewals.failed = None;
                renewals.generation += 1;
                let bearer = Bearer {
                    secret,
                    generation: renewals.generation,
                };
                let life = lifetime.map(|life| (asked + life, asked + life - AHEAD.min(life / 5)));
                tracing::debug!(lifetime = ?lifetime, "a token was issued");
                self.set(Current {
                    bearer: bearer.clone(),
                    life,
                });
                Ok(bearer)
            }
            Err(error) => {
                tracing::warn!(%error, "no new token was issued");
                let now = Instant::now();
                let wait = error.retry_after().map(|wait| wait.min(LONGEST_SILENCE));
                self.postpone(now + wait.unwrap_or_default().max(PAUSE));
                renewals.failed = Some((error.shared(), wait.map(|wait| now + wait)));
                Err(error)
            }
        }
    }

    fn set(&self, new: Current) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(new);
    }

    /// A token that still works is used on until then before it is tried to renew it again.
    fn postpone(&self, until: Instant) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(Current {
            life: Some((_, renew)), ..
        }) = current.as_mut()
        {
            *renew = until;
        }
    }

    #[tracing::instrument(level = "debug", name = "token", skip_all)]
    async fn issue(&self) -> Result<Issued, Error> {
        match &self.issuer {
            Some(issuer) => issuer.issue().await,
            None => Err(Error::new(
                ErrorKind::Unauthorized,
                Disposition::Stop,
                "the token was refused, and there are no credentials to have another",
            )),
        }
    }
}

enum Usable {
    Fresh(Bearer),
    Ageing(Bearer),
    None,
}

/// How a service's token endpoint answers.
#[derive(Clone, Copy, Debug)]
pub struct TokenReply {
    /// Whether this status comes with a token.
    pub issues: fn(u16) -> bool,
    /// The token of a reply, if it is the documented one.
    pub read: fn(&[u8]) -> Option<Issued>,
    /// The error code of a refusal, as far as a sentence should hold it.
    pub code: fn(&[u8]) -> Option<String>,
}

/// Whether a text can be a token: it has to be a header.
#[must_use]
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// How long a token lives, as a reply says under `expires_in`: a number of seconds (RFC 6749, 5.1), or a text of one. None
/// for what is no number, and for none or less: such a token is used until it is refused.
#[must_use]
pub fn lifetime(value: Raw<'_>) -> Option<Duration> {
    let number = match value.kind() {
        Kind::Number => value.as_str().to_owned(),
        Kind::Text => value.text()?,
        _ => return None,
    };
    let seconds: f64 = number.trim().parse().ok().filter(|seconds| *seconds > 0.0)?;
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST).min(LONGEST))
}

/// The text under a key of a token endpoint's reply; None where there is none, or two that differ.
#[must_use]
pub fn text_of(reply: &Object<'_>, key: &str) -> Option<String> {
    reply.field(key).value().and_then(Raw::text)
}

/// Sends a request for a token and reads the reply, within `timeout` of the time in which this process runs. Of what the
/// reply says, no error repeats one of `secrets`.
///
/// # Errors
///
/// No token came of it. No deletion was sent.
pub async fn ask(
    request: reqwest::RequestBuilder,
    reply: &TokenReply,
    timeout: Duration,
    secrets: &[&SecretString],
) -> Result<Issued, Error> {
    let (client, request) = request.build_split();
    let request = request.map_err(unreached)?;
    // A proxy may print the request that it could not deliver, credentials as they left included.
    let mut secrets: Vec<String> = secrets.iter().map(|secret| secret.expose_secret().to_owned()).collect();
    let sensitive = request.headers().values().filter(|value| value.is_sensitive());
    secrets.extend(sensitive.filter_map(|value| value.to_str().ok()?.rsplit(' ').next().map(str::to_owned)));
    // On the heap: it is held across every attempt that waits for a token.
    let answer = within(timeout, Box::pin(answer(&client, request))).await;
    let Answer { status, headers, body } = answer.unwrap_or_else(|_| {
        Err(Error::new(
            ErrorKind::Unreachable,
            Disposition::Backoff,
            "the token endpoint did not answer in time",
        ))
    })?;
    let retry_after = {
        let date = headers.get(DATE).and_then(|value| value.to_str().ok());
        let values = texts(&headers, RETRY_AFTER);
        retry_after::wait(values.iter().map(String::as_str), date, Timestamp::now())
    };
    read(status, retry_after, &body, reply).map_err(|error| {
        error.with_message(message::of(&body, |text| {
            let secrets = secrets.iter().filter(|secret| !secret.is_empty());
            secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "[secret]"))
        }))
    })
}

/// A reply of the token endpoint.
struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Bytes,
}

async fn answer(client: &reqwest::Client, request: reqwest::Request) -> Result<Answer, Error> {
    let mut response = client.execute(request).await.map_err(unreached)?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unfinished)? {
        body.extend_from_slice(&chunk);
        if body.len() > REPLY_LIMIT {
            return Err(not_understood(status, "is longer than the limit"));
        }
    }
    match unpack(body.into(), &headers, REPLY_LIMIT) {
        Unpacked::Text(body) => Ok(Answer { status, headers, body }),
        Unpacked::OverLimit(_) => Err(not_understood(status, "is longer than the limit")),
        Unpacked::Not(_, why) => Err(not_understood(status, &why)),
    }
}

/// What a reply of the token endpoint means.
fn read(status: u16, retry_after: Option<Duration>, body: &[u8], reply: &TokenReply) -> Result<Issued, Error> {
    match status {
        _ if (reply.issues)(status) => (reply.read)(body).ok_or_else(|| not_understood(status, "is not understood")),
        408 | 429 => Err(Error::new(
            ErrorKind::Throttled,
            Disposition::Throttled(retry_after),
            format!("the token endpoint asks to wait ({status})"),
        )
        .with_trail(trail(status, None))),
        503 if retry_after.is_some() => Err(Error::new(
            ErrorKind::Throttled,
            Disposition::Throttled(retry_after),
            "the token endpoint asks to wait (503)",
        )
        .with_trail(trail(status, None))),
        500..=599 => Err(Error::new(
            ErrorKind::Unreachable,
            Disposition::Backoff,
            format!("the token endpoint failed ({status})"),
        )
        .with_trail(trail(status, None))),
        _ => {
            let code = (reply.code)(body);
            let said = code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
            let message = match status {
                400 | 401 | 403 => format!("the token endpoint refused the credentials ({status}{said})"),
                // The credentials may be right, and the URL wrong.
                _ => format!("the token endpoint issued no token ({status}{said}): is its URL right?"),
            };
            Err(Error::new(ErrorKind::LoginRefused, Disposition::Stop, message).with_trail(trail(status, code)))
        }
    }
}

fn unreached(error: reqwest::Error) -> Error {
    let (kind, disposition, message) = match Failure::of(&error) {
        Failure::Certificate => (
            ErrorKind::Certificate,
            Disposition::Stop,
            "the token endpoint's certificate is not trusted",
        ),
        Failure::Local => (
            ErrorKind::Configuration,
            Disposition::Stop,
            "the request for a token could not be made",
        ),
        Failure::Unread(why) => {
            let message = format!("the token endpoint answered with a reply that {why}");
            return Error::new(ErrorKind::Unreachable, Disposition::Backoff, message).with_source(error.without_url());
        }
        Failure::Lost | Failure::Reset => (
            ErrorKind::Unreachable,
            Disposition::Backoff,
            "the connection to the token endpoint was lost before the answer came",
        ),
        Failure::Connect | Failure::RefusedStream | Failure::Timeout => (
            ErrorKind::Unreachable,
            Disposition::Backoff,
            "the token endpoint was not reached",
        ),
    };
    Error::new(kind, disposition, message).with_source(error.without_url())
}

/// The head of the reply has come.
fn unfinished(error: reqwest::Error) -> Error {
    let why = unread::why(&error).unwrap_or("is cut short");
    let message = format!("the token endpoint answered with a reply that {why}");
    Error::new(ErrorKind::Unreachable, Disposition::Backoff, message).with_source(error.without_url())
}

fn not_understood(status: u16, why: &str) -> Error {
    Error::new(
        ErrorKind::LoginRefused,
        Disposition::Stop,
        format!("the token endpoint's reply {why}"),
    )
    .with_trail(trail(status, None))
}

fn trail(status: u16, code: Option<String>) -> Trail {
    Trail {
        status: Some(status),
        code,
        ..Trail::default()
    }
}
