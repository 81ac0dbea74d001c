//! Counts the results of `verify`, and prints them.

use std::io::{self, Seek as _, Write};
use std::sync::Arc;

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{ReportRow, SeenIn, Service, Words};
use fleetpurge_records::{Found, VerifyLine};

use super::failures::NOTHING_DELETED;
use super::keeping::Kept;
use crate::args::VerifyFormat;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, counted, shown};
use crate::seen;

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
    /// The verification in which it was gone.
    gone: Option<Arc<SeenIn>>,
}

impl Looked {
    pub(super) const fn row(&self) -> u64 {
        self.row
    }
}

impl From<ReportRow> for Looked {
    fn from(row: ReportRow) -> Self {
        Self {
            row: row.row,
            uid: row.uid.into(),
            name: row.name.into(),
            outcome: row.outcome,
            gone: row.sighting.and_then(|sighting| sighting.last_gone),
        }
    }
}

/// Where the lines for programs go.
pub(super) enum Lines {
    /// To stdout, as they come.
    Written,
    /// To a file, until it is known that they are the result.
    Held(tempfile::SpooledTempFile),
}

/// How many bytes of held lines stay in memory.
const HELD: usize = 1 << 20;

impl Lines {
    pub(super) fn held() -> Self {
        Self::Held(tempfile::spooled_tempfile(HELD))
    }

    fn write(&mut self, line: &VerifyLine<'_>) -> io::Result<()> {
        match self {
            Self::Written => {
                let mut out = output::stdout();
                serde_json::to_writer(&mut out, line)?;
                writeln!(out)?;
                out.flush()
            }
            Self::Held(file) => {
                serde_json::to_writer(&mut *file, line)?;
                writeln!(file)
            }
        }
    }

    fn finish(self) -> io::Result<()> {
        if let Self::Held(mut file) = self {
            file.rewind()?;
            let mut out = output::stdout();
            io::copy(&mut file, &mut out)?;
            out.flush()?;
        }
        Ok(())
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
    lines: Lines,
    present: Group,
    came_back: Group,
    gone: Group,
    another_uid: Group,
    not_known: Group,
}

impl Tally {
    pub(super) fn new(format: VerifyFormat, service: Service, lines: Lines) -> Self {
        Self {
            format,
            words: service.words(),
            lines,
            present: Group::default(),
            came_back: Group::default(),
            gone: Group::default(),
            another_uid: Group::default(),
            not_known: Group::default(),
        }
    }

    pub(super) fn add(&mut self, row: Looked, found: Found, detail: Option<String>) -> Result<(), Failure> {
        let gone = row.gone.as_deref().filter(|_| found == Found::Present);
        if self.format == VerifyFormat::Ndjson {
            self.lines.write(&VerifyLine {
                row: row.row,
                uid: &row.uid,
                name: &row.name,
                outcome: row.outcome,
                found,
                detail: detail.as_deref(),
                came_back: gone.is_some(),
            })?;
        }
        let detail = match gone {
            Some(gone) => Some(format!("was gone {}", seen::when_and_where(gone))),
            None => detail,
        };
        let group = match found {
            Found::Present if gone.is_some() => &mut self.came_back,
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

    /// The exit code that this result means.
    pub(super) const fn exit(&self) -> Exit {
        exit(
            self.present.count + self.came_back.count,
            self.another_uid.count + self.not_known.count,
        )
    }

    /// What was found, in a sentence between two looks.
    pub(super) fn sentence(&self) -> String {
        let there = self.present.count + self.came_back.count;
        let doubt = self.another_uid.count + self.not_known.count;
        let mut text = format!(
            "{} of {} gone, {there} still there",
            self.gone.count,
            counted(self.looked_for(), "device is", "devices are")
        );
        if doubt > 0 {
            text.push_str(&format!(", {doubt} in doubt"));
        }
        text.push('.');
        text
    }

    fn looked_for(&self) -> u64 {
        [
            &self.present,
            &self.came_back,
            &self.gone,
            &self.another_uid,
            &self.not_known,
        ]
        .iter()
        .map(|group| group.count)
        .sum()
    }

    /// Tells what was found, and whether it is kept.
    pub(super) fn tell(self, evidence: &Evidence, kept: &Kept) -> Result<Exit, Failure> {
        match self.format {
            VerifyFormat::Text => self.text(evidence, kept)?,
            VerifyFormat::Ndjson => output::note(&evidence.sentence),
        }
        let exit = self.exit();
        self.notes();
        self.lines.finish()?;
        kept.tell();
        Ok(exit)
    }

    fn notes(&self) {
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
        self.note_of_those_there();
    }

    fn note_of_those_there(&self) {
        let (there, back) = (self.present.count + self.came_back.count, self.came_back.count);
        if there == 0 {
            return;
        }
        let advice = if back == 0 {
            "Deletion takes its time: look again later.".to_owned()
        } else {
            format!(
                "{} back after an earlier verification did not find {}: find out why before you delete again.",
                counted(back, "device came", "devices came"),
                if back == 1 { "it" } else { "them" },
            )
        };
        output::note(&format!(
            "{} still there. {advice} {NOTHING_DELETED}",
            counted(there, "device is", "devices are")
        ));
    }

    fn text(&self, evidence: &Evidence, kept: &Kept) -> Result<(), Failure> {
        let Words { uid, name } = self.words;
        let mut out = output::text();
        for line in &evidence.lines {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "{:<11} {:>9}", "looked for", self.looked_for())?;
        writeln!(out, "{:<11} {:>9}", "gone", self.gone.count)?;
        writeln!(out, "{:<11} {:>9}", "still there", self.present.count)?;
        list(&mut out, &self.present)?;
        if self.came_back.count > 0 {
            writeln!(
                out,
                "{:<11} {:>9}  there now, and gone in an earlier verification",
                "came back", self.came_back.count
            )?;
            list(&mut out, &self.came_back)?;
        }
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
        if let Kept::As(number) = kept {
            writeln!(out, "{:<11} verification {number} of this plan", "kept as")?;
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
            ..
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
