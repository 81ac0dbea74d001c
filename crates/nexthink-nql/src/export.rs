//! The rows of an export, as they come.

use std::fmt;
use std::io::Write;

use csv::StringRecord;
use fleetpurge_http::download::Download;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinSet;

use crate::compression::Compression;
use crate::decoding::{Rows, Whole};
use crate::error::{Error, ErrorKind};
use crate::pieces::{Pieces, fetch};

/// How many rows may wait to be taken.
const WAITING: usize = 256;

/// The result of a query, row by row. Dropping it ends the transfer.
pub struct Export {
    headings: Vec<String>,
    export_id: String,
    is_truncated: bool,
    rows: Receiver<Result<Item, Error>>,
    summary: Option<Summary>,
    taken: u64,
    /// What fetches the file. Dropping it ends it; the thread that decodes ends with its pieces.
    _fetching: JoinSet<()>,
}

enum Item {
    Headings(StringRecord),
    Row(StringRecord),
    Over(Whole),
}

/// One row of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(StringRecord);

impl Row {
    /// The value in a column, counted from 0.
    #[must_use]
    pub fn get(&self, column: usize) -> Option<&str> {
        self.0.get(column)
    }

    /// The values, in the order of the headings.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter()
    }
}

/// What a whole export came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// How many rows it has, without the heading.
    pub rows: u64,
    /// How many bytes, uncompressed.
    pub bytes: u64,
    /// The SHA-256 of those, in hexadecimal.
    pub sha256: String,
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export")
            .field("export_id", &self.export_id)
            .field("headings", &self.headings)
            .field("is_truncated", &self.is_truncated)
            .field("summary", &self.summary)
            .finish_non_exhaustive()
    }
}

impl Export {
    /// Begins to read a file, as far as its headings.
    pub(crate) async fn begin(
        download: Download,
        compression: Compression,
        is_truncated: bool,
        export_id: String,
        copy: Option<Box<dyn Write + Send>>,
    ) -> Result<Self, Error> {
        let is_measured = download.length().is_some();
        let (outbox, pieces) = Pieces::channel();
        let trouble = pieces.trouble();
        let mut fetching = JoinSet::new();
        fetching.spawn(fetch(download, outbox));
        let (told, rows) = channel(WAITING);
        tokio::task::spawn_blocking(move || {
            let mut reading = Rows::new(pieces, trouble, compression, is_measured, copy);
            let mut item = reading.headings().map(Item::Headings);
            loop {
                let is_over = matches!(item, Err(_) | Ok(Item::Over(_)));
                if told.blocking_send(item).is_err() || is_over {
                    return;
                }
                item = match reading.next() {
                    Ok(Some(row)) => Ok(Item::Row(row)),
                    Err(error) => Err(error),
                    Ok(None) => {
                        // It is sent, and nothing comes after it.
                        let over = reading.whole().map(Item::Over);
                        told.blocking_send(over).ok();
                        return;
                    }
                };
            }
        });
        let mut export = Self {
            headings: Vec::new(),
            export_id,
            is_truncated,
            rows,
            summary: None,
            taken: 0,
            _fetching: fetching,
        };
        match export.rows.recv().await {
            Some(Ok(Item::Headings(headings))) => {
                export.headings = headings.iter().map(str::to_owned).collect();
                Ok(export)
            }
            Some(Err(error)) => Err(error),
            Some(Ok(_)) | None => Err(ended()),
        }
    }

    /// The names of the columns, as the file has them.
    #[must_use]
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// The service's id of this export.
    #[must_use]
    pub fn export_id(&self) -> &str {
        &self.export_id
    }

    /// Whether the service has cut the result off, because of the licence.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.is_truncated
    }

    /// The next row; `None` once all have come, and the file is known to be whole.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no row.
    ///
    /// # Errors
    ///
    /// The file did not come whole, or is not a table. **The rows so far are then not the result**, and no more come.
    pub async fn next_row(&mut self) -> Result<Option<Row>, Error> {
        if self.summary.is_some() {
            return Ok(None);
        }
        match self.rows.recv().await {
            Some(Ok(Item::Row(row))) => {
                self.taken += 1;
                Ok(Some(Row(row)))
            }
            Some(Ok(Item::Over(whole))) => {
                self.summary = Some(Summary {
                    rows: self.taken,
                    bytes: whole.bytes,
                    sha256: whole.sha256,
                });
                Ok(None)
            }
            Some(Err(error)) => Err(error),
            Some(Ok(Item::Headings(_))) | None => Err(ended()),
        }
    }

    /// What it came to, once [`next_row`](Self::next_row) has returned `None`.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.summary.as_ref()
    }
}

/// It was asked for another row after an error, or the runtime was shut down.
fn ended() -> Error {
    Error::new(
        ErrorKind::Incomplete,
        "the file did not come whole: reading it has ended",
    )
}
