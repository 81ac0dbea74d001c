//! Where a row was read, as a person finds it again.

use fleetpurge_ledger::{RowAt, Service, Words};

use crate::output::shown;

/// A row as a person finds it again.
pub(super) fn place(row: &RowAt, service: Service) -> String {
    let Words { uid, name } = service.words();
    format!(
        "{} line {}: {uid} `{}`, {name} `{}`",
        shown(&row.source),
        row.line,
        shown(&row.uid),
        shown(&row.name)
    )
}

pub(super) fn article(word: &str) -> &'static str {
    if word.starts_with('i') { "an" } else { "a" }
}
