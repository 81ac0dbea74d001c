//! The dispatcher and its loop: it reads devices, and waits for whatever comes first.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures_core::Stream;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use crate::attempt::Landed;
use crate::error_chain::chain;
use crate::event::{Done, Event, Input, RunEnd, SourceError};
use crate::journal::Journal;
use crate::judge::{Judge, lock};
use crate::outcome::{Applied, Outcome};
use crate::policy::{Order, Rest, RunOptions};
use crate::queue::{Batch, Item, Last, Queue, Rounds};
use crate::service::{Attempt, DeletionService};
use crate::stop::{StopHandle, StopReason};
use crate::wait::Told;
use crate::window::Window;

/// How many rounds of batches, one for each permit, a run holds at most: those in flight and those that wait to be sent
/// again. More than the five batches after which a failing service is given up.
const ROUNDS_HELD: usize = 8;

/// A device that was refused before the service had accepted anything.
pub(super) struct Withheld<D> {
    pub(super) item: Item<D>,
    pub(super) last: Arc<Last>,
    pub(super) outcome: Outcome,
}

pub(super) type Flying<D> = (Attempt, Arc<Batch<D>>);

/// The one task of a run that decides what is started, and when.
pub(crate) struct Dispatcher<S: DeletionService, J> {
    pub(super) service: Arc<S>,
    pub(super) journal: Arc<J>,
    pub(super) judge: Arc<Mutex<Judge>>,
    pub(super) tasks: JoinSet<Landed<S::Device>>,
    /// The devices of each task, for the case that it panics.
    pub(super) flying: HashMap<Id, Flying<S::Device>>,
    pub(super) queue: Queue<S::Device>,
    pub(super) withheld: Vec<Withheld<S::Device>>,
    pub(super) window: Option<Window>,
    /// How many devices may be held at a time.
    pub(super) open_devices: usize,
    pub(super) batches: u64,
    pub(super) attempts: u64,
    pub(super) input_ended: bool,
    pub(super) rest: Rest,
    pub(super) linger: Option<Duration>,
    pub(super) told: Told,
    pub(super) events: mpsc::Sender<Event<S::Device>>,
    pub(super) stop: StopHandle,
}

impl<S: DeletionService, J: Journal> Dispatcher<S, J> {
    pub(crate) fn new(
        service: Arc<S>,
        journal: Arc<J>,
        options: &RunOptions,
        stop: StopHandle,
        events: mpsc::Sender<Event<S::Device>>,
    ) -> Self {
        let judge = Judge::new(options, service.batch_limit().get());
        let limit = judge.limit();
        let concurrency = options.concurrency.get();
        Self {
            window: match options.order {
                Order::AsSettled => None,
                Order::Input => Some(Window::new(limit, concurrency.saturating_mul(8).max(64))),
            },
            open_devices: concurrency.saturating_mul(limit).saturating_mul(ROUNDS_HELD),
            judge: Arc::new(Mutex::new(judge)),
            service,
            journal,
            tasks: JoinSet::new(),
            flying: HashMap::new(),
            queue: Queue::new(),
            withheld: Vec::new(),
            batches: 0,
            attempts: 0,
            input_ended: false,
            rest: options.rest,
            linger: options.linger,
            told: Told::default(),
            events,
            stop,
        }
    }

    pub(crate) async fn dispatch<I>(mut self, source: I) -> RunEnd
    where
        I: Stream<Item = Result<Input<S::Device>, SourceError>> + Send,
    {
        let mut source = pin!(source.fuse());
        loop {
            let wake = self.start_what_may();
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
                item = source.next(), if wanted > 0 => {
                    let now = Instant::now();
                    self.read(item, now).await;
                    // What is there already is taken at once: a turn of this loop per device would cost more than it.
                    for _ in 1..wanted {
                        if self.input_ended {
                            break;
                        }
                        let Some(item) = source.next().now_or_never() else {
                            break;
                        };
                        self.read(item, now).await;
                    }
                }
                () = sleep_until(wake.map(|wake| wake.at)), if wake.is_some() && !stopped => {}
            }
        }
        self.end(source).await
    }

    pub(super) fn judge(&self) -> MutexGuard<'_, Judge> {
        lock(&self.judge)
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
        let held = self.queue.devices() + self.in_flight_devices();
        let window = self.window.as_ref().map_or(usize::MAX, Window::room);
        batch.min(self.open_devices.saturating_sub(held)).min(window)
    }

    pub(super) fn in_flight_devices(&self) -> usize {
        self.flying.values().map(|(_, batch)| batch.items.len()).sum()
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
                    chunk: self.window.as_mut().map_or(0, Window::read),
                };
                match decided {
                    None => self.queue.push_fresh(item),
                    Some(outcome) => self.finish(vec![Done::of(item, outcome, None)]).await,
                }
            }
            Some(Err(error)) => {
                self.input_ended = true;
                self.judge().stop(StopReason::Source(chain(&*error.0)));
            }
            None => self.input_ended = true,
        }
    }

    pub(super) fn has_room(&self) -> bool {
        self.window.as_ref().is_none_or(|window| window.room() > 0)
            && self.queue.devices() + self.in_flight_devices() < self.open_devices
    }

    pub(super) async fn finish(&mut self, finished: Vec<Done<S::Device>>) {
        if finished.is_empty() {
            return;
        }
        self.tell(Event::Done(finished)).await;
    }

    pub(super) async fn tell(&mut self, event: Event<S::Device>) {
        if let (Event::Done(done), Some(window)) = (&event, &mut self.window) {
            for done in done {
                window.done(done.chunk);
            }
        }
        // Nobody listens any more: the run is stopped by `asked_to_stop`, and the journal has it.
        let _ = self.events.send(event).await;
    }
}

/// Returns once the run is to stop: it was asked to, or nobody listens any more.
async fn asked_to_stop<D>(stop: &StopHandle, events: &mpsc::Sender<Event<D>>) {
    tokio::select! {
        () = stop.stopped() => {}
        () = events.closed() => {}
    }
}

pub(super) async fn sleep_until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at).await;
    }
}
