//! Writes a sheet as CSV, with a line for each of its rows.

use std::collections::BTreeSet;

use fleetpurge_text::Counted;

use super::cells::{Book, Cell, each_row};
use crate::cells;
use crate::comments::{Comments, USUAL, begins_with};
use crate::error::{Error, ErrorKind};
use crate::form::Form;
use crate::grammar::Delimiter;
use crate::remark::is_comment;
use crate::sought::{EITHER, Sought};
use crate::visible::sample;

/// A sheet as CSV.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) csv: Vec<u8>,
    /// The number of its first line: 0 if a header was put above the first row.
    pub(super) first_line: u64,
    /// The rows with devices.
    pub(super) rows: BTreeSet<u32>,
}

/// What is above the rows.
enum Header {
    /// The names of the columns, and which of them name devices; none if they do not say.
    Columns(Vec<String>, Vec<usize>),
    /// Nothing: each row is one value.
    None,
}

/// Writes the rows from the header on.
pub(super) fn write(
    name: &str,
    book: &mut Book<'_>,
    sheet: &str,
    form: &Form,
    sought: &Sought,
    without_value: &BTreeSet<(u32, u32)>,
) -> Result<Written, Error> {
    let mut written = Written {
        csv: Vec::new(),
        first_line: 1,
        rows: BTreeSet::new(),
    };
    let mut lines = 0;
    let mut header: Option<Header> = None;
    let mut header_row = 0;
    let counted = Counted::Rows {
        sheet: sheet.to_owned(),
    };
    let place = Place {
        name,
        counted: &counted,
    };
    each_row(name, book, sheet, |row, cells| {
        let is_above = form.header_row.is_some_and(|header| u64::from(row) < header);
        if (header.is_none() && is_above) || is_note(cells, sought) {
            return Ok(true);
        }
        let mut texts: Vec<&str> = cells.iter().map(|cell| cell.text.as_str()).collect();
        match &header {
            // The reader passes over it and goes on to the header.
            None if is_comment_above(name, cells, form, sought) => {}
            None => {
                let found = self::header(place.name, cells, sought);
                header_row = row;
                if let Header::None = found {
                    header_row = 0;
                    texts = vec![place.only(row, cells, sought)?];
                    cells::write(&mut written.csv, [EITHER]);
                    written.first_line = 0;
                    written.rows.insert(row);
                }
                header = Some(found);
            }
            Some(Header::Columns(names, naming)) => {
                if texts.len() < names.len() {
                    texts.resize(names.len(), "");
                }
                place.refuse_other(row, cells, naming.iter().copied(), Some(names))?;
                written.rows.insert(row);
            }
            Some(Header::None) => {
                texts = vec![place.only(row, cells, sought)?];
                written.rows.insert(row);
            }
        }
        while lines + 1 < row {
            written.csv.push(b'\n');
            lines += 1;
        }
        cells::write(&mut written.csv, texts);
        lines = row;
        Ok(true)
    })?;
    place.refuse_without_value(header.as_ref(), header_row, without_value)?;
    Ok(written)
}

/// What the first row says of those below it.
fn header(name: &str, cells: &[Cell], sought: &Sought) -> Header {
    let names: Vec<String> = cells.iter().map(|cell| cell.text.clone()).collect();
    match (sought.naming(name, &names), sought) {
        (Ok(naming), _) => Header::Columns(names, naming),
        (Err(_), Sought::Protected(_)) if values(cells).count() == 1 => Header::None,
        (Err(_), _) => Header::Columns(names, Vec::new()),
    }
}

/// Whether the reader takes a row above the header for a comment: otherwise no cell would be judged by the header.
fn is_comment_above(name: &str, cells: &[Cell], form: &Form, sought: &Sought) -> bool {
    let (mark, may_be_header) = match form.comments {
        Comments::Detect => (USUAL, true),
        Comments::Char(char) => (char.get(), false),
        Comments::None => return false,
    };
    let Some(first) = cells.first().map(|cell| cell.text.as_str()) else {
        return false;
    };
    // A column of numbers may be called so.
    let is_header = || matches!(header(name, cells, sought), Header::Columns(_, naming) if !naming.is_empty());
    matches!(sought, Sought::Devices(_))
        && begins_with(first, mark, Delimiter::Byte(b'"'))
        && !(may_be_header && first.trim() == "#" && is_header())
}

/// The cells that hold anything, with their columns.
pub(super) fn values(cells: &[Cell]) -> impl Iterator<Item = (usize, &Cell)> {
    let cells = cells.iter().enumerate();
    cells.filter(|(_, cell)| !cell.text.trim().is_empty() || cell.other.is_some())
}

/// Whether the row is a comment of a list of protected devices; in other lists the reader judges comments. A formula that
/// failed begins with `#` as well, and is none.
pub(super) fn is_note(cells: &[Cell], sought: &Sought) -> bool {
    let is_comment = |cell: &Cell| cell.other.is_none() && is_comment(&cell.text);
    matches!(sought, Sought::Protected(_)) && cells.first().is_some_and(is_comment)
}

/// Where a row stands, for messages.
struct Place<'a> {
    name: &'a str,
    counted: &'a Counted,
}

impl Place<'_> {
    fn at(&self, row: u32, error: Error) -> Error {
        error.at_line(row.into()).counted_in(self.counted)
    }

    /// The value of a row under no header. Taken for one name, two values would protect nothing.
    fn only<'c>(&self, row: u32, cells: &'c [Cell], sought: &Sought) -> Result<&'c str, Error> {
        let mut values = values(cells);
        let first = values.next();
        if values.next().is_some() {
            let needed = sought.needed();
            let error = Error::new(
                ErrorKind::FieldCount,
                self.name,
                "the row holds more than one value",
                format!("write one value a row, or a header row with {needed} above all others"),
            );
            return Err(self.at(row, error));
        }
        let Some((at, cell)) = first else { return Ok("") };
        self.refuse_other(row, cells, [at], None)?;
        Ok(&cell.text)
    }

    /// Refuses cells in these columns that are no text of one line.
    fn refuse_other(
        &self,
        row: u32,
        cells: &[Cell],
        columns: impl IntoIterator<Item = usize>,
        names: Option<&[String]>,
    ) -> Result<(), Error> {
        for at in columns {
            let Some(cell) = cells.get(at) else { continue };
            let what = cell
                .other
                .or_else(|| cells::breaks(&cell.text).then_some("text of several lines"));
            let Some(what) = what else { continue };
            let error = self.refused(row, at, what, cell);
            return Err(match names.and_then(|names| names.get(at)) {
                Some(name) => error.in_column(name),
                None => error,
            });
        }
        Ok(())
    }

    /// Refuses a formula without a stored value where a device is named: it looks blank, and so may its row.
    fn refuse_without_value(
        &self,
        header: Option<&Header>,
        header_row: u32,
        without_value: &BTreeSet<(u32, u32)>,
    ) -> Result<(), Error> {
        let names_device = |column: usize| match header {
            Some(Header::Columns(_, naming)) => naming.contains(&column),
            Some(Header::None) => true,
            None => false,
        };
        let below = without_value.range((header_row, 0)..);
        let mut found = below.map(|&(row, column)| (row, column as usize));
        let Some((row, column)) = found.find(|&(row, column)| row > header_row && names_device(column)) else {
            return Ok(());
        };
        let error = self.refused(row, column, "a formula without a stored value", &Cell::default());
        Err(match header {
            Some(Header::Columns(names, _)) => match names.get(column) {
                Some(name) => error.in_column(name),
                None => error,
            },
            _ => error,
        })
    }

    /// A cell that is no uid or name.
    fn refused(&self, row: u32, column: usize, what: &str, cell: &Cell) -> Error {
        let value = if cell.text.is_empty() {
            String::new()
        } else {
            format!(", `{}`", sample(&cell.text))
        };
        let error = Error::new(
            ErrorKind::Cell,
            self.name,
            format!(
                "cell {}{row} is {what}{value}, and a uid or name is text",
                letters(column)
            ),
            "format the column as text and enter the value exactly as the inventory has it, or export the list again \
             as CSV",
        );
        self.at(row, error)
    }
}

/// The letters that a spreadsheet shows above a column.
fn letters(column: usize) -> String {
    let mut letters = String::new();
    let mut left = column + 1;
    while left > 0 {
        letters.insert(0, char::from(b'A' + u8::try_from((left - 1) % 26).unwrap_or_default()));
        left = (left - 1) / 26;
    }
    letters
}
