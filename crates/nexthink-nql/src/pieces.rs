//! The pieces of a file, from the task that fetches them to the thread that reads them.

use std::io::{self, Read};

use fleetpurge_http::download::Download;
use fleetpurge_http::error as http;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// How many pieces may wait to be read.
const WAITING: usize = 16;

type Piece = Result<Vec<u8>, http::Error>;

/// Fetches piece after piece until the file is over, or nobody reads it any more.
pub(crate) async fn fetch(mut download: Download, pieces: Sender<Piece>) {
    loop {
        let piece = match download.next().await {
            Ok(None) => return,
            Ok(Some(bytes)) => Ok(bytes.to_vec()),
            Err(error) => Err(error),
        };
        let is_over = piece.is_err();
        if pieces.send(piece).await.is_err() || is_over {
            return;
        }
    }
}

/// The pieces as one text. A thread that may wait reads it.
#[derive(Debug)]
pub(crate) struct Pieces {
    pieces: Receiver<Piece>,
    piece: Vec<u8>,
    at: usize,
}

impl Pieces {
    /// Where the pieces go in, and where they come out.
    pub(crate) fn channel() -> (Sender<Piece>, Self) {
        let (outbox, pieces) = channel(WAITING);
        let inbox = Self {
            pieces,
            piece: Vec::new(),
            at: 0,
        };
        (outbox, inbox)
    }
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() {
            match self.pieces.blocking_recv() {
                None => return Ok(0),
                Some(Ok(piece)) => (self.piece, self.at) = (piece, 0),
                Some(Err(error)) => return Err(io::Error::other(error)),
            }
        }
        let left = &self.piece[self.at..];
        let count = left.len().min(into.len());
        into[..count].copy_from_slice(&left[..count]);
        self.at += count;
        Ok(count)
    }
}
