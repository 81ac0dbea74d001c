//! Who applied the plan and when, and what stands of it below the title.

use std::path::Path;

use fleetpurge_ledger::{Error, Ledger, RunRecord};
use jiff::Timestamp;

use super::time::readable;
use crate::output::{counted, shown};
use crate::summary;

/// What stands below the title.
#[derive(Debug)]
pub(super) struct Meta {
    pub(super) plan: String,
    pub(super) made_at: String,
    pub(super) age: String,
    pub(super) written_at: String,
    pub(super) version: &'static str,
    pub(super) by: String,
}

impl Meta {
    pub(super) fn new(path: &Path, ledger: &Ledger, at: Timestamp) -> Result<Self, Error> {
        let plan = ledger.plan();
        Ok(Self {
            plan: shown(&path.to_string_lossy()).into_owned(),
            made_at: readable(plan.created_at),
            age: summary::age(plan.created_at, at),
            written_at: readable(at),
            version: env!("CARGO_PKG_VERSION"),
            by: by(&ledger.runs()?),
        })
    }
}

/// A run over the plan.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) number: u64,
    pub(super) who: String,
    pub(super) host: String,
    pub(super) begun: String,
    pub(super) ended: String,
    pub(super) exit: String,
    pub(super) reason: String,
    pub(super) confirmation: String,
    pub(super) version: String,
}

/// The runs over the plan, in order.
pub(super) fn runs(ledger: &Ledger) -> Result<Vec<Run>, Error> {
    Ok(ledger.runs()?.iter().map(run).collect())
}

fn run(run: &RunRecord) -> Run {
    Run {
        number: run.run,
        who: shown(&run.who).into_owned(),
        host: shown(&run.host).into_owned(),
        begun: readable(run.started_at),
        ended: run.ended_at.map_or_else(|| "no end is recorded".to_owned(), readable),
        exit: run.exit.map(|exit| exit.to_string()).unwrap_or_default(),
        reason: run.stop_reason.as_deref().map(shown).unwrap_or_default().into_owned(),
        confirmation: shown(&run.confirmation).into_owned(),
        version: shown(&run.version).into_owned(),
    }
}

/// Who applied the plan, and when last.
fn by(runs: &[RunRecord]) -> String {
    let Some(last) = runs.last() else {
        return "Never applied".to_owned();
    };
    let mut names: Vec<String> = Vec::new();
    for run in runs {
        let name = format!("{} on {}", shown(&run.who), shown(&run.host));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len().saturating_sub(3);
    names.truncate(3);
    let mut text = format!("Applied by {}", names.join(", "));
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text.push_str(&format!(
        ", in {}, last {}",
        counted(runs.len() as u64, "run", "runs"),
        readable(last.started_at)
    ));
    text
}
