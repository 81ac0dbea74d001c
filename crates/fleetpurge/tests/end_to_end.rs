//! The main job through the real binary, against a simulated tenant in a process of its own.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use std::collections::HashMap;

use common::{Bench, Service, Simulate, over_both};
use serde_json::json;

over_both!(
    an_export_of_2500_rows_becomes_a_plan_an_apply_and_a_report,
    one_device_can_be_tried_before_all,
    what_the_client_does_is_told_to_whoever_asks_for_it,
);

/// Names as people give them: nothing of them may be lost on the way.
fn odd_names() -> Vec<String> {
    [
        "the \"big\" one",
        "a, b; c",
        " outer space ",
        "caf\u{e9}",
        "cafe\u{301}",
        "💻 of Zoë",
        "tab\there",
        "line\nbreak",
        "back\\slash \\u0041",
        "\u{202e}turned",
        "'; DROP TABLE rows; --",
        "=HYPERLINK(\"x\")",
        "<b>&amp;</b>",
        "\u{feff}marked",
        "null",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn an_export_of_2500_rows_becomes_a_plan_an_apply_and_a_report(service: Service) {
    let bench = Bench::new();
    let simulator = Simulate::start();

    let mut rows = service.devices(2_400);
    for (at, name) in odd_names().into_iter().enumerate() {
        rows[at * 100].1 = name;
    }
    // Upper case is another spelling of the same device, and is sent as it is.
    rows[7].0 = rows[7].0.to_uppercase();
    // Nexthink is asked about what is no UUID, and calls it invalid. What is no id can never be one of Ubidots: see
    // `labels.rs`.
    let malformed: Vec<(String, String)> = match service {
        Service::Nexthink => (0..40)
            .map(|at| (format!(" not a uuid {at}"), format!("OLD-{at}")))
            .collect(),
        // Of an id alone, nothing is missing.
        Service::Ubidots => Vec::new(),
    };
    rows.extend(malformed.clone());
    if service == Service::Ubidots {
        rows.extend((0..40).map(|at| (service.uid(80_000 + at), String::new())));
    }
    let to_send = rows.clone();
    let mut repeated: Vec<(String, String)> = rows[10..50].to_vec();
    repeated[0].0 = repeated[0].0.to_uppercase();
    rows.extend(repeated);
    rows.extend((0..20).map(|at| match (service, at % 2) {
        (Service::Nexthink, 0) => (String::new(), "no uid".to_owned()),
        (Service::Nexthink, _) => (service.uid(90_000 + at), " \t".to_owned()),
        (Service::Ubidots, 0) => (" ".to_owned(), String::new()),
        (Service::Ubidots, _) => (String::new(), " \t".to_owned()),
    }));
    assert_eq!(rows.len(), 2_500);
    let planned = bench.plan_for(service, &simulator, &rows).exits(0);
    assert!(planned.stdout.contains("fleetpurge apply devices.plan"));
    simulator.received_nothing();

    let applied = bench.run_for(
        service,
        &format!("apply devices.plan --confirm {}/2440", simulator.address()),
    );
    let exit = match service {
        Service::Nexthink => {
            let applied = applied.exits(3).says(&["40 invalid", "Not deleted"]);
            assert_eq!(applied.next(), "fleetpurge report devices.plan");
            3
        }
        Service::Ubidots => applied.exits(0).code,
    };

    let requests = simulator.requests();
    let batch = service.batch();
    assert!(
        requests.len() >= 2_440_usize.div_ceil(batch),
        "{} requests",
        requests.len()
    );
    assert!(requests.iter().all(|request| (1..=batch).contains(&request.len())));
    let mut received: Vec<(String, String)> = requests.into_iter().flatten().collect();
    let mut expected: Vec<(String, String)> = to_send.iter().map(|device| service.told(device)).collect();
    received.sort();
    expected.sort();
    assert_eq!(received, expected, "not exactly what was planned was asked for, once");

    assert_eq!(
        bench.status(),
        json!({
            "tenant": simulator.address(), "planned": 2500, "skipped": 60, "scheduled": 2_440 - malformed.len(), "invalid": malformed.len(),
            "failed": 0, "rejected": 0, "unknown": 0, "pending": 0,
            "attempts": bench.status()["attempts"], "anomalies": 0,
        })
    );

    let report = bench.report();
    assert_eq!(report.len(), rows.len());
    let mut outcomes: HashMap<&str, usize> = HashMap::new();
    for (at, (row, (uid, name))) in report.iter().zip(&rows).enumerate() {
        assert_eq!(row["row"], at + 1);
        assert_eq!(row["uid"], **uid);
        assert_eq!(row["name"], **name);
        let outcome = row["outcome"].as_str().unwrap();
        *outcomes.entry(outcome).or_default() += 1;
        let malformed = malformed.iter().any(|(bad, _)| bad == uid);
        match outcome {
            "scheduled" => match service {
                Service::Nexthink => {
                    assert!(!malformed && row["request_id"].is_string() && row["trace_id"].is_string());
                }
                Service::Ubidots => {
                    assert!(row["detail"].as_str().unwrap().starts_with("task "));
                    // Its requests have no id, and its replies neither.
                    assert_eq!((&row["request_id"], &row["trace_id"]), (&json!(null), &json!(null)));
                }
            },
            "invalid" => assert!(malformed),
            "skipped" => assert!(at >= 2_440 && row["detail"].is_string() && row["attempts"] == 0),
            other => panic!("row {} is {other}", at + 1),
        }
    }
    let mut expected = HashMap::from([("scheduled", 2_440 - malformed.len()), ("skipped", 60)]);
    if !malformed.is_empty() {
        expected.insert("invalid", malformed.len());
    }
    assert_eq!(outcomes, expected);

    // Everything has its outcome: the same command sends nothing more, and needs no confirmation.
    let before = simulator.counts()["deletion_requests"].clone();
    bench
        .run("apply devices.plan")
        .exits(exit)
        .says(&["There is nothing to send."]);
    assert_eq!(simulator.counts()["deletion_requests"], before);
}

fn one_device_can_be_tried_before_all(service: Service) {
    let bench = Bench::new();
    let simulator = Simulate::start();
    let all = 5 * service.batch() / 2;
    bench.plan_for(service, &simulator, &service.devices(all)).exits(0);
    let confirm = |count: usize| format!("--confirm {}/{count}", simulator.address());

    let tried = bench
        .run_for(service, &format!("apply devices.plan --limit 1 {}", confirm(1)))
        .exits(5)
        .says(&[
            "The limit of 1 device is reached",
            &format!("{} devices are pending", all - 1),
        ]);
    assert_eq!(tried.next(), "fleetpurge apply devices.plan");
    assert_eq!(simulator.requests(), [[service.told(&service.devices(1)[0])]]);

    // What the whole plan may send confirms the rest, so that one command begins and resumes.
    bench
        .run_for(service, &format!("apply devices.plan {}", confirm(all)))
        .exits(0);
    let received: usize = simulator.requests().iter().map(Vec::len).sum();
    assert_eq!(received, all);
    assert_eq!(bench.status()["scheduled"], all);
}

fn what_the_client_does_is_told_to_whoever_asks_for_it(service: Service) {
    let bench = Bench::new();
    let simulator = Simulate::start();
    bench.plan_for(service, &simulator, &service.devices(3)).exits(0);
    let line = format!("apply devices.plan -vv --confirm {}/3", simulator.address());
    let client = match service {
        Service::Nexthink => "nexthink_data_management",
        Service::Ubidots => "ubidots_devices",
    };
    bench
        .run_for(service, &line)
        .exits(0)
        .says(&["a token was issued", client, "accepted"]);
}

#[test]
fn the_demo_shows_all_of_it_and_leaves_its_files() {
    let bench = Bench::new();
    let demo = bench.run("demo --dir demo").exits(0);
    for part in ["1250", "`apply` exits 3", "Report on", "The files are in demo"] {
        assert!(demo.stdout.contains(part), "{part}: {}", demo.stdout);
    }
    for file in ["demo/devices.csv", "demo/demo.plan", "demo/report.csv"] {
        assert!(common::exists(&bench.path(file)), "{file}");
    }
    assert!(!common::exists(&bench.path("demo/demo.plan-wal")));
    let status = bench.run("status demo/demo.plan --format json").exits(0);
    assert!(
        status
            .stdout
            .contains(r#""planned":1250,"skipped":60,"scheduled":1150,"invalid":40"#),
        "{}",
        status.stdout
    );
}
