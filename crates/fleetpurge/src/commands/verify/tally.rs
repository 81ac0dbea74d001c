//! Counts the results of `verify`, and prints them.

use std::io::{self, Write};

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{ReportRow, Service, Words};
use fleetpurge_records::{Found, VerifyLine};

use super::failures::NOTHING_DELETED;
use crate::args::VerifyFormat;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, counted, shown};

/// How many devices of a verdict the text shows.
const SHOWN: usize = 20;

/// What the verdicts rest on, for the text and beside the lines.
pub(super) struct Evidence {
    pub(super) lines: Vec<String>,
    pub(super) sentence: String,
}

/// A device that is looked for: only what is printed of its row, since there may be a million.
#[derive(Clone, Debug)]
pub(super) struct Looked {
    row: u64,
    uid: Box<str>,
    name: Box<str>,
    outcome: OutcomeKind,
}

impl From<ReportRow> for Looked {
    fn from(row: ReportRow) -> Self {
        Self {
            row: row.row,
            uid: row.uid.into(),
            name: row.name.into(),
            outcome: row.outcome,
        }
    }
}

/// The devices of one verdict.
#[derive(Debug, Default)]
struct Group {
    count: u64,
    unknown: u64,
    first: Vec<(Looked, Option<String>)>,
}

/// What was found so far. Lines are written as they come, text at the end.
pub(super) struct Tally {
    format: VerifyFormat,
    words: Words,
    present: Group,
    gone: Group,
    another_uid: Group,
    not_known: Group,
}

impl Tally {
    pub(super) fn new(format: VerifyFormat, service: Service) -> Self {
        Self {
            format,
            words: service.words(),
            present: Group::default(),
            gone: Group::default(),
            another_uid: Group::default(),
            not_known: Group::default(),
        }
    }

    pub(super) fn add(&mut self, row: Looked, found: Found, detail: Option<String>) -> Result<(), Failure> {
        if self.format == VerifyFormat::Ndjson {
            let mut out = output::stdout();
            let line = VerifyLine {
                row: row.row,
                uid: &row.uid,
                name: &row.name,
                outcome: row.outcome,
                found,
                detail: detail.as_deref(),
            };
            serde_json::to_writer(&mut out, &line).map_err(io::Error::from)?;
            writeln!(out)?;
            out.flush()?;
        }
        let group = match found {
            Found::Present => &mut self.present,
            Found::Gone => &mut self.gone,
            Found::AnotherUid => &mut self.another_uid,
            Found::NotKnown => &mut self.not_known,
        };
        group.count += 1;
        group.unknown += u64::from(row.outcome == OutcomeKind::Unknown);
        if found != Found::Gone && group.first.len() < SHOWN {
            group.first.push((row, detail));
        }
        Ok(())
    }

    /// Tells what was found. `next` is what to type where not everything is gone.
    pub(super) fn finish(self, evidence: &Evidence, next: impl FnOnce() -> String) -> Result<Exit, Failure> {
        match self.format {
            VerifyFormat::Text => self.text(evidence)?,
            VerifyFormat::Ndjson => output::note(&evidence.sentence),
        }
        let Words { uid, name } = self.words;
        if self.gone.unknown > 0 {
            output::note(&format!(
                "{} unknown in the plan and gone now.",
                counted(self.gone.unknown, "device is", "devices are")
            ));
        }
        if self.another_uid.count > 0 {
            output::note(&format!(
                "{} not there by {uid}, but by {name} with another {uid}, and not counted as gone. It may be another \
                 device, or the export may hold another column of {uid}s.",
                counted(self.another_uid.count, "device is", "devices are")
            ));
        }
        if self.not_known.count > 0 {
            let why = self.not_known.first.first().and_then(|(_, detail)| detail.as_deref());
            output::note(&format!(
                "Of {} it is not known whether they are gone: {}.",
                counted(self.not_known.count, "device", "devices"),
                shown(why.unwrap_or("the service did not say"))
            ));
        }
        if self.present.count > 0 {
            output::note(&format!(
                "{} still there. Deletion takes its time: look again later. {NOTHING_DELETED}",
                counted(self.present.count, "device is", "devices are")
            ));
        }
        let exit = exit(self.present.count, self.another_uid.count + self.not_known.count);
        if exit != Exit::DONE {
            output::next(&next());
        }
        Ok(exit)
    }

    fn text(&self, evidence: &Evidence) -> Result<(), Failure> {
        let Words { uid, name } = self.words;
        let mut out = output::text();
        for line in &evidence.lines {
            writeln!(out, "{line}")?;
        }
        let groups = [&self.present, &self.gone, &self.another_uid, &self.not_known];
        let looked_for: u64 = groups.iter().map(|group| group.count).sum();
        writeln!(out, "{:<11} {looked_for:>9}", "looked for")?;
        writeln!(out, "{:<11} {:>9}", "gone", self.gone.count)?;
        writeln!(out, "{:<11} {:>9}", "still there", self.present.count)?;
        list(&mut out, &self.present)?;
        if self.another_uid.count > 0 {
            let heading = format!("another {uid}");
            let meaning = format!("same {name}, another {uid}: not counted as gone");
            writeln!(out, "{heading:<11} {:>9}  {meaning}", self.another_uid.count)?;
            list(&mut out, &self.another_uid)?;
        }
        if self.not_known.count > 0 {
            writeln!(
                out,
                "{:<11} {:>9}  no evidence either way",
                "not known", self.not_known.count
            )?;
            list(&mut out, &self.not_known)?;
        }
        out.flush()?;
        Ok(())
    }
}

fn list(out: &mut impl Write, group: &Group) -> io::Result<()> {
    for (row, detail) in &group.first {
        let Looked {
            row,
            uid,
            name,
            outcome,
        } = row;
        write!(out, "  row {row}: {} {} ({outcome})", shown(uid), shown(name))?;
        match detail {
            Some(detail) => writeln!(out, ": {}", shown(detail))?,
            None => writeln!(out)?,
        }
    }
    let more = group.count.saturating_sub(group.first.len() as u64);
    if more > 0 {
        writeln!(out, "  and {more} more")?;
    }
    Ok(())
}

/// What is there remains, whatever else is in doubt; a doubt is no success.
const fn exit(present: u64, in_doubt: u64) -> Exit {
    match (present, in_doubt) {
        (0, 0) => Exit::DONE,
        (0, _) => Exit::SOME_UNKNOWN,
        _ => Exit::SOME_BAD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_gone_without_a_doubt_is_a_success() {
        for (present, in_doubt, expected) in [(0, 0, 0), (1, 0, 3), (0, 1, 4), (1, 1, 3)] {
            assert_eq!(exit(present, in_doubt).code(), expected, "{present} {in_doubt}");
        }
    }
}
