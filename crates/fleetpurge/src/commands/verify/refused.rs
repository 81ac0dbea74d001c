//! Explains why an export proves nothing.

use fleetpurge_ledger::{Comparison, Error, Service, Sighting, Words};
use fleetpurge_ledger::{CountedRows, Doubt, Survey};

use super::failures::{NOTHING_DELETED, help};
use super::fresh::Export;
use crate::args::VerifyArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::output::{self, counted, shown};
use crate::plan_file;

/// How many names under other uids are shown.
const SHOWN: usize = 5;

/// Lists the rows that are to blame, and says why no verdict is given and what to do.
pub(super) fn tell(export: &Export, comparison: &Comparison<'_>, doubts: &[Doubt], args: &VerifyArgs) -> Failure {
    let Words { uid, name } = export.service.words();
    let survey = comparison.survey();
    let mut reasons = Vec::new();
    for doubt in doubts {
        reasons.push(match doubt {
            Doubt::Blank => {
                list(export, &survey.blank, "blank");
                format!(
                    "{} a blank {uid} and could be any device; leave them out, or name the column of the {uid}s with \
                     --uid-column",
                    counted(survey.blank.count, "row has", "rows have")
                )
            }
            Doubt::Malformed => {
                list(export, &survey.malformed, "malformed");
                format!(
                    "{} a malformed {uid} and could be any device; name the column of the {uid}s with --uid-column, or \
                     export again",
                    counted(survey.malformed.count, "row has", "rows have")
                )
            }
            Doubt::CommentedOut => {
                list(export, &survey.commented_out, "commented out,");
                format!(
                    "{} commented out, and it is not known whether the device is there; export again, without \
                     changing the \
                     file",
                    counted(survey.commented_out.count, "row is", "rows are")
                )
            }
            Doubt::NoOverlap => {
                if survey.names_in_plan > 0
                    && let Err(error) = list_namesakes(export, comparison)
                {
                    return plan_file::failure(&error, &args.plan);
                }
                no_overlap(export, survey)
            }
            Doubt::Input => format!(
                "it is byte for byte {}, one of several lists that the plan was made from, and says nothing of what \
                 was \
                 deleted since; export again",
                shown(survey.is_input.as_deref().unwrap_or_default())
            ),
            Doubt::Older => {
                let time = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
                format!(
                    "its file ({}) is older than the last request for a deletion ({}); export again, or correct the \
                     file's time if it is wrong",
                    time(survey.written_at),
                    time(survey.asked_at)
                )
            }
            Doubt::Empty => {
                "it has no rows, as an export that failed; export again (if the tenant has no devices any more, say so \
                  with --allow-no-overlap)"
                    .to_owned()
            }
            _ => "it is in doubt".to_owned(),
        });
    }
    let columns: Vec<String> = [(uid, &export.columns[0]), (name, &export.columns[1])]
        .into_iter()
        .filter_map(|(word, column)| Some(format!("{word} `{}`", shown(column.as_deref()?))))
        .collect();
    Failure::new(
        Exit::ERROR,
        format!(
            "the inventory {} proves nothing: {} (columns: {})",
            shown(&export.name),
            reasons.join("; and "),
            columns.join(", ")
        ),
        format!("No device was judged. {NOTHING_DELETED}"),
        match export.service {
            Service::Ubidots => next::over("verify", &args.plan, &["--live"]),
            Service::Nexthink => help(),
        },
    )
}

fn no_overlap(export: &Export, survey: &Survey) -> String {
    let Words { uid, name } = export.service.words();
    let mut text = format!(
        "none of its {} holds the {uid} of any row of the plan, so that it shares no device of the plan, not even one \
         that was skipped",
        counted(survey.rows, "row", "rows")
    );
    if survey.names_in_plan > 0 {
        text.push_str(&format!(
            "; {} of its {name}s are in the plan with another {uid}, as in an export of another column: name the \
             column \
             of the {uid}s with --uid-column",
            survey.names_in_plan
        ));
    } else {
        text.push_str("; check that it is of the same tenant and has all of its devices");
    }
    text.push_str(
        " (if every device that the plan knows is meant to be gone, and the file is right, say so with \
         --allow-no-overlap)",
    );
    text
}

/// The first devices that are looked for whose name is there.
fn list_namesakes(export: &Export, comparison: &Comparison<'_>) -> Result<(), Error> {
    let Words { uid, name } = export.service.words();
    let mut shown_so_far = 0;
    for sighting in comparison.sightings()? {
        let (row, Sighting::AnotherUid(other)) = sighting? else {
            continue;
        };
        output::note(&format!(
            "{} {}: same {name} `{}` as row {} of the plan, another {uid} ({}; the plan has {})",
            shown(&export.name),
            export.place(other.line),
            shown(&row.name),
            row.row,
            other.uid,
            shown(&row.uid)
        ));
        shown_so_far += 1;
        if shown_so_far == SHOWN {
            break;
        }
    }
    Ok(())
}

/// The first of the rows.
fn list(export: &Export, found: &CountedRows, what: &str) {
    let uid = export.service.words().uid;
    for (line, text) in &found.first {
        output::note(&format!(
            "{} {}: {what} {uid} `{}`",
            shown(&export.name),
            export.place(*line),
            shown(text)
        ));
    }
    let more = found.count.saturating_sub(found.first.len() as u64);
    if more > 0 {
        output::note(&format!("and {more} more"));
    }
}
