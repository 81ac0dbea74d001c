//! Where a person finds a row of a list again.

use std::collections::HashMap;

use fleetpurge_export::Counted;

use crate::output::shown;

/// What the lines of each list count.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<String, Counted>);

impl Places {
    /// Remembers what the lines of this list count.
    pub(super) fn count(&mut self, file: &str, counted: Counted) {
        self.0.insert(file.to_owned(), counted);
    }

    /// Whether this list is a workbook.
    pub(super) fn is_workbook(&self, file: &str) -> bool {
        matches!(self.0.get(file), Some(Counted::Rows { .. }))
    }

    /// The file and the place in it: `devices.csv line 7`.
    pub(super) fn of(&self, file: &str, line: u64) -> String {
        format!("{} {}", shown(file), self.within(file, line))
    }

    /// The same without the file.
    pub(super) fn within(&self, file: &str, line: u64) -> String {
        let place = self.0.get(file).unwrap_or(&Counted::Lines).place(line);
        shown(&place).into_owned()
    }
}
