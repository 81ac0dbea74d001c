//! Why a plan was not written, as a person reads it.

use fleetpurge_ledger::{Error as LedgerError, PlanRefused, Service, UnfitInput, Words};

use super::show::place;
use super::{NO_PLAN, at_plan};
use crate::args::PlanArgs;
use crate::exit::Exit;
use crate::failure::{Failure, sentence};
use crate::next;
use crate::output::{self, counted, shown};

/// Lists what was found, all of it, and says what to do.
pub(super) fn tell(refused: &PlanRefused, args: &PlanArgs) -> Failure {
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
    reasons.extend(refused.unfit_inputs.iter().map(|input| unfit(input, service)));
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

/// What is to be done about an input of which no uid could be that of a device.
fn unfit(input: &UnfitInput, service: Service) -> String {
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
        "(line {}: {uid} `{}`, {name} `{}`)",
        first.line,
        shown(&first.uid),
        shown(&first.name)
    );
    let advice = if input.is_swapped {
        format!(
            "the columns of {uid} and {name} look swapped; correct the header, or say which is which with --uid-column and \
                 --name-column"
        )
    } else {
        format!("most likely another column holds the {uid}; say which with --uid-column")
    };
    let or_else = if service == Service::Nexthink && input.nil == 0 {
        "; if they are to be sent as they are, say --uid-validation permissive"
    } else {
        ""
    };
    format!("{of_all} {value}: {advice}{or_else}")
}
