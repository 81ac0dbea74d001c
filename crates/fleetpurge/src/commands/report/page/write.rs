//! Writes the page as a whole.

use std::io::Write;
use std::path::Path;

use askama::Template as _;
use fleetpurge_ledger::{Counts, Ledger};
use jiff::Timestamp;

use super::data;
use super::now::Now;
use super::policy::Page;
use super::view::{self, MOST_ROWS};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::rows::{Trouble, Wanted};

/// How many anomalies are listed.
const MOST_ANOMALIES: u64 = 500;

/// The page as a file of its own.
pub(in crate::commands::report) fn report(
    out: &mut impl Write,
    path: &Path,
    ledger: &Ledger,
    wanted: &Wanted<'_>,
) -> Result<(), Trouble> {
    let counts = ledger.counts()?;
    let rows = view::rows(&counts, wanted);
    if rows > MOST_ROWS {
        return Err(Trouble::Refused(too_many(path, rows)));
    }
    write(out, path, ledger, &counts, wanted, None)
}

/// The page as it is served, with every row of the plan. A plan of too many rows is shown without them.
pub(crate) fn served(
    out: &mut impl Write,
    path: &Path,
    ledger: &Ledger,
    counts: &Counts,
    now: Now,
) -> Result<(), Trouble> {
    write(out, path, ledger, counts, &Wanted::default(), Some(now))
}

fn write(
    out: &mut impl Write,
    path: &Path,
    ledger: &Ledger,
    counts: &Counts,
    wanted: &Wanted<'_>,
    now: Option<Now>,
) -> Result<(), Trouble> {
    let page = if now.is_some() { Page::Served } else { Page::Report };
    let most = if view::rows(counts, wanted) > MOST_ROWS {
        0
    } else {
        usize::MAX
    };
    let head = view::Head::new(path, ledger, counts, wanted, Timestamp::now(), now)?;
    head.write_into(out)?;
    let told = data::write(out, ledger, wanted, most)?;
    let anomalies = ledger.anomalies(MOST_ANOMALIES)?;
    let tail = view::Tail::new(ledger, counts, &anomalies, told, page)?;
    tail.write_into(out)?;
    Ok(())
}

fn too_many(path: &Path, rows: u64) -> Failure {
    Failure::before_sending(
        Exit::ERROR,
        format!(
            "the page would have {rows} rows, and a browser shows at most {MOST_ROWS}. Choose fewer with --only, or write \
             CSV, which has all of them"
        ),
        next::over("report", path, &["--format", "csv"]),
    )
}
