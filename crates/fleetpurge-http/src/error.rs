//! What can go wrong, and whether the service may have acted.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

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

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting cannot be used: a URL, an instance, a token with a line break. Nothing was sent; mend the setting.
    Configuration,
    /// The devices cannot be asked for as they are: none, too many, one that is blank or named twice. Nothing was sent.
    InvalidInput,
    /// The token endpoint issued no token. No deletion was sent; check the credentials and the token URL.
    LoginRefused,
    /// The service was not reached, or turned the request away unread. Not applied; try again later.
    Unreachable,
    /// The service's certificate is not trusted. Not applied; check the URL, the clock and the trusted certificates.
    Certificate,
    /// The service refused the token (401). Not applied; check the credentials and what they permit.
    Unauthorized,
    /// The service asks to wait (408, 429, or 503 with `Retry-After`). Not applied; see
    /// [`Error::retry_after`].
    Throttled,
    /// More devices than the service takes at once. Not applied; send fewer.
    BatchTooLarge,
    /// The service refused the request for the sake of one of its devices. Not applied; send them apart to find it.
    InvalidRequest,
    /// The service refused the request (any other 4xx, or a redirect, which is not followed). Not applied.
    Refused,
    /// The service answered with an error of its own (5xx). It may have acted: do not simply send again.
    ServerError,
    /// The service answered something that cannot be understood. It may have acted: do not simply send again.
    AmbiguousReply,
    /// The connection was lost, or the time was up, before the answer came. The service may have acted: do not simply
    /// send again. A reply that came and could not be understood is an [`AmbiguousReply`](Self::AmbiguousReply).
    NoReply,
}

/// For facades.
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
            disposition,
            message,
            trail,
            body_head,
            says,
            source,
            ..
        } = *self.0;
        SubmitError {
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
