//! A verification of the plan, as the page lists it.

use fleetpurge_ledger::VerificationRecord;

use super::time::readable;
use crate::output::shown;
use crate::seen;

/// Every text is as a person reads it; the template escapes the HTML.
#[derive(Debug)]
pub(super) struct Verification {
    pub(super) number: u64,
    pub(super) at: String,
    pub(super) who: String,
    pub(super) host: String,
    pub(super) place: String,
    pub(super) counts: String,
}

impl Verification {
    pub(super) fn of(record: &VerificationRecord) -> Self {
        Self {
            number: record.verification,
            at: readable(record.at),
            who: shown(&record.who).into_owned(),
            host: shown(&record.host).into_owned(),
            place: seen::place(record),
            counts: seen::counts(record),
        }
    }
}
