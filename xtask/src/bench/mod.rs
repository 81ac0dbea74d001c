//! `cargo xtask bench`: how fast it is beside other clients, measured in one run on one machine.
//!
//! | file | what is there |
//! |---|---|
//! | `rows.rs` | what is compared, and what should come of it |
//! | `effort.rs` | how long it may take |
//! | `regime.rs` | what is asked of every contender in a comparison |
//! | `compare.rs` | the rounds of a comparison |
//! | `contender.rs` | who sends, and how each is started |
//! | `service.rs` | the lean service |
//! | `ground.rs` | our programs, the tools of others |
//! | `counted.rs` | what does not vary from run to run: system calls and syncs |
//! | `stores.rs` | plans in a database, and several applies of one |
//! | `first.rs` | how soon a command says something |
//! | `statistics.rs` | what many rounds come to |
//! | `finding.rs` | what a row brings to light |
//! | `machine.rs` | where it was measured |
//! | `results.rs` | all that a run has found |
//! | `page.rs` | BENCHMARKS.md |
//! | `plot.rs` | the picture for README.md |

mod compare;
mod contender;
mod counted;
mod effort;
mod finding;
mod first;
mod ground;
mod machine;
mod page;
mod plot;
mod regime;
mod results;
mod rows;
mod service;
mod statistics;
mod stores;

use std::fs;
use std::io::{Write, stderr, stdout};
use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use effort::Effort;
use finding::Row;
use ground::Ground;
use machine::Machine;
use results::Results;
use rows::ROWS;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Measure this row alone (P1 to P10, U, S, R); may be given several times
    #[arg(long, value_name = "ROW")]
    only: Vec<String>,
    /// How often every contender runs
    #[arg(long, value_name = "N", default_value_t = 7)]
    rounds: u32,
    /// Two rounds of a tenth of the requests, and only what takes no minutes: whether everything works. Fails at too many
    /// system calls or syncs, and never for a time. Installs nothing, and writes only to target/bench
    #[arg(long)]
    quick: bool,
}

/// Measures, and writes what was found.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let wanted = |id: &str| arguments.only.iter().any(|only| only.eq_ignore_ascii_case(id));
    if let Some(unknown) = arguments
        .only
        .iter()
        .find(|only| !ROWS.iter().any(|row| row.id.eq_ignore_ascii_case(only)))
    {
        let all: Vec<&str> = ROWS.iter().map(|row| row.id).collect();
        anyhow::bail!("there is no row {unknown}; there are {}", all.join(", "));
    }
    writeln!(stderr(), "builds what is measured, in release")?;
    let ground = Ground::new(root, !arguments.quick)?;
    let effort = Effort {
        rounds: if arguments.quick { 2 } else { arguments.rounds },
        is_quick: arguments.quick,
    };
    let mut results = Results {
        command: command(arguments),
        machine: Machine::here(&ground),
        rows: Vec::new(),
    };
    for row in ROWS {
        let is_wanted = if arguments.only.is_empty() {
            row.is_quick || !arguments.quick
        } else {
            wanted(row.id)
        };
        if !is_wanted {
            continue;
        }
        let found = match (row.run)(&ground, effort) {
            Ok(found) => found,
            // An hour's figures are not thrown away for one row. A quick run asks whether everything works.
            Err(error) if !arguments.quick => Row {
                missing: vec![format!("{error:#}")],
                ..Row::new(row.id, "not measured")
            },
            Err(error) => return Err(error.context(format!("row {}", row.id))),
        };
        write!(stdout(), "{}", page::told(&found))?;
        results.rows.push(found);
    }
    let is_kept = if arguments.quick { counted::hold(&ground)? } else { true };
    write_down(root, &ground, arguments, &results)?;
    Ok(if is_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write_down(root: &Path, ground: &Ground, arguments: &Arguments, results: &Results) -> anyhow::Result<()> {
    let json = ground.folder.join("results.json");
    fs::write(&json, serde_json::to_string_pretty(results)?)?;
    let notes = fs::read_to_string(root.join("xtask/src/bench/notes.md"))?;
    let text = page::whole(results, &notes);
    // Half of the rows, or figures of a tenth of the requests, are no figures to publish.
    let (page, picture) = if arguments.quick || !arguments.only.is_empty() {
        (ground.folder.join("BENCHMARKS.md"), ground.folder.join("benchmark.svg"))
    } else {
        (root.join("BENCHMARKS.md"), root.join("docs/benchmark.svg"))
    };
    fs::write(&page, text)?;
    fs::write(&picture, plot::picture(results))?;
    for file in [json, page, picture] {
        writeln!(stdout(), "written: {}", file.display())?;
    }
    Ok(())
}

/// What was typed.
fn command(arguments: &Arguments) -> String {
    let mut command = "cargo xtask bench".to_owned();
    for only in &arguments.only {
        command += &format!(" --only {only}");
    }
    if arguments.quick {
        command += " --quick";
    } else if arguments.rounds != 7 {
        command += &format!(" --rounds {}", arguments.rounds);
    }
    command
}
