//! Other plans of the folder that may send the same devices.

use std::path::{Path, PathBuf};

use fleetpurge_ledger::{Error as LedgerError, ErrorKind, Ledger, PlanAddress, PlanSettings};

use crate::announce;
use crate::failure::chain;
use crate::output::{self, counted};
use crate::plan_file;

/// A plan that is not finished and shares devices with the new one.
#[derive(Debug)]
pub(super) struct Other {
    pub(super) path: PathBuf,
    /// How many devices both may send.
    pub(super) devices: u64,
}

/// The plans beside this one that are not finished and share devices with it. What cannot be read is told and passed
/// over: the plan is written.
pub(super) fn look(path: &Path, tenant: &PlanSettings) -> Vec<Other> {
    let mut others = Vec::new();
    // Read again only if there is anything to compare it with.
    let mut new = None;
    for other in beside(path, tenant) {
        match shared(&mut new, path, tenant, &other) {
            Ok(0) => {}
            Ok(devices) => others.push(Other { path: other, devices }),
            Err(error) if matches!(error.kind(), ErrorKind::NotALedger | ErrorKind::NotFound) => {}
            Err(error) => output::note(&format!(
                "warning: {} could not be compared with this plan: {}.",
                other.display(),
                chain(&error)
            )),
        }
    }
    others
}

/// The plans of the same folder, or of the same database and tenant.
fn beside(path: &Path, tenant: &PlanSettings) -> Vec<PathBuf> {
    let Ok(PlanAddress::Database(url)) = PlanAddress::typed(path) else {
        return plan_file::beside(path).unwrap_or_default();
    };
    match Ledger::plans_of(&url, tenant) {
        Ok(plans) => plans
            .into_iter()
            .filter(|other| other.plan() != url.plan())
            .map(|other| PathBuf::from(other.to_string()))
            .collect(),
        Err(error) => {
            output::note(&format!(
                "warning: the other plans of the database could not be compared with this one: {}.",
                chain(&error)
            ));
            Vec::new()
        }
    }
}

fn shared(new: &mut Option<Ledger>, path: &Path, ours: &PlanSettings, other: &Path) -> Result<u64, LedgerError> {
    announce::plan(other);
    let other = PlanAddress::typed(other).and_then(Ledger::open)?;
    let theirs = &other.plan().settings;
    let is_same_tenant = ours.service == theirs.service && ours.base_url == theirs.base_url;
    let counts = other.counts()?;
    if !is_same_tenant || (counts.pending == 0 && other.in_flight() == 0) {
        return Ok(0);
    }
    let opened = match new.take() {
        Some(opened) => opened,
        None => PlanAddress::typed(path).and_then(Ledger::open)?,
    };
    new.insert(opened).shared_with(&other)
}

/// Warns of each on stderr.
pub(super) fn warn(others: &[Other]) {
    for other in others {
        output::note(&format!(
            "warning: {} also in {}, a plan that is not finished. Apply only one of the two, or protect these devices in \
             one of them.",
            counted(other.devices, "device of this plan is", "devices of this plan are"),
            other.path.display()
        ));
    }
}
