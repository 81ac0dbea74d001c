//! Where a secret of a profile comes from.

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

use super::keyring;
use super::profile::Profile;
use crate::credentials;
use crate::failure::Failure;

impl Profile {
    /// Whether the profile has credentials, or a part of them.
    pub(crate) fn has_credentials(&self) -> bool {
        let values = &self.values;
        values.secret_key().is_some()
            || [
                &values.client_id,
                &values.client_secret_file,
                &values.client_secret_command,
                &values.client_secret_keyring,
                &values.token_file,
                &values.token_command,
                &values.token_keyring,
                &values.api_key_file,
                &values.api_key_command,
                &values.api_key_keyring,
            ]
            .iter()
            .any(|value| value.is_some())
    }

    /// The client secret, if the profile has one.
    pub(crate) fn client_secret(&self) -> Option<Result<Zeroizing<String>, Failure>> {
        let values = &self.values;
        self.secret(
            "client_secret",
            values.client_secret.as_ref(),
            [
                &values.client_secret_file,
                &values.client_secret_command,
                &values.client_secret_keyring,
            ],
        )
    }

    /// The token, if the profile has one.
    pub(crate) fn token(&self) -> Option<Result<Zeroizing<String>, Failure>> {
        let values = &self.values;
        self.secret(
            "token",
            values.token.as_ref(),
            [&values.token_file, &values.token_command, &values.token_keyring],
        )
    }

    /// The API key, if the profile has one.
    pub(crate) fn api_key(&self) -> Option<Result<Zeroizing<String>, Failure>> {
        let values = &self.values;
        self.secret(
            "api_key",
            values.api_key.as_ref(),
            [&values.api_key_file, &values.api_key_command, &values.api_key_keyring],
        )
    }

    fn secret(
        &self,
        key: &str,
        itself: Option<&SecretString>,
        [file, command, entry]: [&Option<String>; 3],
    ) -> Option<Result<Zeroizing<String>, Failure>> {
        let place = |key: &str| format!("profile `{}`, {key}", self.name);
        let told = |key: &str| tracing::info!(profile = self.name, key, "credentials are from the profile");
        if let Some(secret) = itself {
            told(key);
            return Some(credentials::from_text(&place(key), secret.expose_secret().as_bytes()));
        }
        if let Some(file) = file {
            let key = format!("{key}_file");
            told(&key);
            return Some(credentials::from_file(&place(&key), &self.path(file)));
        }
        if let Some(command) = command {
            let key = format!("{key}_command");
            told(&key);
            return Some(credentials::from_command(&place(&key), command));
        }
        entry.as_ref().map(|entry| {
            let key = format!("{key}_keyring");
            told(&key);
            let read = keyring::secret(entry).map_err(|why| self.refused(&format!("`{key}`: {why}")))?;
            credentials::from_text(&place(&key), &read)
        })
    }
}
