//! Applies the verdict on an attempt that has come back.

use std::sync::Arc;

use tokio::task::{Id, JoinError};
use tokio::time::Instant;

use super::dispatcher::{Dispatcher, Withheld};
use crate::attempt::{Landed, Recorded, Unrecorded};
use crate::event::{Done, Event};
use crate::journal::{Conclusion, Journal};
use crate::outcome::{Applied, Outcome, OutcomeKind};
use crate::queue::{Batch, Last, Rounds};
use crate::service::{Attempt, DeletionService};
use crate::stop::StopReason;
use crate::tenant::Later;
use crate::trace::{error, warn};
use crate::verdict::{Again, Follow, Resend, Verdict, rejected};

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
            Self::NotRecorded => (OutcomeKind::Unknown, "the result of the attempt could not be recorded"),
            Self::Panicked => (OutcomeKind::Unknown, "the client panicked"),
        };
        Outcome::because(kind, detail)
    }
}

impl<S: DeletionService, J: Journal> Dispatcher<S, J> {
    pub(super) async fn landed(&mut self, joined: Result<(Id, Landed<S::Device>), JoinError>) {
        let left = self.tasks.len();
        self.judge().landed(left, Instant::now());
        let landed = match joined {
            Ok((id, landed)) => {
                drop(self.lands(id));
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
            Err(Unrecorded::Later(later)) => return self.put_off(batch, attempt, &later).await,
        };
        self.judge().stop(StopReason::journal(&error));
        self.abandon(batch, attempt, fate).await;
    }

    /// What another run has met holds the attempt up: it is as if it had not been started.
    async fn put_off(&mut self, mut batch: Batch<S::Device>, attempt: Attempt, later: &Later) {
        let started = batch.started.take();
        self.judge().put_off(later, started, Instant::now());
        self.attempts -= 1;
        batch.attempts -= 1;
        for item in &mut batch.items {
            item.attempts -= 1;
        }
        let again = batch.items.len();
        self.queue.push_again(batch);
        self.tell(Event::Landed {
            attempt,
            applied: Applied::No,
            trail: Arc::default(),
            anomalies: Vec::new(),
            error: None,
            again,
        })
        .await;
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
        error!(%error, "an attempt failed within the client");
        self.judge().stop(StopReason::Panicked);
        if let Some((attempt, batch)) = self.lands(error.id()) {
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
            warn!(
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
        let applied = verdict.applied;
        let (again, finished) = self.follow(batch, &last, verdict);
        self.tell(Event::Landed {
            attempt,
            applied,
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
    pub(super) async fn conclude_withheld(&mut self) {
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
}

fn rejection<D>(withheld: &Withheld<D>) -> Outcome {
    rejected(
        withheld.outcome.detail.clone().unwrap_or_default(),
        withheld.outcome.code.clone(),
    )
}
