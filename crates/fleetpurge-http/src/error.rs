//! What can go wrong, and whether the service may have acted.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

pub use fleetpurge_engine::ErrorKind;
use fleetpurge_engine::{Applied, Disposition, SubmitError, Trail};

use crate::message::Says;

/// A call of a facade that did not bring what it was for.
///
/// `Display` is one sentence without its source's text, and never holds a body, a header or a token; the service's own
/// words are in [`code`](Error::code) and [`message`](Error::message), the ids to give to its support in [`request_id`](Error::request_id) and
/// [`trace_id`](Error::trace_id).
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    disposition: Disposition,
    message: String,
    trail: Trail,
    body_head: Option<String>,
    says: Option<Says>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// For facades.
#[doc(hidden)]
impl Error {
    /// An error of this kind, which asks this of the engine. The message is one lowercase sentence.
    pub fn new(kind: ErrorKind, disposition: Disposition, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            disposition,
            message: message.into(),
            trail: Trail::default(),
            body_head: None,
            says: None,
            source: None,
        }))
    }

    /// A setting that cannot be used.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, Disposition::Stop, message)
    }

    /// Devices that cannot be asked for.
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, Disposition::Stop, message)
    }

    /// The same, with what the service called the exchange.
    #[must_use]
    pub fn with_trail(mut self, trail: Trail) -> Self {
        self.0.trail = trail;
        self
    }

    /// The same, with the request id that the request was sent with.
    #[must_use]
    pub fn with_sent_id(mut self, id: Option<String>) -> Self {
        self.0.trail.sent_id = id;
        self
    }

    /// The same, with what is left of a wait.
    pub(crate) fn told_to_wait(mut self, wait: Duration) -> Self {
        self.0.disposition = Disposition::Throttled(Some(wait));
        self
    }

    /// The same once more, for another caller who waited for the same thing: without its source, which only one can have.
    #[must_use]
    pub fn shared(&self) -> Self {
        Self(Box::new(Inner {
            kind: self.0.kind,
            disposition: self.0.disposition,
            message: self.0.message.clone(),
            trail: self.0.trail.clone(),
            body_head: self.0.body_head.clone(),
            says: self.0.says.clone(),
            source: None,
        }))
    }

    /// The same, with the first KiB of the reply.
    #[must_use]
    pub fn with_body_head(mut self, head: Option<String>) -> Self {
        self.0.body_head = head;
        self
    }

    /// The same, with the service's own message: on one line, cut, without a secret, each character one that shows as
    /// itself.
    #[must_use]
    pub(crate) fn with_message(mut self, message: Option<String>) -> Self {
        self.0.says = message.map(Says);
        self
    }

    /// The same, with what it came of.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What it asks of the engine.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        self.0.disposition
    }

    /// The same for the engine.
    #[must_use]
    pub fn into_submit_error(self) -> SubmitError {
        let Inner {
            kind,
            disposition,
            message,
            trail,
            body_head,
            says,
            source,
        } = *self.0;
        SubmitError {
            kind,
            disposition,
            detail: match says {
                Some(says) => format!("{message}; {says}"),
                None => message,
            },
            trail,
            body_head,
            source,
        }
    }
}

impl Error {
    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// May the service have acted? [`Applied::No`] means that sending again repeats nothing.
    #[must_use]
    pub fn applied(&self) -> Applied {
        self.0.disposition.applied()
    }

    /// Whether the credentials are at fault: the service refused the token (401), or the token endpoint refused to issue one.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        matches!(self.kind(), ErrorKind::Unauthorized | ErrorKind::LoginRefused)
    }

    /// Whether the service, or its token endpoint, asks to wait; how long is in [`retry_after`](Self::retry_after).
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.kind() == ErrorKind::Throttled
    }

    /// Whether the same call may be made again: the service certainly has not acted, and it may accept the call later.
    ///
    /// False for an error that the same call would bring again, such as a refused token or a malformed device, although
    /// nothing was applied; and for everything after which the service may have acted.
    ///
    /// ```
    /// # use fleetpurge_http::{Error, ErrorKind};
    /// # use fleetpurge_engine::Disposition::{Ambiguous, Backoff, Stop};
    /// # let error = |kind, disposition| Error::new(kind, disposition, "");
    /// # let (unreachable, refused) = (error(ErrorKind::Unreachable, Backoff), error(ErrorKind::Refused, Stop));
    /// # let no_reply = error(ErrorKind::NoReply, Ambiguous);
    /// assert!(unreachable.is_safe_to_retry());
    /// assert!(!refused.is_safe_to_retry());
    /// assert!(!no_reply.is_safe_to_retry());
    /// ```
    #[must_use]
    pub fn is_safe_to_retry(&self) -> bool {
        matches!(
            self.0.disposition,
            Disposition::Backoff | Disposition::Throttled(_) | Disposition::Reauthenticate
        )
    }

    /// The HTTP status, if the service answered.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.trail.status
    }

    /// The service's error code, character for character, such as `FEATURE_NOT_ENABLED`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.trail.code.as_deref()
    }

    /// What the service says of it in its own words, such as the `message` of an error body: on one line, the first 200
    /// characters, control characters and those that turn the direction of writing escaped, never a token or secret of
    /// this client, never an HTML page. As long as there is nothing else under the error, it is its
    /// [`source`](StdError::source), too.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.says.as_ref().map(|says| &*says.0)
    }

    /// The `x-request-id` of the reply.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.trail.request_id.as_deref()
    }

    /// The `x-request-id` that the request was sent with: what to give to the service's support where no reply came. None
    /// where no request left, and of a service that is sent no such ids.
    #[must_use]
    pub fn sent_request_id(&self) -> Option<&str> {
        self.0.trail.sent_id.as_deref()
    }

    /// The `x-trace-id` of the reply.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.0.trail.trace_id.as_deref()
    }

    /// How long the service asks to wait, if it said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.0.disposition {
            Disposition::Throttled(wait) => wait,
            _ => None,
        }
    }

    /// The first KiB of a reply that was not understood.
    #[must_use]
    pub fn body_head(&self) -> Option<&str> {
        self.0.body_head.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("applied", &self.applied())
            .field("message", &self.0.message)
            .field("trail", &self.0.trail)
            .field("says", &self.0.says)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match (&self.0.source, &self.0.says) {
            (Some(source), _) => Some(&**source),
            (None, Some(says)) => Some(says),
            (None, None) => None,
        }
    }
}
