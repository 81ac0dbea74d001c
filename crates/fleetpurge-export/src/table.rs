//! Reads a header, and the fields of one row at a time.

use std::borrow::Cow;
use std::str::Utf8Error;

use csv_core::ReadRecordResult;
use fleetpurge_text::Counted;

use crate::columns::listed;
use crate::comments;
use crate::error::{Error, ErrorKind};
use crate::grammar::{Delimiter, Scanner, plain_fields};
use crate::record::{Kind, Place, Records, commented_out};
use crate::sought::Sought;
use crate::visible::visible;

/// A header, and one row at a time under it.
pub(crate) struct Table {
    pub(crate) headers: Vec<String>,
    delimiter: Delimiter,
    /// What says the encoding, for messages.
    encoding_flag: &'static str,
    parser: csv_core::Reader,
    record: Vec<u8>,
    text: String,
    ends: Vec<usize>,
    comments: u64,
    /// Whether the row that was read is the last of a file that does not end with a line end.
    is_cut: bool,
}

impl Table {
    /// Reads the header, trying each delimiter, and finds in it what `resolve` looks for. Also returns how many comments
    /// came before it.
    pub(crate) fn with_columns<C>(
        records: &mut Records,
        sought: &Sought,
        resolve: impl Fn(&str, &[String]) -> Result<C, Error>,
    ) -> Result<(Self, C), Error> {
        let file = records.input().name().to_owned();
        let separator = records.input().separator();
        let mut record = Vec::new();
        let mut comments = 0;
        // The line of a comment that would be a header, were it none.
        let mut like_header = None;
        let place = loop {
            let Some(place) = records.next(Delimiter::Undecided, &mut record)? else {
                return Err(no_header(&file, sought, comments));
            };
            if place.kind == Kind::Row {
                break place;
            }
            let numbers = Self::find(&file, &record, place, separator, sought, &resolve);
            if records.may_be_header() && numbers.is_ok_and(|(table, _)| table.headers[0].trim() == "#") {
                break place;
            }
            comments += 1;
            if like_header.is_none()
                && Self::find(
                    &file,
                    comments::without_mark(&record),
                    place,
                    separator,
                    sought,
                    &resolve,
                )
                .is_ok()
            {
                like_header = Some(place.line);
            }
        };
        records.header_after(comments);
        let found = Self::find(&file, &record, place, separator, sought, &resolve);
        match (found, like_header) {
            (Ok((mut table, columns)), _) => {
                table.comments = comments;
                Ok((table, columns))
            }
            (Err(error), None) => Err(match Self::header_below(records, separator, &file, sought, &resolve) {
                Some(line) => error.advising(sought.header_advice(&place_of(records, line), line)),
                None => error,
            }),
            (Err(_), Some(line)) => Err(Error::new(
                ErrorKind::MissingColumn,
                &file,
                format!(
                    "this {} is a comment that reads like the header; {}, which is taken for the header, names no such \
                     columns",
                    records.input().unit().get().unwrap_or(&Counted::Lines).word(),
                    place_of(records, place.line)
                ),
                "if it is the header, remove the character that it begins with",
            )
            .at_line(line)),
        }
    }

    /// The line below the first on which a header stands: titles may stand above it.
    fn header_below<C>(
        records: &mut Records,
        separator: Option<u8>,
        file: &str,
        sought: &Sought,
        resolve: impl Fn(&str, &[String]) -> Result<C, Error>,
    ) -> Option<u64> {
        const TITLES: usize = 20;
        let mut record = Vec::new();
        (0..TITLES).find_map(|_| {
            let place = records.next(Delimiter::Undecided, &mut record).ok()??;
            let found = Self::find(file, &record, place, separator, sought, &resolve);
            found.is_ok().then_some(place.line)
        })
    }

    /// Finds the columns in a header, whatever separates them.
    fn find<C>(
        file: &str,
        record: &[u8],
        place: Place,
        separator: Option<u8>,
        sought: &Sought,
        resolve: impl Fn(&str, &[String]) -> Result<C, Error>,
    ) -> Result<(Self, C), Error> {
        let tries = Delimiter::CANDIDATES
            .into_iter()
            .filter(|&byte| separator.is_none_or(|separator| separator == byte))
            .map(|byte| Self::with_header(file, byte, record, place, sought));
        let mut best: Option<(Self, Error)> = None;
        let mut found: Option<(Self, C)> = None;
        for table in tries {
            // A header that is no row with this delimiter is one with another, or fails with all of them.
            let table = match table {
                Ok(table) => table,
                Err(error) if error.kind() == ErrorKind::Malformed => continue,
                Err(error) => return Err(error),
            };
            match resolve(file, &table.headers).map_err(|error| error.at_line(place.line)) {
                // A header of one column reads the same with any separator.
                Ok(_) if found.as_ref().is_some_and(|(found, _)| found.headers == table.headers) => {}
                Ok(_) if found.is_some() => {
                    return Err(Error::new(
                        ErrorKind::AmbiguousColumn,
                        file,
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
                file,
                "the header's quotes do not match its separators",
                "save the file as CSV with commas",
            )
            .at_line(place.line)),
        }
    }

    fn with_header(file: &str, delimiter: u8, record: &[u8], place: Place, sought: &Sought) -> Result<Self, Error> {
        let mut table = Self {
            headers: Vec::new(),
            delimiter: Delimiter::Byte(delimiter),
            encoding_flag: sought.encoding_flag(),
            parser: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            record: record.to_vec(),
            text: String::new(),
            ends: Vec::new(),
            comments: 0,
            is_cut: false,
        };
        table.split(file, place)?;
        table.headers = (0..table.ends.len()).map(|at| table.field(at).to_owned()).collect();
        Ok(table)
    }

    /// How many comments were passed over, those before the header among them.
    pub(crate) fn comments(&self) -> u64 {
        self.comments
    }

    /// Whether the row that was read last is the last of a file that does not end with a line end.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Goes to the next row and says on which line it begins. Comments are passed over.
    pub(crate) fn next(&mut self, records: &mut Records) -> Result<Option<u64>, Error> {
        loop {
            match self.next_found(records)? {
                None => return Ok(None),
                Some(Found::Row(line)) => return Ok(Some(line)),
                Some(Found::CommentedOut(_) | Found::Comment(_)) => {}
            }
        }
    }

    /// Goes to the next row or comment.
    pub(crate) fn next_found(&mut self, records: &mut Records) -> Result<Option<Found>, Error> {
        let Some(place) = records.next(self.delimiter, &mut self.record)? else {
            return Ok(None);
        };
        self.is_cut = place.is_cut;
        let file = records.input().name();
        if place.kind == Kind::Comment {
            self.comments += 1;
            return match self.split(file, place) {
                Ok(()) if self.ends.len() == self.headers.len() => Ok(Some(Found::CommentedOut(place.line))),
                Err(error) if error.kind() != ErrorKind::Malformed => Err(error),
                Ok(()) | Err(_) => Ok(Some(Found::Comment(place.line))),
            };
        }
        self.split(file, place)?;
        if !records.takes_any() && comments::is_suspicious(self.field(0)) {
            return Err(commented_out(file, self.field(0)).at_line(place.line));
        }
        self.has_every_field(file, place)?;
        Ok(Some(Found::Row(place.line)))
    }

    /// Refuses a row that has more or fewer fields than the header.
    fn has_every_field(&self, file: &str, place: Place) -> Result<(), Error> {
        let (fields, headers) = (self.ends.len(), self.headers.len());
        if fields == headers {
            return Ok(());
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
        if place.is_cut && fields < headers {
            message.push_str("; it is the last and has no line end: the file may be cut short");
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

    /// The text of the row or comment as it stands, without its line end.
    pub(crate) fn raw(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.record)
    }

    /// The fields of the row.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|at| self.field(at))
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
    pub(crate) fn maybe_field(&self, at: Option<usize>) -> &str {
        at.map_or("", |at| self.field(at))
    }

    /// Takes the fields of the row out of their quotes.
    fn split(&mut self, file: &str, place: Place) -> Result<(), Error> {
        let Delimiter::Byte(_) = self.delimiter else {
            return Ok(());
        };
        if let Err(error) = std::str::from_utf8(&self.record) {
            return Err(self.not_utf8(file, place, error));
        }
        let expected = if let Some(fields) = plain_fields(&self.record, self.delimiter) {
            fields
        } else {
            let mut scanner = Scanner::new(self.delimiter);
            for &byte in &self.record {
                scanner
                    .step(byte)
                    .map_err(|fault| fault.at(file, place.line, &scanner))?;
            }
            scanner.fields()
        };
        let mut text = std::mem::take(&mut self.text).into_bytes();
        text.clear();
        // Unquoting never lengthens; the parser calls a buffer full that has no room left.
        text.resize(self.record.len() + 1, 0);
        self.ends.clear();
        self.ends.resize(expected + 1, 0);
        self.record.push(b'\n');
        let (result, _, length, fields) = self.parser.read_record(&self.record, &mut text, &mut self.ends);
        self.record.pop();
        text.truncate(length);
        self.ends.truncate(fields);
        let whole = matches!(result, ReadRecordResult::Record) && fields == expected;
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

    fn not_utf8(&self, file: &str, place: Place, error: Utf8Error) -> Error {
        let at = error.valid_up_to();
        let mut scanner = Scanner::new(self.delimiter);
        let before = &self.record[..at];
        // The row was framed already: no byte before the bad one is at fault.
        let known = before.iter().all(|&byte| scanner.step(byte).is_ok()) && place.kind == Kind::Row;
        let byte = self.record[at];
        let offset = place.offset + at as u64;
        let error = if place.is_cut && error.error_len().is_none() {
            Error::new(
                ErrorKind::CutOff,
                file,
                format!(
                    "the file ends within a character: byte 0x{byte:02x} at offset {offset} of the file begins one"
                ),
                "export the list again: it is cut short, or no UTF-8",
            )
        } else {
            Error::new(
                ErrorKind::Encoding,
                file,
                format!("the text is not UTF-8: byte 0x{byte:02x} at offset {offset} of the file"),
                format!(
                    "save the file as UTF-8 (in Excel: \"CSV UTF-8\"), or say {} windows-1252 if it is in that",
                    self.encoding_flag
                ),
            )
        }
        .at_line(place.line + before.iter().filter(|&&byte| byte == b'\n').count() as u64);
        match self.headers.get(scanner.fields() - 1).filter(|_| known) {
            Some(column) => error.in_column(column),
            None => error,
        }
    }
}

/// Where a row stands, for a person.
fn place_of(records: &Records, line: u64) -> String {
    let counted = records.input().unit().get().unwrap_or(&Counted::Lines);
    visible(&counted.place(line)).into_owned()
}

/// What was read under a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A row, from this line.
    Row(u64),
    /// A comment, from this line, with every field of a row.
    CommentedOut(u64),
    /// Another comment, from this line.
    Comment(u64),
}

fn no_header(file: &str, sought: &Sought, comments: u64) -> Error {
    let (message, advice) = if comments == 0 {
        ("the file is empty", "its first line names the columns")
    } else {
        (
            "the file holds comments and nothing else",
            "its first line that is no comment names the columns",
        )
    };
    Error::new(
        ErrorKind::Empty,
        file,
        message,
        format!("export the list again: {advice}, {} among them", sought.needed()),
    )
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table")
            .field("headers", &self.headers)
            .field("delimiter", &self.delimiter)
            .finish_non_exhaustive()
    }
}
