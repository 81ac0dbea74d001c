//! Makes a backup, from the plan to the last device.

use std::path::Path;

use fleetpurge_ledger::Plan;
use ubidots_devices::Credentials;

use super::failures::{DELETED_NOTHING, not_begun, of_machine};
use super::opening::open;
use super::planned::planned;
use super::saving::Saving;
use crate::args::BackupArgs;
use crate::backup::folder;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, counted};
use crate::plan_file;
use crate::profiles::Profile;
use crate::rehearsal;
use crate::services::{Tenant, check_profile, of_ubidots, ubidots};
use crate::summary::{self, Digests};

pub(crate) fn run(args: &BackupArgs, profile: Option<&Profile>) -> Result<Exit, Failure> {
    execute(args, |tenant| {
        check_profile(tenant, profile)?;
        of_ubidots(tenant, profile)
    })
}

/// The whole of it, with the credentials asked for once the plan allows a backup.
pub(crate) fn execute(
    args: &BackupArgs,
    credentials: impl FnOnce(&Tenant) -> Result<Credentials, Failure>,
) -> Result<Exit, Failure> {
    plan_file::refuse_database(&args.plan, "A backup")?;
    let (plan, devices) = planned(&args.plan)?;
    let tenant = Tenant::of(&plan.settings)
        .map_err(|why| Failure::new(Exit::REFUSED, why, DELETED_NOTHING, "fleetpurge plan --help"))?;
    let client =
        ubidots::reader(&tenant, credentials(&tenant)?, args.reading).map_err(|error| not_begun(&error, &tenant))?;
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

/// Who is read and where it goes, before anything is asked for.
fn introduce(path: &Path, plan: &Plan, dir: &Path, devices: usize) {
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = summary::plan(&mut text, plan, Digests::Whole);
    let made = summary::age(plan.created_at, rehearsal::now());
    output::note(&format!("Plan {}, made {made} ({})", path.display(), plan.created_at));
    output::note(String::from_utf8_lossy(&text).trim_end());
    output::note(&format!(
        "Saving {} to {}. Nothing is deleted.",
        counted(devices as u64, "device", "devices"),
        dir.display()
    ));
}
