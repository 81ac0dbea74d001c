//! The devices that a backup saves.

use std::path::Path;

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Plan, Service};
use ubidots_devices::DeviceId;

use super::failures::of_machine;
use crate::announce;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::plan_file;

/// A device of the plan.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) id: DeviceId,
    /// The service was asked to delete it: that it is gone is no surprise.
    pub(super) is_scheduled: bool,
}

/// The plan, and every device that it may send or has sent. A run that begins waits for readers: the plan is not kept
/// open.
pub(super) fn planned(path: &Path) -> Result<(Plan, Vec<Planned>), Failure> {
    announce::plan(path);
    let ledger = plan_file::open(path)?;
    let plan = ledger.plan().clone();
    if plan.settings.service != Service::Ubidots {
        return Err(Failure::before_sending(
            Exit::USAGE,
            format!(
                "{} is a plan of {}, which documents no endpoint that reads devices; only devices of Ubidots can be \
                 saved",
                path.display(),
                plan.settings.service
            ),
            next::over("report", path, &[]),
        ));
    }
    let at_plan = |error| plan_file::failure(&error, path);
    let mut devices = Vec::new();
    for row in ledger.report_rows().map_err(at_plan)? {
        let row = row.map_err(at_plan)?;
        if row.outcome == OutcomeKind::Skipped {
            continue;
        }
        let id = DeviceId::new(row.uid).map_err(|error| of_machine(&format!("row {}: {error}", row.row)))?;
        devices.push(Planned {
            id,
            is_scheduled: row.outcome == OutcomeKind::Scheduled,
        });
    }
    Ok((plan, devices))
}
