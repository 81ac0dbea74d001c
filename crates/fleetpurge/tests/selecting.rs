//! `select`: which devices of an account are listed, whether or not the service applies the conditions.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod account;
mod common;

use account::AccountBench;
use common::ended;
use fleetpurge_simulator::{PageTraps, UbidotsDevice};
use serde_json::json;

const JANUARY: i64 = 1_767_225_600_000;

fn id(number: usize) -> String {
    format!("{number:024x}")
}

/// Ten devices: of each kind two.
fn devices() -> Vec<UbidotsDevice> {
    let device = |number, label: &str| UbidotsDevice::new(id(number), label);
    vec![
        device(1, "lab-1").tag("old").tag("lab").last_activity(JANUARY - 1),
        device(2, "lab-2").tag("old").last_activity(JANUARY),
        device(3, "lab-3").tag("lab").last_activity(JANUARY + 1),
        device(4, "lab-4"),
        device(5, "Lab-5").last_activity(JANUARY - 1),
        device(6, "field-6").tag("old").tag("lab").last_activity(JANUARY - 1),
        device(7, "field-7").tag("older").last_activity(JANUARY - 86_400_000),
        device(8, "field-8"),
        device(9, "a,\"quoted\" b").name("=1+1").last_activity(JANUARY + 1),
        device(10, "lab"),
    ]
}

/// The devices of a list, whatever its order.
fn ids(list: &str) -> Vec<usize> {
    let mut reader = csv::Reader::from_reader(list.as_bytes());
    let mut ids: Vec<usize> = reader
        .records()
        .map(|record| usize::from_str_radix(&record.unwrap()[0], 16).unwrap())
        .collect();
    ids.sort_unstable();
    ids
}

#[test]
fn exactly_the_devices_that_meet_every_condition_are_listed_whether_the_service_filters_or_not() {
    let table: [(&str, &[usize]); 9] = [
        ("--inactive-since 2026-01-01", &[1, 5, 6, 7]),
        ("--never-active", &[4, 8, 10]),
        ("--inactive-since 2026-01-01 --never-active", &[1, 4, 5, 6, 7, 8, 10]),
        ("--label-prefix lab-", &[1, 2, 3, 4]),
        ("--tag old", &[1, 2, 6]),
        ("--tag old --tag lab", &[1, 6]),
        ("--tag old --tag lab --label-prefix lab", &[1]),
        ("--label-prefix nothing", &[]),
        ("--all", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ];
    for traps in [
        PageTraps::new(),
        PageTraps::new().ignore_filters(),
        PageTraps::new().ignore_filter("lastActivity__lt"),
        PageTraps::new().page_size_max(3),
        PageTraps::new().empty_beyond_end(),
    ] {
        let bench = AccountBench::with(devices());
        bench.simulator.set_page_traps(traps.clone());
        for (conditions, expected) in table {
            let list = bench.select(conditions).exits(0);
            assert_eq!(ids(&list.stdout), expected, "{conditions} {traps:?}");
        }
        assert_eq!(bench.simulator.counts().deletion_requests, 0);
    }
}

#[test]
fn that_the_service_ignores_a_condition_is_said() {
    let bench = AccountBench::with(devices());
    let quiet = bench.select("--label-prefix lab-").exits(0);
    assert!(!quiet.stderr.contains("not in the list"), "{}", quiet.stderr);
    bench.simulator.set_page_traps(PageTraps::new().ignore_filters());
    bench
        .select("--label-prefix lab-")
        .exits(0)
        .says(&["4 devices are selected, of 10", "They are not in the list"]);
}

#[test]
fn pages_are_counted_and_links_never_followed() {
    let thief = AccountBench::with(Vec::new());
    let bench = AccountBench::with(devices());
    bench
        .simulator
        .set_page_traps(PageTraps::new().page_size_max(4).links_to(thief.simulator.url()));
    assert_eq!(ids(&bench.select("--all").exits(0).stdout).len(), 10);
    let pages: Vec<String> = bench
        .simulator
        .reads()
        .iter()
        .map(|read| read.uri.to_string())
        .collect();
    for (page, uri) in (1..=3).zip(&pages) {
        assert!(uri.contains(&format!("page={page}&")), "{uri}");
        assert!(!uri.contains("token"), "{uri}");
    }
    assert_eq!(pages.len(), 3);
    assert_eq!(thief.simulator.counts().connections, 0);
}

#[test]
fn an_incomplete_list_is_refused() {
    let traps = [
        PageTraps::new().page_size_max(4).count_off_by(1),
        PageTraps::new().page_size_max(4).count_off_by(-1),
        PageTraps::new().page_size_max(4).device_on_two_pages(),
        PageTraps::new().page_size_max(4).shift_after_page(1),
    ];
    for traps in traps {
        let bench = AccountBench::with(devices());
        bench.simulator.set_page_traps(traps.clone());
        let to_stdout = bench.select("--all").exits(1).says(&["is incomplete"]);
        assert_eq!(to_stdout.stdout, "", "{traps:?}");
        let bench = AccountBench::with(devices());
        bench.simulator.set_page_traps(traps.clone());
        bench.select("--all --out list.csv").exits(1);
        assert!(bench.bench.files().is_empty(), "{traps:?}: {:?}", bench.bench.files());
    }
}

#[test]
fn what_is_selected_is_planned_as_it_is_without_a_socket() {
    let bench = AccountBench::with(devices());
    bench
        .select("--all --out list.csv")
        .exits(0)
        .says(&["fleetpurge plan list.csv --service ubidots --base-url"]);
    let connections = bench.simulator.counts().connections;
    bench.plan("list.csv").exits(0);
    assert_eq!(bench.simulator.counts().connections, connections);
    let report = bench.bench.report();
    assert_eq!(report.len(), 10);
    let odd = report.iter().find(|row| row["uid"] == json!(id(9))).unwrap();
    assert_eq!(odd["name"], "a,\"quoted\" b");
}

#[test]
fn a_filter_that_could_mean_every_device_by_accident_is_wrong_usage() {
    let bench = AccountBench::with(devices());
    // What a shell makes of a variable that is not set, of a slip, of a pasted character, of a zero date.
    let wrong: [(&[&str], &str); 31] = [
        (&["--label-prefix", ""], "--label-prefix"),
        (&["--label-prefix="], "--label-prefix"),
        (&["--label-prefix", " "], "--label-prefix"),
        (&["--label-prefix", "\t"], "--label-prefix"),
        (&["--label-prefix", "\u{a0}"], "--label-prefix"),
        (&["--label-prefix", "\u{200b}"], "--label-prefix"),
        (&["--label-prefix", "\u{feff}"], "--label-prefix"),
        (&["--label-prefix", "lab-\u{7}"], "--label-prefix"),
        (&["--label-prefix", "lab-\r"], "--label-prefix"),
        (&["--label-prefix", "~"], "--label-prefix"),
        (&["--label-prefix", "~~"], "--label-prefix"),
        (&["--label-prefix", "~lab-"], "--label-prefix"),
        (&["--label-prefix", "lab-", "--tag", ""], "--tag"),
        (&["--tag", ""], "--tag"),
        (&["--tag", "old", "--tag", "  "], "--tag"),
        (&["--tag="], "--tag"),
        (&["--tag", "old\n"], "--tag"),
        (&["--inactive-since", ""], "--inactive-since"),
        (&["--inactive-since", "2999-01-01"], "lies in the future"),
        (&["--inactive-since", "2999-01-01T00:00:00Z"], "lies in the future"),
        (
            &["--inactive-since", "2999-01-01", "--never-active"],
            "lies in the future",
        ),
        (&["--inactive-since", "0d"], "--inactive-since"),
        (&["--inactive-since=-90d"], "--inactive-since"),
        (&["--inactive-since", "now"], "--inactive-since"),
        (&["--inactive-since", "2026-01-01T00:00:00"], "--inactive-since"),
        (&["--inactive-since", "0001-01-01"], "before 1970"),
        (&["--inactive-since", "1970-01-01T00:00:00Z"], "before 1970"),
        (&["--inactive-since", "1000y"], "before 1970"),
        (
            &["--label-prefix", "lab-", "--label-prefix", "field-"],
            "cannot be used multiple times",
        ),
        (
            &["--inactive-since", "90d", "--inactive-since", "30d"],
            "cannot be used multiple times",
        ),
        (&["--all", "--label-prefix", ""], "--label-prefix"),
    ];
    for (flags, says) in wrong {
        let mut command = bench
            .bench
            .command("select --service ubidots --out list.csv --base-url");
        command
            .arg(bench.simulator.url())
            .args(flags)
            .env("UBIDOTS_API_KEY", "key");
        let ended = ended(&mut command).exits(2).says(&[says]);
        assert_eq!(ended.stdout, "", "{flags:?}");
        assert!(bench.bench.files().is_empty(), "{flags:?}: {:?}", bench.bench.files());
    }
    // A base URL that is not set is not the usual address.
    bench
        .bench
        .run("select --service ubidots --all --base-url=")
        .exits(2)
        .says(&["--base-url"]);
    assert_eq!(bench.simulator.counts().connections, 0);
}

#[test]
fn a_list_replaces_a_file_only_when_asked_to_and_never_a_plan() {
    let bench = AccountBench::with(devices());
    bench.select("--all --out list.csv").exits(0);
    bench.plan("list.csv").exits(0);
    let plan = std::fs::read(bench.bench.path("devices.plan")).unwrap();
    let reads = bench.simulator.counts().reads;
    bench.bench.file("list.csv", "mine");
    bench
        .select("--tag old --out list.csv")
        .exits(1)
        .says(&["list.csv", "--force", "This command deletes nothing"]);
    assert_eq!(std::fs::read(bench.bench.path("list.csv")).unwrap(), b"mine");
    for force in ["", "--force"] {
        bench
            .select(&format!("--all --out devices.plan {force}"))
            .exits(1)
            .says(&["devices.plan"]);
        assert_eq!(std::fs::read(bench.bench.path("devices.plan")).unwrap(), plan);
    }
    assert_eq!(
        bench.simulator.counts().reads,
        reads,
        "it is known before anything is asked for"
    );
    bench.select("--tag old --out list.csv --force").exits(0);
    assert_eq!(
        ids(&std::fs::read_to_string(bench.bench.path("list.csv")).unwrap()),
        [1, 2, 6]
    );
}

#[test]
fn what_cannot_be_selected_says_why() {
    let bench = AccountBench::with(devices());
    let url = bench.simulator.url().to_owned();
    bench.select("").exits(2).says(&["--inactive-since", "--all"]);
    bench.select("--all --tag x").exits(2);
    bench
        .select("--inactive-since yesterday")
        .exits(2)
        .says(&["2026-01-31", "90d"]);
    bench
        .bench
        .run("select --service nexthink --all")
        .exits(2)
        .says(&["export"]);
    bench
        .bench
        .run(&format!("select --service ubidots --base-url {url} --all"))
        .exits(1)
        .says(&["UBIDOTS_TOKEN"]);
    bench
        .bench
        .run("select --service ubidots --base-url http://example.com --all")
        .exits(2)
        .says(&["--base-url", "https"]);
    assert_eq!(bench.simulator.counts().connections, 0);
    bench.simulator.revoke_tokens();
    bench.simulator.set_faults(account::faults(json!([
        {"when": {"endpoint": "reads"}, "then": {"unauthorized": true}}
    ])));
    bench.select("--all").exits(1).says(&["UBIDOTS_TOKEN"]);
}
