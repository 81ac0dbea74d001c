//! Plans in a database: several applies at once, processes that die, and a server that goes away. What was received is held
//! against the plan by the same rig as for a file, after it was copied to one.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
#[path = "shared_plans/crew.rs"]
mod crew;
mod rig;

use std::process::{Child, ExitCode};
use std::time::{Duration, Instant};

use common::{Running, Service};
use crew::{Crew, HARDY, Shared};
use fleetpurge_testing::postgres::{Replication, Server, run as run_trials};
use fleetpurge_testing::trials;
use rig::{Rig, until};
use serde_json::json;

fn main() -> ExitCode {
    run_trials(trials![
        a_plan_is_made_applied_and_verified_in_a_database,
        reports_are_the_same_from_both_stores,
        three_applies_that_die_and_a_server_that_restarts_send_nothing_twice,
        a_standby_that_takes_over_knows_all_that_was_confirmed,
        an_address_with_both_servers_finds_the_one_that_took_over,
        a_standby_that_lacks_what_was_confirmed_is_applied_from_no_machine,
        a_primary_server_that_comes_back_after_the_failover_is_refused,
        an_apply_that_wakes_after_its_lease_records_nothing,
        a_database_that_is_gone_for_too_long_ends_the_run,
        an_unclear_service_costs_three_applies_no_more_probes_than_one,
        applies_of_one_tenant_share_its_rate,
        mistakes_are_told_and_no_password_is_repeated,
    ])
}

/// How many devices the chaos is over.
const CHAOS_DEVICES: &str = "FLEETPURGE_TEST_CHAOS_DEVICES";

fn a_plan_is_made_applied_and_verified_in_a_database() {
    let rig = Rig::unplanned(Service::Nexthink, "", |builder| builder);
    let devices = Service::Nexthink.devices(250);
    rig.bench.file("devices.csv", Service::Nexthink.csv(&devices));
    let database = Server::shared().database();
    let url = format!("{database}?plan=acme-2026-11");
    // Nobody has put a plan there yet.
    assert!(
        rig.bench
            .run(&format!("list {database}"))
            .exits(0)
            .stdout
            .contains("No plan")
    );
    let plan = rig.plan_line("").replace("devices.plan", &url);
    let planned = rig.bench.run(&plan).exits(0);
    assert!(
        planned.stdout.contains(&format!("Plan {url} is written")),
        "{}",
        planned.stdout
    );
    rig.bench.run(&plan).exits(1).says(&["has a plan of that name already"]);
    rig.bench.run(&format!("{plan} --force")).exits(0);
    let confirm = format!("{}/250", rig.tenant());
    rig.run(&format!("apply {url} --limit 1 --confirm {}/1", rig.tenant()))
        .exits(5);
    rig.run(&format!("apply {url} --confirm {confirm}")).exits(0);
    let status = rig.bench.run(&format!("status {url} --format json")).exits(0);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!((&status["scheduled"], &status["attempts"]), (&json!(250), &json!(4)));
    let list = rig.bench.run(&format!("list {database} --format json")).exits(0);
    let list: serde_json::Value = serde_json::from_str(&list.stdout).unwrap();
    assert_eq!(list["plans"][0]["name"], "acme-2026-11");
    assert_eq!(list["plans"][0]["state"], "done");
    let mut fresh = devices.clone();
    fresh.truncate(2);
    fresh.push((Service::Nexthink.devices(300)[299].0.clone(), "another".to_owned()));
    rig.bench.file("fresh.csv", Service::Nexthink.csv(&fresh));
    rig.bench.run(&format!("verify {url} --inventory fresh.csv")).exits(3);
    // It is kept: a report shows it.
    let report = rig.bench.run(&format!("report {url} --format ndjson")).exits(0);
    assert!(
        report.stdout.contains("\"present\""),
        "{}",
        report.stdout.lines().next().unwrap()
    );
    assert_eq!(rig.requests().iter().map(Vec::len).sum::<usize>(), 250);
}

fn reports_are_the_same_from_both_stores() {
    let rig = Rig::new(Service::Nexthink, 700, "");
    rig.faults(json!([
        {"when": {"request": 2}, "then": {"reply": {"status": 500}}},
        {"when": {"request": 4}, "then": {"reply": {"status": 503}}},
    ]));
    rig.apply();
    let url = format!("{}?plan=same", Server::shared().database());
    rig.bench.run(&format!("copy devices.plan {url}")).exits(0);
    for format in ["ndjson", "json", "csv"] {
        let of = |plan: &str| {
            rig.bench
                .run(&format!("report {plan} --format {format}"))
                .exits(0)
                .stdout
        };
        assert_eq!(of("devices.plan"), of(&url), "{format}");
    }
    for format in ["text", "html"] {
        let of = |plan: &str| {
            let report = rig
                .bench
                .run(&format!("report {plan} --format {format}"))
                .exits(0)
                .stdout;
            // All but the name of the plan, and when the page was made.
            let lines = report
                .lines()
                .filter(|line| !line.contains(plan) && !line.contains("generated"));
            lines
                .map(|line| line.replace(&url, "devices.plan"))
                .collect::<Vec<_>>()
                .len()
        };
        assert_eq!(of("devices.plan"), of(&url), "{format}");
    }
}

fn chaos_devices() -> usize {
    std::env::var(CHAOS_DEVICES).map_or(6_000, |devices| devices.parse().unwrap())
}

fn three_applies_that_die_and_a_server_that_restarts_send_nothing_twice() {
    let devices = chaos_devices();
    let mut server = Server::start();
    let mut shared = Shared::new(&server, devices, 50);
    let proxy = shared.goes_through_a_proxy(&server);
    let mut random = fastrand::Rng::with_seed(7);
    let mut crew = Crew::of(&shared, 3);
    // At these numbers of requests one of them dies, or the server does.
    for part in 0..8 {
        crew.sends((part + 1) * devices as u64 / 100 / 12);
        match part % 4 {
            0 => proxy.lose_next_commit(),
            1 => {
                server.kill();
                server.restart();
            }
            2 => crew.loses_one(&mut random),
            _ => crew.has_one_sleep(&server, &mut random),
        }
    }
    crew.comes_to_its_end();
    assert_eq!(proxy.lost_commits(), 2);
    let counts = shared.holds_every_promise("after the chaos");
    assert_eq!(counts["scheduled"] + counts["unknown"], devices as u64, "{counts:?}");
    assert!(counts["scheduled"] > 0);
}

fn a_standby_that_takes_over_knows_all_that_was_confirmed() {
    let devices = chaos_devices() / 2;
    let mut server = Server::start();
    let standby = server.standby(Replication::Synchronous);
    let mut shared = Shared::new(&server, devices, 50);
    let proxy = shared.goes_through_a_proxy(&server);
    let mut crew = Crew::of(&shared, 3);
    crew.sends(devices as u64 / 100 / 3);
    server.kill();
    standby.promote();
    proxy.point_to(standby.port());
    crew.comes_to_its_end();
    assert!(shared.number(&standby, "SELECT count(*) FROM fleetpurge.outcomes") > 0);
    let counts = shared.holds_every_promise("after the failover");
    assert_eq!(counts["scheduled"] + counts["unknown"], devices as u64, "{counts:?}");
    // What was in flight when the primary died, at most: two requests of each.
    assert!(counts["unknown"] <= 600, "{counts:?}");
}

fn an_address_with_both_servers_finds_the_one_that_took_over() {
    let devices = 3_000;
    let mut server = Server::start();
    let standby = server.standby(Replication::Synchronous);
    let mut shared = Shared::new(&server, devices, 50);
    shared.names_both(&server, &standby);
    let applies: Vec<Running> = (0..3).map(|_| Running::start(&mut shared.command(HARDY))).collect();
    shared.rig.received(8);
    server.kill();
    standby.promote();
    // None of them is begun again.
    for apply in applies {
        let ended = apply.ends();
        assert!(matches!(ended.code, 0 | 4), "{}: {}", ended.code, ended.stderr);
    }
    let counts = shared.holds_every_promise("after the failover");
    assert_eq!(counts["scheduled"] + counts["unknown"], devices as u64, "{counts:?}");
}

fn a_standby_that_lacks_what_was_confirmed_is_applied_from_no_machine() {
    let mut server = Server::start();
    let standby = server.standby(Replication::Asynchronous);
    let mut shared = Shared::new(&server, 3_000, 50);
    let proxy = shared.goes_through_a_proxy(&server);
    let apply = Running::start(&mut shared.command(HARDY));
    shared.rig.received(5);
    standby.cut_off();
    // More than were under way: some began afterwards, and only the first server knows of them.
    shared.rig.received(shared.rig.request_count() + 6);
    server.kill();
    standby.promote();
    let known = shared.number(&standby, "SELECT count(*) FROM fleetpurge.attempts");
    proxy.point_to(standby.port());
    let ended = apply.exits(6).1;
    assert!(ended.contains("does not have change"), "{ended}");
    let received = shared.rig.request_count();
    assert!(known < received, "{known} attempts are known of {received}");
    // Another machine is told as well, though it knows of nothing that is gone.
    for refused in [shared.apply(""), shared.apply_elsewhere("")] {
        refused.exits(6).says(&["does not have change"]);
    }
    assert_eq!(shared.rig.request_count(), received);
    shared.nothing_was_sent_twice();
}

/// What marks the plan must not wait for a standby: the one that the old server waits for is the one that took over.
fn a_primary_server_that_comes_back_after_the_failover_is_refused() {
    let mut server = Server::start();
    let standby = server.standby(Replication::Synchronous);
    let mut shared = Shared::new(&server, 3_000, 50);
    shared.names_both(&server, &standby);
    let apply = Running::start(&mut shared.command(HARDY));
    shared.rig.received(5);
    server.kill();
    standby.promote();
    shared.rig.received(15);
    // It does not know that another took over, and it is named first.
    server.restart();
    let mut refused = Running::start(&mut shared.command(""));
    until("it is refused", || refused.child.try_wait().unwrap().is_some());
    refused.exits(6);
    // Its last look may have been at the server that came back, which knows less.
    let ended = apply.ends();
    assert!(matches!(ended.code, 0 | 4 | 5), "{}: {}", ended.code, ended.stderr);
    shared.nothing_was_sent_twice();
}

fn an_apply_that_wakes_after_its_lease_records_nothing() {
    let server = Server::shared();
    let shared = Shared::new(server, 400, 200);
    let asleep = Running::start(&mut shared.command("--concurrency 1"));
    shared.rig.received(1);
    asleep.signal("-STOP");
    shared.lapse(server);
    // The other takes over: what the first had in flight is unknown, and it sends the rest.
    shared.apply("").exits(4);
    asleep.signal("-CONT");
    let woken = asleep.ends();
    assert!(matches!(woken.code, 4 | 5), "{}: {}", woken.code, woken.stderr);
    let counts = shared.holds_every_promise("after it woke");
    assert_eq!(counts["pending"], 0);
    assert!(counts["unknown"] >= 100, "{counts:?}");
}

fn a_database_that_is_gone_for_too_long_ends_the_run() {
    let mut server = Server::start();
    let shared = Shared::new(&server, 1_000, 100);
    let running = Running::start(&mut shared.command("--concurrency 1 --max-wait 1"));
    shared.rig.received(2);
    server.kill();
    let ended = running.ends();
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    assert!(ended.stderr.contains("cannot be reached"), "{}", ended.stderr);
    assert!(ended.next().contains("apply"), "{}", ended.stderr);
    let before = shared.rig.request_count();
    server.restart();
    shared.lapse(&server);
    shared.apply("").exits(4);
    let counts = shared.holds_every_promise("after the server came back");
    // What was in flight when it went, and no more.
    assert_eq!(counts["unknown"], 100, "{counts:?}");
    assert!(before <= 3, "{before} requests");
}

fn mistakes_are_told_and_no_password_is_repeated() {
    let rig = Rig::new(Service::Nexthink, 3, "");
    let database = Server::shared().database();
    let with_password = database.replace("ops@", "ops:geheim@");
    for line in [
        format!("list {with_password}"),
        format!("status {with_password}?plan=a"),
        format!("apply {with_password}?plan=a --dry-run"),
        format!("copy devices.plan {with_password}?plan=a"),
        format!("plan devices.csv --out {with_password}?plan=a"),
    ] {
        let ended = rig.run(&line).exits(2).says(&["the URL has a password", "PGPASSFILE"]);
        assert!(!(ended.stderr + &ended.stdout).contains("geheim"), "{line}");
    }
    rig.bench.run(&format!("copy devices.plan {database}?plan=a")).exits(0);
    for (line, code, says) in [
        (format!("status {database}"), 2, "add ?plan=NAME"),
        (format!("status {database}?plan=a&sslmode=prefer"), 2, "sslmode"),
        (format!("status {database}?plan=a&plam=b"), 2, "plam"),
        (format!("status {database}?plan=b"), 1, "no plan named \"b\""),
        (format!("status {database}x?plan=a"), 1, "has no database"),
        (
            format!("copy devices.plan {database}?plan=a"),
            1,
            "has a plan of that name already",
        ),
        ("copy devices.plan other.plan".to_owned(), 2, "both are files"),
        (format!("serve {database}?plan=a"), 2, "Copy the plan to a file"),
        (format!("backup {database}?plan=a"), 2, "Copy the plan to a file"),
        ("apply devices.plan --lease 5".to_owned(), 2, "--lease has no effect"),
    ] {
        rig.run(&line).exits(code).says(&[says]);
    }
    // What is wrong is not in a file.
    Server::shared().execute(&database, "ALTER TABLE fleetpurge.anomalies RENAME TO elsewhere");
    rig.run(&format!("status {database}?plan=a"))
        .exits(1)
        .says(&["fleetpurge.anomalies", "Check the database and the log of its server"]);
    assert_eq!(rig.request_count(), 0);
}

fn an_unclear_service_costs_three_applies_no_more_probes_than_one() {
    let server = Server::shared();
    let shared = Shared::new(server, 3_000, 20);
    shared
        .rig
        .faults(json!([{"when": {}, "then": {"reply": {"status": 500}}}]));
    let mut applies: Vec<Child> = (0..3).map(|_| shared.start("--concurrency 2")).collect();
    for apply in &mut applies {
        assert_eq!(apply.wait().unwrap().code(), Some(5));
    }
    let requests = shared.rig.requests();
    let batches = requests.iter().filter(|devices| devices.len() > 1).count();
    assert!(
        batches <= 3 * 2,
        "{batches} batches met the fault, which is more than were in flight"
    );
    assert_eq!(requests.len() - batches, 4, "single devices that were sent to try");
    shared.holds_every_promise("an unclear service");
}

fn applies_of_one_tenant_share_its_rate() {
    let server = Server::shared();
    let shared = Shared::new(server, 3_000, 5);
    let since = Instant::now();
    let mut applies: Vec<Child> = (0..2).map(|_| shared.start("--rate 10 --concurrency 4")).collect();
    for apply in &mut applies {
        assert_eq!(apply.wait().unwrap().code(), Some(0));
    }
    // A slow machine only takes longer.
    let took = since.elapsed();
    let requests = shared.rig.requests().len();
    assert!(
        took >= Duration::from_millis(100) * u32::try_from(requests - 3).unwrap(),
        "{requests} requests in {took:?}"
    );
    let runs = server.query(
        &shared.url,
        "SELECT count(*) FROM (SELECT run FROM fleetpurge.attempts GROUP BY run HAVING count(*) > 5) busy",
    );
    assert_eq!(runs[0][0].as_deref(), Some("2"), "both have sent");
    shared.holds_every_promise("two applies");
}
