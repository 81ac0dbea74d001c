//! Compares a plan with a list of the devices that are there.

use std::time::Instant;

use fleetpurge_export::{Counted, Entry, Error, ReadOptions, Row, Rows};
use fleetpurge_ledger::{Ledger, Origin, Overlap, Service, Sighting, Survey, Words};
use fleetpurge_records::Found;
use jiff::Timestamp;

use super::failures::{NOTHING_DELETED, help, wrong_usage};
use super::fresh::Export;
use super::refused;
use super::round::Round;
use super::tally::Evidence;
use crate::announce;
use crate::args::VerifyArgs;
use crate::course;
use crate::export_error;
use crate::failure::Failure;
use crate::lists;
use crate::output::{self, counted, shown};
use crate::plan_file;
use crate::progress::Progress;
use crate::services::ubidots;

/// What is known of a list before it is read.
pub(super) struct List<'a> {
    pub(super) name: String,
    /// Whether a person has been told that it is read.
    pub(super) announced: announce::List<'a>,
    /// When its file was last written.
    pub(super) written_at: Option<Timestamp>,
    /// No input of the plan is as new, whatever is in it.
    pub(super) is_made_for_this_look: bool,
}

/// What a comparison rests on.
pub(super) struct Compared {
    pub(super) evidence: Evidence,
    /// How many rows the list has.
    pub(super) listed: u64,
    pub(super) sha256: Option<String>,
}

/// Reads the list, and adds to the round what it shows of each device that is looked for. A list that proves nothing is
/// refused.
pub(super) fn compare(
    ledger: &Ledger,
    args: &VerifyArgs,
    mut list: List<'_>,
    open: impl FnOnce(&ReadOptions) -> Result<Rows, Error>,
    round: &mut Round,
) -> Result<Compared, Failure> {
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
    let mut rows = open(&options).map_err(unread)?;
    let is_workbook = matches!(rows.counted(), Counted::Rows { .. });
    lists::no_workbook(&[
        ("--sheet", args.form.sheet.is_some(), is_workbook),
        ("--include-hidden", args.form.include_hidden, is_workbook),
    ])
    .map_err(|why| wrong_usage(&why))?;
    let mut export = Export {
        name: list.name,
        columns: [rows.uid_column(), rows.name_column()].map(|column| column.map(str::to_owned)),
        service,
        counted: rows.counted(),
    };
    if export.columns[0].is_none() {
        return Err(wrong_usage(
            "the export has labels and no ids, and a label may be that of a new device; export the ids too",
        ));
    }
    let begun = Instant::now();
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
        list.announced.row();
    }
    progress.finish();
    export.counted = rows.counted();
    lists::warn(&rows);
    let sha256 = rows.digest().map(|digest| digest.to_string());
    let origin = Origin {
        sha256: sha256.clone().filter(|_| !list.is_made_for_this_look),
        written_at: list.written_at,
    };
    let comparison = inventory.finish(origin).map_err(at_plan)?;
    let survey = comparison.survey();
    tracing::info!(
        list = export.name,
        rows = survey.rows,
        took_ms = course::millis_since(begun),
        "the list is read"
    );
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
    caution(&export, survey);
    for sighting in comparison.sightings().map_err(at_plan)? {
        let (row, sighting) = sighting.map_err(at_plan)?;
        let (found, detail) = verdict(&sighting, &export);
        round.add(row.into(), found, detail)?;
    }
    Ok(Compared {
        evidence: evidence(&export, survey),
        listed: survey.rows,
        sha256,
    })
}

fn verdict(sighting: &Sighting, export: &Export) -> (Found, Option<String>) {
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
fn evidence(export: &Export, survey: &Survey) -> Evidence {
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
fn caution(export: &Export, survey: &Survey) {
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
