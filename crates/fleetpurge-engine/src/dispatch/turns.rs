//! The loop of a run: reads the input, starts batches and takes back what has come of them.

use std::pin::{Pin, pin};

use futures_core::Stream;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::dispatcher::{Dispatcher, sleep_until};
use crate::event::{Done, Event, Input, RunEnd, SourceError};
use crate::journal::Journal;
use crate::outcome::Applied;
use crate::queue::{Item, Rounds};
use crate::service::DeletionService;
use crate::stop::{StopHandle, StopReason};
use crate::window::Window;

impl<S: DeletionService, J: Journal> Dispatcher<S, J> {
    pub(crate) async fn dispatch<I>(mut self, source: I) -> RunEnd
    where
        I: Stream<Item = Result<Input<S::Device>, SourceError>> + Send,
    {
        let mut source = pin!(source.fuse());
        loop {
            let wake = self.start_what_may();
            for started in std::mem::take(&mut self.started) {
                self.tell(started).await;
            }
            if self.is_over() {
                break;
            }
            if let Some(wake) = wake {
                self.tell_wait(wake).await;
            }
            let wanted = self.wanted_input();
            let stopped = self.judge().stop_reason().is_some();
            tokio::select! {
                biased;
                () = asked_to_stop(&self.stop, &self.events), if !stopped => {
                    self.judge().stop(StopReason::Interrupted);
                }
                Some(landed) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => {
                    self.landed(landed).await;
                }
                // A request is over: another may start.
                () = self.settling.another(), if !stopped => {}
                item = source.next(), if wanted > 0 => {
                    self.read(item, Instant::now()).await;
                    self.read_ready(source.as_mut()).await;
                }
                () = sleep_until(wake.map(|wake| wake.at)), if wake.is_some() && !stopped => {}
                // The input has nothing ready: what waited for others to fill its batch may start.
                () = std::future::ready(()), if wanted > 0 && !self.input_waits => self.input_waits = true,
            }
        }
        self.end(source).await
    }

    /// Reads what is there already, up to a full batch: a turn of the loop for each device would cost more than it.
    async fn read_ready<I>(&mut self, mut source: Pin<&mut I>)
    where
        I: Stream<Item = Result<Input<S::Device>, SourceError>>,
    {
        let now = Instant::now();
        self.input_waits = false;
        for _ in 0..self.wanted_input() {
            if self.input_ended {
                return;
            }
            let Some(item) = source.next().now_or_never() else {
                self.input_waits = true;
                return;
            };
            self.read(item, now).await;
        }
    }

    fn is_over(&self) -> bool {
        self.tasks.is_empty()
            && (self.judge().stop_reason().is_some() || (self.input_ended && self.queue.devices() == 0))
    }

    /// How many more devices should be read: up to a full batch, as far as there is room.
    fn wanted_input(&self) -> usize {
        let judge = self.judge();
        if self.input_ended || judge.stop_reason().is_some() {
            return 0;
        }
        let batch = judge.limit().saturating_sub(self.queue.fresh());
        let held = self.queue.devices() + self.flying_devices;
        let window = self.window.as_ref().map_or(usize::MAX, Window::room);
        batch.min(self.open_devices.saturating_sub(held)).min(window)
    }

    async fn read(&mut self, input: Option<Result<Input<S::Device>, SourceError>>, now: Instant) {
        match input {
            Some(Ok(Input {
                key,
                device,
                decided,
                earlier,
            })) => {
                let item = Item {
                    key,
                    device,
                    attempts: 0,
                    last: None,
                    read: now,
                    rounds: Rounds {
                        may_be_applied: earlier != Applied::No,
                        ..Rounds::default()
                    },
                    segment: self.window.as_mut().map_or(0, Window::read),
                };
                match decided {
                    None => self.queue.push_fresh(item),
                    Some(outcome) => self.finish(vec![Done::of(item, outcome, None)]).await,
                }
            }
            Some(Err(error)) => {
                self.input_ended = true;
                self.judge()
                    .stop(StopReason::Source(crate::error_chain::chain(&*error.0)));
            }
            None => self.input_ended = true,
        }
    }
}

/// Returns once the run is to stop: it was asked to, or nobody listens any more.
async fn asked_to_stop<D>(stop: &StopHandle, events: &mpsc::Sender<Event<D>>) {
    tokio::select! {
        () = stop.stopped() => {}
        () = events.closed() => {}
    }
}
