//! `simulate`: a tenant on this machine.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use fleetpurge_export::ReadOptions;
use fleetpurge_simulator::{Builder, ExportFault, FaultScript, LogLevel, RateLimit, SavedQuery, Simulator};
use serde_json::Value;

use crate::append;
use crate::args::{ExportFaultKind, LogKind, SimulateArgs};
use crate::commands::made_up;
use crate::exit::Exit;
use crate::export_error;
use crate::failure::{Failure, chain};
use crate::next;
use crate::output;
use crate::signals;

pub(crate) fn run(args: &SimulateArgs) -> Result<Exit, Failure> {
    let builder = builder(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| failed(&error))?;
    runtime.block_on(serve(builder))
}

async fn serve(builder: Builder) -> Result<Exit, Failure> {
    let asked = signals::listen(|| {}, || output::next(&next::command(&["simulate", "--help"])))
        .map_err(|error| failed(&error))?;
    let simulator = builder.start().await.map_err(|error| failed(&error))?;
    {
        let mut out = output::stdout();
        if let Err(error) = writeln!(out, "{}", simulator.url()).and_then(|()| out.flush()) {
            // It serves all the same: whoever gave it a port knows where.
            output::note(&format!("{} could not be written to stdout: {error}", simulator.url()));
        }
    }
    output::note("A simulated tenant, until Ctrl-C. Any client credentials are accepted; no real device is touched.");
    asked.wait().await;
    simulator.shutdown().await;
    Ok(Exit::DONE)
}

/// Whether this is a line of a deletion log.
fn is_request(line: &[u8]) -> bool {
    serde_json::from_slice::<Value>(line).is_ok_and(|line| {
        ["number", "at_ms", "request_id", "devices"]
            .iter()
            .all(|key| line.get(key).is_some())
    })
}

fn builder(args: &SimulateArgs) -> Result<Builder, Failure> {
    let mut builder = Simulator::builder()
        .port(args.port)
        .batch_limit(args.limit.get())
        .token_lifetime(Duration::from_secs(args.token_lifetime))
        .latency(Duration::from_millis(args.latency_ms))
        .log(match args.log {
            LogKind::Full => LogLevel::Full,
            LogKind::Duplicates => LogLevel::CountsAndDuplicates,
            LogKind::Counts => LogLevel::CountsOnly,
        });
    if let Some(path) = &args.deletion_log {
        append::allowed("--deletion-log", path, is_request)?;
        builder = builder.log_file(path);
    }
    if let Some(token) = &args.static_token {
        builder = builder.static_token(token);
    }
    if let Some(rate) = args.rate {
        builder = builder.rate_limit(RateLimit::new(rate.get(), args.burst));
    }
    if let Some(path) = &args.faults {
        builder = builder.faults(faults(path)?);
    }
    if let Some(path) = &args.inventory {
        builder = builder
            .inventory(inventory(path)?)
            .saved_query("#all_devices", SavedQuery::all())
            .export_faults(args.export_faults.iter().map(|kind| fault(*kind)));
        for (id, prefix) in &args.query {
            builder = builder.saved_query(id, SavedQuery::all().name_prefix(prefix));
        }
    }
    Ok(builder.ubidots_devices(made_up::account(args.ubidots_devices)))
}

fn fault(kind: ExportFaultKind) -> ExportFault {
    match kind {
        ExportFaultKind::None => ExportFault::None,
        ExportFaultKind::Failed => ExportFault::Failed("so it was asked for".to_owned()),
        ExportFaultKind::Truncated => ExportFault::Truncated,
        ExportFaultKind::Expired => ExportFault::ExpiredUrl,
        ExportFaultKind::Cut => ExportFault::CutFile,
        ExportFaultKind::Short => ExportFault::ShortFile,
    }
}

fn faults(path: &Path) -> Result<FaultScript, Failure> {
    let refused = |why: String| {
        Failure::before_sending(
            Exit::ERROR,
            format!("the fault script {}: {why}", path.display()),
            next::instead(),
        )
    };
    let text = fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
    FaultScript::from_json(&text).map_err(|error| refused(error.to_string()))
}

fn inventory(path: &Path) -> Result<Vec<(String, String)>, Failure> {
    let rows = ReadOptions::new()
        .open(path)
        .map_err(|error| export_error::failure(&error))?;
    rows.map(|row| row.map(|row| (row.uid, row.name)))
        .collect::<Result<_, _>>()
        .map_err(|error| export_error::failure(&error))
}

fn failed(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::before_sending(
        Exit::ERROR,
        format!("the simulator could not be started: {}", chain(error)),
        next::command(&["simulate", "--port", "0"]),
    )
}
