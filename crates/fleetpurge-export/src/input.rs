//! Reads the bytes of an input, hashes them, and checks that they are text.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::error::{Error, ErrorKind};

const BUFFER: usize = 64 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// As many first bytes as tell a format.
const HEAD: u64 = 16;

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

/// Hashes what passes through, byte order mark included.
struct Hashing {
    inner: Box<dyn Read + Send>,
    hash: Sha256,
}

impl Read for Hashing {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buf)?;
        self.hash.update(&buf[..count]);
        Ok(count)
    }
}

/// The bytes of one file, past its byte order mark, with the offset of the next.
pub(crate) struct Input {
    name: String,
    reader: BufReader<Chain<Cursor<Vec<u8>>, Hashing>>,
    offset: u64,
}

/// What a file is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Table,
    /// Lines that may begin with a brace or a bracket.
    Lines,
}

impl Input {
    /// Opens a file, or standard input for `-`.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        Self::open_as(path, Expected::Table)
    }

    /// Opens a list that may begin with a brace or a bracket without being JSON.
    pub(crate) fn open_plain(path: &Path) -> Result<Self, Error> {
        Self::open_as(path, Expected::Lines)
    }

    fn open_as(path: &Path, expected: Expected) -> Result<Self, Error> {
        if path == Path::new("-") {
            return Self::new_as("standard input", Box::new(io::stdin()), expected);
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
        Self::new_as(&name, Box::new(file), expected)
    }

    /// Takes bytes from anywhere, under a name for messages, and refuses what is certainly not a text table.
    pub(crate) fn new(name: &str, bytes: Box<dyn Read + Send>) -> Result<Self, Error> {
        Self::new_as(name, bytes, Expected::Table)
    }

    fn new_as(name: &str, bytes: Box<dyn Read + Send>, expected: Expected) -> Result<Self, Error> {
        let mut bytes = Hashing {
            inner: bytes,
            hash: Sha256::new(),
        };
        // A pipe may hand over one byte at a time.
        let mut head = Vec::new();
        (&mut bytes)
            .take(HEAD)
            .read_to_end(&mut head)
            .map_err(|error| unreadable(name, error))?;
        if let Some((message, advice, kind)) = recognise(&head, expected) {
            return Err(Error::new(kind, name, message, advice));
        }
        let mark = if head.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        };
        let mut input = Self {
            name: name.to_owned(),
            reader: BufReader::with_capacity(BUFFER, Cursor::new(head).chain(bytes)),
            offset: 0,
        };
        input.fill()?;
        input.consume(mark);
        Ok(input)
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
                Err(error) => return Err(unreadable(&self.name, error)),
            }
        }
        self.reader.fill_buf().map_err(|error| unreadable(&self.name, error))
    }

    pub(crate) fn consume(&mut self, count: usize) {
        self.reader.consume(count);
        self.offset += count as u64;
    }

    /// The digest of what was read so far: of the whole file once `fill` has returned nothing.
    pub(crate) fn digest(&self) -> Digest {
        Digest(self.reader.get_ref().get_ref().1.hash.clone().finalize().into())
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

/// Why the bytes ended early. A reader of ours says so itself, with the line.
fn unreadable(name: &str, source: io::Error) -> Error {
    let source = match source.downcast::<Error>() {
        Ok(error) => return error,
        Err(source) => source,
    };
    Error::new(
        ErrorKind::Unreadable,
        name,
        "it could not be read to its end",
        "check the file and its disk, then run the same command again",
    )
    .because(source)
}

const SAVE_AS_CSV: &str = "save or export the list as CSV (in Excel: \"CSV UTF-8 (Comma delimited)\")";
const SAVE_AS_UTF8: &str = "save it as UTF-8 (in Excel: \"CSV UTF-8\"; in a shell: iconv -f UTF-16 -t UTF-8)";

/// What a file that is not a text table in UTF-8 turns out to be, from its first bytes.
fn recognise(start: &[u8], expected: Expected) -> Option<(&'static str, &'static str, ErrorKind)> {
    const SIGNATURES: [(&[u8], &str, &str, ErrorKind); 7] = [
        (
            b"PK\x03\x04",
            "this is an Excel workbook or a ZIP archive, a format that is not read yet",
            SAVE_AS_CSV,
            ErrorKind::UnsupportedFormat,
        ),
        (
            b"\xd0\xcf\x11\xe0",
            "this is an old Excel workbook, a format that is not read",
            SAVE_AS_CSV,
            ErrorKind::UnsupportedFormat,
        ),
        (
            b"\x1f\x8b",
            "this is compressed with gzip",
            "uncompress it first: gzip -dc FILE | fleetpurge plan - ...",
            ErrorKind::UnsupportedFormat,
        ),
        (
            b"SQLite format 3\0",
            "this is a database, as a plan is, and not a list of devices",
            "name the list here, and give a plan to `fleetpurge apply`",
            ErrorKind::UnsupportedFormat,
        ),
        (b"\xff\xfe", "this is UTF-16 text", SAVE_AS_UTF8, ErrorKind::Encoding),
        (b"\xfe\xff", "this is UTF-16 text", SAVE_AS_UTF8, ErrorKind::Encoding),
        (
            b"\x28\xb5\x2f\xfd",
            "this is compressed with Zstandard",
            "uncompress it first: zstd -dc FILE | fleetpurge plan - ...",
            ErrorKind::UnsupportedFormat,
        ),
    ];
    if let Some((_, message, advice, kind)) = SIGNATURES.into_iter().find(|(bytes, ..)| start.starts_with(bytes)) {
        return Some((message, advice, kind));
    }
    let text = start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(start);
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace())?;
    (expected == Expected::Table && matches!(first, b'{' | b'[')).then_some((
        "this is JSON, a format that is not read yet",
        SAVE_AS_CSV,
        ErrorKind::UnsupportedFormat,
    ))
}
