//! Plans in temporary folders, and the records that the engine would write.
#![allow(dead_code, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};

use fleetpurge_engine::tenant::Signal;
use fleetpurge_engine::{Applied, Attempt, Conclusion, Intent, Journal, Outcome, OutcomeKind, Settlement, Trail};
use fleetpurge_ledger::{
    ApplyLedger, Counts, Draft, Error, ErrorKind, FreezeError, FreezeOptions, Holder, Ledger, LedgerJournal,
    PlanAddress, PlanRefused, PlanSettings, PlanSummary, Protected, Replace, ReportRow, Run, RunEnd, RunInfo, Service,
    UidValidation,
};
use tempfile::TempDir;

pub(crate) const SHA: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

pub(crate) fn settings() -> PlanSettings {
    PlanSettings {
        service: Service::Nexthink,
        tenant: "acme".to_owned(),
        instance: Some("acme".to_owned()),
        region: Some("eu".to_owned()),
        base_url: "https://acme.api.eu.nexthink.cloud".to_owned(),
        token_url: Some("https://acme-login.eu.nexthink.cloud/oauth2/default/v1/token".to_owned()),
        uid_validation: UidValidation::Warn,
        max_devices: 10_000,
        tool: "0.1.0".to_owned(),
    }
}

pub(crate) fn ubidots() -> PlanSettings {
    PlanSettings {
        service: Service::Ubidots,
        tenant: "industrial.api.ubidots.com".to_owned(),
        instance: None,
        region: None,
        base_url: "https://industrial.api.ubidots.com".to_owned(),
        token_url: None,
        ..settings()
    }
}

/// The id of a device of Ubidots.
pub(crate) fn id(device: u64) -> String {
    format!("5f1d7f4e4763e75a{device:08x}")
}

pub(crate) fn uid(row: u64) -> String {
    format!("00000000-0000-4000-8000-{row:012x}")
}

pub(crate) struct Place {
    pub(crate) dir: TempDir,
    pub(crate) path: PathBuf,
}

/// The store that the suites run over, unless this says `postgres`, is a file. What is true of a file alone is tested by tests
/// whose names end in `in_a_file`.
pub(crate) const STORE: &str = "FLEETPURGE_TEST_STORE";

impl Place {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = match std::env::var(STORE).as_deref() {
            Err(_) => dir.path().join("plan.db"),
            #[cfg(feature = "postgres")]
            Ok("postgres") => shared(),
            Ok(other) => panic!("{STORE}: there is no store {other:?}"),
        };
        Self { dir, path }
    }

    pub(crate) fn is_file(&self) -> bool {
        self.address().file().is_some()
    }

    pub(crate) fn address(&self) -> PlanAddress {
        at(&self.path)
    }

    pub(crate) fn beside(&self, suffix: &str) -> PathBuf {
        beside(&self.path, suffix)
    }

    pub(crate) fn files(&self) -> Vec<String> {
        let mut files: Vec<_> = std::fs::read_dir(self.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        files
    }
}

/// The address of a new plan in a database of the shared server.
#[cfg(feature = "postgres")]
pub(crate) fn shared() -> PathBuf {
    use std::sync::OnceLock;

    use fleetpurge_testing::postgres::Server;

    static DATABASE: OnceLock<String> = OnceLock::new();
    let database = DATABASE.get_or_init(|| Server::shared().database());
    format!("{database}?plan={}", uuid::Uuid::new_v4().simple()).into()
}

/// A file, or the URL of a plan in a database.
pub(crate) fn at(path: &Path) -> PlanAddress {
    PlanAddress::typed(path).unwrap()
}

pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// A plan of `rows` devices, of which those in `blank` have no name.
pub(crate) fn plan_with_blanks(rows: u64, blank: &[u64]) -> Place {
    plan_for(Service::Nexthink, rows, blank)
}

/// A plan of `rows` devices, of which those in `blank` lack what they cannot be sent without.
pub(crate) fn plan_for(service: Service, rows: u64, blank: &[u64]) -> Place {
    let place = Place::new();
    let settings = match service {
        Service::Nexthink => settings(),
        Service::Ubidots => ubidots(),
    };
    let mut draft = Draft::create(place.address(), settings, Replace::Nothing).unwrap();
    draft.begin_source("devices.csv").unwrap();
    for row in 1..=rows {
        let (uid, name) = match (service, blank.contains(&row)) {
            (Service::Nexthink, false) => (uid(row), format!("pc-{row}")),
            (Service::Nexthink, true) => (uid(row), String::new()),
            (Service::Ubidots, false) => (id(row), format!("pump-{row}")),
            (Service::Ubidots, true) => (String::new(), String::new()),
        };
        draft.push(row + 1, &uid, &name).unwrap();
    }
    draft.end_source(SHA).unwrap();
    draft.freeze(FreezeOptions::default()).unwrap();
    place
}

pub(crate) fn plan(rows: u64) -> Place {
    plan_with_blanks(rows, &[])
}

pub(crate) fn freeze(
    place: &Place,
    settings: PlanSettings,
    rows: &[(&str, &str)],
    options: FreezeOptions,
) -> Result<PlanSummary, FreezeError> {
    draft(place, settings, rows)?.freeze(options)
}

/// A draft that has its rows.
pub(crate) fn draft(place: &Place, settings: PlanSettings, rows: &[(&str, &str)]) -> Result<Draft, Error> {
    let mut draft = Draft::create(place.address(), settings, Replace::Nothing)?;
    draft.begin_source("devices.csv")?;
    for (line, (uid, name)) in (2..).zip(rows) {
        draft.push(line, uid, name)?;
    }
    draft.end_source(SHA)?;
    Ok(draft)
}

pub(crate) fn protect(draft: &mut Draft, entry: &str) {
    draft.protect(&protected(entry, 1)).unwrap();
}

/// A line of `keep.txt`.
pub(crate) fn protected(entry: &str, line: u64) -> Protected {
    Protected {
        entry: entry.to_owned(),
        file: "keep.txt".to_owned(),
        line,
        ..Protected::default()
    }
}

pub(crate) fn refused(result: Result<PlanSummary, FreezeError>) -> Box<PlanRefused> {
    match result {
        Err(FreezeError::Refused(refused)) => refused,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn holder() -> Holder {
    Holder {
        who: "ann".to_owned(),
        host: "box".to_owned(),
        pid: std::process::id(),
    }
}

pub(crate) fn open(path: &Path) -> Result<ApplyLedger, Error> {
    Ledger::open_for_apply(at(path), holder())
}

pub(crate) fn info() -> RunInfo {
    RunInfo {
        version: "0.1.0".to_owned(),
        confirmation: "acme/10".to_owned(),
        options: "{}".to_owned(),
        ..RunInfo::default()
    }
}

pub(crate) fn run(path: &Path) -> Run {
    open(path).unwrap().begin_run(info()).unwrap()
}

pub(crate) fn done() -> RunEnd {
    RunEnd {
        exit: 0,
        stop_reason: None,
    }
}

pub(crate) fn attempt(batch: u64) -> Attempt {
    Attempt {
        request_id: uuid::Uuid::from_u128(u128::from(batch)),
        batch,
        number: 1,
    }
}

pub(crate) fn intent(attempt: Attempt, keys: impl IntoIterator<Item = u64>) -> Intent {
    Intent {
        attempt,
        keys: keys.into_iter().collect(),
        is_probe: false,
    }
}

pub(crate) fn settlement(attempt: Attempt, outcomes: impl IntoIterator<Item = (u64, OutcomeKind)>) -> Settlement {
    Settlement {
        attempt,
        applied: Applied::Yes,
        trail: Trail {
            status: Some(202),
            code: None,
            request_id: Some("theirs".to_owned()),
            trace_id: Some("trace".to_owned()),
            sent_id: None,
        },
        detail: None,
        body_head: None,
        outcomes: outcomes
            .into_iter()
            .map(|(key, kind)| (key, Outcome::of(kind)))
            .collect(),
        anomalies: Vec::new(),
        signal: Signal::Clear,
    }
}

pub(crate) fn conclusion(attempt: Attempt, key: u64, kind: OutcomeKind) -> Conclusion {
    Conclusion {
        attempt,
        key,
        outcome: Outcome::because(kind, "it went on saying so"),
    }
}

/// Sends rows in one batch, all with the same outcome.
pub(crate) async fn send(journal: &LedgerJournal, batch: u64, rows: std::ops::RangeInclusive<u64>, kind: OutcomeKind) {
    let attempt = attempt(batch);
    journal.begin(intent(attempt, rows.clone())).await.unwrap();
    journal
        .settle(settlement(attempt, rows.map(|row| (row, kind))))
        .await
        .unwrap();
}

pub(crate) fn kind_of(error: fleetpurge_engine::JournalError) -> ErrorKind {
    error.0.downcast::<Error>().unwrap().kind()
}

pub(crate) fn report(path: &Path) -> Vec<ReportRow> {
    let ledger = Ledger::open(at(path)).unwrap();
    ledger.report_rows().unwrap().map(Result::unwrap).collect()
}

pub(crate) fn outcomes(path: &Path) -> Vec<OutcomeKind> {
    report(path).into_iter().map(|row| row.outcome).collect()
}

pub(crate) fn counts(path: &Path) -> Counts {
    Ledger::open(at(path)).unwrap().counts().unwrap()
}

pub(crate) fn sum(counts: &Counts) -> u64 {
    OutcomeKind::ALL.into_iter().map(|kind| counts.of(kind)).sum()
}

/// The run dies. Of a plan in a database: nothing was heard of it for longer than its lease.
pub(crate) fn die(place: &Place, run: Run) {
    drop(run);
    #[cfg(feature = "postgres")]
    if let PlanAddress::Database(url) = place.address() {
        lapse(&url);
    }
    let _ = place;
}

/// The leases of all runs of a plan have lapsed.
#[cfg(feature = "postgres")]
pub(crate) fn lapse(url: &fleetpurge_ledger::DatabaseUrl) {
    let name = url.plan().unwrap();
    fleetpurge_testing::postgres::Server::shared().execute(
        &url.to_string(),
        &format!(
            "UPDATE fleetpurge.runs r SET lease_until = '-infinity' FROM fleetpurge.plans p
             WHERE r.plan = p.plan AND p.name = '{name}'"
        ),
    );
}

/// Copies what a crash at this instant would leave on the disk.
pub(crate) fn crash(place: &Place) -> Place {
    let copy = Place::new();
    for suffix in ["", "-wal", ".lock"] {
        let from = place.beside(suffix);
        if from.exists() {
            std::fs::copy(from, copy.beside(suffix)).unwrap();
        }
    }
    copy
}
