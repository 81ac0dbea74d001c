//! A device list that cannot be read, as a person reads it.

use std::error::Error as _;

use fleetpurge_export::Error;

use crate::exit::Exit;
use crate::failure::{Failure, sentence};
use crate::next;

/// Says what was wrong with the list and what to do about it. Reading comes before planning, planning before sending.
pub(crate) fn failure(error: &Error) -> Failure {
    let mut happened = format!("the device list cannot be read: {error}");
    if let Some(source) = error.source() {
        happened.push_str(&format!(" ({source})"));
    }
    let advice = sentence(&capitalised(error.advice()));
    Failure::new(
        Exit::ERROR,
        format!("{} {advice}", sentence(&happened)),
        "No plan was written, nothing was sent and nothing was deleted.",
        next::same_command(),
    )
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
