//! Starts what may be started, and says when the next batch may be.

use std::sync::Arc;

use tokio::time::Instant;
use uuid::Uuid;

use super::dispatcher::Dispatcher;
use crate::attempt::attempt_batch;
use crate::breaker::Gate;
use crate::event::Event;
use crate::journal::Journal;
use crate::judge::{Start, lock};
use crate::queue::{Batch, Next, Prospect};
use crate::service::{Attempt, DeletionService};
use crate::trace::{Instrument, field, info_span};
use crate::wait::{Wait, WaitReason};

/// When something may start that may not start now, and what it waits for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wake {
    pub(super) at: Instant,
    pub(super) why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The judge lets nothing start before.
    Held,
    /// What is left is sent again, and not before.
    SentAgain,
    /// A batch may yet be filled.
    Lingers,
}

impl<S: DeletionService, J: Journal> Dispatcher<S, J> {
    /// Starts every batch that may be started; when the next may be, if that is a matter of time.
    pub(super) fn start_what_may(&mut self) -> Option<Wake> {
        loop {
            let now = Instant::now();
            // A window or bound that is full of waiting devices must not keep a part of a batch waiting for the rest.
            let ended = self.input_ended || !self.has_room();
            let lingers = self.lingers_until();
            let prospect = Prospect {
                short: ended || lingers.is_some_and(|until| until <= now),
                more: !ended && !self.input_waits,
            };
            let mut judge = lock(&self.judge);
            if judge.stop_reason().is_some() {
                return None;
            }
            let (limit, gate) = match judge.may_start(self.under_way(), now) {
                Start::Batch { limit, gate } => (limit, gate),
                Start::At(at) if self.queue.devices() > 0 => return Some(Wake { at, why: Why::Held }),
                Start::At(_) | Start::Wait => return None,
            };
            let service = &self.service;
            match self
                .queue
                .next(limit, |devices| service.fitting(devices), prospect, now)
            {
                Next::Batch(batch) => {
                    judge.started(gate, now);
                    drop(judge);
                    self.start(batch, gate);
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
    pub(super) async fn tell_wait(&mut self, Wake { at, why }: Wake) {
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

    fn start(&mut self, mut batch: Batch<S::Device>, gate: Gate) {
        let number = *batch.number.get_or_insert_with(|| {
            self.batches += 1;
            self.batches
        });
        batch.attempts += 1;
        batch.started = Some(Instant::now());
        batch.is_probe = gate == Gate::OneDevice;
        self.attempts += 1;
        for item in &mut batch.items {
            item.attempts += 1;
        }
        let attempt = Attempt {
            request_id: Uuid::new_v4(),
            batch: number,
            number: batch.attempts,
        };
        self.started.push(Event::Started {
            attempt,
            keys: batch.items.iter().map(|item| item.key).collect(),
        });
        let span = info_span!(
            "attempt",
            batch = number,
            number = attempt.number,
            devices = batch.items.len(),
            // An id that the service is not sent finds nothing.
            request_id = self
                .service
                .sends_request_ids()
                .then(|| field::display(attempt.request_id)),
        );
        let batch = Arc::new(batch);
        let events = self.events.clone();
        let task = attempt_batch(
            Arc::clone(&self.service),
            Arc::clone(&self.journal),
            Arc::clone(&self.judge),
            Arc::clone(&batch),
            attempt,
            self.settling.clone(),
            async move { events.closed().await },
        );
        let id = self.tasks.spawn(task.instrument(span)).id();
        self.takes_off(id, attempt, batch);
    }
}
