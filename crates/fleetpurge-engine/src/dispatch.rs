//! Starts what may be started and passes on what the judge says: one task per batch, never more open than the
//! concurrency.

use std::collections::HashMap;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard};

use futures_core::Stream;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

use crate::attempt::{Landed, Recorded, Unrecorded, attempt_batch};
use crate::journal::{Conclusion, Journal};
use crate::judge::{Again, Follow, Judge, Resend, Start, Verdict, lock, rejected};
use crate::outcome::{Applied, Outcome, OutcomeKind};
use crate::policy::{Order, Rest, RunOptions};
use crate::queue::{Batch, Earlier, Item, Next, Queue, Rounds};
use crate::run::{Done, Event, Input, RunEnd, SourceError};
use crate::service::{Attempt, DeletionService, Trail};
use crate::stop::{StopHandle, StopReason};
use crate::window::Window;

/// How many rounds of batches, one for each permit, a run holds at most: those in flight and those that wait to be sent
/// again. More than the five batches after which a failing service is given up.
const ROUNDS_HELD: usize = 8;

/// Why nothing more can be known of an attempt.
#[derive(Clone, Copy)]
enum Fate {
    NotSent,
    NotRecorded,
    Panicked,
}

impl Fate {
    fn outcome(self, rounds: Rounds) -> Outcome {
        let (kind, detail) = match self {
            Self::NotSent if rounds.may_be_applied => {
                (OutcomeKind::Unknown, "not sent again: it could not be recorded")
            }
            Self::NotSent => (OutcomeKind::Pending, "not sent: the attempt could not be recorded"),
            Self::NotRecorded => (OutcomeKind::Unknown, "what came of the attempt could not be recorded"),
            Self::Panicked => (OutcomeKind::Unknown, "the client failed within itself"),
        };
        Outcome::because(kind, detail)
    }
}

/// A device that was refused before the service had accepted anything.
struct Withheld<D> {
    item: Item<D>,
    attempt: Attempt,
    trail: Arc<Trail>,
    outcome: Outcome,
}

type Flying<D> = (Attempt, Arc<Batch<D>>);

/// The one task of a run that decides what is started, and when.
pub(crate) struct Dispatcher<S: DeletionService, J> {
    service: Arc<S>,
    journal: Arc<J>,
    judge: Arc<Mutex<Judge>>,
    tasks: JoinSet<Landed<S::Device>>,
    /// The devices of each task, for the case that it panics.
    flying: HashMap<Id, Flying<S::Device>>,
    queue: Queue<S::Device>,
    withheld: Vec<Withheld<S::Device>>,
    window: Option<Window>,
    /// How many devices may be held at a time.
    open_devices: usize,
    batches: u64,
    attempts: u64,
    input_ended: bool,
    rest: Rest,
    events: mpsc::Sender<Event<S::Device>>,
    stop: StopHandle,
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
                Order::Input => Some(Window::new(limit, (concurrency * 8).max(64))),
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
            events,
            stop,
        }
    }

    pub(crate) async fn dispatch<I>(mut self, source: I) -> RunEnd
    where
        I: Stream<Item = Result<Input<S::Device>, SourceError>> + Send,
    {
        let mut source = pin!(source.fuse());
        let mut told = None;
        loop {
            let wake = self.start_what_may();
            if self.is_over() {
                break;
            }
            if let Some(at) = wake
                && self.tasks.is_empty()
                && told != wake
            {
                told = wake;
                self.tell(Event::Waiting(at)).await;
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
                    self.read(item).await;
                    // What is there already is taken at once: a turn of this loop per device would cost more than it.
                    for _ in 1..wanted {
                        if self.input_ended {
                            break;
                        }
                        let Some(item) = source.next().now_or_never() else {
                            break;
                        };
                        self.read(item).await;
                    }
                }
                () = sleep_until(wake), if wake.is_some() && !stopped => {}
            }
        }
        self.end(source).await
    }

    fn judge(&self) -> MutexGuard<'_, Judge> {
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

    fn in_flight_devices(&self) -> usize {
        self.flying.values().map(|(_, batch)| batch.items.len()).sum()
    }

    async fn read(&mut self, input: Option<Result<Input<S::Device>, SourceError>>) {
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
                    earlier: None,
                    rounds: Rounds {
                        may_be_applied: earlier != Applied::No,
                        ..Rounds::default()
                    },
                    stretch: self.window.as_mut().map_or(0, Window::read),
                };
                match decided {
                    None => self.queue.push_fresh(item),
                    Some(outcome) => self.finish(vec![Done::of(item, outcome, None, &Arc::default())]).await,
                }
            }
            Some(Err(error)) => {
                self.input_ended = true;
                self.judge().stop(StopReason::Source(crate::chain(&*error.0)));
            }
            None => self.input_ended = true,
        }
    }

    /// Starts every batch that may be started; when the next may be, if that is a matter of time.
    fn start_what_may(&mut self) -> Option<Instant> {
        loop {
            let now = Instant::now();
            // A window or bound that is full of waiting devices must not keep a part of a batch waiting for the rest.
            let ended = self.input_ended || !self.has_room();
            let mut judge = lock(&self.judge);
            if judge.stop_reason().is_some() {
                return None;
            }
            let (limit, gate) = match judge.may_start(self.tasks.len(), now) {
                Start::Batch { limit, gate } => (limit, gate),
                Start::At(at) if self.queue.devices() > 0 => return Some(at),
                Start::At(_) | Start::Wait => return None,
            };
            let service = &self.service;
            match self.queue.next(limit, |devices| service.fitting(devices), ended, now) {
                Next::Batch(batch) => {
                    judge.started(gate, now);
                    drop(judge);
                    self.start(batch);
                }
                Next::At(at) => return Some(at),
                Next::Empty => return None,
            }
        }
    }

    fn has_room(&self) -> bool {
        self.window.as_ref().is_none_or(|window| window.room() > 0)
            && self.queue.devices() + self.in_flight_devices() < self.open_devices
    }

    fn start(&mut self, mut batch: Batch<S::Device>) {
        let number = *batch.number.get_or_insert_with(|| {
            self.batches += 1;
            self.batches
        });
        batch.attempts += 1;
        batch.started = Some(Instant::now());
        self.attempts += 1;
        for item in &mut batch.items {
            item.attempts += 1;
        }
        let attempt = Attempt {
            request_id: Uuid::new_v4(),
            batch: number,
            number: batch.attempts,
        };
        let span = tracing::info_span!(
            "attempt",
            batch = number,
            number = attempt.number,
            devices = batch.items.len(),
            request_id = %attempt.request_id,
        );
        let batch = Arc::new(batch);
        let task = attempt_batch(
            Arc::clone(&self.service),
            Arc::clone(&self.journal),
            Arc::clone(&self.judge),
            Arc::clone(&batch),
            attempt,
        );
        let id = self.tasks.spawn(task.instrument(span)).id();
        self.flying.insert(id, (attempt, batch));
    }

    async fn landed(&mut self, joined: Result<(Id, Landed<S::Device>), JoinError>) {
        let left = self.tasks.len();
        self.judge().landed(left, Instant::now());
        let landed = match joined {
            Ok((id, landed)) => {
                self.flying.remove(&id);
                landed
            }
            Err(error) => return self.panicked(&error).await,
        };
        let Landed {
            batch,
            attempt,
            recorded,
        } = landed;
        let batch = Arc::unwrap_or_clone(batch);
        let (error, fate) = match recorded {
            Ok(recorded) => return self.recorded(batch, attempt, recorded).await,
            Err(Unrecorded::Intent(error)) => (error, Fate::NotSent),
            Err(Unrecorded::Settlement(error)) => (error, Fate::NotRecorded),
        };
        self.judge().stop(StopReason::journal(&error));
        self.abandon(batch, attempt, fate).await;
    }

    /// Nothing more can be known of these devices.
    async fn abandon(&mut self, batch: Batch<S::Device>, attempt: Attempt, fate: Fate) {
        let trail = Arc::default();
        let items = batch.items.into_iter();
        let done = items.map(|item| {
            let outcome = fate.outcome(item.rounds);
            Done::of(item, outcome, Some(attempt), &trail)
        });
        let done = done.collect();
        self.finish(done).await;
    }

    /// The service's own code failed: nobody knows whether it had sent anything.
    async fn panicked(&mut self, error: &JoinError) {
        tracing::error!(%error, "an attempt failed within the client");
        self.judge().stop(StopReason::Panicked);
        if let Some((attempt, batch)) = self.flying.remove(&error.id()) {
            self.abandon(Arc::unwrap_or_clone(batch), attempt, Fate::Panicked).await;
        }
    }

    async fn recorded(&mut self, batch: Batch<S::Device>, attempt: Attempt, recorded: Recorded) {
        let Recorded {
            verdict,
            trail,
            anomalies,
        } = recorded;
        let (again, finished) = self.follow(batch, attempt, &trail, verdict);
        self.tell(Event::Landed {
            attempt,
            trail,
            anomalies,
            again,
        })
        .await;
        self.finish(finished).await;
        if !self.withheld.is_empty() && self.judge().has_receipt() {
            self.conclude_withheld().await;
        }
    }

    /// Queues what is sent again; how many devices that are, and those that are done with.
    fn follow(
        &mut self,
        mut batch: Batch<S::Device>,
        attempt: Attempt,
        trail: &Arc<Trail>,
        verdict: Verdict,
    ) -> (usize, Vec<Done<S::Device>>) {
        let count = batch.items.len();
        if !matches!(verdict.follow, Follow::Nothing | Follow::Withheld) {
            let earlier = Arc::new(Earlier {
                attempt,
                trail: Arc::clone(trail),
            });
            for item in &mut batch.items {
                item.earlier = Some(Arc::clone(&earlier));
            }
        }
        match verdict.follow {
            Follow::Again(counts) => {
                batch.unreached = if counts == Again::Unreached {
                    batch.unreached + 1
                } else {
                    0
                };
                batch.reauthenticated = counts == Again::Reauthenticated;
                self.queue.push_again(batch);
                (count, Vec::new())
            }
            Follow::Halves => {
                self.queue.push_halves(batch.items);
                (count, Vec::new())
            }
            Follow::Withheld => {
                let withheld = batch.items.into_iter().zip(verdict.outcomes);
                self.withheld.extend(withheld.map(|(item, outcome)| Withheld {
                    item,
                    attempt,
                    trail: Arc::clone(trail),
                    outcome,
                }));
                (0, Vec::new())
            }
            Follow::Part { at, again } => {
                let mut part = Vec::new();
                let mut finished = Vec::with_capacity(count);
                for ((mut item, outcome), resend) in batch.items.into_iter().zip(verdict.outcomes).zip(again) {
                    match resend {
                        Resend::No => {
                            finished.push(Done::of(item, outcome, Some(attempt), trail));
                            continue;
                        }
                        Resend::Failed => item.rounds.failed += 1,
                        Resend::Unknown => {
                            item.rounds.unknown += 1;
                            item.rounds.may_be_applied = true;
                        }
                    }
                    part.push(item);
                }
                let again = part.len();
                self.queue.push_part(part, at);
                (again, finished)
            }
            Follow::Nothing => {
                let finished = batch.items.into_iter().zip(verdict.outcomes);
                let finished = finished.map(|(item, outcome)| Done::of(item, outcome, Some(attempt), trail));
                (0, finished.collect())
            }
        }
    }

    /// The service refused these devices, and it accepts others: they are rejected for good.
    async fn conclude_withheld(&mut self) {
        let withheld = std::mem::take(&mut self.withheld);
        let conclusions = withheld
            .iter()
            .map(|withheld| Conclusion {
                attempt: withheld.attempt,
                key: withheld.item.key,
                outcome: rejection(withheld),
            })
            .collect();
        if let Err(error) = self.journal.conclude(conclusions).await {
            self.judge().stop(StopReason::journal(&error));
            self.withheld = withheld;
            return;
        }
        let finished = withheld
            .into_iter()
            .map(|withheld| {
                let outcome = rejection(&withheld);
                Done::of(withheld.item, outcome, Some(withheld.attempt), &withheld.trail)
            })
            .collect();
        self.finish(finished).await;
    }

    async fn finish(&mut self, finished: Vec<Done<S::Device>>) {
        if finished.is_empty() {
            return;
        }
        self.tell(Event::Done(finished)).await;
    }

    async fn tell(&mut self, event: Event<S::Device>) {
        if let (Event::Done(done), Some(window)) = (&event, &mut self.window) {
            for done in done {
                window.done(done.stretch);
            }
        }
        // Nobody listens any more: the run is stopped by `asked_to_stop`, and the journal has it.
        let _ = self.events.send(event).await;
    }

    async fn end<I>(mut self, mut source: Pin<&mut I>) -> RunEnd
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
                .map(|withheld| Done::of(withheld.item, withheld.outcome, Some(withheld.attempt), &withheld.trail))
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
            let trail = Arc::default();
            let left: Vec<_> = self
                .queue
                .drain()
                .map(|item| {
                    let outcome = outcome(item.attempts, item.rounds.may_be_applied);
                    match item.earlier.clone() {
                        Some(earlier) => Done::of(item, outcome, Some(earlier.attempt), &earlier.trail),
                        None => Done::of(item, outcome, None, &trail),
                    }
                })
                .collect();
            self.finish(left).await;
            if self.rest == Rest::Report && !self.input_ended {
                while let Some(Ok(Input {
                    key,
                    device,
                    decided,
                    earlier,
                })) = source.next().await
                {
                    let left = Done {
                        key,
                        device,
                        outcome: decided.unwrap_or_else(|| outcome(0, earlier != Applied::No)),
                        attempt: None,
                        attempts: 0,
                        trail: Arc::clone(&trail),
                        stretch: 0,
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
fn rejection<D>(withheld: &Withheld<D>) -> Outcome {
    rejected(
        withheld.outcome.detail.clone().unwrap_or_default(),
        withheld.outcome.code.clone(),
    )
}
/// Returns once the run is to stop: it was asked to, or nobody listens any more.
async fn asked_to_stop<D>(stop: &StopHandle, events: &mpsc::Sender<Event<D>>) {
    tokio::select! {
        () = stop.stopped() => {}
        () = events.closed() => {}
    }
}

async fn sleep_until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at).await;
    }
}
