//! Lines of a hand-written list, and a table in one without its comments.

use std::io::{self, Read};
use std::sync::{Arc, OnceLock};

use crate::error::{Error, ErrorKind};
use crate::input::Input;
use crate::record::{Fault, LONGEST_ROW};
use crate::remark::is_comment_row;

/// One line after the other, whatever stands in it.
#[derive(Debug)]
pub(crate) struct Lines {
    input: Input,
    line: u64,
    is_cut: bool,
}

impl Lines {
    pub(crate) fn new(input: Input) -> Self {
        Self {
            line: input.first_line().saturating_sub(1),
            input,
            is_cut: false,
        }
    }

    /// What separates the fields, if the file says it.
    pub(crate) fn separator(&self) -> Option<u8> {
        self.input.separator()
    }

    pub(crate) fn file(&self) -> &str {
        self.input.name()
    }

    /// Whether the line that was read last has no line end: the file may be cut off there.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Reads the next line with its ending and returns its number; `None` at the end of the file.
    pub(crate) fn next(&mut self, text: &mut Vec<u8>) -> Result<Option<u64>, Error> {
        text.clear();
        loop {
            let chunk = self.input.fill()?;
            if chunk.is_empty() {
                break;
            }
            let ending = chunk.iter().position(|byte| *byte == b'\n');
            let used = ending.map_or(chunk.len(), |at| at + 1);
            text.extend_from_slice(&chunk[..used]);
            self.input.consume(used);
            if ending.is_some() {
                break;
            }
            if text.len() > LONGEST_ROW {
                return Err(Fault::TooLong.into_error(self.file()).at_line(self.line + 1));
            }
        }
        if text.is_empty() {
            return Ok(None);
        }
        self.line += 1;
        self.is_cut = !text.ends_with(b"\n");
        Ok(Some(self.line))
    }

    /// The text of a line, without its ending.
    pub(crate) fn text<'t>(&self, line: u64, bytes: &'t [u8]) -> Result<&'t str, Error> {
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let ended = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let text = std::str::from_utf8(ended).map_err(|error| {
            Error::new(
                ErrorKind::Encoding,
                self.file(),
                format!("the text is not UTF-8: byte 0x{:02x}", ended[error.valid_up_to()]),
                "save the file as UTF-8, or say --protect-encoding windows-1252 if it is in that",
            )
        });
        let fault = |fault: Fault| Err(fault.into_error(self.file()));
        match text {
            Ok(text) if text.contains('\0') => fault(Fault::Nul),
            Ok(text) if text.contains('\r') => fault(Fault::LoneReturn),
            text => text,
        }
        .map_err(|error| error.at_line(line))
    }
}

/// The line and the text of a comment that a file ends with, without a line end.
pub(crate) type CutComment = Arc<OnceLock<(u64, String)>>;

/// The bytes of a table whose comment lines are blank, so that the rows keep their line numbers.
#[derive(Debug)]
pub(crate) struct Uncommented {
    lines: Lines,
    is_quoted: bool,
    /// The space that may separate fields: a tab, if the header has one.
    separator: Option<char>,
    cut: CutComment,
    /// What was read and not yet handed out.
    text: Vec<u8>,
    at: usize,
}

impl Uncommented {
    /// Begins with this text, a header, before whatever `lines` has next.
    pub(crate) fn after(text: Vec<u8>, lines: Lines) -> Self {
        Self {
            lines,
            is_quoted: has_open_quote(&text),
            separator: text.contains(&b'\t').then_some('\t'),
            cut: CutComment::default(),
            text,
            at: 0,
        }
    }

    /// Where the comment is to be found that the file ends with, once all of it was read.
    pub(crate) fn cut(&self) -> CutComment {
        Arc::clone(&self.cut)
    }

    fn next(&mut self) -> io::Result<()> {
        self.at = 0;
        let Some(line) = self.lines.next(&mut self.text).map_err(io::Error::other)? else {
            return Ok(());
        };
        if !self.is_quoted && is_comment_row(&String::from_utf8_lossy(&self.text), self.separator) {
            // A lone carriage return ends a line for some programs: what follows it may be an entry.
            self.lines.text(line, &self.text).map_err(io::Error::other)?;
            if self.lines.is_cut() {
                let text = String::from_utf8_lossy(&self.text).into_owned();
                self.cut.set((line, text)).ok();
            }
            self.text.clear();
            self.text.push(b'\n');
        }
        self.is_quoted ^= has_open_quote(&self.text);
        Ok(())
    }
}

/// Whether a quote opens in this text, or closes that is open before it.
fn has_open_quote(text: &[u8]) -> bool {
    text.iter().filter(|byte| **byte == b'"').count() % 2 == 1
}

impl Read for Uncommented {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.text.len() {
            self.next()?;
        }
        let count = buffer.len().min(self.text.len() - self.at);
        buffer[..count].copy_from_slice(&self.text[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::Headers;
    use crate::sought::Sought;

    #[test]
    fn comment_lines_are_blank_and_quoted_lines_stay() {
        let sought = Sought::Protected(Headers::Nexthink);
        let text = "\u{feff}# one, \"two\n#three\nuid,name\n #x\n\"a\n# not a comment\",b\r\nc,d\n#end";
        let input = Input::text("keep.csv", Box::new(io::Cursor::new(text)), None, &sought).unwrap();
        let mut read = String::new();
        Uncommented::after(Vec::new(), Lines::new(input))
            .read_to_string(&mut read)
            .unwrap();
        assert_eq!(read, "\n\nuid,name\n\n\"a\n# not a comment\",b\r\nc,d\n\n");
    }
}
