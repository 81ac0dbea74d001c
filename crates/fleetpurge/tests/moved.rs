//! One plan file is applied by one process, whatever the names of the file, and a file that goes away stops its run.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use common::{Ended, Service, over_both};
use rig::{FOR_EVER_MS, Rig, kill};
use serde_json::json;

over_both!(
    two_applies_by_different_names_of_one_plan_never_both_run,
    a_plan_with_two_hard_links_is_refused,
    a_symbolic_link_to_a_plan_is_that_plan,
    a_plan_that_is_taken_away_while_it_is_applied_stops_the_run_and_its_outcomes_are_saved,
    a_plan_that_is_renamed_while_it_is_applied_goes_on_once_it_has_its_name_again,
    a_plan_that_is_overwritten_in_place_while_it_is_applied_stops_the_run,
    a_log_or_a_lock_that_is_removed_while_a_plan_is_applied_stops_the_run_and_nothing_is_lost,
    a_plan_that_only_gets_another_date_stops_the_run_and_nothing_is_lost,
    an_undisturbed_run_beside_a_reader_goes_on,
);

/// The confirmed apply of this name of the plan.
fn line(rig: &Rig, name: &str) -> String {
    format!("apply {name} --confirm {}/{}", rig.tenant(), rig.devices.len())
}

fn start(rig: &Rig, name: &str) -> Child {
    let mut command = rig.bench.command(&line(rig, name));
    rig.service
        .credentials(&mut command)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn finished(child: Child) -> Ended {
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// No device was received twice.
fn each_once(rig: &Rig) {
    let mut times: HashMap<String, u32> = HashMap::new();
    for (uid, _) in rig.requests().into_iter().flatten() {
        *times.entry(uid).or_default() += 1;
    }
    let twice = times.values().filter(|times| **times > 1).count();
    assert_eq!(
        twice,
        0,
        "of {} devices received, so many were received again",
        times.len()
    );
}

fn two_applies_by_different_names_of_one_plan_never_both_run(service: Service) {
    type Second = fn(&Path);
    let ways: [(&str, &str, Second); 4] = [
        ("a hard link", "other.plan", |folder| {
            fs::hard_link(folder.join("devices.plan"), folder.join("other.plan")).unwrap();
        }),
        ("a symbolic link", "other.plan", |folder| {
            symlink("devices.plan", folder.join("other.plan")).unwrap();
        }),
        ("a link to its folder", "here/devices.plan", |folder| {
            symlink(".", folder.join("here")).unwrap();
        }),
        ("another path", "../BENCH/./devices.plan", |_| {}),
    ];
    for (what, other, make) in ways {
        let rig = Rig::new(service, 6 * service.batch(), "");
        let folder = rig.bench.path("");
        make(&folder);
        let bench = folder.file_name().or_else(|| folder.parent()?.file_name()).unwrap();
        let other = other.replace("BENCH", bench.to_str().unwrap());
        let both = [start(&rig, "devices.plan"), start(&rig, &other)];
        for child in both {
            finished(child);
        }
        each_once(&rig);
        // The way out, whichever of the two had run.
        if what == "a hard link" {
            fs::remove_file(folder.join("other.plan")).unwrap();
        }
        rig.resume(what).exits(0);
        each_once(&rig);
        assert_eq!(
            rig.holds_every_promise(&[], what)["scheduled"],
            rig.devices.len() as u64
        );
    }
}

fn a_plan_with_two_hard_links_is_refused(service: Service) {
    let rig = Rig::new(service, 3, "");
    fs::hard_link(rig.bench.path("devices.plan"), rig.bench.path("other.plan")).unwrap();
    for name in ["devices.plan", "other.plan"] {
        rig.run(&line(&rig, name))
            .exits(1)
            .says(&[name, "hard link", "sent nothing"]);
        // To look is harmless.
        rig.run(&format!("status {name}")).exits(0);
        rig.run(&format!("report {name} --format ndjson")).exits(0);
    }
    assert_eq!(rig.request_count(), 0);
    assert_eq!(rig.bench.files(), ["devices.csv", "devices.plan", "other.plan"]);
}

fn a_symbolic_link_to_a_plan_is_that_plan(service: Service) {
    let batch = service.batch();
    let rig = Rig::new(service, 3 * batch, "--concurrency 1");
    fs::create_dir(rig.bench.path("links")).unwrap();
    symlink("../devices.plan", rig.bench.path("links/a.plan")).unwrap();
    rig.faults(json!([{"when": {"request": 2}, "then": {"delay_reply_ms": FOR_EVER_MS}}]));
    let mut first = start(&rig, "links/a.plan");
    rig.received(2);
    rig.run(&line(&rig, "devices.plan")).exits(1).says(&["held by"]);
    rig.run(&line(&rig, "links/a.plan")).exits(1).says(&["held by"]);
    rig.run("status links/a.plan").exits(0);
    kill(&mut first);
    assert_eq!(
        fs::read_dir(rig.bench.path("links")).unwrap().count(),
        1,
        "nothing lies beside the link"
    );
    rig.no_faults();
    rig.run(&line(&rig, "links/a.plan")).exits(4);
    assert_eq!(rig.holds_every_promise(&[], "linked")["unknown"], batch as u64);
}

/// An apply of five batches, one at a time; `disturb` is called while the second is under way.
fn disturbed(rig: &Rig, disturb: impl FnOnce(&Path)) -> Ended {
    let child = rig
        .command()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    rig.received(2);
    disturb(&rig.bench.path("devices.plan"));
    finished(child)
}

fn slow(service: Service) -> Rig {
    Rig::with(service, 5 * service.batch(), "--concurrency 1", |builder| {
        builder.latency(Duration::from_millis(1500))
    })
}

fn beside(plan: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = plan.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn a_plan_that_is_taken_away_while_it_is_applied_stops_the_run_and_its_outcomes_are_saved(service: Service) {
    let batch = service.batch() as u64;
    type Way = fn(&Path);
    let ways: [(&str, &str, Way); 3] = [
        ("removed", "removed", |plan| fs::remove_file(plan).unwrap()),
        ("replaced", "replaced", |plan| {
            fs::write(plan.with_file_name("new"), "another file").unwrap();
            fs::rename(plan.with_file_name("new"), plan).unwrap();
        }),
        ("removed with all that lies beside it", "removed", |plan| {
            for suffix in ["", "-wal", "-shm", ".lock"] {
                fs::remove_file(beside(plan, suffix)).unwrap();
            }
        }),
    ];
    for (what, says, way) in ways {
        let rig = slow(service);
        let ended = disturbed(&rig, way)
            .exits(1)
            .says(&[says, "while it was applied", "saved in"]);
        assert!(!ended.stderr.contains("stands"), "{what}: {}", ended.stderr);
        assert_eq!(
            rig.request_count(),
            2,
            "{what}: nothing more was sent\n{}",
            ended.stderr
        );
        assert!(
            ended.stdout.contains(&format!("{:>9}  ", 2 * batch)),
            "{what}: {}",
            ended.stdout
        );
        let next = ended.next().strip_prefix("fleetpurge status ").unwrap().to_owned();
        rig.run(&format!("status {next}")).exits(0);
        // What is saved is a plan like any other, and goes on from there.
        if rig.bench.path("devices.plan").exists() {
            assert_eq!(fs::read(rig.bench.path("devices.plan")).unwrap(), b"another file");
            fs::remove_file(rig.bench.path("devices.plan")).unwrap();
        }
        fs::rename(rig.bench.path(&next), rig.bench.path("devices.plan")).unwrap();
        rig.simulator.set_latency(Duration::ZERO);
        rig.resume(what).exits(0);
        assert_eq!(rig.holds_every_promise(&[], what)["scheduled"], 5 * batch, "{what}");
        assert_eq!(
            rig.bench
                .files()
                .iter()
                .filter(|name| name.starts_with("devices.plan"))
                .count(),
            1
        );
    }
}

fn a_plan_that_is_renamed_while_it_is_applied_goes_on_once_it_has_its_name_again(service: Service) {
    let batch = service.batch() as u64;
    let rig = slow(service);
    let ended = disturbed(&rig, |plan| {
        fs::rename(plan, plan.with_file_name("moved.plan")).unwrap();
    })
    .exits(1)
    .says(&["renamed", "while it was applied", "rename the plan back"]);
    assert!(!ended.stderr.contains("stands"), "{}", ended.stderr);
    assert_eq!(rig.request_count(), 2, "{}", ended.stderr);
    // Without its log it has forgotten outcomes.
    rig.run(&line(&rig, "moved.plan")).exits(6);
    for suffix in ["-wal", "-shm"] {
        // Empty, of SQLite's looking for a log.
        fs::remove_file(rig.bench.path(&format!("moved.plan{suffix}"))).ok();
    }
    fs::rename(rig.bench.path("moved.plan"), rig.bench.path("devices.plan")).unwrap();
    rig.simulator.set_latency(Duration::ZERO);
    rig.resume("renamed").exits(0);
    assert_eq!(rig.holds_every_promise(&[], "renamed")["scheduled"], 5 * batch);
}

fn a_plan_that_is_overwritten_in_place_while_it_is_applied_stops_the_run(service: Service) {
    let rig = slow(service);
    let other = Rig::new(service, 3, "");
    let other = fs::read(other.bench.path("devices.plan")).unwrap();
    let ended = disturbed(&rig, |plan| fs::write(plan, &other).unwrap())
        .exits(1)
        .says(&["written to by another program", "while it was applied"]);
    assert!(!ended.stderr.contains("stands"), "{}", ended.stderr);
    assert_eq!(rig.request_count(), 2, "{}", ended.stderr);
    assert_eq!(
        fs::read(rig.bench.path("devices.plan")).unwrap(),
        other,
        "it is left as it is"
    );
}

fn a_log_or_a_lock_that_is_removed_while_a_plan_is_applied_stops_the_run_and_nothing_is_lost(service: Service) {
    let batch = service.batch() as u64;
    for suffix in ["-wal", ".lock"] {
        let rig = slow(service);
        disturbed(&rig, |plan| fs::remove_file(beside(plan, suffix)).unwrap())
            .exits(1)
            .says(&[suffix, "while it was applied"]);
        assert_eq!(rig.request_count(), 2, "{suffix}");
        rig.simulator.set_latency(Duration::ZERO);
        rig.resume(suffix).exits(0);
        assert_eq!(rig.holds_every_promise(&[], suffix)["scheduled"], 5 * batch, "{suffix}");
    }
}

fn a_plan_that_only_gets_another_date_stops_the_run_and_nothing_is_lost(service: Service) {
    let batch = service.batch() as u64;
    let rig = slow(service);
    disturbed(&rig, |plan| {
        let file = fs::File::options().append(true).open(plan).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    })
    .exits(1)
    .says(&["written to by another program", "recorded in the plan, which is whole"]);
    assert_eq!(rig.request_count(), 2);
    rig.simulator.set_latency(Duration::ZERO);
    rig.resume("dated").exits(0);
    assert_eq!(rig.holds_every_promise(&[], "dated")["scheduled"], 5 * batch);
}

fn an_undisturbed_run_beside_a_reader_goes_on(service: Service) {
    let rig = slow(service);
    rig.simulator.set_latency(Duration::from_millis(300));
    let ended = disturbed(&rig, |plan| {
        rig.bench.status();
        rig.bench.report();
        // As any SQLite tool reads it.
        let sqlite = rusqlite::Connection::open(plan).unwrap();
        sqlite
            .query_row("SELECT count(*) FROM devices", (), |row| row.get::<_, i64>(0))
            .unwrap();
    });
    ended.exits(0);
    assert_eq!(
        rig.holds_every_promise(&[], "read")["scheduled"],
        rig.devices.len() as u64
    );
}
