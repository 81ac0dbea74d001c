//! Which devices are sent.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::error::Error;

/// Which devices a run sends: the pending ones, and those named here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Which surely unsuccessful ones again.
    pub retry: Retry,
    /// Also those that the service may have acted on: a person said so.
    pub resend_unknown: bool,
    /// At most this many.
    pub limit: Option<u64>,
}

/// Which surely unsuccessful devices are sent again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retry {
    /// Those that the service failed to schedule.
    pub failed: bool,
    /// Those that the service refused.
    pub rejected: bool,
}

/// A device to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// Its row: the engine's key.
    pub row: u64,
    /// Its uid, character for character.
    pub uid: String,
    /// Its name, character for character.
    pub name: String,
}

/// The devices to send, in row order. Reading blocks; [`into_stream`](Self::into_stream) gives it a thread of its own.
#[derive(Debug)]
pub struct SelectedRows {
    _inner: (),
}

impl Iterator for SelectedRows {
    type Item = Result<Selected, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        None
    }
}

impl SelectedRows {
    /// The same as a stream, read a few pages ahead on a thread of its own.
    ///
    /// # Errors
    ///
    /// The thread could not be started.
    pub fn into_stream(self) -> Result<SelectedStream, Error> {
        Ok(SelectedStream { _inner: () })
    }
}

/// The devices to send, in row order, as a stream.
#[derive(Debug)]
pub struct SelectedStream {
    _inner: (),
}

impl Stream for SelectedStream {
    type Item = Result<Selected, Error>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(None)
    }
}
