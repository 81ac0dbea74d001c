//! Where a secret comes from: the environment, a file of one's own, or a command. Never an argument.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::next;
use crate::services::{nexthink, ubidots};

/// Every environment variable that holds a credential, of whichever service.
const VARIABLES: [&str; 5] = [
    nexthink::CLIENT_ID,
    nexthink::CLIENT_SECRET,
    nexthink::TOKEN,
    ubidots::TOKEN,
    ubidots::API_KEY,
];

/// No secret is longer; a path to something else is noticed.
const LONGEST_SECRET: u64 = 64 * 1024;

pub(crate) fn secret_of(text: &str) -> SecretString {
    SecretString::from(text)
}

/// An environment variable; an empty one counts as unset.
pub(crate) fn variable(name: &str) -> Result<Option<Zeroizing<String>>, Failure> {
    match std::env::var_os(name) {
        None => Ok(None),
        Some(value) if value.is_empty() => Ok(None),
        Some(value) => match value.into_string() {
            Ok(text) => Ok(Some(Zeroizing::new(text))),
            Err(_) => Err(refused(&format!("{name} is not text"))),
        },
    }
}

pub(crate) fn from_file(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let refused = |why: &str| refused(&format!("--client-secret-file {}: {why}", path.display()));
    let file = File::open(path).map_err(|error| refused(&format!("it cannot be read: {error}")))?;
    let metadata = file
        .metadata()
        .map_err(|error| refused(&format!("it cannot be read: {error}")))?;
    if metadata.is_dir() {
        return Err(refused("this is a directory"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(refused(&format!(
                "other users have access to it (mode {mode:03o}); take it away with: chmod 600 {}",
                path.display()
            ))
            .suggesting(next::system(&["chmod", "600"], path)));
        }
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(LONGEST_SECRET + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| refused(&format!("it cannot be read: {error}")))?;
    text(&bytes).map_err(refused)
}

/// Runs a command by the shell; what it prints is the secret. It does not inherit any credential.
pub(crate) fn from_command(command: &str) -> Result<Zeroizing<String>, Failure> {
    let refused = |why: &str| refused(&format!("--client-secret-command: {why}"));
    let mut shell = if cfg!(windows) {
        let mut shell = Command::new("cmd");
        shell.args(["/C", command]);
        shell
    } else {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]);
        shell
    };
    for name in VARIABLES {
        shell.env_remove(name);
    }
    let output = shell
        .stdin(Stdio::inherit())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| refused(&format!("it could not be run: {error}")))?;
    let printed = Zeroizing::new(output.stdout);
    if !output.status.success() {
        return Err(refused(&format!("it failed ({})", output.status)));
    }
    text(&printed).map_err(refused)
}

/// A secret is one line; the line's end is not part of it.
fn text(bytes: &[u8]) -> Result<Zeroizing<String>, &'static str> {
    if bytes.len() as u64 > LONGEST_SECRET {
        return Err("it is too long to be a secret");
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text")?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.contains(['\n', '\r']) {
        return Err("it has more than one line");
    }
    Ok(Zeroizing::new(text.to_owned()))
}

pub(crate) fn refused(message: &str) -> Failure {
    Failure::new(Exit::ERROR, message, SENT_NOTHING, next::instead())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_one_line_without_its_end() {
        let table: [(&[u8], Result<&str, ()>); 8] = [
            (b"s3cret", Ok("s3cret")),
            (b"s3cret\n", Ok("s3cret")),
            (b"s3cret\r\n", Ok("s3cret")),
            (b" s3cret ", Ok(" s3cret ")),
            (b"", Err(())),
            (b"\n", Err(())),
            (b"a\nb", Err(())),
            (b"\xff", Err(())),
        ];
        for (bytes, expected) in table {
            let read = text(bytes);
            assert_eq!(read.as_ref().map(|secret| secret.as_str()).map_err(|_| ()), expected);
        }
    }
}
