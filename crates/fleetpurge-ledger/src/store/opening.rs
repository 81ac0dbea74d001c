//! Looks at the files of a plan before SQLite does, and checks that no record was forgotten.

use std::time::Duration;

use rusqlite::Connection;

use crate::model::{Error, ErrorKind};
use crate::store::file::lock_file::{KnownCommits, beside};
use crate::store::file::own_file::OwnFile;
use crate::store::header::{self, HEADER_LEN, Mark};
use crate::store::integrity::{Proof, prove};

/// A log with no more than its header holds nothing.
const LOG_HEADER_LEN: u64 = 32;

/// What lies on the disk, before SQLite looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) mark: Mark,
    pub(crate) log: bool,
}

/// Looks at the file and its log.
pub(crate) fn look(own: &OwnFile) -> Result<Found, Error> {
    let mut found = look_once(own)?;
    for _ in 0..50 {
        // A run that begins or ends right now shows one without the other for a moment.
        if found.log == (found.mark == Mark::Open) {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
        found = look_once(own)?;
    }
    if found.log && found.mark == Mark::Closed {
        return Err(Error::new(
            ErrorKind::Altered,
            "the file beside it that ends in -wal belongs to another copy of the plan",
        ));
    }
    Ok(found)
}

fn look_once(own: &OwnFile) -> Result<Found, Error> {
    let mark = header::mark(&own.head(HEADER_LEN)?)?;
    let log = std::fs::metadata(beside(own.path(), "-wal")).is_ok_and(|log| log.len() > LOG_HEADER_LEN);
    Ok(Found { mark, log })
}

/// Proves all of a ledger in the transaction that the caller holds. `known` is what the lock file said *before* that
/// transaction began.
pub(crate) fn prove_whole(connection: &Connection, found: Found, known: Option<&KnownCommits>) -> Result<Proof, Error> {
    let proof = match prove(connection) {
        Ok(proof) => proof,
        // Without its log a file can be anything between two commits: what is missing is the reason, not an alteration.
        Err(error) if error.kind() == ErrorKind::Altered && found.mark == Mark::Open && !found.log => {
            return Err(log_missing().with_source(error));
        }
        Err(error) => return Err(error),
    };
    let known = known.filter(|known| known.digest == proof.plan.digest);
    let commits = proof.tally.commits;
    match known {
        Some(known) if known.commits > commits => Err(Error::new(
            ErrorKind::Forgotten,
            format!(
                "{} of the {} last changes of the plan are missing: they were in the file ending in -wal, which is missing or was cut",
                known.commits - commits,
                known.commits
            ),
        )),
        // Another program folded the log in: that loses nothing, and here is the proof.
        Some(known) if known.commits == commits => Ok(proof),
        _ if found.mark == Mark::Open && !found.log => Err(log_missing()),
        _ => Ok(proof),
    }
}

fn log_missing() -> Error {
    Error::new(
        ErrorKind::Forgotten,
        "the last apply did not end cleanly, and the file ending in -wal with its last records is missing: outcomes may be lost",
    )
}
