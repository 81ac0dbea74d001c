//! One JSON value after the other, as it stands.

use std::io::{self, BufReader, Read};

use crate::grammar::LONGEST_ROW;

/// Why there is no value.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The bytes could not be read.
    Read(io::Error),
    /// This is no JSON.
    Broken(String),
    /// This is longer than a device can be.
    TooLong(&'static str),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

pub(super) struct Values {
    bytes: io::Bytes<BufReader<Box<dyn Read + Send>>>,
    peeked: Option<u8>,
    /// The line of the next byte.
    line: u64,
}

impl Values {
    pub(super) fn new(bytes: Box<dyn Read + Send>) -> Self {
        Self {
            bytes: BufReader::with_capacity(64 * 1024, bytes).bytes(),
            peeked: None,
            line: 1,
        }
    }

    /// The line of the next byte.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.peeked.is_none() {
            self.peeked = self.bytes.next().transpose()?;
        }
        Ok(self.peeked)
    }

    pub(super) fn take(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        self.peeked = None;
        self.line += u64::from(byte == Some(b'\n'));
        Ok(byte)
    }

    /// The next byte that is no space.
    pub(super) fn next(&mut self) -> io::Result<Option<u8>> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek()? {
            self.take()?;
        }
        self.peek()
    }

    pub(super) fn expect(&mut self, wanted: u8) -> Result<(), Trouble> {
        if self.next()? == Some(wanted) {
            self.take()?;
            return Ok(());
        }
        Err(Trouble::Broken(format!("`{}` is missing", char::from(wanted))))
    }

    /// One value as it stands.
    pub(super) fn value(&mut self) -> Result<Vec<u8>, Trouble> {
        let mut value = Vec::new();
        let mut depth = 0_usize;
        let mut in_string = false;
        let mut is_escaped = false;
        self.next()?;
        while let Some(byte) = self.peek()? {
            if in_string {
                in_string = is_escaped || byte != b'"';
                is_escaped = !is_escaped && byte == b'\\';
                self.push(&mut value)?;
                if !in_string && depth == 0 {
                    return Ok(value);
                }
                continue;
            }
            match byte {
                b'"' => in_string = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return Ok(value),
                b'}' | b']' => {
                    depth -= 1;
                    self.push(&mut value)?;
                    if depth == 0 {
                        return Ok(value);
                    }
                    continue;
                }
                _ => {}
            }
            self.push(&mut value)?;
        }
        if in_string || depth > 0 {
            return Err(Trouble::Broken("it ends too early".to_owned()));
        }
        Ok(value)
    }

    fn push(&mut self, value: &mut Vec<u8>) -> Result<(), Trouble> {
        value.extend(self.take()?);
        if value.len() > LONGEST_ROW {
            return Err(Trouble::TooLong("one value is longer than 1 MiB"));
        }
        Ok(())
    }
}
