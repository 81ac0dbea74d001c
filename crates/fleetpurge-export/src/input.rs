//! Reads the bytes of an input, hashes them, and checks that they are text.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use fleetpurge_text::Counted;
use sha2::{Digest as _, Sha256};

use crate::compressed::Compression;
use crate::encoding::{Encoding, Returns};
use crate::error::{Error, ErrorKind};
use crate::form::{Form, Unit};
use crate::formats::{Format, HEAD, is_certainly_json, recognise};
use crate::grammar::Delimiter;
use crate::json::Json;
use crate::sought::Sought;
use crate::workbook;

const BUFFER: usize = 64 * 1024;

/// The SHA-256 of an export's bytes, exactly as they stood in the file.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

type Hash = Arc<Mutex<Sha256>>;

/// Hashes what passes through, byte order mark included.
struct Hashing {
    inner: Box<dyn Read + Send>,
    hash: Hash,
}

impl Read for Hashing {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buf)?;
        self.hash
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .update(&buf[..count]);
        Ok(count)
    }
}

/// The bytes of one file as text in UTF-8, past its byte order mark, with the offset of the next.
pub(crate) struct Input {
    name: String,
    reader: BufReader<Box<dyn Read + Send>>,
    offset: u64,
    hash: Hash,
    first_line: u64,
    unit: Unit,
    separator: Option<u8>,
    hidden: Option<String>,
    is_cells: bool,
}

/// What a file is to hold.
#[derive(Clone, Copy, Debug)]
enum Expected<'a> {
    /// A list in any form.
    List(&'a Form, &'a Sought),
    /// Text of a list that was read before.
    Lines(&'a Sought),
}

impl Expected<'_> {
    const fn sought(&self) -> &Sought {
        match self {
            Self::List(_, sought) | Self::Lines(sought) => sought,
        }
    }
}

impl Input {
    /// Opens a file, or standard input for `-`.
    pub(crate) fn open(path: &Path, form: &Form, sought: &Sought) -> Result<Self, Error> {
        if path == Path::new("-") {
            return Self::new("standard input", Box::new(io::stdin()), form, sought);
        }
        let name = path.display().to_string();
        let unreadable = |source: io::Error| {
            let (kind, message, advice) = match source.kind() {
                io::ErrorKind::NotFound => (
                    ErrorKind::NotFound,
                    "there is no such file",
                    "check the path, and the directory that the command is run in",
                ),
                io::ErrorKind::PermissionDenied => (
                    ErrorKind::Unreadable,
                    "this user may not read it",
                    "change the file's permissions, or run as a user who may read it",
                ),
                _ => (
                    ErrorKind::Unreadable,
                    "it cannot be read",
                    "check the file and its disk",
                ),
            };
            Error::new(kind, &name, message, advice).because(source)
        };
        let file = File::open(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.is_dir() {
            return Err(Error::new(
                ErrorKind::NotAFile,
                &name,
                "this is a directory",
                "name the file in it that lists the devices",
            ));
        }
        Self::new(&name, Box::new(file), form, sought)
    }

    /// Takes bytes from anywhere, under a name for messages, and refuses what is certainly no list.
    pub(crate) fn new(name: &str, bytes: Box<dyn Read + Send>, form: &Form, sought: &Sought) -> Result<Self, Error> {
        Self::new_as(name, bytes, Expected::List(form, sought))
    }

    /// Takes the text of a table that was read as lines, and what separates its fields if it said so.
    pub(crate) fn text(
        name: &str,
        bytes: Box<dyn Read + Send>,
        separator: Option<u8>,
        sought: &Sought,
    ) -> Result<Self, Error> {
        let mut input = Self::new_as(name, bytes, Expected::Lines(sought))?;
        input.separator = separator;
        Ok(input)
    }

    fn new_as(name: &str, bytes: Box<dyn Read + Send>, expected: Expected<'_>) -> Result<Self, Error> {
        let hash = Hash::default();
        let mut bytes: Box<dyn Read + Send> = Box::new(Hashing {
            inner: bytes,
            hash: Arc::clone(&hash),
        });
        let mut head = head(name, &mut bytes)?;
        if let Some(compression) = Compression::of(&head) {
            bytes = compression.reading(name, after(head, bytes));
            head = self::head(name, &mut bytes)?;
        }
        let said = match expected {
            Expected::List(form, _) => form.encoding,
            Expected::Lines(_) => None,
        };
        let encoding_flag = expected.sought().encoding_flag();
        let mark = Encoding::of_mark(&head);
        if let (Some(said), Some((marked, _))) = (said, mark)
            && said != marked
        {
            return Err(Error::new(
                ErrorKind::Encoding,
                name,
                format!("the file begins with the byte order mark of {}", marked.name()),
                format!(
                    "leave {0} out where it says {1}, or say {0} {2}",
                    encoding_flag,
                    said.name(),
                    marked.name().to_lowercase()
                ),
            ));
        }
        if let (None, None, Some(seen)) = (said, mark, Encoding::of_zeros(&head)) {
            return Err(Error::new(
                ErrorKind::Encoding,
                name,
                format!("this is text in {} without a byte order mark", seen.name()),
                format!("say so with {encoding_flag} {}", seen.name().to_lowercase()),
            ));
        }
        let length = mark.map_or(0, |(_, length)| length);
        let mut offset = length as u64;
        head.drain(..length);
        let mut format = recognise(name, &head)?;
        if let Some(encoding) = mark.map(|(encoding, _)| encoding).or(said)
            && !encoding.is_utf8()
            && format != Format::Zip
        {
            bytes = encoding.decoding(name, encoding_flag, after(head, bytes));
            offset = 0;
            head = self::head(name, &mut bytes)?;
            format = recognise(name, &head)?;
        }
        let mut input = Self {
            name: name.to_owned(),
            reader: BufReader::with_capacity(0, Box::new(io::empty())),
            offset,
            hash,
            first_line: 1,
            unit: Unit::default(),
            separator: None,
            hidden: None,
            is_cells: false,
        };
        let mut skipped = 0;
        let is_json = match expected {
            Expected::List(_, Sought::Devices(_)) => format == Format::Json,
            // A pattern may begin with a bracket.
            Expected::List(_, Sought::Protected(_)) => format == Format::Json && is_certainly_json(&first_line(&head)),
            Expected::Lines(_) => false,
        };
        let bytes: Box<dyn Read + Send> = match (format, expected) {
            (Format::Json, Expected::List(_, sought)) if is_json => {
                input.first_line = 0;
                input.is_cells = true;
                Box::new(Json::new(name, sought, after(head, bytes), Arc::clone(&input.unit)))
            }
            (Format::Zip, Expected::List(form, sought)) => {
                let sheet = workbook::read(name, after(head, bytes), form, sought)?;
                input.first_line = sheet.first_line;
                input.is_cells = true;
                input.hidden = sheet.hidden;
                input.unit.set(Counted::Rows { sheet: sheet.name }).ok();
                Box::new(Cursor::new(sheet.csv))
            }
            (Format::Text | Format::Json | Format::Zip, _) => {
                if let Expected::List(_, sought) = expected {
                    (skipped, input.separator) = directives(name, &head)?;
                    if let Sought::Devices(wanted) = sought
                        && wanted.is_id_list(&head)
                    {
                        head.splice(..0, *b"id\n");
                        input.first_line = 0;
                    }
                }
                // A file that ends here may be cut off within a line end.
                if head.contains(&b'\r') && !head.contains(&b'\n') && has_several_lines(&head) {
                    Box::new(Returns::new(name, after(head, bytes)))
                } else {
                    after(head, bytes)
                }
            }
        };
        input.reader = BufReader::with_capacity(BUFFER, bytes);
        while skipped > 0 {
            let chunk = input.fill()?;
            let count = chunk.len().min(skipped);
            let lines = chunk[..count].iter().filter(|&&byte| byte == b'\n').count();
            input.consume(count);
            input.first_line += lines as u64;
            skipped -= count;
        }
        Ok(input)
    }

    /// The number of the first line.
    pub(crate) fn first_line(&self) -> u64 {
        self.first_line
    }

    /// What the rows are counted by.
    pub(crate) fn unit(&self) -> &Unit {
        &self.unit
    }

    /// Whether this is no text of a person or a program, but the cells of another format, written as CSV.
    pub(crate) fn is_cells(&self) -> bool {
        self.is_cells
    }

    /// What separates the fields, if the file says it.
    pub(crate) fn separator(&self) -> Option<u8> {
        self.separator
    }

    /// What is hidden in the file, and was read all the same.
    pub(crate) fn hidden(&self) -> Option<&str> {
        self.hidden.as_deref()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The offset in the file of the next byte.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next bytes; none at the end.
    pub(crate) fn fill(&mut self) -> Result<&[u8], Error> {
        loop {
            // Asked twice, because the borrow checker holds a buffer that is returned from within a loop.
            match self.reader.fill_buf() {
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::unreadable(&self.name, error)),
            }
        }
        self.reader
            .fill_buf()
            .map_err(|error| Error::unreadable(&self.name, error))
    }

    pub(crate) fn consume(&mut self, count: usize) {
        self.reader.consume(count);
        self.offset += count as u64;
    }

    /// The digest of what was read so far: of the whole file once `fill` has returned nothing.
    pub(crate) fn digest(&self) -> Digest {
        let hash = self.hash.lock().unwrap_or_else(PoisonError::into_inner);
        Digest(hash.clone().finalize().into())
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input")
            .field("name", &self.name)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

/// The first bytes. A pipe may hand over one at a time.
fn head(name: &str, bytes: &mut Box<dyn Read + Send>) -> Result<Vec<u8>, Error> {
    let mut head = Vec::new();
    bytes
        .take(HEAD as u64)
        .read_to_end(&mut head)
        .map_err(|error| Error::unreadable(name, error))?;
    Ok(head)
}

fn after(head: Vec<u8>, bytes: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
    Box::new(Cursor::new(head).chain(bytes))
}

/// How many bytes the lines take that say the separator, above a table, and the separator that they say.
fn directives(name: &str, head: &[u8]) -> Result<(usize, Option<u8>), Error> {
    let mut at = 0;
    let mut separator = None;
    let mut line = 1;
    while let Some(end) = head[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
        let text = &head[at..at + end];
        if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"sep=")) && text.len() <= 5 {
            separator = text.get(4).copied().filter(|byte| Delimiter::CANDIDATES.contains(byte));
            if separator.is_none() {
                return Err(Error::new(
                    ErrorKind::Malformed,
                    name,
                    "the separator that this line says is not read",
                    "save the file with commas, semicolons, tabs or |",
                )
                .at_line(line));
            }
        } else {
            break;
        }
        line += 1;
        at += end + 1;
        if head[at - 1] == b'\r' && head.get(at) == Some(&b'\n') {
            at += 1;
        }
    }
    Ok((at, separator))
}

/// Whether a line follows the first carriage return.
fn has_several_lines(head: &[u8]) -> bool {
    let end = head.iter().position(|&byte| byte == b'\r').unwrap_or(head.len());
    !head[end..].trim_ascii().is_empty()
}

/// The first line that is not blank, as far as it can be read.
fn first_line(head: &[u8]) -> String {
    let text = head.trim_ascii_start();
    let end = text
        .iter()
        .position(|byte| matches!(byte, b'\n' | b'\r'))
        .unwrap_or(text.len());
    String::from_utf8_lossy(&text[..end]).into_owned()
}
