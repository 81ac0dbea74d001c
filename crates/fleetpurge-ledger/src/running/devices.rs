//! Reads the devices that a run sends.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use fleetpurge_engine::{Applied, OutcomeKind};
use futures_core::Stream;
use tokio::sync::mpsc;

use crate::model::{Error, ErrorKind, Selected, Selection};
use crate::store::database::Database;
use crate::store::file::watch::Watch;
use crate::store::ranges::{holding, outcomes};
use crate::store::rows;

/// How many rows are looked at in one transaction.
const PAGE: u64 = 1024;

/// How many pages a stream is read ahead.
const PAGES_AHEAD: usize = 4;

/// A connection that its run closes when it ends: an open one would keep the log.
/// With it the plan's file, which stays open as long.
pub(crate) type Shared = Arc<Mutex<Option<(Database, Arc<Watch>)>>>;

/// The devices to send, in row order. Reading blocks; [`into_stream`](Self::into_stream) reads on a separate thread.
#[derive(Debug)]
pub struct SelectedRows {
    connection: Shared,
    selection: Selection,
    planned: u64,
    /// The last row that was looked at.
    row: u64,
    left: u64,
    page: VecDeque<Selected>,
}

impl SelectedRows {
    pub(crate) fn new(connection: Shared, selection: Selection, planned: u64) -> Self {
        Self {
            connection,
            selection,
            planned,
            row: 0,
            left: selection.limit.unwrap_or(u64::MAX),
            page: VecDeque::new(),
        }
    }

    /// The same as a stream, which a separate thread reads a few pages ahead.
    ///
    /// # Errors
    ///
    /// The thread could not be started.
    pub fn into_stream(mut self) -> Result<SelectedStream, Error> {
        let (sender, pages) = mpsc::channel(PAGES_AHEAD);
        std::thread::Builder::new()
            .name("ledger-select".to_owned())
            .spawn(move || {
                // A receiver that is gone wants no more.
                while let Some(page) = self.turn().transpose() {
                    let is_over = page.is_err();
                    if sender.blocking_send(page).is_err() || is_over {
                        break;
                    }
                }
            })
            .map_err(|error| {
                Error::new(ErrorKind::Io, "no thread could be started to read the plan").with_source(error)
            })?;
        Ok(SelectedStream {
            pages,
            page: VecDeque::new(),
        })
    }

    /// Whether the iterator is at its end: all rows were read, enough were found, or it returned an error.
    fn is_over(&self) -> bool {
        self.row >= self.planned || self.left == 0
    }

    /// The next page that has any device to send.
    fn turn(&mut self) -> Result<Option<VecDeque<Selected>>, Error> {
        // Before the connection is asked for: a run that has ended is told of once.
        if self.is_over() {
            return Ok(None);
        }
        let mut page = VecDeque::new();
        let shared = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((database, _)) = shared.as_ref() else {
            return Err(Error::new(ErrorKind::Closed, "the run has ended"));
        };
        while page.is_empty() && !self.is_over() {
            let end = self.planned.min(self.row + PAGE);
            add(database, &self.selection, (self.row + 1, end), self.left, &mut page)?;
            self.left -= page.len() as u64;
            self.row = end;
        }
        Ok(if page.is_empty() { None } else { Some(page) })
    }
}

/// Adds the devices to send in a range of rows, no more than `most`.
fn add(
    database: &Database,
    selection: &Selection,
    (first, last): (u64, u64),
    most: u64,
    page: &mut VecDeque<Selected>,
) -> Result<(), Error> {
    database.at_one_moment(|| {
        let mut segments = outcomes(database, first, last);
        let mut left = most;
        while let Some((first, last)) = segments.next_segment()? {
            let kind = holding(segments.covering()).map_or(OutcomeKind::Pending, |range| range.kind);
            if selection.takes(kind) && left > 0 {
                let before = page.len();
                rows::to_send(database, (first, last), earlier(kind), left.min(PAGE), page)?;
                left -= (page.len() - before) as u64;
            }
        }
        Ok(())
    })
}

/// The first devices that a run would send, no more than `most`.
pub(crate) fn first(
    database: &Database,
    selection: &Selection,
    planned: u64,
    most: u64,
) -> Result<VecDeque<Selected>, Error> {
    let most = most.min(selection.limit.unwrap_or(u64::MAX));
    let mut found = VecDeque::new();
    let mut row = 0;
    while row < planned && (found.len() as u64) < most {
        let end = planned.min(row + PAGE);
        add(
            database,
            selection,
            (row + 1, end),
            most - found.len() as u64,
            &mut found,
        )?;
        row = end;
    }
    Ok(found)
}

fn earlier(kind: OutcomeKind) -> Applied {
    match kind {
        OutcomeKind::Unknown => Applied::Maybe,
        _ => Applied::No,
    }
}

impl Iterator for SelectedRows {
    type Item = Result<Selected, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty() {
            match self.turn() {
                Ok(Some(page)) => self.page = page,
                Ok(None) => {}
                Err(error) => {
                    self.left = 0;
                    return Some(Err(error));
                }
            }
        }
        self.page.pop_front().map(Ok)
    }
}

/// The devices to send, in row order, as a stream.
#[derive(Debug)]
pub struct SelectedStream {
    pages: mpsc::Receiver<Result<VecDeque<Selected>, Error>>,
    page: VecDeque<Selected>,
}

impl Stream for SelectedStream {
    type Item = Result<Selected, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(selected) = self.page.pop_front() {
                return Poll::Ready(Some(Ok(selected)));
            }
            match self.pages.poll_recv(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Ok(page))) => self.page = page,
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}
