//! The rows of the page as JSON for its script.
//!
//! A row is an array: its number, uid, name, and then numbers of words that many rows share: the outcome, the reason, the
//! attempt, the input, what a verification showed; then its line in the input, and the number of what that counts. The words
//! come after the rows, when all are known. Text is as a person reads it: what would be obeyed or would not be seen is written
//! by its number.

use std::collections::HashMap;
use std::hash::Hash;
use std::io::{self, Write};

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Ledger, Plan, ReportRow};
use serde::Serialize;

use super::support::Requests;
use crate::output::shown;
use crate::rows::record::{counted, request_id, source};
use crate::rows::{Trouble, Wanted};
use crate::seen;

/// Texts that many rows share, each with its number.
#[derive(Debug)]
struct Shared<T> {
    numbers: HashMap<T, usize>,
    all: Vec<T>,
}

impl<T: Clone + Eq + Hash> Shared<T> {
    fn new() -> Self {
        Self {
            numbers: HashMap::new(),
            all: Vec::new(),
        }
    }

    fn number(&mut self, item: T) -> usize {
        if let Some(number) = self.numbers.get(&item) {
            return *number;
        }
        let number = self.all.len();
        self.all.push(item.clone());
        self.numbers.insert(item, number);
        number
    }
}

/// Reason and code.
type Reason = (String, String);

/// What stands before and after the line of a row, to say where the row is.
type Place = (String, String);

/// Batch, how often it was sent, request id, trace id, when the outcome was known.
type Attempt = (Option<u64>, u64, String, String, String);

/// The words of the rows, as the script reads them.
#[derive(Debug, Serialize)]
struct Words<'a> {
    outcomes: [&'static str; OutcomeKind::ALL.len()],
    reasons: &'a [Reason],
    attempts: &'a [Attempt],
    sources: &'a [String],
    sightings: &'a [String],
    places: &'a [Place],
}

/// Writes two data blocks, `rows` and `words`, of no more than `most` rows, and says which requests were odd.
pub(super) fn write(
    out: &mut impl Write,
    ledger: &Ledger,
    wanted: &Wanted<'_>,
    most: usize,
) -> Result<Requests, Trouble> {
    let plan = ledger.plan();
    let service = plan.settings.service;
    let mut requests = Requests::default();
    let mut reasons: Shared<Reason> = Shared::new();
    let mut attempts: Shared<Attempt> = Shared::new();
    let mut sources: Shared<String> = Shared::new();
    let mut sightings: Shared<String> = Shared::new();
    let sighting = |row: &ReportRow| {
        let sighting = row.sighting.as_ref();
        sighting.map_or_else(String::new, |sighting| seen::sighting(sighting, service.words()))
    };
    let mut places: Shared<Place> = Shared::new();
    let mut json = Vec::new();
    out.write_all(b"<script type=\"application/json\" id=\"rows\">[")?;
    for (at, row) in wanted.rows(ledger)?.take(most).enumerate() {
        let row = row?;
        requests.add(&row, service);
        json.clear();
        serde_json::to_writer(
            &mut json,
            &(
                row.row,
                shown(&row.uid),
                shown(&row.name),
                OutcomeKind::ALL.iter().position(|kind| *kind == row.outcome),
                reasons.number(reason(&row)),
                attempts.number(attempt(&row, request_id(&row, service))),
                sources.number(text(source(&row, plan))),
                sightings.number(sighting(&row)),
                row.line,
                places.number(place(&row, plan)),
            ),
        )?;
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        block(out, &json)?;
    }
    out.write_all(b"\n]</script>\n<script type=\"application/json\" id=\"words\">")?;
    json.clear();
    serde_json::to_writer(
        &mut json,
        &Words {
            outcomes: OutcomeKind::ALL.map(OutcomeKind::as_str),
            reasons: &reasons.all,
            attempts: &attempts.all,
            sources: &sources.all,
            sightings: &sightings.all,
            places: &places.all,
        },
    )?;
    block(out, &json)?;
    out.write_all(b"</script>\n")?;
    Ok(requests)
}

fn reason(row: &ReportRow) -> Reason {
    (text(row.detail.as_deref()), text(row.code.as_deref()))
}

fn attempt(row: &ReportRow, request_id: Option<&str>) -> Attempt {
    (
        row.batch,
        row.attempts,
        text(request_id),
        text(row.trace_id.as_deref()),
        row.at.map(|at| at.to_string()).unwrap_or_default(),
    )
}

fn place(row: &ReportRow, plan: &Plan) -> Place {
    let counted = counted(row, plan);
    let sheet = counted.sheet().map(|sheet| format!(" of sheet `{}`", shown(sheet)));
    (format!("{} ", counted.word()), sheet.unwrap_or_default())
}

fn text(text: Option<&str>) -> String {
    text.map(shown).unwrap_or_default().into_owned()
}

/// JSON as the content of a script element, which ends at `</script` and turns odd at `<!--`, whatever it means. In JSON a
/// `<` stands in strings only, where it has another spelling.
fn block(out: &mut impl Write, json: &[u8]) -> io::Result<()> {
    let mut parts = json.split(|byte| *byte == b'<');
    out.write_all(parts.next().unwrap_or_default())?;
    for part in parts {
        out.write_all(b"\\u003c")?;
        out.write_all(part)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_block_of_data() {
        let text = "</script><!--\"'\\ & \u{2028}";
        let mut written = Vec::new();
        block(&mut written, &serde_json::to_vec(text).unwrap()).unwrap();
        assert!(!written.contains(&b'<'));
        assert_eq!(serde_json::from_slice::<String>(&written).unwrap(), text);
    }
}
