//! Explains why a list of devices cannot be read.

use std::error::Error as _;

use fleetpurge_export::{Error, ErrorKind};

use crate::exit::Exit;
use crate::failure::{Failure, NO_PLAN, NOTHING_SENT, sentence};
use crate::next;

/// Says what was wrong with the list and what to do about it. Reading comes before planning, planning before sending.
pub(crate) fn failure(error: &Error) -> Failure {
    let mut happened = format!("a list cannot be read: {error}");
    let source = error.source().filter(|_| error.kind() != ErrorKind::NotFound);
    if let Some(source) = source {
        happened.push_str(&format!(" ({source})"));
    }
    let advice = sentence(&capitalised(error.advice()));
    Failure::new(
        Exit::ERROR,
        format!("{} {advice}", sentence(&happened)),
        if next::is_typed("plan") { NO_PLAN } else { NOTHING_SENT },
        next::instead(),
    )
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
