//! Why a plan was not written, as a person reads it.

use fleetpurge_ledger::{Error as LedgerError, PlanRefused, Service, Words};

use super::show::place;
use super::{NO_PLAN, at_plan, protect};
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
    if let Err(error) = protect::tell(refused) {
        return at_plan(&error, args);
    }
    reasons.extend(protect::reasons(refused));
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
    let exit = if refused.is_over_cap() || refused.has_unmatched_protect() {
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
