//! Reads a list on a thread of its own, a little ahead of what takes its rows.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use fleetpurge_export::{Entry, Error, Rows};

/// How many rows are handed over at a time, and how often that is done ahead.
const ROWS: usize = 512;
const AHEAD: usize = 4;

type Read = Result<Entry, Error>;

/// The entries of a list.
#[derive(Debug)]
pub(super) struct Ahead {
    entries: Receiver<Vec<Read>>,
    reader: JoinHandle<Rows>,
}

impl Ahead {
    /// # Errors
    ///
    /// The system gives no thread.
    pub(super) fn new(mut rows: Rows) -> std::io::Result<Self> {
        let (sender, entries) = sync_channel(AHEAD);
        let reader = thread::Builder::new().name("list-reader".to_owned()).spawn(move || {
            // Who takes nothing more has found an error.
            while hand_over(&mut rows, &sender) {}
            rows
        })?;
        Ok(Self { entries, reader })
    }

    /// All entries, in their order.
    pub(super) fn entries(&self) -> impl Iterator<Item = Read> {
        self.entries.iter().flatten()
    }

    /// What they were read from, once there is no other.
    pub(super) fn into_rows(self) -> Rows {
        drop(self.entries);
        self.reader
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

fn hand_over(rows: &mut Rows, sender: &SyncSender<Vec<Read>>) -> bool {
    let mut some = Vec::with_capacity(ROWS);
    while some.len() < ROWS
        && let Some(entry) = rows.next_entry()
    {
        some.push(entry);
    }
    !some.is_empty() && sender.send(some).is_ok()
}
