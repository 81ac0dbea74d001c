//! Reads the configuration file.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use fleetpurge_records::Config;
use secrecy::zeroize::Zeroizing;

use super::location::Location;
use super::trouble;
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::next;

/// No configuration file is longer.
const LONGEST: u64 = 1024 * 1024;

/// A configuration file that was read.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub(crate) path: PathBuf,
    pub(crate) config: Config,
}

/// The file at its place; `None` if nothing is at the usual place.
pub(crate) fn read(location: &Location) -> Result<Option<Loaded>, Failure> {
    let (path, is_named) = match location {
        Location::Named(path) => (path, true),
        Location::Usual(path) => (path, false),
        Location::Nowhere => return Ok(None),
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if !is_named && matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => {
            let by = if is_named { " (FLEETPURGE_CONFIG)" } else { "" };
            return Err(refused(path, &format!("it cannot be read{by}: {error}")));
        }
    };
    let bits = others(&file).map_err(|error| refused(path, &format!("it cannot be read: {error}")))?;
    if bits.is_some_and(|bits| bits & 0o022 != 0) {
        // It decides where credentials are sent, and which commands are run for them.
        return Err(refused(
            path,
            &format!(
                "other users may change it, and it decides where credentials are sent; remove their access with: chmod \
                 go-w {}",
                path.display()
            ),
        )
        .suggesting(next::system(&["chmod", "go-w"], path)));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| refused(path, &format!("it cannot be read: {error}")))?;
    if bytes.len() as u64 > LONGEST {
        return Err(refused(path, "it is too long to be a configuration file"));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| refused(path, "it is not UTF-8 text"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let config: Config = toml::from_str(text).map_err(|error| {
        refused(path, &trouble::told(&error, text)).suggesting(next::command(&["schema", "config"]))
    })?;
    let secret = config
        .profile
        .iter()
        .find_map(|(name, profile)| Some((name, profile.secret_key()?)));
    if let Some((name, key)) = secret
        && let Some(bits) = bits.filter(|bits| bits & 0o077 != 0)
    {
        return Err(refused(
            path,
            &format!(
                "profile `{name}` has a secret in it (key `{key}`), and other users have access to the file (mode \
                 {bits:03o}); remove their access with: chmod 600 {}",
                path.display()
            ),
        )
        .suggesting(next::system(&["chmod", "600"], path)));
    }
    Ok(Some(Loaded {
        path: path.clone(),
        config,
    }))
}

/// The mode of a file, where files have one.
#[cfg_attr(not(unix), expect(clippy::unnecessary_wraps, reason = "on Unix it can fail"))]
fn others(file: &File) -> std::io::Result<Option<u32>> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Ok(Some(file.metadata()?.permissions().mode() & 0o777))
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        Ok(None)
    }
}

fn refused(path: &Path, why: &str) -> Failure {
    Failure::new(
        Exit::ERROR,
        format!("the configuration file {}: {why}", path.display()),
        SENT_NOTHING,
        next::instead(),
    )
}
