//! What is said of a run at a moment.

use std::time::Duration;

use fleetpurge_ledger::{Counts, RunRecord};
use jiff::Timestamp;

use crate::commands::report::page::{Now, Progress, number, readable, share};
use crate::commands::status::{Life, Seen};
use crate::output::{counted, shown};
use crate::progress::Pace;

/// What is remembered of a run from look to look.
#[derive(Debug, Default)]
pub(super) struct Following {
    pace: Option<(u64, Pace)>,
}

impl Following {
    /// What is said now: `since` goes on as time does.
    pub(super) fn now(&mut self, seen: &Seen, at: Timestamp, since: Duration) -> Now {
        let in_flight = seen.ledger.in_flight();
        let (state, text) = told(seen.run(), seen.life(), in_flight);
        Now {
            state,
            text,
            progress: match (seen.life(), seen.run()) {
                (Some(Life::UnderWay(_)), Some(run)) => Some(self.progress(run, &seen.counts, in_flight, since)),
                _ => None,
            },
            at: readable(at),
            seen: format!(
                "{}-{}",
                key(&seen.counts, seen.run(), in_flight, state),
                seen.ledger.verifications().map_or(0, |all| all.len())
            ),
        }
    }

    fn progress(&mut self, run: &RunRecord, counts: &Counts, in_flight: u64, since: Duration) -> Progress {
        let total = counts.planned.saturating_sub(counts.skipped);
        let more = counts.pending + in_flight;
        let done = total.saturating_sub(more);
        if self.pace.as_ref().is_none_or(|(of, _)| *of != run.run) {
            self.pace = Some((run.run, Pace::new(since, done)));
        }
        let mut parts = vec![format!("{} of {} devices have an outcome", number(done), number(total))];
        if in_flight > 0 {
            parts.push(format!("{} in flight", number(in_flight)));
        }
        if let Some((_, pace)) = &mut self.pace {
            pace.note(since, done);
            parts.extend(pace.told(since, more));
        }
        Progress {
            done,
            total,
            share: share(done, total),
            parts,
        }
    }
}

/// A word for what has become of the last run, and a sentence.
fn told(run: Option<&RunRecord>, life: Option<&Life>, in_flight: u64) -> (&'static str, String) {
    let (Some(run), Some(life)) = (run, life) else {
        return (
            "waiting",
            "No apply has begun. When one does, its progress is shown here.".to_owned(),
        );
    };
    let who = format!("Run {} by {} on {}", run.run, shown(&run.who), shown(&run.host));
    let begun = readable(run.started_at);
    match life {
        Life::UnderWay(by) => {
            let process = by
                .as_ref()
                .map(|by| format!(" in process {}", by.holder.pid))
                .unwrap_or_default();
            ("under-way", format!("{who} is under way{process}, begun {begun}."))
        }
        Life::Died => {
            let lost = if in_flight > 0 {
                format!(
                    " {} in flight: the answer is lost.",
                    counted(in_flight, "device was", "devices were")
                )
            } else {
                String::new()
            };
            (
                "died",
                format!("{who}, begun {begun}, died: no process holds the plan.{lost}"),
            )
        }
        Life::Ended => {
            let ended = run.ended_at.map(readable).unwrap_or_default();
            let exit = run
                .exit
                .map(|exit| format!(" with exit code {exit}"))
                .unwrap_or_default();
            let why = run
                .stop_reason
                .as_deref()
                .map(|why| format!(": {}", shown(why)))
                .unwrap_or_default();
            ("ended", format!("{who}, begun {begun}, ended {ended}{exit}{why}."))
        }
    }
}

/// The same as long as nothing is recorded.
fn key(counts: &Counts, run: Option<&RunRecord>, in_flight: u64, state: &str) -> String {
    let run = run.map_or(0, |run| run.run);
    format!(
        "{run}-{state}-{}-{}-{in_flight}-{}-{}-{}-{}-{}-{}",
        counts.attempts,
        counts.anomalies,
        counts.pending,
        counts.scheduled,
        counts.invalid,
        counts.failed,
        counts.rejected,
        counts.unknown
    )
}
