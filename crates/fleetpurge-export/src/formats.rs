//! What a file is, from its first bytes.

use crate::error::{Error, ErrorKind};

const SAVE_AS_CSV: &str = "save or export the list as CSV (in Excel: \"CSV UTF-8 (Comma delimited)\")";

/// As many first bytes as tell a format, a `sep=` line and old line ends.
pub(crate) const HEAD: usize = 8 * 1024;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
    /// XLSX, or another ZIP archive.
    Zip,
}

/// What the bytes are that a file begins with, when nothing compresses them. A format that is not read is refused by its
/// name.
pub(crate) fn recognise(name: &str, head: &[u8]) -> Result<Format, Error> {
    const SIGNATURES: [(&[u8], &str, &str); 11] = [
        (
            b"\xd0\xcf\x11\xe0",
            "this is an old or encrypted Excel workbook (OLE2), a format that is not read",
            "save it as XLSX without a password, or as CSV",
        ),
        (
            b"{\\rtf",
            "this is an RTF document, a format that is not read",
            SAVE_AS_CSV,
        ),
        (
            b"PAR1",
            "this is a Parquet file, a format that is not read",
            SAVE_AS_CSV,
        ),
        (b"%PDF-", "this is a PDF, a format that is not read", SAVE_AS_CSV),
        (
            b"SQLite format 3\0",
            "this is a database, as a plan is, and not a list of devices",
            "name the list here, and give a plan to `fleetpurge apply`",
        ),
        (
            b"PK\x05\x06",
            "this is an empty ZIP archive",
            "name the list of devices itself",
        ),
        (b"\x1f\x8b", "this is compressed twice", "uncompress it once"),
        (b"\x28\xb5\x2f\xfd", "this is compressed twice", "uncompress it once"),
        (
            b"BZh",
            "this is compressed with bzip2",
            "uncompress it first: bzip2 -dk FILE",
        ),
        (
            b"\xfd7zXZ\0",
            "this is compressed with xz",
            "uncompress it first: xz -dk FILE",
        ),
        (
            b"7z\xbc\xaf",
            "this is a 7-Zip archive",
            "unpack it, and name the list in it",
        ),
    ];
    if let Some((_, message, advice)) = SIGNATURES.into_iter().find(|(bytes, ..)| head.starts_with(bytes)) {
        return Err(Error::new(ErrorKind::UnsupportedFormat, name, message, advice));
    }
    if head.get(257..262) == Some(b"ustar") {
        return Err(Error::new(
            ErrorKind::UnsupportedFormat,
            name,
            "this is a TAR archive",
            "unpack it, and name the list in it",
        ));
    }
    if head.starts_with(b"PK\x03\x04") {
        return Ok(Format::Zip);
    }
    let text = head.trim_ascii_start();
    let begins = |word: &[u8]| {
        text.get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    let page = [&b"<!doctype"[..], b"<html", b"<head", b"<body", b"<table"];
    if page.into_iter().any(begins) {
        return Err(Error::new(
            ErrorKind::UnsupportedFormat,
            name,
            "this is an HTML page, most likely a login or error page that was saved in place of the export",
            "open it in a browser to see what it says, then export the list again as CSV or XLSX",
        ));
    }
    if begins(b"<?xml") {
        return Err(Error::new(
            ErrorKind::UnsupportedFormat,
            name,
            "this is XML, a format that is not read",
            SAVE_AS_CSV,
        ));
    }
    Ok(match text.first() {
        Some(b'{' | b'[') => Format::Json,
        _ => Format::Text,
    })
}

/// Whether a list that people write by hand is JSON: a UUID in braces and a pattern such as `[ab]*` are entries of one.
pub(crate) fn is_certainly_json(line: &str) -> bool {
    let line = line.trim();
    line.starts_with(['{', '['])
        && (line.contains('"')
            || line
                .chars()
                .all(|c| matches!(c, '{' | '[' | '}' | ']') || c.is_whitespace()))
}
