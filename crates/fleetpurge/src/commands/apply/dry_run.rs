//! `apply --dry-run`: everything but the network, and nothing is written.

use std::io::Write;

use fleetpurge_engine::{Applied, Attempt, DeletionService};
use fleetpurge_ledger::{Error as LedgerError, Ledger, Selected, Selection};

use super::first::FIRST_TOLD;
use super::messages::of_machine;
use crate::args::ApplyArgs;
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING, chain};
use crate::next;
use crate::output::{self, counted, shown};
use crate::plan_file;
use crate::services::{Applies, Client, Error as ClientError, Tenant, Uuid};

/// Walks through the devices that would be sent, has the client make its first request, and says what that is.
pub(super) fn run(
    args: &ApplyArgs,
    ledger: &Ledger,
    tenant: &Tenant,
    selection: &Selection,
    count: u64,
) -> Result<Exit, Failure> {
    let (client, taken) = tenant.rehearsing_client().map_err(|error| not_made(&error))?;
    let walked = match client {
        Client::Nexthink(client) => walk(&client, args, ledger, selection)?,
        Client::Ubidots(client) => walk(&client, args, ledger, selection)?,
    };
    if count == 0 {
        output::note("There is nothing to send.");
    }
    let mut out = output::text();
    writeln!(
        out,
        "Nothing was sent, and the plan is unchanged. Without --dry-run, this apply sends:\n"
    )?;
    writeln!(out, "{:<11} {count:>9}", "devices")?;
    writeln!(
        out,
        "{:<11} {:>9}  of up to {}; more if the service allows fewer devices, or some are sent again",
        "requests",
        walked.requests,
        counted(walked.limit as u64, "device", "devices")
    )?;
    writeln!(out)?;
    if let Some(token_url) = &tenant.token_url {
        writeln!(out, "{:<11} {}", "token", shown(token_url))?;
    }
    if let Some(request) = taken.request() {
        writeln!(out, "{:<11} {} {}", "first", request.method, shown(&request.url))?;
        writeln!(out, "{:<11} {}", "body", shown(&request.body))?;
    }
    writeln!(out, "\nNext:     {}", next::over("apply", &args.plan, &[]))?;
    out.flush()?;
    Ok(Exit::DONE)
}

/// The first devices that would be sent.
pub(super) fn first(args: &ApplyArgs, ledger: &Ledger, selection: &Selection) -> Result<Vec<Selected>, Failure> {
    let at_plan = |error: LedgerError| plan_file::after(&error, &args.plan, SENT_NOTHING);
    let most = FIRST_TOLD.min(selection.limit.unwrap_or(u64::MAX));
    let mut first = Vec::new();
    let mut rows = ledger.report_rows().map_err(at_plan)?;
    while (first.len() as u64) < most
        && let Some(row) = rows.next()
    {
        let row = row.map_err(at_plan)?;
        if selection.takes(row.outcome) {
            first.push(Selected {
                row: row.row,
                uid: row.uid,
                name: row.name,
                earlier: Applied::No,
            });
        }
    }
    Ok(first)
}

struct Walked {
    requests: u64,
    /// How many devices a request has at most.
    limit: usize,
}

/// Divides all devices into batches as a run does, and makes the request of the first.
fn walk<C: Applies>(client: &C, args: &ApplyArgs, ledger: &Ledger, selection: &Selection) -> Result<Walked, Failure> {
    let at_plan = |error: LedgerError| plan_file::after(&error, &args.plan, SENT_NOTHING);
    let limit = client.batch_limit().get();
    let mut walked = Walked { requests: 0, limit };
    let mut batch: Vec<C::Device> = Vec::with_capacity(limit);
    let mut left = selection.limit.unwrap_or(u64::MAX);
    let mut rows = ledger.report_rows().map_err(at_plan)?;
    loop {
        let row = if left == 0 { None } else { rows.next() };
        let is_over = row.is_none();
        if let Some(row) = row {
            let row = row.map_err(at_plan)?;
            if !selection.takes(row.outcome) {
                continue;
            }
            left -= 1;
            batch.push(C::device(row.uid, row.name).map_err(|error| not_made(&error))?);
        }
        while batch.len() >= limit || (is_over && !batch.is_empty()) {
            let fitting = client.fitting(batch.iter().take(limit)).clamp(1, batch.len());
            let next: Vec<C::Device> = batch.drain(..fitting).collect();
            walked.requests += 1;
            if walked.requests == 1 {
                make(client, &next)?;
            }
        }
        if is_over {
            return Ok(walked);
        }
    }
}

/// Has the client make a request, which its transport takes and does not send.
fn make<C: DeletionService>(client: &C, batch: &[C::Device]) -> Result<(), Failure> {
    // Without the driver of the network: nothing could be sent.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|error| of_machine(&error))?;
    let batch: Vec<&C::Device> = batch.iter().collect();
    let attempt = Attempt {
        request_id: Uuid::nil(),
        batch: 1,
        number: 1,
    };
    // It always fails: nothing was sent.
    let _ = runtime.block_on(client.submit(&batch, &attempt));
    Ok(())
}

fn not_made(error: &ClientError) -> Failure {
    Failure::new(Exit::ERROR, chain(error), SENT_NOTHING, next::instead())
}
