//! Looks for the devices in a fresh export.

use std::fs;
use std::path::Path;

use fleetpurge_ledger::{Ledger, Service, VerificationKind, VerificationSource};
use jiff::Timestamp;

use super::comparing::{Compared, List, compare};
use super::round::Round;
use super::tally::Lines;
use crate::announce;
use crate::args::VerifyArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::output;

pub(super) fn look(ledger: Ledger, args: &VerifyArgs, path: &Path) -> Result<Exit, Failure> {
    let service = ledger.plan().settings.service;
    let name = path.display().to_string();
    let list = List {
        name: name.clone(),
        announced: announce::List::begin(path),
        written_at: written_at(path),
        is_made_for_this_look: false,
    };
    let mut round = Round::begin(&ledger, &args.plan, args.format, Lines::Written);
    let Compared {
        evidence,
        listed,
        sha256,
    } = compare(&ledger, args, list, |options| options.open(path), &mut round)?;
    let source = VerificationSource {
        kind: VerificationKind::Inventory,
        source: if path == Path::new("-") {
            "standard input".to_owned()
        } else {
            name
        },
        sha256,
        listed: Some(listed),
    };
    // The plan is written to: nobody may read it meanwhile.
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

/// When the file was last written. A pipe has no such time.
fn written_at(path: &Path) -> Option<Timestamp> {
    if path == Path::new("-") {
        return None;
    }
    let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Timestamp::try_from(metadata.modified().ok()?).ok()
}
