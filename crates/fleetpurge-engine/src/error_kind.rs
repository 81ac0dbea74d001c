//! The kind of the error of an attempt.

use std::fmt;

/// What went wrong.
///
/// The engine decides by the [`Disposition`](crate::Disposition) alone. It only carries this word on, to the report of a
/// run: two errors that ask the same of it, a refused token and a refused certificate, say, need not mean the same to a
/// person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "kebab-case")
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    /// The service asks to wait (408, 429, or 503 with `Retry-After`). Not applied; send again once that time is over.
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

impl ErrorKind {
    /// Its name in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::InvalidInput => "invalid-input",
            Self::LoginRefused => "login-refused",
            Self::Unreachable => "unreachable",
            Self::Certificate => "certificate",
            Self::Unauthorized => "unauthorized",
            Self::Throttled => "throttled",
            Self::BatchTooLarge => "batch-too-large",
            Self::InvalidRequest => "invalid-request",
            Self::Refused => "refused",
            Self::ServerError => "server-error",
            Self::AmbiguousReply => "ambiguous-reply",
            Self::NoReply => "no-reply",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_word() {
        for (kind, word) in [
            (ErrorKind::Configuration, "configuration"),
            (ErrorKind::InvalidInput, "invalid-input"),
            (ErrorKind::LoginRefused, "login-refused"),
            (ErrorKind::Unreachable, "unreachable"),
            (ErrorKind::Certificate, "certificate"),
            (ErrorKind::Unauthorized, "unauthorized"),
            (ErrorKind::Throttled, "throttled"),
            (ErrorKind::BatchTooLarge, "batch-too-large"),
            (ErrorKind::InvalidRequest, "invalid-request"),
            (ErrorKind::Refused, "refused"),
            (ErrorKind::ServerError, "server-error"),
            (ErrorKind::AmbiguousReply, "ambiguous-reply"),
            (ErrorKind::NoReply, "no-reply"),
        ] {
            assert_eq!(kind.to_string(), word);
        }
    }
}
