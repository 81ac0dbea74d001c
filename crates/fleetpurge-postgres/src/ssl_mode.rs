//! What TLS has to prove before anything is sent: libpq's `sslmode`, without the modes that fall back silently.

use crate::error::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SslMode {
    /// No TLS.
    Disable,
    /// TLS with whoever answers.
    Require,
    /// The certificate is from an authority that is trusted.
    VerifyCa,
    /// The certificate is for this host, too.
    VerifyFull,
}

impl SslMode {
    /// `said_by` is the parameter or the variable.
    pub(crate) fn of(text: &str, said_by: &str) -> Result<Self, Error> {
        match text {
            "disable" => Ok(Self::Disable),
            "require" => Ok(Self::Require),
            "verify-ca" => Ok(Self::VerifyCa),
            "verify-full" => Ok(Self::VerifyFull),
            "allow" | "prefer" => Err(Error::setting(format!(
                "{said_by} is `{text}`, which goes on without encryption if the server has none: use `verify-full` or \
                 `require`, or `disable` if the network is trusted"
            ))),
            _ => Err(Error::setting(format!(
                "{said_by} is not a mode: use `verify-full`, `verify-ca`, `require` or `disable`"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_that_fall_back_are_refused_with_what_to_use() {
        for mode in ["allow", "prefer"] {
            let message = SslMode::of(mode, "PGSSLMODE").unwrap_err().to_string();
            assert!(
                message.contains("PGSSLMODE") && message.contains("verify-full"),
                "{message}"
            );
        }
        assert!(SslMode::of("Require", "`sslmode`").is_err());
        assert_eq!(SslMode::of("verify-full", "`sslmode`").unwrap(), SslMode::VerifyFull);
    }
}
