//! Reads through gzip and Zstandard.

use std::io::{self, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fleetpurge_compression::{gzip, zstandard};

use crate::error::{Error, ErrorKind};

/// So much is read whatever it was compressed to.
const UNQUESTIONED: u64 = if cfg!(test) { 1 } else { 64 } * 1024 * 1024;
/// Lists of devices compress to a tenth; what grows more than this is made to fill a disk.
const MOST_GROWTH: u64 = 200;

/// What a file is compressed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Zstandard,
}

impl Compression {
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"\x1f\x8b") {
            Some(Self::Gzip)
        } else if head.starts_with(b"\x28\xb5\x2f\xfd") {
            Some(Self::Zstandard)
        } else {
            None
        }
    }

    /// Reads what was compressed. An end that comes too early is an error.
    pub(crate) fn reading(self, name: &str, bytes: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        let taken = Arc::new(AtomicU64::new(0));
        let counted = BufReader::new(Counted {
            inner: bytes,
            taken: Arc::clone(&taken),
        });
        let inner: Box<dyn Read + Send> = match self {
            Self::Gzip => Box::new(gzip(counted)),
            Self::Zstandard => Box::new(zstandard(counted)),
        };
        Box::new(Expanded {
            name: name.to_owned(),
            inner,
            taken,
            given: 0,
        })
    }
}

struct Counted {
    inner: Box<dyn Read + Send>,
    taken: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buf)?;
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

struct Expanded {
    name: String,
    inner: Box<dyn Read + Send>,
    taken: Arc<AtomicU64>,
    given: u64,
}

impl Read for Expanded {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = match self.inner.read(buf) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => {
                let broken = Error::new(
                    ErrorKind::CutOff,
                    &self.name,
                    "the compressed file is cut short or damaged",
                    "copy or export it again; `gzip -t FILE` or `zstd -t FILE` checks it",
                );
                return Err(io::Error::other(broken.because(error)));
            }
        };
        self.given += count as u64;
        if self.given > UNQUESTIONED && self.given / MOST_GROWTH > self.taken.load(Ordering::Relaxed) {
            return Err(io::Error::other(Error::new(
                ErrorKind::TooLong,
                &self.name,
                format!("the file holds more than {MOST_GROWTH} times its compressed size, as no list of devices does"),
                "check where it comes from; if it is right, uncompress it first",
            )));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn what_grows_as_no_list_does_is_refused() {
        let zeros = vec![0; 1024 * 1024];
        let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::default());
        for _ in 0..3 {
            gzip.write_all(&zeros).unwrap();
        }
        let bomb = Box::new(io::Cursor::new(gzip.finish().unwrap()));
        let mut bytes = Compression::Gzip.reading("bomb.gz", bomb);
        let error = io::copy(&mut bytes, &mut io::sink()).unwrap_err();
        let error = Error::unreadable("bomb.gz", error);
        assert_eq!(error.kind(), ErrorKind::TooLong);
    }
}
