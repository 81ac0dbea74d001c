//! Reads the lists of devices that must stay, and prints what they protect.

use std::path::{Path, PathBuf};

use fleetpurge_export::{ProtectedValue, read_protected};
use fleetpurge_ledger::{Draft, Error as LedgerError, PlanRefused, Service, Words};
use fleetpurge_ledger::{
    FINDINGS_SHOWN, PatternMatches, ProtectList, Protected, Protection, Unmatched, UnmatchedEntry,
};

use super::failures::at_plan;
use super::list::{List, and_more};
use super::places::Places;
use crate::args::PlanArgs;
use crate::export_error;
use crate::failure::Failure;
use crate::lists;
use crate::output::{self, counted, shown};

/// How many entries or patterns are shown, unless all are asked for.
const SHOWN: usize = FINDINGS_SHOWN;

/// The lists, each once: a list that is given twice says no more.
pub(super) fn files(args: &PlanArgs) -> impl Iterator<Item = &PathBuf> {
    let lists = args.protect.iter().enumerate();
    lists.filter_map(|(at, file)| (!args.protect[..at].contains(file)).then_some(file))
}

/// How a list is called.
pub(super) fn name(file: &Path) -> String {
    if lists::is_stdin(file) {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    }
}

/// Reads one list into the draft. Returns how many warnings it gave.
pub(super) fn read(draft: &mut Draft, file: &Path, args: &PlanArgs, places: &mut Places) -> Result<usize, Failure> {
    let name = name(file);
    let mut entries = read_protected(file, &lists::protecting(args)).map_err(|error| export_error::failure(&error))?;
    for entry in entries.by_ref() {
        let entry = entry.map_err(|error| export_error::failure(&error))?;
        if entry.values.is_empty() {
            let text = entry.fields.join(", ");
            draft
                .protect_unnamed(&name, entry.line, &text)
                .map_err(|error| at_plan(&error, args))?;
            continue;
        }
        let mut values = entry.values.into_iter().map(ProtectedValue::into_text);
        let protected = Protected {
            entry: values.next().unwrap_or_default(),
            also: values.collect(),
            whole: entry.whole,
            file: name.clone(),
            line: entry.line,
        };
        draft.protect(&protected).map_err(|error| at_plan(&error, args))?;
    }
    places.count(&name, entries.counted());
    lists::tell(entries.warnings());
    Ok(entries.warnings().len())
}

/// What the lists protect, line by line.
pub(super) fn lines(protection: &Protection, places: &Places) -> Vec<String> {
    let mut lines: Vec<String> = protection.lists.iter().map(list).collect();
    lines.extend(
        protection
            .patterns
            .iter()
            .filter(|pattern| pattern.rows > 0)
            .take(SHOWN)
            .map(|found| pattern(found, places)),
    );
    let more = protection
        .patterns
        .iter()
        .filter(|pattern| pattern.rows > 0)
        .skip(SHOWN)
        .count();
    if more > 0 {
        lines.push(format!("and {}", counted(more as u64, "more pattern", "more patterns")));
    }
    lines
}

/// The entries that protect nothing, line by line: the first of them, or all where all were asked for.
pub(super) fn unmatched_lines(protection: &Protection, service: Service, places: &Places) -> Vec<String> {
    let first = &protection.unmatched_first;
    let mut lines: Vec<String> = first.iter().map(|entry| unmatched(entry, service, places)).collect();
    let more = protection.unmatched.saturating_sub(first.len() as u64);
    if more > 0 {
        lines.push(and_more(more));
    }
    lines
}

/// Warns on stderr that the plan was made although entries protect nothing.
pub(super) fn warn(protection: &Protection) {
    if protection.unmatched > 0 {
        output::note(&format!(
            "warning: {} of --protect {} no row, and the plan was made because of --allow-unmatched-protect.",
            counted(protection.unmatched, "entry", "entries"),
            verb(protection.unmatched)
        ));
    }
}

/// Prints what the lists of a refused plan protect, and the entries that protect nothing. Returns why these refuse the
/// plan, with what to do about it.
pub(super) fn tell(refused: &PlanRefused, args: &PlanArgs, places: &Places) -> Result<Vec<String>, LedgerError> {
    let protection = &refused.protection;
    lines(protection, places).iter().for_each(|line| output::note(line));
    let mut reasons = Vec::new();
    if protection.unmatched > 0 {
        let mut entries = List::of(SHOWN as u64, args.list_all);
        let mut number = 0;
        refused.each_unmatched(|entry| {
            number += 1;
            entries.row(number, || unmatched(&entry, args.service.into(), places), String::new);
            Ok::<(), LedgerError>(())
        })?;
        entries.end(protection.unmatched);
        if refused.has_unmatched_protect() {
            reasons.push(format!(
                "{} of --protect {} no row, {}; correct the list, or, if the devices that it means are not in the \
                 input, \
                 plan with --allow-unmatched-protect",
                counted(protection.unmatched, "entry", "entries"),
                verb(protection.unmatched),
                entries.listed()
            ));
        }
    }
    if protection.invalid_patterns > 0 {
        let mut patterns = List::of(SHOWN as u64, args.list_all);
        let mut number = 0;
        refused.each_invalid_pattern(|entry| {
            number += 1;
            patterns.row(number, || invalid(&entry, places), String::new);
            Ok::<(), LedgerError>(())
        })?;
        patterns.end(protection.invalid_patterns);
        reasons.push(format!(
            "{} of --protect {} not valid, {}; close the set with `]`, or write `[[]` for the character `[`",
            counted(protection.invalid_patterns, "pattern", "patterns"),
            if protection.invalid_patterns == 1 { "is" } else { "are" },
            patterns.listed()
        ));
    }
    Ok(reasons)
}

fn verb(count: u64) -> &'static str {
    if count == 1 { "protects" } else { "protect" }
}

/// `keep.txt: 14 entries protect 12 rows`.
fn list(list: &ProtectList) -> String {
    format!(
        "{}: {} {} {}",
        shown(&list.file),
        counted(list.entries, "entry", "entries"),
        verb(list.entries),
        counted(list.rows, "row", "rows")
    )
}

fn pattern(pattern: &PatternMatches, places: &Places) -> String {
    let names: Vec<String> = pattern
        .rows_first
        .iter()
        .map(|row| {
            format!(
                "`{}`",
                shown(if row.name.trim().is_empty() {
                    &row.uid
                } else {
                    &row.name
                })
            )
        })
        .collect();
    let more = pattern.rows.saturating_sub(names.len() as u64);
    let mut text = names.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    format!(
        "{}: `{}` protects {}: {text}",
        places.of(&pattern.file, pattern.line),
        shown(&pattern.pattern),
        counted(pattern.rows, "row", "rows")
    )
}

fn place(entry: &UnmatchedEntry, places: &Places) -> String {
    format!("{}: `{}`", places.of(&entry.file, entry.line), shown(&entry.entry))
}

fn invalid(entry: &UnmatchedEntry, places: &Places) -> String {
    format!(
        "{} is not a valid pattern: it has a `[` without `]`, or too many `*`",
        place(entry, places)
    )
}

fn unmatched(entry: &UnmatchedEntry, service: Service, places: &Places) -> String {
    let mut text = format!("{} protects no row", place(entry, places));
    let Words { uid, name } = service.words();
    match entry.why {
        Unmatched::Unnamed => text.push_str(&format!(", because its row has no {uid} and no {name}")),
        Unmatched::OnlySkippedRows => text.push_str(", because it matches only rows that are skipped anyway"),
        _ => {}
    }
    let odd = odd_characters(&entry.entry);
    if !odd.is_empty() {
        text.push_str(&format!(" (it holds {})", odd.join(", ")));
    }
    if let Some(row) = &entry.near {
        text.push_str(&format!(
            "; {} has `{}`, which is not the same",
            places.of(&row.source, row.line),
            shown(&row.name)
        ));
    }
    text
}

/// Characters that may pass for others on a screen: unusual dashes and spaces, letters of another script among Latin ones.
fn odd_characters(text: &str) -> Vec<String> {
    let is_latin = |c: char| matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    let is_mixed = text.chars().any(|c| c.is_ascii_alphabetic());
    let is_odd = |c: &char| !c.is_ascii() && (!c.is_alphanumeric() || (is_mixed && !is_latin(*c)));
    let mut odd: Vec<char> = text.chars().filter(is_odd).collect();
    odd.sort_unstable();
    odd.dedup();
    odd.into_iter().map(|c| format!("U+{:04X}", u32::from(c))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_passes_for_another_is_named() {
        for (text, expected) in [
            ("PC-1", ""),
            ("BÜRO-1", ""),
            ("дом-1", ""),
            ("PC\u{2011}1\u{2011}", "U+2011"),
            ("P\u{421}-1\u{200b}", "U+0421, U+200B"),
        ] {
            assert_eq!(odd_characters(text).join(", "), expected, "{text:?}");
        }
    }
}
