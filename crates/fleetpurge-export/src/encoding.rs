//! Turns text of other encodings, and text with old line ends, into UTF-8 with line feeds.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::{Error, ErrorKind};

const BUFFER: usize = 64 * 1024;

/// The encoding of a text file, if a byte order mark does not say it. Without one, text is UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

/// An encoding that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]

pub struct NotAnEncoding;

impl fmt::Display for NotAnEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("use utf-8, utf-16le, utf-16be or windows-1252")
    }
}

impl std::error::Error for NotAnEncoding {}

impl FromStr for Encoding {
    type Err = NotAnEncoding;

    fn from_str(text: &str) -> Result<Self, NotAnEncoding> {
        match text.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Ok(Self(UTF_8)),
            "utf-16le" => Ok(Self(UTF_16LE)),
            "utf-16be" => Ok(Self(UTF_16BE)),
            "windows-1252" | "cp1252" => Ok(Self(WINDOWS_1252)),
            _ => Err(NotAnEncoding),
        }
    }
}

impl Encoding {
    /// The encoding that the byte order mark says, and the length of the mark.
    pub(crate) fn of_mark(head: &[u8]) -> Option<(Self, usize)> {
        encoding_rs::Encoding::for_bom(head).map(|(encoding, length)| (Self(encoding), length))
    }

    /// What text without a mark certainly is, if its first letters are those of a header: every other byte is zero.
    pub(crate) fn of_zeros(head: &[u8]) -> Option<Self> {
        const LETTERS: usize = 4;
        let pairs: Vec<&[u8]> = head.chunks_exact(2).take(LETTERS).collect();
        let all = |zero: usize| {
            let other = 1 - zero;
            pairs.len() == LETTERS && pairs.iter().all(|pair| pair[zero] == 0 && pair[other] != 0)
        };
        match (all(1), all(0)) {
            (true, _) => Some(Self(UTF_16LE)),
            (_, true) => Some(Self(UTF_16BE)),
            _ => None,
        }
    }

    pub(crate) fn is_utf8(self) -> bool {
        self.0 == UTF_8
    }

    pub(crate) fn name(self) -> &'static str {
        self.0.name()
    }

    /// Reads the bytes as UTF-8. The flag is what says the encoding.
    pub(crate) fn decoding(self, name: &str, flag: &'static str, bytes: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        Box::new(Decoded {
            name: name.to_owned(),
            flag,
            encoding: self,
            decoder: self.0.new_decoder_without_bom_handling(),
            inner: bytes,
            raw: vec![0; BUFFER],
            from: 0,
            to: 0,
            text: Vec::with_capacity(4 * BUFFER),
            at: 0,
            ends: LineEnds::default(),
            state: Reading::Inner,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Inner,
    /// The bytes have ended; the decoder may still hold some.
    Last,
    Over,
}

/// The ends of lines so far. In a file without a line feed, carriage returns end them.
#[derive(Default)]
struct LineEnds {
    feeds: u64,
    returns: u64,
}

impl LineEnds {
    fn see(&mut self, text: &[u8]) {
        self.feeds += memchr::memchr_iter(b'\n', text).count() as u64;
        self.returns += memchr::memchr_iter(b'\r', text).count() as u64;
    }

    /// The line of what follows.
    fn line(&self) -> u64 {
        1 + if self.feeds == 0 { self.returns } else { self.feeds }
    }
}

struct Decoded {
    name: String,
    flag: &'static str,
    encoding: Encoding,
    decoder: Decoder,
    inner: Box<dyn Read + Send>,
    raw: Vec<u8>,
    from: usize,
    to: usize,
    text: Vec<u8>,
    at: usize,
    ends: LineEnds,
    state: Reading,
}

impl Decoded {
    fn more(&mut self) -> io::Result<()> {
        if self.from == self.to && self.state == Reading::Inner {
            self.from = 0;
            self.to = self.inner.read(&mut self.raw)?;
            if self.to == 0 {
                self.state = Reading::Last;
            }
        }
        self.text.resize(self.text.capacity(), 0);
        self.at = 0;
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
            &self.raw[self.from..self.to],
            &mut self.text,
            self.state == Reading::Last,
        );
        self.from += read;
        self.text.truncate(written);
        let text = &self.text;
        // Windows-1252 leaves five bytes without a character; the decoder makes them control characters.
        let control = (self.encoding.0 == WINDOWS_1252)
            .then(|| {
                text.windows(2)
                    .position(|pair| pair[0] == 0xc2 && matches!(pair[1], 0x80..0xa0))
            })
            .flatten();
        self.ends.see(&text[..control.unwrap_or(text.len())]);
        if control.is_some() || matches!(result, DecoderResult::Malformed(..)) {
            let error = if self.state == Reading::Last {
                Error::new(
                    ErrorKind::CutOff,
                    &self.name,
                    format!("the file ends within a character of {}", self.encoding.name()),
                    "export the list again: it is cut short",
                )
            } else {
                Error::new(
                    ErrorKind::Encoding,
                    &self.name,
                    format!("the text is not {}", self.encoding.name()),
                    format!(
                        "check {}, or save the file as UTF-8 (in Excel: \"CSV UTF-8\")",
                        self.flag
                    ),
                )
            };
            return Err(io::Error::other(error.at_line(self.ends.line())));
        }
        if self.state == Reading::Last && result == DecoderResult::InputEmpty {
            self.state = Reading::Over;
        }
        Ok(())
    }
}

impl Read for Decoded {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() && self.state != Reading::Over {
            self.more()?;
        }
        let count = buf.len().min(self.text.len() - self.at);
        buf[..count].copy_from_slice(&self.text[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// Text whose lines end with a carriage return alone, as old Macintosh programs write them.
pub(crate) struct Returns {
    name: String,
    inner: Box<dyn Read + Send>,
    line: u64,
}

impl Returns {
    pub(crate) fn new(name: &str, inner: Box<dyn Read + Send>) -> Self {
        Self {
            name: name.to_owned(),
            inner,
            line: 1,
        }
    }
}

impl Read for Returns {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buf)?;
        for byte in &mut buf[..count] {
            match *byte {
                b'\r' => {
                    *byte = b'\n';
                    self.line += 1;
                }
                b'\n' => {
                    let error = Error::new(
                        ErrorKind::Malformed,
                        &self.name,
                        "a line feed stands in a file whose lines end with carriage returns",
                        "save the file with Windows (CRLF) or Unix (LF) line endings",
                    );
                    return Err(io::Error::other(error.at_line(self.line)));
                }
                _ => {}
            }
        }
        Ok(count)
    }
}
