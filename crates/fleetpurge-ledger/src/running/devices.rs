//! Reads the devices that a run sends.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use fleetpurge_engine::{Applied, OutcomeKind};
use futures_core::Stream;
use tokio::sync::mpsc;

use crate::model::{Error, ErrorKind, Selected, Selection};
use crate::store::database::Database;
use crate::store::file::watch::Watch;
#[cfg(feature = "postgres")]
use crate::store::postgres::claims::{Claimed, Claims};
use crate::store::ranges::{holding, outcomes};
use crate::store::rows;

/// How many rows are looked at in one transaction.
const PAGE: u64 = 1024;

/// How many pages a stream is read ahead.
const PAGES_AHEAD: usize = 4;

/// How long a run waits before it looks again whether others have left rows to it.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// A connection that its run closes when it ends: an open one would keep the log.
pub(crate) type Shared = Arc<Mutex<Option<Reading>>>;

/// What a run reads its devices from.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) database: Database,
    pub(crate) from: From,
}

/// Which rows are the run's.
#[derive(Debug)]
pub(crate) enum From {
    /// All of them. The plan's file stays open as long as this.
    All(#[expect(dead_code, reason = "it keeps the file open")] Arc<Watch>),
    /// Those that it claims, and of them none whose outcome came after so many others: another run has sent it already.
    #[cfg(feature = "postgres")]
    Claimed(Box<Claims>),
}

/// What a look for the next devices brought.
enum Turn {
    Page(VecDeque<Selected>),
    /// Nothing now; others may leave some.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "a file has no others"))]
    Later,
    Over,
}

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
        let (sender, pages) = mpsc::channel(self.pages_ahead());
        std::thread::Builder::new()
            .name("ledger-select".to_owned())
            .spawn(move || {
                // A receiver that is gone wants no more.
                while !sender.is_closed() {
                    let page = match self.turn() {
                        Ok(Turn::Over) => break,
                        Ok(Turn::Later) => {
                            std::thread::sleep(LOOK_AGAIN);
                            continue;
                        }
                        Ok(Turn::Page(page)) => Ok(page),
                        Err(error) => Err(error),
                    };
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

    /// What is claimed ahead, the others do not get.
    fn pages_ahead(&self) -> usize {
        let shared = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        match shared.as_ref() {
            #[cfg(feature = "postgres")]
            Some(Reading {
                from: From::Claimed(_), ..
            }) => 1,
            _ => PAGES_AHEAD,
        }
    }

    /// Whether the iterator is at its end: all rows were read, enough were found, or it returned an error.
    fn is_over(&self) -> bool {
        self.row >= self.planned || self.left == 0
    }

    /// The next page that has any device to send.
    fn turn(&mut self) -> Result<Turn, Error> {
        // Before the connection is asked for: a run that has ended is told of once.
        if self.is_over() {
            return Ok(Turn::Over);
        }
        let mut page = VecDeque::new();
        let mut shared = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Reading { database, from }) = shared.as_mut() else {
            return Err(Error::new(ErrorKind::Closed, "the run has ended"));
        };
        while page.is_empty() {
            let (range, since) = match from {
                From::All(_) if self.row >= self.planned => return Ok(Turn::Over),
                From::All(_) => {
                    let end = self.planned.min(self.row + PAGE);
                    let first = std::mem::replace(&mut self.row, end) + 1;
                    ((first, end), u64::MAX)
                }
                #[cfg(feature = "postgres")]
                From::Claimed(claims) => match claims.next()? {
                    Claimed::Rows(first, last) => ((first, last), claims.since()),
                    Claimed::Later => return Ok(Turn::Later),
                    Claimed::Nothing => {
                        self.row = self.planned;
                        return Ok(Turn::Over);
                    }
                },
            };
            add(database, &self.selection, range, since, self.left, &mut page)?;
            self.left -= page.len() as u64;
        }
        Ok(Turn::Page(page))
    }
}

/// Adds the devices to send in a range of rows, no more than `most`. Of those that were tried before, none whose outcome came
/// after `since` others.
fn add(
    database: &Database,
    selection: &Selection,
    (first, last): (u64, u64),
    since: u64,
    most: u64,
    page: &mut VecDeque<Selected>,
) -> Result<(), Error> {
    database.at_one_moment(|| {
        let mut segments = outcomes(database, first, last);
        let mut left = most;
        while let Some((first, last)) = segments.next_segment()? {
            let held = holding(segments.covering());
            let kind = held.map_or(OutcomeKind::Pending, |range| range.kind);
            let is_old = kind == OutcomeKind::Pending || held.is_none_or(|range| range.id <= since);
            if selection.takes(kind) && is_old && left > 0 {
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
            u64::MAX,
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
        while self.page.is_empty() {
            match self.turn() {
                Ok(Turn::Page(page)) => self.page = page,
                Ok(Turn::Later) => std::thread::sleep(LOOK_AGAIN),
                Ok(Turn::Over) => break,
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
