//! What was found.

use fleetpurge_records::{CheckName, CheckVerdict, DoctorCheck};

use crate::failure::Failure;

/// What came of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) verdict: CheckVerdict,
    pub(super) found: String,
    pub(super) advice: Option<String>,
    /// A command that helps.
    pub(super) next: Option<String>,
}

impl Finding {
    pub(super) fn ok(found: impl Into<String>) -> Self {
        Self::of(CheckVerdict::Ok, found, None)
    }

    pub(super) fn warning(found: impl Into<String>, advice: &str) -> Self {
        Self::of(CheckVerdict::Warning, found, Some(advice))
    }

    pub(super) fn wrong(found: impl Into<String>, advice: &str) -> Self {
        Self::of(CheckVerdict::Wrong, found, Some(advice))
    }

    pub(super) fn not_checked(why: impl Into<String>) -> Self {
        Self::of(CheckVerdict::NotChecked, why, None)
    }

    /// Why another command would end, with what it suggests.
    pub(super) fn failure(failure: &Failure) -> Self {
        let mut finding = Self::wrong(failure.happened(), &format!("Next: {}", failure.next()));
        finding.next = Some(failure.next().to_owned());
        finding
    }

    fn of(verdict: CheckVerdict, found: impl Into<String>, advice: Option<&str>) -> Self {
        Self {
            verdict,
            found: found.into(),
            advice: advice.map(str::to_owned),
            next: None,
        }
    }
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Checks {
    pub(super) list: Vec<DoctorCheck>,
    /// The first command that helps with something wrong.
    pub(super) next: Option<String>,
}

impl Checks {
    pub(super) fn add(&mut self, check: CheckName, host: Option<&str>, finding: Finding) {
        if finding.verdict == CheckVerdict::Wrong && self.next.is_none() {
            self.next = finding.next;
        }
        tracing::info!(
            check = %check.as_str(),
            host,
            verdict = ?finding.verdict,
            "checked"
        );
        self.list.push(DoctorCheck {
            check,
            host: host.map(str::to_owned),
            verdict: finding.verdict,
            found: finding.found,
            advice: finding.advice,
        });
    }

    pub(super) fn count(&self, verdict: CheckVerdict) -> u64 {
        self.list.iter().filter(|check| check.verdict == verdict).count() as u64
    }
}
