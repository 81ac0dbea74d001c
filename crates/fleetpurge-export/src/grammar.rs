//! The grammar of one row: RFC 4180, and nothing else.
//!
//! CSV parsers are tolerant: they read `"PC-1" old` as `PC-1 old`. Here a wrong name deletes the wrong device, so text
//! that no CSV writer produces is an error.

use crate::error::{Error, ErrorKind};

/// No device's row is longer; a quote that is never closed would otherwise read the whole file into memory.
pub(crate) const LONGEST_ROW: usize = 1024 * 1024;

/// What separates fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delimiter {
    /// This byte.
    Byte(u8),
    /// Not known yet: any of [`CANDIDATES`](Self::CANDIDATES) may.
    Undecided,
}

impl Delimiter {
    /// Comma, semicolon (what Excel writes where the comma is the decimal mark), tab and vertical bar.
    pub(crate) const CANDIDATES: [u8; 4] = *b",;\t|";

    fn is(self, byte: u8) -> bool {
        match self {
            Self::Byte(delimiter) => byte == delimiter,
            Self::Undecided => Self::CANDIDATES.contains(&byte),
        }
    }
}

/// How many fields a row has in which no byte but the delimiter means anything: what nearly every row is. `None` where the
/// [`Scanner`] has to look at it.
pub(crate) fn plain_fields(row: &[u8], delimiter: Delimiter) -> Option<usize> {
    // A line feed ends the row, unless it is within quotes.
    if memchr::memchr3(b'"', b'\r', 0, row).is_some() {
        return None;
    }
    Some(match delimiter {
        Delimiter::Byte(byte) => memchr::memchr_iter(byte, row).count() + 1,
        Delimiter::Undecided => row.iter().filter(|&&byte| delimiter.is(byte)).count() + 1,
    })
}

/// The grammar of one row, byte by byte.
#[derive(Debug)]
pub(crate) struct Scanner {
    delimiter: Delimiter,
    state: State,
    fields: usize,
    /// Line feeds so far.
    lines: u64,
    /// How many of them came before the last quote that opened a field.
    opened: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    /// After a quote within quotes: the end of the field, or the first half of a doubled quote.
    Closed,
    /// After a carriage return outside quotes.
    Return,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Go,
    End,
}

/// What cannot stand in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    QuoteInPlainField,
    TextAfterQuote,
    LoneReturn,
    /// A carriage return that the file ends with.
    CutReturn,
    Unclosed,
    /// A comment that would go on after its line if it were a row.
    OpenComment,
    /// Ctrl-Z, as DOS programs end a text.
    EndMark,
    Nul,
    TooLong,
}

impl Scanner {
    pub(crate) fn new(delimiter: Delimiter) -> Self {
        Self {
            delimiter,
            state: State::FieldStart,
            fields: 1,
            lines: 0,
            opened: 0,
        }
    }

    /// How many fields have begun.
    pub(crate) fn fields(&self) -> usize {
        self.fields
    }

    pub(crate) fn step(&mut self, byte: u8) -> Result<Step, Fault> {
        if byte == 0 {
            return Err(Fault::Nul);
        }
        let line = self.lines;
        self.lines += u64::from(byte == b'\n');
        self.state = match (self.state, byte) {
            (State::Return, b'\n') => return Ok(Step::End),
            (State::Return, _) => return Err(Fault::LoneReturn),
            (State::Quoted, b'"') => State::Closed,
            (State::Quoted, _) => State::Quoted,
            (_, b'\n') => return Ok(Step::End),
            (_, b'\r') => State::Return,
            (_, byte) if self.delimiter.is(byte) => {
                self.fields += 1;
                State::FieldStart
            }
            (State::FieldStart, b'"') => {
                self.opened = line;
                State::Quoted
            }
            (State::Closed, b'"') => State::Quoted,
            (State::Closed, _) => return Err(Fault::TextAfterQuote),
            (State::Plain, b'"') => return Err(Fault::QuoteInPlainField),
            (State::FieldStart | State::Plain, _) => State::Plain,
        };
        Ok(Step::Go)
    }

    /// The file ends here.
    pub(crate) fn finish(&self) -> Result<(), Fault> {
        match self.state {
            State::Quoted => Err(Fault::Unclosed),
            State::Return => Err(Fault::CutReturn),
            State::FieldStart | State::Plain | State::Closed => Ok(()),
        }
    }
}

impl Fault {
    /// The error for a fault that the scanner found in a row that begins on `line`.
    pub(crate) fn at(self, file: &str, line: u64, scanner: &Scanner) -> Error {
        let here = line + scanner.lines;
        let opened = line + scanner.opened;
        match self {
            Self::TextAfterQuote if opened < here => Error::new(
                ErrorKind::Malformed,
                file,
                format!("a stray quote: text follows the quote that ends its field, which began on line {opened}"),
                "close the field's quote on the line where it begins, or double each quote within the field",
            )
            .at_line(here),
            Self::Unclosed => self.into_error(file).at_line(opened),
            Self::OpenComment | Self::EndMark | Self::TooLong => self.into_error(file).at_line(line),
            _ => self.into_error(file).at_line(here),
        }
    }

    pub(crate) fn into_error(self, file: &str) -> Error {
        const QUOTES: &str = "put the whole field in quotes and double each quote within it: \"15\"\" laptop\"";
        let (kind, message, advice) = match self {
            Self::QuoteInPlainField => (
                ErrorKind::Malformed,
                "a stray quote stands within a field that does not begin with one",
                QUOTES,
            ),
            Self::TextAfterQuote => (
                ErrorKind::Malformed,
                "a stray quote: text follows the quote that ends its field",
                QUOTES,
            ),
            Self::LoneReturn => (
                ErrorKind::Malformed,
                "a carriage return without a line feed ends no line",
                "save the file with Windows (CRLF) or Unix (LF) line endings",
            ),
            Self::CutReturn => (
                ErrorKind::Malformed,
                "the file ends with a carriage return without its line feed",
                "export the list again: it may be cut short, or have no Windows (CRLF) or Unix (LF) line endings",
            ),
            Self::Unclosed => (
                ErrorKind::Malformed,
                "the quote that opens on this line is never closed",
                "close the quote, or export the list again: the file may be cut short",
            ),
            Self::OpenComment => (
                ErrorKind::Malformed,
                "the comment on this line has a quote that opens and does not close: where the comment ends is not clear",
                "remove the comment, with all of its lines",
            ),
            Self::EndMark => (
                ErrorKind::Malformed,
                "a Ctrl-Z (0x1a) stands here, with which old programs end a file",
                "remove it, and check that the list is complete",
            ),
            Self::Nul => (
                ErrorKind::Encoding,
                "a NUL byte stands here, as in UTF-16 text or a damaged file",
                "save the file as UTF-8, or export the list again",
            ),
            Self::TooLong => (
                ErrorKind::TooLong,
                "the row that begins here is longer than 1 MiB; most likely a quote in it is never closed",
                "close the quote, or export the list again",
            ),
        };
        Error::new(kind, file, message, advice)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_plain_row_is_what_the_scanner_takes_it_for(row in r#"[a,;|\t"\r\x00\x1a\u{e9} ]{0,12}"#) {
            for delimiter in [Delimiter::Byte(b','), Delimiter::Byte(b'\t'), Delimiter::Undecided] {
                let mut scanner = Scanner::new(delimiter);
                let is_whole = row.bytes().all(|byte| scanner.step(byte) == Ok(Step::Go)) && scanner.finish().is_ok();
                if let Some(fields) = plain_fields(row.as_bytes(), delimiter) {
                    prop_assert!(is_whole);
                    prop_assert_eq!(fields, scanner.fields());
                }
            }
        }
    }

    fn scan(row: &str) -> Result<usize, Fault> {
        let mut scanner = Scanner::new(Delimiter::Byte(b','));
        for byte in row.bytes() {
            if scanner.step(byte)? == Step::End {
                return Ok(scanner.fields());
            }
        }
        scanner.finish().map(|()| scanner.fields())
    }

    #[test]
    fn a_row_is_what_rfc_4180_says_and_nothing_else() {
        let table = [
            ("a,b", Ok(2)),
            ("a,b\r\n", Ok(2)),
            ("", Ok(1)),
            (",", Ok(2)),
            ("\"a,b\",c", Ok(2)),
            ("\"a\"\"b\",c", Ok(2)),
            ("\"\",\"\"", Ok(2)),
            ("\"a\nb\",c\n", Ok(2)),
            ("\"a\rb\",c\n", Ok(2)),
            ("a\"b,c", Err(Fault::QuoteInPlainField)),
            (" \"a\",c", Err(Fault::QuoteInPlainField)),
            ("\"a\" ,c", Err(Fault::TextAfterQuote)),
            ("\"a\"b\"", Err(Fault::TextAfterQuote)),
            ("a\rb", Err(Fault::LoneReturn)),
            ("a\r", Err(Fault::CutReturn)),
            ("\"a\"\r", Err(Fault::CutReturn)),
            ("\"a", Err(Fault::Unclosed)),
            ("a\0b", Err(Fault::Nul)),
        ];
        for (row, expected) in table {
            assert_eq!(scan(row), expected, "{row:?}");
        }
    }
}
