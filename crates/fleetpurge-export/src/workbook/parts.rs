//! The files within a workbook, which is a ZIP archive.

use std::fmt::Display;
use std::io::{self, Cursor, Read};

use crate::error::{Error, ErrorKind};
use crate::visible::sample;

/// The most bytes of a file, and of what is compressed in it: it is read as a whole.
const LARGEST: u64 = 256 * 1024 * 1024;
const LARGEST_UNPACKED: u64 = 2 * 1024 * 1024 * 1024;

pub(super) type Parts<'a> = zip::ZipArchive<Cursor<&'a [u8]>>;

/// All bytes of a workbook.
pub(super) fn whole(name: &str, bytes: impl Read) -> Result<Vec<u8>, Error> {
    let mut file = Vec::new();
    bytes
        .take(LARGEST + 1)
        .read_to_end(&mut file)
        .map_err(|error| Error::unreadable(name, error))?;
    if file.len() as u64 > LARGEST {
        return Err(too_large(name));
    }
    Ok(file)
}

/// Opens the archive, if it is a workbook of a size that can be read.
pub(super) fn open<'a>(name: &str, file: &'a [u8]) -> Result<Parts<'a>, Error> {
    let mut parts = zip::ZipArchive::new(Cursor::new(file)).map_err(|error| damaged(name, &error))?;
    refuse_others(name, &parts)?;
    bound(name, &mut parts)?;
    Ok(parts)
}

/// Names an archive that is no workbook.
fn refuse_others(name: &str, parts: &Parts<'_>) -> Result<(), Error> {
    let has = |part: &str| parts.file_names().any(|name| name == part);
    let begins = |folder: &str| parts.file_names().any(|name| name.starts_with(folder));
    let (message, advice) = if has("xl/workbook.xml") {
        return Ok(());
    } else if has("xl/workbook.bin") {
        (
            "this is a binary Excel workbook (XLSB), a format that is not read",
            "save it as XLSX or CSV",
        )
    } else if has("content.xml") && has("mimetype") {
        (
            "this is an OpenDocument file, a format that is not read",
            "save it as XLSX or CSV",
        )
    } else if begins("word/") {
        (
            "this is a Word document, a format that is not read",
            "copy the list into a spreadsheet, or save it as CSV",
        )
    } else if begins("ppt/") {
        (
            "this is a PowerPoint presentation, a format that is not read",
            "copy the list into a spreadsheet, or save it as CSV",
        )
    } else if begins("Index/") {
        (
            "this is an Apple Numbers document, a format that is not read",
            "export it as XLSX or CSV",
        )
    } else {
        (
            "this is a ZIP archive and no Excel workbook",
            "unpack it, and name the list in it",
        )
    };
    Err(Error::new(ErrorKind::UnsupportedFormat, name, message, advice))
}

/// Unpacks every part once, to nowhere: their declared sizes prove nothing.
fn bound(name: &str, parts: &mut Parts<'_>) -> Result<(), Error> {
    let mut left = LARGEST_UNPACKED;
    for at in 0..parts.len() {
        let part = parts.by_index(at).map_err(|error| damaged(name, &error))?;
        let size = io::copy(&mut part.take(left + 1), &mut io::sink()).map_err(|error| damaged(name, &error))?;
        left = left.checked_sub(size).ok_or_else(|| too_large(name))?;
    }
    Ok(())
}

fn too_large(name: &str) -> Error {
    Error::new(
        ErrorKind::TooLong,
        name,
        "the workbook is larger than a list of devices can be (256 MiB, 2 GiB unpacked)",
        "save the sheet as CSV",
    )
}

/// A workbook that is not as it should be.
pub(super) fn damaged(name: &str, error: &dyn Display) -> Error {
    Error::new(
        ErrorKind::CutOff,
        name,
        format!("the workbook cannot be read: {}", sample(&error.to_string())),
        "it may be cut short, damaged or encrypted: open it in Excel and save it again, or save it as CSV",
    )
}
