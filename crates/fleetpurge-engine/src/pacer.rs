//! When the next attempt may start, as far as the rate is concerned. Pure: the clock is an argument.
//!
//! Until the service asks to wait, only a configured rate holds attempts back. From then on the pacer keeps a model of
//! the service's token bucket: a number of attempts per second, and a balance that was not used while waiting and may
//! be used at once. The bucket is empty at two successive throttlings, so the number of answers between them, divided
//! by the time, is the rate, unless it ran over in between: then what was answered in the last second is closer. The
//! pacer tries a rate a little below that and raises it, so that it notices if the service has become faster: within
//! seconds where a throttling costs nothing, because the bucket holds what the wait leaves unused, and otherwise more
//! slowly.
//!
//! | file | what is there |
//! |---|---|
//! | `grid.rs` | a configured rate |
//! | `mirror.rs` | the model of the service's token bucket |
//! | `lately.rs` | what was answered in the last second |
//! | `estimate.rs` | when a number of answers says something of the rate |

mod estimate;
mod grid;
mod lately;
mod mirror;

use std::time::Duration;

use tokio::time::Instant;

use crate::rate::Rate;
use crate::tenant::Company;
use estimate::per_second;
use grid::Grid;
use lately::Lately;
use mirror::Mirror;

/// What is left of the rate when it was too high and the interval says too little: the first time, the second, and so on.
const BACK: [f64; 3] = [0.92, 0.8, 0.65];
/// By this factor it has to be more, for the bucket to have run over.
const MORE: f64 = 1.3;
/// A small bucket runs over in every wait.
const MORE_OF_SMALL: f64 = 1.02;

/// The pace of one run, shared by all its batches.
#[derive(Debug)]
pub(crate) struct Pacer {
    cap: Option<Grid>,
    hold: Option<Instant>,
    throttled: Option<Throttled>,
    mirror: Option<Mirror>,
    lately: Lately,
    /// How often in a row an interval said too little.
    backs: usize,
    /// The first attempt since nothing was allowed to start, and how many there were.
    burst: Option<(Instant, u32)>,
    /// How many runs share the rate.
    runs: u32,
}

/// The last time the service was found to ask for a wait.
#[derive(Clone, Copy, Debug)]
struct Throttled {
    at: Instant,
    /// Attempts that the service answered otherwise since.
    answered: u32,
}

impl Pacer {
    /// A pacer that starts no more attempts than `cap` allows.
    pub(crate) fn new(cap: Option<Rate>) -> Self {
        Self {
            cap: cap.map(Grid::new),
            hold: None,
            throttled: None,
            mirror: None,
            lately: Lately::default(),
            backs: 0,
            burst: None,
            runs: 1,
        }
    }

    /// So many runs share what the service takes: this one keeps to its part, and begins with what the others have learned.
    pub(crate) fn share(&mut self, company: Company, now: Instant) {
        let runs = company.runs.max(1);
        if runs != self.runs {
            if let Some(cap) = &mut self.cap {
                cap.share(runs);
            }
            if let Some(mirror) = &mut self.mirror {
                mirror.scale(f64::from(self.runs) / f64::from(runs));
            }
            self.runs = runs;
        }
        if let (None, Some(rate)) = (self.throttled, company.rate) {
            self.mirror = Some(Mirror::new(rate / f64::from(runs), 1.0, true, now));
            self.throttled = Some(Throttled { at: now, answered: 0 });
        }
    }

    /// How many attempts a second the service was found to take from this run.
    pub(crate) fn learned(&self) -> Option<f64> {
        self.mirror.as_ref()?.learned()
    }

    /// When the next attempt may start; None: now.
    pub(crate) fn next_start(&self, now: Instant) -> Option<Instant> {
        let cap = self.cap.as_ref().and_then(|cap| cap.next);
        let mirror = self.mirror.as_ref().and_then(|mirror| mirror.next_start(now));
        cap.max(self.hold).max(mirror).filter(|at| *at > now)
    }

    /// An attempt starts.
    pub(crate) fn started(&mut self, now: Instant) {
        self.burst.get_or_insert((now, 0)).1 += 1;
        if let Some(cap) = &mut self.cap {
            cap.started(now);
        }
        if let Some(mirror) = &mut self.mirror {
            mirror.started(now);
        }
    }

    /// The service answered an attempt with anything but a request to wait.
    pub(crate) fn answered(&mut self, now: Instant) {
        self.lately.answered(now);
        if let Some(throttled) = &mut self.throttled {
            throttled.answered += 1;
        }
        if let Some(mirror) = &mut self.mirror {
            mirror.answered += 1;
        }
    }

    /// Nothing may start before `until`.
    pub(crate) fn hold(&mut self, until: Instant) {
        self.hold = self.hold.max(Some(until));
        self.burst = None;
        if let Some(mirror) = &mut self.mirror {
            mirror.held(until);
        }
    }

    /// The service asked an attempt that was started at `started` to wait. Whether that is news: an attempt that was on
    /// its way when the bucket was found empty says nothing more.
    pub(crate) fn throttled(&mut self, started: Instant, now: Instant) -> bool {
        let Some(last) = self.throttled else {
            self.throttled = Some(Throttled { at: now, answered: 0 });
            return true;
        };
        if started <= last.at {
            return false;
        }
        let known = self.mirror.take();
        // It was sent at a rate, and not all at once what had been saved up.
        let was_paced = known.as_ref().is_some_and(|mirror| mirror.tokens(now) < 2.0);
        let measured = match known.as_ref().filter(|mirror| mirror.lost > 0.0) {
            // The bucket ran over while nothing was sent.
            Some(mirror) => mirror.measured_since_the_wait(now),
            None => per_second(last.answered, 0.0, last.at, now),
        };
        let lately = if was_paced { self.lately.rate(now) } else { None };
        let is_small = known.as_ref().is_some_and(|mirror| mirror.lost > 0.0);
        let more = if is_small { MORE_OF_SMALL } else { MORE };
        let found = match (measured, lately) {
            (Some(measured), Some(lately)) if lately > measured * more => Some(lately),
            (measured, _) => measured,
        };
        let rate = found.or_else(|| self.guess(known.as_ref(), was_paced, started, now));
        if found.is_some() {
            self.backs = 0;
        }
        if let Some(rate) = rate {
            let unknown = if found.is_some() { f64::INFINITY } else { 1.0 };
            let mut mirror = Mirror::new(rate, unknown, found.is_some(), now);
            if let Some(known) = known {
                (mirror.room, mirror.is_room_known) = known.room_after(started, now);
            }
            self.mirror = Some(mirror);
        }
        self.lately = Lately::default();
        self.throttled = Some(Throttled { at: now, answered: 0 });
        true
    }

    /// A rate to try where too little was answered to measure one.
    fn guess(&mut self, known: Option<&Mirror>, was_paced: bool, started: Instant, now: Instant) -> Option<f64> {
        let back = BACK[self.backs.min(BACK.len() - 1)];
        self.backs += 1;
        match known {
            // What had been saved up was too much, which says nothing of the rate.
            Some(known) if !was_paced || known.was_too_much_saved_up(started) => Some(known.measured),
            Some(known) => Some(known.rate(now) * back),
            // Once may be by chance.
            None if self.backs < 2 => None,
            None => {
                let (first, count) = self.burst?;
                let time = now.saturating_duration_since(first).max(Duration::from_millis(1));
                Some(f64::from(count) / time.as_secs_f64() * back)
            }
        }
    }
}

#[cfg(test)]
mod tests;
