//! Rows for programs: every text unchanged.

use std::io::Write;

use fleetpurge_ledger::Ledger;

use super::record::line;
use super::{Trouble, Wanted};

/// One object a line.
pub(crate) fn ndjson(out: &mut impl Write, ledger: &Ledger, wanted: &Wanted<'_>) -> Result<(), Trouble> {
    for row in wanted.rows(ledger)? {
        serde_json::to_writer(&mut *out, &line(&row?, ledger))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// One array, written as its rows are read.
pub(crate) fn array(out: &mut impl Write, ledger: &Ledger, wanted: &Wanted<'_>) -> Result<(), Trouble> {
    out.write_all(b"[")?;
    for (at, row) in wanted.rows(ledger)?.enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &line(&row?, ledger))?;
    }
    out.write_all(b"\n]")?;
    Ok(())
}
