//! Reads a secret from the system's keyring, if this program was built to.

use secrecy::zeroize::Zeroizing;

/// The service under which entries are kept.
#[cfg(feature = "keyring")]
const SERVICE: &str = "fleetpurge";

/// The secret of an entry.
#[cfg(feature = "keyring")]
pub(super) fn secret(entry: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    let unread =
        |error: keyring::Error| format!("the keyring entry `{entry}` (service `{SERVICE}`) cannot be read: {error}");
    let entry = keyring::Entry::new(SERVICE, entry).map_err(unread)?;
    entry.get_secret().map(Zeroizing::new).map_err(unread)
}

#[cfg(not(feature = "keyring"))]
pub(super) fn secret(_: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    Err(
        "this fleetpurge was built without the keyring; build it with `--features keyring`, or use a file or a command"
            .to_owned(),
    )
}
