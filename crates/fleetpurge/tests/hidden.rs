//! Invisible characters and text direction marks are shown as escapes in all output for people.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use common::{Ended, Service, over_both};
use rig::Rig;
use serde_json::json;

over_both!(
    no_hidden_character_reaches_a_screen_or_a_table,
    no_hidden_character_of_a_refused_list_reaches_a_screen,
);

/// Turns the text after it, is not seen, breaks the line, moves the cursor.
const HIDDEN: &str = "\u{202e}\u{200b}\u{2028}\u{ad}\u{1b}[2J";

#[track_caller]
fn is_clean(what: &str, text: &str) {
    for c in HIDDEN.chars().filter(|c| !c.is_ascii() || c.is_control()) {
        assert!(!text.contains(c), "{what}: {c:?} in {text:?}");
    }
}

#[track_caller]
fn all_clean(what: &str, ended: &Ended) {
    is_clean(what, &ended.stdout);
    is_clean(what, &ended.stderr);
}

fn no_hidden_character_reaches_a_screen_or_a_table(service: Service) {
    let rig = Rig::unplanned(service, "", |builder| builder);
    let mut devices = service.devices(4);
    devices[1].1 = format!("a{HIDDEN}b");
    devices[2].1 = "=cmd|' /C calc'!A0".to_owned();
    let list = format!("list{}.csv", "\u{202e}");
    rig.bench.file(&list, service.csv(&devices));
    let plan = "plan\u{202e}.plan";
    let planned = rig.run(&format!(
        "plan {list} --out {plan} --service {} --base-url {}",
        service.word(),
        rig.simulator.url()
    ));
    all_clean("plan", &planned);
    let planned = planned.exits(0);
    assert!(planned.stdout.contains("plan\\u{202e}.plan"), "{}", planned.stdout);
    rig.faults(match service {
        Service::Nexthink => json!([{"then": {"edit": [
            {"set": {"of": 1, "fields": {"status": "INVALID", "code": format!("E{HIDDEN}")}}},
            {"set": {"of": 3, "fields": {"status": format!("ODD{HIDDEN}")}}}]}}]),
        Service::Ubidots => json!([{"then": {"reply": {"status": 400,
            "json": {"code": format!("E{HIDDEN}"), "message": format!("M{HIDDEN}")}}}}]),
    });
    let mut command = rig
        .bench
        .command(&format!("apply {plan} --confirm {}/4 -vv", rig.tenant()));
    let applied = common::ended(service.credentials(&mut command).env("USER", format!("ann{HIDDEN}")));
    all_clean("apply", &applied);
    assert_eq!(rig.requests()[0].len(), 4);
    for line in [
        format!("status {plan}"),
        format!("report {plan}"),
        format!("report {plan} --format csv"),
        format!("report none{}.plan", "\u{202e}"),
        format!("verify {plan} --inventory {list}"),
        format!("backup {plan}"),
        format!("apply {plan} --confirm wrong{}/4", "\u{202e}"),
        format!("report {plan} --format csv --out table{}.csv", "\u{202e}"),
        format!("report {plan} --out text{}.txt", "\u{202e}"),
    ] {
        all_clean(&line, &rig.run(&line));
    }
    let table = std::fs::read_to_string(rig.bench.path("table\u{202e}.csv")).unwrap();
    is_clean("the table", &table);
    assert!(
        table.contains("a\\u{202e}\\u{200b}\\u{2028}\\u{ad}\\u{1b}[2Jb"),
        "{table}"
    );
    assert!(table.contains(",'=cmd|' /C calc'!A0,"), "{table}");
    is_clean(
        "the text",
        &std::fs::read_to_string(rig.bench.path("text\u{202e}.txt")).unwrap(),
    );
    // A program gets every character, and the uids of the table are those of the list.
    let rows = rig.run(&format!("report {plan} --format ndjson")).exits(0).stdout;
    let names: Vec<serde_json::Value> = rows.lines().map(|row| serde_json::from_str(row).unwrap()).collect();
    assert_eq!(names[1]["name"], devices[1].1);
    assert_eq!(names[2]["name"], devices[2].1);
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    for (record, (uid, _)) in reader.records().zip(&devices) {
        assert_eq!(&record.unwrap()[1], uid);
    }
}

fn no_hidden_character_of_a_refused_list_reaches_a_screen(service: Service) {
    let rig = Rig::unplanned(service, "", |builder| builder);
    let mut devices = service.devices(2);
    devices.push((devices[0].0.clone(), format!("other{HIDDEN}")));
    devices.push((format!("odd{HIDDEN}"), "x".to_owned()));
    let list = "list\u{202e}.csv";
    rig.bench.file(list, service.csv(&devices));
    for flags in [
        "",
        "--uid-validation strict",
        "--skip-conflicts",
        "--uid-column none\u{202e}",
    ] {
        let line = format!(
            "plan {list} --out a.plan --service {} --base-url {} {flags}",
            service.word(),
            rig.simulator.url()
        );
        all_clean(&line, &rig.run(&line));
        std::fs::remove_file(rig.bench.path("a.plan")).ok();
    }
    assert_eq!(rig.request_count(), 0);
}
