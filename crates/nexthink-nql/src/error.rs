//! What can go wrong. After every error nothing has changed: this crate only reads.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use fleetpurge_http::error as http;

/// An export that did not bring its rows.
///
/// `Display` is one lowercase sentence without its source's text, and holds no token, no body and no URL of a file.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    source: Option<Source>,
}

/// A request that failed has a status and ids; what a file is about has none.
enum Source {
    Request(http::Error),
    Other(Box<dyn StdError + Send + Sync>),
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting cannot be used. The request that needs it was not sent.
    Configuration,
    /// The id or a parameter of the query cannot be sent. Nothing was sent.
    InvalidInput,
    /// The token endpoint issued no token; check the credentials.
    LoginRefused,
    /// The service refused the token (401).
    Unauthorized,
    /// The credentials may not run queries (403).
    Forbidden,
    /// There is no query of this id, or no export any more (404).
    NotFound,
    /// The service refused the request in another way.
    Refused,
    /// The service, or the host of the file, was not reached, or the connection was lost; try again later.
    Unreachable,
    /// A certificate is not trusted.
    Certificate,
    /// The service asks to wait longer than was to be waited, or again and again: the daily limit of requests may be reached.
    Throttled,
    /// The service answered with an error of its own (5xx), or the host of the file with such an error or that it has no time
    /// (408, 429); try again later.
    ServerError,
    /// The export did not end in the time that was to be waited. It may end later; its id is in the message.
    TimedOut,
    /// The service says that the export failed.
    Failed,
    /// The service cut the result off, because it has more rows than the licence allows (206). The rows that would have
    /// come are not all there are: no list to decide about devices by.
    Truncated,
    /// The file did not come whole: the connection was lost within it, it has another length than its head says, or it ends
    /// within a row. Try again.
    Incomplete,
    /// The file has more bytes than are read.
    TooLarge,
    /// What came could not be written to [`copy_to`](crate::ExportCall::copy_to).
    NotCopied,
    /// A reply or the file is not what the API documents: an unheard-of status word, a URL that is not https, no heading.
    NotUnderstood,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            source: None,
        }))
    }

    pub(crate) fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    /// A request of which nothing came.
    pub(crate) fn of(error: http::Error) -> Self {
        use http::ErrorKind as Http;
        let kind = match (error.kind(), error.status()) {
            (Http::Configuration, _) => ErrorKind::Configuration,
            (Http::InvalidInput, _) => ErrorKind::InvalidInput,
            (Http::LoginRefused, _) => ErrorKind::LoginRefused,
            (Http::Unauthorized, _) => ErrorKind::Unauthorized,
            (Http::Certificate, _) => ErrorKind::Certificate,
            (Http::Throttled, _) => ErrorKind::Throttled,
            (Http::ServerError, _) => ErrorKind::ServerError,
            (Http::Unreachable | Http::NoReply, _) => ErrorKind::Unreachable,
            (Http::AmbiguousReply, _) => ErrorKind::NotUnderstood,
            (_, Some(403)) => ErrorKind::Forbidden,
            (_, Some(404)) => ErrorKind::NotFound,
            _ => ErrorKind::Refused,
        };
        let message = match kind {
            ErrorKind::Forbidden => "the credentials may not run queries (403)".to_owned(),
            ErrorKind::NotFound => "there is no saved query or export of this id (404)".to_owned(),
            _ => error.to_string(),
        };
        Self(Box::new(Inner {
            kind,
            message,
            source: Some(Source::Request(error)),
        }))
    }

    /// A file that was not read to its end.
    pub(crate) fn of_file(error: http::Error) -> Self {
        let is_too_long = error.kind() == http::ErrorKind::AmbiguousReply;
        Self(Box::new(Inner {
            kind: if is_too_long {
                ErrorKind::TooLarge
            } else {
                ErrorKind::Incomplete
            },
            message: error.to_string(),
            source: Some(Source::Request(error)),
        }))
    }

    pub(crate) fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Source::Other(source.into()));
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the same export may succeed later without anything being changed.
    #[must_use]
    pub fn is_worth_another_try(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::Unreachable | ErrorKind::ServerError | ErrorKind::Incomplete | ErrorKind::TimedOut
        )
    }

    fn request(&self) -> Option<&http::Error> {
        match &self.0.source {
            Some(Source::Request(error)) => Some(error),
            _ => None,
        }
    }

    /// The HTTP status, if the service answered.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.request().and_then(http::Error::status)
    }

    /// The service's error code, as text; this API documents numbers.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.request().and_then(http::Error::code)
    }

    /// What the service says of it in its own words, on one line.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.request().and_then(http::Error::message)
    }

    /// The `x-request-id` of the reply.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request().and_then(http::Error::request_id)
    }

    /// The `x-trace-id` of the reply.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.request().and_then(http::Error::trace_id)
    }

    /// How long the service asks to wait, if it said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.request().and_then(http::Error::retry_after)
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
            .field("message", &self.0.message)
            .field("source", &StdError::source(self))
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.source {
            // Its sentence is this one's.
            Some(Source::Request(error)) if error.to_string() == self.0.message => error.source(),
            Some(Source::Request(error)) => Some(error),
            Some(Source::Other(error)) => Some(&**error),
            None => None,
        }
    }
}
