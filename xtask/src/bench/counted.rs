//! What does not vary from run to run: how many system calls and syncs a request costs.

use std::fs;
use std::io::{Write, stderr, stdout};
use std::process::Command;

use anyhow::Context;

use super::contender::{Plan, float, measure};
use super::ground::Ground;
use super::regime::Regime;
use super::service::Service;

const REQUESTS: u64 = 2_000;

/// At most so many system calls for a request, and syncs for a thousand requests: more than twice as many as were counted on two
/// cores.
const CALLS: f64 = 40.0;
const SYNCS: f64 = 400.0;

/// Counts, and says whether it is few enough. Where nothing counts, it says so.
pub(super) fn hold(ground: &Ground) -> anyhow::Result<bool> {
    if Command::new("strace").arg("-V").output().is_err() {
        writeln!(stderr(), "system calls: not counted, for strace is missing")?;
        return Ok(true);
    }
    let regime = Regime::new(0, 32, REQUESTS);
    let service = Service::start(ground, &regime)?;
    let plan = Plan::make(ground, &regime, &service.url, 0)?;
    let apply = plan.apply(ground, &plan.copy()?, regime.in_flight, 0);
    let counts = ground.work("strace");
    let mut command = Command::new("strace");
    command.args(["-f", "-c", "-U", "calls,name", "-o"]).arg(&counts);
    command.arg(apply.get_program()).args(apply.get_args());
    for (key, value) in apply.get_envs() {
        if let Some(value) = value {
            command.env(key, value);
        }
    }
    measure(ground, "fleetpurge apply under strace", &command)?;
    let counted = parse(&fs::read_to_string(&counts)?).context("strace has counted nothing")?;
    let requests = float(REQUESTS);
    let (calls, syncs) = (counted.calls / requests, counted.syncs / requests * 1_000.0);
    writeln!(
        stdout(),
        "counted: {calls:.1} system calls per request (at most {CALLS}), {syncs:.0} syncs per thousand requests (at most \
         {SYNCS})"
    )?;
    Ok(calls <= CALLS && syncs <= SYNCS)
}

#[derive(Debug, PartialEq)]
struct Counted {
    calls: f64,
    syncs: f64,
}

/// What `strace -c -U calls,name` writes: two columns.
fn parse(text: &str) -> Option<Counted> {
    let mut counted = Counted { calls: 0.0, syncs: 0.0 };
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let (Some(Ok(calls)), Some(name)) = (words.next().map(str::parse::<f64>), words.next()) else {
            continue;
        };
        match name {
            "total" => {}
            "fsync" | "fdatasync" => {
                counted.calls += calls;
                counted.syncs += calls;
            }
            _ => counted.calls += calls,
        }
    }
    (counted.calls > 0.0).then_some(counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calls_of_strace_are_added_up() {
        let text = "    calls syscall\n--------- ----------------\n     1200 futex\n      300 fsync\n       10 fdatasync\n--------- ---\n     1510 total\n";
        assert_eq!(
            parse(text),
            Some(Counted {
                calls: 1_510.0,
                syncs: 310.0
            })
        );
        assert_eq!(parse("nothing"), None);
    }
}
