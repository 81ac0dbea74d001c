//! How a file is recognised as a ledger, by its first bytes.

use crate::model::{Error, ErrorKind};
use crate::store::schema::{APPLICATION_ID, SCHEMA_VERSION};

/// How long the header of an SQLite file is.
pub(crate) const HEADER_LEN: usize = 100;

/// How a ledger's file was left, by its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// All there is to know is in the file.
    Closed,
    /// A write-ahead log belongs to it. SQLite sets this before the first record goes into a log, and takes it back
    /// after the last is checkpointed into the file.
    Open,
}

/// Says whether these are the first bytes of a ledger that this version can read, and how it was left.
///
/// See <https://www.sqlite.org/fileformat2.html#the_database_header>.
pub(crate) fn mark(header: &[u8]) -> Result<Mark, Error> {
    let word = |at: usize| {
        header.get(at..at + 4).map_or(0, |bytes| {
            bytes.iter().fold(0_u32, |word, byte| (word << 8) | u32::from(*byte))
        })
    };
    if header.len() < HEADER_LEN || !header.starts_with(b"SQLite format 3\0") {
        return Err(Error::new(ErrorKind::NotALedger, "the file is not a plan"));
    }
    if word(68) != APPLICATION_ID {
        return Err(Error::new(
            ErrorKind::NotALedger,
            "the file is an SQLite database but not a plan",
        ));
    }
    let version = word(60);
    if version > SCHEMA_VERSION {
        return Err(Error::new(
            ErrorKind::NewerSchema,
            format!("the plan has format version {version}, and this program reads up to version {SCHEMA_VERSION}"),
        ));
    }
    if version == 0 {
        return Err(Error::new(
            ErrorKind::Altered,
            "the version of the plan's format is missing",
        ));
    }
    match (header[18], header[19]) {
        (1, 1) => Ok(Mark::Closed),
        (2, 2) => Ok(Mark::Open),
        _ => Err(Error::new(
            ErrorKind::NotALedger,
            "the file has an SQLite format that no plan has",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(application: u32, version: u32, mode: u8) -> Vec<u8> {
        let mut header = vec![0; HEADER_LEN];
        header[..16].copy_from_slice(b"SQLite format 3\0");
        header[18] = mode;
        header[19] = mode;
        header[60..64].copy_from_slice(&version.to_be_bytes());
        header[68..72].copy_from_slice(&application.to_be_bytes());
        header
    }

    #[test]
    fn a_file_is_known_by_its_header() {
        let closed = mark(&header(APPLICATION_ID, SCHEMA_VERSION, 1)).unwrap();
        assert_eq!(closed, Mark::Closed);
        let open = mark(&header(APPLICATION_ID, SCHEMA_VERSION, 2)).unwrap();
        assert_eq!(open, Mark::Open);
        for (bytes, kind) in [
            (Vec::new(), ErrorKind::NotALedger),
            (b"uid,name\n".to_vec(), ErrorKind::NotALedger),
            (vec![b'x'; 4096], ErrorKind::NotALedger),
            (header(0, 1, 1), ErrorKind::NotALedger),
            (header(APPLICATION_ID, 0, 1), ErrorKind::Altered),
            (header(APPLICATION_ID, SCHEMA_VERSION + 1, 1), ErrorKind::NewerSchema),
            (header(APPLICATION_ID, SCHEMA_VERSION, 3), ErrorKind::NotALedger),
        ] {
            assert_eq!(mark(&bytes).unwrap_err().kind(), kind);
        }
    }

    #[test]
    fn a_newer_schema_is_refused_naming_both_versions() {
        let error = mark(&header(APPLICATION_ID, 7, 1)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the plan has format version 7, and this program reads up to version 2"
        );
    }
}
