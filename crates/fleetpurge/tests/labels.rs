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
        "compared with the 7 devices of the account",
        "2  have a label that the list of the account does not show",
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
            (
                &json!("skipped"),
                &json!("the list of the account shows no device with the label")
            )
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
        assert!(ended.stderr.contains("is incomplete"), "{name}: {}", ended.stderr);
        refused(&rig, ended, &["could not be listed"]);
    }
}

/// The account's list is these pages, whatever devices it has. By id the service answers as it is.
fn listed_as(rig: &Rig, pages: Vec<Value>) {
    let rules: Vec<Value> = (1..)
        .zip(pages)
        .map(|(number, page)| {
            json!({"when": {"endpoint": "reads", "request": number}, "then": {"reply": {"status": 200, "json": page}}})
        })
        .collect();
    rig.faults(json!(rules));
}

fn page(count: &Value, has_next: bool, results: &[Value]) -> Value {
    let next = has_next.then_some("https://elsewhere.invalid/?page=2");
    json!({"count": count, "next": next, "previous": null, "results": results})
}

fn entry(number: usize) -> Value {
    json!({"id": id(number), "label": format!("pump-{number}")})
}

/// The ids that were asked for one by one.
fn asked_by_id(rig: &Rig) -> Vec<String> {
    let reads = rig.simulator.reads();
    let alone = reads.iter().filter(|read| read.uri.query().is_none());
    alone
        .map(|read| {
            read.uri
                .path()
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[test]
fn a_device_that_the_list_hides_or_shows_without_a_label_is_asked_for_before_protection_is_judged() {
    let unlabelled = |label: Value| page(&json!(3), false, &[entry(1), label, entry(3)]);
    let lists = [
        // One deletion on the first page and a new device at the end: the count is right, and no device comes twice.
        vec![
            page(&json!(4), true, &[entry(1), entry(3)]),
            page(&json!(4), false, &[entry(5), entry(6)]),
        ],
        vec![page(&json!(2), false, &[entry(1), entry(3)])],
        vec![page(&Value::Null, false, &[entry(1), entry(3)])],
        vec![unlabelled(json!({"id": id(2), "name": "pump-2"}))],
        vec![unlabelled(json!({"id": id(2), "label": null}))],
        vec![unlabelled(json!({"id": id(2), "label": ""}))],
        vec![unlabelled(json!({"id": id(2), "label": " \u{200b}"}))],
    ];
    for pages in lists {
        for entry in ["pump-2", "*-2"] {
            let what = format!("{entry} {pages:?}");
            let mut rig = account(&format!("id\n{}\n{}\n{}\n", id(1), id(2).to_uppercase(), id(3)));
            rig.bench.file("keep.txt", format!("{entry}\n"));
            listed_as(&rig, pages.clone());
            plan(&rig, "--protect keep.txt").exits(0).says(&["requested by id"]);
            assert_eq!(asked_by_id(&rig), [id(2)], "{what}");
            assert_eq!(rig.outcomes(), ["pending", "skipped", "pending"], "{what}");
            rig.devices = [1, 2, 3].map(|number| (id(number), String::new())).to_vec();
            rig.apply_with(2, "").exits(0);
            assert_eq!(keys(&rig), [[id(1), id(3)]], "{what}");
        }
    }
    // What is protected anyway is not asked for, and where no label decides, nothing is.
    let rig = account(&format!("id,label\n{},\n{},\n{},pump-3\n", id(1), id(2), id(3)));
    rig.bench.file("keep.txt", format!("{}\npump-3\n", id(2)));
    listed_as(&rig, vec![page(&json!(1), false, &[entry(1)])]);
    plan(&rig, "--protect keep.txt").exits(0);
    assert_eq!(rig.outcomes(), ["pending", "skipped", "skipped"]);
    assert!(asked_by_id(&rig).is_empty());
    let rig = account(&format!("id,label\n{},\n,pump-1\n", id(2)));
    rig.bench.file("keep.txt", format!("{}\n", id(3)));
    listed_as(&rig, vec![page(&json!(1), false, &[entry(1)])]);
    plan(&rig, "--protect keep.txt --allow-unmatched-protect").exits(0);
    assert!(asked_by_id(&rig).is_empty());
}

#[test]
fn a_planned_device_whose_label_stays_unknown_refuses_the_plan_and_is_named() {
    let list = format!("id\n{}\n{}\n{}\n", id(1), id(2), id(3));
    let protecting = |reply: Value| {
        let rig = account(&list);
        rig.bench.file("keep.txt", "pump-*\n");
        rig.faults(json!([
            {"when": {"endpoint": "reads", "request": 1},
             "then": {"reply": {"status": 200, "json": page(&json!(2), false, &[entry(1), entry(3)])}}},
            {"when": {"endpoint": "reads", "request": "2-"}, "then": {"reply": reply}}
        ]));
        let ended = plan(&rig, "--protect keep.txt --allow-unmatched-protect");
        (rig, ended)
    };
    for reply in [
        json!({"status": 200, "json": {"id": id(2)}}),
        json!({"status": 200, "json": {"id": id(2), "label": null}}),
        json!({"status": 200, "json": {"id": id(2), "label": ""}}),
        json!({"status": 200, "json": {"id": id(2), "label": 5}}),
        json!({"status": 200, "json": entry(4)}),
        json!({"status": 200, "html": "<h1>Log in</h1>"}),
        json!({"status": 404, "html": "<h1>Not Found</h1>"}),
        json!({"status": 404}),
    ] {
        let (rig, ended) = protecting(reply.clone());
        assert!(!ended.stderr.contains("panicked"), "{reply}: {}", ended.stderr);
        ended.exits(6).says(&[&id(2), "No plan was written", "protect"]);
        assert!(!rig.bench.files().iter().any(|name| name.contains(".plan")), "{reply}");
        assert_eq!(rig.request_count(), 0);
    }
    let (rig, ended) = protecting(json!({"status": 403}));
    refused(&rig, ended, &[&id(2), "403"]);
    // The service says that there is no such device: it has no label to be protected by.
    let rig = account(&format!("id\n{}\n{}\n", id(1), Service::Ubidots.uid(900)));
    rig.bench.file("keep.txt", "pump-1\n");
    plan(&rig, "--protect keep.txt")
        .exits(0)
        .says(&["1 planned device is not in the account"]);
    assert_eq!(rig.outcomes(), ["skipped", "pending"]);
}

#[test]
fn rows_with_a_label_alone_need_a_list_with_a_count() {
    let rig = account("label\npump-1\n");
    listed_as(&rig, vec![page(&Value::Null, false, &[entry(1), entry(2)])]);
    refused(&rig, plan(&rig, ""), &["does not say how many devices there are"]);
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
