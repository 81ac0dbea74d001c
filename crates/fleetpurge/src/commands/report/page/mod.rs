//! The report as one HTML page that loads nothing from elsewhere.
//!
//! The page has the totals, a chart, and what to tell the vendor's support as plain HTML. Its rows are JSON, of which a
//! script shows those that are in view, so that 100,000 rows stay quick.
//!
//! | file | what it is |
//! |---|---|
//! | `head`, `tail` | what stands before the rows, and after them |
//! | `chart`, `verdict`, `why`, `input` | the totals, what has become of the plan, the reasons, the files |
//! | `numbers` | how are counts and shares written? |
//! | `data` | the rows, as the script has them |
//! | `verification` | a verification, as the page lists it |
//! | `support` | which requests are the vendor's support told about? |
//! | `time` | how is a time written? |
//! | `policy` | what may the page do? |
//! | `head.html`, `tail.html` | their templates |
//! | `page.css`, `page.js` | how it looks, and what it does |

mod chart;
mod data;
mod head;
mod input;
mod numbers;
mod policy;
mod support;
mod tail;
mod time;
mod verdict;
mod verification;
mod why;

use std::io::Write;
use std::path::Path;

use askama::Template as _;
use fleetpurge_ledger::Ledger;
use jiff::Timestamp;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::rows::{Trouble, Wanted};

/// More rows than this make no page: a browser gives a table no more height, and holds all of them in memory.
const MOST_ROWS: u64 = 250_000;

/// How many anomalies are listed.
const MOST_ANOMALIES: u64 = 500;

pub(super) fn write(out: &mut impl Write, path: &Path, ledger: &Ledger, wanted: &Wanted<'_>) -> Result<(), Trouble> {
    let counts = ledger.counts()?;
    let rows = head::rows(&counts, wanted);
    if rows > MOST_ROWS {
        return Err(Trouble::Refused(too_many(path, rows)));
    }
    let head = head::Head::new(path, ledger, &counts, wanted, Timestamp::now())?;
    head.write_into(out)?;
    let told = data::write(out, ledger, wanted)?;
    let anomalies = ledger.anomalies(MOST_ANOMALIES)?;
    let tail = tail::Tail::new(ledger, &counts, &anomalies, told)?;
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
