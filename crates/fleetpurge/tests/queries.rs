//! From a saved query to a deletion that was verified: the real binary against NQL exports over sockets.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use common::{Bench, Ended, Service, with_credentials};
use fleetpurge_simulator::{Builder, ExportFault, FaultScript, QueryColumn, SavedQuery, Simulator};
use tokio::runtime::Runtime;

const OLD: u32 = 2_500;
const NEW: u32 = 10_000;

fn uid(number: u32) -> String {
    format!("{number:08x}-7d1c-4d3e-8f40-{number:012x}")
}

/// A tenant with old devices and new ones, in a folder of its own.
struct Tenant {
    bench: Bench,
    simulator: Simulator,
    runtime: Runtime,
}

impl Tenant {
    fn new(old: u32, new: u32, build: impl FnOnce(Builder) -> Builder) -> Self {
        let devices = (0..old)
            .map(|number| (uid(number), format!("OLD-{number}, \"spare\"")))
            .chain((old..old + new).map(|number| (uid(number), format!("NEW-{number}"))));
        let both = [QueryColumn::Uid, QueryColumn::CollectorUid, QueryColumn::Name];
        let builder = Simulator::builder()
            .inventory(devices)
            .removal_delay(std::time::Duration::ZERO)
            .export_polls(1)
            .saved_query("#all_devices", SavedQuery::all())
            .saved_query("#stale_devices", SavedQuery::all().name_prefix("OLD-"))
            .saved_query("#by_prefix", SavedQuery::all().prefix_parameter("prefix"))
            .saved_query("#two_uids", SavedQuery::all().columns(both))
            .saved_query("#none", SavedQuery::all().name_prefix("nobody"));
        let runtime = Runtime::new().unwrap();
        Self {
            bench: Bench::new(),
            simulator: runtime.block_on(build(builder).start()).unwrap(),
            runtime,
        }
    }

    fn run(&self, line: &str) -> Ended {
        let line = line.replace("URL", self.simulator.url());
        common::ended(with_credentials(&mut self.bench.command(&line)))
    }

    fn address(&self) -> &str {
        self.simulator.url().strip_prefix("http://").unwrap()
    }

    /// No request asked for a deletion, and no plan was left.
    #[track_caller]
    fn nothing_happened(&self) {
        assert_eq!(self.simulator.requests().len(), 0);
        assert_eq!(self.bench.files(), Vec::<String>::new());
    }
}

#[test]
fn what_a_query_lists_is_planned_deleted_and_seen_to_be_gone() {
    // The file is cut once; one request is told to wait, by a date that is past when it arrives.
    let throttled = FaultScript::from_json(
        r#"{"rules": [{"when": {"endpoint": "reads", "request": 2},
            "then": {"reply": {"status": 429, "retry_after": {"date_in_seconds": 0}}}}]}"#,
    )
    .unwrap();
    let tenant = Tenant::new(OLD, NEW, |builder| {
        builder.export_faults([ExportFault::CutFile]).faults(throttled)
    });
    let planned = tenant
        .run("plan --query #stale_devices --of #all_devices --base-url URL --out old.plan")
        .exits(0);
    assert!(planned.stderr.contains("asked for again"), "{}", planned.stderr);
    assert!(
        planned.stderr.contains("2500 of the 12500 rows of #all_devices"),
        "{}",
        planned.stderr
    );
    assert!(
        planned.stdout.contains("query #stale_devices of 20"),
        "{}",
        planned.stdout
    );
    assert_eq!(tenant.simulator.requests().len(), 0);

    let confirm = format!("apply old.plan --confirm {}/{OLD}", tenant.address());
    tenant.run(&confirm).exits(0);
    let sent = tenant.simulator.received_devices();
    let expected: Vec<_> = (0..OLD)
        .map(|number| (uid(number), format!("OLD-{number}, \"spare\"")))
        .collect();
    assert_eq!(sorted(sent), sorted(expected));
    tenant.runtime.block_on(tenant.simulator.wait_until_left(NEW as usize));

    // None of them is in the list, nor is any other device of the plan: that alone is no evidence.
    let refused = tenant.run("verify old.plan --query #all_devices").exits(1);
    assert!(refused.stderr.contains("--allow-no-overlap"), "{}", refused.stderr);
    let verified = tenant
        .run("verify old.plan --query #all_devices --allow-no-overlap")
        .exits(0);
    assert!(verified.stdout.contains("gone             2500"), "{}", verified.stdout);
    let report = tenant.run("report old.plan").exits(0);
    assert!(report.stdout.contains("query #all_devices of 20"), "{}", report.stdout);

    // The other host was never told who asks.
    let files = tenant.simulator.file_requests();
    assert!(files.len() >= 4, "{}", files.len());
    for file in files {
        assert!(file.headers.get("authorization").is_none(), "{:?}", file.headers);
    }
}

fn sorted(mut devices: Vec<(String, String)>) -> Vec<(String, String)> {
    devices.sort();
    devices
}

#[test]
fn devices_that_are_still_listed_are_not_gone() {
    let tenant = Tenant::new(30, 20, |builder| {
        builder.removal_delay(std::time::Duration::from_secs(3600))
    });
    tenant
        .run("plan --query #stale_devices --expect 30..30 --base-url URL --out old.plan")
        .exits(0);
    tenant
        .run(&format!("apply old.plan --confirm {}/30", tenant.address()))
        .exits(0);
    let verified = tenant.run("verify old.plan --query #all_devices").exits(3);
    assert!(verified.stdout.contains("still there        30"), "{}", verified.stdout);
    // A result that was cut off proves nothing, and is not kept.
    tenant.simulator.set_export_faults([ExportFault::Truncated]);
    let refused = tenant.run("verify old.plan --query #all_devices").exits(1);
    assert!(refused.stderr.contains("licence"), "{}", refused.stderr);
    let report = tenant.run("report old.plan").exits(0);
    assert_eq!(
        report.stdout.matches("query #all_devices of").count(),
        1,
        "{}",
        report.stdout
    );
}

#[test]
fn a_query_is_run_again_until_all_are_gone() {
    let tenant = Tenant::new(30, 20, |builder| {
        builder.removal_delay(std::time::Duration::from_secs(2))
    });
    tenant
        .run("plan --query #stale_devices --expect 30..30 --base-url URL --out old.plan")
        .exits(0);
    tenant
        .run(&format!("apply old.plan --confirm {}/30 --limit 29", tenant.address()).replace("/30", "/29"))
        .exits(5);
    // One of them stays, so that the list shares a device with the plan.
    let verified = tenant
        .run("verify old.plan --query #all_devices --wait 100s --every 50ms")
        .exits(0);
    assert!(verified.stdout.contains("gone               29"), "{}", verified.stdout);
    let report = tenant.run("report old.plan").exits(0);
    assert!(
        report.stdout.matches("query #all_devices of").count() >= 2,
        "{}",
        report.stdout
    );
}

#[test]
fn a_list_is_written_once_it_is_whole() {
    let tenant = Tenant::new(30, 20, |builder| builder);
    let selected = tenant
        .run("select --service nexthink --query #by_prefix --param prefix=OLD-2 --base-url URL --out old.csv")
        .exits(0);
    let list = std::fs::read_to_string(tenant.bench.path("old.csv")).unwrap();
    let expected: String = std::iter::once("device.uid,device.name\n".to_owned())
        .chain(
            (0..30)
                .filter(|number| number.to_string().starts_with('2'))
                .map(|number| format!("{},\"OLD-{number}, \"\"spare\"\"\"\n", uid(number))),
        )
        .collect();
    assert_eq!(list, expected);
    assert!(selected.stderr.contains("(prefix=OLD-2)"), "{}", selected.stderr);
    // It says nothing of how many were meant, and that is told.
    assert!(selected.stderr.contains("--expect"), "{}", selected.stderr);
    // What is there stays.
    tenant
        .run("select --service nexthink --query #all_devices --base-url URL --out old.csv")
        .exits(1);
    assert_eq!(std::fs::read_to_string(tenant.bench.path("old.csv")).unwrap(), expected);
    // To stdout, with nothing else there.
    let piped = tenant.run("select --query #stale_devices --base-url URL").exits(0);
    assert_eq!(piped.stdout.lines().count(), 31);
    assert_eq!(tenant.simulator.requests().len(), 0);
}

#[test]
fn a_result_that_was_not_meant_is_refused() {
    let tenant = Tenant::new(30, 70, |builder| builder);
    for (flags, why) in [
        ("--expect 31..40", "30 rows, and --expect 31..40"),
        ("--expect ..29", "--expect 0..29"),
        ("--expect 31..", "--expect 31.. "),
        ("--of #all_devices", "more than 0.2 of the 100 of #all_devices"),
        ("--of #all_devices --max-share 0.29", "more than 0.29"),
        ("--of #none", "of the 0 of #none"),
    ] {
        for command in ["plan", "select"] {
            let ended = tenant
                .run(&format!(
                    "{command} --query #stale_devices {flags} --base-url URL --out old.out"
                ))
                .exits(6);
            let why = if flags == "--expect 31.." { "--expect 31.." } else { why };
            assert!(ended.stderr.contains(why), "{command} {flags}: {}", ended.stderr);
            tenant.nothing_happened();
        }
    }
    tenant
        .run("plan --query #stale_devices --expect 30..30 --of #all_devices --max-share 0.3 --base-url URL --out old.plan")
        .exits(0);
}

#[test]
fn two_columns_of_uids_are_not_guessed_between() {
    let tenant = Tenant::new(30, 20, |builder| builder);
    let refused = tenant
        .run("plan --query #two_uids --base-url URL --out old.plan")
        .exits(1);
    assert!(refused.stderr.contains("--uid-column"), "{}", refused.stderr);
    tenant.nothing_happened();
    tenant
        .run("plan --query #two_uids --uid-column device.uid --base-url URL --out old.plan")
        .exits(0);
}

#[test]
fn a_query_that_brings_no_list_leaves_no_plan_and_says_what_to_do() {
    for (fault, part) in [
        (
            ExportFault::Failed("the query is too large".to_owned()),
            "the query is too large",
        ),
        (ExportFault::Truncated, "Narrow the query"),
        (ExportFault::Status("PAUSED".to_owned()), "PAUSED"),
        (ExportFault::Url("http://files.example/x.csv".to_owned()), "not https"),
    ] {
        let tenant = Tenant::new(3, 2, |builder| builder.export_faults([fault]));
        let ended = tenant
            .run("plan --query #stale_devices --base-url URL --out old.plan")
            .exits(1);
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
        assert!(ended.stderr.contains("No plan was written"), "{}", ended.stderr);
        tenant.nothing_happened();
    }
    let tenant = Tenant::new(3, 2, |builder| builder);
    for (query, part) in [
        ("#nobody_saved_it", "Save the query"),
        ("devices", "is not the id of a saved query"),
    ] {
        let code = if query.starts_with('#') { 1 } else { 2 };
        let ended = tenant
            .run(&format!("plan --query {query} --base-url URL --out old.plan"))
            .exits(code);
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
        tenant.nothing_happened();
    }
    let forbidden = Tenant::new(3, 2, Builder::queries_forbidden);
    for command in ["plan", "select"] {
        let ended = forbidden
            .run(&format!(
                "{command} --query #stale_devices --base-url URL --out old.out"
            ))
            .exits(1);
        assert!(
            ended.stderr.contains("permission to run NQL queries"),
            "{}",
            ended.stderr
        );
        forbidden.nothing_happened();
    }
}

#[test]
fn doctor_runs_a_query_and_says_what_a_plan_would_take_of_it() {
    let tenant = Tenant::new(3, 2, |builder| builder);
    let check = |query: &str| -> serde_json::Value {
        let line = format!("doctor --base-url URL --format json --query {query}");
        let ended = tenant.run(&line);
        let doctor: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        let checks = doctor["checks"].as_array().unwrap();
        checks.iter().find(|check| check["check"] == "query").unwrap().clone()
    };
    for (query, verdict, part) in [
        (
            "#all_devices",
            "ok",
            "5 rows; a plan would take the uid from `device.uid`",
        ),
        ("#two_uids", "warning", "no plan can be made of it as it is"),
        ("#nobody_saved_it", "wrong", "404"),
    ] {
        let found = check(query);
        assert_eq!(found["verdict"], verdict, "{found}");
        assert!(found["found"].as_str().unwrap().contains(part), "{found}");
    }
    let forbidden = Tenant::new(3, 2, Builder::queries_forbidden);
    let ended = forbidden.run("doctor --base-url URL --query #all_devices").exits(1);
    assert!(
        ended.stdout.contains("permission to run NQL queries"),
        "{}",
        ended.stdout
    );
    assert_eq!(
        forbidden.simulator.requests().len() + tenant.simulator.requests().len(),
        0
    );
}

#[test]
fn what_has_no_meaning_is_refused_before_anything_is_sent() {
    let tenant = Tenant::new(3, 2, |builder| builder);
    tenant
        .bench
        .file("devices.csv", Service::Nexthink.csv(&Service::Nexthink.devices(1)));
    tenant.run("plan devices.csv --base-url URL --out some.plan").exits(0);
    for line in [
        "plan devices.csv --query #all_devices --base-url URL --out x.plan",
        "plan --base-url URL --out x.plan",
        "plan devices.csv --expect 1..2 --base-url URL --out x.plan",
        "plan devices.csv --param a=b --base-url URL --out x.plan",
        "plan devices.csv --of #all_devices --base-url URL --out x.plan",
        "plan devices.csv --query-wait 9 --base-url URL --out x.plan",
        "plan devices.csv --client-secret-command x --base-url URL --out x.plan",
        "plan --query #all_devices --max-share 0.5 --base-url URL --out x.plan",
        "plan --query #all_devices --service ubidots --base-url URL --out x.plan",
        "select --service ubidots --query #all_devices --base-url URL",
        "select --service nexthink --all --base-url URL",
        "select --query #all_devices --all --base-url URL",
        "select --query #all_devices --tag x --base-url URL",
        "select --service ubidots --all --expect 1..2 --base-url URL",
        "select --service ubidots --all --param a=b --base-url URL",
        "select --service ubidots --all --instance acme --base-url URL",
        "verify some.plan --inventory devices.csv --param a=b",
        "verify some.plan --query #all_devices --live",
        "verify some.plan --query #all_devices --inventory devices.csv",
        "verify some.plan --inventory devices.csv --query-wait 9",
        "verify some.plan --inventory devices.csv --client-secret-command x",
        "verify some.plan --inventory devices.csv --token-url URL/token",
        "verify some.plan --live",
        "doctor --param a=b --base-url URL",
        "doctor --query-wait 9 --base-url URL",
    ] {
        tenant.run(line).exits(2);
    }
    assert_eq!(tenant.simulator.requests().len(), 0);
    assert_eq!(tenant.simulator.token_requests().len(), 0);
    assert_eq!(tenant.simulator.file_requests().len(), 0);
    assert_eq!(tenant.bench.files(), ["devices.csv", "some.plan"]);
}
