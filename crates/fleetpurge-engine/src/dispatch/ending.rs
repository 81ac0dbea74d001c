//! The end of a run: the outcomes of devices that were not sent, whether they were read or not.

use std::pin::Pin;
use std::sync::Arc;

use futures_core::Stream;
use futures_util::StreamExt;
use tokio::time::Instant;

use super::dispatcher::{Dispatcher, sleep_until};
use crate::event::{Done, Event, Input, RunEnd, SourceError};
use crate::journal::Journal;
use crate::outcome::{Applied, Outcome, OutcomeKind};
use crate::policy::Rest;
use crate::service::DeletionService;

impl<S: DeletionService, J: Journal> Dispatcher<S, J> {
    /// The next device of the input once the run has stopped. None: there is no other, nobody listens any more, or the
    /// producer has nothing ready and the time is up.
    async fn next_left<I>(&self, mut source: Pin<&mut I>, until: Option<Instant>) -> Option<Input<S::Device>>
    where
        I: Stream<Item = Result<Input<S::Device>, SourceError>>,
    {
        tokio::select! {
            biased;
            () = self.events.closed() => None,
            input = source.next() => input?.ok(),
            () = sleep_until(until), if until.is_some() => None,
        }
    }

    /// Hands out what is left, and says how the run ended.
    pub(super) async fn end<I>(mut self, mut source: Pin<&mut I>) -> RunEnd
    where
        I: Stream<Item = Result<Input<S::Device>, SourceError>>,
    {
        let is_whole = self.judge().stop_reason().is_none();
        if is_whole && !self.withheld.is_empty() {
            // The input has ended: nothing else will show whether the service accepts anything.
            self.conclude_withheld().await;
        }
        let stopped = self.judge().stop_reason().cloned();
        if let Some(reason) = &stopped {
            let left: Vec<_> = self
                .withheld
                .drain(..)
                .map(|withheld| Done::of(withheld.item, withheld.outcome, Some(&withheld.last)))
                .collect();
            self.finish(left).await;
            let outcome = |attempts: u32, applied: bool| {
                let again = if attempts > 0 || applied { " again" } else { "" };
                let kind = if applied {
                    OutcomeKind::Unknown
                } else {
                    OutcomeKind::Pending
                };
                Outcome::because(kind, format!("not sent{again}: {reason}"))
            };
            let left: Vec<_> = self
                .queue
                .drain()
                .map(|item| {
                    let outcome = outcome(item.attempts, item.rounds.may_be_applied);
                    let last = item.last.clone();
                    Done::of(item, outcome, last.as_deref())
                })
                .collect();
            self.finish(left).await;
            if self.rest == Rest::Report && !self.input_ended {
                // One time for all of it: a producer that trickles must not begin it anew with each device.
                let until = self.linger.and_then(|linger| Instant::now().checked_add(linger));
                while let Some(Input {
                    key,
                    device,
                    decided,
                    earlier,
                }) = self.next_left(source.as_mut(), until).await
                {
                    let left = Done {
                        key,
                        device,
                        outcome: decided.unwrap_or_else(|| outcome(0, earlier != Applied::No)),
                        attempt: None,
                        attempts: 0,
                        trail: Arc::default(),
                        error: None,
                        segment: 0,
                    };
                    if self.events.send(Event::Done(vec![left])).await.is_err() {
                        break;
                    }
                }
            }
        }
        RunEnd {
            stopped,
            attempts: self.attempts,
        }
    }
}
