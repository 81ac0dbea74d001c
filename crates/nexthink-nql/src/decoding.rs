//! From the bytes of a file to its rows: uncompressed, counted, held to their end.

use std::io::{self, BufReader, Read, Write};

use csv::StringRecord;
use fleetpurge_compression::{gzip, zstandard};
use sha2::{Digest, Sha256};

use crate::compression::Compression;
use crate::error::{Error, ErrorKind};
use crate::pieces::Trouble;

/// The rows of a file, while it is read.
pub(crate) struct Rows {
    csv: csv::Reader<Watched>,
    /// What the file's host says of its end. It was held to that when the file was fetched.
    is_measured: bool,
    compression: Compression,
    trouble: Trouble,
}

/// What a whole file came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Whole {
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

impl Rows {
    /// Reads what is compressed so, and writes it uncompressed to `copy`, too. `trouble` has why `file` ended, if not by itself.
    pub(crate) fn new(
        file: impl Read + Send + 'static,
        trouble: Trouble,
        compression: Compression,
        is_measured: bool,
        copy: Option<Box<dyn Write + Send>>,
    ) -> Self {
        let file = BufReader::new(file);
        let plain: Box<dyn Read + Send> = match compression {
            Compression::None => Box::new(file),
            Compression::Gzip => Box::new(gzip(file)),
            Compression::Zstd => Box::new(zstandard(file)),
        };
        let watched = Watched {
            inner: plain,
            copy,
            hash: Sha256::new(),
            bytes: 0,
            quotes: 0,
            last: None,
        };
        Self {
            csv: csv::ReaderBuilder::new().from_reader(watched),
            is_measured,
            compression,
            trouble,
        }
    }

    /// The names of the columns.
    pub(crate) fn headings(&mut self) -> Result<StringRecord, Error> {
        let headings = self.csv.headers();
        let headings = headings.cloned().map_err(|error| failed(error, &self.trouble))?;
        if headings.is_empty() || headings.iter().all(|heading| heading.trim().is_empty()) {
            return Err(Error::new(
                ErrorKind::NotUnderstood,
                "the file has no line with the names of its columns",
            ));
        }
        Ok(headings)
    }

    /// The next row; None at the end of a file that is whole.
    pub(crate) fn next(&mut self) -> Result<Option<StringRecord>, Error> {
        let mut row = StringRecord::new();
        let read = self.csv.read_record(&mut row);
        if read.map_err(|error| failed(error, &self.trouble))? {
            return Ok(Some(row));
        }
        let read = self.csv.get_ref();
        let why = if !read.quotes.is_multiple_of(2) {
            "it ends within quotes"
        } else if self.compression == Compression::None && !self.is_measured {
            "its length was not said, and nothing in it says where it ends"
        } else if read.last != Some(b'\n') && !self.is_measured {
            "its last line has no end, and its length was not said"
        } else {
            return Ok(None);
        };
        Err(Error::new(
            ErrorKind::Incomplete,
            format!("the file did not come whole: {why}"),
        ))
    }

    /// What was read in all.
    pub(crate) fn whole(self) -> Result<Whole, Error> {
        let mut read = self.csv.into_inner();
        if let Some(copy) = &mut read.copy {
            copy.flush().map_err(not_copied)?;
        }
        let hash = read.hash.finalize();
        Ok(Whole {
            bytes: read.bytes,
            sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }
}

fn not_copied(error: io::Error) -> Error {
    Error::new(ErrorKind::NotCopied, "the copy of the file could not be written").because(error)
}

/// Where the copy of a file could not be written.
#[derive(Debug)]
struct NotCopied(io::Error);

impl std::fmt::Display for NotCopied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the copy of the file could not be written: {}", self.0)
    }
}

impl std::error::Error for NotCopied {}

fn failed(error: csv::Error, trouble: &Trouble) -> Error {
    if let Some(request) = trouble.take() {
        return Error::of_file(request);
    }
    let line = error.position().map(csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(error) => {
            let kind = error.kind();
            match error
                .into_inner()
                .map(<dyn std::error::Error + Send + Sync>::downcast::<NotCopied>)
            {
                Some(Ok(inner)) => not_copied(inner.0),
                Some(Err(inner)) => damaged().because(inner),
                None => damaged().because(io::Error::from(kind)),
            }
        }
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => Error::new(
            ErrorKind::Incomplete,
            format!(
                "the file did not come whole, or is no table: line {} has {len} of {expected_len} fields",
                line.unwrap_or_default()
            ),
        ),
        csv::ErrorKind::Utf8 { .. } => Error::new(
            ErrorKind::NotUnderstood,
            format!("line {} of the file is not UTF-8", line.unwrap_or_default()),
        ),
        _ => damaged(),
    }
}

fn damaged() -> Error {
    Error::new(
        ErrorKind::Incomplete,
        "the file did not come whole: it cannot be uncompressed to its end",
    )
}

/// Watches what is read.
struct Watched {
    inner: Box<dyn Read + Send>,
    copy: Option<Box<dyn Write + Send>>,
    hash: Sha256,
    bytes: u64,
    /// In a table, quotes come in pairs.
    quotes: u64,
    last: Option<u8>,
}

impl Read for Watched {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        let read = &into[..count];
        if let Some(copy) = &mut self.copy {
            copy.write_all(read)
                .map_err(|error| io::Error::other(NotCopied(error)))?;
        }
        self.hash.update(read);
        self.bytes += count as u64;
        self.quotes += memchr::memchr_iter(b'"', read).count() as u64;
        self.last = read.last().copied().or(self.last);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(text).unwrap();
        gzip.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
    }

    /// How many rows there are, and what of the whole.
    fn read(bytes: Vec<u8>, compression: Compression, is_measured: bool) -> Result<(usize, Whole), Error> {
        let mut rows = Rows::new(
            io::Cursor::new(bytes),
            Trouble::default(),
            compression,
            is_measured,
            None,
        );
        rows.headings()?;
        let mut count = 0;
        while rows.next()?.is_some() {
            count += 1;
        }
        Ok((count, rows.whole()?))
    }

    const TABLE: &[u8] = b"device.uid,device.name\n1,\"a\nb\"\n2,c\n";

    #[test]
    fn a_file_is_the_same_however_it_is_compressed() {
        let expected = (2, TABLE.len() as u64);
        let twice = |pack: fn(&[u8]) -> Vec<u8>| [pack(&TABLE[..20]), pack(&TABLE[20..])].concat();
        for (bytes, compression) in [
            (TABLE.to_vec(), Compression::None),
            (gzip(TABLE), Compression::Gzip),
            (zstd(TABLE), Compression::Zstd),
            (twice(gzip), Compression::Gzip),
            (twice(zstd), Compression::Zstd),
        ] {
            let (rows, whole) = read(bytes, compression, true).unwrap();
            assert_eq!((rows, whole.bytes), expected, "{compression}");
            let sum = Sha256::digest(TABLE);
            assert_eq!(
                whole.sha256,
                sum.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
            );
        }
    }

    #[test]
    fn a_file_that_is_cut_anywhere_is_never_a_shorter_list() {
        for (bytes, compression) in [(gzip(TABLE), Compression::Gzip), (zstd(TABLE), Compression::Zstd)] {
            for cut in 0..bytes.len() {
                let error = read(bytes[..cut].to_vec(), compression, false).unwrap_err();
                assert!(
                    matches!(error.kind(), ErrorKind::Incomplete | ErrorKind::NotUnderstood),
                    "{compression} {cut}: {error:?}"
                );
            }
        }
        // Without compression, nobody can tell a file that was cut at the end of a line from a whole one.
        for cut in 0..=TABLE.len() {
            let error = read(TABLE[..cut].to_vec(), Compression::None, false).unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::Incomplete | ErrorKind::NotUnderstood),
                "{cut}: {error:?}"
            );
        }
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for (text, kind) in [
            (&b""[..], ErrorKind::NotUnderstood),
            (b"\n", ErrorKind::NotUnderstood),
            (b"a,b\n1\n", ErrorKind::Incomplete),
            (b"a,b\n1,2,3\n", ErrorKind::Incomplete),
            (b"a,b\n1,\"2\n", ErrorKind::Incomplete),
            (b"a,b\n1,\xff\n", ErrorKind::NotUnderstood),
        ] {
            let error = read(text.to_vec(), Compression::None, true).unwrap_err();
            assert_eq!(error.kind(), kind, "{text:?}: {error}");
        }
        assert_eq!(read(b"a,b\n".to_vec(), Compression::None, true).unwrap().0, 0);
        assert_eq!(
            read(b"\xef\xbb\xbfa,b\r\n1,2".to_vec(), Compression::None, true)
                .unwrap()
                .0,
            1
        );
    }
}
