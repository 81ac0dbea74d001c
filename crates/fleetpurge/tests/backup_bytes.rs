//! A backup keeps the service's data byte for byte, and detects a file that was altered afterwards.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod backups;
mod common;
mod rig;

use std::fs;
use std::io::Write as _;

use backups::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use fleetpurge_simulator::{PageTraps, UbidotsDevice, UbidotsValue, UbidotsVariable};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const TIME: i64 = 1_600_000_000_000;

/// Values as a service may write them, and no parser into a double or 64 bits gives them back.
fn odd_values() -> Vec<String> {
    [
        // A SIM card's number, a decimal beyond a double, numbers beyond either.
        "8934071100123456789",
        "89340711001234567890",
        "-170141183460469231731687303715884105728",
        "0.1000000000000000055511151231257827",
        "1e400",
        "-1E-400",
        "1.0",
        "1.50",
        "1E2",
        "-0",
        "-0.0",
        "null",
        r#""5""#,
        r#""\u00e9\/\ud83d\ude00""#,
        r#""\ud800""#,
        "[ 1 , {} ]",
        "true",
    ]
    .iter()
    .enumerate()
    .map(|(at, value)| {
        format!(
            r#"{{"value":{value},"timestamp":{},"context":{{"z":1,"a":null}}}}"#,
            TIME + at as i64
        )
    })
    .chain([
        // Keys twice, in no order, one that is null, spaces, deep ones.
        format!(
            r#"{{"value":1,"value":2,"zz":null,"timestamp":{},"aa":{{"b":1,"b":1e999}}}}"#,
            TIME + 100
        ),
        format!(r#"{{ "timestamp" : {},   "value": 7 }}"#, TIME + 101),
        format!(
            r#"{{"timestamp":{},"value":1,"context":{}1{}}}"#,
            TIME + 102,
            "[".repeat(300),
            "]".repeat(300)
        ),
    ])
    .collect()
}

fn odd_device() -> (UbidotsDevice, String, String) {
    let variable_json = format!(
        r#"{{"unit":null,"id":"{}","lastValue":{{"value":1e400,"timestamp":{}}},"iccid":89340711001234567890,"unit":"C"}}"#,
        variable_id(1, 0),
        TIME + 102
    );
    let device_json = format!(
        r#"{{"properties":{{"iccid":89340711001234567890,"x":1e400,"_\u0061":"\/"}},"organization":null,"name":"a","id":"{}","label":"pump-1","tags":["old"],"lastActivity":{TIME},"variablesCount":1,"properties":{{}}}}"#,
        id(1)
    );
    let values = odd_values();
    let values = values
        .iter()
        .enumerate()
        .map(|(at, value)| UbidotsValue::raw(TIME + at as i64, value));
    let variable = UbidotsVariable::new(variable_id(1, 0), "v")
        .values(values)
        .raw(&*variable_json);
    let device = UbidotsDevice::new(id(1), "pump-1")
        .variable(variable)
        .raw(&*device_json);
    (device, device_json, variable_json)
}

#[test]
fn what_the_service_served_is_in_the_file_byte_for_byte() {
    let (odd, device_json, variable_json) = odd_device();
    let account = Account::new(vec![odd, device(2, 2)]);
    // Served as it was given.
    assert_eq!(account.get_text(&format!("/api/v2.0/devices/{}/", id(1))), device_json);
    account.backup().exits(0);
    let text = text(&account.file(1));
    assert!(text.contains(&format!(r#","device":{device_json}}}"#)), "{text}");
    assert!(text.contains(&format!(r#","variable":{variable_json}}}"#)), "{text}");
    let prefix = format!(r#"{{"type":"value","variable":"{}","value":"#, variable_id(1, 0));
    let kept: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix(&*prefix)?.strip_suffix('}'))
        .collect();
    let served: Vec<String> = odd_values().into_iter().rev().collect();
    assert_eq!(kept, served);
    account.holds(2);
    account.apply("--require-backup").exits(0);
}

#[test]
fn json_over_several_lines_stays_one_line_and_loses_nothing_else() {
    let account = Account::new(vec![
        UbidotsDevice::new(id(1), "pump-1").raw(format!("{{\r\n\t\"id\":\n \"{}\",\n\"n\":\"a\\nb\"\n}}", id(1))),
    ]);
    account.backup().exits(0);
    let text = text(&account.file(1));
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(
        text.contains(&format!("{{  \t\"id\":  \"{}\", \"n\":\"a\\nb\" }}", id(1))),
        "{text}"
    );
    account.apply("--require-backup").exits(0);
}

#[test]
fn a_list_that_ignores_the_fields_asked_for_does_not_fail_on_a_number() {
    let (odd, ..) = odd_device();
    let account = Account::new(vec![odd]);
    let url = account.simulator.url();
    let list = account.run(&format!(
        "select --service ubidots --tag old --rate 10000 --base-url {url}"
    ));
    // The account finds it by its settings; what is served has the tag.
    account.simulator.set_page_traps(PageTraps::new().ignore_filters());
    let again = account.run(&format!(
        "select --service ubidots --tag old --rate 10000 --base-url {url}"
    ));
    list.exits(0);
    assert!(again.exits(0).stdout.contains(&id(1)));
}

#[test]
fn values_are_asked_for_from_the_first_millisecond_and_beyond_a_full_page_without_a_next() {
    for (count, requests) in [
        (0, 1),
        (1, 1),
        (50, 2),
        (199, 1),
        (200, 2),
        (201, 2),
        (400, 3),
        (449, 3),
    ] {
        let values = (0..count).map(|value| UbidotsValue::new(TIME + value, 1.5));
        let variable = UbidotsVariable::new(variable_id(1, 0), "v").values(values);
        let account = Account::new(vec![UbidotsDevice::new(id(1), "pump-1").variable(variable)]);
        for traps in [
            PageTraps::new().no_next(),
            PageTraps::new().no_next().empty_beyond_end(),
        ] {
            account.simulator.set_page_traps(traps);
            let before = account.simulator.reads().len();
            let out = format!("--out b{before}");
            account.run(&format!("backup devices.plan {out} {FAST}")).exits(0);
            let asked: Vec<String> = account.simulator.reads()[before..]
                .iter()
                .map(|read| read.uri.to_string())
                .filter(|uri| uri.contains("/values"))
                .collect();
            assert_eq!(asked.len(), requests, "{count}: {asked:?}");
            for uri in &asked {
                let query = uri.split_once('?').unwrap().1;
                assert!(query.split('&').any(|pair| pair == "start=1"), "{uri}");
                assert!(query.split('&').any(|pair| pair.starts_with("end=")), "{uri}");
            }
            let manifest = read_json(&account.bench.path(&format!("b{before}/backup.json")));
            assert_eq!(manifest["counts"]["values"], json!(count));
        }
    }
}

#[test]
fn a_server_that_gives_shorter_pages_than_it_is_asked_for_and_announces_none_loses_no_value() {
    for (count, size) in [(250, 100), (200, 100), (120, 50)] {
        let values = (0..count).map(|value| UbidotsValue::new(TIME + value, 1.5));
        let variable = UbidotsVariable::new(variable_id(1, 0), "v").values(values);
        let account = Account::new(vec![UbidotsDevice::new(id(1), "pump-1").variable(variable)]);
        account
            .simulator
            .set_page_traps(PageTraps::new().no_next().page_size_max(size));
        account.backup().exits(0);
        assert_eq!(account.manifest()["counts"]["values"], json!(count), "{size}");
    }
}

#[test]
fn the_manifest_has_the_sha256_of_each_file() {
    let account = Account::new(vec![device(1, 2), device(2, 0)]);
    account.backup().exits(0);
    let manifest = account.manifest();
    assert_eq!(manifest["format"], 2);
    let files = manifest["files"].as_object().unwrap();
    assert_eq!(files.len(), 2);
    for (name, sha256) in files {
        let digest = Sha256::digest(fs::read(account.path(name)).unwrap());
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(*sha256, json!(hex), "{name}");
    }
}

#[test]
fn a_backup_that_was_altered_in_any_way_is_noticed_and_made_anew() {
    let repack = |path: &std::path::Path, text: &str, level| {
        let mut gzip = GzEncoder::new(Vec::new(), level);
        gzip.write_all(text.as_bytes()).unwrap();
        fs::write(path, gzip.finish().unwrap()).unwrap();
    };
    type Harm<'a> = &'a dyn Fn(&Account);
    let harms: [(&str, Harm<'_>); 9] = [
        ("was changed", &|account| {
            let path = account.file(1);
            repack(&path, &text(&path), Compression::none());
        }),
        ("was changed", &|account| {
            let path = account.file(1);
            repack(&path, &text(&path).replace("0.1", "0.2"), Compression::default());
        }),
        ("was changed", &|account| {
            // The operating system that the header names: no checksum of gzip covers it.
            let mut bytes = fs::read(account.file(1)).unwrap();
            bytes[9] ^= 1;
            fs::write(account.file(1), bytes).unwrap();
        }),
        ("was changed", &|account| {
            let mut lines: Vec<String> = text(&account.file(1)).lines().map(str::to_owned).collect();
            let last = lines.len() - 2;
            lines.remove(last);
            let text = lines.join("\n").replace("\"values\":3", "\"values\":2");
            repack(&account.file(1), &(text + "\n"), Compression::default());
        }),
        ("is not whole", &|account| {
            let bytes = fs::read(account.file(1)).unwrap();
            fs::write(account.file(1), &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("is not whole", &|account| fs::write(account.file(1), "").unwrap()),
        ("is not whole", &|account| {
            fs::copy(account.file(2), account.file(1)).unwrap();
        }),
        ("is not listed", &|account| {
            let mut manifest = account.manifest();
            let name = format!("devices/{}.ndjson.gz", id(1));
            manifest["files"].as_object_mut().unwrap().remove(&name).unwrap();
            fs::write(account.path("backup.json"), manifest.to_string()).unwrap();
        }),
        ("format 1", &|account| {
            let mut manifest = account.manifest();
            manifest["format"] = json!(1);
            manifest.as_object_mut().unwrap().remove("files");
            fs::write(account.path("backup.json"), manifest.to_string()).unwrap();
        }),
    ];
    for (says, harm) in harms {
        let account = Account::new(vec![device(1, 3), device(2, 2)]);
        account.backup().exits(0);
        harm(&account);
        let refused = account
            .apply("--require-backup")
            .exits(6)
            .says(&[says, "This run sent nothing"]);
        assert_eq!(account.simulator.counts().deletion_requests, 0, "{says}");
        assert!(
            refused.next().starts_with("fleetpurge backup devices.plan --out"),
            "{says}"
        );
        account.run_next(&refused).exits(0);
        account.apply("--require-backup").exits(0);
        assert_eq!(account.simulator.counts().deletion_requests, 1, "{says}");
    }
}

#[test]
fn a_file_of_an_interrupted_backup_that_was_recorded_before_is_still_held_to_its_sha256() {
    let account = Account::new(vec![device(1, 3), device(2, 2)]);
    account.backup().exits(0);
    // The next backup has begun, and died.
    let mut manifest = account.manifest();
    manifest["finished_at"] = Value::Null;
    manifest["counts"] = Value::Null;
    fs::write(account.path("backup.json"), manifest.to_string()).unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::none());
    gzip.write_all(text(&account.file(1)).as_bytes()).unwrap();
    fs::write(account.file(1), gzip.finish().unwrap()).unwrap();
    account.backup().exits(0).says(&["it is kept as"]);
    account.holds(1);
    account.apply("--require-backup").exits(0);
}

#[test]
fn a_page_of_values_that_comes_again_is_the_end_unless_another_was_announced() {
    let results: Vec<Value> = (0..50).map(|at| json!({"value": at, "timestamp": TIME - at})).collect();
    for (next, exit) in [(json!("http://elsewhere.invalid/"), 5), (Value::Null, 0)] {
        let account = Account::new(vec![device(1, 1)]);
        let body = json!({"count": true, "next": next, "previous": null, "results": results});
        account.faults(json!([{"when": {"endpoint": "reads", "request": "3-"},
            "then": {"reply": {"status": 200, "json": body}}}]));
        let ended = account.backup().exits(exit);
        if exit == 0 {
            assert_eq!(account.manifest()["counts"]["values"], 50);
            assert_eq!(account.simulator.counts().reads, 4);
        } else {
            ended.says(&[&id(1), "announced another page"]);
        }
    }
}
