//! `verify --live`: which devices are still in the account.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod account;
mod common;

use account::{AccountBench, faults};
use common::{Bench, Ended, csv, devices, records, uid};
use fleetpurge_simulator::{PageTraps, UbidotsDevice};
use serde_json::{Value, json};

fn id(number: usize) -> String {
    format!("{number:024x}")
}

fn label(number: usize) -> String {
    format!("device-{number}")
}

/// An account of so many devices, and a plan of all but the last.
fn planned(count: usize) -> AccountBench {
    let bench = AccountBench::with((1..=count).map(|n| UbidotsDevice::new(id(n), label(n))).collect());
    let rows: Vec<String> = (1..count).map(|n| format!("{},{}\n", id(n), label(n))).collect();
    bench.bench.file("list.csv", format!("id,label\n{}", rows.concat()));
    bench.plan("list.csv").exits(0);
    bench
}

fn removed(bench: &AccountBench, left: usize) {
    bench.runtime.block_on(bench.simulator.wait_until_ubidots_left(left));
}

const LIVE: &str = "verify devices.plan --live --rate 10000";

#[test]
fn devices_are_there_until_the_task_has_run_and_gone_after() {
    let bench = planned(8);
    bench.simulator.set_faults(faults(
        json!([{"then": {"applied": false, "reply": {"status": 202, "json": {"task": {"id": "t"}}}}}]),
    ));
    bench.apply(3, "--limit 3").exits(5);
    // The service named a task and did nothing: nobody else would notice.
    let there = bench.run(LIVE).exits(3).says(&["3 devices are still there"]);
    assert!(there.stdout.contains("still there         3"), "{}", there.stdout);
    assert_eq!(there.next(), "fleetpurge report devices.plan");
    bench.simulator.set_faults(faults(json!([])));
    bench.apply(4, "--limit 4").exits(0);
    removed(&bench, 4);
    let found = records(&bench.run(&format!("{LIVE} --format ndjson")).exits(3).stdout);
    let found: Vec<(u64, &str)> = found
        .iter()
        .map(|line| (line["row"].as_u64().unwrap(), line["found"].as_str().unwrap()))
        .collect();
    let expected: Vec<(u64, &str)> = (1..=7).map(|n| (n, if n <= 3 { "present" } else { "gone" })).collect();
    assert_eq!(found, expected);
    for read in bench.simulator.reads() {
        assert!(!read.uri.to_string().contains('~'), "asked by label: {}", read.uri);
    }
}

#[test]
fn a_device_that_came_back_under_its_label_is_another_one() {
    let bench = planned(3);
    bench.apply(2, "").exits(0);
    removed(&bench, 1);
    let new = bench.simulator.send_data(&label(1));
    assert_ne!(new, id(1));
    bench.run(LIVE).exits(0);
}

#[test]
fn an_unknown_device_is_looked_for_too() {
    let bench = planned(3);
    bench
        .simulator
        .set_faults(faults(json!([{"then": {"close_after_read": true, "applied": true}}])));
    let ended = bench.apply(2, "").exits(4);
    assert_eq!(ended.next(), "fleetpurge verify devices.plan --live");
    removed(&bench, 1);
    bench
        .run(LIVE)
        .exits(0)
        .says(&["2 devices are unknown in the plan and gone now"]);
}

/// What was found of each device that was looked for, in input order.
fn found(ended: &Ended) -> Vec<String> {
    let lines = records(&ended.stdout);
    lines
        .iter()
        .map(|line| line["found"].as_str().unwrap().to_owned())
        .collect()
}

/// How many requests read the account since, and how many of them asked for one device.
fn reads_since(bench: &AccountBench, before: usize) -> (usize, usize) {
    let reads = bench.simulator.reads().split_off(before);
    let by_id = reads.iter().filter(|read| read.uri.query().is_none()).count();
    (reads.len(), by_id)
}

/// A plan of 14 devices in an account of 15, of which two were asked for. The service named a task and did nothing.
fn two_asked_for() -> AccountBench {
    let bench = planned(15);
    bench.simulator.set_faults(faults(
        json!([{"then": {"applied": false, "reply": {"status": 202, "json": {"task": {"id": "t"}}}}}]),
    ));
    bench.apply(2, "--limit 2").exits(5);
    bench.simulator.set_faults(faults(json!([])));
    bench
}

/// A page for each device: to ask for two by id takes fewer requests.
fn single() -> PageTraps {
    PageTraps::new().page_size_max(1)
}

#[test]
fn an_id_in_the_list_is_there_whatever_a_404_by_id_says() {
    let bench = two_asked_for();
    let asked = bench.simulator.requests().len();
    for reply in [
        json!({"status": 404, "json": {"detail": "Not found."}}),
        json!({"status": 404, "html": "<h1>Not Found</h1>"}),
    ] {
        let after_the_list = format!("{}-", bench.simulator.counts().reads + 2);
        let rule = json!([{"when": {"endpoint": "reads", "request": after_the_list}, "then": {"reply": reply}}]);
        bench.simulator.set_faults(faults(rule));
        let before = bench.simulator.reads().len();
        let ended = bench.run(LIVE).exits(3).says(&["2 devices are still there"]);
        assert!(
            ended
                .stdout
                .contains("asked for   the list of the account, in 1 request"),
            "{}",
            ended.stdout
        );
        assert!(ended.stdout.contains("15 devices"), "{}", ended.stdout);
        assert_eq!(reads_since(&bench, before), (1, 0));
    }
    // By id, the first page of the list counts, too: it shows the first device.
    let after_the_list = format!("{}-", bench.simulator.counts().reads + 2);
    let not_found = json!({"status": 404, "json": {"detail": "Not found."}});
    let rule = json!([{"when": {"endpoint": "reads", "request": after_the_list}, "then": {"reply": not_found}}]);
    bench.simulator.set_faults(faults(rule));
    bench.simulator.set_page_traps(single());
    let ended = bench.run(&format!("{LIVE} --format ndjson")).exits(3);
    assert_eq!(found(&ended), ["present", "gone"]);
    assert_eq!(bench.simulator.requests().len(), asked, "a deletion was sent");
    assert!(bench.simulator.writes().is_empty());
}

#[test]
fn the_list_and_the_devices_by_id_say_the_same_and_which_was_asked_is_said() {
    for gone in [&[][..], &[1], &[2], &[1, 2]] {
        let bench = two_asked_for();
        for &number in gone {
            assert!(bench.simulator.remove_ubidots_device(&id(number)));
        }
        let exit = if gone.len() == 2 { 0 } else { 3 };
        let expected = [1, 2].map(|number| if gone.contains(&number) { "gone" } else { "present" });
        let ways = [
            (PageTraps::new(), "the list of the account, in 1 request;", (1, 0)),
            (single(), "each device by its id", (3, 2)),
            // Lists that are not whole.
            (PageTraps::new().count_off_by(1), "the incomplete list", (4, 2)),
            (
                PageTraps::new().page_size_max(5).device_on_two_pages(),
                "the incomplete list",
                (4, 2),
            ),
            (
                PageTraps::new().page_size_max(5).shift_after_page(2),
                "the list of the account",
                (5, 2),
            ),
        ];
        for (traps, said, (most, most_by_id)) in ways {
            let what = format!("{gone:?} {traps:?}");
            bench.simulator.set_page_traps(traps);
            let before = bench.simulator.reads().len();
            let ended = bench.run(&format!("{LIVE} --format ndjson"));
            assert_eq!(found(&ended), expected, "{what}");
            let ended = ended.exits(exit).says(&[said]);
            let (reads, by_id) = reads_since(&bench, before);
            assert!(by_id <= most_by_id && reads <= most + 3, "{what}: {reads} {by_id}");
            let requests = if reads == 1 {
                "in 1 request;".to_owned()
            } else {
                format!("in {reads} requests;")
            };
            ended.says(&[&requests]);
        }
    }
}

#[test]
fn a_device_that_a_shifting_list_hides_is_not_called_gone() {
    let bench = two_asked_for();
    let entry = |number: usize| json!({"id": id(number), "label": label(number)});
    let page = |has_next: bool, numbers: [usize; 2]| {
        let next = has_next.then_some("https://elsewhere.invalid/");
        json!({"reply": {"status": 200, "json":
            {"count": 4, "next": next, "previous": null, "results": numbers.map(entry)}}})
    };
    // One device of the first page is deleted and one is added at the end meanwhile: the count is right, no device comes
    // twice, and the device on the boundary is on neither page.
    let read = bench.simulator.counts().reads;
    bench.simulator.set_faults(faults(json!([
        {"when": {"endpoint": "reads", "request": read + 1}, "then": page(true, [1, 3])},
        {"when": {"endpoint": "reads", "request": read + 2}, "then": page(false, [5, 6])},
    ])));
    let before = bench.simulator.reads().len();
    let ended = bench.run(&format!("{LIVE} --format ndjson"));
    assert_eq!(found(&ended), ["present", "present"]);
    ended
        .exits(3)
        .says(&["each device that it lacks by its id", "in 3 requests"]);
    assert_eq!(reads_since(&bench, before), (3, 1));
}

#[test]
fn a_404_that_is_not_the_services_own_proves_nothing() {
    let bench = two_asked_for();
    bench.simulator.set_page_traps(single());
    for reply in [
        json!({"status": 404}),
        json!({"status": 404, "html": "<h1>404 Not Found</h1>"}),
        json!({"status": 404, "json": {"message": "no Route matched with those values"}}),
        json!({"status": 404, "json": {"error": "not found"}}),
        json!({"status": 404, "text": "Not found."}),
        json!({"status": 200, "json": {"id": id(9)}}),
    ] {
        let devices = format!("{}-", bench.simulator.counts().reads + 2);
        let rule = json!([{"when": {"endpoint": "reads", "request": devices}, "then": {"reply": reply}}]);
        bench.simulator.set_faults(faults(rule));
        let ended = bench
            .run(&format!("{LIVE} --format ndjson"))
            .exits(3)
            .says(&["Of 1 device it is not known"]);
        assert_eq!(found(&ended), ["present", "not_known"], "{reply}");
    }
    // With nothing that is there for certain, the doubt decides.
    bench.simulator.remove_ubidots_device(&id(1));
    bench.simulator.set_faults(faults(json!([])));
    let devices = format!("{}-", bench.simulator.counts().reads + 2);
    let rule = json!([{"when": {"endpoint": "reads", "request": devices}, "then": {"reply": {"status": 404}}}]);
    bench.simulator.set_faults(faults(rule));
    let ended = bench.run(LIVE).exits(4).says(&["Of 2 devices it is not known", "404"]);
    assert!(ended.stdout.contains("gone                0"), "{}", ended.stdout);
    assert!(ended.stdout.contains("not known           2"), "{}", ended.stdout);
    assert_eq!(ended.next(), "fleetpurge report devices.plan");
}

#[test]
fn a_reply_that_proves_nothing_is_an_error() {
    let bench = planned(3);
    bench.apply(2, "").exits(0);
    removed(&bench, 1);
    // As from a server that is not the API: nothing is there.
    for reply in [
        json!({"status": 404}),
        json!({"status": 404, "json": {"detail": "Not found."}}),
        json!({"status": 200, "html": "<h1>Welcome</h1>"}),
        json!({"status": 403}),
    ] {
        let elsewhere = faults(json!([{"when": {"endpoint": "reads"}, "then": {"reply": reply}}]));
        bench.simulator.set_faults(elsewhere);
        let ended = bench.run(LIVE).exits(1).says(&["This command deletes nothing"]);
        assert_eq!(ended.stdout, "");
        assert_eq!(ended.next(), "fleetpurge verify --help");
    }
    // The list is answered, and no device.
    let bench = two_asked_for();
    bench.simulator.set_page_traps(single());
    let devices = format!("{}-", bench.simulator.counts().reads + 2);
    let forbidden = json!([{"when": {"endpoint": "reads", "request": devices}, "then": {"reply": {"status": 403}}}]);
    bench.simulator.set_faults(faults(forbidden));
    bench.run(LIVE).exits(1).says(&["403"]);
    // What passes is asked again.
    let passing = faults(json!([
        {"when": {"endpoint": "reads"}, "times": 1, "then": {"reply": {"status": 429, "retry_after": 0}}},
        {"when": {"endpoint": "reads"}, "times": 1, "then": {"reply": {"status": 500}}}
    ]));
    bench.simulator.set_faults(passing);
    bench.run(LIVE).exits(3);
    assert_eq!(bench.simulator.faults_fired(), [1, 1]);
}

#[test]
fn a_fresh_export_says_it_without_a_socket() {
    let bench = Bench::new();
    let simulate = common::Simulate::start();
    bench.plan(&simulate, &devices(5)).exits(0);
    bench
        .run_with_credentials(&format!("apply devices.plan --confirm {}/5", simulate.address()))
        .exits(0);
    let connections = simulate.counts()["connections"].clone();
    // Another spelling of the same uid, and a device that is none of the plan's.
    let left = vec![(uid(2).to_uppercase(), "PC-2".to_owned()), (uid(9), "PC-9".to_owned())];
    bench.file("fresh.csv", csv(&left));
    let ended = bench
        .run("verify devices.plan --inventory fresh.csv --format ndjson")
        .exits(3);
    let present: Vec<Value> = records(&ended.stdout)
        .into_iter()
        .filter(|line| line["found"] == "present")
        .collect();
    assert_eq!(present.len(), 1);
    assert_eq!(present[0]["uid"], json!(uid(2)));
    bench.run("verify devices.plan --live").exits(2).says(&["--inventory"]);
    bench.run("verify devices.plan").exits(2);
    let after = simulate.counts()["connections"].as_u64().unwrap();
    // One connection for each look at the counters.
    assert_eq!(after, connections.as_u64().unwrap() + 1);
}

#[test]
fn an_export_of_labels_alone_proves_nothing() {
    let bench = planned(3);
    bench.apply(2, "").exits(0);
    bench.bench.file("labels.csv", "label\ndevice-1\n");
    bench
        .bench
        .run("verify devices.plan --inventory labels.csv")
        .exits(2)
        .says(&["a label may be that of a new device"]);
    // Ids alone will do.
    bench.bench.file("ids.csv", format!("id\n{}\n", id(1).to_uppercase()));
    bench.bench.run("verify devices.plan --inventory ids.csv").exits(3);
}
