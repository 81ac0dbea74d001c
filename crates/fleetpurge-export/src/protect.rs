//! Reads lists of devices that must stay.
//!
//! A misread list protects nothing, so it is either a table with a column of uids or of names, or one uid or name a
//! line without a separator. For Ubidots these are ids and labels. People write such lists by hand, so both forms may
//! have comments.

use std::path::Path;

use fleetpurge_text::Counted;

use crate::comment::{CutComment, Lines, Uncommented};
use crate::error::{Error, ErrorKind};
use crate::form::{self, Unit};
use crate::formats::is_certainly_json;
use crate::headers::{Headers, Meaning};
use crate::input::Input;
use crate::plain::plain_entry;
use crate::protected::{ProtectedEntry, ProtectedValue};
use crate::record::{Delimiter, Records};
use crate::remark::{comment, is_comment};
use crate::rows::{ReadOptions, Table};
use crate::sought::{Names, Sought, protecting};
use crate::warning::Warning;
use crate::watch::cut_comment;

/// The entries of one list in their order. Ends after the first error.
///
/// A list without any uid or name ends in an error ([`ErrorKind::Empty`]): it would protect nothing.
#[derive(Debug)]
pub struct ProtectedEntries {
    names: Headers,
    file: String,
    form: Form,
    unit: Unit,
    warnings: Vec<Warning>,
    /// What is said of an entry or a comment that the file ends with.
    last: Option<Warning>,
    is_empty: bool,
    is_over: bool,
}

#[derive(Debug)]
enum Form {
    Nothing,
    /// One value a line. The first line was read already.
    Plain {
        lines: Lines,
        first: Option<u64>,
        bytes: Vec<u8>,
    },
    Table {
        records: Records,
        table: Box<Table>,
        columns: Vec<(usize, Names)>,
        cut: CutComment,
    },
}

/// Reads a list of devices that must stay: a table with a column of uids or of names (or both), or one uid or name a line.
/// It is in any form that an export is read in. `-` is standard input.
///
/// Of the options it takes what the columns are called, the encoding, the sheet, and whether hidden rows are read. It
/// ignores those about columns, comments and the row of the header.
///
/// A line that begins with `#` is a comment, and what follows a `#` after a space is one. `PC#1` is a name, and so is
/// `"PC # 1"` in quotes on a line of its own. Where `PC # 1` is not in quotes, or in a table, whose quotes a program sets as
/// it likes, devices called `PC` and devices called `PC # 1` stay. JSON has no comments: `"#1"` is a name.
///
/// # Errors
///
/// The file cannot be read, or is neither. A list of Ubidots devices by what people call them is neither.
pub fn read_protected(path: impl AsRef<Path>, options: &ReadOptions) -> Result<ProtectedEntries, Error> {
    let (names, form) = options.protecting();
    let form = form::Form {
        header_row: None,
        ..form.clone()
    };
    let input = Input::open(path.as_ref(), &form, &Sought::Protected(names))?;
    let file = input.name().to_owned();
    let warnings: Vec<Warning> = input
        .hidden()
        .map(|hidden| Warning::hidden(&file, hidden))
        .into_iter()
        .collect();
    let unit = Unit::clone(input.unit());
    let form = if input.is_cells() {
        cells(input, names)
    } else {
        text(input, names, &file)
    }
    .map_err(|error| counted(error, unit.get()))?;
    Ok(ProtectedEntries {
        names,
        file,
        form,
        unit,
        warnings,
        last: None,
        is_empty: true,
        is_over: false,
    })
}

/// A list that people write by hand, or CSV.
fn text(input: Input, names: Headers, file: &str) -> Result<Form, Error> {
    let mut lines = Lines::new(input);
    let mut bytes = Vec::new();
    loop {
        let Some(line) = lines.next(&mut bytes)? else {
            return Ok(Form::Nothing);
        };
        // What is not UTF-8 is no comment, and is told as soon as it is read.
        let text = lines.text(line, &bytes);
        match &text {
            Ok(text) if text.trim().is_empty() || is_comment(text) => continue,
            Ok(text) if is_certainly_json(text) => {
                return Err(Error::new(
                    ErrorKind::Malformed,
                    file,
                    "this is JSON below a comment, and JSON has no comments",
                    "remove the lines above it",
                )
                .at_line(line));
            }
            _ => {}
        }
        return match table_header(text?, names) {
            Some(header) => {
                let mut before = vec![b'\n'; usize::try_from(line - 1).unwrap_or_default()];
                before.extend_from_slice(header.as_bytes());
                before.push(b'\n');
                let separator = lines.separator();
                let bytes = Uncommented::after(before, lines);
                let cut = bytes.cut();
                let sought = Sought::Protected(names);
                table(Input::text(file, Box::new(bytes), separator, &sought)?, names, cut)
            }
            None => Ok(Form::Plain {
                lines,
                first: Some(line),
                bytes,
            }),
        };
    }
}

/// A sheet, or JSON. No comment can be cut off there.
fn cells(input: Input, names: Headers) -> Result<Form, Error> {
    table(input, names, CutComment::default())
}

/// The header, where the first line is one: it has a column that is known, or more than one column at all.
fn table_header(line: &str, names: Headers) -> Option<&str> {
    let known = |line: &str| {
        let count = |delimiter: u8| {
            line.split(char::from(delimiter))
                .filter(|field| names.meaning(unquoted(field)) != Meaning::Other)
                .count()
        };
        Delimiter::CANDIDATES.map(count).into_iter().max().unwrap_or_default()
    };
    let bare = comment(line).map_or(line, |at| line[..at].trim_end());
    // A column may be called `Serial #`.
    let header = if known(bare) > known(line) { bare } else { line };
    let is_quoted = line.trim_start().starts_with('"');
    let is_row = !is_quoted && bare.trim().contains([',', ';', '\t']);
    (known(header) > 0 || is_row).then_some(header)
}

fn unquoted(field: &str) -> &str {
    let field = field.trim();
    field
        .strip_prefix('"')
        .and_then(|field| field.strip_suffix('"'))
        .unwrap_or(field)
}

fn counted(error: Error, counted: Option<&Counted>) -> Error {
    match counted {
        Some(counted) => error.counted_in(counted),
        None => error,
    }
}

fn table(input: Input, names: Headers, cut: CutComment) -> Result<Form, Error> {
    let mut records = Records::new(input);
    let (table, columns) = Table::with_columns(&mut records, &Sought::Protected(names), |file, headers| {
        protecting(names, file, headers)
    })?;
    Ok(Form::Table {
        records,
        table: Box::new(table),
        columns,
        cut,
    })
}

impl ProtectedEntries {
    /// What a person should look at, once the iterator has ended without an error: hidden rows that were read, a last entry
    /// without a line end, which may be half a name, or a last comment without one.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// What the numbers of the entries count; known once the first was read.
    #[must_use]
    pub fn counted(&self) -> Counted {
        self.unit.get().cloned().unwrap_or_default()
    }

    /// Whether the file ends with the entry that was read last, and without a line end.
    fn is_cut(&self) -> bool {
        match &self.form {
            Form::Nothing => false,
            Form::Plain { lines, .. } => lines.is_cut(),
            Form::Table { table, .. } => table.is_cut(),
        }
    }

    /// What is said of a comment that a table ends with, if it has no line end.
    fn cut_comment(&self) -> Option<Warning> {
        match &self.form {
            Form::Nothing | Form::Plain { .. } => None,
            Form::Table { cut, .. } => {
                let (line, text) = cut.get()?;
                Some(cut_comment(&self.file, *line, text))
            }
        }
    }

    fn read(&mut self) -> Result<Option<ProtectedEntry>, Error> {
        let names = self.names;
        match &mut self.form {
            Form::Nothing => Ok(None),
            Form::Plain { lines, first, bytes } => loop {
                let line = match first.take() {
                    Some(line) => line,
                    None => match lines.next(bytes)? {
                        Some(line) => line,
                        None => return Ok(None),
                    },
                };
                if let Some(entry) = plain_entry(lines, line, bytes, names)? {
                    return Ok(Some(entry));
                }
                if lines.is_cut() && !bytes.trim_ascii().is_empty() {
                    self.last = Some(cut_comment(&self.file, line, lines.text(line, bytes)?));
                }
            },
            Form::Table {
                records,
                table,
                columns,
                ..
            } => {
                while let Some(line) = table.next(records)? {
                    let mut entry = ProtectedEntry::at(line);
                    for &(at, names) in &*columns {
                        let of = match names {
                            Names::Uid => ProtectedValue::Uid,
                            Names::Name => ProtectedValue::Name,
                            Names::Either => ProtectedValue::Either,
                        };
                        entry.add(table.field(at), of);
                    }
                    if entry.values.is_empty() {
                        let fields = table.fields().map(str::trim);
                        entry.fields = fields.filter(|text| !text.is_empty()).map(str::to_owned).collect();
                    }
                    if !entry.values.is_empty() || !entry.fields.is_empty() {
                        return Ok(Some(entry));
                    }
                }
                Ok(None)
            }
        }
    }
}

impl Iterator for ProtectedEntries {
    type Item = Result<ProtectedEntry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        match self.read() {
            Ok(Some(entry)) => {
                self.is_empty &= entry.values.is_empty();
                if self.is_cut() {
                    self.last = Some(entry.cut(&self.file));
                }
                Some(Ok(entry))
            }
            Ok(None) => {
                self.is_over = true;
                let cut = self.last.take().or_else(|| self.cut_comment());
                self.warnings.extend(cut);
                self.is_empty.then(|| {
                    Err(Error::new(
                        ErrorKind::Empty,
                        &self.file,
                        "the list of protected devices is empty",
                        format!("write {}, or leave the list out", self.names.plain()),
                    ))
                })
            }
            Err(error) => {
                self.is_over = true;
                Some(Err(counted(error, self.unit.get())))
            }
        }
    }
}
