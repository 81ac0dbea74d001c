//! Reads a secret from the environment, a private file, or a command. Never from an argument.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING, chain};
use crate::next;
use crate::output;

/// The environment variables of Nexthink.
pub(crate) mod nexthink {
    pub(crate) const CLIENT_ID: &str = "NEXTHINK_CLIENT_ID";
    pub(crate) const CLIENT_SECRET: &str = "NEXTHINK_CLIENT_SECRET";
    pub(crate) const TOKEN: &str = "NEXTHINK_TOKEN";
}

/// The environment variables of Ubidots.
pub(crate) mod ubidots {
    pub(crate) const TOKEN: &str = "UBIDOTS_TOKEN";
    pub(crate) const API_KEY: &str = "UBIDOTS_API_KEY";
}

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
            Ok(value) => {
                let value = Zeroizing::new(value);
                match text(value.as_bytes()) {
                    Ok(text) => Ok(Some(text)),
                    Err(why) => Err(refused(&format!("{name}: {why}"))),
                }
            }
            Err(_) => Err(refused(&format!("{name} is not text"))),
        },
    }
}

/// A secret that stands in `setting` itself.
pub(crate) fn from_text(setting: &str, bytes: &[u8]) -> Result<Zeroizing<String>, Failure> {
    text(bytes).map_err(|why| refused(&format!("{setting}: {why}")))
}

/// A secret in a file that `setting` names.
pub(crate) fn from_file(setting: &str, path: &Path) -> Result<Zeroizing<String>, Failure> {
    let refused = |why: &str| refused(&format!("{setting} {}: {why}", path.display()));
    let file = File::open(path).map_err(|error| refused(&format!("it cannot be read: {}", chain(&error))))?;
    let metadata = file
        .metadata()
        .map_err(|error| refused(&format!("it cannot be read: {}", chain(&error))))?;
    if metadata.is_dir() {
        return Err(refused("this is a directory"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(refused(&format!(
                "other users have access to it (mode {mode:03o}); remove their access with: chmod 600 {}",
                path.display()
            ))
            .suggesting(next::system(&["chmod", "600"], path)));
        }
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(LONGEST_SECRET + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| refused(&format!("it cannot be read: {}", chain(&error))))?;
    text(&bytes).map_err(|why| refused(&why))
}

/// Runs the command of `setting` by the shell; what it prints is the secret. It does not inherit any credential.
pub(crate) fn from_command(setting: &str, command: &str) -> Result<Zeroizing<String>, Failure> {
    let refused = |why: &str| refused(&format!("{setting}: {why}"));
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
    text(&printed).map_err(|why| refused(&why))
}

/// A credential is one line of text. What an editor or a shell puts around it is no part of it: a byte order mark, and the
/// ends of lines. The error never shows any of it.
fn text(bytes: &[u8]) -> Result<Zeroizing<String>, String> {
    if bytes.len() as u64 > LONGEST_SECRET {
        return Err("it is too long to be a secret".to_owned());
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.contains(&0) {
        return Err("it is in UTF-16 or another encoding with zero bytes; save it as UTF-8".to_owned());
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text")?;
    let text = text
        .strip_prefix('\u{feff}')
        .unwrap_or(text)
        .trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    if text.contains(['\n', '\r']) {
        return Err("it has more than one line".to_owned());
    }
    if let Some(hidden) = text.chars().find(|&c| output::is_hidden(c)) {
        return Err(format!(
            "it contains U+{:04X}, an invisible character, which no credential has; copy the credential again",
            u32::from(hidden)
        ));
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
    fn a_secret_is_one_line_without_what_an_editor_puts_around_it() {
        let utf16 = |text: &str, order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let (little, big) = (
            utf16("\u{feff}s3cret\r\n", u16::to_le_bytes),
            utf16("\u{feff}s3cret", u16::to_be_bytes),
        );
        let unmarked = utf16("s3cret", u16::to_le_bytes);
        let table: [(&[u8], Result<&str, &str>); 23] = [
            (b"s3cret", Ok("s3cret")),
            (b"s3cret\n", Ok("s3cret")),
            (b"s3cret\r\n", Ok("s3cret")),
            (b"s3cret\r", Ok("s3cret")),
            (b"s3cret\n\n", Ok("s3cret")),
            (b" s3cret ", Ok(" s3cret ")),
            (b"\xef\xbb\xbfs3cret\r\n", Ok("s3cret")),
            ("g\u{e9}heim".as_bytes(), Ok("g\u{e9}heim")),
            (b"", Err("empty")),
            (b"\n", Err("empty")),
            (b"\xef\xbb\xbf", Err("empty")),
            (b"\xef\xbb\xbf\r\n", Err("empty")),
            (b"a\nb", Err("more than one line")),
            (b"\nb", Err("more than one line")),
            (b"\xff", Err("not UTF-8")),
            (&little, Err("UTF-16")),
            (&big, Err("UTF-16")),
            (&unmarked, Err("UTF-16")),
            (b"a\tb", Err("U+0009")),
            (b"a\x1bb", Err("U+001B")),
            ("a\u{200b}b".as_bytes(), Err("U+200B")),
            ("a\u{feff}b".as_bytes(), Err("U+FEFF")),
            ("a\u{a0}b".as_bytes(), Err("U+00A0")),
        ];
        for (bytes, expected) in table {
            match (text(bytes), expected) {
                (Ok(read), Ok(expected)) => assert_eq!(read.as_str(), expected),
                (Err(why), Err(part)) => {
                    assert!(why.contains(part), "{why}");
                    assert!(!why.contains("s3cret"), "{why}");
                }
                (read, expected) => panic!("{bytes:?}: {read:?} and not {expected:?}"),
            }
        }
    }
}
