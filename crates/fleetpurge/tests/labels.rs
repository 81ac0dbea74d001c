//! Ubidots labels are looked up once, while the plan is made. The reviewed plan and the requests have ids.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::time::Duration;

use common::{Ended, Service};
use fleetpurge_simulator::{Builder, PageTraps, UbidotsDevice};
use rig::{FOR_EVER_MS, Rig, kill};
use serde_json::{Value, json};

const ACCOUNT: usize = 7;

fn id(number: usize) -> String {
    Service::Ubidots.uid(number)
}

fn device(number: usize) -> (String, String) {
    (id(number), format!("pump-{number}"))
}

/// An account of seven devices, `pump-1` to `pump-7`, and a list of some.
fn account(list: &str) -> Rig {
    account_with(list, |builder| builder)
}

fn account_with(list: &str, build: impl FnOnce(Builder) -> Builder) -> Rig {
    let rig = Rig::unplanned(Service::Ubidots, "", |builder| {
        let devices = Service::Ubidots.devices(ACCOUNT).into_iter();
        build(
            builder
                .removal_delay(Duration::ZERO)
                .ubidots_devices(devices.map(|(id, label)| UbidotsDevice::new(id, label))),
        )
    });
    rig.bench.file("devices.csv", list);
    rig
}

fn plan(rig: &Rig, flags: &str) -> Ended {
    rig.run(&rig.plan_line(flags))
}

/// Refused, and nothing is left behind but the list.
#[track_caller]
fn refused(rig: &Rig, ended: Ended, parts: &[&str]) {
    ended.exits(1).says(parts).says(&["No plan was written"]);
    assert!(!rig.bench.files().iter().any(|name| name.contains(".plan")));
    assert_eq!(rig.request_count(), 0);
}

fn keys(rig: &Rig) -> Vec<Vec<String>> {
    let keys = |body: &[u8]| serde_json::from_slice(body).unwrap();
    rig.simulator
        .requests()
        .iter()
        .map(|request| keys(&request.body))
        .collect()
}

#[test]
fn a_label_becomes_an_id_before_the_plan_is_frozen_and_one_that_no_device_has_is_skipped() {
    let list = format!(
        "id,label\n,pump-2\n~pump-6,\n~pump-4,pump-4\n{},pump-1\n\"{{\"\"id\"\":\"\"{}\"\"}}\",\n,nobody\n~Pump-3,\n",
        id(1),
        id(7)
    );
    let mut rig = account_with(&list, |builder| {
        // Three pages, whatever is asked for, and each says that the next one is on another host.
        builder.page_traps(PageTraps::new().page_size_max(3))
    });
    let planned = plan(&rig, "").exits(0);
    for part in [
        "held against the 7 devices of the account",
        "2  have a label that no device of the account has",
    ] {
        assert!(planned.stdout.contains(part), "{part:?}: {}", planned.stdout);
    }
    let reads = rig.simulator.reads();
    let pages: Vec<String> = reads.iter().map(|read| read.uri.to_string()).collect();
    assert_eq!(pages.len(), 3, "{pages:?}");
    assert!(
        reads
            .iter()
            .all(|read| read.method == "GET" && read.header("x-auth-token").is_some())
    );
    assert_eq!((rig.request_count(), rig.simulator.writes().len()), (0, 0));

    let missing = |label: &str| (String::new(), label.to_owned());
    let of_id = (id(7), String::new());
    rig.devices = vec![
        device(2),
        device(6),
        device(4),
        device(1),
        of_id,
        missing("nobody"),
        missing("Pump-3"),
    ];
    for row in &rig.report()[5..] {
        assert_eq!(
            (&row["outcome"], &row["detail"]),
            (&json!("skipped"), &json!("no device has the label"))
        );
    }
    rig.apply_with(5, "").exits(0);
    let counts = rig.holds_every_promise(&[], "by label");
    assert_eq!((counts["scheduled"], counts["skipped"]), (5, 2));
    assert_eq!(keys(&rig), [[id(2), id(6), id(4), id(1), id(7)]]);
    assert_eq!(rig.simulator.reads().len(), 3, "apply looks nothing up");
    for number in [1, 2, 4, 6, 7] {
        rig.removed(&id(number));
    }
    let left: Vec<String> = rig
        .simulator
        .ubidots_devices()
        .into_iter()
        .map(|left| left.label)
        .collect();
    assert_eq!(left, ["pump-3", "pump-5"]);
}

#[test]
fn a_label_that_two_devices_have_refuses_the_plan_and_both_are_named() {
    let rig = account("label\npump-1\npump-2\npump-1\n");
    // The service promises that a label is unique; the tool does not count on it.
    let of = |number: usize, label: &str| json!({"id": id(number), "label": label});
    let results = [of(1, "pump-1"), of(2, "pump-2"), of(3, "pump-1")];
    rig.faults(
        json!([{"when": {"endpoint": "reads"}, "then": {"reply": {"status": 200, "json":
        {"count": 3, "next": null, "previous": null, "results": results}}}}]),
    );
    refused(
        &rig,
        plan(&rig, ""),
        &[
            "`pump-1`",
            &id(1),
            &id(3),
            "devices.csv line 2",
            "devices.csv line 4",
            "1 label is one that more than one device has",
            "--skip-conflicts",
        ],
    );
    // Left out, all of them, if a person says so.
    plan(&rig, "--skip-conflicts").exits(0);
    assert_eq!(rig.outcomes(), ["skipped", "pending", "skipped"]);
}

#[test]
fn a_label_on_a_protect_list_keeps_a_device_that_a_row_names_by_its_id() {
    // Also where the list has a label that the device no longer has.
    for (entry, listed) in [
        ("pump-2", ""),
        ("~pump-2", ""),
        ("PUMP-2", ""),
        ("pump-2", "an-old-label"),
        ("~PUMP-[2]", ""),
        ("p?mp-2  # the good one", "an-old-label"),
        ("*2", ""),
    ] {
        let mut rig = account(&format!("id,label\n{},\n{},{listed}\n", id(1), id(2)));
        rig.bench.file("keep.txt", format!("{entry}\n"));
        plan(&rig, "--protect keep.txt").exits(0);
        assert_eq!(rig.simulator.reads().len(), 1, "{entry}");
        rig.devices = vec![(id(1), String::new()), (id(2), listed.to_owned())];
        assert_eq!(rig.outcomes(), ["pending", "skipped"], "{entry}");
        assert_eq!(rig.report()[1]["detail"], "protected by keep.txt", "{entry}");
        rig.apply_with(1, "").exits(0);
        assert_eq!(keys(&rig), [[id(1)]], "{entry}");
    }
    // And an id keeps a device that a row names by its label.
    let rig = account("label\npump-1\npump-2\n");
    rig.bench.file("keep.txt", format!("{}\n", id(2).to_uppercase()));
    plan(&rig, "--protect keep.txt").exits(0);
    assert_eq!(rig.outcomes(), ["pending", "skipped"]);
}

#[test]
fn a_label_without_its_tilde_in_the_place_of_an_id_refuses_the_plan_with_file_and_line() {
    for wrong in ["pump-2", "~", "_", "..", "1237809ca5pIhpjgc345fc", "6e309da44fc8"] {
        let rig = account(&format!("id\n{}\n{wrong}\n", id(1)));
        refused(
            &rig,
            plan(&rig, ""),
            &[
                "devices.csv line 3",
                &format!("`{wrong}`"),
                "1 id is malformed",
                "~ before it",
            ],
        );
        assert_eq!(rig.simulator.counts().connections, 0, "{wrong}");
    }
}

#[test]
fn a_label_without_a_token_is_an_error_that_names_what_to_set_and_nothing_is_asked() {
    let rig = account("label\npump-1\npump-2\n");
    let ended = rig.bench.run(&rig.plan_line(""));
    refused(
        &rig,
        ended,
        &["UBIDOTS_TOKEN", "UBIDOTS_API_KEY", "2 rows have a label and no id"],
    );
    let rig = account(&format!("id\n{}\n", id(1)));
    rig.bench.file("keep.txt", "pump-2\n");
    let ended = rig.bench.run(&rig.plan_line("--protect keep.txt"));
    refused(&rig, ended, &["UBIDOTS_TOKEN", "devices are protected by their label"]);
    assert_eq!(rig.simulator.counts().connections, 0);
}

#[test]
fn a_plan_of_ids_alone_opens_no_socket() {
    let lists = [
        format!("id\n{}\n{}\n", id(1), id(2)),
        // Labels beside ids are the list's word, where none is protected.
        format!("id,label\n{},pump-1\n{},keep\n", id(1), id(2)),
    ];
    for list in lists {
        let rig = account(&list);
        rig.bench.file("keep.csv", format!("id,label\n{},\n", id(3)));
        plan(&rig, "--protect keep.csv --allow-unmatched-protect").exits(0);
        rig.bench.status();
        assert_eq!(rig.outcomes(), ["pending", "pending"], "{list}");
        assert_eq!(rig.simulator.counts().connections, 0, "{list}");
    }
    // An id with a comment is an id.
    let rig = account(&format!("id\n{}\n{}\n", id(1), id(2)));
    rig.bench.file("keep.txt", format!("{} # the pump\n", id(2)));
    plan(&rig, "--protect keep.txt").exits(0);
    assert_eq!(rig.outcomes(), ["pending", "skipped"]);
    assert_eq!(rig.simulator.counts().connections, 0);
    // What the list calls a device protects it, too, whatever the account says.
    let rig = account(&format!("id,label\n{},pump-1\n{},keep\n", id(1), id(2)));
    rig.bench.file("keep.txt", "keep\n");
    plan(&rig, "--protect keep.txt").exits(0);
    assert_eq!(rig.outcomes(), ["pending", "skipped"]);
}

#[test]
fn a_list_of_the_account_that_fails_or_is_not_whole_makes_no_plan() {
    let second_page = |then: Value| json!([{"when": {"endpoint": "reads", "request": 2}, "then": then}]);
    let failing = [
        ("a refusal", second_page(json!({"reply": {"status": 403}}))),
        (
            "no list",
            second_page(json!({"reply": {"status": 200, "json": {"count": 7}}})),
        ),
        (
            "HTML",
            second_page(json!({"reply": {"status": 200, "html": "<h1>Log in</h1>"}})),
        ),
        (
            "no token",
            json!([{"when": {"endpoint": "token"}, "then": {"unauthorized": true}}]),
        ),
    ];
    for (name, faults) in failing {
        let rig = account_with("label\npump-1\n", |builder| {
            builder.page_traps(PageTraps::new().page_size_max(4))
        });
        rig.faults(faults);
        let ended = plan(&rig, "");
        assert!(!ended.stderr.contains("panicked"), "{name}: {}", ended.stderr);
        refused(&rig, ended, &["could not be listed"]);
    }
    let traps = [
        PageTraps::new().page_size_max(4).device_on_two_pages(),
        PageTraps::new().page_size_max(4).count_off_by(1),
        PageTraps::new().page_size_max(4).shift_after_page(1),
    ];
    for traps in traps {
        let name = format!("{traps:?}");
        let rig = account_with("label\npump-1\n", |builder| builder.page_traps(traps));
        let ended = plan(&rig, "");
        assert!(ended.stderr.contains("not whole"), "{name}: {}", ended.stderr);
        refused(&rig, ended, &["could not be listed"]);
    }
}

/// Three devices are asked for, and go; the second sends data, and is there again under its label.
fn came_back(then: &Value, applied: impl FnOnce(&Rig)) -> (Rig, String) {
    let mut rig = account("label\npump-1\npump-2\npump-3\n");
    plan(&rig, "").exits(0);
    rig.devices = vec![device(1), device(2), device(3)];
    rig.faults(json!([{"when": {"request": 1}, "then": then}]));
    applied(&rig);
    for (id, _) in &rig.devices {
        rig.removed(id);
    }
    let again = rig.simulator.send_data("pump-2");
    assert_ne!(again, id(2));
    (rig, again)
}

fn is_there(rig: &Rig, id: &str) -> bool {
    rig.simulator.ubidots_devices().iter().any(|device| device.id == id)
}

#[test]
fn a_device_that_came_back_under_its_label_is_hit_by_no_apply_of_the_plan() {
    let lost = json!({"applied": true, "reply": {"status": 500}});
    let answered = |rig: &Rig| drop(rig.apply_with(3, "").exits(4));
    let late = json!({"delay_reply_ms": FOR_EVER_MS});
    let killed = |rig: &Rig| {
        let mut child = rig.start();
        rig.received(1);
        for (id, _) in &rig.devices {
            rig.removed(id);
        }
        kill(&mut child);
    };
    for (rig, again) in [came_back(&lost, answered), came_back(&late, killed)] {
        // Resumed, there is nothing to send.
        rig.resume("came back").exits(4);
        assert_eq!(rig.requests().len(), 1);
        assert_eq!(rig.count("unknown"), 3);
        rig.holds_every_promise(&[], "came back");

        // A person who has the unknown sent again has the devices of the plan sent again, and no other.
        let reads = rig.simulator.reads().len();
        rig.apply_with(3, "--resend-unknown").exits(0);
        let planned = [id(1), id(2), id(3)];
        assert_eq!(keys(&rig), [&planned, &planned]);
        assert_eq!(rig.simulator.reads().len(), reads, "apply looks nothing up");
        assert!(is_there(&rig, &again));

        // Whoever means the new device plans again.
        rig.bench.file("devices.csv", "label\npump-2\n");
        rig.run(&rig.plan_line("").replace("devices.plan", "again.plan"))
            .exits(0);
        let line = format!("apply again.plan --confirm {}/1", rig.tenant());
        rig.run(&line).exits(0);
        rig.removed(&again);
        assert_eq!(keys(&rig)[2], [again]);
    }
}
