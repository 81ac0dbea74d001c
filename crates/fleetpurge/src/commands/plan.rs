//! `plan`: device lists become a frozen plan.

use std::io::Write;
use std::path::Path;

use fleetpurge_export::{Headers, ProtectedEntry, ReadOptions, read_protected};
use fleetpurge_ledger::draft::{Conflicts, Protected, RowAt};
use fleetpurge_ledger::{
    Draft, Error as LedgerError, FreezeError, FreezeOptions, PlanRefused, PlanSettings, PlanSummary, Replace, Service,
    UidValidation, Words,
};

use crate::args::{PlanArgs, Validation};
use crate::commands::{plan_labels, usage};
use crate::exit::Exit;
use crate::export_error;
use crate::failure::{Failure, sentence};
use crate::next;
use crate::output::{self, counted, shown};
use crate::plan_file;
use crate::progress::Progress;
use crate::services::{Address, Tenant, ubidots};
use crate::summary;

/// How many malformed uids are shown.
const SHOWN: usize = 5;

pub(super) const NO_PLAN: &str = "No plan was written, nothing was sent and nothing was deleted.";

pub(crate) fn run(args: &PlanArgs) -> Result<Exit, Failure> {
    let planned = write(args)?;
    show(&args.out, &planned)?;
    Ok(Exit::DONE)
}

/// Shows what the plan came to, on stdout.
pub(crate) fn show(path: &Path, planned: &Planned) -> Result<(), Failure> {
    let mut out = output::stdout();
    print(&mut out, path, planned)?;
    out.flush()?;
    Ok(())
}

/// A plan that was written.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) summary: PlanSummary,
    /// Of each input, the columns that uid and name were taken from.
    columns: Vec<[Option<String>; 2]>,
    /// How many devices of the account the labels were held against, if they had to be.
    listed: Option<u64>,
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
    if args.inputs.iter().filter(|input| is_stdin(input)).count() > 1 {
        return Err(wrong_usage("standard input (-) can only be read once"));
    }
    let replace = if args.force {
        Replace::UnusedPlan
    } else {
        Replace::Nothing
    };
    let mut draft =
        Draft::create(&args.out, settings(args, &tenant), replace).map_err(|error| at_plan(&error, args))?;
    for file in &args.protect {
        protect(&mut draft, file, args)?;
    }
    let progress = Progress::rows();
    let mut columns = Vec::new();
    for input in &args.inputs {
        columns.push(read(&mut draft, input, args, &progress)?);
    }
    progress.finish();
    let listed = plan_labels::resolve(&mut draft, &tenant, &args.out)?;
    let options = FreezeOptions {
        conflicts: if args.skip_conflicts {
            Conflicts::Skip
        } else {
            Conflicts::Refuse
        },
    };
    let summary = draft.freeze(options).map_err(|error| match error {
        FreezeError::Refused(refused) => tell_refused(&refused, args),
        FreezeError::Failed(error) => at_plan(&error, args),
    })?;
    Ok(Planned {
        summary,
        columns,
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

fn protect(draft: &mut Draft, file: &Path, args: &PlanArgs) -> Result<(), Failure> {
    let entries = read_protected(file, headers(args.service.into())).map_err(|error| export_error::failure(&error))?;
    if entries.is_empty() {
        let words = Service::from(args.service).words();
        return Err(Failure::new(
            Exit::ERROR,
            format!(
                "{}: the list of protected devices names none. Put one {} or {} on each line, or leave --protect out",
                file.display(),
                words.uid,
                words.name
            ),
            NO_PLAN,
            next::same_command(),
        ));
    }
    for entry in entries {
        let (ProtectedEntry::Uid(entry) | ProtectedEntry::Name(entry) | ProtectedEntry::Either(entry)) = entry;
        let protected = Protected {
            entry,
            file: file.display().to_string(),
        };
        draft.protect(&protected).map_err(|error| at_plan(&error, args))?;
    }
    Ok(())
}

fn read(draft: &mut Draft, input: &Path, args: &PlanArgs, progress: &Progress) -> Result<[Option<String>; 2], Failure> {
    let mut options = reading(args.service.into());
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
    for row in rows.by_ref() {
        let row = row.map_err(|error| export_error::failure(&error))?;
        let (uid, name) = match args.service.into() {
            Service::Nexthink => (row.uid, row.name),
            Service::Ubidots => ubidots::cells(row.uid, row.name),
        };
        draft.push(row.line, &uid, &name).map_err(at_plan)?;
        progress.advance(1);
    }
    // After the last row without an error there is always a digest.
    let digest = rows.digest().map(|digest| digest.to_string()).unwrap_or_default();
    draft.end_source(&digest).map_err(at_plan)?;
    Ok([rows.uid_column(), rows.name_column()].map(|column| column.map(str::to_owned)))
}

/// How lists of the service's devices are read.
pub(super) fn reading(service: Service) -> ReadOptions {
    ReadOptions::new().headers(headers(service))
}

/// What the columns of the service's lists are called.
fn headers(service: Service) -> Headers {
    match service {
        Service::Nexthink => Headers::Nexthink,
        Service::Ubidots => Headers::Ubidots,
    }
}

fn print(out: &mut impl Write, path: &Path, planned: &Planned) -> std::io::Result<()> {
    let summary = &planned.summary;
    let plan = &summary.plan;
    // To look labels up, the service was asked something.
    let sent = if planned.listed.is_some() { "deleted" } else { "sent" };
    writeln!(out, "Plan {} is written. Nothing was {sent}.\n", path.display())?;
    summary::plan(out, plan)?;
    for (source, [uid, name]) in plan.sources.iter().zip(&planned.columns) {
        let file = shown(&source.name);
        let words = plan.settings.service.words();
        let taken: Vec<String> = [(words.uid, uid), (words.name, name)]
            .into_iter()
            .filter_map(|(word, column)| Some(format!("{word} `{}`", shown(column.as_deref()?))))
            .collect();
        writeln!(out, "{:<11} {file}: {}", "columns", taken.join(", "))?;
    }
    if let Some(listed) = planned.listed {
        let devices = counted(listed, "device", "devices");
        writeln!(out, "{:<11} held against the {devices} of the account", "labels")?;
    }
    writeln!(out)?;
    writeln!(out, "{:<11} {:>9}", "rows", plan.planned)?;
    writeln!(out, "{:<11} {:>9}", "to send", plan.to_send())?;
    writeln!(out, "{:<11} {:>9}", "skipped", plan.skipped)?;
    let Words { uid, name } = plan.settings.service.words();
    let blank = match plan.settings.service {
        Service::Nexthink => "have a blank uid or name",
        Service::Ubidots => "have neither id nor label",
    };
    let reasons = [
        (summary.repeats, "repeat an earlier row".to_owned()),
        (summary.blanks, blank.to_owned()),
        (summary.protected, "are protected".to_owned()),
        (
            summary.conflicting,
            format!("have {} {uid} with more than one {name}", article(uid)),
        ),
        (
            summary.unknown_labels,
            "have a label that no device of the account has".to_owned(),
        ),
        (
            summary.ambiguous,
            "have a label that more than one device has".to_owned(),
        ),
    ];
    for (count, reason) in reasons {
        if count > 0 {
            writeln!(out, "{:<11} {count:>9}  {reason}", "")?;
        }
    }
    if summary.malformed > 0 {
        writeln!(
            out,
            "{:<11} {:>9}  sent as they are; the service will call them invalid",
            "malformed", summary.malformed
        )?;
        let first = &summary.malformed_first[..summary.malformed_first.len().min(SHOWN)];
        for row in first {
            writeln!(out, "  {}", place(row, plan.settings.service))?;
        }
        let more = summary.malformed.saturating_sub(first.len() as u64);
        if more > 0 {
            writeln!(out, "  and {more} more")?;
        }
    }
    writeln!(out)?;
    writeln!(out, "Try one:  {}", next::over("apply", path, &["--limit", "1"]))?;
    writeln!(out, "Next:     {}", next::over("apply", path, &[]))
}

/// A row as a person finds it again.
fn place(row: &RowAt, service: Service) -> String {
    let Words { uid, name } = service.words();
    format!(
        "{} line {}: {uid} `{}`, {name} `{}`",
        shown(&row.source),
        row.line,
        shown(&row.uid),
        shown(&row.name)
    )
}

fn article(word: &str) -> &'static str {
    if word.starts_with('i') { "an" } else { "a" }
}

/// Lists what was found, all of it, and says what to do.
fn tell_refused(refused: &PlanRefused, args: &PlanArgs) -> Failure {
    let service = Service::from(args.service);
    let Words { uid, name } = service.words();
    let mut reasons = Vec::new();
    let mut more: Vec<(&str, Option<&str>)> = Vec::new();
    if refused.conflicts > 0 {
        let mut last = 0;
        let told = refused.each_conflict(|number, row| {
            if number != last {
                output::note(&format!("{uid} `{}` has more than one {name}:", shown(&row.uid)));
                last = number;
            }
            output::note(&format!("  {}", place(&row, service)));
            Ok::<(), LedgerError>(())
        });
        if let Err(error) = told {
            return at_plan(&error, args);
        }
        reasons.push(format!(
            "{} more than one {name}, listed above; correct the list, or leave those devices out with --skip-conflicts",
            counted(refused.conflicts, &format!("{uid} has"), &format!("{uid}s have"))
        ));
        more.push(("--skip-conflicts", None));
    }
    if refused.ambiguous_labels > 0 {
        let mut last = 0;
        let told = refused.each_ambiguous(|number, found| {
            if number != last {
                let ids = found.ids.join(", ");
                output::note(&format!(
                    "label `{}` is that of more than one device, {ids}:",
                    shown(&found.row.name)
                ));
                last = number;
            }
            output::note(&format!("  {}", place(&found.row, service)));
            Ok::<(), LedgerError>(())
        });
        if let Err(error) = told {
            return at_plan(&error, args);
        }
        reasons.push(format!(
            "{} more than one device has, listed above; name those devices by id, or leave them out with \
             --skip-conflicts",
            counted(refused.ambiguous_labels, "label is one that", "labels are ones that")
        ));
        more.push(("--skip-conflicts", None));
    }
    if refused.malformed > 0 {
        let told = refused.each_malformed(|row| {
            output::note(&format!("malformed {uid}: {}", place(&row, service)));
            Ok::<(), LedgerError>(())
        });
        if let Err(error) = told {
            return at_plan(&error, args);
        }
        reasons.push(format!(
            "{} malformed, listed above; {}",
            counted(refused.malformed, &format!("{uid} is"), &format!("{uid}s are")),
            match service {
                Service::Nexthink => "correct the list, or leave --uid-validation strict out",
                Service::Ubidots => "an id is 24 hexadecimal digits, and a label in its place has ~ before it",
            }
        ));
    }
    if refused.is_empty() {
        reasons.push("no row is left to send: the list has no rows, or every one of them is skipped".to_owned());
    }
    let cap = refused.to_send.to_string();
    if refused.is_over_cap() {
        reasons.push(format!(
            "it would send {} devices and --max-devices allows {}; if that many are meant, say so with --max-devices",
            refused.to_send, refused.max_devices
        ));
        more.push(("--max-devices", Some(&cap)));
    }
    let exit = if refused.is_over_cap() {
        Exit::REFUSED
    } else {
        Exit::ERROR
    };
    Failure::new(
        exit,
        format!("the plan is refused: {}", sentence(&reasons.join("; and "))),
        NO_PLAN,
        next::same_command_with(&more),
    )
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
