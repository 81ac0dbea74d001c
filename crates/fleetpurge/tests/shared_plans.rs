//! Plans in a database: several applies at once, processes that die, and a server that goes away. What was received is held
//! against the plan by the same rig as for a file, after it was copied to one.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use common::{Ended, Running, Service, ended, signal};
use fleetpurge_testing::postgres::{Proxy, Replication, Server, run as run_trials, trial};
use rig::{Rig, kill, until};
use serde_json::json;

fn main() -> ExitCode {
    macro_rules! trials {
        ($($test:ident),* $(,)?) => { vec![$(trial(stringify!($test), $test)),*] };
    }
    run_trials(trials![
        a_plan_is_made_applied_and_verified_in_a_database,
        reports_are_the_same_from_both_stores,
        three_applies_that_die_and_a_server_that_restarts_send_nothing_twice,
        a_standby_that_takes_over_knows_all_that_was_confirmed,
        an_address_with_both_servers_finds_the_one_that_took_over,
        a_standby_that_lacks_what_was_confirmed_is_applied_from_no_machine,
        an_apply_that_wakes_after_its_lease_records_nothing,
        a_database_that_is_gone_for_too_long_ends_the_run,
        an_unclear_service_costs_three_applies_no_more_probes_than_one,
        applies_of_one_tenant_share_its_rate,
        mistakes_are_told_and_no_password_is_repeated,
    ])
}

/// How many devices the chaos is over.
const CHAOS_DEVICES: &str = "FLEETPURGE_TEST_CHAOS_DEVICES";

/// A tenant whose plan is in a database.
struct Shared {
    rig: Rig,
    url: String,
}

impl Shared {
    fn new(server: &Server, devices: usize, latency_ms: u64) -> Self {
        let build = |builder: fleetpurge_simulator::Builder| builder.latency(Duration::from_millis(latency_ms));
        let rig = Rig::with(Service::Nexthink, devices, "", build);
        let url = format!("{}?plan=fleet", server.database());
        rig.bench.run(&format!("copy devices.plan {url}")).exits(0);
        std::fs::remove_file(rig.bench.path("devices.plan")).unwrap();
        Self { rig, url }
    }

    fn command(&self, flags: &str) -> Command {
        let line = format!(
            "apply {} --confirm {}/{} {flags}",
            self.url,
            self.rig.tenant(),
            self.rig.devices.len()
        );
        let mut command = self.rig.bench.command(&line);
        Service::Nexthink.credentials(&mut command);
        command
    }

    fn apply(&self, flags: &str) -> Ended {
        ended(&mut self.command(flags))
    }

    /// On another machine, which remembers nothing of the plan.
    fn apply_elsewhere(&self, flags: &str) -> Ended {
        let machine = self.rig.bench.path("another-machine");
        ended(self.command(flags).env("XDG_STATE_HOME", machine))
    }

    fn start(&self, flags: &str) -> Child {
        let mut command = self.command(flags);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Copies the plan to a file, and holds it against what was received.
    fn holds_every_promise(&self, what: &str) -> std::collections::HashMap<&'static str, u64> {
        self.rig.bench.run(&format!("copy {} devices.plan", self.url)).exits(0);
        self.rig.holds_every_promise(&[], what)
    }

    /// From now on its applies reach the server by a proxy.
    fn goes_through_a_proxy(&mut self, server: &Server) -> Proxy {
        let proxy = Proxy::to(server.port());
        let port = |port: u16| format!(":{port}/");
        self.url = self.url.replace(&port(server.port()), &port(proxy.port()));
        proxy
    }

    /// From now on its applies know both servers, and use the one that writes.
    fn names_both(&mut self, first: &Server, second: &Server) {
        let (one, both) = (first.port(), format!("{},127.0.0.1:{}", first.port(), second.port()));
        let url = self.url.replace(&format!(":{one}/"), &format!(":{both}/"));
        self.url = format!("{url}&target_session_attrs=read-write");
    }

    /// What was received was received once, whatever the database knows of it.
    fn nothing_was_sent_twice(&self) {
        let mut received = std::collections::HashSet::new();
        for (uid, _) in self.rig.requests().into_iter().flatten() {
            assert!(received.insert(uid.clone()), "{uid} was sent twice");
        }
    }

    /// What a query of one number returns.
    fn number(&self, server: &Server, sql: &str) -> u64 {
        server.query(&self.url, sql)[0][0].as_deref().unwrap().parse().unwrap()
    }

    /// Nothing was heard of any run for longer than its lease.
    fn lapse(&self, server: &Server) {
        server.execute(&self.url, "UPDATE fleetpurge.runs SET lease_until = '-infinity'");
    }
}

/// Applies of one plan. One that could not begin because the server was away, or that gave up, begins again. None outlives the test.
struct Crew<'a> {
    shared: &'a Shared,
    at_work: Vec<Child>,
    asleep: Vec<Child>,
}

impl Drop for Crew<'_> {
    fn drop(&mut self) {
        for process in self.at_work.iter_mut().chain(&mut self.asleep) {
            process.kill().ok();
            process.wait().ok();
        }
    }
}

impl<'a> Crew<'a> {
    fn of(shared: &'a Shared, size: usize) -> Self {
        let at_work = (0..size).map(|_| shared.start(HARDY)).collect();
        Self {
            shared,
            at_work,
            asleep: Vec::new(),
        }
    }

    /// Whether all of them have come to their end.
    fn is_done(&mut self) -> bool {
        let mut done = true;
        for apply in &mut self.at_work {
            match apply.try_wait().unwrap().map(|status| status.code()) {
                Some(Some(0 | 4)) => {}
                Some(Some(1 | 5)) => {
                    *apply = self.shared.start(HARDY);
                    done = false;
                }
                Some(code) => panic!("an apply exits {code:?}"),
                None => done = false,
            }
        }
        done
    }

    /// Until so many requests were received.
    fn sends(&mut self, requests: u64) {
        until(&format!("request {requests}"), || {
            assert!(!self.is_done(), "all was done before request {requests}");
            self.shared.rig.request_count() >= requests
        });
    }

    fn comes_to_its_end(mut self) {
        until("the end", || self.is_done());
        for apply in &mut self.asleep {
            let code = apply.wait().unwrap().code();
            assert!(matches!(code, Some(4 | 5)), "one that slept exits {code:?}");
        }
    }

    /// One of them dies, and another begins.
    fn loses_one(&mut self, random: &mut fastrand::Rng) {
        let mut dead = self.at_work.swap_remove(random.usize(..self.at_work.len()));
        kill(&mut dead);
        self.at_work.push(self.shared.start(HARDY));
    }

    /// How many runs of this process are like that.
    fn runs(&self, server: &Server, of: &Child, which: &str) -> u64 {
        let sql = "SELECT count(*) FROM fleetpurge.runs WHERE pid =";
        self.shared.number(server, &format!("{sql} {} AND {which}", of.id()))
    }

    /// One of them sleeps until another has taken over from it. In its place another begins.
    fn has_one_sleep(&mut self, server: &Server, random: &mut fastrand::Rng) {
        let mut place = 0;
        until("one of them has begun", || {
            place = random.usize(..self.at_work.len());
            self.runs(server, &self.at_work[place], "ended_at IS NULL AND fenced_at IS NULL") > 0
        });
        let sleeper = self.at_work.swap_remove(place);
        signal(sleeper.id(), "-STOP");
        self.at_work.push(self.shared.start(HARDY));
        self.asleep.push(sleeper);
        until("another has taken over", || {
            self.is_done();
            self.runs(server, &self.asleep[self.asleep.len() - 1], "fenced_at IS NOT NULL") > 0
        });
        signal(self.asleep[self.asleep.len() - 1].id(), "-CONT");
    }
}

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

/// How the applies of the chaos are started: a lease that lapses soon, and patience with the database.
const HARDY: &str = "--lease 2 --max-wait 60 --concurrency 2";

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
