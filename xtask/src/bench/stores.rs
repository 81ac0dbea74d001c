//! What a plan in a database costs beside one in a file, and what several machines bring.

use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::contender::{Plan, float};
use super::effort::Effort;
use super::finding::Row;
use super::ground::Ground;
use super::regime::Regime;
use super::service::Service;
use super::statistics::Goal::Known;
use super::statistics::Spread;
use crate::process::{self, Background};

/// The variable that names the folder of PostgreSQL's programs, as for the tests.
const POSTGRES: &str = "FLEETPURGE_TEST_POSTGRES";

/// How many devices are applied.
const DEVICES: u64 = 1_000_000;

pub(super) fn stores(ground: &Ground, effort: Effort) -> anyhow::Result<Row> {
    let mut row = Row::new(
        "S",
        "Plans in a PostgreSQL database on the same machine, and several applies of one plan at once",
    );
    if std::env::var_os(POSTGRES).is_none_or(|folder| folder.is_empty()) {
        row.missing.push(format!(
            "a PostgreSQL server: {POSTGRES} does not name the folder of its programs"
        ));
        return Ok(row);
    }
    let server = Background::start(
        "a PostgreSQL server",
        &mut ground.bench(&["database"]),
        &ground.work("database.log"),
    )?;
    let database = server.line()?;
    pairs(ground, effort, &database, &mut row)?;
    applies(ground, effort, &database, &mut row)?;
    Ok(row)
}

/// A stage of the ledger's example `speed`.
#[derive(Deserialize)]
struct Stage {
    stage: String,
    pairs: Option<f64>,
    millis: f64,
}

/// Attempts begun and settled, with nothing sent.
fn pairs(ground: &Ground, effort: Effort, database: &str, row: &mut Row) -> anyhow::Result<()> {
    let folder = ground.work("");
    let folder = folder.to_str().context("the folder's name is not UTF-8")?;
    let rows = effort.requests(10_000) * 100;
    let once = |place: &str| -> anyhow::Result<f64> {
        let mut command = Command::new(&ground.speed);
        let ended = process::run("the example speed", command.args([&rows.to_string(), "32", place]))?;
        ensure!(ended.code == Some(0), "the example speed failed: {}", ended.stderr);
        let stages = ended.stdout.lines().map(serde_json::from_str::<Stage>);
        let stages: Vec<Stage> = stages.collect::<Result<_, _>>()?;
        let stage = stages.iter().find(|stage| stage.stage == "begin and settle");
        let stage = stage.context("the example speed says nothing of attempts")?;
        Ok(stage.pairs.context("no number of attempts")? * 1000.0 / stage.millis)
    };
    let (mut file, mut shared) = (Vec::new(), Vec::new());
    for _ in 0..effort.few() {
        file.push(once(folder)?);
        shared.push(once(database)?);
    }
    let unit = " attempts per second";
    row.find(
        "begun and settled in a file, 32 in flight",
        unit,
        Spread::of(file.clone()),
        Known,
    );
    row.find(
        "begun and settled in a database, 32 in flight",
        unit,
        Spread::of(shared.clone()),
        Known,
    );
    row.find("database over file", "", Spread::of_ratios(&shared, &file), Known);
    Ok(())
}

/// One plan, applied by several at once.
fn applies(ground: &Ground, effort: Effort, database: &str, row: &mut Row) -> anyhow::Result<()> {
    let regime = Regime::new(20, 32, effort.requests(DEVICES / 100));
    let service = Service::start(ground, &regime)?;
    let plan = Plan::make(ground, &regime, &service.url, 0)?;
    let numbers = [1, 2, 4];
    let mut file = Vec::new();
    let mut shared: Vec<Vec<f64>> = vec![Vec::new(); numbers.len()];
    for round in 0..effort.few() {
        let copy = plan.copy()?;
        file.push(together(
            &service,
            &regime,
            || plan.apply(ground, &copy, regime.in_flight, 0),
            1,
        )?);
        for (number, rates) in numbers.into_iter().zip(&mut shared) {
            let address = format!("{database}?plan=applied-{round}-by-{number}");
            let mut command = Command::new(&ground.fleetpurge);
            command.arg("copy").arg(plan.copy()?).arg(&address);
            let copied = process::run("fleetpurge copy", &mut command)?;
            ensure!(copied.code == Some(0), "the plan was not copied: {}", copied.stderr);
            // To a machine that has applied one of them, the other copies of the plan would be behind.
            let state = ground.work(&format!("state-{round}-by-{number}"));
            let apply = || {
                let mut apply = plan.apply(ground, address.as_ref(), regime.in_flight, 0);
                apply.env("XDG_STATE_HOME", &state);
                apply
            };
            rates.push(together(&service, &regime, apply, number)?);
        }
    }
    let unit = " devices per second";
    row.find("apply of a file, 20 ms, 32 in flight", unit, Spread::of(file), Known);
    let one = shared[0].clone();
    for (number, rates) in numbers.into_iter().zip(shared) {
        let who = if number == 1 {
            "1 apply".to_owned()
        } else {
            format!("{number} applies")
        };
        row.find(
            format!("{who} of a database, 20 ms, 32 in flight each"),
            unit,
            Spread::of(rates.clone()),
            Known,
        );
        if number > 1 {
            row.find(format!("{who} over one"), "", Spread::of_ratios(&rates, &one), Known);
        }
    }
    Ok(())
}

/// Devices per second of so many at once, as the service saw them.
fn together(service: &Service, regime: &Regime, apply: impl Fn() -> Command, number: usize) -> anyhow::Result<f64> {
    service.counts()?;
    let start = |_| apply().stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let applies: Vec<_> = (0..number).map(start).collect::<Result<_, _>>()?;
    for mut apply in applies {
        let ended = apply.wait()?;
        ensure!(ended.success(), "an apply ended with {ended}");
    }
    let counts = service.counts()?;
    ensure!(
        counts.devices == regime.devices(),
        "{} devices were received of {}",
        counts.devices,
        regime.devices()
    );
    Ok(float(counts.devices) / counts.sending())
}
