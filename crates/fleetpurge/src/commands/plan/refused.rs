//! Explains why a plan was not written.

use fleetpurge_ledger::{Error as LedgerError, PlanRefused, Service, UnusableInput, Words};

use super::failures::at_plan;
use super::list::List;
use super::place::place;
use super::places::Places;
use super::{names, protect};
use crate::args::PlanArgs;
use crate::exit::Exit;
use crate::failure::{Failure, NO_PLAN, sentence};
use crate::next;
use crate::output::{counted, shown};

/// Lists what was found, the first of each kind or all of it, and says what to do.
pub(super) fn tell(refused: &PlanRefused, args: &PlanArgs, places: &Places) -> Failure {
    match reasons(refused, args, places) {
        Ok(reasons) => Failure::new(
            if refused.is_over_cap() || refused.has_unmatched_protect() || refused.has_unmatched_names() {
                Exit::REFUSED
            } else {
                Exit::ERROR
            },
            format!("the plan is refused: {}", sentence(&reasons.join("; and "))),
            NO_PLAN,
            next::instead(),
        ),
        Err(error) => at_plan(&error, args),
    }
}

fn reasons(refused: &PlanRefused, args: &PlanArgs, places: &Places) -> Result<Vec<String>, LedgerError> {
    let service = Service::from(args.service);
    let Words { uid, name } = service.words();
    let mut reasons = Vec::new();
    reasons.extend(protect::tell(refused, args, places)?);
    reasons.extend(names::tell(refused, service, places));
    if refused.conflicts > 0 {
        let mut list = List::new(args.list_all);
        refused.each_conflict(|number, row| {
            list.row(
                number,
                || format!("{uid} `{}` has more than one {name}:", shown(&row.uid)),
                || format!("  {}", place(&row, service, places)),
            );
            Ok::<(), LedgerError>(())
        })?;
        list.end(refused.conflicts);
        reasons.push(format!(
            "{} more than one {name}, {}; correct the list, or skip those devices with --skip-conflicts",
            counted(refused.conflicts, &format!("{uid} has"), &format!("{uid}s have")),
            list.listed()
        ));
    }
    if refused.recalled > 0 {
        let mut list = List::new(args.list_all);
        refused.each_recalled(|number, row| {
            list.row(
                number,
                || {
                    format!(
                        "{uid} `{}` is commented out in one row and listed in another:",
                        shown(&row.uid)
                    )
                },
                || format!("  {}", place(&row, service, places)),
            );
            Ok::<(), LedgerError>(())
        })?;
        list.end(refused.recalled);
        reasons.push(format!(
            "{} commented out in one row and listed in another, {}; remove the row that is wrong, or skip those \
             devices with --skip-conflicts",
            counted(refused.recalled, "device is", "devices are"),
            list.listed()
        ));
    }
    if refused.ambiguous_labels > 0 {
        let mut list = List::new(args.list_all);
        refused.each_ambiguous(|number, found| {
            let ids = || found.ids.join(", ");
            list.row(
                number,
                || {
                    format!(
                        "label `{}` is that of more than one device, {}:",
                        shown(&found.row.name),
                        ids()
                    )
                },
                || format!("  {}", place(&found.row, service, places)),
            );
            Ok::<(), LedgerError>(())
        })?;
        list.end(refused.ambiguous_labels);
        reasons.push(format!(
            "{} more than one device has, {}; name those devices by id, or skip them with --skip-conflicts",
            counted(refused.ambiguous_labels, "label is one that", "labels are ones that"),
            list.listed()
        ));
    }
    // Of an input that has no other uids, its own reason says what to do.
    let mut malformed = 0;
    let mut list = List::new(args.list_all);
    refused.each_malformed(|row| {
        if refused.unusable_inputs.iter().any(|input| input.source == row.source) {
            return Ok(());
        }
        malformed += 1;
        list.row(
            malformed,
            || format!("malformed {uid}: {}", place(&row, service, places)),
            String::new,
        );
        Ok::<(), LedgerError>(())
    })?;
    list.end(malformed);
    if malformed > 0 {
        reasons.push(format!(
            "{} malformed, {}; {}",
            counted(malformed, &format!("{uid} is"), &format!("{uid}s are")),
            list.listed(),
            match service {
                Service::Nexthink => "correct the list, or omit --uid-validation strict",
                Service::Ubidots => "an id is 24 hexadecimal digits, and a label in its place has ~ before it",
            }
        ));
    }
    reasons.extend(refused.unusable_inputs.iter().map(|input| unfit(input, args, places)));
    if refused.is_empty() {
        reasons.push("no row is left to send: the list has no rows, or every one of them is skipped".to_owned());
    }
    if refused.is_over_cap() {
        reasons.push(format!(
            "it would send {} devices and --max-devices allows {}; if this number is intended, raise --max-devices",
            refused.to_send, refused.max_devices
        ));
    }
    Ok(reasons)
}

/// What is to be done about an input of which no uid could be that of a device.
fn unfit(input: &UnusableInput, args: &PlanArgs, places: &Places) -> String {
    let service = Service::from(args.service);
    let Words { uid, name } = service.words();
    let what = if input.nil == input.rows {
        "nil (all zeros)"
    } else if input.nil == 0 {
        "malformed"
    } else {
        "malformed or nil (all zeros)"
    };
    let of_all = if input.rows == 1 {
        format!("the only {uid} of {} is {what}", shown(&input.source))
    } else {
        format!("all {} {uid}s of {} are {what}", input.rows, shown(&input.source))
    };
    let first = &input.first;
    let value = format!(
        "({}: {uid} `{}`, {name} `{}`)",
        places.within(&input.source, first.line),
        shown(&first.uid),
        shown(&first.name)
    );
    let advice = match &args.uid_column {
        Some(column) if input.is_swapped => format!(
            "the columns of {uid} and {name} look swapped; check --uid-column (`{}`) and --name-column",
            shown(column)
        ),
        None if input.is_swapped => format!(
            "the columns of {uid} and {name} look swapped; correct the header, or name both columns with \
             --uid-column and --name-column"
        ),
        Some(column) => format!("`{}` holds no {uid}; check the column", shown(column)),
        None => format!("another column probably has the {uid}; name it with --uid-column"),
    };
    let or_else = if service == Service::Nexthink && input.nil == 0 {
        "; to send them as they are, use --uid-validation permissive"
    } else {
        ""
    };
    format!("{of_all} {value}: {advice}{or_else}")
}
