//! The rows of the benchmark: what is compared, and what should come of it.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use super::compare::Comparison;
use super::contender::{Contender, Plan, Round, float, list, measure, measure_any};
use super::effort::Effort;
use super::finding::Row;
use super::first;
use super::ground::Ground;
use super::regime::{Api, Regime};
use super::service::Service;
use super::statistics::Goal::{AtLeast, AtMost};
use super::statistics::Spread;
use super::stores::stores;

/// A row, by its name.
pub(super) struct Entry {
    pub(super) id: &'static str,
    pub(super) run: fn(&Ground, Effort) -> anyhow::Result<Row>,
    /// Whether a quick run has it.
    pub(super) is_quick: bool,
}

pub(super) const ROWS: &[Entry] = &[
    entry("P1", p1, true),
    entry("P2", p2, true),
    entry("P3", p3, false),
    entry("P4", p4, true),
    entry("P5", p5, true),
    entry("P6", p6, false),
    entry("P7", p7, false),
    entry("P8", p8, false),
    entry("P9", p9, true),
    entry("P10", p10, true),
    entry("U", ubidots, true),
    entry("S", stores, false),
    entry("R", regimes, false),
];

const fn entry(id: &'static str, run: fn(&Ground, Effort) -> anyhow::Result<Row>, is_quick: bool) -> Entry {
    Entry { id, run, is_quick }
}

use Contender::{Aiohttp, Apply, Canned, Facade, Generated, NexthinkApi, Oha, Requests};

/// Takes over what a comparison has measured.
fn take(row: &mut Row, comparison: &Comparison) {
    row.measured.extend(comparison.measured());
    for missing in &comparison.missing {
        if !row.missing.contains(missing) {
            row.missing.push(missing.clone());
        }
    }
}

fn p1(ground: &Ground, effort: Effort) -> anyhow::Result<Row> {
    let mut row = Row::new("P1", "Requests per second of a service that takes no time");
    let regime = Regime::new(0, 32, effort.requests(20_000));
    let all = Comparison::run(ground, regime, &[Oha, Canned, Generated, Facade, Apply], effort.rounds)?;
    for (over, goal) in [(Oha, 0.40), (Generated, 0.9), (Canned, 0.7)] {
        let ratio = all.ratio(Apply, over, Round::requests_per_second);
        row.find(format!("apply over {over}"), "", ratio, AtLeast(goal));
    }
    take(&mut row, &all);
    Ok(row)
}

fn p2(ground: &Ground, effort: Effort) -> anyhow::Result<Row> {
    let mut row = Row::new("P2", "Requests per second of a service that takes 20 ms");
    for (in_flight, goal) in [(32, 0.98), (128, 0.95)] {
        let regime = Regime::new(20, in_flight, effort.requests(10_000));
        let all = Comparison::run(ground, regime, &[Oha, Apply], effort.rounds)?;
        let ratio = all.ratio(Apply, Oha, Round::requests_per_second);
        row.find(
            format!("apply over oha, {in_flight} in flight"),
            "",
            ratio,
            AtLeast(goal),
        );
        take(&mut row, &all);
    }
    Ok(row)
}

fn p3(ground: &Ground, effort: Effort) -> anyhow::Result<Row> {
    let mut row = Row::new("P3", "Devices per second beside clients in Python");
    let none = Regime::new(0, 32, effort.requests(20_000));
    for (regime, what, goal) in [
        (none.clone(), "0 ms", 30.0),
        (
            Regime::new(20, 128, effort.requests(10_000)),
            "20 ms, 128 in flight",
            120.0,
        ),
        (none.tls(), "0 ms, TLS", 30.0),
    ] {
        let all = Comparison::run(ground, regime, &[Apply, Requests, Aiohttp, NexthinkApi], effort.rounds)?;
        let ratio = all.ratio(Apply, NexthinkApi, Round::devices_per_second);
        row.find(format!("apply over nexthink-api, {what}"), "", ratio, AtLeast(goal));
        take(&mut row, &all);
    }
    Ok(row)
}

fn p4(ground: &Ground, effort: Effort) -> anyhow::Result<Row> {
    let mut row = Row::new("P4", "CPU time per million devices");
    for (delay, in_flight) in [(0, 32), (20, 32), (20, 128)] {
        let regime = Regime::new(delay, in_flight, effort.requests(10_000));
        let all = Comparison::run(ground, regime, &[Oha, Apply], effort.rounds)?;
        let what = format!("{delay} ms, {in_flight} in flight");
        row.find(
            format!("apply, {what}"),
            " s",
            all.spread(Apply, Round::cpu_per_million),
            AtMost(1.0),
        );
        let ratio = all.ratio(Apply, Oha, Round::cpu_per_million);
        row.find(format!("apply over oha, {what}"), "", ratio, AtMost(2.5));
        take(&mut row, &all);
    }
    Ok(row)
}

fn p5(ground: &Ground, effort: Effort) -> anyhow::Result<Row> {
    let mut row = Row::new("P5", "Peak memory, with the default of 4 in flight");
    let (few, many) = if effort.is_quick {
        (1_000, 10_000)
    } else {
        (10_000, 100_000)
    };
    let one = Comparison::run(ground, Regime::new(0, 4, few), &[Apply], effort.few())?;
    let ten = Comparison::run(ground, Regime::new(0, 4, many), &[Apply], 1)?;
    let million = |requests: u64| format!("{} million rows", float(requests) / 10_000.0);
    let peak = |round: &Round| round.cost.peak_mb;
    let plan = |all: &Comparison| all.plan.map(|cost| cost.peak_mb);
    let slope = |more: Option<f64>, less: Option<f64>| {
        let rows = float(many - few) / 10_000.0;
        Spread::of(more.zip(less).map(|(more, less)| (more - less) / rows))
    };
    let median = |all: &Comparison| all.spread(Apply, peak).map(|spread| spread.median);
    row.find(
        format!("apply, {}", million(few)),
        " MB",
        one.spread(Apply, peak),
        AtMost(16.0),
    );
    row.find(
        format!("plan, {}", million(few)),
        " MB",
        Spread::of(plan(&one)),
        AtMost(32.0),
    );
    let to = million(many);
    let per = " MB per million rows";
    row.find(
        format!("apply, up to {to}"),
        per,
        slope(median(&ten), median(&one)),
        AtMost(0.1),
    );
    row.find(
        format!("plan, up to {to}"),
        per,
        slope(plan(&ten), plan(&one)),
        AtMost(0.1),
    );
    take(&mut row, &one);
    take(&mut row, &ten);
    Ok(row)
}

fn p6(ground: &Ground, effort: Effort) -> anyhow::Result<Row> {
    let mut row = Row::new("P6", "What the journal costs");
    for (delay, goal) in [(20, 3.0), (0, 20.0)] {
        let regime = Regime::new(delay, 32, effort.requests(if delay == 0 { 20_000 } else { 10_000 }));
        let all = Comparison::run(ground, regime, &[Facade, Apply], effort.rounds)?;
        let longer: Vec<f64> = all
            .values(Apply, |round| round.sending)
            .iter()
            .zip(all.values(Facade, |round| round.sending))
            .map(|(with, without)| (with / without - 1.0) * 100.0)
            .collect();
        row.find(
            format!("apply longer than the facade, {delay} ms"),
            " %",
            Spread::of(longer),
            AtMost(goal),
        );
        take(&mut row, &all);
    }
    Ok(row)
}

/// How many requests per second are allowed at first, when that changes, and how long it takes to find out: in seconds.
const LIMIT: f64 = 200.0;
const CHANGE: f64 = 15.0;
const LEARNING: f64 = 15.0;

fn p7(ground: &Ground, effort: Effort) -> anyhow::Result<Row> {
    let mut row = Row::new(
        "P7",
        "A service that allows 200 requests per second, 20 ms, 32 in flight, from 15 s after it began or changed",
    );
    for (what, factor, requests) in [("steady", 1.0, 9_000), ("halved", 0.5, 6_000), ("doubled", 2.0, 17_000)] {
        let since = if factor > 0.99 && factor < 1.01 {
            LEARNING
        } else {
            CHANGE + LEARNING
        };
        let flags = [
            ["--limit".to_owned(), LIMIT.to_string()].to_vec(),
            ["--change".to_owned(), CHANGE.to_string(), factor.to_string()].to_vec(),
            ["--since".to_owned(), since.to_string()].to_vec(),
        ];
        let mut regime = Regime::new(20, 32, requests);
        regime.service = flags.concat();
        let all = Comparison::run(ground, regime, &[Apply], effort.few())?;
        let used = |round: &Round| round.requests / (LIMIT * factor * round.sending) * 100.0;
        let refused = |round: &Round| round.refused / (round.requests + round.refused) * 100.0;
        row.find(
            format!("of the allowed rate, {what}"),
            " %",
            all.spread(Apply, used),
            AtLeast(97.0),
        );
        row.find(
            format!("refused, {what}"),
            " %",
            all.spread(Apply, refused),
            AtMost(1.0),
        );
        take(&mut row, &all);
    }
    Ok(row)
}

fn p8(ground: &Ground, effort: Effort) -> anyhow::Result<Row> {
    let mut row = Row::new(
        "P8",
        "Devices that FAILED, and were surely not deleted: 20 ms, 32 in flight",
    );
    let regime = |share: f64| {
        let regime = Regime::new(20, 32, effort.requests(30_000));
        regime.service(&["--fail", &share.to_string()])
    };
    let shares = [0.0, 0.01, 0.1];
    let all = Comparison::interleaved(ground, shares.map(regime).into(), &[Apply], effort.few())?;
    let clean = all[0].values(Apply, Round::devices_per_second);
    for ((share, goal), faulty) in [(0.01, 0.97), (0.1, 0.90)].into_iter().zip(&all[1..]) {
        let possible: Vec<f64> = clean.iter().map(|rate| rate * (1.0 - share)).collect();
        let ratio = Spread::of_ratios(&faulty.values(Apply, Round::devices_per_second), &possible);
        let percent = share * 100.0;
        row.find(
            format!("of the possible rate, {percent} % fail"),
            "",
            ratio,
            AtLeast(goal),
        );
    }
    all.iter().for_each(|all| take(&mut row, all));
    Ok(row)
}

fn p9(ground: &Ground, effort: Effort) -> anyhow::Result<Row> {
    let mut row = Row::new("P9", "How soon it begins");
    let milliseconds =
        |command: &Command| -> anyhow::Result<f64> { Ok(measure(ground, "fleetpurge", command)?.seconds * 1e3) };
    let (mut version, mut plan, mut first) = (Vec::new(), Vec::new(), Vec::new());
    let alone = ground.work("alone");
    std::fs::create_dir_all(&alone)?;
    let one = list(ground, Api::Nexthink, 1)?;
    let regime = Regime::new(0, 4, effort.requests(10_000));
    let service = Service::start(ground, &regime)?;
    let begun = Plan::make(ground, &regime, &service.url, 0)?;
    for _ in 0..effort.rounds {
        let mut command = Command::new(&ground.fleetpurge);
        version.push(milliseconds(command.arg("--version"))?);
        // Alone in its folder: `plan` compares a plan with those beside it.
        let out = alone.join("one.plan");
        let mut command = Command::new(&ground.fleetpurge);
        command.args(["plan", "--force", "--base-url", &service.url, "--out"]);
        plan.push(milliseconds(command.arg(out).arg(&one))?);

        let copy = begun.copy()?;
        measure_any(
            ground,
            "fleetpurge apply --limit",
            &begun.apply_first(ground, &copy, 4, 1_000),
        )?;
        service.counts()?;
        let start = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64();
        measure(ground, "fleetpurge apply", &begun.apply(ground, &copy, 4, 1_000))?;
        first.extend(service.counts()?.first.map(|at| at - start));
    }
    row.find("`--version`", " ms", Spread::of(version), AtMost(5.0));
    row.find("`plan` of one row", " ms", Spread::of(plan), AtMost(30.0));
    let rows = float(regime.devices()) / 1e6;
    let what = format!("first request of a resumed plan of {rows} million rows");
    row.find(what, " s", Spread::of(first), AtMost(0.5));
    first::outputs(ground, effort.rounds, &regime, &mut row)?;
    Ok(row)
}

fn p10(ground: &Ground, effort: Effort) -> anyhow::Result<Row> {
    let mut row = Row::new("P10", "Planning");
    let rows = effort.requests(10_000) * 100;
    let regime = Regime::new(0, 1, rows / 100);
    let service = Service::start(ground, &regime)?;
    let mut speeds = Vec::new();
    for _ in 0..effort.rounds {
        speeds.push(float(rows) / 1e6 / Plan::make(ground, &regime, &service.url, 0)?.cost.seconds);
    }
    let what = format!("`plan` of {} million rows", float(rows) / 1e6);
    row.find(what, " million rows per second", Spread::of(speeds), AtLeast(1.5));
    Ok(row)
}

fn ubidots(ground: &Ground, effort: Effort) -> anyhow::Result<Row> {
    let mut row = Row::new("U", "Ubidots: requests per second, 300 ids in each");
    for (delay, in_flight, goal) in [(0, 32, 0.40), (20, 32, 0.98), (20, 128, 0.95)] {
        let regime = Regime::new(delay, in_flight, effort.requests(10_000)).of(Api::Ubidots);
        let all = Comparison::run(ground, regime, &[Oha, Canned, Generated, Facade, Apply], effort.few())?;
        let ratio = all.ratio(Apply, Oha, Round::requests_per_second);
        let what = format!("apply over oha, {delay} ms, {in_flight} in flight");
        row.find(what, "", ratio, AtLeast(goal));
        take(&mut row, &all);
    }
    selected(ground, effort, &mut row)?;
    Ok(row)
}

/// `select` beside a bare loop over the same pages.
fn selected(ground: &Ground, effort: Effort, row: &mut Row) -> anyhow::Result<()> {
    let devices = effort.requests(100_000).to_string();
    for delay in [0, 20] {
        let regime = Regime::new(delay, 1, 1)
            .of(Api::Ubidots)
            .service(&["--listed", &devices]);
        let service = Service::start(ground, &regime)?;
        let (mut bare, mut selected) = (Vec::new(), Vec::new());
        for _ in 0..effort.few() {
            let loops = ground.bench(&[
                "send",
                "pages",
                "--service",
                "ubidots",
                "--url",
                &service.url,
                "--listed",
                &devices,
            ]);
            bare.push(measure(ground, "the bare page loop", &loops)?.seconds);
            let mut command = Command::new(&ground.fleetpurge);
            command.args([
                "select",
                "--service",
                "ubidots",
                "--base-url",
                &service.url,
                "--all",
                "--force",
            ]);
            // As fast as the service answers: one page after the other, as in the loop.
            command
                .args(["--rate", "100000", "--out"])
                .arg(ground.work("selected.csv"));
            command.env("UBIDOTS_TOKEN", "bench");
            selected.push(measure(ground, "fleetpurge select", &command)?.seconds);
        }
        let what = format!("select of {devices} devices over a bare page loop, {delay} ms");
        row.find(what, "", Spread::of_ratios(&bare, &selected), AtLeast(0.95));
    }
    Ok(())
}

fn regimes(ground: &Ground, effort: Effort) -> anyhow::Result<Row> {
    let mut row = Row::new("R", "The other regimes, beside oha");
    for tls in [false, true] {
        for delay in [0, 20, 100] {
            for in_flight in [1_u64, 32, 128] {
                let per_second = (in_flight * 1_000).checked_div(delay).unwrap_or(4_000);
                let regime = Regime::new(delay, in_flight, (per_second * 3).clamp(30, 15_000));
                let regime = if tls { regime.tls() } else { regime };
                let all = Comparison::run(ground, regime, &[Oha, Apply], effort.few())?;
                take(&mut row, &all);
            }
        }
    }
    Ok(row)
}
