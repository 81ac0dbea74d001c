//! The stream of all that happens in a bulk deletion.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::reader::{BulkEvent, Reader};
use crate::stop::StopReason;

/// All that happens in a bulk deletion, as it happens; from [`DeletionStream::events`](super::DeletionStream::events).
///
/// It starts, stops and is dropped as the [`DeletionStream`](super::DeletionStream) is. Reading it slowly slows the run
/// down.
#[derive(Debug)]
pub struct DeletionEvents<D, T = ()>(pub(crate) Reader<D, T>);

impl<D, T> DeletionEvents<D, T> {
    /// Why the run stopped before the end of its input, once this stream has ended. `None`: it did not.
    #[must_use]
    pub fn stopped(&self) -> Option<&StopReason> {
        self.0.stopped()
    }

    /// The error of the input, if it failed.
    #[must_use]
    pub fn source_error(&self) -> Option<&Arc<dyn Error + Send + Sync>> {
        self.0.source_error()
    }
}

impl<D, T> Stream for DeletionEvents<D, T> {
    type Item = BulkEvent<D, T>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<BulkEvent<D, T>>> {
        self.get_mut().0.poll(cx)
    }
}
