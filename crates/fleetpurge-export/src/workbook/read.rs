//! Reads the sheet of a workbook that is meant.

use std::io::{Cursor, Read};

use calamine::{Reader, SheetVisible, Xlsx};

use super::cells::Book;
use super::choose::choose;
use super::marks::{marks, told};
use super::parts::{self, damaged};
use super::write::write;
use crate::error::{Error, ErrorKind};
use crate::form::Form;
use crate::sought::Sought;

/// A sheet as CSV, line by line, and what is hidden in it.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) csv: Vec<u8>,
    pub(crate) first_line: u64,
    pub(crate) hidden: Option<String>,
}

/// Reads the sheet that is asked for, or else the one that fits.
pub(crate) fn read(name: &str, bytes: impl Read, form: &Form, sought: &Sought) -> Result<Sheet, Error> {
    let file = parts::whole(name, bytes)?;
    let mut parts = parts::open(name, &file)?;
    let mut book: Book<'_> = Xlsx::new(Cursor::new(file.as_slice())).map_err(|error| damaged(name, &error))?;
    let chosen = choose(name, &mut book, form, sought)?;
    let marks = marks(name, &mut parts, &chosen)?;
    let written = write(name, &mut book, &chosen, form, sought, &marks.without_value)?;
    let hidden: Vec<u32> = marks
        .hidden
        .into_iter()
        .filter(|row| written.rows.contains(row))
        .collect();
    let is_hidden =
        (book.sheets_metadata().iter()).any(|sheet| sheet.name == chosen && sheet.visible != SheetVisible::Visible);
    let hidden = told(&chosen, &hidden, is_hidden);
    match hidden {
        Some(message) if !form.include_hidden => Err(Error::new(
            ErrorKind::Hidden,
            name,
            message,
            "show them (clear the filter, unhide) and look at them, or read them all with --include-hidden",
        )),
        hidden => Ok(Sheet {
            name: chosen,
            csv: written.csv,
            first_line: written.first_line,
            hidden,
        }),
    }
}
