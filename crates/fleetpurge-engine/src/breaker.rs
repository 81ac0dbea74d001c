//! Keeps a broken service from turning a fleet into `unknown`. Pure: the clock is an argument.
//!
//! After an ambiguous answer nothing starts until everything in flight has landed. Then, after a pause, one device is
//! sent alone; once that is answered clearly, one batch; once that is, the run is restored. Five ambiguous answers in
//! a row stop the run. So do five ambiguous batches with no clear batch between them: a service that answers for one
//! device and breaks on a hundred would otherwise pass every probe and lose every batch.

use std::time::Duration;

use tokio::time::Instant;

use crate::policy::later;

/// What may be started now, as far as the breaker is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Batches, as many as the concurrency allows.
    Open,
    /// One batch, and nothing beside it.
    OneBatch,
    /// One device, and nothing beside it.
    OneDevice,
    /// Nothing before this instant.
    At(Instant),
    /// Nothing before what is in flight has landed.
    Shut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    Draining,
    Pausing(Instant),
    Probing,
    Trying,
}

/// The breaker of one run.
#[derive(Debug)]
pub(crate) struct Breaker {
    state: State,
    answers: u32,
    batches: u32,
    allowed: u32,
}

/// Too many ambiguous answers: the run stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tripped(pub(crate) u32);

impl Breaker {
    /// A breaker that gives up after `allowed` ambiguous answers in a row.
    pub(crate) fn new(allowed: u32) -> Self {
        Self {
            state: State::Closed,
            answers: 0,
            batches: 0,
            allowed,
        }
    }

    /// What may be started while `in_flight` attempts are open.
    pub(crate) fn gate(&self, in_flight: usize, now: Instant) -> Gate {
        match self.state {
            State::Closed => Gate::Open,
            _ if in_flight > 0 => Gate::Shut,
            State::Pausing(until) if now < until => Gate::At(until),
            State::Draining | State::Pausing(_) | State::Probing => Gate::OneDevice,
            State::Trying => Gate::OneBatch,
        }
    }

    /// A probe or trial is about to start through the gate.
    pub(crate) fn started(&mut self, gate: Gate) {
        if gate == Gate::OneDevice {
            self.state = State::Probing;
        }
    }

    /// An answer left open whether the service acted.
    pub(crate) fn ambiguous(&mut self) -> Result<(), Tripped> {
        match self.state {
            // What was in flight together counts once: it met the same fault.
            State::Draining => {}
            State::Closed | State::Trying => {
                self.answers += 1;
                self.batches += 1;
            }
            State::Probing | State::Pausing(_) => self.answers += 1,
        }
        if self.answers >= self.allowed || self.batches >= self.allowed {
            return Err(Tripped(self.answers.max(self.batches)));
        }
        self.state = State::Draining;
        Ok(())
    }

    /// The service answered clearly.
    pub(crate) fn clear(&mut self) {
        match self.state {
            State::Closed => {
                self.answers = 0;
                self.batches = 0;
            }
            State::Trying => {
                self.answers = 0;
                self.batches = 0;
                self.state = State::Closed;
            }
            State::Probing => {
                self.answers = 0;
                self.state = State::Trying;
            }
            // It was sent before the fault was seen, and says nothing of the service after it.
            State::Draining | State::Pausing(_) => {}
        }
    }

    /// Another run of the tenant met an ambiguous answer: this one has to see for itself, as if it had met it.
    pub(crate) fn opened_elsewhere(&mut self) {
        if self.state == State::Closed {
            self.state = State::Draining;
        }
    }

    /// An attempt has landed and `in_flight` are left. `pause` says how long to wait after so many answers in a row.
    pub(crate) fn landed(&mut self, in_flight: usize, now: Instant, pause: impl FnOnce(u32) -> Duration) {
        if self.state == State::Draining && in_flight == 0 {
            self.state = State::Pausing(later(now, pause(self.answers.max(1))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_secs(2);

    /// One ambiguous answer that was alone in flight.
    fn fault(breaker: &mut Breaker, now: Instant) -> Result<(), Tripped> {
        let verdict = breaker.ambiguous();
        breaker.landed(0, now, |_| PAUSE);
        verdict
    }

    #[test]
    fn nothing_starts_until_everything_in_flight_has_landed_and_the_pause_is_over() {
        let now = Instant::now();
        let mut breaker = Breaker::new(5);
        assert_eq!(breaker.gate(4, now), Gate::Open);
        breaker.ambiguous().unwrap();
        breaker.landed(3, now, |_| PAUSE);
        assert_eq!(breaker.gate(3, now), Gate::Shut);
        breaker.clear();
        breaker.landed(2, now, |_| PAUSE);
        assert_eq!(
            breaker.gate(2, now),
            Gate::Shut,
            "a clear answer sent before the fault proves nothing"
        );
        breaker.ambiguous().unwrap();
        breaker.landed(0, now, |in_a_row| PAUSE * in_a_row);
        assert_eq!(
            breaker.gate(0, now),
            Gate::At(now + PAUSE),
            "what was in flight together counts once"
        );
        assert_eq!(breaker.gate(0, now + PAUSE), Gate::OneDevice);
    }

    #[test]
    fn a_clear_probe_and_a_clear_batch_restore_the_run() {
        let now = Instant::now();
        let mut breaker = Breaker::new(5);
        fault(&mut breaker, now).unwrap();
        let later = now + PAUSE;
        breaker.started(breaker.gate(0, later));
        assert_eq!(breaker.gate(1, later), Gate::Shut, "nothing beside the probe");
        breaker.clear();
        assert_eq!(breaker.gate(0, later), Gate::OneBatch);
        breaker.started(Gate::OneBatch);
        assert_eq!(breaker.gate(1, later), Gate::Shut, "nothing beside the trial");
        breaker.clear();
        assert_eq!(breaker.gate(3, later), Gate::Open);
    }

    #[test]
    fn four_probes_follow_the_first_fault_and_the_fifth_answer_stops_the_run() {
        let mut now = Instant::now();
        let mut breaker = Breaker::new(5);
        for in_flight in (0..4).rev() {
            breaker.ambiguous().unwrap();
            breaker.landed(in_flight, now, |_| PAUSE);
        }
        for probe in 1..=4 {
            now += PAUSE;
            assert_eq!(breaker.gate(0, now), Gate::OneDevice);
            breaker.started(Gate::OneDevice);
            assert_eq!(fault(&mut breaker, now).is_err(), probe == 4, "probe {probe}");
        }
    }

    #[test]
    fn a_service_that_answers_probes_and_loses_batches_is_given_up() {
        let mut now = Instant::now();
        let mut breaker = Breaker::new(5);
        let mut lost = 1;
        while fault(&mut breaker, now).is_ok() {
            lost += 1;
            now += PAUSE;
            breaker.started(breaker.gate(0, now));
            breaker.clear();
            assert_eq!(breaker.gate(0, now), Gate::OneBatch);
        }
        assert_eq!(lost, 5);
    }

    #[test]
    fn a_fault_now_and_then_never_adds_up() {
        let mut now = Instant::now();
        let mut breaker = Breaker::new(5);
        for _ in 0..100 {
            fault(&mut breaker, now).unwrap();
            now += PAUSE;
            breaker.started(breaker.gate(0, now));
            breaker.clear();
            breaker.clear();
            assert_eq!(breaker.gate(0, now), Gate::Open);
        }
    }

    #[test]
    fn a_probe_that_finds_no_service_is_probed_again() {
        let now = Instant::now();
        let mut breaker = Breaker::new(5);
        fault(&mut breaker, now).unwrap();
        let later = now + PAUSE;
        breaker.started(breaker.gate(0, later));
        breaker.landed(0, later, |_| PAUSE);
        assert_eq!(breaker.gate(0, later), Gate::OneDevice);
    }
}
