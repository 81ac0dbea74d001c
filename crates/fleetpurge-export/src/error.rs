//! What is wrong with an export, where, and how to fix it.

use std::fmt;
use std::io;

use fleetpurge_text::Counted;

use crate::visible::visible;

/// An export that could not be read, or does not say which devices it means.
///
/// Nothing has been planned, and nothing sent, when this is returned.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    file: String,
    line: Option<u64>,
    /// What is counted: lines, rows of a sheet, elements of an array.
    counted: Option<Counted>,
    /// The row that a spreadsheet shows for the line, if it has another number.
    row: Option<u64>,
    column: Option<String>,
    message: String,
    advice: String,
    source: Option<io::Error>,
}

/// What kind of thing was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no such file. Check the path.
    NotFound,
    /// The path names a directory. Name the file in it.
    NotAFile,
    /// The operating system could not read it; `source()` says why.
    Unreadable,
    /// It holds nothing, not even a header. Export again.
    Empty,
    /// It is in a format that is not read, such as PDF. Save it as CSV.
    UnsupportedFormat,
    /// It is not text in the expected encoding, UTF-8 unless said otherwise. Say which, or save it as UTF-8.
    Encoding,
    /// The header lacks the column that is needed. Name the column.
    MissingColumn,
    /// More than one column could be meant. Name the column.
    AmbiguousColumn,
    /// A row has more or fewer fields than the header.
    FieldCount,
    /// A quote or a carriage return stands where none can, a quoted field never ends, or a Ctrl-Z ends the file.
    Malformed,
    /// A row begins as if it was commented out, and nothing says that it was. Remove it, or say what comments begin with.
    CommentedOut,
    /// The file ends within the uid of its last row, or within a character. Export again.
    CutOff,
    /// A cell of a workbook that names a device is no text, or a formula without a value. Enter it as text.
    Cell,
    /// Rows of a workbook, or the sheet, are hidden or filtered out. Show them, or include them.
    Hidden,
    /// No sheet of a workbook fits, or more than one. Name the sheet.
    Sheet,
    /// A row is longer than any device's could be: most likely a quote that is never closed.
    TooLong,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, file: &str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            file: file.to_owned(),
            line: None,
            counted: None,
            row: None,
            column: None,
            message: message.into(),
            advice: advice.into(),
            source: None,
        }))
    }

    pub(crate) fn at_line(mut self, line: u64) -> Self {
        // Keys of JSON are on no line of their own: they stand with the first row.
        self.0.line = Some(line.max(1));
        self
    }

    /// Why the bytes ended early. A reader of ours says so itself, with the line.
    pub(crate) fn unreadable(name: &str, source: io::Error) -> Self {
        let source = match source.downcast::<Self>() {
            Ok(error) => return error,
            Err(source) => source,
        };
        Self::new(
            ErrorKind::Unreadable,
            name,
            "it could not be read to its end",
            "check the file and its disk, then run the same command again",
        )
        .because(source)
    }

    /// Advises something else.
    pub(crate) fn advising(mut self, advice: impl Into<String>) -> Self {
        self.0.advice = advice.into();
        self
    }

    /// Says what the number counts, if nothing said it before; lines by default.
    pub(crate) fn counted_in(mut self, counted: &Counted) -> Self {
        self.0.counted.get_or_insert_with(|| counted.clone());
        self
    }

    /// Says which row a spreadsheet shows for the line, if it has another number.
    pub(crate) fn in_row(mut self, row: Option<u64>) -> Self {
        self.0.row = row;
        self
    }

    pub(crate) fn in_column(mut self, column: impl Into<String>) -> Self {
        self.0.column = Some(column.into());
        self
    }

    pub(crate) fn because(mut self, source: io::Error) -> Self {
        self.0.source = Some(source);
        self
    }

    /// What kind of thing was wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The file as it was named, `standard input` for `-`.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.0.file
    }

    /// The line of the file, from 1, on which the row in question begins; of a workbook the row, of a JSON array the element.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        self.0.line
    }

    /// The column in question, as the header names it.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }

    /// What to do about it: a sentence for a person.
    #[must_use]
    pub fn advice(&self) -> &str {
        &self.0.advice
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&visible(&self.0.file))?;
        if let Some(line) = self.0.line {
            let counted = self.0.counted.as_ref().unwrap_or(&Counted::Lines);
            write!(f, ", {}", visible(&counted.place(line)))?;
            if let Some(row) = self.0.row {
                write!(f, " (row {row} in a spreadsheet)")?;
            }
        }
        if let Some(column) = &self.0.column {
            write!(f, ", column `{}`", column.escape_debug())?;
        }
        write!(f, ": {}", self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_ref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}
