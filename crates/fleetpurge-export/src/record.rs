//! Where one row ends and the next begins.
//!
//! In other CSV parsers, a quote that is never closed swallows the rest of the file, and line numbers are unreliable.
//! Here every error has its line, the length of a row is limited, and a row at which the file was cut off is detected.
//! A comment ends with its line, even if it has quotes. `csv-core` then unquotes the fields.

use crate::comments::{self, Comments};
use crate::error::{Error, ErrorKind};
use crate::folds::Folds;
pub(crate) use crate::grammar::{Delimiter, Fault, LONGEST_ROW, Scanner, Step, plain_fields};
use crate::input::Input;
use crate::visible::sample;

/// How much of a line is looked at for what it begins with.
const BEGINNING: usize = 1024;

/// Reads the rows of one file as they stand, quotes included.
#[derive(Debug)]
pub(crate) struct Records {
    input: Input,
    /// The line on which the next byte stands.
    line: u64,
    comments: Marked,
    folds: Folds,
}

/// What a row that begins with a comment character is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marked {
    /// Data like any other.
    Data,
    /// A comment.
    Comment(char),
    /// A comment as long as no header was read.
    Undecided,
    /// An error: nothing else in the file is a comment.
    Error,
}

/// Where a row stands in its file, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u64,
    pub(crate) offset: u64,
    pub(crate) kind: Kind,
    /// Whether the file ends with it, and without a line end: its last field may be cut off.
    pub(crate) is_cut: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Row,
    Comment,
}

impl Records {
    /// Rows that begin with any character are data.
    pub(crate) fn new(input: Input) -> Self {
        Self::with_comments(input, Comments::None)
    }

    pub(crate) fn with_comments(input: Input, comments: Comments) -> Self {
        Self {
            line: input.first_line(),
            folds: Folds::below(input.separator().map_or(0, |_| input.first_line().saturating_sub(1))),
            input,
            comments: match comments {
                Comments::Detect => Marked::Undecided,
                Comments::None => Marked::Data,
                Comments::Char(char) => Marked::Comment(char.get()),
            },
        }
    }

    pub(crate) fn input(&self) -> &Input {
        &self.input
    }

    /// Says where an error is as a person sees it: `row 17` of a workbook, or of a spreadsheet that shows the text.
    pub(crate) fn placed(&self, error: Error) -> Error {
        match (self.input.unit().get(), error.line()) {
            (Some(counted), _) => error.counted_in(counted),
            (None, Some(line)) => error.in_row(self.folds.row(line)),
            (None, None) => error,
        }
    }

    /// Passes over the lines above this one.
    pub(crate) fn skip_to(&mut self, line: u64) -> Result<(), Error> {
        let mut skipped = Vec::new();
        while self.line < line {
            skipped.clear();
            let ended = self.line(&mut skipped)?;
            if skipped.contains(&b'"') {
                self.folds.lose_count();
            }
            if ended == Ended::File {
                break;
            }
        }
        Ok(())
    }

    /// The header was read, after so many comments: only where there was one are there more.
    pub(crate) fn header_after(&mut self, comments: u64) {
        if self.comments == Marked::Undecided {
            self.comments = if comments > 0 {
                Marked::Comment(comments::USUAL)
            } else {
                Marked::Error
            };
        }
    }

    /// Whether a line that begins with `#` may be the header all the same, since no option says that it is a comment.
    pub(crate) fn may_be_header(&self) -> bool {
        self.comments == Marked::Undecided
    }

    /// Whether a row may begin like a comment and is data all the same.
    pub(crate) fn takes_any(&self) -> bool {
        self.comments == Marked::Data
    }

    /// What a comment begins with, where there are comments.
    pub(crate) fn mark(&self) -> Option<char> {
        match self.comments {
            Marked::Comment(char) => Some(char),
            Marked::Undecided => Some(comments::USUAL),
            Marked::Data | Marked::Error => None,
        }
    }

    /// The next row or comment that is not blank, without its line ending; `None` at the end.
    pub(crate) fn next(&mut self, delimiter: Delimiter, record: &mut Vec<u8>) -> Result<Option<Place>, Error> {
        loop {
            let mut place = Place {
                line: self.line,
                offset: self.input.offset(),
                kind: Kind::Row,
                is_cut: false,
            };
            record.clear();
            let read = self.read(delimiter, place, record);
            let feeds = memchr::memchr_iter(b'\n', record).count() as u64;
            self.folds.add(place.line, feeds + 1);
            let (kind, ended) = read?;
            place.kind = kind;
            if !record.is_empty() {
                place.is_cut = ended == Ended::File;
                return Ok(Some(place));
            }
            if ended == Ended::File {
                return Ok(None);
            }
        }
    }

    /// Reads up to and including a line ending that is not within quotes.
    fn read(&mut self, delimiter: Delimiter, place: Place, record: &mut Vec<u8>) -> Result<(Kind, Ended), Error> {
        let mut scanner = Scanner::new(delimiter);
        let mut scanned = 0;
        loop {
            let ended = self.line(record)?;
            if scanned == 0 && self.begins_comment(delimiter, place, record)? {
                self.comment_line(delimiter, place, record, ended)?;
                strip_ending(record);
                return Ok((Kind::Comment, ended));
            }
            let mut last = Step::Go;
            let is_plain = scanned == 0 && plain_fields(without_ending(record), delimiter).is_some();
            if is_plain && record.ends_with(b"\n") {
                last = Step::End;
            } else if !is_plain {
                for &byte in &record[scanned..] {
                    last = scanner.step(byte).map_err(|fault| self.fault(fault, place, &scanner))?;
                }
            }
            scanned = record.len();
            if record.len() > LONGEST_ROW {
                return Err(self.fault(Fault::TooLong, place, &scanner));
            }
            match (last, ended) {
                (Step::End, _) => {
                    strip_ending(record);
                    if is_end_mark(record) {
                        return Err(self.fault(Fault::EndMark, place, &scanner));
                    }
                }
                (Step::Go, Ended::Line) => continue,
                (Step::Go, Ended::File) => {
                    scanner.finish().map_err(|fault| self.fault(fault, place, &scanner))?;
                    if record.ends_with(&[END_MARK]) {
                        return Err(self.fault(Fault::EndMark, place, &scanner));
                    }
                }
            }
            let kind = if self.is_quoted_comment(record) {
                Kind::Comment
            } else {
                Kind::Row
            };
            return Ok((kind, ended));
        }
    }

    /// Appends a line with its ending, or as much of it as is surely too long.
    fn line(&mut self, record: &mut Vec<u8>) -> Result<Ended, Error> {
        loop {
            let chunk = self.input.fill()?;
            if chunk.is_empty() {
                return Ok(Ended::File);
            }
            let end = memchr::memchr(b'\n', chunk).map(|at| at + 1);
            let used = end.unwrap_or(chunk.len());
            record.extend_from_slice(&chunk[..used]);
            self.input.consume(used);
            if end.is_some() {
                self.line += 1;
                return Ok(Ended::Line);
            }
            if record.len() > LONGEST_ROW {
                return Ok(Ended::Line);
            }
        }
    }

    /// Whether this line is a comment, by its first character. Refused where there can be none.
    fn begins_comment(&self, delimiter: Delimiter, place: Place, line: &[u8]) -> Result<bool, Error> {
        // Whatever a row begins with is seen in these.
        let text = readable(&line[..line.len().min(BEGINNING)]);
        match self.comments {
            Marked::Comment(char) => Ok(comments::begins_with(text, char, delimiter)),
            Marked::Undecided => Ok(comments::begins_with(text, comments::USUAL, delimiter)),
            Marked::Error if comments::begins_with(text, comments::USUAL, delimiter) => {
                let field = text.split([',', ';', '\t', '|', '\r', '\n']).next().unwrap_or_default();
                Err(commented_out(self.input.name(), field).at_line(place.line))
            }
            Marked::Data | Marked::Error => Ok(false),
        }
    }

    /// Whether the first field of a row is a comment within quotes.
    fn is_quoted_comment(&self, record: &[u8]) -> bool {
        let Some(field) = record.strip_prefix(b"\"") else {
            return false;
        };
        let Some(char) = self.mark() else {
            return false;
        };
        // Within quotes a separator is space like any other.
        comments::begins_with(readable(field), char, Delimiter::Byte(b'"'))
    }

    /// Looks at a comment that ends with its line: not everything that begins like one does.
    fn comment_line(&self, delimiter: Delimiter, place: Place, line: &[u8], ended: Ended) -> Result<(), Error> {
        let mut scanner = Scanner::new(delimiter);
        if line.contains(&0) {
            return Err(self.fault(Fault::Nul, place, &scanner));
        }
        if line.len() > LONGEST_ROW {
            return Err(self.fault(Fault::TooLong, place, &scanner));
        }
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = if ended == Ended::Line {
            text.strip_suffix(b"\r").unwrap_or(text)
        } else {
            text
        };
        if text.contains(&b'\r') {
            return Err(self.fault(Fault::LoneReturn, place, &scanner));
        }
        // A row that was commented out, with a field of several lines: the lines that follow are no rows of their own.
        let is_row = text.iter().all(|&byte| scanner.step(byte).is_ok());
        if is_row && ended == Ended::Line && scanner.finish() == Err(Fault::Unclosed) {
            return Err(self.fault(Fault::OpenComment, place, &scanner));
        }
        Ok(())
    }

    /// The error for a fault that the scanner found in the row at `place`.
    fn fault(&self, fault: Fault, place: Place, scanner: &Scanner) -> Error {
        fault.at(self.input.name(), place.line, scanner)
    }
}

/// A row that is unlikely to be meant as a device.
pub(crate) fn commented_out(file: &str, field: &str) -> Error {
    Error::new(
        ErrorKind::CommentedOut,
        file,
        format!("the row begins like a comment: `{}`", sample(field.trim())),
        "if it was commented out, remove it, or skip such rows with --comment-char and the character that they begin with; \
         to plan its device, use --comment-char '', which reads every row as it is",
    )
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Line,
    File,
}

/// What DOS programs end a text with: Ctrl-Z.
const END_MARK: u8 = 0x1a;

/// Whether nothing but such marks stands in it.
pub(crate) fn is_end_mark(record: &[u8]) -> bool {
    memchr::memchr(END_MARK, record).is_some()
        && record
            .iter()
            .all(|&byte| byte == END_MARK || byte.is_ascii_whitespace())
}

fn without_ending(record: &[u8]) -> &[u8] {
    let line = record.strip_suffix(b"\n");
    line.map_or(record, |line| line.strip_suffix(b"\r").unwrap_or(line))
}

fn strip_ending(record: &mut Vec<u8>) {
    record.truncate(without_ending(record).len());
}

/// As much of the bytes as is text: enough to see what they begin with.
fn readable(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}
