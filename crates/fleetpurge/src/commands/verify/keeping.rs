//! Keeps what was found in the plan. That it could not be kept is told, and changes no result.

use std::path::{Path, PathBuf};

use fleetpurge_ledger::{Error, ErrorKind, Findings, Ledger, PlanAddress, SightingKind, VerificationSource};

use crate::failure::{chain, sentence};
use crate::holder::holder;
use crate::output;

/// What is gathered, to be kept in the plan at the end.
pub(super) struct Keeping {
    plan: PathBuf,
    findings: Result<Findings, Error>,
}

/// What became of it.
#[derive(Debug)]
pub(super) enum Kept {
    /// It is in the plan under this number.
    As(u64),
    /// It is not, for this reason.
    Not(String),
    /// Nothing was found.
    Nothing,
}

impl Keeping {
    pub(super) fn of(ledger: &Ledger, plan: &Path) -> Self {
        Self {
            plan: plan.to_owned(),
            findings: ledger.findings(),
        }
    }

    pub(super) fn add(&mut self, row: u64, found: SightingKind, detail: Option<&str>) {
        if let Ok(findings) = &mut self.findings
            && let Err(error) = findings.add(row, found, detail)
        {
            self.findings = Err(error);
        }
    }

    /// Writes it into the plan. Nobody may read the plan meanwhile: the ledger that it began with is dropped.
    pub(super) fn keep(self, source: VerificationSource) -> Kept {
        let findings = match self.findings {
            Ok(findings) if findings.is_empty() => return Kept::Nothing,
            findings => findings,
        };
        match findings.and_then(|findings| findings.keep(PlanAddress::typed(&self.plan)?, holder(), source)) {
            Ok(record) => {
                tracing::info!(verification = record.verification, "the result is kept in the plan");
                Kept::As(record.verification)
            }
            Err(error) => Kept::Not(why(&error)),
        }
    }
}

fn why(error: &Error) -> String {
    let mut text = chain(error);
    if let (ErrorKind::Held, Some(by)) = (error.kind(), error.holder()) {
        // The message names who holds the plan, and not why that matters.
        text = format!(
            "the plan is being applied by {} on {}, process {}, since {}",
            by.holder.who, by.holder.host, by.holder.pid, by.since
        );
    }
    text
}

impl Kept {
    /// Tells that it is not kept.
    pub(super) fn tell(&self) {
        if let Self::Not(why) = self {
            output::note(&format!(
                "This verification is not kept in the plan, and reports will not show it: {}",
                sentence(why)
            ));
        }
    }
}
