//! The state of a run, and the verdict that follows from each answer. Uses no device, socket or task; the clock is an
//! argument.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::breaker::{Breaker, Gate, Tripped};
use crate::decide::{Decision, GiveUp, Standing, decide};
use crate::error_kind::ErrorKind;
use crate::outcome::{Applied, Outcome, OutcomeKind};
use crate::pacer::Pacer;
use crate::policy::{Policy, RunOptions, later};
use crate::queue::Rounds;
use crate::ramp::Ramp;
use crate::service::{Disposition, EntryStatus, Receipt, SubmitError};
use crate::stop::StopReason;
use crate::tenant::{Company, Hold, Later, Signal};
use crate::verdict::{Again, Facts, Follow, Resend, Verdict, honest, rejected};
use crate::wait::{WaitReason, Waited};

/// What is under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnderWay {
    /// Attempts that have been started and are not recorded yet.
    pub(crate) attempts: usize,
    /// Those of them that are not answered yet.
    pub(crate) requests: usize,
}

/// What may be started now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// A batch of at most so many devices.
    Batch { limit: usize, gate: Gate },
    /// Nothing before this instant.
    At(Instant),
    /// Nothing before something in flight has landed.
    Wait,
}

/// Why nothing starts before some instant.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    until: Instant,
    pub(crate) reason: WaitReason,
    pub(crate) detail: Option<String>,
}

/// What a run has seen so far.
#[derive(Debug)]
pub(crate) struct Judge {
    policy: Policy,
    breaker: Breaker,
    pacer: Pacer,
    held: Option<Held>,
    /// What the last ambiguous answer was.
    unclear: Option<String>,
    random: fastrand::Rng,
    concurrency: usize,
    /// Where the run finds the concurrency out.
    ramp: Option<Ramp>,
    limit: usize,
    replied: bool,
    /// Waits since nothing but failures to reach the service was seen.
    unreached_waits: Waited,
    /// Waits since nothing but requests to wait was answered.
    throttled_waits: Waited,
    throttled: u32,
    has_receipt: bool,
    refused_before_receipt: u32,
    failed_batches: u32,
    /// What the answer that is judged says to other runs.
    signal: Signal,
    stop: Option<StopReason>,
}

impl Judge {
    pub(crate) fn new(options: &RunOptions, limit: usize) -> Self {
        Self {
            policy: options.policy.clone(),
            breaker: Breaker::new(options.policy.ambiguous_in_a_row),
            pacer: Pacer::new(options.rate),
            held: None,
            unclear: None,
            random: options.seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed),
            concurrency: options.concurrency.get(),
            ramp: options.finds_concurrency.then(|| Ramp::new(options.concurrency.get())),
            limit,
            replied: false,
            unreached_waits: Waited::default(),
            throttled_waits: Waited::default(),
            throttled: 0,
            has_receipt: false,
            refused_before_receipt: 0,
            failed_batches: 0,
            signal: Signal::Nothing,
            stop: None,
        }
    }

    /// Why the run has stopped, if it has.
    pub(crate) fn stop_reason(&self) -> Option<&StopReason> {
        self.stop.as_ref()
    }

    /// Stops the run; the first reason stands.
    pub(crate) fn stop(&mut self, reason: StopReason) {
        self.stop.get_or_insert(reason);
    }

    /// How many devices a batch may have, as far as is known.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Whether the service has accepted a batch in this run.
    pub(crate) fn has_receipt(&self) -> bool {
        self.has_receipt
    }

    /// What may be started while so much is under way.
    pub(crate) fn may_start(&mut self, under_way: UnderWay, now: Instant) -> Start {
        if let Some(ramp) = &mut self.ramp {
            ramp.sees(under_way.requests);
        }
        let allowed = self.ramp.as_ref().map_or(self.concurrency, Ramp::allowed);
        // A journal that falls behind holds up what is sent, too.
        if under_way.requests >= allowed || under_way.attempts >= allowed.saturating_mul(2) {
            return Start::Wait;
        }
        let gate = self.breaker.gate(under_way.attempts, now);
        let limit = match gate {
            Gate::Shut => return Start::Wait,
            Gate::At(at) => return Start::At(self.pacer.next_start(now).map_or(at, |paced| paced.max(at))),
            Gate::OneDevice => 1,
            Gate::OneBatch | Gate::Open => self.limit,
        };
        match self.pacer.next_start(now) {
            Some(at) => Start::At(at),
            None => Start::Batch { limit, gate },
        }
    }

    /// Why nothing starts before `at`, which [`Judge::may_start`] has said.
    pub(crate) fn held_until(&self, at: Instant, now: Instant) -> Held {
        if let Some(held) = self.held.as_ref().filter(|held| held.until == at) {
            return held.clone();
        }
        let (reason, detail) = match self.breaker.gate(0, now) {
            Gate::At(until) if until == at => (WaitReason::Unclear, self.unclear.clone()),
            _ => (WaitReason::Pace, None),
        };
        Held {
            until: at,
            reason,
            detail,
        }
    }

    /// Nothing starts before `until`, unless it is held longer already.
    fn hold(&mut self, until: Instant, reason: WaitReason, detail: &str) {
        self.pacer.hold(until);
        if self.held.as_ref().is_none_or(|held| held.until < until) {
            self.held = Some(Held {
                until,
                reason,
                detail: Some(detail.to_owned()),
            });
        }
    }

    /// An attempt starts.
    pub(crate) fn started(&mut self, gate: Gate, now: Instant) {
        self.breaker.started(gate);
        self.pacer.started(now);
    }

    /// An attempt has landed and is recorded; `in_flight` are left.
    pub(crate) fn landed(&mut self, in_flight: usize, now: Instant) {
        let (policy, random) = (&self.policy, &mut self.random);
        self.breaker.landed(in_flight, now, |in_a_row| {
            policy.backoff(policy.pause_base, in_a_row, random.f64())
        });
    }

    /// What follows from an answer.
    pub(crate) fn verdict(
        &mut self,
        facts: &Facts<'_>,
        answer: &Result<Receipt, SubmitError>,
        now: Instant,
    ) -> Verdict {
        if let (Some(ramp), Ok(_)) = (&mut self.ramp, answer) {
            ramp.answered(now.saturating_duration_since(facts.started));
        }
        self.signal = Signal::Nothing;
        let verdict = match answer {
            Ok(receipt) if receipt.entries.len() == facts.rounds.len() => self.receipt(facts, receipt, now),
            Ok(_) => self.unknown(facts, "the receipt does not fit the batch", None, None, now),
            Err(error) => self.error(facts, error, now),
        };
        Verdict {
            signal: std::mem::take(&mut self.signal),
            ..verdict
        }
    }

    /// So many runs send to the tenant.
    pub(crate) fn has_company(&mut self, company: Company, now: Instant) {
        self.pacer.share(company, now);
    }

    /// An attempt that was started then was put off because of what another run has met.
    pub(crate) fn put_off(&mut self, put_off: &Later, started: Option<Instant>, now: Instant) {
        let detail = put_off.detail.clone().unwrap_or_default();
        if put_off.unclear > 0 {
            self.unclear = Some(detail.clone());
            self.breaker.opened_elsewhere();
        }
        if put_off.unclear >= self.policy.ambiguous_in_a_row.max(1) {
            self.stop(StopReason::Ambiguous {
                in_a_row: put_off.unclear,
                kind: None,
                detail: detail.clone(),
            });
        }
        let reason = match put_off.hold {
            Hold::Unclear => WaitReason::Unclear,
            Hold::Throttled => {
                self.pacer.throttled(started.unwrap_or(now), now);
                if put_off.wait > self.policy.max_wait {
                    self.stop(StopReason::WaitTooLong {
                        wait: put_off.wait,
                        allowed: self.policy.max_wait,
                    });
                }
                WaitReason::Throttled
            }
        };
        self.hold(
            later(now, put_off.wait),
            reason,
            &format!("another run of this tenant met it: {detail}"),
        );
    }

    /// The service answered clearly.
    fn clear(&mut self) {
        self.breaker.clear();
        self.signal = Signal::Clear;
    }

    fn receipt(&mut self, facts: &Facts<'_>, receipt: &Receipt, now: Instant) -> Verdict {
        self.answered(now);
        self.has_receipt = true;
        let all = |status| receipt.entries.iter().all(|entry| entry.status == status);
        if all(EntryStatus::Unknown) {
            self.ambiguous("the reply reports no device of its batch", None);
        } else {
            self.clear();
        }
        if all(EntryStatus::Failed) && facts.rounds.iter().all(|rounds| rounds.failed == 0) {
            self.failed_batches += 1;
            if self.failed_batches >= self.policy.failed_batches {
                self.stop(StopReason::FailsEverything(self.failed_batches));
            }
        } else if !all(EntryStatus::Failed) {
            self.failed_batches = 0;
        }

        let mut applied = Applied::No;
        let mut again = Vec::with_capacity(receipt.entries.len());
        let outcomes = receipt
            .entries
            .iter()
            .zip(facts.rounds)
            .map(|(entry, rounds)| {
                applied = applied.max(entry.status.applied());
                let (kind, resend) = match entry.status {
                    EntryStatus::Scheduled => (OutcomeKind::Scheduled, Resend::No),
                    EntryStatus::Invalid => (OutcomeKind::Invalid, Resend::No),
                    EntryStatus::Unknown => (OutcomeKind::Unknown, self.resend_unknown(*rounds)),
                    EntryStatus::Failed if rounds.failed < self.policy.failed_rounds => {
                        (OutcomeKind::Pending, Resend::Failed)
                    }
                    EntryStatus::Failed => (OutcomeKind::Failed, Resend::No),
                };
                again.push(resend);
                let outcome = Outcome {
                    kind,
                    detail: entry.detail.clone(),
                    code: entry.code.clone(),
                };
                honest(outcome, *rounds)
            })
            .collect();
        Verdict {
            applied,
            outcomes,
            follow: self.part(facts, again, now),
            signal: Signal::Nothing,
        }
    }

    fn resend_unknown(&self, rounds: Rounds) -> Resend {
        if rounds.unknown < self.policy.resend_unknown {
            Resend::Unknown
        } else {
            Resend::No
        }
    }

    /// Some of a batch again, after a pause that grows with how often that was done.
    fn part(&mut self, facts: &Facts<'_>, again: Vec<Resend>, now: Instant) -> Follow {
        let resent = again
            .iter()
            .zip(facts.rounds)
            .filter(|(resend, _)| **resend != Resend::No);
        match resent.map(|(_, rounds)| rounds.failed + rounds.unknown + 1).max() {
            Some(round) if self.stop.is_none() => {
                let pause = self.policy.backoff(self.policy.pause_base, round, self.random.f64());
                let at = later(now, pause);
                Follow::Part { at, again }
            }
            _ => Follow::Nothing,
        }
    }

    fn error(&mut self, facts: &Facts<'_>, error: &SubmitError, now: Instant) -> Verdict {
        match error.disposition {
            Disposition::Backoff => {}
            Disposition::Throttled(_) => {
                if let Some(ramp) = &mut self.ramp {
                    ramp.throttled();
                }
                self.replied();
                if self.pacer.throttled(facts.started, now) || self.throttled == 0 {
                    self.throttled += 1;
                }
            }
            Disposition::Ambiguous | Disposition::AmbiguousStop if error.trail.status.is_none() => {}
            _ => self.answered(now),
        }
        let standing = Standing {
            devices: facts.rounds.len(),
            unreached: facts.unreached + 1,
            reauthenticated: facts.reauthenticated,
            replied: self.replied,
            unreached_for: self.unreached_waits.by(now),
            throttled: self.throttled,
            throttled_for: self.throttled_waits.by(now),
            interval: self.pacer.learned().map(|rate| Duration::from_secs_f64(rate.recip())),
            jitter: self.random.f64(),
        };
        match decide(error.disposition, &standing, &self.policy) {
            Decision::RetryAfter(pause) => {
                let (counts, reason, waits) = match error.disposition {
                    Disposition::Backoff => (Again::Unreached, WaitReason::Unreached, &mut self.unreached_waits),
                    _ => (Again::Throttled, WaitReason::Throttled, &mut self.throttled_waits),
                };
                if counts == Again::Throttled {
                    self.signal = Signal::Throttled {
                        wait: pause,
                        rate: self.pacer.learned(),
                    };
                }
                let until = later(now, pause);
                waits.wait(now, until);
                self.hold(until, reason, &error.detail);
                self.pending(facts, error, Follow::Again(counts))
            }
            Decision::RetryReauthenticated => self.pending(facts, error, Follow::Again(Again::Reauthenticated)),
            Decision::Halve => {
                self.clear();
                // Another batch of the old size may have lowered it already.
                self.limit = self.limit.min((standing.devices / 2).max(1));
                self.pending(facts, error, Follow::Halves)
            }
            Decision::Bisect => {
                self.clear();
                self.pending(facts, error, Follow::Halves)
            }
            Decision::Reject => self.reject(facts, error),
            Decision::Unknown => self.unknown(facts, &error.detail, error.trail.code.clone(), Some(error.kind), now),
            Decision::UnknownAndGiveUp => {
                self.stop(refused(error));
                self.unknown(facts, &error.detail, error.trail.code.clone(), Some(error.kind), now)
            }
            Decision::GiveUp(why) => {
                self.stop(match why {
                    GiveUp::Refused => refused(error),
                    GiveUp::Unreachable => StopReason::Unreachable {
                        kind: error.kind,
                        detail: crate::error_chain::chain(error),
                    },
                    GiveUp::WaitTooLong(wait) => StopReason::WaitTooLong {
                        wait,
                        allowed: self.policy.max_wait,
                    },
                    GiveUp::OnlyThrottled(since) => StopReason::OnlyThrottled { since },
                });
                self.pending(facts, error, Follow::Nothing)
            }
        }
    }

    /// Nothing was applied: every device is as pending as before.
    fn pending(&self, facts: &Facts<'_>, error: &SubmitError, follow: Follow) -> Verdict {
        let outcome = Outcome::because(OutcomeKind::Pending, error.detail.clone()).with_code(error.trail.code.clone());
        Verdict {
            applied: Applied::No,
            outcomes: facts
                .rounds
                .iter()
                .map(|rounds| honest(outcome.clone(), *rounds))
                .collect(),
            follow: if self.stop.is_some() { Follow::Nothing } else { follow },
            signal: Signal::Nothing,
        }
    }

    fn reject(&mut self, facts: &Facts<'_>, error: &SubmitError) -> Verdict {
        self.clear();
        let outcome = rejected(error.detail.clone(), error.trail.code.clone());
        let outcomes: Vec<Outcome> = facts
            .rounds
            .iter()
            .map(|rounds| honest(outcome.clone(), *rounds))
            .collect();
        let is_sure = outcomes.iter().all(|outcome| outcome.kind == OutcomeKind::Rejected);
        if !self.has_receipt {
            self.refused_before_receipt += 1;
            if self.refused_before_receipt >= self.policy.refused_before_first_receipt {
                self.stop(StopReason::RefusesEverything(self.refused_before_receipt));
            }
            if is_sure {
                return self.pending(facts, error, Follow::Withheld);
            }
        }
        Verdict {
            applied: Applied::No,
            outcomes,
            follow: Follow::Nothing,
            signal: Signal::Nothing,
        }
    }

    fn unknown(
        &mut self,
        facts: &Facts<'_>,
        detail: &str,
        code: Option<String>,
        kind: Option<ErrorKind>,
        now: Instant,
    ) -> Verdict {
        self.ambiguous(detail, kind);
        let again = facts.rounds.iter().map(|rounds| self.resend_unknown(*rounds)).collect();
        let outcome = Outcome::because(OutcomeKind::Unknown, detail).with_code(code);
        Verdict {
            applied: Applied::Maybe,
            outcomes: vec![outcome; facts.rounds.len()],
            follow: self.part(facts, again, now),
            signal: Signal::Nothing,
        }
    }

    fn ambiguous(&mut self, detail: &str, kind: Option<ErrorKind>) {
        self.unclear = Some(detail.to_owned());
        self.signal = Signal::Unclear {
            // Of a run alone a part is left to chance, which spreads those that know nothing of each other.
            pause: self.policy.backoff(self.policy.pause_base, 1, 1.0),
            longest: self.policy.backoff(self.policy.backoff_cap, 1, 1.0),
        };
        if let Err(Tripped(in_a_row)) = self.breaker.ambiguous() {
            self.stop(StopReason::Ambiguous {
                in_a_row,
                kind,
                detail: detail.to_owned(),
            });
        }
    }

    /// The service answered, though perhaps only that it has no time.
    fn replied(&mut self) {
        self.replied = true;
        self.unreached_waits = Waited::default();
    }

    /// The service answered something else than to wait.
    fn answered(&mut self, now: Instant) {
        self.replied();
        self.pacer.answered(now);
        self.throttled = 0;
        self.throttled_waits = Waited::default();
    }
}

fn refused(error: &SubmitError) -> StopReason {
    StopReason::Refused {
        kind: error.kind,
        detail: crate::error_chain::chain(error),
        trail: error.trail.clone(),
    }
}

/// The judge holds plain values that are whole between any two statements, so a panic elsewhere cannot have broken it.
pub(crate) fn lock(judge: &Mutex<Judge>) -> MutexGuard<'_, Judge> {
    judge.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
