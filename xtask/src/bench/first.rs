//! How soon a command says something.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::contender::{Plan, float, list, measure_any};
use super::finding::Row;
use super::ground::Ground;
use super::regime::{Api, Regime};
use super::service::Service;
use super::statistics::{Goal::AtMost, Spread};
use crate::process;

/// After this a person asks whether anything happens: in milliseconds.
const GOAL: f64 = 100.0;

/// What was measured of one command: its name, and a figure for each round, in milliseconds.
type Said = (&'static str, Vec<f64>);

/// The first output of each command that reads a large plan or list.
pub(super) fn outputs(ground: &Ground, rounds: u32, regime: &Regime, row: &mut Row) -> anyhow::Result<()> {
    let service = Service::start(ground, regime)?;
    let whole = Plan::make(ground, regime, &service.url, 0)?;
    let devices = list(ground, Api::Nexthink, regime.devices())?;
    let folder = ground.work("listed");
    std::fs::create_dir_all(&folder)?;
    let mut said: Vec<Said> = ["plan", "apply", "status", "report", "show", "list"]
        .map(|name| (name, Vec::new()))
        .into();
    for _ in 0..rounds {
        let copy = whole.copy()?;
        // The plan that is listed, and those of the others, have a run behind them.
        let first = whole.apply_first(ground, &copy, 4, 1_000);
        measure_any(ground, "fleetpurge apply --limit", &first)?;
        std::fs::copy(&copy, folder.join("a.plan"))?;
        for (name, found) in &mut said {
            let mut command = match *name {
                "apply" => whole.apply_first(ground, &copy, 4, 1_000),
                name => {
                    let mut command = Command::new(&ground.fleetpurge);
                    command.arg(name);
                    match name {
                        "plan" => {
                            command.args(["--force", "--base-url", &service.url, "--max-devices"]);
                            command.arg(regime.devices().to_string()).arg("--out");
                            command.arg(ground.work("first.plan")).arg(&devices)
                        }
                        "list" => command.arg(&folder),
                        _ => command.arg(&copy),
                    };
                    command
                }
            };
            found.push(first_output(&mut command)?.as_secs_f64() * 1e3);
        }
    }
    let rows = float(regime.devices()) / 1e6;
    for (name, found) in said {
        let what = format!("first output of `{name}` of {rows} million rows");
        row.find(what, " ms", Spread::of(found), AtMost(GOAL));
    }
    Ok(())
}

/// From the start of a process to the first byte on its stdout or stderr. It is run to its end.
fn first_output(command: &mut Command) -> anyhow::Result<Duration> {
    let (mut output, input) = std::io::pipe()?;
    process::without_surroundings(command)
        .stdin(Stdio::null())
        .stdout(input.try_clone()?)
        .stderr(input);
    let name = Path::new(command.get_program()).display().to_string();
    let begun = Instant::now();
    let mut child = command.spawn().with_context(|| format!("{name} cannot be started"))?;
    // With what the command holds of the pipe, it would never end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut byte = [0];
    let read = output.read(&mut byte)?;
    let said = begun.elapsed();
    std::io::copy(&mut output, &mut std::io::sink())?;
    let status = child.wait()?;
    ensure!(read == 1, "{name} said nothing ({status})");
    // 5: an `apply` of a part.
    ensure!(matches!(status.code(), Some(0 | 5)), "{name} failed ({status})");
    Ok(said)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> anyhow::Result<Duration> {
        first_output(Command::new("sh").args(["-c", script]))
    }

    #[test]
    fn the_first_byte_counts_on_either_stream_and_silence_or_failure_is_an_error() {
        for script in ["echo a", "echo a >&2", "echo a; echo b >&2; exit 5"] {
            assert!(shell(script).is_ok(), "{script}");
        }
        for (script, why) in [("true", "said nothing"), ("echo a; exit 1", "failed")] {
            let error = shell(script).map_or_else(|error| error.to_string(), |said| format!("{said:?}"));
            assert!(error.contains(why), "{script}: {error}");
        }
    }
}
