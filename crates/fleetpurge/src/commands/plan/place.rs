//! Where a row was read, as a person finds it again.

use fleetpurge_ledger::{RowAt, Service, Words};

use super::places::Places;
use crate::output::shown;

/// A row as a person finds it again.
pub(super) fn place(row: &RowAt, service: Service, places: &Places) -> String {
    let Words { uid, name } = service.words();
    format!(
        "{}: {uid} `{}`, {name} `{}`",
        places.of(&row.source, row.line),
        shown(&row.uid),
        shown(&row.name)
    )
}

pub(super) fn article(word: &str) -> &'static str {
    if word.starts_with('i') { "an" } else { "a" }
}
