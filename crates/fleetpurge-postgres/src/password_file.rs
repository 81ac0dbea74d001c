//! libpq's password file: who may read it, and which line is for which server.
//!
//! <https://www.postgresql.org/docs/current/libpq-pgpass.html>

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use crate::error::Error;
use crate::target::{Place, Target};
use crate::variables::Variables;

/// No password file is that long.
const LONGEST: u64 = 1024 * 1024;

/// The text of a password file.
pub(crate) struct PasswordFile {
    bytes: SecretSlice<u8>,
    path: PathBuf,
}

impl PasswordFile {
    /// The one that PGPASSFILE names, or the default one if it is there.
    ///
    /// # Errors
    ///
    /// If the one of PGPASSFILE is absent, or if others may read it, or if it is not a plain file.
    pub(crate) fn find<F: Fn(&str) -> Option<OsString>>(variables: &Variables<F>) -> Result<Option<Self>, Error> {
        if let Some(path) = variables.path("PGPASSFILE") {
            return match Self::read(&path)? {
                Some(file) => Ok(Some(file)),
                None => Err(Error::setting(format!(
                    "the password file {}, which PGPASSFILE names, is not there: create it, or unset PGPASSFILE",
                    path.display()
                ))),
            };
        }
        match default_path(variables) {
            Some(path) => Self::read(&path),
            None => Ok(None),
        }
    }

    fn read(path: &Path) -> Result<Option<Self>, Error> {
        let unreadable =
            |error| Error::setting(format!("the password file {} cannot be read", path.display())).with_source(error);
        // Before it is opened: opening a pipe would wait.
        match std::fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => {
                return Err(Error::setting(format!(
                    "the password file {} is not a plain file: name a plain file in PGPASSFILE",
                    path.display()
                )));
            }
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        }
        let file = File::open(path).map_err(unreadable)?;
        refuse_if_others_can_read(&file, path)?;
        let mut bytes = Vec::new();
        file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        let bytes = SecretSlice::from(bytes);
        if bytes.expose_secret().len() as u64 > LONGEST {
            return Err(Error::setting(format!(
                "the password file {} is longer than 1 MiB: is it the right file?",
                path.display()
            )));
        }
        Ok(Some(Self {
            bytes,
            path: path.to_owned(),
        }))
    }

    /// The password of the first line that fits.
    ///
    /// # Errors
    ///
    /// If it is not UTF-8.
    pub(crate) fn password(&self, target: &Target, database: &str, user: &str) -> Result<Option<SecretString>, Error> {
        let port = target.port.to_string();
        for line in self.bytes.expose_secret().split(|&byte| byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let Some(rest) = hosts_of(&target.place)
                .iter()
                .find_map(|host| after_field(line, host.as_bytes()))
            else {
                continue;
            };
            let password = after_field(rest, port.as_bytes())
                .and_then(|rest| after_field(rest, database.as_bytes()))
                .and_then(|rest| after_field(rest, user.as_bytes()));
            if let Some(password) = password {
                return Ok(Some(unescaped(password).ok_or_else(|| {
                    Error::setting(format!(
                        "the password file {} has a password that is not UTF-8: save the file as UTF-8",
                        self.path.display()
                    ))
                })?));
            }
        }
        Ok(None)
    }
}

/// What the first field of a line may say for this place. libpq calls a socket in the default folder `localhost`.
fn hosts_of(place: &Place) -> Vec<String> {
    match place {
        Place::Network { name, .. } => vec![name.clone()],
        Place::Socket(folder) => {
            let default = ["/var/run/postgresql", "/run/postgresql", "/tmp"]
                .iter()
                .any(|usual| Path::new(usual) == folder);
            let localhost = default.then(|| "localhost".to_owned());
            std::iter::once(folder.display().to_string()).chain(localhost).collect()
        }
    }
}

/// What follows the field and its colon, if the field is `*` or this text.
fn after_field<'a>(line: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    if let Some(rest) = line.strip_prefix(b"*:") {
        return Some(rest);
    }
    let mut wanted = wanted.iter();
    let mut line = line.iter();
    loop {
        match line.next()? {
            b':' => return wanted.next().is_none().then_some(line.as_slice()),
            b'\\' => {
                if line.next()? != wanted.next()? {
                    return None;
                }
            }
            byte if Some(byte) == wanted.next() => {}
            _ => return None,
        }
    }
}

/// The password: to the end of the line or to a colon, without the backslashes that escape.
fn unescaped(field: &[u8]) -> Option<SecretString> {
    let mut password = Vec::with_capacity(field.len());
    let mut bytes = field.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b':' => break,
            // A backslash at the very end is itself.
            b'\\' => password.push(bytes.next().copied().unwrap_or(byte)),
            _ => password.push(byte),
        }
    }
    String::from_utf8(password).ok().map(SecretString::from)
}

#[cfg(not(windows))]
fn default_path<F: Fn(&str) -> Option<OsString>>(variables: &Variables<F>) -> Option<PathBuf> {
    Some(variables.path("HOME")?.join(".pgpass"))
}

#[cfg(windows)]
fn default_path<F: Fn(&str) -> Option<OsString>>(variables: &Variables<F>) -> Option<PathBuf> {
    Some(variables.path("APPDATA")?.join("postgresql").join("pgpass.conf"))
}

#[cfg(unix)]
fn refuse_if_others_can_read(file: &File, path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;

    let metadata = file.metadata().map_err(|error| {
        Error::setting(format!("the password file {} cannot be read", path.display())).with_source(error)
    })?;
    if metadata.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(Error::setting(format!(
        "the password file {} can be read or written by other users: run `chmod 600` on it",
        path.display()
    )))
}

/// As libpq: who may read a file in a profile is up to Windows.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
fn refuse_if_others_can_read(_: &File, _: &Path) -> Result<(), Error> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(file: &str, host: &str, port: u16, database: &str, user: &str) -> Option<String> {
        let place = match host.strip_prefix('/') {
            Some(_) => Place::Socket(host.into()),
            None => Place::Network {
                name: host.to_owned(),
                address: None,
            },
        };
        let file = PasswordFile {
            bytes: file.as_bytes().to_vec().into(),
            path: PathBuf::new(),
        };
        let password = file.password(&Target { place, port }, database, user).unwrap();
        password.map(|password| password.expose_secret().to_owned())
    }

    #[test]
    fn the_first_line_that_fits_has_the_password() {
        for (file, password) in [
            ("db:5432:fleet:ops:one", Some("one")),
            ("db:5432:fleet:ops:one\r\ndb:5432:fleet:ops:two\n", Some("one")),
            ("#db:5432:fleet:ops:one\n\ndb:5432:fleet:ops:two", Some("two")),
            ("*:*:*:*:any", Some("any")),
            ("db:*:fleet:*:any", Some("any")),
            ("db2:5432:fleet:ops:one", None),
            ("d:5432:fleet:ops:one", None),
            ("db:543:fleet:ops:one", None),
            ("db:5432:fleet:op:one", None),
            ("DB:5432:fleet:ops:one", None),
            ("db*:5432:fleet:ops:one", None),
            ("db:5432:fleet:ops", None),
            ("db:5432", None),
            (r"db:5432:fleet:ops:a\:b\\c", Some(r"a:b\c")),
            ("db:5432:fleet:ops:a:b", Some("a")),
            ("db:5432:fleet:ops:a\\", Some("a\\")),
            ("db:5432:fleet:ops: a ", Some(" a ")),
            (r"\db:54\32:fleet:ops:one", Some("one")),
        ] {
            assert_eq!(found(file, "db", 5432, "fleet", "ops").as_deref(), password, "{file}");
        }
    }

    #[test]
    fn a_colon_and_a_backslash_in_a_field_are_escaped() {
        assert_eq!(
            found(r"\:\:1:5432:a\\b:*:one", "::1", 5432, r"a\b", "ops").as_deref(),
            Some("one")
        );
        assert_eq!(found("::1:5432:f:*:one", "::1", 5432, "f", "ops"), None);
    }

    #[test]
    fn a_socket_in_the_default_folder_is_localhost() {
        assert_eq!(found("localhost:*:*:*:a", "/tmp", 5432, "f", "u").as_deref(), Some("a"));
        assert_eq!(found("localhost:*:*:*:a", "/srv/pg", 5432, "f", "u"), None);
        assert_eq!(
            found("/srv/pg:*:*:*:a", "/srv/pg", 5432, "f", "u").as_deref(),
            Some("a")
        );
    }
}
