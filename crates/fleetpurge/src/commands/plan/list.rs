//! What was found about rows or protect lists, listed one by one: all of it, or the first few.

use crate::output::{self, counted};

/// How many findings of a kind are listed unless all are asked for.
const SHOWN: u64 = 5;

/// What follows the first findings if there are more.
pub(super) fn and_more(more: u64) -> String {
    format!("and {more} more (--list-all lists every one)")
}

/// What was found, as a list: a heading, and a line for each row.
pub(super) struct List {
    all: bool,
    /// How many findings are listed, and rows of one finding, unless all are asked for.
    shown: u64,
    finding: u64,
    rows: u64,
    cut: bool,
}

impl List {
    /// Lists all findings, or the first five.
    pub(super) fn new(all: bool) -> Self {
        Self::of(SHOWN, all)
    }

    /// Lists all findings, or this many of them.
    pub(super) fn of(shown: u64, all: bool) -> Self {
        Self {
            all,
            shown,
            finding: 0,
            rows: 0,
            cut: false,
        }
    }

    /// A row of the finding with this number, from 1. An empty line is not written.
    pub(super) fn row(&mut self, finding: u64, head: impl FnOnce() -> String, line: impl FnOnce() -> String) {
        if finding != self.finding {
            self.end_finding();
            self.finding = finding;
            if self.takes(finding) {
                output::note(&head());
            }
        }
        self.rows += 1;
        if self.takes(finding) && self.takes(self.rows) {
            let line = line();
            if !line.is_empty() {
                output::note(&line);
            }
        }
    }

    fn takes(&self, number: u64) -> bool {
        self.all || number <= self.shown
    }

    fn end_finding(&mut self) {
        let more = self.rows.saturating_sub(self.shown);
        if more > 0 && !self.all && self.finding <= self.shown {
            output::note(&format!("  and {}", counted(more, "more row", "more rows")));
            self.cut = true;
        }
        self.rows = 0;
    }

    pub(super) fn end(&mut self, findings: u64) {
        self.end_finding();
        let more = findings.saturating_sub(self.shown);
        if more > 0 && !self.all {
            output::note(&and_more(more));
            self.cut = true;
        }
    }

    pub(super) fn listed(&self) -> &'static str {
        if self.cut {
            "the first of them listed above (--list-all lists every one)"
        } else {
            "listed above"
        }
    }
}
