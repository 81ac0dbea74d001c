//! What the plan's file survives, seen from the command: it is refused with the way out, or it goes on.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{Service, ended, over_both};
use rig::{FOR_EVER_MS, Rig, kill, until};
use rusqlite::Connection;
use serde_json::json;

over_both!(
    a_plan_altered_in_any_column_is_refused_with_6_by_every_command,
    a_row_that_was_added_to_a_plan_is_not_sent,
    a_plan_of_a_newer_schema_is_refused_and_both_versions_are_named,
    a_log_that_is_missing_or_was_cut_is_refused_with_the_way_out,
    an_attempt_that_was_killed_while_it_waited_on_a_429_is_pending_and_is_sent_again,
);
#[cfg(unix)]
over_both!(
    a_plan_that_cannot_be_written_is_not_applied_and_can_still_be_read,
    a_write_that_the_system_refuses_stops_the_run_and_loses_nothing,
);
#[cfg(debug_assertions)]
over_both!(a_full_disk_stops_the_run_and_loses_nothing);

/// How many records the last statement changed.
fn alter(path: &Path, sql: &str) -> rusqlite::Result<u64> {
    let connection = Connection::open(path)?;
    connection.execute_batch(sql)?;
    Ok(connection.changes())
}

/// A plan of which an apply left records of every kind: settled and unknown, with a status, a code, an anomaly, a body.
fn lived_in(service: Service) -> Rig {
    let rig = Rig::new(service, service.batch() * 3 / 2, "--concurrency 1");
    let first = match service {
        Service::Nexthink => json!({"edit": [
            {"omit": {"of": 0}}, {"add": {"uid": "x", "name": "y", "status": "SCHEDULED"}},
            {"set": {"of": 1, "fields": {"code": "E1"}}}]}),
        // It says nothing of a device, so that nothing can be odd about one.
        Service::Ubidots => json!({"edit": [{"set_reply": {"also": "this"}}]}),
    };
    rig.faults(json!([
        {"when": {"request": 1}, "then": first},
        {"when": {"request": 2}, "then": {"reply": {"status": 500, "html": "<h1>Oops</h1>"}}},
    ]));
    rig.apply().exits(4);
    rig
}

fn a_plan_altered_in_any_column_is_refused_with_6_by_every_command(service: Service) {
    let rig = lived_in(service);
    let path = rig.bench.path("devices.plan");
    let whole = fs::read(&path).unwrap();
    let sent = rig.request_count();
    let mut altered = 0;
    for table in [
        "plan",
        "sources",
        "rows",
        "attempts",
        "attempt_rows",
        "outcomes",
        "anomalies",
        "tally",
    ] {
        let columns: Vec<(String, String)> = Connection::open(&path)
            .unwrap()
            .prepare(&format!("SELECT name, type FROM pragma_table_info('{table}')"))
            .unwrap()
            .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(!columns.is_empty(), "{table}");
        let mut changes: Vec<String> = columns
            .iter()
            .map(|(column, kind)| {
                let other = match kind.as_str() {
                    "INTEGER" => format!("coalesce({column} + 1, 1)"),
                    "TEXT" => format!("coalesce({column} || 'x', 'x')"),
                    _ => "zeroblob(16)".to_owned(),
                };
                let (key, _) = &columns[0];
                format!("UPDATE {table} SET {column} = {other} WHERE {key} = (SELECT max({key}) FROM {table})")
            })
            .collect();
        if table != "plan" {
            // Without its one row it was never finished, which is refused too, as what it is.
            changes.push(format!("DELETE FROM {table}"));
        }
        for change in changes {
            fs::write(&path, &whole).unwrap();
            if alter(&path, &change).unwrap_or_default() == 0 {
                // SQLite itself would not have it: a constraint. Or there was nothing to change.
                continue;
            }
            altered += 1;
            for line in [
                format!("apply devices.plan --confirm {}/{}", rig.tenant(), rig.devices.len()),
                "status devices.plan --format json".to_owned(),
                "report devices.plan --format ndjson".to_owned(),
            ] {
                let ended = rig.run(&line);
                assert_eq!(ended.code, 6, "{change}\n{line}\n{}\n{}", ended.stdout, ended.stderr);
                assert!(ended.stdout.is_empty(), "{change}\n{line}\n{}", ended.stdout);
                ended.says(&["devices.plan", "plan again"]);
            }
        }
    }
    assert!(altered > 50, "{altered}");
    assert_eq!(rig.request_count(), sent);
    fs::write(&path, &whole).unwrap();
    rig.bench.status();
}

fn a_row_that_was_added_to_a_plan_is_not_sent(service: Service) {
    let rig = lived_in(service);
    let sent = rig.request_count();
    alter(
        &rig.bench.path("devices.plan"),
        &format!(
            "INSERT INTO rows SELECT row + 1, '{}', 'X', source, line + 1, NULL FROM rows ORDER BY row DESC LIMIT 1;
             UPDATE plan SET planned = planned + 1; UPDATE sources SET rows = rows + 1;",
            service.uid(9_999)
        ),
    )
    .unwrap();
    rig.apply_with(rig.devices.len() + 1, "--resend-unknown").exits(6);
    assert_eq!(rig.request_count(), sent);
}

fn a_plan_of_a_newer_schema_is_refused_and_both_versions_are_named(service: Service) {
    let rig = Rig::new(service, 3, "");
    let path = rig.bench.path("devices.plan");
    alter(&path, "PRAGMA user_version = 7").unwrap();
    let before = fs::read(&path).unwrap();
    for line in [
        "apply devices.plan",
        "status devices.plan",
        "report devices.plan --format csv",
    ] {
        rig.run(line)
            .exits(1)
            .says(&["format version 7", "up to version 2", "a newer one"]);
    }
    assert_eq!(fs::read(&path).unwrap(), before, "it was touched");
    assert_eq!(rig.request_count(), 0);
}

/// A plan whose apply was killed with two batches settled and the third under way.
fn killed(service: Service) -> Rig {
    let rig = Rig::new(service, service.batch() * 9 / 2, "--concurrency 1");
    rig.faults(json!([{"when": {"request": 3}, "then": {"delay_ms": FOR_EVER_MS}}]));
    let mut child = rig.start();
    rig.received(3);
    kill(&mut child);
    rig.no_faults();
    rig
}

fn a_log_that_is_missing_or_was_cut_is_refused_with_the_way_out(service: Service) {
    let rig = killed(service);
    let log = rig.bench.path("devices.plan-wal");
    let whole = fs::read(&log).unwrap();
    let sent = rig.request_count();
    let refused = |what: &str| {
        for line in [
            format!("apply devices.plan --confirm {}/{}", rig.tenant(), rig.devices.len()),
            "status devices.plan".to_owned(),
            "report devices.plan --format ndjson".to_owned(),
        ] {
            let ended = rig.run(&line);
            assert_eq!(ended.code, 6, "{what}: {line}\n{}\n{}", ended.stdout, ended.stderr);
            ended.says(&["ending in -wal", "Put its -wal file back beside it", "plan again"]);
        }
    };
    fs::remove_file(&log).unwrap();
    refused("missing");
    for part in [0, 31, 32, 5000, whole.len() / 2, whole.len() - 1] {
        fs::write(&log, &whole[..part]).unwrap();
        refused(&format!("cut to {part}"));
    }
    assert_eq!(rig.request_count(), sent);

    // The way out, and what was torn after the last sync was never promised to anybody.
    fs::write(&log, [&whole[..], &[7; 3000]].concat()).unwrap();
    rig.resume("put back").exits(4);
    let counts = rig.holds_every_promise(&[], "put back");
    let half = service.batch() as u64 / 2;
    assert_eq!((counts["scheduled"], counts["unknown"]), (7 * half, 2 * half));
}

fn an_attempt_that_was_killed_while_it_waited_on_a_429_is_pending_and_is_sent_again(service: Service) {
    let batch = service.batch();
    let rig = Rig::new(service, batch, "");
    rig.faults(json!([{"then": {"reply": {"status": 429, "retry_after": 300}}}]));
    let mut child = rig.start();
    rig.received(1);
    until("the 429 is recorded", || {
        let status = rig.bench.status();
        status["attempts"] == 1 && status["pending"] == batch
    });
    assert!(child.try_wait().unwrap().is_none(), "it waits");
    kill(&mut child);
    assert_eq!(rig.count("pending"), batch);
    rig.resume("killed while it waited").exits(0);
    let counts = rig.holds_every_promise(&[], "killed while it waited");
    assert_eq!(counts["scheduled"], batch as u64);
    assert_eq!(rig.requests().len(), 2);
}

#[cfg(unix)]
fn a_plan_that_cannot_be_written_is_not_applied_and_can_still_be_read(service: Service) {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;

    let mode = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let rig = Rig::new(service, 3, "");
    let path = rig.bench.path("devices.plan");
    let folder = path.parent().unwrap().to_owned();
    // Of its own, since another user may not be allowed to where the tests are built.
    let program = rig.bench.path("program");
    fs::hard_link(env!("CARGO_BIN_EXE_fleetpurge"), &program)
        .or_else(|_| fs::copy(env!("CARGO_BIN_EXE_fleetpurge"), &program).map(drop))
        .unwrap();
    mode(&program, 0o755);
    mode(&path, 0o444);
    mode(&folder, 0o555);
    // Nothing is closed to root, who therefore becomes somebody else.
    let is_root = fs::OpenOptions::new().write(true).open(&path).is_ok();
    let run = |line: &str| {
        let mut command = Command::new(&program);
        command
            .args(line.split_whitespace())
            .current_dir(&folder)
            .env("XDG_CONFIG_HOME", folder.join("nothing"))
            .env("NO_COLOR", "1");
        if is_root {
            command.uid(65_534).gid(65_534);
        }
        ended(service.credentials(&mut command))
    };
    let confirm = format!("apply devices.plan --confirm {}/3", rig.tenant());
    for (plan, around) in [(0o444, 0o555), (0o444, 0o777), (0o666, 0o555)] {
        mode(&path, plan);
        mode(&folder, around);
        run(&confirm)
            .exits(1)
            .says(&["devices.plan", "permissions", "sent nothing"]);
        assert!(run("status devices.plan").exits(0).stdout.contains("pending"));
        run("report devices.plan --format ndjson").exits(0);
    }
    assert_eq!(rig.request_count(), 0);
    mode(&path, 0o666);
    mode(&folder, 0o777);
    run(&confirm).exits(0);
    mode(&folder, 0o755);
    mode(&path, 0o644);
    assert_eq!(rig.request_count(), 1);
}

/// Nothing is sent that could not be recorded before, and what could be is not lost.
fn survives_a_full_disk(service: Service, limited: impl Fn(&Rig, u64) -> Command, sizes: impl Iterator<Item = u64>) {
    let mut stopped_in_the_middle = 0;
    for size in sizes {
        let rig = Rig::with(service, 480, "--concurrency 2", |builder| {
            service.batch_limit(builder, 10)
        });
        let what = format!("{size}");
        let full = ended(&mut limited(&rig, size));
        if full.code == 0 {
            rig.holds_every_promise(&[], &what);
            assert!(stopped_in_the_middle > 2, "{stopped_in_the_middle}");
            return;
        }
        assert_eq!(full.code, 1, "{what}: {}\n{}", full.stdout, full.stderr);
        assert!(!full.next().is_empty(), "{what}");
        let memory = rig.remember();
        stopped_in_the_middle += u64::from(rig.request_count() > 0 && !memory.is_complete());
        rig.resume(&what);
        let counts = rig.holds_every_promise(&[memory], &what);
        assert_eq!(counts["pending"], 0, "{what}");
        assert!(counts["unknown"] <= 2 * service.batch() as u64, "{what}: {counts:?}");
    }
    panic!("it never succeeded");
}

/// The hook is in builds with debug assertions only.
#[cfg(debug_assertions)]
fn a_full_disk_stops_the_run_and_loses_nothing(service: Service) {
    let limited = |rig: &Rig, pages: u64| {
        let mut command = rig.command();
        command.env("FLEETPURGE_TEST_MAX_PAGES", pages.to_string());
        command
    };
    survives_a_full_disk(service, limited, 10..200);
}

#[cfg(unix)]
fn a_write_that_the_system_refuses_stops_the_run_and_loses_nothing(service: Service) {
    let limited = |rig: &Rig, blocks: u64| {
        let real = rig.command();
        // Half-kilobytes a file may have. A write beyond is an error once the signal is ignored.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script, "sh"]).arg(real.get_program());
        command.args(real.get_args());
        for (name, value) in real.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.current_dir(real.get_current_dir().unwrap());
        command
    };
    survives_a_full_disk(service, limited, (120..).step_by(160).take(60));
}
