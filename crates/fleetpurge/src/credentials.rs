//! Where the credentials come from: the environment, a file of one's own, or a command. Never an argument.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use nexthink_data_management::Credentials;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use crate::args::ApplyArgs;
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::next;

const CLIENT_ID: &str = "NEXTHINK_CLIENT_ID";
const CLIENT_SECRET: &str = "NEXTHINK_CLIENT_SECRET";
const TOKEN: &str = "NEXTHINK_TOKEN";

/// No secret is longer; a path to something else is noticed.
const LONGEST_SECRET: u64 = 64 * 1024;

/// Finds the credentials, or says which setting is missing.
pub(crate) fn find(args: &ApplyArgs) -> Result<Credentials, Failure> {
    let token = variable(TOKEN)?;
    let id = variable(CLIENT_ID)?;
    let secret = variable(CLIENT_SECRET)?;
    let elsewhere = args.client_secret_file.is_some() || args.client_secret_command.is_some();
    if let Some(token) = token {
        if id.is_some() || secret.is_some() || elsewhere {
            return Err(refused(&format!(
                "both {TOKEN} and client credentials are given; unset the one that is not meant"
            )));
        }
        return Ok(Credentials::token(secret_of(&token)));
    }
    let Some(id) = id else {
        return Err(refused(&format!(
            "credentials are missing: set {CLIENT_ID} with {CLIENT_SECRET} (or --client-secret-file, or \
             --client-secret-command), or set {TOKEN}"
        )));
    };
    let secret = match (&args.client_secret_file, &args.client_secret_command, secret) {
        (Some(path), _, _) => from_file(path)?,
        (None, Some(command), _) => from_command(command)?,
        (None, None, Some(secret)) => secret,
        (None, None, None) => {
            return Err(refused(&format!(
                "{CLIENT_ID} is set and its secret is missing: set {CLIENT_SECRET}, or give --client-secret-file or \
                 --client-secret-command"
            )));
        }
    };
    Ok(Credentials::client(id.as_str(), secret_of(&secret)))
}

fn secret_of(text: &str) -> SecretString {
    SecretString::from(text)
}

/// An environment variable; an empty one counts as unset.
fn variable(name: &str) -> Result<Option<Zeroizing<String>>, Failure> {
    match std::env::var_os(name) {
        None => Ok(None),
        Some(value) if value.is_empty() => Ok(None),
        Some(value) => match value.into_string() {
            Ok(text) => Ok(Some(Zeroizing::new(text))),
            Err(_) => Err(refused(&format!("{name} is not text"))),
        },
    }
}

fn from_file(path: &Path) -> Result<Zeroizing<String>, Failure> {
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
            )));
        }
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(LONGEST_SECRET + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| refused(&format!("it cannot be read: {error}")))?;
    text(&bytes).map_err(refused)
}

/// Runs a command by the shell; what it prints is the secret. It does not inherit any credential.
fn from_command(command: &str) -> Result<Zeroizing<String>, Failure> {
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
    for name in [CLIENT_ID, CLIENT_SECRET, TOKEN] {
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

fn refused(message: &str) -> Failure {
    Failure::new(Exit::ERROR, message, SENT_NOTHING, next::same_command())
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
