//! The token: requested once for all callers, renewed before it expires, kept while it works.
//!
//! A refusal is shared as well: callers that waited for one token request get its error. If the endpoint asks to wait,
//! no request is made before that time, for any caller. Each caller gets the remaining time and decides whether to
//! wait.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use fleetpurge_engine::Disposition;
use fleetpurge_engine::trace::{Instrument, debug, debug_span, warn};
use secrecy::SecretString;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

use crate::error::{Error, ErrorKind};

/// A token is renewed once less than this is left of it, or a fifth of its life if that is less.
const AHEAD: Duration = Duration::from_secs(60);

/// After a renewal that failed, a token that still works is used on for this long before the next try.
const PAUSE: Duration = Duration::from_secs(5);

/// However long the token endpoint asks to wait, it is asked again after this long: a slip of its clock is not to lock a
/// program out for good.
const LONGEST_SILENCE: Duration = Duration::from_secs(3600);

/// Whether a refused authorization can be replaced by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// A new token can be had for the credentials.
    Possible,
    /// The token was given as it is.
    Impossible,
}

/// Issues tokens for credentials.
pub trait Issuer: Send + Sync + 'static {
    /// Asks for a token, once; [`ask`](crate::token_request::ask) does it.
    ///
    /// # Errors
    ///
    /// None was issued.
    fn issue(&self) -> impl Future<Output = Result<Issued, Error>> + Send;
}

/// [`Issuer`] as an object.
trait ErasedIssuer: Send + Sync {
    fn issue_erased(&self) -> Pin<Box<dyn Future<Output = Result<Issued, Error>> + Send + '_>>;
}

impl<I: Issuer> ErasedIssuer for I {
    fn issue_erased(&self) -> Pin<Box<dyn Future<Output = Result<Issued, Error>> + Send + '_>> {
        Box::pin(self.issue())
    }
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
pub struct TokenSource {
    /// `None`: the token was given, and there is no other.
    issuer: Option<Box<dyn ErasedIssuer>>,
    current: RwLock<Option<Current>>,
    /// Held by the one caller that renews.
    renewal: Mutex<Renewals>,
    /// How many requests for a token were answered, in any way.
    asked: AtomicU64,
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource").finish_non_exhaustive()
    }
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

impl TokenSource {
    /// Tokens of this issuer. Nothing is asked yet.
    pub fn issued_by(issuer: impl Issuer) -> Self {
        Self::new(Some(Box::new(issuer)), None)
    }

    /// A token that was given; there is no other.
    #[must_use]
    pub fn given(secret: SecretString) -> Self {
        let bearer = Bearer { secret, generation: 0 };
        Self::new(None, Some(Current { bearer, life: None }))
    }

    fn new(issuer: Option<Box<dyn ErasedIssuer>>, current: Option<Current>) -> Self {
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
                debug!(lifetime = ?lifetime, "a token was issued");
                self.set(Current {
                    bearer: bearer.clone(),
                    life,
                });
                Ok(bearer)
            }
            Err(error) => {
                warn!(%error, "no new token was issued");
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

    async fn issue(&self) -> Result<Issued, Error> {
        match &self.issuer {
            Some(issuer) => issuer.issue_erased().instrument(debug_span!("token")).await,
            None => Err(Error::new(
                ErrorKind::Unauthorized,
                Disposition::Stop,
                "the token was refused, and there are no credentials to request another",
            )),
        }
    }
}

enum Usable {
    Fresh(Bearer),
    Ageing(Bearer),
    None,
}

/// Whether a text can be a token: it has to be a header.
#[must_use]
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}
