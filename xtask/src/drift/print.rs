//! Says what has changed, to a person or to a program.

use std::io::{self, Write};

use fleetpurge_codegen::drift::{Change, Class, Drift};
use serde::Serialize;

/// A value is shown up to so many characters; the JSON format has it whole.
const LONGEST_VALUE: usize = 60;
/// So many characters are shown before the first difference.
const LEAD: usize = 12;

pub(super) fn text(out: &mut impl Write, spec: &str, drift: &Drift) -> io::Result<()> {
    for change in &drift.changes {
        writeln!(out, "{:<9} {}", change.class.name(), change.path)?;
        writeln!(out, "{:9} {}{}", "", change.what, values(change))?;
    }
    if drift.changes.is_empty() {
        return writeln!(out, "no change against {spec}");
    }
    let counts: Vec<String> = [Class::Breaking, Class::Widening, Class::Wording]
        .iter()
        .map(|class| format!("{} {}", drift.count(*class), class.name()))
        .collect();
    writeln!(out, "\n{} against {spec}", counts.join(", "))
}

fn values(change: &Change) -> String {
    match (&change.old, &change.new) {
        (Some(old), Some(new)) => {
            let (old, new) = (old.to_string(), new.to_string());
            let same = old.chars().zip(new.chars()).take_while(|(old, new)| old == new).count();
            // Two long sentences differ somewhere: from shortly before there on.
            let from = if same > LONGEST_VALUE / 2 { same - LEAD } else { 0 };
            format!(": {} -> {}", excerpt(&old, from), excerpt(&new, from))
        }
        (Some(value), None) | (None, Some(value)) => format!(": {}", excerpt(&value.to_string(), 0)),
        (None, None) => String::new(),
    }
}

fn excerpt(text: &str, from: usize) -> String {
    let shown: String = text.chars().skip(from).take(LONGEST_VALUE).collect();
    let before = if from > 0 { "… " } else { "" };
    let after = if text.chars().count() > from + LONGEST_VALUE {
        " …"
    } else {
        ""
    };
    format!("{before}{shown}{after}")
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Report<'a> {
    /// The worst class among the changes, or `none`.
    class: &'a str,
    /// What was compared with.
    spec: &'a str,
    /// The pages that were read.
    published: &'a [String],
    /// The worst first.
    changes: &'a [Change],
}

pub(super) fn json(out: &mut impl Write, spec: &str, published: &[String], drift: &Drift) -> io::Result<()> {
    let report = Report {
        class: drift.class().map_or("none", Class::name),
        spec,
        published,
        changes: &drift.changes,
    };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}
