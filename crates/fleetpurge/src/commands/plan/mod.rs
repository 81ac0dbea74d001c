//! `plan`: device lists become a frozen plan.

mod labels;
mod list;
mod protect;
mod refused;
mod show;
mod undecided;

use std::path::Path;

use fleetpurge_export::{Entry, Headers, ReadOptions, Rows, Warning};
use fleetpurge_ledger::{Conflicts, Listed, Unmarked, UnmatchedProtect};
use fleetpurge_ledger::{
    Draft, Error as LedgerError, FreezeError, FreezeOptions, PlanSettings, PlanSummary, Replace, Service, UidValidation,
};

use crate::args::{PlanArgs, Validation};
use crate::commands::usage;
use crate::exit::Exit;
use crate::export_error;
use crate::failure::Failure;
use crate::output::{self, shown};
use crate::plan_file;
use crate::progress::Progress;
use crate::services::{Address, Tenant, ubidots};

pub(crate) use show::show;

pub(crate) const NO_PLAN: &str = "No plan was written. This command deletes nothing.";

pub(crate) fn run(args: &PlanArgs) -> Result<Exit, Failure> {
    let planned = write(args)?;
    show(&args.out, &planned)?;
    protect::warn(&planned.summary.protection);
    Ok(Exit::DONE)
}

/// A plan that was written.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) summary: PlanSummary,
    /// Of each input, how it was read.
    inputs: Vec<ReadInput>,
    /// How many warnings about the lists of protected devices were written to stderr.
    protect_warnings: usize,
    /// How many devices of the account the labels were held against, if they had to be.
    listed: Option<u64>,
}

/// How an input was read.
#[derive(Debug)]
pub(crate) struct ReadInput {
    /// The columns that uid and name were taken from.
    columns: [Option<String>; 2],
    /// Comments that have not the fields of a row. The others are rows that are skipped.
    comments: u64,
    /// How many warnings were written to stderr.
    warnings: usize,
}

/// Reads the lists and writes the plan.
pub(crate) fn write(args: &PlanArgs) -> Result<Planned, Failure> {
    let address = Address {
        instance: args.instance.as_deref(),
        region: args.region.as_deref(),
        base_url: args.base_url.as_deref(),
        token_url: args.token_url.as_deref(),
    };
    let tenant = Tenant::new(args.service.into(), address).map_err(|message| wrong_usage(&message))?;
    if args
        .inputs
        .iter()
        .chain(&args.protect)
        .filter(|input| is_stdin(input))
        .count()
        > 1
    {
        return Err(wrong_usage("standard input (-) can only be read once"));
    }
    let replace = if args.force {
        Replace::UnusedPlan
    } else {
        Replace::Nothing
    };
    let mut draft =
        Draft::create(&args.out, settings(args, &tenant), replace).map_err(|error| at_plan(&error, args))?;
    let mut protect_warnings = 0;
    for file in protect::files(args) {
        protect_warnings += protect::read(&mut draft, file, args)?;
    }
    let progress = Progress::rows();
    let mut inputs = Vec::new();
    for input in &args.inputs {
        inputs.push(read(&mut draft, input, args, &progress)?);
    }
    progress.finish();
    let listed = labels::resolve(&mut draft, &tenant, &args.out)?;
    let options = FreezeOptions {
        conflicts: if args.skip_conflicts {
            Conflicts::Skip
        } else {
            Conflicts::Refuse
        },
        unmatched_protect: if args.allow_unmatched_protect {
            UnmatchedProtect::Allow
        } else {
            UnmatchedProtect::Refuse
        },
        unmatched_listed: if args.list_all { Listed::All } else { Listed::First },
    };
    let summary = draft.freeze(options).map_err(|error| match error {
        FreezeError::Refused(refused) => refused::tell(&refused, args),
        FreezeError::Failed(error) => at_plan(&error, args),
    })?;
    Ok(Planned {
        summary,
        inputs,
        protect_warnings,
        listed,
    })
}

fn settings(args: &PlanArgs, tenant: &Tenant) -> PlanSettings {
    PlanSettings {
        service: tenant.service,
        tenant: tenant.name.clone(),
        instance: tenant.instance.clone(),
        region: tenant.region.clone(),
        base_url: tenant.base_url.clone(),
        token_url: tenant.token_url.clone(),
        uid_validation: match args.uid_validation {
            Validation::Strict => UidValidation::Strict,
            Validation::Warn => UidValidation::Warn,
            Validation::Permissive => UidValidation::Permissive,
        },
        max_devices: args.max_devices,
        tool: concat!("fleetpurge ", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}

fn read(draft: &mut Draft, input: &Path, args: &PlanArgs, progress: &Progress) -> Result<ReadInput, Failure> {
    let mut options = reading(args.service.into()).comment(args.comment_char.unwrap_or_default());
    if let Some(column) = &args.uid_column {
        options = options.uid_column(column);
    }
    if let Some(column) = &args.name_column {
        options = options.name_column(column);
    }
    let mut rows = options.open(input).map_err(|error| export_error::failure(&error))?;
    let at_plan = |error: LedgerError| at_plan(&error, args);
    let name = if is_stdin(input) {
        "-".to_owned()
    } else {
        input.display().to_string()
    };
    draft.begin_source(&name).map_err(at_plan)?;
    let mut commented_out = 0;
    while let Some(entry) = rows.next_entry() {
        match entry.map_err(|error| export_error::failure(&error))? {
            Entry::Device(row) => {
                let (uid, name) = match args.service.into() {
                    Service::Nexthink => (row.uid, row.name),
                    Service::Ubidots => ubidots::cells(row.uid, row.name),
                };
                draft.push(row.line, &uid, &name).map_err(at_plan)?;
            }
            Entry::CommentedOut { row, device } => {
                commented_out += 1;
                let (uid, name) = match args.service.into() {
                    Service::Nexthink => (device.uid, device.name),
                    Service::Ubidots => ubidots::cells(device.uid.trim().to_owned(), device.name),
                };
                let device = Unmarked { uid: &uid, name: &name };
                draft
                    .push_commented_out(row.line, &row.uid, &row.name, device)
                    .map_err(at_plan)?;
            }
        }
        progress.advance(1);
    }
    // After the last row without an error there is always a digest.
    let digest = rows.digest().map(|digest| digest.to_string()).unwrap_or_default();
    draft.end_source(&digest).map_err(at_plan)?;
    warn(&rows);
    Ok(ReadInput {
        columns: [rows.uid_column(), rows.name_column()].map(|column| column.map(str::to_owned)),
        comments: rows.comments().saturating_sub(commented_out),
        warnings: rows.warnings().len(),
    })
}

/// Tells what a person should look at in a list that was read to its end.
pub(crate) fn warn(rows: &Rows) {
    tell(rows.warnings());
}

fn tell(warnings: &[Warning]) {
    for warning in warnings {
        output::note(&format!("warning: {}", shown(&warning.to_string())));
    }
}

/// How lists of the service's devices are read.
pub(crate) fn reading(service: Service) -> ReadOptions {
    ReadOptions::new().headers(headers(service))
}

/// What the columns of the service's lists are called.
fn headers(service: Service) -> Headers {
    match service {
        Service::Nexthink => Headers::Nexthink,
        Service::Ubidots => Headers::Ubidots,
    }
}

fn at_plan(error: &LedgerError, args: &PlanArgs) -> Failure {
    plan_file::after(error, &args.out, NO_PLAN)
}

fn wrong_usage(message: &str) -> Failure {
    Failure::new(Exit::USAGE, message, NO_PLAN, usage::help_of(Some("plan")))
}

fn is_stdin(input: &Path) -> bool {
    input == Path::new("-")
}
