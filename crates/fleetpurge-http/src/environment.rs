//! Credentials in environment variables.

use std::env::VarError;

use secrecy::SecretString;

use crate::error::Error;

/// The secret in an environment variable; `None` if it is unset or empty.
///
/// # Errors
///
/// It is not valid UTF-8.
pub fn secret(name: &str) -> Result<Option<SecretString>, Error> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value.into())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Error::configuration(format!("{name} is not valid UTF-8"))),
    }
}
