//! What is true of Nexthink alone: each device has a status of its own.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::case::at;
use crate::common::Service;
use crate::rig::Rig;

#[test]
fn failed_devices_of_nexthink_are_sent_again_on_their_own_three_times() {
    let rig = Rig::new(Service::Nexthink, 100, "--concurrency 1");
    rig.faults(json!([
        {"when": {"request": 2}, "then": {"failed": {"devices": [Service::Nexthink.uid(7), Service::Nexthink.uid(8)]}}},
        {"then": {"failed": {"devices": [Service::Nexthink.uid(7), Service::Nexthink.uid(8), Service::Nexthink.uid(9)]}}},
    ]));
    rig.apply().exits(3);
    let ended = (rig.count("scheduled"), rig.count("failed"));
    assert_eq!(ended, (98, 2));
    let devices = |count| Service::Nexthink.devices(count);
    let (seven_to_nine, seven_and_eight) = (devices(9)[6..].to_vec(), devices(8)[6..].to_vec());
    let sent = [
        devices(100),
        seven_to_nine,
        seven_and_eight.clone(),
        seven_and_eight.clone(),
    ];
    assert_eq!(rig.requests(), sent);
    assert_eq!(rig.report()[6]["attempts"], 4);

    rig.no_faults();
    rig.apply_with(2, "--retry failed,rejected").exits(0);
    assert_eq!(rig.requests().last().unwrap(), &seven_and_eight);
    assert_eq!(rig.count("scheduled"), 100);
}

#[test]
fn a_nexthink_that_fails_everything_stops_the_run() {
    let rig = Rig::new(Service::Nexthink, 900, "--concurrency 1");
    rig.faults(json!([{"then": {"failed": {"devices": "all"}}}]));
    rig.apply().exits(5);
    assert_eq!((rig.count("scheduled"), rig.count("unknown")), (0, 0));
    assert!(rig.count("pending") >= 400);
    assert!(rig.requests().len() <= 10, "{}", rig.requests().len());
}

#[test]
fn entries_of_a_202_of_nexthink_are_taken_at_their_word_and_no_further() {
    let edit = |steps: Value| at(1, json!({"edit": steps}));
    let one = |word| -> [(&'static str, u64); 2] { [("scheduled", 9), (word, 1)] };
    type Row<'a> = (&'a str, Value, i32, &'a [(&'a str, u64)], u64);
    let table: [Row<'_>; 11] = [
        (
            "an unheard-of status",
            edit(json!([{"set_status": {"of": 4, "status": "QUEUED"}}])),
            4,
            &one("unknown"),
            1,
        ),
        (
            "no status",
            edit(json!([{"remove_status": {"of": 4}}])),
            4,
            &one("unknown"),
            1,
        ),
        (
            "INVALID",
            edit(json!([{"set_status": {"of": 4, "status": "INVALID"}}])),
            3,
            &[("scheduled", 9), ("invalid", 1)],
            0,
        ),
        ("no entry", edit(json!([{"omit": {"of": 4}}])), 4, &one("unknown"), 1),
        (
            "two that disagree",
            edit(json!([{"duplicate": {"of": 4, "status": "FAILED"}}])),
            4,
            &one("unknown"),
            1,
        ),
        (
            "quite another name",
            edit(json!([{"rename": {"of": 4, "name": "SERVER-1"}}])),
            4,
            &one("unknown"),
            1,
        ),
        (
            "one nobody asked for",
            edit(json!([{"add": {"uid": Service::Nexthink.uid(99), "name": "PC-99", "status": "SCHEDULED"}}])),
            0,
            &[("scheduled", 10)],
            1,
        ),
        (
            "a count that does not add up",
            edit(json!([{"scheduled_count": 1000}])),
            0,
            &[("scheduled", 10)],
            1,
        ),
        (
            "not ACCEPTED",
            edit(json!([{"overall_status": "PARTIAL"}])),
            0,
            &[("scheduled", 10)],
            1,
        ),
        (
            "another case",
            edit(json!([{"upper_case_uid": {"of": "all"}}])),
            0,
            &[("scheduled", 10)],
            1,
        ),
        (
            "another order",
            edit(json!([{"reorder": "reverse"}])),
            0,
            &[("scheduled", 10)],
            0,
        ),
    ];
    for (name, faults, exit, outcomes, anomalies) in table {
        let rig = Rig::new(Service::Nexthink, 10, "");
        rig.faults(faults);
        let ended = rig.apply();
        assert_eq!(ended.code, exit, "{name}: {}", ended.stderr);
        let found: HashMap<String, u64> = rig.outcomes().into_iter().fold(HashMap::new(), |mut found, outcome| {
            *found.entry(outcome).or_default() += 1;
            found
        });
        let expected: HashMap<String, u64> = outcomes
            .iter()
            .map(|(word, count)| ((*word).to_owned(), *count))
            .collect();
        assert_eq!(found, expected, "{name}");
        assert_eq!(rig.request_count(), 1, "{name}");
        let is_odd = rig.bench.status()["anomalies"].as_u64().unwrap() > 0;
        assert_eq!(is_odd, anomalies > 0, "{name}");
        if name == "an unheard-of status" {
            assert!(rig.report()[4]["detail"].as_str().unwrap().contains("QUEUED"));
        }
    }
}
