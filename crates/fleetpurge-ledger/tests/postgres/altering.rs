//! Who writes to the database beside us.

use fleetpurge_engine::OutcomeKind::{Failed, Scheduled, Unknown};
use fleetpurge_engine::{Anomaly, AnomalyKind, Journal as _, Settlement};
use fleetpurge_ledger::{ErrorKind, Ledger};
use fleetpurge_testing::postgres::Server;

use super::common::*;
use super::plans::{begin, put, shared_plan, wait};

/// What a program may change in a plan without that being noticed: it decides nothing.
const NOT_COVERED: &[&str] = &[
    // Which plan it is in this database, and when it came there.
    "plans.plan",
    "plans.name",
    "plans.stored_at",
    // It can only keep the plan from being applied.
    "plans.lost_commit",
];

pub(crate) fn a_field_of_any_record_that_is_altered_is_noticed() {
    // A database of its own, because its triggers are taken away.
    let url = format!("{}?plan=a", Server::shared().database());
    let address = at(url.as_ref());
    put(20, &address);
    let run = begin(&address, info());
    let journal = run.journal();
    wait(send(&journal, 1, 1..=5, Scheduled));
    wait(journal.begin(intent(attempt(2), 8..=9))).unwrap();
    let odd = Settlement {
        detail: Some("it was odd".to_owned()),
        body_head: Some("<html>".to_owned()),
        anomalies: vec![Anomaly {
            kind: AnomalyKind::OtherName,
            detail: "text/html".to_owned(),
        }],
        ..settlement(attempt(2), [(8, Unknown), (9, Failed)])
    };
    wait(journal.settle(odd)).unwrap();
    run.end(done()).unwrap();
    let server = Server::shared();
    let sql = |sql: &str| server.query(&url, sql);
    let id = "1";
    let refused = |what: &str| {
        let error = Ledger::open(&address).expect_err(what);
        assert_eq!(error.kind(), ErrorKind::Altered, "{what}");
        let error = Ledger::open_for_apply(&address, holder()).expect_err(what);
        assert_eq!(error.kind(), ErrorKind::Altered, "{what}");
    };
    // No constraint and no trigger is in the way of who wants to.
    for table in ["attempt_rows", "outcomes"] {
        sql(&format!("ALTER TABLE fleetpurge.{table} DROP CONSTRAINT {table}_check"));
    }
    let mut altered = 0;
    for table in [
        "plans",
        "sources",
        "rows",
        "attempts",
        "attempt_rows",
        "outcomes",
        "anomalies",
        "tally",
    ] {
        let rows = sql(&format!("SELECT ctid FROM fleetpurge.{table} WHERE plan = {id}")).len();
        assert!(rows > 0, "{table}");
        let columns = sql(&format!(
            "SELECT column_name, data_type FROM information_schema.columns
             WHERE table_schema = 'fleetpurge' AND table_name = '{table}'"
        ));
        for column in columns {
            let (name, kind) = (column[0].as_deref().unwrap(), column[1].as_deref().unwrap());
            if name == "plan" || name == "chain" || NOT_COVERED.contains(&format!("{table}.{name}").as_str()) {
                continue;
            }
            let new = match kind {
                "bigint" => format!("coalesce(\"{name}\", 0) + 1000"),
                "text" => format!("coalesce(\"{name}\", '') || 'x'"),
                "bytea" => format!("\"{name}\" || '\\x00'"),
                other => panic!("{table}.{name} is {other}"),
            };
            let what = format!("{table}.{name}");
            sql(&format!(
                "CREATE TABLE before AS SELECT * FROM fleetpurge.{table} WHERE plan = {id};
                 UPDATE fleetpurge.{table} SET \"{name}\" = {new} WHERE plan = {id}"
            ));
            refused(&what);
            sql(&format!(
                "DELETE FROM fleetpurge.{table} WHERE plan = {id};
                 ALTER TABLE fleetpurge.{table} DISABLE TRIGGER USER;
                 INSERT INTO fleetpurge.{table} OVERRIDING SYSTEM VALUE SELECT * FROM before;
                 ALTER TABLE fleetpurge.{table} ENABLE TRIGGER USER; DROP TABLE before"
            ));
            altered += 1;
        }
        // A record that is gone.
        sql(&format!(
            "CREATE TABLE before AS SELECT * FROM fleetpurge.{table} WHERE plan = {id};
             DELETE FROM fleetpurge.{table} WHERE ctid = (SELECT max(ctid) FROM fleetpurge.{table} WHERE plan = {id})"
        ));
        if table != "plans" {
            refused(table);
        }
        sql(&format!(
            "DELETE FROM fleetpurge.{table} WHERE plan = {id};
             ALTER TABLE fleetpurge.{table} DISABLE TRIGGER USER;
             INSERT INTO fleetpurge.{table} OVERRIDING SYSTEM VALUE SELECT * FROM before;
             ALTER TABLE fleetpurge.{table} ENABLE TRIGGER USER; DROP TABLE before"
        ));
    }
    assert!(altered > 50, "{altered}");
    // It was put back each time.
    Ledger::open(&address).unwrap();
}

pub(crate) fn a_final_outcome_stays_whoever_writes() {
    let (url, address) = shared_plan(300);
    let run = begin(&address, info());
    wait(send(&run.journal(), 1, 1..=5, Scheduled));
    wait(send(&run.journal(), 2, 6..=8, Unknown));
    run.end(done()).unwrap();
    let refused = |sql: &str| {
        let plan = format!(
            "(SELECT plan FROM fleetpurge.plans WHERE name = '{}')",
            url.plan().unwrap()
        );
        let sql = sql.replace("{}", &plan);
        let server = Server::shared();
        let error = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| server.execute(&url.to_string(), &sql)));
        let told = *error.unwrap_err().downcast::<String>().unwrap();
        assert!(told.contains("23514"), "{told}");
    };
    let outcome =
        "INSERT INTO fleetpurge.outcomes (plan, first, id, last, attempt, outcome, at, checksum) VALUES ({}, ";
    refused(&format!("{outcome} 1, 9, 1, 1, 'failed', '', '')"));
    refused(&format!("{outcome} 7, 9, 7, 2, 'pending', '', '')"));
    let rows = "INSERT INTO fleetpurge.attempt_rows (plan, first, attempt, last) VALUES ({}, ";
    refused(&format!("{rows} 5, 9, 5)"));
    // Another outcome of an unknown device is one that the service says.
    Server::shared().execute(
        &url.to_string(),
        &format!("{outcome} 7, 9, 7, 2, 'scheduled', '', '')").replace(
            "{}",
            &format!(
                "(SELECT plan FROM fleetpurge.plans WHERE name = '{}')",
                url.plan().unwrap()
            ),
        ),
    );
}
