//! What can go wrong, and whether another connection may help.

use std::error::Error as StdError;
use std::{fmt, io};

use tokio_postgres::error::SqlState;

/// An error of this crate. It never shows a password.
///
/// `Display` says what was tried and what to do. The words of the server or the system are in `source()`.
pub struct Error {
    kind: ErrorKind,
    message: String,
    source: Option<Source>,
}

enum Source {
    Database(tokio_postgres::Error),
    Other(Box<dyn StdError + Send + Sync>),
}

/// What has happened, coarsely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The URL is malformed, or has something that is not supported. Nothing was sent.
    Url,
    /// A variable, a parameter or a file that it names cannot be used. Nothing was sent.
    Setting,
    /// No server answers there, or it takes no more connections.
    Unreachable,
    /// No TLS connection that can be trusted was made. No password was sent.
    Tls,
    /// The server does not accept the user or the password.
    Login,
    /// The server has no such database.
    NoDatabase,
    /// The user may not do that.
    NotPermitted,
    /// The server does not promise to keep what it has confirmed.
    NotDurable,
    /// The server does not write: it is a standby, or its transactions are read-only.
    ReadOnly,
    /// The connection has ended. Whether the last statement was executed is not known.
    Lost,
    /// There was no answer in time.
    Timeout,
    /// The server reports another error, or answers in a way that is not understood.
    Server,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn url(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Url, message)
    }

    pub(crate) fn setting(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Setting, message)
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(Source::Other(source.into()));
        self
    }

    /// Says where this happened.
    pub(crate) fn with_message(mut self, message: String) -> Self {
        self.message = message;
        self
    }

    /// What has happened.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether another connection may help: this one has ended, or there was none. A refused password or certificate
    /// is not such a case.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(self.kind, ErrorKind::Lost | ErrorKind::Unreachable | ErrorKind::Timeout)
    }

    /// The server's code for the error, five characters ([PostgreSQL's list](https://www.postgresql.org/docs/current/errcodes-appendix.html)).
    #[must_use]
    pub fn sqlstate(&self) -> Option<&str> {
        self.database()?.code().map(SqlState::code)
    }

    /// The constraint that the statement has violated.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        self.database()?.as_db_error()?.constraint()
    }

    fn database(&self) -> Option<&tokio_postgres::Error> {
        match &self.source {
            Some(Source::Database(error)) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("Error");
        f.field("kind", &self.kind).field("message", &self.message);
        match &self.source {
            Some(Source::Database(error)) => f.field("source", error),
            Some(Source::Other(error)) => f.field("source", error),
            None => &mut f,
        };
        f.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.source {
            Some(Source::Database(error)) => Some(error),
            Some(Source::Other(error)) => Some(&**error),
            None => None,
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        let kind = kind(&error);
        let message = match kind {
            ErrorKind::Lost => "the connection to the database has ended",
            ErrorKind::Tls => "the TLS connection to the database has failed: check `sslmode` and the certificates",
            ErrorKind::Unreachable => "the database server cannot be reached: check that it runs and takes connections",
            ErrorKind::Timeout => "the database server did not answer in time",
            ErrorKind::Login => "the database server does not accept the user: check its name and password",
            ErrorKind::NoDatabase => "the database does not exist: create it, or name another one",
            ErrorKind::NotPermitted => "the user lacks a privilege in the database: ask its owner to grant it",
            ErrorKind::ReadOnly => "the database server does not write: connect to the primary server",
            // A prepared statement is gone, or somebody else's has its name.
            _ if matches!(error.code().map(SqlState::code), Some("26000" | "42P05")) => {
                "the connection does not keep to one session of the database server, as with PgBouncer in transaction mode: \
                 use its session mode, or connect to the server itself"
            }
            _ => "the database server reports an error",
        };
        Self {
            kind,
            message: message.to_owned(),
            source: Some(Source::Database(error)),
        }
    }
}

fn kind(error: &tokio_postgres::Error) -> ErrorKind {
    if let Some(state) = error.code() {
        return by_sqlstate(state.code());
    }
    if error.is_closed() {
        return ErrorKind::Lost;
    }
    let cause = error.source();
    if cause.is_some_and(is_of_tls) {
        return ErrorKind::Tls;
    }
    let cause = cause.and_then(|cause| cause.downcast_ref::<io::Error>());
    // `tokio_postgres::Error` says which kind it is in its text only. A test of a connection holds each of these.
    match error.to_string().as_str() {
        "error communicating with the server" => ErrorKind::Lost,
        // The connection ended during the handshake: nobody has refused a certificate.
        "error performing TLS handshake" if cause.is_some() => ErrorKind::Lost,
        "error performing TLS handshake" => ErrorKind::Tls,
        "error connecting to server" => match cause {
            // `target_session_attrs` is not met. The system's own error has a number.
            Some(cause) if cause.kind() == io::ErrorKind::PermissionDenied && cause.raw_os_error().is_none() => {
                ErrorKind::ReadOnly
            }
            Some(cause) if cause.kind() == io::ErrorKind::TimedOut => ErrorKind::Timeout,
            _ => ErrorKind::Unreachable,
        },
        "timeout waiting for server" => ErrorKind::Timeout,
        // The configuration is made by this crate; what it can lack is a password.
        "authentication error" | "invalid configuration" => ErrorKind::Login,
        _ => ErrorKind::Server,
    }
}

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn by_sqlstate(state: &str) -> ErrorKind {
    match state {
        "3D000" => ErrorKind::NoDatabase,
        "42501" => ErrorKind::NotPermitted,
        "25006" => ErrorKind::ReadOnly,
        // Too many connections: there may be room later.
        "53300" => ErrorKind::Unreachable,
        // The session was idle in a transaction for too long, and was ended.
        "25P03" => ErrorKind::Lost,
        _ if state.starts_with("28") => ErrorKind::Login,
        _ if state.starts_with("57P0") || state.starts_with("08") => ErrorKind::Lost,
        _ => ErrorKind::Server,
    }
}

/// Whether `rustls` has refused, or was refused.
fn is_of_tls(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return true;
        }
        // The source of an `io::Error` is the source of what is within.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(within) => Some(within),
            None => error.source(),
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlstates_have_their_kinds() {
        for (state, kind) in [
            ("28P01", ErrorKind::Login),
            ("28000", ErrorKind::Login),
            ("3D000", ErrorKind::NoDatabase),
            ("42501", ErrorKind::NotPermitted),
            ("25006", ErrorKind::ReadOnly),
            ("57P01", ErrorKind::Lost),
            ("57P03", ErrorKind::Lost),
            ("08006", ErrorKind::Lost),
            ("25P03", ErrorKind::Lost),
            ("53300", ErrorKind::Unreachable),
            ("53100", ErrorKind::Server),
            ("23505", ErrorKind::Server),
            ("57014", ErrorKind::Server),
        ] {
            assert_eq!(by_sqlstate(state), kind, "{state}");
        }
    }

    #[test]
    fn what_may_pass_is_lost_and_a_refusal_is_not() {
        for (kind, lost) in [
            (ErrorKind::Lost, true),
            (ErrorKind::Unreachable, true),
            (ErrorKind::Timeout, true),
            (ErrorKind::Login, false),
            (ErrorKind::Tls, false),
            (ErrorKind::NoDatabase, false),
            (ErrorKind::ReadOnly, false),
            (ErrorKind::NotDurable, false),
            (ErrorKind::Setting, false),
            (ErrorKind::Server, false),
        ] {
            assert_eq!(Error::new(kind, "").is_lost(), lost, "{kind:?}");
        }
    }

    #[test]
    fn a_certificate_error_is_found_within_an_io_error() {
        let refused = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        assert!(is_of_tls(&io::Error::new(io::ErrorKind::InvalidData, refused)));
        assert!(!is_of_tls(&io::Error::from(io::ErrorKind::UnexpectedEof)));
    }
}
