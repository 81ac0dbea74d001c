//! The report as one HTML page that loads nothing from elsewhere.
//!
//! The page has the totals, a chart, and what to tell the vendor's support as plain HTML. Its rows are JSON, of which a
//! script shows those that are in view, so that 100,000 rows stay quick. `serve` shows the same page, with a second script
//! that keeps it up to date.
//!
//! | file | what it is |
//! |---|---|
//! | `write` | the page as a whole: how many rows may it have? |
//! | `view` | the parts of the page, as the templates have them |
//! | `summary` | the totals, the chart, and why devices were not scheduled |
//! | `runs` | who applied the plan and when, and what stands below the title |
//! | `now` | what a served page says of the moment |
//! | `served` | what changes on a served page |
//! | `data` | the rows, as the script has them |
//! | `verification` | a verification, as the page lists it |
//! | `support` | which requests are the vendor's support told about? |
//! | `number`, `time` | how are a count and a time written? |
//! | `policy` | what may the page do? |
//! | `head.html`, `tail.html` | the templates: what stands before the rows, and after them |
//! | `verdict.html`, `meta.html`, `now.html`, `totals.html`, `whys.html`, `runs.html` | their parts, of which `live.html` consists |
//! | `absent.html` | what is served in place of a plan that cannot be read |
//! | `page.css`, `page.js` | how it looks, and what it does |
//! | `live.js` | how a served page is kept up to date |

mod data;
mod now;
mod number;
mod policy;
mod runs;
mod served;
mod summary;
mod support;
mod time;
mod verification;
mod view;
mod write;

pub(crate) use now::{Now, Progress};
pub(crate) use number::{number, share};
pub(crate) use served::{absent, moment, served_policy};
pub(crate) use time::readable;
pub(super) use write::report;
pub(crate) use write::served;
