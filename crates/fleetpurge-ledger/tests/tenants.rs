//! What the runs of one tenant know together: several applies of plans in a database are as careful as one.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use common::*;
use fleetpurge_engine::OutcomeKind::{Scheduled, Unknown};
use fleetpurge_engine::tenant::{Company, Hold, Later, Signal};
use fleetpurge_engine::{Attempt, Begun, Intent, Journal as _, Settlement};
use fleetpurge_ledger::{Draft, ErrorKind, FreezeOptions, Ledger, PlanAddress, PlanSettings, Replace, Run, Selection};
use fleetpurge_testing::postgres::{Server, run as run_trials};
use fleetpurge_testing::trials;

fn main() -> ExitCode {
    run_trials(trials![
        a_request_to_wait_holds_up_every_run_of_the_tenant_and_no_other,
        a_hold_ends_by_itself,
        while_the_service_is_unclear_one_attempt_is_under_way_in_all_plans,
        the_turn_of_a_run_that_is_gone_is_free,
        answers_in_a_row_are_counted_over_all_runs,
        a_run_that_begins_alone_begins_anew_but_knows_the_rate,
        runs_share_the_rate_with_those_that_send,
        what_is_put_off_leaves_no_record,
        what_was_written_into_the_tenant_by_hand_is_refused,
        tables_of_the_first_version_are_brought_up_to_date,
    ])
}

const HOUR: Duration = Duration::from_secs(3600);

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

/// A tenant of its own: the tests run at the same time.
fn tenant() -> String {
    format!("acme-{}", uuid::Uuid::new_v4().simple())
}

/// A plan of 100 devices for this tenant.
fn plan_of(tenant: &str) -> PlanAddress {
    let address = at(&shared());
    put(tenant, &address);
    address
}

fn put(tenant: &str, address: &PlanAddress) {
    let settings = PlanSettings {
        tenant: tenant.to_owned(),
        ..settings()
    };
    let mut draft = Draft::create(address.clone(), settings, Replace::Nothing).unwrap();
    draft.begin_source("devices.csv").unwrap();
    for row in 1..=100 {
        draft.push(row + 1, &uid(row), &format!("pc-{row}")).unwrap();
    }
    draft.end_source(SHA).unwrap();
    draft.freeze(FreezeOptions::default()).unwrap();
}

/// A run that has claimed rows.
fn sending(address: &PlanAddress) -> Run {
    let run = idle(address);
    let first = Selection {
        limit: Some(1),
        ..Selection::default()
    };
    // A claim is a chunk: all of this plan.
    assert!(run.select(&first).unwrap().next().unwrap().is_ok());
    run
}

fn idle(address: &PlanAddress) -> Run {
    Ledger::open_for_apply(address, holder())
        .unwrap()
        .begin_run(info())
        .unwrap()
}

fn attempt() -> Attempt {
    Attempt {
        request_id: uuid::Uuid::new_v4(),
        batch: 1,
        number: 1,
    }
}

fn begin(run: &Run, attempt: Attempt, row: u64, is_probe: bool) -> Begun {
    let intent = Intent {
        is_probe,
        ..intent(attempt, row..=row)
    };
    wait(run.journal().begin(intent)).unwrap()
}

fn settle(run: &Run, attempt: Attempt, row: u64, signal: Signal) {
    let kind = if matches!(signal, Signal::Clear) {
        Scheduled
    } else {
        Unknown
    };
    let settlement = Settlement {
        signal,
        detail: Some("it was busy".to_owned()),
        ..settlement(attempt, [(row, kind)])
    };
    wait(run.journal().settle(settlement)).unwrap();
}

/// One attempt, from its begin to its end.
fn whole(run: &Run, row: u64, is_probe: bool, signal: Signal) {
    let attempt = attempt();
    let begun = begin(run, attempt, row, is_probe);
    assert!(matches!(begun, Begun::Recorded(_)), "{begun:?}");
    settle(run, attempt, row, signal);
}

fn put_off(run: &Run, row: u64, is_probe: bool) -> Later {
    match begin(run, attempt(), row, is_probe) {
        Begun::Later(later) => later,
        Begun::Recorded(company) => panic!("row {row} may begin: {company:?}"),
    }
}

fn company(run: &Run, row: u64) -> Company {
    match begin(run, attempt(), row, false) {
        Begun::Recorded(company) => company,
        Begun::Later(later) => panic!("row {row} may not begin: {later:?}"),
    }
}

const fn throttled(wait: Duration) -> Signal {
    Signal::Throttled { wait, rate: None }
}

/// An unclear answer, after which nothing has to rest.
const UNCLEAR: Signal = Signal::Unclear {
    pause: Duration::ZERO,
    longest: Duration::ZERO,
};

fn a_request_to_wait_holds_up_every_run_of_the_tenant_and_no_other() {
    let tenant = tenant();
    let address = plan_of(&tenant);
    let (asked, beside) = (sending(&address), idle(&address));
    let other_plan = idle(&plan_of(&tenant));
    let other_tenant = idle(&plan_of(&self::tenant()));
    whole(&asked, 1, false, throttled(HOUR));
    whole(&other_tenant, 1, false, Signal::Clear);
    for run in [&asked, &beside, &other_plan] {
        let later = put_off(run, 2, false);
        assert!(later.wait <= HOUR && later.wait > HOUR / 2, "{later:?}");
        assert_eq!((later.hold, later.unclear), (Hold::Throttled, 0));
        assert_eq!(later.detail.as_deref(), Some("it was busy"));
        assert!(put_off(run, 2, true).wait > HOUR / 2, "one device is no exception");
    }
}

fn a_hold_ends_by_itself() {
    let address = plan_of(&tenant());
    let (first, second) = (idle(&address), idle(&address));
    whole(&first, 1, false, throttled(Duration::from_millis(1)));
    // However long it takes until the millisecond is over.
    let begun = std::iter::repeat_with(|| begin(&second, attempt(), 2, false));
    assert!(begun.take(1_000_000).any(|begun| matches!(begun, Begun::Recorded(_))));
}

fn while_the_service_is_unclear_one_attempt_is_under_way_in_all_plans() {
    let tenant = tenant();
    let address = plan_of(&tenant);
    let (first, second) = (idle(&address), idle(&address));
    let third = idle(&plan_of(&tenant));
    // Both are under way when the fault comes.
    let (own, other) = (attempt(), attempt());
    assert!(matches!(begin(&first, own, 1, false), Begun::Recorded(_)));
    assert!(matches!(begin(&second, other, 2, false), Begun::Recorded(_)));
    settle(&first, own, 1, UNCLEAR);
    settle(&second, other, 2, UNCLEAR);
    for run in [&first, &second, &third] {
        let later = put_off(run, 3, false);
        assert_eq!(
            (later.hold, later.unclear),
            (Hold::Unclear, 1),
            "the same fault counts once"
        );
    }
    // One device of one of them.
    let probe = attempt();
    assert!(matches!(begin(&third, probe, 3, true), Begun::Recorded(_)));
    for run in [&first, &second, &third] {
        assert_eq!(put_off(run, 4, true).hold, Hold::Unclear);
    }
    settle(&third, probe, 3, Signal::Clear);
    // One batch of one of them.
    let batch = attempt();
    assert!(matches!(begin(&second, batch, 4, false), Begun::Recorded(_)));
    for run in [&first, &second, &third] {
        assert_eq!(put_off(run, 5, false).hold, Hold::Unclear);
    }
    settle(&second, batch, 4, Signal::Clear);
    // And then what they have.
    for (run, row) in [(&first, 6), (&second, 7), (&third, 6)] {
        company(run, row);
    }
}

fn the_turn_of_a_run_that_is_gone_is_free() {
    let tenant = tenant();
    let address = plan_of(&tenant);
    let PlanAddress::Database(url) = &address else {
        panic!("{address} is no database");
    };
    let gone = idle(&address);
    let other = idle(&plan_of(&tenant));
    whole(&gone, 1, false, UNCLEAR);
    assert!(matches!(begin(&gone, attempt(), 2, true), Begun::Recorded(_)));
    put_off(&other, 1, true);
    drop(gone);
    lapse(url);
    // Whoever opens the plan takes over from it.
    let heir = idle(&address);
    assert!(matches!(begin(&other, attempt(), 1, true), Begun::Recorded(_)));
    put_off(&heir, 3, true);
}

fn answers_in_a_row_are_counted_over_all_runs() {
    let address = plan_of(&tenant());
    let runs = [idle(&address), idle(&address), idle(&address)];
    whole(&runs[0], 1, false, UNCLEAR);
    for (n, row) in (1..5).zip(2..) {
        assert_eq!(put_off(&runs[n % 3], 50, false).unclear, u32::try_from(n).unwrap());
        whole(&runs[n % 3], row, true, UNCLEAR);
    }
    for run in &runs {
        assert_eq!(put_off(run, 50, false).unclear, 5);
    }
}

fn a_run_that_begins_alone_begins_anew_but_knows_the_rate() {
    let tenant = tenant();
    let address = plan_of(&tenant);
    let first = sending(&address);
    let signal = Signal::Throttled {
        wait: HOUR,
        rate: Some(4.0),
    };
    whole(&first, 1, false, signal);
    // Beside another it is held up.
    let second = idle(&plan_of(&tenant));
    put_off(&second, 1, false);
    second.end(done()).unwrap();
    first.end(done()).unwrap();
    let alone = sending(&address);
    assert_eq!(
        company(&alone, 2),
        Company {
            runs: 1,
            rate: Some(4.0)
        }
    );
}

fn runs_share_the_rate_with_those_that_send() {
    let tenant = tenant();
    let (here, there) = (plan_of(&tenant), plan_of(&tenant));
    let first = sending(&here);
    // It has nothing to send.
    let idle = idle(&here);
    assert_eq!(company(&first, 1).runs, 1);
    let second = sending(&there);
    assert_eq!(company(&first, 2).runs, 2);
    let signal = Signal::Throttled {
        wait: Duration::ZERO,
        rate: Some(3.0),
    };
    whole(&first, 3, false, signal);
    assert_eq!(
        company(&second, 1),
        Company {
            runs: 2,
            rate: Some(6.0)
        }
    );
    second.end(done()).unwrap();
    assert_eq!(company(&first, 4).runs, 1);
    drop(idle);
}

fn what_is_put_off_leaves_no_record() {
    let address = plan_of(&tenant());
    let (first, second) = (idle(&address), idle(&address));
    whole(&first, 1, false, throttled(HOUR));
    let before = Ledger::open(&address).unwrap().counts().unwrap();
    let late = attempt();
    assert!(matches!(begin(&second, late, 2, false), Begun::Later(_)));
    assert_eq!(Ledger::open(&address).unwrap().counts().unwrap(), before);
    // It was not begun, so that nothing can come of it.
    let error = wait(second.journal().settle(settlement(late, [(2, Scheduled)]))).unwrap_err();
    assert_eq!(kind_of(error), ErrorKind::Inconsistent);
}

fn what_was_written_into_the_tenant_by_hand_is_refused() {
    let tenant = tenant();
    let address = plan_of(&tenant);
    let run = idle(&address);
    for (row, change) in (1..).zip(["trial = 'open'", "hold = 'long'", "answers = -1", "detail = '\\x'"]) {
        whole(&run, row, false, Signal::Clear);
        let set = |change: &str| {
            let url = address.to_string();
            Server::shared().execute(
                &url,
                &format!("UPDATE fleetpurge.tenants SET {change} WHERE tenant = '{tenant}'"),
            );
        };
        set(change);
        let error = wait(run.journal().begin(intent(attempt(), 50..=50))).unwrap_err();
        assert_eq!(kind_of(error), ErrorKind::Altered, "{change}");
        set("trial = 'closed', hold = NULL, answers = 0, detail = NULL");
    }
}

fn tables_of_the_first_version_are_brought_up_to_date() {
    let server = Server::start();
    let database = server.database();
    server.execute(
        &database,
        &format!(
            "SET ROLE ops;
             CREATE SCHEMA fleetpurge;
             CREATE TABLE fleetpurge.migrations (
                 version integer PRIMARY KEY,
                 made_at timestamptz NOT NULL DEFAULT clock_timestamp()
             );
             INSERT INTO fleetpurge.migrations (version) VALUES (1);
             {}",
            include_str!("../src/store/postgres/schema_1.sql")
        ),
    );
    let address = at(Path::new(&format!("{database}?plan=a")));
    let error = Ledger::open(&address).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotALedger);
    assert!(error.to_string().contains("older version"), "{error}");
    put("acme", &address);
    let run = sending(&address);
    whole(&run, 1, false, throttled(HOUR));
    put_off(&run, 2, false);
}
