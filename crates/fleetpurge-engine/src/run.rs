//! How all of a list is sent: one task per batch, never more open than the concurrency, each attempt written down
//! before it is sent and settled before anything else is done.

use std::collections::HashMap;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_core::Stream;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinHandle, JoinSet};
use tokio::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

use crate::journal::{Conclusion, Intent, Journal, JournalError, Settlement};
use crate::judge::{Again, Facts, Follow, Judge, Resend, Start, Verdict, rejected};
use crate::outcome::{Applied, Outcome, OutcomeKind};
use crate::policy::{Order, Rest, RunOptions};
use crate::queue::{Batch, Item, Next, Queue, Rounds};
use crate::service::{Anomaly, Attempt, DeletionService, Trail};
use crate::stop::{StopHandle, StopReason};
use crate::window::Window;

/// How many rounds of batches, one for each permit, a run holds at most: those in flight and those that wait to be sent
/// again. More than the five batches after which a failing service is given up.
const ROUNDS_HELD: usize = 8;

/// A run under way.
///
/// It goes on by itself; dropping [`events`](Self::events) asks it to stop as [`StopHandle::stop`] does, so that what is
/// in flight is still finished and recorded.
#[derive(Debug)]
pub struct Run<D> {
    /// What happens, as it happens. Reading them slowly slows the run down.
    pub events: mpsc::Receiver<Event<D>>,
    /// How it ended, once everything in flight was recorded.
    pub end: JoinHandle<RunEnd>,
}

/// Something that happened in a run.
#[derive(Debug)]
pub enum Event<D> {
    /// An attempt was recorded.
    Landed {
        /// The attempt.
        attempt: Attempt,
        /// What the service called the exchange.
        trail: Arc<Trail>,
        /// What was odd about the reply.
        anomalies: Vec<Anomaly>,
        /// How many of its devices stay pending and are sent again in this run.
        again: usize,
    },
    /// These devices are done with, as far as this run is concerned.
    Done(Vec<Done<D>>),
    /// Nothing is started before this instant.
    Waiting(Instant),
}

/// A device that is done with, as far as a run is concerned.
#[derive(Clone, Debug)]
pub struct Done<D> {
    /// The key it came with.
    pub key: u64,
    /// The device.
    pub device: D,
    /// What is known of it.
    pub outcome: Outcome,
    /// Its last attempt, if there was one.
    pub attempt: Option<Attempt>,
    /// How many attempts of this run have named it.
    pub attempts: u32,
    /// What the service called the last exchange about it.
    pub trail: Arc<Trail>,
    stretch: u64,
}

/// How a run ended.
#[derive(Debug)]
pub struct RunEnd {
    /// Why it stopped before the end of its input; None: it did not.
    pub stopped: Option<StopReason>,
    /// How many attempts were begun.
    pub attempts: u64,
}

/// One device of a run's input.
#[derive(Clone, Debug)]
pub struct Input<D> {
    /// The caller's name for it: the journal sees only this.
    pub key: u64,
    /// The device.
    pub device: D,
    /// Its outcome, where it is decided already; it is then handed out in its place and never sent.
    pub decided: Option<Outcome>,
    /// Whether an earlier run may have been applied to it. Sending such a device again is a person's decision; unless
    /// the service then says what became of it, it stays unknown.
    pub earlier: Applied,
}

impl<D> Input<D> {
    /// A device that is to be sent.
    pub const fn send(key: u64, device: D) -> Self {
        Self {
            key,
            device,
            decided: None,
            earlier: Applied::No,
        }
    }

    /// A device that is not sent, for it is known what to say of it.
    pub const fn decided(key: u64, device: D, outcome: Outcome) -> Self {
        Self {
            key,
            device,
            decided: Some(outcome),
            earlier: Applied::No,
        }
    }

    /// A device that is sent again although the service may have acted on it before.
    pub const fn resend(key: u64, device: D) -> Self {
        Self {
            key,
            device,
            decided: None,
            earlier: Applied::Maybe,
        }
    }
}

/// The input could not be read on.
#[derive(Debug, thiserror::Error)]
#[error("the input could not be read on")]
pub struct SourceError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Sends everything that `source` yields, in batches, and writes it down in `journal`.
///
/// Keys are the caller's: each names one device of the run and is what the journal sees. The run is a task of its own on
/// the current runtime; `stop` ends it early.
///
/// # Panics
///
/// Outside a Tokio runtime.
pub fn run<S, J, I>(
    service: Arc<S>,
    journal: Arc<J>,
    source: I,
    options: &RunOptions,
    stop: StopHandle,
) -> Run<S::Device>
where
    S: DeletionService,
    J: Journal,
    I: Stream<Item = Result<Input<S::Device>, SourceError>> + Send + 'static,
{
    let (sender, events) = mpsc::channel(options.concurrency.get() * 2);
    let judge = Judge::new(options, service.batch_limit().get());
    let limit = judge.limit();
    let dispatcher = Dispatcher {
        window: match options.order {
            Order::AsSettled => None,
            Order::Input => Some(Window::new(limit, (options.concurrency.get() * 8).max(64))),
        },
        open_devices: options.concurrency.get().saturating_mul(limit).saturating_mul(ROUNDS_HELD),
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
        events: sender,
        stop,
    };
    let end = tokio::spawn(dispatcher.dispatch(source).in_current_span());
    Run { events, end }
}

/// What a batch's task brings back.
struct Landed<D> {
    batch: Arc<Batch<D>>,
    attempt: Attempt,
    recorded: Result<Recorded, Unrecorded>,
}

/// The journal failed, and at what.
enum Unrecorded {
    /// The intent: the attempt was not sent.
    Intent(JournalError),
    /// The settlement: it was.
    Settlement(JournalError),
}

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

struct Recorded {
    verdict: Verdict,
    trail: Arc<Trail>,
    anomalies: Vec<Anomaly>,
}

/// A device that was refused before the service had accepted anything.
struct Withheld<D> {
    item: Item<D>,
    attempt: Attempt,
    trail: Arc<Trail>,
    outcome: Outcome,
}

type Flying<D> = (Attempt, Arc<Batch<D>>);

struct Dispatcher<S: DeletionService, J> {
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
    async fn dispatch<I>(mut self, source: I) -> RunEnd
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
            let reads = self.wants_input();
            let stopped = self.judge().stop_reason().is_some();
            tokio::select! {
                biased;
                () = asked_to_stop(&self.stop, &self.events), if !stopped => {
                    self.judge().stop(StopReason::Interrupted);
                }
                Some(landed) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => {
                    self.landed(landed).await;
                }
                item = source.next(), if reads => self.read(item).await,
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

    /// Whether another device should be read: there is not a full batch yet, and room for it.
    fn wants_input(&self) -> bool {
        let judge = self.judge();
        !self.input_ended
            && judge.stop_reason().is_none()
            && self.queue.fresh() < judge.limit()
            && self.queue.devices() + self.in_flight_devices() < self.open_devices
            && self.window.as_ref().is_none_or(Window::has_room)
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
                    rounds: Rounds {
                        may_be_applied: earlier != Applied::No,
                        ..Rounds::default()
                    },
                    stretch: self.window.as_mut().map_or(0, Window::read),
                };
                match decided {
                    None => self.queue.push_fresh(item),
                    Some(outcome) => self.finish(vec![done(item, outcome, None, &Arc::default())]).await,
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
            match self.queue.next(limit, ended, now) {
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
        self.window.as_ref().is_none_or(Window::has_room)
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
            done(item, outcome, Some(attempt), &trail)
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
        match verdict.follow {
            Follow::Again { at, counts } => {
                batch.unreached = if counts == Again::Unreached {
                    batch.unreached + 1
                } else {
                    0
                };
                batch.reauthenticated = counts == Again::Reauthenticated;
                self.queue.push_again(batch, at);
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
                            finished.push(done(item, outcome, Some(attempt), trail));
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
                let finished = finished.map(|(item, outcome)| done(item, outcome, Some(attempt), trail));
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
                done(withheld.item, outcome, Some(withheld.attempt), &withheld.trail)
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
                .map(|withheld| done(withheld.item, withheld.outcome, Some(withheld.attempt), &withheld.trail))
                .collect();
            self.finish(left).await;
            let outcome = |applied: bool| {
                if applied {
                    Outcome::because(OutcomeKind::Unknown, format!("not sent again: {reason}"))
                } else {
                    Outcome::because(OutcomeKind::Pending, format!("not sent: {reason}"))
                }
            };
            let trail = Arc::default();
            let left: Vec<_> = self
                .queue
                .drain()
                .map(|item| {
                    let outcome = outcome(item.rounds.may_be_applied);
                    done(item, outcome, None, &trail)
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
                        outcome: decided.unwrap_or_else(|| outcome(earlier != Applied::No)),
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

/// One attempt, from its intent to its settlement.
async fn attempt_batch<S: DeletionService, J: Journal>(
    service: Arc<S>,
    journal: Arc<J>,
    judge: Arc<Mutex<Judge>>,
    batch: Arc<Batch<S::Device>>,
    attempt: Attempt,
) -> Landed<S::Device> {
    let recorded = send(&*service, &*journal, &judge, &batch, attempt).await;
    Landed {
        batch,
        attempt,
        recorded,
    }
}

async fn send<S: DeletionService, J: Journal>(
    service: &S,
    journal: &J,
    judge: &Mutex<Judge>,
    batch: &Batch<S::Device>,
    attempt: Attempt,
) -> Result<Recorded, Unrecorded> {
    let keys: Vec<u64> = batch.items.iter().map(|item| item.key).collect();
    let devices: Vec<&S::Device> = batch.items.iter().map(|item| &item.device).collect();
    journal
        .begin(Intent {
            attempt,
            keys: keys.clone(),
        })
        .await
        .map_err(Unrecorded::Intent)?;
    let answer = service.submit(&devices, &attempt).await;
    let rounds: Vec<Rounds> = batch.items.iter().map(|item| item.rounds).collect();
    let now = Instant::now();
    let facts = Facts {
        rounds: &rounds,
        unreached: batch.unreached,
        reauthenticated: batch.reauthenticated,
        started: batch.started.unwrap_or(now),
    };
    let verdict = lock(judge).verdict(&facts, &answer, now);
    let (trail, anomalies, detail, body_head) = match answer {
        Ok(receipt) => (receipt.trail, receipt.anomalies, None, None),
        Err(error) => {
            let detail = crate::chain(&error);
            tracing::debug!(applied = %verdict.applied, detail, "the attempt brought no receipt");
            (error.trail, Vec::new(), Some(detail), error.body_head)
        }
    };
    journal
        .settle(Settlement {
            attempt,
            applied: verdict.applied,
            trail: trail.clone(),
            detail,
            body_head,
            outcomes: keys.into_iter().zip(verdict.outcomes.iter().cloned()).collect(),
            anomalies: anomalies.clone(),
        })
        .await
        .map_err(Unrecorded::Settlement)?;
    Ok(Recorded {
        verdict,
        trail: Arc::new(trail),
        anomalies,
    })
}

fn done<D>(item: Item<D>, outcome: Outcome, attempt: Option<Attempt>, trail: &Arc<Trail>) -> Done<D> {
    Done {
        key: item.key,
        device: item.device,
        outcome,
        attempt,
        attempts: item.attempts,
        trail: Arc::clone(trail),
        stretch: item.stretch,
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

/// The judge holds plain values that are whole between any two statements, so a panic elsewhere cannot have broken it.
fn lock(judge: &Mutex<Judge>) -> MutexGuard<'_, Judge> {
    judge.lock().unwrap_or_else(PoisonError::into_inner)
}
