//! Devices that a backup could not save: the messages of `backup`, and the refusal of `apply --require-backup`.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod backups;
mod common;
mod rig;

use std::fs;

use backups::*;
use common::Ended;
use serde_json::{Value, json};

/// The device with this number answers 404, as it does to a token that may not read it. Each device without variables
/// takes two requests.
fn unseen(requests: &str) -> Value {
    json!([{"when": {"endpoint": "reads", "request": requests},
        "then": {"reply": {"status": 404, "json": {"detail": "Not found."}}}}])
}

impl Account {
    fn backup_one_by_one(&self) -> Ended {
        self.run(&format!("backup devices.plan {FAST} --concurrency 1"))
    }

    fn sent(&self) -> u64 {
        self.simulator.counts().deletion_requests
    }
}

#[test]
fn a_device_that_no_backup_holds_is_not_sent() {
    // The second device, as a token without the permission to read it sees it: still in the account.
    let account = Account::new(vec![device(1, 0), device(2, 0), device(3, 0)]);
    account.faults(unseen("3"));
    let ended = account.backup_one_by_one().exits(3).says(&[
        &id(2),
        "1 device was not found",
        "may not read",
        "--require-backup",
        "A backup deletes nothing",
    ]);
    assert!(!ended.next().contains("apply"), "{}", ended.stderr);
    assert!(!ended.next().contains("backup"), "{}", ended.stderr);
    assert!(ended.stdout.contains("missing             1"), "{}", ended.stdout);
    account.no_faults();
    let refused = account.apply("--require-backup").exits(6).says(&[
        &id(2),
        "1 of the 3 devices that may be sent is not saved",
        "not found",
        "may not read",
        "This run sent nothing",
    ]);
    assert_eq!(account.sent(), 0);
    assert!(!refused.stderr.contains("--accept-missing"), "{}", refused.stderr);
    // The same backup asks again for what was missing, and for nothing else.
    let reads = account.simulator.counts().reads;
    account.run_next(&refused).exits(0);
    assert_eq!(account.simulator.counts().reads, reads + 2);
    account.holds(2);
    account
        .apply("--require-backup")
        .exits(0)
        .says(&["3 devices that may be sent are saved"]);
    assert_eq!(account.sent(), 1);
}

#[test]
fn many_missing_devices_are_counted_and_the_first_are_named() {
    let account = Account::new((1..=30).map(|number| device(number, 0)).collect());
    // The first is saved in two requests; of the others there is one each.
    account.faults(unseen("3-"));
    account
        .backup_one_by_one()
        .exits(3)
        .says(&["29 devices were not found", &id(2)]);
    let refused =
        account
            .apply("--require-backup")
            .exits(6)
            .says(&["29 of the 30 devices", &id(2), &id(6), "and 24 more"]);
    assert!(!refused.stderr.contains(&id(7)), "{}", refused.stderr);
    assert_eq!(account.sent(), 0);
    // Only what may be sent has to be saved.
    let tenant = account.simulator.url().strip_prefix("http://").unwrap().to_owned();
    account
        .run(&format!(
            "apply devices.plan --require-backup --limit 1 --confirm {tenant}/1"
        ))
        .exits(5);
    assert_eq!(account.sent(), 1);
}

#[test]
fn a_device_that_is_gone_is_sent_only_when_a_person_counts_it_in() {
    let account = Account::new(vec![device(1, 1), device(2, 1), device(3, 1)]);
    assert!(account.simulator.remove_ubidots_device(&id(2)));
    account.backup().exits(3);
    for flags in [
        "--require-backup",
        "--require-backup --accept-missing 0",
        "--require-backup --accept-missing 2",
    ] {
        account.apply(flags).exits(6).says(&[&id(2)]);
    }
    account.apply("--accept-missing 1").exits(2).says(&["--require-backup"]);
    assert_eq!(account.sent(), 0);
    account
        .apply("--require-backup --accept-missing 1")
        .exits(0)
        .says(&["2 devices that may be sent are saved", "1 more was not found"]);
    assert_eq!(account.sent(), 1);

    // Or it is planned without: then nothing is missing.
    let account = Account::new(vec![device(1, 1), device(2, 1)]);
    assert!(account.simulator.remove_ubidots_device(&id(2)));
    account.bench.file("gone.txt", id(2));
    account
        .bench
        .run(&format!(
            "plan devices.csv --force --service ubidots --out devices.plan --protect gone.txt --base-url {}",
            account.simulator.url()
        ))
        .exits(0);
    account.backup().exits(0);
    account.apply("--require-backup").exits(0);
}

#[test]
fn a_device_that_was_saved_stays_saved_when_it_is_not_found_later() {
    let account = Account::new(vec![device(1, 1), device(2, 1)]);
    account.backup().exits(0);
    let saved = fs::read(account.file(2)).unwrap();
    account.simulator.remove_ubidots_device(&id(2));
    account.backup().exits(0);
    assert_eq!(fs::read(account.file(2)).unwrap(), saved);

    // Nor does a backup that found less take the place of one that has it.
    let ended = account
        .run(&format!("backup devices.plan --out less {FAST}"))
        .exits(3)
        .says(&["devices.plan.backup.json", "still names", &id(2)]);
    assert!(!ended.next().contains("apply"), "{}", ended.stderr);
    account
        .apply("--require-backup")
        .exits(0)
        .says(&["2 devices that may be sent are saved"]);

    // What was saved and altered is kept under another name each time.
    let account = Account::new(vec![device(1, 1), device(2, 1)]);
    account.backup().exits(0);
    account.simulator.remove_ubidots_device(&id(2));
    for bytes in ["once", "twice"] {
        fs::write(account.file(2), bytes).unwrap();
        account.backup().exits(3);
    }
    let aside = |name: &str| fs::read_to_string(account.path(&format!("devices/{}.ndjson.gz.{name}", id(2)))).unwrap();
    assert_eq!(
        (aside("damaged"), aside("damaged-2")),
        ("once".to_owned(), "twice".to_owned())
    );
    account.apply("--require-backup").exits(6).says(&[&id(2)]);
}

#[test]
fn a_device_without_its_variables_is_not_saved() {
    let none = json!({"status": 200, "json": {"count": 0, "next": null, "previous": null, "results": []}});
    for (reply, says) in [
        // A token may read devices and not variables.
        (json!({"status": 403}), "403"),
        (json!({"status": 404}), "404"),
        // The device says that it has three.
        (none, "3 variables and lists 0"),
    ] {
        let account = Account::new(vec![device(1, 3), device(2, 0)]);
        account.faults(json!([{"when": {"endpoint": "reads", "every": 2}, "then": {"reply": reply}}]));
        account.backup_one_by_one().exits(5).says(&[&id(1), says]);
        assert!(account.saved().is_empty(), "{says}");
        account.apply("--require-backup").exits(6);
        assert_eq!(account.sent(), 0, "{says}");
        account.no_faults();
        account.backup().exits(0);
        account.apply("--require-backup").exits(0);
    }
}
