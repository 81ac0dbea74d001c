//! Plans in a database, and runs of them.

use fleetpurge_ledger::{Counts, DatabaseUrl, Ledger, PlanAddress, Replace, Run, RunInfo, Selection};

use super::common::*;

/// A plan of so many devices in the shared server.
pub(crate) fn shared_plan(rows: u64) -> (DatabaseUrl, PlanAddress) {
    let address = at(&shared());
    put(rows, &address);
    let PlanAddress::Database(url) = address.clone() else {
        panic!("{address} is no database");
    };
    (url, address)
}

pub(crate) fn put(rows: u64, address: &PlanAddress) {
    let place = plan(rows);
    Ledger::copy(&place.address(), address, holder(), Replace::Nothing).unwrap();
}

pub(crate) fn begin(address: &PlanAddress, info: RunInfo) -> Run {
    Ledger::open_for_apply(address, holder())
        .unwrap()
        .begin_run(info)
        .unwrap()
}

/// The rows that a run takes, no more than `most`.
pub(crate) fn take(run: &Run, most: u64) -> Vec<u64> {
    let selection = Selection {
        limit: Some(most),
        ..Selection::default()
    };
    let selected = run.select(&selection).unwrap();
    selected.map(|selected| selected.unwrap().row).collect()
}

pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

pub(crate) fn counts_of(address: &PlanAddress) -> Counts {
    Ledger::open(address).unwrap().counts().unwrap()
}

pub(crate) fn rows_of(address: &PlanAddress) -> Vec<fleetpurge_ledger::ReportRow> {
    let ledger = Ledger::open(address).unwrap();
    ledger.report_rows().unwrap().map(Result::unwrap).collect()
}
