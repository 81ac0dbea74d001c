//! Rows as CSV: for a spreadsheet, or exactly as they are.

use std::borrow::Cow;
use std::io::Write;

use fleetpurge_ledger::Ledger;
use fleetpurge_records::ReportLine;

use super::record::line;
use super::{Trouble, Wanted};
use crate::output::shown;

/// For whom the cells are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cells {
    /// For a person with a spreadsheet: no cell is a formula, and no character is hidden. Begins with a byte order mark,
    /// without which Excel does not read UTF-8.
    Safe,
    /// For a program: every text as the plan has it.
    Raw,
}

impl Cells {
    pub(crate) const fn new(raw: bool) -> Self {
        if raw { Self::Raw } else { Self::Safe }
    }
}

const COLUMNS: [&str; 12] = [
    "row",
    "uid",
    "name",
    "outcome",
    "detail",
    "code",
    "batch",
    "attempts",
    "request_id",
    "trace_id",
    "at",
    "line",
];

/// Those of a plan that was verified.
const VERIFIED: [&str; 4] = ["verified", "verified_at", "verified_in", "came_back"];

pub(crate) fn csv(out: &mut impl Write, ledger: &Ledger, wanted: &Wanted<'_>, cells: Cells) -> Result<(), Trouble> {
    let plan = ledger.plan();
    if cells == Cells::Safe {
        out.write_all("\u{feff}".as_bytes())?;
    }
    // The header comes from the field names, so that a table without rows lacks it: it is written here.
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(out);
    let source = (plan.sources.len() > 1).then_some("source");
    let verified = if ledger.is_verified() { &VERIFIED[..] } else { &[] };
    writer.write_record(COLUMNS.into_iter().chain(source).chain(verified.iter().copied()))?;
    for row in wanted.rows(ledger)? {
        let row = row?;
        let line = line(&row, ledger);
        match cells {
            Cells::Raw => writer.serialize(line)?,
            Cells::Safe => writer.serialize(Texts::of(&line).line())?,
        }
    }
    writer.flush()?;
    Ok(())
}

/// The texts of a row as cells.
struct Texts<'a> {
    line: &'a ReportLine<'a>,
    texts: [Option<Cow<'a, str>>; 8],
}

impl<'a> Texts<'a> {
    fn of(line: &'a ReportLine<'a>) -> Self {
        let texts = [
            Some(line.uid),
            Some(line.name),
            line.detail,
            line.code,
            line.request_id,
            line.trace_id,
            line.source,
            line.verified_in.flatten(),
        ];
        Self {
            line,
            texts: texts.map(|text| text.map(cell)),
        }
    }

    fn line(&self) -> ReportLine<'_> {
        let [uid, name, detail, code, request_id, trace_id, source, verified_in] =
            self.texts.each_ref().map(Option::as_deref);
        ReportLine {
            uid: uid.unwrap_or_default(),
            name: name.unwrap_or_default(),
            detail,
            code,
            request_id,
            trace_id,
            source,
            at: self.line.at.clone(),
            verified_at: self.line.verified_at.clone(),
            verified_in: self.line.verified_in.map(|_| verified_in),
            ..*self.line
        }
    }
}

/// What a formula begins with, in either width of the letters.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A text as a cell of a table. People open tables, so nothing is hidden in one, and a spreadsheet takes none for a
/// formula: the apostrophe is how one writes text there. A tab, a CR or another control character is written by its
/// number, so that a cell never begins with one. No well-formed uid or id is changed.
///
/// Where a semicolon separates lists, Excel splits the cell there: what follows one must be no formula either.
fn cell(text: &str) -> Cow<'_, str> {
    let text = shown(text);
    let is_formula = |text: &str| text.trim_start_matches([' ', '"']).starts_with(FORMULA);
    if !text.split(';').any(is_formula) {
        return text;
    }
    let parts: Vec<Cow<'_, str>> = text
        .split(';')
        .map(|part| {
            if is_formula(part) {
                Cow::Owned(format!("'{part}"))
            } else {
                Cow::Borrowed(part)
            }
        })
        .collect();
    Cow::Owned(parts.join(";"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_hides_nothing_and_is_no_formula() {
        for (text, expected) in [
            ("PC-1", "PC-1"),
            ("5f1d7f4e4763e75a0000000a", "5f1d7f4e4763e75a0000000a"),
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-PC", "'-PC"),
            ("@home", "'@home"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            (" =1", "' =1"),
            ("\"=1", "'\"=1"),
            ("a;=1;b;-2", "a;'=1;b;'-2"),
            ("a;b", "a;b"),
            ("a=b-c", "a=b-c"),
            ("\t=1", "\\t=1"),
            ("\r=1", "\\r=1"),
            ("a\n=1", "a\\n=1"),
            ("\0", "\\u{0}"),
            ("\u{202e}gpj.exe", "\\u{202e}gpj.exe"),
            ("a,\"b\"", "a,\"b\""),
            ("", ""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
