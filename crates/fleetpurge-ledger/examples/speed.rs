//! How fast a ledger plans, selects, writes ahead and reports.
//!
//! ```text
//! cargo run --release -p fleetpurge-ledger --features postgres --example speed -- [ROWS] [IN_FLIGHT] [FOLDER|DATABASE]
//! ```
//!
//! DATABASE is an address without a plan, such as `postgresql://ops@127.0.0.1/fleet`. One line of JSON a stage; `peak_kib` is the most memory the process had during it (Linux).

use std::error::Error;
use std::io::Write;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use fleetpurge_engine::tenant::Signal;
use fleetpurge_engine::{Applied, Attempt, Intent, Journal, Outcome, OutcomeKind, Settlement, Trail};
use fleetpurge_ledger::{
    Draft, FreezeOptions, Holder, Ledger, LedgerJournal, PlanAddress, PlanSettings, Replace, RunEnd, RunInfo,
    Selection, Service, UidValidation,
};
use uuid::Uuid;

const BATCH: u64 = 100;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if(|first| first == "plan").is_some() {
        let (Some(path), Some(rows)) = (arguments.next(), arguments.next()) else {
            return Err("a path and a number of rows are missing".into());
        };
        return plan(path.as_ref(), rows.parse()?);
    }
    let rows: NonZeroU64 = arguments
        .next()
        .map_or(Ok(NonZeroU64::MIN.saturating_add(999_999)), |rows| rows.parse())?;
    let in_flight: u64 = arguments.next().map_or(Ok(32), |number| number.parse())?;
    let name = format!("fleetpurge-speed-{}", std::process::id());
    match arguments.next() {
        Some(database) if database.starts_with("postgres") => {
            measure(format!("{database}?plan={name}").as_ref(), rows.get(), in_flight)
        }
        folder => {
            let folder = folder.map_or_else(std::env::temp_dir, PathBuf::from);
            let path = folder.join(name + ".db");
            let result = measure(&path, rows.get(), in_flight);
            std::fs::remove_file(&path).ok();
            result
        }
    }
}

fn plan(path: &Path, rows: u64) -> Result<(), Box<dyn Error + Send + Sync>> {
    let started = Instant::now();
    let mut draft = Draft::create(PlanAddress::typed(path)?, settings(rows), Replace::Nothing)?;
    draft.begin_source("speed")?;
    for row in 1..=rows {
        // Not in the order of the rows, as an export is not.
        let uid = Uuid::from_u64_pair(row.wrapping_mul(0x9E37_79B9_7F4A_7C15), row);
        draft.push(row + 1, &uid.to_string(), &format!("DESKTOP-{row:07}"))?;
    }
    draft.end_source("")?;
    draft.freeze(FreezeOptions::default())?;
    tell("plan", "rows", rows, started)
}

fn measure(path: &Path, rows: u64, in_flight: u64) -> Result<(), Box<dyn Error + Send + Sync>> {
    // A process of its own, as it is for a user: so the memory of one is not counted for the other.
    let planned = Command::new(std::env::current_exe()?)
        .arg("plan")
        .arg(path)
        .arg(rows.to_string())
        .status()?;
    if !planned.success() {
        return Err("planning failed".into());
    }
    let started = Instant::now();
    let holder = Holder {
        who: "speed".to_owned(),
        host: "here".to_owned(),
        pid: std::process::id(),
    };
    let address = PlanAddress::typed(path)?;
    let ledger = Ledger::open_for_apply(&address, holder.clone())?;
    tell("open for apply", "rows", rows, started)?;

    let run = ledger.begin_run(RunInfo::default())?;
    let started = Instant::now();
    let mut selected = 0;
    for device in run.select(&Selection::default())? {
        device?;
        selected += 1;
    }
    tell("select", "rows", selected, started)?;

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let batches = rows.div_ceil(BATCH);
    let started = Instant::now();
    runtime.block_on(journal(&run.journal(), rows, in_flight))?;
    tell("begin and settle", "pairs", batches, started)?;

    let started = Instant::now();
    let ended = run.end(RunEnd::default())?;
    tell("end", "rows", ended.counts.scheduled, started)?;

    let started = Instant::now();
    let reported = Ledger::open(&address)?
        .report_rows()?
        .try_fold(0, |count, row| row.map(|_| count + 1))?;
    tell("open and report", "rows", reported, started)?;
    let started = Instant::now();
    drop(Ledger::open_for_apply(&address, holder)?);
    tell("open again", "rows", rows, started)
}

async fn journal(journal: &LedgerJournal, rows: u64, in_flight: u64) -> Result<(), Box<dyn Error + Send + Sync>> {
    let next = Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = (0..in_flight)
        .map(|_| {
            let (journal, next) = (journal.clone(), Arc::clone(&next));
            tokio::spawn(async move {
                loop {
                    let batch = next.fetch_add(1, Ordering::Relaxed);
                    let keys: Vec<u64> = (batch * BATCH + 1..=((batch + 1) * BATCH).min(rows)).collect();
                    if keys.is_empty() {
                        return Ok(());
                    }
                    let attempt = Attempt {
                        request_id: Uuid::new_v4(),
                        batch: batch + 1,
                        number: 1,
                    };
                    let intent = Intent {
                        attempt,
                        keys: keys.clone(),
                        is_probe: false,
                    };
                    journal.begin(intent).await?;
                    journal.settle(settlement(attempt, keys)).await?;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await?.map_err(|error: fleetpurge_engine::JournalError| error.0)?;
    }
    Ok(())
}

fn settlement(attempt: Attempt, keys: Vec<u64>) -> Settlement {
    Settlement {
        attempt,
        applied: Applied::Yes,
        trail: Trail {
            status: Some(202),
            code: None,
            request_id: Some(attempt.request_id.to_string()),
            trace_id: Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned()),
            sent_id: None,
        },
        detail: None,
        body_head: None,
        outcomes: keys
            .into_iter()
            .map(|key| (key, Outcome::of(OutcomeKind::Scheduled)))
            .collect(),
        anomalies: Vec::new(),
        signal: Signal::Clear,
    }
}

fn settings(rows: u64) -> PlanSettings {
    PlanSettings {
        service: Service::Nexthink,
        tenant: "acme".to_owned(),
        instance: Some("acme".to_owned()),
        region: Some("eu".to_owned()),
        base_url: "https://acme.api.eu.nexthink.cloud".to_owned(),
        token_url: None,
        uid_validation: UidValidation::Warn,
        max_devices: rows,
        tool: "speed".to_owned(),
    }
}

fn tell(stage: &str, unit: &str, count: u64, started: Instant) -> Result<(), Box<dyn Error + Send + Sync>> {
    let millis = u64::try_from(started.elapsed().as_millis())?.max(1);
    let peak = std::fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    });
    // Starts the peak anew, see proc_pid_clear_refs(5); where that cannot be, it is the peak so far.
    std::fs::write("/proc/self/clear_refs", "5").ok();
    let peak = peak.map_or_else(|| "null".to_owned(), |kib| kib.to_string());
    writeln!(
        std::io::stdout(),
        "{{\"stage\":\"{stage}\",\"{unit}\":{count},\"millis\":{millis},\"per_second\":{},\"peak_kib\":{peak}}}",
        count * 1000 / millis,
    )?;
    Ok(())
}
