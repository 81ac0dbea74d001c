//! Looks for the devices in a fresh export.

use std::fs;
use std::path::Path;

use fleetpurge_export::{Entry, Row};
use fleetpurge_ledger::{Ledger, Service, Sighting, Words};
use fleetpurge_ledger::{Origin, Overlap, Survey, VerificationKind, VerificationSource};
use fleetpurge_records::Found;
use jiff::Timestamp;

use super::failures::{NOTHING_DELETED, help, wrong_usage};
use super::fresh::Export;
use super::refused;
use super::round::Round;
use super::tally::{Evidence, Lines};
use crate::args::VerifyArgs;
use crate::exit::Exit;
use crate::export_error;
use crate::failure::Failure;
use crate::lists;
use crate::next;
use crate::output::{self, counted, shown};
use crate::plan_file;
use crate::progress::Progress;
use crate::services::ubidots;

pub(super) fn look(ledger: Ledger, args: &VerifyArgs, path: &Path) -> Result<Exit, Failure> {
    let service = ledger.plan().settings.service;
    let at_plan = |error| plan_file::failure(&error, &args.plan);
    let unread = |error| {
        let failure = export_error::failure(&error);
        failure.leaving(NOTHING_DELETED).suggesting(help())
    };
    let mut options = lists::reading(service, &args.form).comment(args.comment_char.unwrap_or_default());
    if let Some(column) = &args.uid_column {
        options = options.uid_column(column);
    }
    if let Some(column) = &args.name_column {
        options = options.name_column(column);
    }
    let mut rows = options.open(path).map_err(unread)?;
    let mut export = Export {
        name: path.display().to_string(),
        columns: [rows.uid_column(), rows.name_column()].map(|column| column.map(str::to_owned)),
        service,
        counted: rows.counted(),
    };
    if export.columns[0].is_none() {
        return Err(wrong_usage(
            "the export has labels and no ids, and a label may be that of a new device; export the ids too",
        ));
    }
    let written_at = written_at(path);
    let progress = Progress::rows();
    let mut inventory = ledger.inventory().map_err(at_plan)?;
    let cells = |row: Row| match service {
        Service::Nexthink => (row.uid, row.name),
        // The column may hold any form of a device key.
        Service::Ubidots => ubidots::cells(row.uid.trim().to_owned(), row.name),
    };
    while let Some(entry) = rows.next_entry() {
        match entry.map_err(unread)? {
            Entry::Device(row) => {
                let line = row.line;
                let (uid, name) = cells(row);
                inventory.row(line, &uid, &name).map_err(at_plan)?;
            }
            Entry::CommentedOut { device, .. } => {
                let line = device.line;
                let (uid, name) = cells(device);
                inventory.commented_out(line, &uid, &name);
            }
        }
        progress.advance(1);
    }
    progress.finish();
    export.counted = rows.counted();
    lists::warn(&rows);
    let origin = Origin {
        sha256: rows.digest().map(|digest| digest.to_string()),
        written_at,
    };
    let sha256 = origin.sha256.clone();
    let comparison = inventory.finish(origin).map_err(at_plan)?;
    let survey = comparison.survey();
    let overlap = if args.allow_no_overlap {
        Overlap::NotRequired
    } else {
        Overlap::Required
    };
    let comments = rows.comments().saturating_sub(survey.commented_out.count);
    if comments > 0 {
        let comments = counted(comments, "comment was", "comments were");
        output::note(&format!("{}: {comments} passed over.", shown(&export.name)));
    }
    let doubts = survey.doubts(overlap);
    if !doubts.is_empty() {
        return Err(refused::tell(&export, &comparison, &doubts, args));
    }
    let evidence = evidence(&export, survey);
    caution(&export, survey);
    let mut round = Round::begin(&ledger, &args.plan, args.format, Lines::Written);
    for sighting in comparison.sightings().map_err(at_plan)? {
        let (row, sighting) = sighting.map_err(at_plan)?;
        let (found, detail) = verdict(&sighting, &export);
        round.add(row.into(), found, detail)?;
    }
    let source = VerificationSource {
        kind: VerificationKind::Inventory,
        source: if path == Path::new("-") {
            "standard input".to_owned()
        } else {
            export.name.clone()
        },
        sha256,
        listed: Some(survey.rows),
    };
    // The plan is written to: nobody may read it meanwhile.
    drop(comparison);
    drop(ledger);
    let (tally, kept) = round.keep(source);
    let exit = tally.tell(&evidence, &kept)?;
    if exit != Exit::DONE {
        output::next(&match service {
            // The account itself can be asked.
            Service::Ubidots => next::over("verify", &args.plan, &["--live"]),
            Service::Nexthink => next::over("report", &args.plan, &[]),
        });
    }
    Ok(exit)
}

pub(super) fn verdict(sighting: &Sighting, export: &Export) -> (Found, Option<String>) {
    let Words { uid, name } = export.service.words();
    match sighting {
        Sighting::Present => (Found::Present, None),
        Sighting::Gone => (Found::Gone, None),
        Sighting::AnotherUid(other) => (
            Found::AnotherUid,
            Some(format!(
                "same {name}, another {uid}: {} of the inventory has {}",
                export.place(other.line),
                other.uid
            )),
        ),
        _ => (
            Found::NotKnown,
            Some(format!("its {uid} is malformed, so that no inventory could show it")),
        ),
    }
}

/// What the verdicts rest on.
pub(super) fn evidence(export: &Export, survey: &Survey) -> Evidence {
    let Export {
        name, columns, service, ..
    } = export;
    let Words { uid, name: name_word } = service.words();
    let columns: Vec<String> = [(uid, &columns[0]), (name_word, &columns[1])]
        .into_iter()
        .filter_map(|(word, column)| Some(format!("{word} `{}`", shown(column.as_deref()?))))
        .collect();
    let columns = columns.join(", ");
    Evidence {
        lines: vec![
            format!("{:<11} {}", "inventory", shown(name)),
            format!("{:<11} {columns}", "columns"),
            format!("{:<11} {:>9}", "rows read", survey.rows),
            format!("{:<11} {:>9}", "devices", survey.devices),
            format!(
                "{:<11} {:>9}  rows that were skipped or are pending count too",
                "in the plan", survey.in_plan
            ),
        ],
        sentence: format!(
            "Read {} from {} ({columns}); {} of its {} in the plan.",
            counted(survey.rows, "row", "rows"),
            shown(name),
            survey.in_plan,
            counted(survey.devices, "device is", "devices are"),
        ),
    }
}

/// What is odd about an inventory that is relied on.
pub(super) fn caution(export: &Export, survey: &Survey) {
    let file = shown(&export.name);
    let uid = export.service.words().uid;
    if survey.repeats() > 0 {
        output::note(&format!(
            "{file}: {} the {uid} of another row; each device counts once.",
            counted(survey.repeats(), "row repeats", "rows repeat")
        ));
    }
    if survey.is_only_input {
        output::note(&format!(
            "{file} is byte for byte the input of the plan: it shows what was there before, not what is there now. \
             Export \
             again."
        ));
    }
    if survey.may_be_cut() {
        output::note(&format!(
            "{file} has exactly {} rows. Check that the export was not cut at a limit: a device beyond it would \
             count as \
             gone.",
            survey.rows
        ));
    }
    if survey.rows == 0 {
        output::note(&format!(
            "{file} has no rows. Only --allow-no-overlap makes every device count as gone."
        ));
    } else if survey.in_plan == 0 {
        output::note(&format!(
            "{file} shares no device of the plan. Only --allow-no-overlap accepts that it is of this tenant and has \
             the same kind of {uid}."
        ));
    }
}

/// When the file was last written. A pipe has no such time.
fn written_at(path: &Path) -> Option<Timestamp> {
    if path == Path::new("-") {
        return None;
    }
    let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Timestamp::try_from(metadata.modified().ok()?).ok()
}
