//! Backups of Ubidots devices: their content, interruptions, and `apply --require-backup`.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod backups;
mod common;
mod rig;

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use backups::*;
use common::{Bench, ended};
use flate2::read::MultiGzDecoder;
use fleetpurge_simulator::{UbidotsValue, UbidotsVariable};
use rig::{kill, until};
use serde_json::{Value, json};

#[test]
fn a_backup_holds_exactly_what_the_account_holds_and_nothing_is_changed() {
    let mut odd = device(3, 1);
    odd.variables[0].values = [
        0.1 + 0.2,
        5e-324,
        f64::MAX,
        -0.0,
        1e21,
        0.300_000_000_000_000_04,
        123_456_789.123_456_78,
    ]
    .into_iter()
    .zip(1_600_000_000_000..)
    .map(|(value, time)| UbidotsValue::new(time, value))
    .collect();
    // A clock in the year 2100 is no reason to lose what was measured by it.
    odd.variables[0].values.push(UbidotsValue::new(4_102_444_800_000, 2.5));
    // Seven variables, the last of six values: three pages and two.
    let account = Account::new(vec![device(1, 7), device(2, 0), odd, device(4, 11)]);
    let ended = account.backup().exits(0);
    account.only_read();
    for number in 1..=4 {
        account.holds(number);
    }
    let values = (0..7).sum::<usize>() + 8 + (0..11).sum::<usize>();
    let manifest = account.manifest();
    assert!(schema("backup").is_valid(&manifest), "{manifest}");
    assert_eq!(
        manifest["counts"],
        json!({"devices": 4, "missing": 0, "variables": 7 + 1 + 11, "values": values})
    );
    let pointer = read_json(&account.bench.path("devices.plan.backup.json"));
    assert!(schema("backup-pointer").is_valid(&pointer), "{pointer}");
    assert_eq!(
        fs::canonicalize(pointer["dir"].as_str().unwrap()).unwrap(),
        fs::canonicalize(account.bench.path("devices.plan.backup")).unwrap()
    );
    assert_eq!(pointer["digest"], manifest["digest"]);
    assert_eq!(pointer["finished_at"], manifest["finished_at"]);
    let stdout: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(stdout[0], "backup      devices.plan.backup");
    assert_eq!(stdout[1], "devices             4  saved");
    assert!(ended.stderr.contains("Nothing is deleted"), "{}", ended.stderr);

    for path in files_below(account.bench.path("").as_path()) {
        let bytes = fs::read(&path).unwrap();
        let mut decoded = Vec::new();
        if path.extension().is_some_and(|extension| extension == "gz") {
            MultiGzDecoder::new(&*bytes).read_to_end(&mut decoded).unwrap();
        }
        for bytes in [bytes, decoded] {
            let found = bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes());
            assert!(!found, "the token is in {}", path.display());
        }
    }

    // Once more: every file is read and kept, the service is asked for nothing.
    let reads = account.simulator.counts().reads;
    let again = account.backup().exits(0);
    assert_eq!(again.stdout, ended.stdout);
    assert_eq!(account.simulator.counts().reads, reads);
}

#[test]
fn a_throttled_backup_waits_and_values_that_come_meanwhile_are_not_in_it() {
    let mut one = device(1, 0);
    let values = (0..8).map(|value| UbidotsValue::new(1_600_000_000_000 + value, 1.5));
    one.variables = vec![UbidotsVariable::new(variable_id(1, 0), "value").values(values)];
    let account = Account::new(vec![one]);
    // The device, its variables, a page of values, and then this.
    account.faults(json!([{"when": {"endpoint": "reads", "request": 4},
        "then": {"reply": {"status": 429, "retry_after": 1}}}]));
    let child = account
        .command(&format!("backup devices.plan {FAST}"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until("a 429 is sent", || {
        account
            .simulator
            .reads()
            .get(3)
            .is_some_and(|read| read.status == Some(429))
    });
    account.simulator.send_data("pump-1");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = lines(&account.file(1));
    let times: Vec<i64> = lines
        .iter()
        .filter(|line| line["type"] == "value")
        .map(|line| line["value"]["timestamp"].as_i64().unwrap())
        .collect();
    let expected: Vec<i64> = (0..8).rev().map(|value| 1_600_000_000_000 + value).collect();
    assert_eq!(times, expected);
    assert_eq!(account.simulator.reads().len(), 2 + 3 + 1);
}

#[test]
fn killed_at_any_request_it_leaves_no_half_file_and_the_same_command_goes_on() {
    let devices = || vec![device(1, 4), device(2, 2), device(3, 5)];
    let whole = Account::new(devices());
    whole.backup().exits(0);
    let requests = whole.simulator.counts().reads;
    assert!(requests > 12, "{requests}");
    for request in 1..=requests {
        let account = Account::new(devices());
        kill(&mut account.hanging(request));
        account.no_faults();
        let saved = account.saved();
        assert!(saved.len() < 3, "{request}");
        for name in &saved {
            let lines = lines(&account.path("devices").join(name));
            assert_eq!(lines.last().unwrap()["type"], "end", "{request}");
        }
        assert_eq!(account.manifest()["finished_at"], Value::Null, "{request}");
        assert!(!account.bench.path("devices.plan.backup.json").exists());
        account.apply("--require-backup").exits(6).says(&["no finished backup"]);

        account.backup().exits(0);
        for read in account.simulator.reads().iter().skip(usize::try_from(request).unwrap()) {
            let path = read.uri.path();
            for name in &saved {
                let id = name.split_once('.').unwrap().0;
                assert!(!path.contains(id), "{request}: {path} was saved already");
            }
        }
        for number in 1..=3 {
            account.holds(number);
        }
        assert_eq!(account.manifest()["counts"], whole.manifest()["counts"], "{request}");
        let left: Vec<PathBuf> = files_below(&account.path(""))
            .into_iter()
            .filter(|path| path.to_string_lossy().contains(".fleetpurge-"))
            .collect();
        assert_eq!(left, Vec::<PathBuf>::new(), "{request}");
        account.only_read();
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_at_once_with_130_and_what_was_saved_is_kept() {
    for signal in ["-INT", "-TERM"] {
        let account = Account::new(vec![device(1, 0), device(2, 3)]);
        // Two for the first device.
        let child = account.hanging(3);
        common::signal(child.id(), signal);
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(130), "{said}");
        assert!(said.contains("Interrupted"), "{said}");
        assert!(said.contains("1 of 2 devices are saved"), "{said}");
        assert!(
            said.lines()
                .last()
                .unwrap()
                .starts_with("next: fleetpurge backup devices.plan")
        );
        assert_eq!(account.saved().len(), 1);
        account.no_faults();
        account.backup().exits(0);
        account.holds(2);
    }
}

#[test]
fn two_backups_do_not_write_to_one_folder() {
    let account = Account::new(vec![device(1, 1)]);
    let mut first = account.hanging(1);
    account
        .backup()
        .exits(1)
        .says(&["another backup writes to devices.plan.backup"]);
    kill(&mut first);
    account.no_faults();
    account.backup().exits(0);
}

#[test]
fn an_answer_that_ends_it_names_the_device_and_what_was_saved_and_the_same_command_goes_on() {
    let account = Account::new(vec![device(1, 0), device(2, 3), device(3, 1)]);
    account.faults(json!([{"when": {"endpoint": "reads", "request": 4}, "then": {"reply": {"status": 403}}}]));
    let ended = account
        .run(&format!("backup devices.plan {FAST} --concurrency 1"))
        .exits(5)
        .says(&[&id(2), "1 of 3 devices are saved", "A backup deletes nothing"]);
    assert_eq!(ended.stdout, "");
    assert_eq!(
        ended.next(),
        format!("fleetpurge backup devices.plan {FAST} --concurrency 1")
    );
    account.no_faults();
    account.run_next(&ended).exits(0);
    (1..=3).for_each(|number| account.holds(number));

    // A token that is refused ends it before anything is saved.
    let refused = Account::new(vec![device(1, 0)]);
    let mut command = refused.command("backup devices.plan");
    ended_with(command.env("UBIDOTS_TOKEN", "wrong"), 5, "Check UBIDOTS_TOKEN");
    ended_with(command.env_remove("UBIDOTS_TOKEN"), 1, "credentials are missing");
    assert_eq!(refused.saved().len(), 0);
}

#[track_caller]
fn ended_with(command: &mut Command, code: i32, says: &str) {
    ended(command).exits(code).says(&[says]);
}

#[test]
fn a_missing_device_is_reported_and_if_all_are_missing_it_is_another_account() {
    let account = Account::new(vec![device(1, 1), device(2, 2)]);
    assert!(account.simulator.remove_ubidots_device(&id(2)));
    let ended = account.backup().exits(3).says(&[&id(2), "1 device was not found"]);
    assert!(ended.stdout.contains("missing             1"), "{}", ended.stdout);
    assert_eq!(account.manifest()["counts"]["missing"], 1);
    let missing = lines(&account.file(2));
    assert_eq!((missing.len(), &missing[0]["type"]), (1, &json!("missing")));
    account.apply("").exits(0);

    // Once the plan has deleted its devices, it is no surprise that they are gone.
    account.runtime.block_on(account.simulator.wait_until_ubidots_left(0));
    account
        .run(&format!("backup devices.plan --out later {FAST}"))
        .exits(0)
        .says(&["still names", "which has more of the devices"]);
    assert_eq!(account.saved().len(), 2);

    let empty = Account::new(vec![device(1, 1), device(2, 1)]);
    for number in 1..=2 {
        empty.simulator.remove_ubidots_device(&id(number));
    }
    empty.backup().exits(1).says(&["has none of the plan's 2 devices"]);
    empty.apply("--require-backup").exits(6);
}

#[test]
fn a_device_that_goes_while_it_is_read_is_missing() {
    let account = Account::new(vec![device(1, 1), device(2, 4)]);
    // Three for the first device. Of the second it has its device, its variables, and the values of the first of these.
    let not_found = json!({"reply": {"status": 404, "json": {"detail": "Not found."}}});
    account.faults(json!([{"when": {"endpoint": "reads", "request": "7-"}, "then": not_found}]));
    account
        .run(&format!("backup devices.plan {FAST} --concurrency 1"))
        .exits(3)
        .says(&[&id(2)]);
    assert_eq!(lines(&account.file(2)).len(), 1);

    // Values that are not found although their device is there: it is begun anew.
    let account = Account::new(vec![device(1, 4)]);
    account.faults(json!([{"when": {"endpoint": "reads", "request": 3}, "then": {"reply": {"status": 404}}}]));
    account.backup().exits(0);
    account.holds(1);
}

#[test]
fn a_folder_of_something_else_is_left_as_it_is() {
    let account = Account::new(vec![device(1, 1), device(2, 1)]);
    account.backup().exits(0);
    let before = account.manifest();
    account.plan("other.plan", &[id(2)]).exits(0);
    let refused = account
        .run(&format!("backup other.plan --out devices.plan.backup {FAST}"))
        .exits(6)
        .says(&["holds the backup of another plan"]);
    assert_eq!(account.manifest(), before);
    // What it said to type next is taken.
    account.run_next(&refused).exits(0);
    assert!(account.bench.path("devices.plan.backup-2/backup.json").exists());

    fs::create_dir(account.bench.path("photos")).unwrap();
    account.bench.file("photos/cat.jpg", "cat");
    account
        .run(&format!("backup devices.plan --out photos {FAST}"))
        .exits(6)
        .says(&["holds other files"]);
    assert_eq!(fs::read_dir(account.bench.path("photos")).unwrap().count(), 1);
    account.bench.file("devices.plan.backup/backup.json", "{");
    account.backup().exits(6).says(&["is not understood"]);
}

#[test]
fn require_backup_takes_a_whole_backup_of_this_very_plan_and_nothing_else() {
    let devices = || vec![device(1, 3), device(2, 2), device(3, 0)];
    let edit = |path: &Path, key: &str, value: Value| {
        let mut record = read_json(path);
        record[key] = value;
        fs::write(path, record.to_string()).unwrap();
    };
    type Harm<'a> = &'a dyn Fn(&Account);
    let table: [(&str, Harm<'_>); 9] = [
        ("no longer in", &|account| fs::remove_dir_all(account.path("")).unwrap()),
        ("no finished backup", &|account| {
            fs::remove_file(account.bench.path("devices.plan.backup.json")).unwrap();
        }),
        ("is not finished", &|account| {
            edit(&account.path("backup.json"), "finished_at", Value::Null);
        }),
        ("older than the plan", &|account| {
            edit(
                &account.path("backup.json"),
                "started_at",
                json!("2001-01-01T00:00:00Z"),
            );
        }),
        ("of another plan", &|account| {
            edit(&account.path("backup.json"), "digest", json!("other"));
        }),
        ("of another plan, one that had its name", &|account| {
            account.plan("devices.plan", &[id(1), id(2)]).exits(0);
        }),
        ("has no file", &|account| fs::remove_file(account.file(2)).unwrap()),
        ("is not whole", &|account| fs::write(account.file(2), "").unwrap()),
        ("is not whole", &|account| {
            let bytes = fs::read(account.file(1)).unwrap();
            fs::write(account.file(1), &bytes[..bytes.len() - 9]).unwrap();
        }),
    ];
    for (says, harm) in table {
        let account = Account::new(devices());
        let none = account.apply("--require-backup").exits(6).says(&["no finished backup"]);
        assert_eq!(none.next(), "fleetpurge backup devices.plan --out devices.plan.backup");
        account.run_next(&none).exits(0);
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
        account.apply("--require-backup").exits(0).says(&["are saved"]);
        assert_eq!(account.simulator.counts().deletion_requests, 1, "{says}");
    }
}

#[test]
fn only_the_devices_that_may_be_sent_need_a_file() {
    let account = Account::new(vec![device(1, 1), device(2, 1)]);
    account.backup().exits(0);
    fs::remove_file(account.file(2)).unwrap();
    let tenant = account.simulator.url().strip_prefix("http://").unwrap();
    account
        .run(&format!(
            "apply devices.plan --require-backup --limit 1 --confirm {tenant}/1"
        ))
        .exits(5);
    account
        .apply("--require-backup")
        .exits(6)
        .says(&[&id(2), "has no file"]);
    // A file that is not whole is kept under another name.
    fs::write(account.file(2), "half").unwrap();
    account.backup().exits(0).says(&["it is kept as"]);
    account.holds(2);
}

#[test]
fn devices_of_nexthink_cannot_be_saved_and_that_is_said() {
    let bench = Bench::new();
    bench.file("devices.csv", common::csv(&common::devices(2)));
    bench
        .run("plan devices.csv --out devices.plan --base-url http://127.0.0.1:9")
        .exits(0);
    bench
        .run("backup devices.plan")
        .exits(2)
        .says(&["documents no endpoint that reads devices"]);
    bench
        .run_with_credentials("apply devices.plan --require-backup --confirm 127.0.0.1:9/2")
        .exits(6)
        .says(&["documents no endpoint that reads devices", "This run sent nothing"]);
    assert_eq!(bench.files(), ["devices.csv", "devices.plan"]);
}
