//! `backup`: saves the devices of a plan, with all that they have recorded, before they are deleted.

mod ending;
mod opening;
mod saving;
mod tally;

use std::io;
use std::path::Path;

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Plan, Service};
use jiff::Timestamp;
use ubidots_devices::{Credentials, DeviceId};

use crate::args::BackupArgs;
use crate::backup::folder;
use crate::exit::Exit;
use crate::failure::{Failure, chain, sentence};
use crate::next;
use crate::output::{self, counted};
use crate::plan_file;
use crate::services::{Error, Tenant, ubidots};
use crate::summary;

use opening::open;
use saving::Saving;

const DELETED_NOTHING: &str = "A backup deletes nothing.";

/// A device of the plan.
#[derive(Clone, Debug)]
struct Planned {
    id: DeviceId,
    /// The service was asked to delete it: that it is gone is no surprise.
    is_scheduled: bool,
}

pub(crate) fn run(args: &BackupArgs) -> Result<Exit, Failure> {
    execute(args, ubidots::credentials)
}

/// The whole of it, with the credentials asked for once the plan allows a backup.
pub(crate) fn execute(
    args: &BackupArgs,
    credentials: impl FnOnce() -> Result<Credentials, Failure>,
) -> Result<Exit, Failure> {
    let (plan, devices) = planned(&args.plan)?;
    let tenant = Tenant::of(&plan.settings)
        .map_err(|why| Failure::new(Exit::REFUSED, why, DELETED_NOTHING, "fleetpurge plan --help"))?;
    let client = ubidots::reader(&tenant, credentials()?, args.reading).map_err(|error| not_begun(&error, &tenant))?;
    let dir = args.out.clone().unwrap_or_else(|| folder::default_for(&args.plan));
    let (folder, manifest) = open(&dir, &plan)?;
    introduce(&args.plan, &plan, &dir, devices.len());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| of_machine(&error.to_string()))?;
    let backup = Saving {
        args,
        tenant: &tenant,
        client,
        folder,
        devices,
    };
    runtime.block_on(backup.run(manifest))
}

/// The plan, and every device that it may send or has sent. A run that begins waits for readers: the plan is not kept
/// open.
fn planned(path: &Path) -> Result<(Plan, Vec<Planned>), Failure> {
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

/// Who is read and where it goes, before anything is asked for.
fn introduce(path: &Path, plan: &Plan, dir: &Path, devices: usize) {
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = summary::plan(&mut text, plan);
    let made = summary::age(plan.created_at, Timestamp::now());
    output::note(&format!("Plan {}, made {made} ({})", path.display(), plan.created_at));
    output::note(String::from_utf8_lossy(&text).trim_end());
    output::note(&format!(
        "Saving {} to {}. Nothing is deleted.",
        counted(devices as u64, "device", "devices"),
        dir.display()
    ));
}

/// The client could not be set up, or could not log in.
fn not_begun(error: &Error, tenant: &Tenant) -> Failure {
    Failure::new(
        Exit::ERROR,
        format!(
            "no token from {}: {} {}",
            tenant.base_url,
            sentence(&chain(error)),
            tenant.advice(error.kind())
        ),
        DELETED_NOTHING,
        next::same_command(),
    )
}

fn of_machine(why: &str) -> Failure {
    Failure::new(Exit::ERROR, why, DELETED_NOTHING, next::same_command())
}

fn unwritable(dir: &Path, error: &io::Error) -> Failure {
    of_machine(&format!("{} cannot be written: {error}", dir.display()))
}
