//! BENCHMARKS.md, and what is told on the way. Every figure comes from the run; the words beside a row come from `notes.md`.

use std::fmt::Write;

use super::finding::{Finding, Measured, Row};
use super::results::Results;
use super::statistics::{Goal, Spread};

/// A row, for a terminal.
pub(super) fn told(row: &Row) -> String {
    let mut text = format!("{} {}\n", row.id, row.question);
    for line in &row.measured {
        let _ = writeln!(
            text,
            "   {:<48} {:<17} {} requests/s, {} CPU s per million devices, {} MB",
            line.regime,
            line.contender,
            number(line.requests_per_second.median),
            number(line.cpu_per_million.median),
            number(line.peak_mb.median),
        );
    }
    for finding in &row.findings {
        let _ = write!(text, "   {}: {}", finding.what, value(finding));
        let met = if finding.is_met { "met" } else { "NOT MET" };
        let _ = match goal(finding) {
            Some(goal) => writeln!(text, " (goal {goal}): {met}"),
            None => writeln!(text),
        };
    }
    for missing in &row.missing {
        let _ = writeln!(text, "   missing: {missing}");
    }
    text
}

/// The whole page.
pub(super) fn whole(results: &Results, notes: &str) -> String {
    let machine = &results.machine;
    let mut page = format!(
        "# Benchmarks\n\n\
         <!-- Written by `{command}`, with the words of xtask/src/bench/notes.md. No figure is written by hand. -->\n\n\
         {introduction}\n\n\
         | | |\n|---|---|\n\
         | command | `{command}` |\n\
         | commit | {commit} |\n\
         | date | {date} |\n\
         | processor | {processor}, {cores} cores |\n\
         | memory | {memory} |\n\
         | system | {system} |\n\
         | Rust | {rust} |\n\
         | oha | {oha} |\n\
         | Python | {python} |\n",
        command = results.command,
        introduction = note(notes, "introduction").unwrap_or_default(),
        commit = machine.commit,
        date = machine.date,
        processor = machine.processor,
        cores = machine.cores,
        memory = machine.memory,
        system = machine.system,
        rust = machine.rust,
        oha = machine.oha,
        python = machine.python,
    );
    page += "\n## The goals\n\n| | | measured | least to most | goal | |\n|---|---|---|---|---|---|\n";
    for row in &results.rows {
        for finding in &row.findings {
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} | {} | {} |",
                row.id,
                finding.what,
                value(finding),
                range(finding.value),
                goal(finding).as_deref().unwrap_or_default(),
                match (finding.goal, finding.is_met) {
                    (Goal::Known, _) => "",
                    (_, true) => "met",
                    (_, false) => "**not met**",
                },
            );
        }
    }
    for row in &results.rows {
        let _ = write!(page, "\n## {}: {}\n", row.id, row.question);
        if let Some(note) = note(notes, row.id) {
            let _ = write!(page, "\n{note}\n");
        }
        if !row.measured.is_empty() {
            page += "\n| regime | | requests/s | CPU s per million devices | peak MB | seconds | rounds |\n\
                     |---|---|---|---|---|---|---|\n";
            for line in &row.measured {
                page += &measured(line);
            }
        }
        for missing in &row.missing {
            let _ = write!(page, "\nMissing: {missing}.\n");
        }
    }
    page
}

fn measured(line: &Measured) -> String {
    format!(
        "| {} | {} | {} ({}) | {} | {} | {} | {} |\n",
        line.regime,
        line.contender,
        number(line.requests_per_second.median),
        range(line.requests_per_second),
        number(line.cpu_per_million.median),
        number(line.peak_mb.median),
        number(line.seconds.median),
        line.rounds,
    )
}

/// What `notes.md` says under a heading of this name.
fn note<'n>(notes: &'n str, name: &str) -> Option<&'n str> {
    let sections = notes.split("\n## ").skip(1);
    let text = sections
        .filter_map(|section| section.split_once('\n'))
        .find(|(heading, _)| *heading == name)?
        .1
        .trim();
    (!text.is_empty()).then_some(text)
}

fn value(finding: &Finding) -> String {
    format!("{}{}", number(finding.value.median), finding.unit)
}

fn goal(finding: &Finding) -> Option<String> {
    match finding.goal {
        Goal::AtLeast(goal) => Some(format!("≥ {goal}{}", finding.unit)),
        Goal::AtMost(goal) => Some(format!("≤ {goal}{}", finding.unit)),
        Goal::Known => None,
    }
}

fn range(spread: Spread) -> String {
    format!("{} to {}", number(spread.least), number(spread.most))
}

/// Three digits, or all before the point.
fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        medium if medium >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::machine::Machine;

    fn spread(median: f64) -> Spread {
        Spread {
            median,
            least: median * 0.9,
            most: median * 1.1,
        }
    }

    fn results() -> Results {
        let mut row = Row::new("P1", "How fast?");
        row.find("apply over oha", "", Some(spread(0.5)), Goal::AtLeast(0.4));
        row.find("apply", " s", Some(spread(2.0)), Goal::AtMost(1.0));
        row.find("two applies", " devices", Some(spread(3.0)), Goal::Known);
        row.find("apply over nothing", "", None, Goal::AtLeast(1.0));
        row.missing.push("oha: no registry".to_owned());
        row.measured.push(Measured {
            regime: "0 ms, 32 in flight, 10 requests".to_owned(),
            contender: "fleetpurge apply",
            rounds: 7,
            requests_per_second: spread(12_345.6),
            cpu_per_million: spread(1.234),
            peak_mb: spread(15.67),
            seconds: spread(2.5),
        });
        Results {
            command: "cargo xtask bench".to_owned(),
            machine: Machine {
                date: "2026-11-26 18:00 UTC".to_owned(),
                commit: "abc1234".to_owned(),
                processor: "a processor".to_owned(),
                cores: 2,
                memory: "1 kB".to_owned(),
                system: "Linux".to_owned(),
                rust: "rustc 1".to_owned(),
                oha: "missing".to_owned(),
                python: "Python 3".to_owned(),
            },
            rows: vec![row],
        }
    }

    #[test]
    fn the_page_says_what_was_found_and_what_was_not() {
        let notes = "# Notes\n\n## introduction\n\nWhat it is.\n\n## P1\n\nWhat holds it.\n\n## P2\n\nNo row.\n";
        insta::assert_snapshot!(whole(&results(), notes));
    }

    #[test]
    fn a_row_is_told_on_a_terminal() {
        insta::assert_snapshot!(told(&results().rows[0]));
    }
}
