//! The pieces of a file, from the task that fetches them to the thread that reads them.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use fleetpurge_http::download::Download;
use fleetpurge_http::error as http;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// How many pieces may wait to be read.
const WAITING: usize = 16;

/// A piece; None after the last. Without that, the file is not over.
type Piece = Result<Option<Vec<u8>>, http::Error>;

/// Fetches piece after piece until the file is over, or nobody reads it any more.
pub(crate) async fn fetch(mut download: Download, pieces: Sender<Piece>) {
    loop {
        let piece = download.next().await.map(|piece| piece.map(|bytes| bytes.to_vec()));
        let is_over = !matches!(piece, Ok(Some(_)));
        if pieces.send(piece).await.is_err() || is_over {
            return;
        }
    }
}

/// Why the pieces ended before the file. Decoders wrap an error until nobody finds it, so that it goes beside them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trouble(Arc<Mutex<Option<http::Error>>>);

impl Trouble {
    fn is(&self, error: http::Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    pub(crate) fn take(&self) -> Option<http::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The pieces as one text. A thread that may wait reads it.
#[derive(Debug)]
pub(crate) struct Pieces {
    pieces: Receiver<Piece>,
    piece: Vec<u8>,
    at: usize,
    is_over: bool,
    trouble: Trouble,
}

impl Pieces {
    /// Where the pieces go in, and where they come out.
    pub(crate) fn channel() -> (Sender<Piece>, Self) {
        let (outbox, pieces) = channel(WAITING);
        let inbox = Self {
            pieces,
            piece: Vec::new(),
            at: 0,
            is_over: false,
            trouble: Trouble::default(),
        };
        (outbox, inbox)
    }

    pub(crate) fn trouble(&self) -> Trouble {
        self.trouble.clone()
    }
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() {
            if self.is_over {
                return Ok(0);
            }
            match self.pieces.blocking_recv() {
                Some(Ok(Some(piece))) => (self.piece, self.at) = (piece, 0),
                Some(Ok(None)) => self.is_over = true,
                Some(Err(error)) => {
                    let told = io::Error::other(error.to_string());
                    self.trouble.is(error);
                    return Err(told);
                }
                None => return Err(io::Error::other("fetching it has ended")),
            }
        }
        let left = &self.piece[self.at..];
        let count = left.len().min(into.len());
        into[..count].copy_from_slice(&left[..count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_over_when_that_is_said_and_not_when_nothing_comes_any_more() {
        for (is_said, expected) in [(true, Some("ab")), (false, None)] {
            let (outbox, mut pieces) = Pieces::channel();
            for piece in [&b"a"[..], b"b"] {
                outbox.try_send(Ok(Some(piece.to_vec()))).unwrap();
            }
            if is_said {
                outbox.try_send(Ok(None)).unwrap();
            }
            drop(outbox);
            let mut text = String::new();
            let read = pieces.read_to_string(&mut text);
            assert_eq!(read.ok().map(|_| text.as_str()), expected);
        }
    }
}
