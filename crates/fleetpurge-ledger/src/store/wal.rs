//! The write-ahead log: started with a run, checkpointed during it, removed at its end.

use std::time::Duration;

use rusqlite::Connection;

use crate::model::{Error, ErrorKind};

/// How often, and how long apart, a reader is waited for before the log stays.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);

/// Marks the ledger open: from here on there is a log.
pub(crate) fn start(connection: &Connection) -> Result<(), Error> {
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(Error::new(
            ErrorKind::Io,
            "the plan cannot be kept safe from a crash on the disk where it is",
        ));
    }
    Ok(())
}

/// Whether the ledger is marked open.
pub(crate) fn is_started(connection: &Connection) -> Result<bool, Error> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    Ok(mode != "delete")
}

/// Checkpoints the log into the file as far as readers allow; the next commit begins it anew if that was all.
pub(crate) fn checkpoint(connection: &Connection) -> Result<(), Error> {
    connection
        .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?
        .query_row((), |_| Ok(()))?;
    Ok(())
}

/// Checkpoints the log into the file and removes it. `false` if another program is reading, so that the log has to stay:
/// nothing is lost then.
pub(crate) fn checkpoint_and_remove(connection: &Connection) -> Result<bool, Error> {
    for _ in 0..TRIES {
        let mode = connection.pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get::<_, String>(0));
        match mode.map_err(Error::from) {
            Ok(mode) if mode == "delete" => return Ok(true),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Busy => {}
            Err(error) => return Err(error),
        }
        std::thread::sleep(PAUSE);
    }
    checkpoint(connection)?;
    Ok(false)
}
