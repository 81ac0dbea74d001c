//! Where one row ends and the next begins.
//!
//! CSV parsers forgive: they read `"PC-1" old` as `PC-1 old`, let a quote that is never closed swallow the rest of the
//! file, and count lines their own way. Here a name is deleted by, so what no writer of CSV writes (RFC 4180) is an
//! error with its line, and a row has a greatest length. The fields themselves are then unquoted by `csv-core`.

use crate::error::{Error, ErrorKind};
use crate::input::Input;

/// No device's row is longer; a quote that is never closed would otherwise read the whole file into memory.
pub(crate) const LONGEST_ROW: usize = 1024 * 1024;

/// Reads the rows of one file as they stand, quotes included.
#[derive(Debug)]
pub(crate) struct Records {
    input: Input,
    /// The line on which the next byte stands.
    line: u64,
}

/// Where a row stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u64,
    pub(crate) offset: u64,
}

impl Records {
    pub(crate) fn new(input: Input) -> Self {
        Self { input, line: 1 }
    }

    pub(crate) fn input(&self) -> &Input {
        &self.input
    }

    /// The next row that is not blank, without its line ending; `None` at the end.
    pub(crate) fn next(&mut self, delimiter: Delimiter, record: &mut Vec<u8>) -> Result<Option<Place>, Error> {
        loop {
            let place = Place {
                line: self.line,
                offset: self.input.offset(),
            };
            record.clear();
            let ended = self.read(delimiter, place, record)?;
            if !record.is_empty() {
                return Ok(Some(place));
            }
            if ended == Ended::File {
                return Ok(None);
            }
        }
    }

    /// Reads up to and including a line ending that is not within quotes.
    fn read(&mut self, delimiter: Delimiter, place: Place, record: &mut Vec<u8>) -> Result<Ended, Error> {
        let mut scanner = Scanner::new(delimiter);
        loop {
            let name = self.input.name().to_owned();
            let fault = |fault: Fault, line: u64| fault.into_error(&name).at_line(line);
            let chunk = self.input.fill()?;
            if chunk.is_empty() {
                return match scanner.finish() {
                    Ok(()) => Ok(Ended::File),
                    Err(found) => Err(fault(found, place.line)),
                };
            }
            let mut used = 0;
            let mut ended = false;
            for &byte in chunk {
                used += 1;
                let step = scanner.step(byte).map_err(|found| fault(found, self.line))?;
                self.line += u64::from(byte == b'\n');
                if step == Step::End {
                    ended = true;
                    break;
                }
            }
            if record.len() + used > LONGEST_ROW {
                return Err(fault(Fault::TooLong, place.line));
            }
            record.extend_from_slice(&chunk[..used]);
            self.input.consume(used);
            if ended {
                let ending = if record.ends_with(b"\r\n") { 2 } else { 1 };
                record.truncate(record.len() - ending);
                return Ok(Ended::Line);
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Line,
    File,
}

/// What separates fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delimiter {
    /// This byte.
    Byte(u8),
    /// Not known yet: any of [`CANDIDATES`](Self::CANDIDATES) may.
    Undecided,
}

impl Delimiter {
    /// Comma, semicolon (what Excel writes where the comma is the decimal mark) and tab.
    pub(crate) const CANDIDATES: [u8; 3] = *b",;\t";

    fn is(self, byte: u8) -> bool {
        match self {
            Self::Byte(delimiter) => byte == delimiter,
            Self::Undecided => Self::CANDIDATES.contains(&byte),
        }
    }
}

/// The grammar of one row, byte by byte.
#[derive(Debug)]
pub(crate) struct Scanner {
    delimiter: Delimiter,
    state: State,
    fields: usize,
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
    Unclosed,
    Nul,
    TooLong,
}

impl Scanner {
    pub(crate) fn new(delimiter: Delimiter) -> Self {
        Self {
            delimiter,
            state: State::FieldStart,
            fields: 1,
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
            (State::FieldStart | State::Closed, b'"') => State::Quoted,
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
            State::Return => Err(Fault::LoneReturn),
            State::FieldStart | State::Plain | State::Closed => Ok(()),
        }
    }
}

impl Fault {
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
            Self::Unclosed => (
                ErrorKind::Malformed,
                "a quoted field that begins on this row is never closed",
                "close the quote, or export the list again: the file may be cut short",
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
    use super::*;

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
            ("a\r", Err(Fault::LoneReturn)),
            ("\"a", Err(Fault::Unclosed)),
            ("a\0b", Err(Fault::Nul)),
        ];
        for (row, expected) in table {
            assert_eq!(scan(row), expected, "{row:?}");
        }
    }
}
