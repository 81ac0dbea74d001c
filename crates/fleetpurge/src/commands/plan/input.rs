//! Reads one list into the draft.

use std::path::Path;
use std::time::Instant;

use fleetpurge_export::{Entry, ReadOptions, Rows};
use fleetpurge_ledger::{Draft, Error as LedgerError, Service, Unmarked};

use crate::announce;
use crate::args::PlanArgs;
use crate::commands::plan::ahead::Ahead;
use crate::commands::plan::failures::{at_plan, not_started};
use crate::commands::plan::places::Places;
use crate::course;
use crate::export_error;
use crate::failure::Failure;
use crate::lists::{is_stdin, reading, warn};
use crate::progress::Progress;
use crate::queries::Answer;
use crate::services::ubidots;

/// How an input was read.
#[derive(Debug)]
pub(crate) struct ReadInput {
    /// The columns that uid and name were taken from.
    pub(super) columns: [Option<String>; 2],
    /// Comments that have not the fields of a row. The others are rows that are skipped.
    pub(super) comments: u64,
    /// How many warnings were written to stderr.
    pub(super) warnings: usize,
}

/// Where a list comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum List<'a> {
    File(&'a Path),
    /// The result of a query.
    Answer(&'a Answer),
}

impl List<'_> {
    pub(super) fn name(self) -> String {
        match self {
            Self::File(path) if is_stdin(path) => "-".to_owned(),
            Self::File(path) => path.display().to_string(),
            Self::Answer(answer) => answer.name.clone(),
        }
    }

    fn open(self, options: &ReadOptions) -> Result<Rows, Failure> {
        let rows = match self {
            Self::File(path) => options.open(path),
            Self::Answer(answer) => {
                let file = answer.open().map_err(|error| Failure::output(&error))?;
                options.read(&answer.name, file)
            }
        };
        rows.map_err(|error| export_error::failure(&error))
    }
}

pub(super) fn read(
    draft: &mut Draft,
    input: List<'_>,
    args: &PlanArgs,
    progress: &Progress,
    places: &mut Places,
) -> Result<ReadInput, Failure> {
    let mut options = reading(args.service.into(), &args.form).comment(args.comment_char.unwrap_or_default());
    if let Some(column) = &args.uid_column {
        options = options.uid_column(column);
    }
    if let Some(column) = &args.name_column {
        options = options.name_column(column);
    }
    let begun = Instant::now();
    let mut announced = match input {
        List::File(path) => announce::List::begin(path),
        List::Answer(_) => announce::List::told(),
    };
    let rows = input.open(&options)?;
    let at_plan = |error: LedgerError| at_plan(&error, args);
    draft.begin_source(&input.name()).map_err(at_plan)?;
    let (mut read, mut commented_out) = (0_u64, 0);
    let reading = Ahead::new(rows).map_err(|error| not_started(&error))?;
    for entry in reading.entries() {
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
        read += 1;
        announced.row();
    }
    let rows = reading.into_rows();
    // After the last row without an error there is always a digest.
    let digest = rows.digest().map(|digest| digest.to_string()).unwrap_or_default();
    places.count(&input.name(), rows.counted());
    draft.count_by(rows.counted());
    draft.end_source(&digest).map_err(at_plan)?;
    warn(&rows);
    tracing::info!(
        list = input.name(),
        rows = read,
        took_ms = course::millis_since(begun),
        "the list is read"
    );
    Ok(ReadInput {
        columns: [rows.uid_column(), rows.name_column()].map(|column| column.map(str::to_owned)),
        comments: rows.comments().saturating_sub(commented_out),
        warnings: rows.warnings().len(),
    })
}
