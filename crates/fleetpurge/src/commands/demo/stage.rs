//! The simulated tenant of a demo, and the commands that are shown on it.

use std::io::Write;
use std::path::{Path, PathBuf};

use fleetpurge_engine::Rate;
use fleetpurge_ledger::PlanSummary;
use fleetpurge_records::MOST_DEVICES;
use fleetpurge_simulator::{Builder, Simulator};
use tokio::runtime::Runtime;

use crate::args::{
    AddressArgs, ApplyArgs, BrakeArgs, Concurrency, CredentialArgs, FormArgs, MAX_AGE, PlanArgs, ProfileArgs,
    QueryArgs, ReadingArgs, ReportArgs, ReportFormat, Service, StatusFormat, USUAL, Validation, VerifyArgs,
    VerifyFormat,
};
use crate::commands::report;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::output;

/// A simulator on this machine need not be spared.
pub(super) const READING: ReadingArgs = ReadingArgs {
    rate: Rate::MOST,
    timeout: 30,
};

/// A simulated tenant, up until it is dropped.
pub(super) struct Stage {
    pub(super) simulator: Simulator,
    pub(super) runtime: Runtime,
}

impl Stage {
    pub(super) fn set(builder: Builder) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| failed(&error))?;
        let simulator = runtime.block_on(builder.start()).map_err(|error| failed(&error))?;
        Ok(Self { simulator, runtime })
    }

    pub(super) fn url(&self) -> &str {
        self.simulator.url()
    }
}

/// The outcome of every device, as text and as a file.
pub(super) fn tell_report(plan: &Path, folder: &Path) -> Result<(), Failure> {
    typed(&["report", &path(plan)])?;
    for (format, out) in [
        (ReportFormat::Text, None),
        (ReportFormat::Csv, Some(folder.join("report.csv"))),
    ] {
        let plan = plan.to_owned();
        report::run(&ReportArgs {
            plan,
            format,
            only: Vec::new(),
            raw: false,
            out,
            force: false,
        })?;
    }
    Ok(())
}

/// Compares a plan with an inventory, in one look.
pub(super) fn verify_args(plan: &Path) -> VerifyArgs {
    VerifyArgs {
        plan: plan.to_owned(),
        live: false,
        inventory: None,
        query: QueryArgs::default(),
        credentials: CredentialArgs::default(),
        token_url: None,
        uid_column: None,
        name_column: None,
        comment_char: None,
        form: FormArgs::default(),
        allow_no_overlap: false,
        wait: None,
        every: None,
        format: VerifyFormat::Text,
        reading: READING,
        profile: ProfileArgs::default(),
    }
}

/// The last words.
pub(super) fn close(stage: Stage, folder: &Path) -> Result<(), Failure> {
    let requests = stage.simulator.counts().deletion_requests;
    drop(stage);
    say(&format!(
        "\nThe simulated service received {requests} requests for deletion. The files are in {}\nNext: {}",
        folder.display(),
        next::command(&["plan", "--help"])
    ))
}

pub(super) fn plan_args(service: Service, inputs: Vec<PathBuf>, plan: &Path, url: &str) -> PlanArgs {
    PlanArgs {
        query: QueryArgs::default(),
        brake: BrakeArgs::default(),
        credentials: CredentialArgs::default(),
        inputs,
        out: plan.to_owned(),
        force: false,
        service,
        address: AddressArgs {
            base_url: Some(url.to_owned()),
            ..AddressArgs::default()
        },
        profile: ProfileArgs::default(),
        uid_column: None,
        name_column: None,
        comment_char: None,
        form: FormArgs::default(),
        protect: Vec::new(),
        protect_sheet: None,
        protect_encoding: None,
        allow_unmatched_protect: false,
        include_name: Vec::new(),
        exclude_name: Vec::new(),
        allow_unmatched_name: false,
        max_devices: MOST_DEVICES,
        uid_validation: Validation::Warn,
        skip_conflicts: false,
        list_all: false,
        format: StatusFormat::Text,
    }
}

pub(super) fn apply_args(plan: &Path, confirmation: String) -> ApplyArgs {
    ApplyArgs {
        plan: plan.to_owned(),
        confirm: Some(confirmation),
        dry_run: false,
        max_age: MAX_AGE,
        stale_ok: false,
        limit: None,
        retry: Vec::new(),
        resend_unknown: false,
        require_backup: false,
        accept_missing: None,
        concurrency: Concurrency::Of(USUAL),
        rate: None,
        timeout: 30,
        lease: 30,
        max_wait: 600,
        credentials: CredentialArgs::default(),
        token_url: None,
        profile: ProfileArgs::default(),
    }
}

pub(super) fn confirmation(summary: &PlanSummary) -> String {
    format!("{}/{}", summary.plan.settings.tenant, summary.plan.to_send())
}

/// A line of the story. It is the demo's result, so it goes to stdout.
pub(super) fn say(text: &str) -> Result<(), Failure> {
    let mut out = output::stdout();
    writeln!(out, "{text}")?;
    out.flush()?;
    Ok(())
}

pub(super) fn typed(arguments: &[&str]) -> Result<(), Failure> {
    say(&format!("$ {}\n", next::command(arguments)))
}

pub(super) fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

pub(super) fn failed(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::before_sending(
        Exit::ERROR,
        format!("the demo could not be set up: {}", crate::failure::chain(error)),
        next::command(&["demo", "--dir", "fleetpurge-demo"]),
    )
}
