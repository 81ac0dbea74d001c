//! What a run holds while it goes on, and how it tells what happens.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use crate::attempt::Landed;
use crate::event::{Done, Event};
use crate::journal::Journal;
use crate::judge::{Judge, UnderWay, lock};
use crate::outcome::Outcome;
use crate::policy::{Order, Rest, RunOptions};
use crate::queue::{Batch, Item, Last, Queue};
use crate::service::{Attempt, DeletionService};
use crate::settling::Settling;
use crate::stop::StopHandle;
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
    /// Those of them that are answered.
    pub(super) settling: Settling,
    /// The devices of each task, for the case that it panics.
    pub(super) flying: HashMap<Id, Flying<S::Device>>,
    /// How many devices these are.
    pub(super) flying_devices: usize,
    pub(super) queue: Queue<S::Device>,
    pub(super) withheld: Vec<Withheld<S::Device>>,
    pub(super) window: Option<Window>,
    /// How many devices may be held at a time.
    pub(super) open_devices: usize,
    pub(super) batches: u64,
    pub(super) attempts: u64,
    pub(super) input_ended: bool,
    /// Whether the input had no other device ready when it was last asked.
    pub(super) input_waits: bool,
    pub(super) rest: Rest,
    pub(super) linger: Option<Duration>,
    pub(super) told: Told,
    /// Attempts that were started and not yet reported.
    pub(super) started: Vec<Event<S::Device>>,
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
        let concurrency = options.most_concurrent();
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
            settling: Settling::default(),
            flying: HashMap::new(),
            flying_devices: 0,
            queue: Queue::new(),
            withheld: Vec::new(),
            batches: 0,
            attempts: 0,
            input_ended: false,
            input_waits: false,
            rest: options.rest,
            linger: options.linger,
            told: Told::default(),
            started: Vec::new(),
            events,
            stop,
        }
    }

    pub(super) fn judge(&self) -> MutexGuard<'_, Judge> {
        lock(&self.judge)
    }

    /// How many attempts are under way.
    pub(super) fn under_way(&self) -> UnderWay {
        let attempts = self.tasks.len();
        UnderWay {
            attempts,
            requests: attempts.saturating_sub(self.settling.count()),
        }
    }

    pub(super) fn takes_off(&mut self, id: Id, attempt: Attempt, batch: Arc<Batch<S::Device>>) {
        self.flying_devices += batch.items.len();
        self.flying.insert(id, (attempt, batch));
    }

    pub(super) fn lands(&mut self, id: Id) -> Option<Flying<S::Device>> {
        let flying = self.flying.remove(&id);
        self.flying_devices -= flying.as_ref().map_or(0, |(_, batch)| batch.items.len());
        flying
    }

    pub(super) fn has_room(&self) -> bool {
        self.window.as_ref().is_none_or(|window| window.room() > 0)
            && self.queue.devices() + self.flying_devices < self.open_devices
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
                window.done(done.segment);
            }
        }
        // Nobody listens any more: the run is stopped by `asked_to_stop`, and the journal has it.
        let _ = self.events.send(event).await;
    }
}

pub(super) async fn sleep_until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at).await;
    }
}
