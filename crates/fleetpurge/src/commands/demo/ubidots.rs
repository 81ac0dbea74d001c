//! The demo's Ubidots: the devices of an account that nobody uses any more.

use std::path::Path;

use fleetpurge_simulator::Simulator;
use secrecy::SecretString;

use super::stage::{
    READING, Stage, apply_args, close, confirmation, failed, path, plan_args, say, tell_report, typed, verify_args,
};
use crate::args::{
    AddressArgs, ApplyArgs, BackupArgs, BrakeArgs, CredentialArgs, ProfileArgs, QueryArgs, SelectArgs, Service,
    StatusFormat, USUAL, VerifyArgs,
};
use crate::commands::{apply, backup, made_up, plan, select, verify};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::services::Credentials;
use crate::summary::Digests;

const DEVICES: u32 = 1_000;
/// What was last heard of before this is not in use.
const SINCE: &str = "2026-06-01";

pub(super) fn run(folder: &Path) -> Result<Exit, Failure> {
    let stage = Stage::set(Simulator::builder().ubidots_devices(made_up::account(DEVICES)))?;
    say(&format!(
        "1. An account of {DEVICES} devices. Those that have sent nothing since {SINCE}, or never, are to go: they are \
         listed.\n"
    ))?;
    let list = folder.join("old.csv");
    typed(&[
        "select",
        "--service",
        "ubidots",
        "--base-url",
        stage.url(),
        "--inactive-since",
        SINCE,
        "--never-active",
        "--out",
        &path(&list),
    ])?;
    select::execute(&select_args(&list, stage.url())?, |_| Ok(api_key()))?;

    let file = folder.join("demo.plan");
    say("\n2. The list becomes a plan, to be reviewed. Nothing is sent yet.\n")?;
    typed(&[
        "plan",
        &path(&list),
        "--service",
        "ubidots",
        "--base-url",
        stage.url(),
        "--out",
        &path(&file),
    ])?;
    let plan_args = plan_args(Service::Ubidots, vec![list.clone()], &file, stage.url());
    let planned = plan::write(&plan_args, None, |_| Err(unasked()))?;
    plan::show(&file, &planned, StatusFormat::Text)?;

    say("\n3. Its devices are saved, with all that they have recorded: a deletion cannot be undone.\n")?;
    typed(&["backup", &path(&file)])?;
    let backup_args = BackupArgs {
        plan: file.clone(),
        out: None,
        concurrency: USUAL,
        reading: READING,
        profile: ProfileArgs::default(),
    };
    backup::execute(&backup_args, |_| Ok(api_key()))?;

    let confirmation = confirmation(&planned.summary);
    say("\n4. The plan is applied, to the simulated account within this process.\n")?;
    typed(&["apply", &path(&file), "--require-backup", "--confirm", &confirmation])?;
    let apply_args = ApplyArgs {
        require_backup: true,
        ..apply_args(&file, confirmation)
    };
    let exit = apply::execute(&apply_args, None, Digests::Short, |_| {
        Ok(Credentials::Ubidots(api_key()))
    })?;
    say(&format!("\n   `apply` exits {}.", exit.code()))?;

    say("\n5. A task id says that the service will delete them. Whether they are gone shows in the account.\n")?;
    typed(&["verify", &path(&file), "--live"])?;
    let left = u64::from(DEVICES) - planned.summary.plan.to_send();
    stage.runtime.block_on(
        stage
            .simulator
            .wait_until_ubidots_left(usize::try_from(left).unwrap_or(usize::MAX)),
    );
    let verified = verify::execute(
        &VerifyArgs {
            live: true,
            ..verify_args(&file)
        },
        |_| Ok(Credentials::Ubidots(api_key())),
    )?;
    say(&format!(
        "\n   `verify` exits {}; {left} devices are left in the account.",
        verified.code()
    ))?;

    say("\n6. The outcome of every device.\n")?;
    tell_report(&file, folder)?;
    close(stage, folder)?;
    Ok(if exit == Exit::DONE { verified } else { exit })
}

/// No query is run of a Ubidots account.
fn unasked() -> Failure {
    failed(&std::io::Error::other(
        "credentials of the other service were asked for",
    ))
}

fn api_key() -> ubidots_devices::Credentials {
    ubidots_devices::Credentials::api_key(SecretString::from("demo"))
}

fn select_args(list: &Path, url: &str) -> Result<SelectArgs, Failure> {
    let since = format!("{SINCE}T00:00:00Z")
        .parse()
        .map_err(|error| super::stage::failed(&error as &jiff::Error))?;
    Ok(SelectArgs {
        service: Some(Service::Ubidots),
        address: AddressArgs {
            base_url: Some(url.to_owned()),
            ..AddressArgs::default()
        },
        query: QueryArgs::default(),
        brake: BrakeArgs::default(),
        credentials: CredentialArgs::default(),
        inactive_since: Some(since),
        never_active: true,
        label_prefix: None,
        tag: Vec::new(),
        all: false,
        out: Some(list.to_owned()),
        force: false,
        reading: READING,
        profile: ProfileArgs::default(),
    })
}
