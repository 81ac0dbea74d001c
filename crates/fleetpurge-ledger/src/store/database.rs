//! Connections to the database of a plan.

use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::model::{Error, ErrorKind};

/// How long another program may hold the file before it is an error.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection to the database of a plan. The storeys above only pass it on.
#[derive(Debug)]
pub(crate) struct Database(Connection);

impl Deref for Database {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl Database {
    /// Reads in one transaction: all that `read` sees is of one moment.
    pub(crate) fn at_one_moment<T>(&self, read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let transaction = self.0.unchecked_transaction()?;
        let read = read()?;
        transaction.commit()?;
        Ok(read)
    }

    /// Begins a transaction that only reads, and that lasts as long as the connection.
    pub(crate) fn begin_reading(&self) -> Result<(), Error> {
        self.0.execute_batch("BEGIN; SELECT 1 FROM plan")?;
        Ok(())
    }

    /// Syncs the folder too, when a commit in place is done: without it a power cut could bring the journal back, which
    /// undoes that commit (<https://www.sqlite.org/pragma.html#pragma_synchronous>).
    pub(crate) fn sync_names(&self) -> Result<(), Error> {
        self.0.pragma_update(None, "synchronous", "EXTRA")?;
        Ok(())
    }

    /// How many pages the file may have. For tests: a full disk.
    pub(crate) fn limit_pages(&self, pages: u32) -> Result<(), Error> {
        self.0
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        Ok(())
    }

    /// Closes it, and says whether that went well.
    pub(crate) fn close(self) -> Result<(), Error> {
        self.0.close().map_err(|(_, error)| Error::from(error))
    }
}

/// Holds 8 MiB of the temporary tables in memory: they are written once and then looked up in any order.
pub(crate) fn cache_temporary(connection: &Connection) -> Result<(), Error> {
    connection.pragma_update(Some("temp"), "cache_size", -8192)?;
    Ok(())
}

/// The connection of a draft, which is made by it.
///
/// Nobody else sees the draft, and one that is cut short is thrown away: it needs no journal of its own. It is synced
/// before it gets its name.
pub(crate) fn draft(path: &Path) -> Result<Database, Error> {
    let connection = Connection::open(path).map_err(|error| {
        Error::new(ErrorKind::ReadOnly, "the folder of the plan cannot be written").with_source(error)
    })?;
    connection.pragma_update_and_check(None, "journal_mode", "OFF", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |_| Ok(()))?;
    connection.pragma_update(None, "temp_store", "FILE")?;
    connection.pragma_update(None, "cache_size", -6144)?;
    Ok(Database(connection))
}

/// A connection that changes a scratch file: a copy of what is safe elsewhere, which needs no sync.
#[cfg(feature = "postgres")]
pub(crate) fn scratch(path: &Path) -> Result<Database, Error> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    prepare(&connection)?;
    connection.pragma_update_and_check(None, "journal_mode", "MEMORY", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    Ok(Database(connection))
}

/// A connection that only reads. The path is absolute, as [`OwnFile`] has it: SQLite takes `file:` at its beginning for a
/// URL, and `:memory:` for no file at all.
pub(crate) fn reader(path: &Path) -> Result<Database, Error> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    prepare(&connection)?;
    connection.pragma_update(None, "cache_size", -1024)?;
    Ok(Database(connection))
}

/// The connection that writes.
pub(crate) fn writer(path: &Path) -> Result<Database, Error> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    prepare(&connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // The writer checkpoints the log itself, between commits: in the middle of one, those that wait would wait for it.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "cache_size", -2048)?;
    Ok(Database(connection))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::file::lock_file::beside;
    use crate::store::wal;

    #[test]
    fn the_writer_syncs_every_commit_and_leaves_the_log_to_us() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plan.db");
        Connection::open(&path)
            .unwrap()
            .execute_batch("CREATE TABLE x (y)")
            .unwrap();
        let writer = writer(&path).unwrap();
        wal::start(&writer).unwrap();
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
