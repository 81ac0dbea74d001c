//! Opens a ledger's file and proves that none of its records were forgotten.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, ErrorKind};
use crate::own_file::OwnFile;
use crate::schema::{self, HEADER_LEN, Mark};
use crate::sidecar::{Known, beside};
use crate::verify::{Proof, prove};

/// A log with no more than its header holds nothing.
const LOG_HEADER_LEN: u64 = 32;

/// How long another program may hold the file before it is an error.
const PATIENCE: Duration = Duration::from_secs(5);

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
            "a write-ahead log lies beside a ledger that was closed: it belongs to another copy",
        ));
    }
    Ok(found)
}

fn look_once(own: &OwnFile) -> Result<Found, Error> {
    let mark = schema::mark(&own.head(HEADER_LEN)?)?;
    let log = std::fs::metadata(beside(own.path(), "-wal")).is_ok_and(|log| log.len() > LOG_HEADER_LEN);
    Ok(Found { mark, log })
}

/// A connection that only reads. The path is absolute, as [`OwnFile`] has it: SQLite takes `file:` at its beginning for a
/// URL, and `:memory:` for no file at all.
pub(crate) fn reader(path: &Path) -> Result<Connection, Error> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    prepare(&connection)?;
    connection.pragma_update(None, "cache_size", -1024)?;
    Ok(connection)
}

/// The connection that writes.
pub(crate) fn writer(path: &Path) -> Result<Connection, Error> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    prepare(&connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // The writer folds the log in itself, between commits: in the middle of one, those that wait would wait for it.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "cache_size", -2048)?;
    Ok(connection)
}

/// Puts back what a program that died had changed in place and not committed.
pub(crate) fn roll_back(path: &Path) -> Result<(), Error> {
    // SQLite does so when anything is read.
    writer(path)?.query_row("SELECT count(*) FROM sqlite_schema", (), |_| Ok(()))?;
    Ok(())
}

fn prepare(connection: &Connection) -> Result<(), Error> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(32);
    // What is left of a run that died stays as it is until it was proven.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // A file that somebody made may not bring code of its own choice.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // Sorting goes to a file: memory stays flat.
    connection.pragma_update(None, "temp_store", "FILE")?;
    Ok(())
}

/// Proves all of a ledger in the transaction that the caller holds. `known` is what the sidecar said *before* that
/// transaction began.
pub(crate) fn prove_whole(connection: &Connection, found: Found, known: Option<&Known>) -> Result<Proof, Error> {
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
                "the ledger has forgotten {} of its {} commits: its write-ahead log is missing or was cut",
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
        "the ledger is marked open and its write-ahead log is missing: outcomes may have been forgotten",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writer_syncs_every_commit_and_leaves_the_log_to_us() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plan.db");
        Connection::open(&path)
            .unwrap()
            .execute_batch("CREATE TABLE x (y)")
            .unwrap();
        let writer = writer(&path).unwrap();
        crate::log::start(&writer).unwrap();
        for (pragma, value) in [("synchronous", 2), ("wal_autocheckpoint", 0), ("temp_store", 1)] {
            let is: i64 = writer.pragma_query_value(None, pragma, |row| row.get(0)).unwrap();
            assert_eq!(is, value, "{pragma}");
        }
        // Left without a word, the log stays: what is in it was not proven yet.
        writer.execute_batch("INSERT INTO x VALUES (1)").unwrap();
        drop(writer);
        assert!(beside(&path, "-wal").exists());
    }
}
