//! The end of an `apply` whose plan was moved, replaced or overwritten during the run: where the records are, and what
//! they say.

use std::io::Write;
use std::path::Path;

use fleetpurge_engine::StopReason;
use fleetpurge_ledger::{Counts, Disturbance, Records, Service};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::output::{self, counted};
use crate::summary;

/// What is known at the end.
#[derive(Debug)]
pub(crate) struct Disturbed<'a> {
    /// The name that was given.
    pub(crate) plan: &'a Path,
    pub(crate) service: Service,
    pub(crate) counts: &'a Counts,
    pub(crate) disturbance: &'a Disturbance,
    /// The command that goes on from there.
    pub(crate) resume: String,
    /// What this run came to, as it was seen go by: all that is left where the records are lost.
    pub(crate) this_run: &'a str,
}

impl Disturbed<'_> {
    /// Tells the counts on stdout, as at any end, and says the rest.
    pub(crate) fn tell(&self, stopped: Option<&StopReason>) -> Failure {
        let is_lost = matches!(self.disturbance.records, Records::Lost(_));
        if !is_lost {
            let mut out = output::text();
            // A reader that has gone away changes nothing about how it ended.
            let _ = summary::counts(&mut out, self.service, self.counts).and_then(|()| out.flush());
        }
        let exit = match stopped {
            Some(StopReason::Interrupted) => Exit::INTERRUPTED,
            _ => Exit::ERROR,
        };
        let (records, next) = self.records();
        let happened = format!(
            "{}: {}. Nothing more was sent, and requests in flight were finished; {records}",
            self.plan.display(),
            self.disturbance.what
        );
        let deleted = if is_lost {
            format!("In this run: {}.", self.this_run)
        } else {
            format!(
                "{} scheduled for deletion, {} unknown (the service may or may not have deleted them), {} pending.",
                counted(self.counts.scheduled, "device is", "devices are"),
                self.counts.unknown,
                self.counts.pending
            )
        };
        Failure::new(exit, happened, deleted, next)
    }

    /// Where the records are, and what to type.
    fn records(&self) -> (String, String) {
        let plan = self.plan.display();
        let resume = self.resume.clone();
        match &self.disturbance.records {
            Records::InPlan => ("everything is recorded in the plan, which is whole".to_owned(), resume),
            Records::SavedAs(path) => (
                format!(
                    "the plan, with the outcomes of all its runs, is saved in {}: a plan that can be applied, in the \
                     place of the one that is gone",
                    path.display()
                ),
                next::over("status", path, &[]),
            ),
            Records::UnderAnotherName => (
                format!(
                    "everything is recorded in the plan and in the files {plan}-wal and {plan}.lock: rename the \
                     plan back to {plan}, beside them, and the same command resumes"
                ),
                resume,
            ),
            Records::Lost(why) => (
                format!("what is recorded of it cannot be reached any more ({why}); plan again from a fresh export"),
                "fleetpurge plan --help".to_owned(),
            ),
            _ => ("look for the records of the plan".to_owned(), resume),
        }
    }
}
