//! The devices of one file, one at a time.

use std::io::Read;
use std::path::Path;

use csv_core::ReadRecordResult;

use crate::columns::{self, Columns, Wanted, listed};
use crate::error::{Error, ErrorKind};
use crate::headers::Headers;
use crate::input::{Digest, Input};
use crate::record::{Delimiter, Place, Records, Scanner};

/// One device of an export, character for character as it stood there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    /// The line of the file, from 1, on which the row begins.
    pub line: u64,
    /// The uid: whatever stood in its column, blank and malformed ones included. Empty where there is no such column.
    pub uid: String,
    /// The name, likewise; of Ubidots, the label.
    pub name: String,
}

/// How an export is to be read.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    wanted: Wanted,
}

impl ReadOptions {
    /// Finds the columns by their names, `uid` and `name` or what is plainly the same: [`Headers::Nexthink`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Finds the columns by these names.
    #[must_use]
    pub const fn headers(mut self, headers: Headers) -> Self {
        self.wanted.headers = headers;
        self
    }

    /// Takes the uid from this column.
    #[must_use]
    pub fn uid_column(mut self, column: impl Into<String>) -> Self {
        self.wanted.uid = Some(column.into());
        self
    }

    /// Takes the name from this column.
    #[must_use]
    pub fn name_column(mut self, column: impl Into<String>) -> Self {
        self.wanted.name = Some(column.into());
        self
    }

    /// Opens a file, or standard input for `-`, and reads its header.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is empty, is in a format that is not read, or its header leaves a doubt about the
    /// columns.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Rows, Error> {
        Rows::new(Input::open(path.as_ref())?, &self.wanted)
    }

    /// Reads from anywhere, under a name for messages. Bytes are read as rows are asked for.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open).
    pub fn read(&self, name: &str, bytes: impl Read + Send + 'static) -> Result<Rows, Error> {
        Rows::new(Input::new(name, Box::new(bytes))?, &self.wanted)
    }
}

/// The rows of one file in their order. Ends after the first error.
#[derive(Debug)]
pub struct Rows {
    records: Records,
    table: Table,
    columns: Columns,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Reading,
    Done,
    Failed,
}

impl Rows {
    fn new(input: Input, wanted: &Wanted) -> Result<Self, Error> {
        let mut records = Records::new(input);
        let (table, columns) = Table::with_columns(&mut records, wanted.headers, |file, headers| {
            columns::resolve(file, headers, wanted)
        })?;
        Ok(Self {
            records,
            table,
            columns,
            state: State::Reading,
        })
    }

    /// The column that the uids are taken from, as the header names it; `None` where it has none.
    #[must_use]
    pub fn uid_column(&self) -> Option<&str> {
        self.columns.uid.map(|at| self.table.headers[at].as_str())
    }

    /// The column that the names are taken from, as the header names it; `None` where it has none.
    #[must_use]
    pub fn name_column(&self) -> Option<&str> {
        self.columns.name.map(|at| self.table.headers[at].as_str())
    }

    /// The digest of the file, once all of it has been read without error.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        (self.state == State::Done).then(|| self.records.input().digest())
    }
}

impl Iterator for Rows {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.state != State::Reading {
            return None;
        }
        match self.table.next(&mut self.records) {
            Ok(Some(line)) => Some(Ok(Row {
                line,
                uid: self.table.maybe_field(self.columns.uid).to_owned(),
                name: self.table.maybe_field(self.columns.name).to_owned(),
            })),
            Ok(None) => {
                self.state = State::Done;
                None
            }
            Err(error) => {
                self.state = State::Failed;
                Some(Err(error))
            }
        }
    }
}

/// A header, and one row at a time under it.
pub(crate) struct Table {
    pub(crate) headers: Vec<String>,
    delimiter: Delimiter,
    parser: csv_core::Reader,
    record: Vec<u8>,
    text: String,
    ends: Vec<usize>,
}

impl Table {
    /// Reads the header, trying each delimiter, and finds in it what `resolve` looks for.
    pub(crate) fn with_columns<C>(
        records: &mut Records,
        names: Headers,
        resolve: impl Fn(&str, &[String]) -> Result<C, Error>,
    ) -> Result<(Self, C), Error> {
        let file = records.input().name().to_owned();
        let mut record = Vec::new();
        let Some(place) = records.next(Delimiter::Undecided, &mut record)? else {
            return Err(Error::new(
                ErrorKind::Empty,
                &file,
                "the file is empty",
                format!(
                    "export the list again: its first line names the columns, {} among them",
                    names.needed()
                ),
            ));
        };
        let tries = Delimiter::CANDIDATES.map(|byte| Self::with_header(&file, byte, &record, place));
        let mut best: Option<(Self, Error)> = None;
        let mut found: Option<(Self, C)> = None;
        for table in tries {
            // A header that is no row with this delimiter is one with another, or fails with all of them.
            let table = match table {
                Ok(table) => table,
                Err(error) if error.kind() == ErrorKind::Malformed => continue,
                Err(error) => return Err(error),
            };
            match resolve(&file, &table.headers) {
                // A header of one column reads the same with any separator.
                Ok(_) if found.as_ref().is_some_and(|(found, _)| found.headers == table.headers) => {}
                Ok(_) if found.is_some() => {
                    return Err(Error::new(
                        ErrorKind::AmbiguousColumn,
                        &file,
                        "the header can be read with more than one separator",
                        "save the file with commas",
                    )
                    .at_line(place.line));
                }
                Ok(columns) => found = Some((table, columns)),
                Err(error) => {
                    if best
                        .as_ref()
                        .is_none_or(|(best, _)| table.headers.len() > best.headers.len())
                    {
                        best = Some((table, error));
                    }
                }
            }
        }
        match (found, best) {
            (Some(found), _) => Ok(found),
            (None, Some((_, error))) => Err(error),
            (None, None) => Err(Error::new(
                ErrorKind::Malformed,
                &file,
                "the header's quotes do not match its separators",
                "save the file as CSV with commas",
            )
            .at_line(place.line)),
        }
    }

    fn with_header(file: &str, delimiter: u8, record: &[u8], place: Place) -> Result<Self, Error> {
        let mut table = Self {
            headers: Vec::new(),
            delimiter: Delimiter::Byte(delimiter),
            parser: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            record: record.to_vec(),
            text: String::new(),
            ends: Vec::new(),
        };
        table.split(file, place)?;
        table.headers = (0..table.ends.len()).map(|at| table.field(at).to_owned()).collect();
        Ok(table)
    }

    /// Goes to the next row and says on which line it begins.
    pub(crate) fn next(&mut self, records: &mut Records) -> Result<Option<u64>, Error> {
        let Some(place) = records.next(self.delimiter, &mut self.record)? else {
            return Ok(None);
        };
        let file = records.input().name();
        self.split(file, place)?;
        let (fields, headers) = (self.ends.len(), self.headers.len());
        if fields == headers {
            return Ok(Some(place.line));
        }
        let counted = |count: usize| {
            if count == 1 {
                "1 field".to_owned()
            } else {
                format!("{count} fields")
            }
        };
        let mut message = format!("the row has {} where the header has {headers}", counted(fields));
        if fields < headers {
            message.push_str(&format!("; missing: {}", listed(&self.headers[fields..])));
        }
        let error = Error::new(
            ErrorKind::FieldCount,
            file,
            message,
            "give the row every field of the header, and quote a field that holds a separator",
        )
        .at_line(place.line);
        Err(match self.headers.get(fields) {
            Some(column) => error.in_column(column),
            None => error,
        })
    }

    /// A field of the row; empty where there is none.
    pub(crate) fn field(&self, at: usize) -> &str {
        let start = match at.checked_sub(1) {
            Some(before) => self.ends.get(before).copied(),
            None => Some(0),
        };
        let end = self.ends.get(at).copied();
        start
            .zip(end)
            .and_then(|(start, end)| self.text.get(start..end))
            .unwrap_or_default()
    }

    /// A field of the row; empty where the header has no such column.
    fn maybe_field(&self, at: Option<usize>) -> &str {
        at.map_or("", |at| self.field(at))
    }

    /// Takes the fields of the row out of their quotes.
    fn split(&mut self, file: &str, place: Place) -> Result<(), Error> {
        let Delimiter::Byte(_) = self.delimiter else {
            return Ok(());
        };
        if let Err(error) = std::str::from_utf8(&self.record) {
            return Err(self.not_utf8(file, place, error.valid_up_to()));
        }
        let mut scanner = Scanner::new(self.delimiter);
        for &byte in &self.record {
            scanner
                .step(byte)
                .map_err(|fault| fault.into_error(file).at_line(place.line))?;
        }
        let mut text = std::mem::take(&mut self.text).into_bytes();
        text.clear();
        // Unquoting never lengthens; the parser calls a buffer full that has no room left.
        text.resize(self.record.len() + 1, 0);
        self.ends.clear();
        self.ends.resize(scanner.fields() + 1, 0);
        self.record.push(b'\n');
        let (result, _, length, fields) = self.parser.read_record(&self.record, &mut text, &mut self.ends);
        self.record.pop();
        text.truncate(length);
        self.ends.truncate(fields);
        let whole = matches!(result, ReadRecordResult::Record) && fields == scanner.fields();
        // Quotes and separators are ASCII, so what is left of valid UTF-8 is valid; asked all the same.
        match String::from_utf8(text) {
            Ok(text) if whole => {
                self.text = text;
                Ok(())
            }
            _ => Err(Error::new(
                ErrorKind::Malformed,
                file,
                "the row could not be taken apart",
                "export the list again",
            )
            .at_line(place.line)),
        }
    }

    fn not_utf8(&self, file: &str, place: Place, at: usize) -> Error {
        let mut scanner = Scanner::new(self.delimiter);
        let before = &self.record[..at];
        // The row was framed already: no byte before the bad one is at fault.
        let known = before.iter().all(|&byte| scanner.step(byte).is_ok());
        let error = Error::new(
            ErrorKind::Encoding,
            file,
            format!(
                "the text is not UTF-8: byte 0x{:02x} at offset {} of the file",
                self.record[at],
                place.offset + at as u64
            ),
            "save the file as UTF-8 (in Excel: \"CSV UTF-8\"); it may be in a Windows code page",
        )
        .at_line(place.line + before.iter().filter(|&&byte| byte == b'\n').count() as u64);
        match self.headers.get(scanner.fields() - 1).filter(|_| known) {
            Some(column) => error.in_column(column),
            None => error,
        }
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table")
            .field("headers", &self.headers)
            .field("delimiter", &self.delimiter)
            .finish_non_exhaustive()
    }
}
