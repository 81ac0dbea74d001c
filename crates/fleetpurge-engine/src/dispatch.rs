//! Starts attempts and applies the judge's verdicts: one task per batch, and at most as many open attempts as the
//! concurrency.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

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
use crate::queue::{Batch, Item, Last, Next, Queue, Rounds};
use crate::run::{Done, Event, Input, RunEnd, SourceError};
use crate::service::{Attempt, DeletionService};
use crate::stop::{StopHandle, StopReason};
use crate::wait::{Told, Wait, WaitReason};
use crate::window::Window;

mod ending;

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
    last: Arc<Last>,
    outcome: Outcome,
}

/// When something may start that may not start now, and what it waits for.
#[derive(Clone, Copy, Debug)]
struct Wake {
    at: Instant,
    why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// The judge lets nothing start before.
    Held,
    /// What is left is sent again, and not before.
    SentAgain,
    /// A batch may yet be filled.
    Lingers,
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
    linger: Option<Duration>,
    told: Told,
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
                    stretch: self.window.as_mut().map_or(0, Window::read),
                };
                match decided {
                    None => self.queue.push_fresh(item),
                    Some(outcome) => self.finish(vec![Done::of(item, outcome, None)]).await,
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
    fn start_what_may(&mut self) -> Option<Wake> {
        loop {
            let now = Instant::now();
            // A window or bound that is full of waiting devices must not keep a part of a batch waiting for the rest.
            let ended = self.input_ended || !self.has_room();
            let lingers = self.lingers_until();
            let short = ended || lingers.is_some_and(|until| until <= now);
            let mut judge = lock(&self.judge);
            if judge.stop_reason().is_some() {
                return None;
            }
            let (limit, gate) = match judge.may_start(self.tasks.len(), now) {
                Start::Batch { limit, gate } => (limit, gate),
                Start::At(at) if self.queue.devices() > 0 => return Some(Wake { at, why: Why::Held }),
                Start::At(_) | Start::Wait => return None,
            };
            let service = &self.service;
            match self.queue.next(limit, |devices| service.fitting(devices), short, now) {
                Next::Batch(batch) => {
                    judge.started(gate, now);
                    drop(judge);
                    self.start(batch);
                }
                Next::At(at) if lingers.is_none_or(|until| at <= until) => {
                    return Some(Wake {
                        at,
                        why: Why::SentAgain,
                    });
                }
                Next::At(_) | Next::Empty => {
                    return lingers.map(|at| Wake { at, why: Why::Lingers });
                }
            }
        }
    }

    /// Until when the devices that wait for their batch to be filled go on waiting.
    fn lingers_until(&self) -> Option<Instant> {
        // A time that no clock reaches is for ever.
        self.queue.oldest_fresh()?.checked_add(self.linger?)
    }

    /// Tells that nothing starts before then, unless that is no news. That a batch may yet be filled is none.
    async fn tell_wait(&mut self, Wake { at, why }: Wake) {
        let now = Instant::now();
        let (reason, detail) = match why {
            Why::Lingers => return,
            Why::SentAgain => (WaitReason::SentAgain, None),
            Why::Held => {
                let held = self.judge().held_until(at, now);
                (held.reason, held.detail)
            }
        };
        let busy = !self.tasks.is_empty();
        if (busy && reason == WaitReason::Pace) || !self.told.is_news(at, busy, now) {
            return;
        }
        let length = at.saturating_duration_since(now);
        self.tell(Event::Waiting(Wait {
            until: at,
            length,
            reason,
            detail,
        }))
        .await;
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
            // An id that the service is not sent finds nothing.
            request_id = self
                .service
                .sends_request_ids()
                .then(|| tracing::field::display(attempt.request_id)),
        );
        let batch = Arc::new(batch);
        let events = self.events.clone();
        let task = attempt_batch(
            Arc::clone(&self.service),
            Arc::clone(&self.journal),
            Arc::clone(&self.judge),
            Arc::clone(&batch),
            attempt,
            async move { events.closed().await },
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
        let last = Last {
            attempt,
            trail: Arc::default(),
            error: None,
        };
        let items = batch.items.into_iter();
        let done = items.map(|item| {
            let outcome = fate.outcome(item.rounds);
            Done::of(item, outcome, Some(&last))
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
            error,
        } = recorded;
        if self.events.is_closed() {
            // The journal has it, if there is one; whoever has none can only find it here.
            tracing::warn!(
                batch = attempt.batch,
                attempt = attempt.number,
                applied = %verdict.applied,
                status = trail.status,
                request_id = trail.known_request_id(),
                trace_id = trail.trace_id,
                "an attempt landed after the caller had dropped its run"
            );
        }
        let last = Arc::new(Last {
            attempt,
            trail: Arc::clone(&trail),
            error,
        });
        let (again, finished) = self.follow(batch, &last, verdict);
        self.tell(Event::Landed {
            attempt,
            trail,
            anomalies,
            error,
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
        last: &Arc<Last>,
        verdict: Verdict,
    ) -> (usize, Vec<Done<S::Device>>) {
        let count = batch.items.len();
        if !matches!(verdict.follow, Follow::Nothing | Follow::Withheld) {
            for item in &mut batch.items {
                item.last = Some(Arc::clone(last));
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
                    last: Arc::clone(last),
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
                            finished.push(Done::of(item, outcome, Some(last)));
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
                let finished = finished.map(|(item, outcome)| Done::of(item, outcome, Some(last)));
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
                attempt: withheld.last.attempt,
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
                Done::of(withheld.item, outcome, Some(&withheld.last))
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
