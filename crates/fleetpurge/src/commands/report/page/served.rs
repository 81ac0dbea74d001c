//! The page as it is served: the report, and what keeps it up to date.

use std::path::Path;

use askama::Template;
use fleetpurge_ledger::{Counts, Error, Ledger};
use jiff::Timestamp;

use super::now::Now;
use super::number::number;
use super::policy::{Page, STYLE, policy};
use super::runs::{Meta, Run, runs};
use super::summary::Summary;
use crate::rows::Wanted;

/// The parts of the page that change while a run is under way.
#[derive(Debug, Template)]
#[template(path = "live.html")]
struct Moment {
    meta: Meta,
    summary: Summary,
    now: Now,
    runs: Vec<Run>,
    attempts: String,
}

/// What stands in place of a plan that cannot be read.
#[derive(Debug, Template)]
#[template(path = "absent.html")]
struct Absent<'a> {
    policy: String,
    style: &'static str,
    why: &'a str,
}

/// The parts of the page that change while a run is under way, as HTML from the templates of the page itself.
pub(crate) fn moment(path: &Path, ledger: &Ledger, counts: &Counts, now: Now) -> Result<String, Error> {
    Ok(filled(&Moment {
        meta: Meta::new(path, ledger, Timestamp::now())?,
        summary: Summary::new(path, ledger, counts, &Wanted::default())?,
        now,
        runs: runs(ledger)?,
        attempts: number(counts.attempts),
    }))
}

/// A page that says why there is no plan to show.
pub(crate) fn absent(why: &str) -> String {
    filled(&Absent {
        policy: served_policy(),
        style: STYLE,
        why,
    })
}

/// The Content-Security-Policy of a served page.
pub(crate) fn served_policy() -> String {
    policy(Page::Served)
}

/// To fill a template into memory fails only if a text of it fails to be written, and texts do not.
fn filled(template: &impl Template) -> String {
    template.render().unwrap_or_default()
}
