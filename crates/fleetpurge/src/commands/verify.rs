//! `verify`: which devices that were asked for are still there?

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::Path;

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Ledger, ReportRow, Service};
use fleetpurge_records::{Found, VerifyLine};
use futures_util::{StreamExt, TryStreamExt, stream};
use ubidots_devices::{Client, Credentials, DeviceId, DeviceKey, Filter};

use crate::args::{VerifyArgs, VerifyFormat};
use crate::commands::{plan, usage};
use crate::exit::Exit;
use crate::export_error;
use crate::failure::{Failure, NOTHING_SENT, chain, sentence};
use crate::next;
use crate::output::{self, counted, shown};
use crate::plan_file;
use crate::progress::Progress;
use crate::services::{Error, Tenant, ubidots};

/// How many devices that are still there the text shows.
const SHOWN: usize = 20;
/// How many requests are open at a time; their pace is `--rate`.
const CONCURRENCY: usize = 4;

pub(crate) fn run(args: &VerifyArgs) -> Result<Exit, Failure> {
    execute(args, ubidots::credentials)
}

/// The whole of it, with the credentials asked for once they are needed.
pub(crate) fn execute(
    args: &VerifyArgs,
    credentials: impl FnOnce() -> Result<Credentials, Failure>,
) -> Result<Exit, Failure> {
    let ledger = plan_file::open(&args.plan)?;
    let mut tally = Tally::new(args.format);
    match &args.inventory {
        Some(export) => in_export(&ledger, args, export, &mut tally)?,
        None => live(ledger, args, credentials, &mut tally)?,
    }
    tally.finish(args)
}

/// The devices to look for: what may have been deleted.
fn wanted(row: &ReportRow) -> bool {
    matches!(row.outcome, OutcomeKind::Scheduled | OutcomeKind::Unknown)
}

/// Looks for them in a fresh export.
fn in_export(ledger: &Ledger, args: &VerifyArgs, export: &Path, tally: &mut Tally) -> Result<(), Failure> {
    let service = ledger.plan().settings.service;
    let at_plan = |error| plan_file::failure(&error, &args.plan);
    let mut options = plan::reading(service);
    if let Some(column) = &args.uid_column {
        options = options.uid_column(column);
    }
    if let Some(column) = &args.name_column {
        options = options.name_column(column);
    }
    let mut rows = options.open(export).map_err(|error| export_error::failure(&error))?;
    if service == Service::Ubidots && rows.uid_column().is_none() {
        return Err(wrong_usage(
            "the export has labels and no ids, and a label may be that of a new device; export the ids too",
        ));
    }
    let progress = Progress::rows();
    let mut inventory = HashSet::new();
    for row in rows.by_ref() {
        let row = row.map_err(|error| export_error::failure(&error))?;
        inventory.insert(service.uid_key(&row.uid));
        progress.advance(1);
    }
    progress.finish();
    for row in ledger.report_rows().map_err(at_plan)? {
        let row = row.map_err(at_plan)?;
        if wanted(&row) {
            let found = if inventory.contains(&service.uid_key(&row.uid)) {
                Found::Present
            } else {
                Found::Gone
            };
            tally.add(&row, found)?;
        }
    }
    Ok(())
}

/// Asks the account for each of them.
fn live(
    ledger: Ledger,
    args: &VerifyArgs,
    credentials: impl FnOnce() -> Result<Credentials, Failure>,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let settings = &ledger.plan().settings;
    if settings.service != Service::Ubidots {
        return Err(wrong_usage(
            "Nexthink documents no way to ask for a device; compare the plan with a fresh export: --inventory EXPORT",
        ));
    }
    let tenant = Tenant::of(settings)
        .map_err(|why| Failure::new(Exit::REFUSED, why, NOTHING_SENT, "fleetpurge plan --help".to_owned()))?;
    let failed = |error: &Error| {
        Failure::new(
            Exit::ERROR,
            format!(
                "the devices could not be looked for at {}: {} {}",
                tenant.name,
                sentence(&chain(error)),
                tenant.advice(error.kind())
            ),
            "Nothing was deleted by this command.",
            next::same_command(),
        )
    };
    let client = ubidots::reader(&tenant, credentials()?, args.reading).map_err(|error| failed(&error))?;
    let at_plan = |error| plan_file::failure(&error, &args.plan);
    let rows: Vec<ReportRow> = ledger
        .report_rows()
        .map_err(at_plan)?
        .filter(|row| row.as_ref().map_or(true, wanted))
        .collect::<Result<_, _>>()
        .map_err(at_plan)?;
    // An apply that begins waits for readers, and this may take hours.
    drop(ledger);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // A 404 is "gone" only where the API is: a wrong address answers so, too.
        client
            .devices(Filter::default())
            .next_page()
            .await
            .map_err(|error| failed(&error))?;
        let progress = Progress::devices(rows.len() as u64);
        let mut answers = stream::iter(rows)
            .map(|row| async {
                let found = ask(&client, &row.uid).await.map_err(|error| failed(&error))?;
                Ok::<_, Failure>((row, found))
            })
            .buffered(CONCURRENCY);
        while let Some((row, found)) = answers.try_next().await? {
            tally.add(&row, found)?;
            progress.advance(1);
        }
        progress.finish();
        Ok(())
    })
}

/// By id, never by label: a device that still sends data is created again under its label.
async fn ask(client: &Client, id: &str) -> Result<Found, Error> {
    let key = DeviceKey::Id(DeviceId::new(id)?);
    Ok(match client.device(&key).await? {
        Some(_) => Found::Present,
        None => Found::Gone,
    })
}

/// What was found so far. Lines are written as they come, text at the end.
struct Tally {
    format: VerifyFormat,
    gone: u64,
    unknown_gone: u64,
    present: u64,
    first: Vec<ReportRow>,
}

impl Tally {
    fn new(format: VerifyFormat) -> Self {
        Self {
            format,
            gone: 0,
            unknown_gone: 0,
            present: 0,
            first: Vec::new(),
        }
    }

    fn add(&mut self, row: &ReportRow, found: Found) -> Result<(), Failure> {
        match found {
            Found::Gone => {
                self.gone += 1;
                self.unknown_gone += u64::from(row.outcome == OutcomeKind::Unknown);
            }
            Found::Present => {
                self.present += 1;
                if self.first.len() < SHOWN {
                    self.first.push(row.clone());
                }
            }
        }
        if self.format == VerifyFormat::Ndjson {
            let mut out = output::stdout();
            let line = VerifyLine {
                row: row.row,
                uid: &row.uid,
                name: &row.name,
                outcome: row.outcome,
                found,
            };
            serde_json::to_writer(&mut out, &line).map_err(io::Error::from)?;
            writeln!(out)?;
            out.flush()?;
        }
        Ok(())
    }

    fn finish(self, args: &VerifyArgs) -> Result<Exit, Failure> {
        if self.format == VerifyFormat::Text {
            let mut out = output::text();
            writeln!(out, "{:<11} {:>9}", "looked for", self.gone + self.present)?;
            writeln!(out, "{:<11} {:>9}", "gone", self.gone)?;
            writeln!(out, "{:<11} {:>9}", "still there", self.present)?;
            for row in &self.first {
                writeln!(
                    out,
                    "  row {}: {} {} ({})",
                    row.row,
                    shown(&row.uid),
                    shown(&row.name),
                    row.outcome
                )?;
            }
            let more = self.present.saturating_sub(self.first.len() as u64);
            if more > 0 {
                writeln!(out, "  and {more} more")?;
            }
            out.flush()?;
        }
        if self.gone + self.present == 0 {
            output::note("Nothing was looked for: no device of the plan is scheduled or unknown.");
        }
        if self.unknown_gone > 0 {
            output::note(&format!(
                "{} unknown in the plan and gone now.",
                counted(self.unknown_gone, "device is", "devices are")
            ));
        }
        if self.present == 0 {
            return Ok(Exit::DONE);
        }
        output::note(&format!(
            "{} still there. Deletion takes its time: look again later. Nothing was deleted by this command.",
            counted(self.present, "device is", "devices are")
        ));
        output::next(&match args.inventory {
            Some(_) => next::same_command(),
            None => next::over("verify", &args.plan, &["--live"]),
        });
        Ok(Exit::SOME_BAD)
    }
}

fn wrong_usage(message: &str) -> Failure {
    Failure::new(Exit::USAGE, message, NOTHING_SENT, usage::help_of(Some("verify")))
}
