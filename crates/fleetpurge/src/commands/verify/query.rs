//! Looks for the devices in the result of a saved query of Nexthink.

use fleetpurge_export::Entry;
use fleetpurge_ledger::{Ledger, Origin, Overlap, Service, VerificationKind, VerificationSource};
use nexthink_nql::QueryId;

use super::export::{caution, evidence, verdict};
use super::failures::{NOTHING_DELETED, help, wrong_usage};
use super::fresh::Export;
use super::refused;
use super::round::Round;
use super::rounds::{self, Answer, Place};
use crate::args::VerifyArgs;
use crate::exit::Exit;
use crate::export_error;
use crate::failure::Failure;
use crate::lists;
use crate::next;
use crate::plan_file;
use crate::queries::{self, Asking};
use crate::services::{Tenant, address_of_plan};

/// A query that lists every device there is.
struct QueryPlace<'a> {
    args: &'a VerifyArgs,
    query: &'a QueryId,
    asking: Asking,
    /// Of the last result.
    source: VerificationSource,
}

pub(super) fn look(
    ledger: Ledger,
    args: &VerifyArgs,
    query: &QueryId,
    credentials: impl FnOnce(&Tenant) -> Result<nexthink_data_management::Credentials, Failure>,
) -> Result<Exit, Failure> {
    let tenant = address_of_plan(&args.plan, ledger.plan(), args.token_url.as_deref())
        .map_err(|failure| failure.leaving(NOTHING_DELETED))?;
    if tenant.service != Service::Nexthink {
        return Err(wrong_usage(
            "--query runs a saved query of Nexthink, and the plan is for Ubidots: look in the account with --live",
        ));
    }
    let asking = Asking::new(&tenant, &args.query, credentials(&tenant)?)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut place = QueryPlace {
        args,
        query,
        asking,
        source: VerificationSource {
            kind: VerificationKind::Query,
            source: query.to_string(),
            sha256: None,
            listed: None,
        },
    };
    runtime.block_on(rounds::look(&mut place, ledger, args))
}

impl Place for QueryPlace<'_> {
    fn source(&self) -> VerificationSource {
        self.source.clone()
    }

    async fn look(&mut self, ledger: Ledger, round: &mut Round) -> Result<Answer, Failure> {
        // An apply that begins waits for readers, and a query may take long.
        drop(ledger);
        let result = self.asking.ask(self.query).await?;
        let ledger = plan_file::open(&self.args.plan)?;
        self.source.source.clone_from(&result.name);
        self.source.sha256 = Some(result.sha256.clone());
        compare(&ledger, self.args, &result, round)
    }

    fn next(&self) -> String {
        next::over("report", &self.args.plan, &[])
    }
}

/// Compares the plan with a result, as with an export.
fn compare(ledger: &Ledger, args: &VerifyArgs, result: &queries::Answer, round: &mut Round) -> Result<Answer, Failure> {
    let service = ledger.plan().settings.service;
    let at_plan = |error| plan_file::failure(&error, &args.plan);
    let unread = |error| {
        let failure = export_error::failure(&error);
        failure.leaving(NOTHING_DELETED).suggesting(help())
    };
    let mut options = lists::reading(service, &args.form);
    if let Some(column) = &args.uid_column {
        options = options.uid_column(column);
    }
    if let Some(column) = &args.name_column {
        options = options.name_column(column);
    }
    let mut rows = options.read(&result.name, result.open()?).map_err(unread)?;
    let mut export = Export {
        name: result.name.clone(),
        columns: [rows.uid_column(), rows.name_column()].map(|column| column.map(str::to_owned)),
        service,
        counted: rows.counted(),
    };
    let mut inventory = ledger.inventory().map_err(at_plan)?;
    while let Some(entry) = rows.next_entry() {
        match entry.map_err(unread)? {
            Entry::Device(row) => inventory.row(row.line, &row.uid, &row.name).map_err(at_plan)?,
            Entry::CommentedOut { device, .. } => inventory.commented_out(device.line, &device.uid, &device.name),
        }
    }
    export.counted = rows.counted();
    lists::warn(&rows);
    // It was made for this look: no input of the plan is as new.
    let comparison = inventory.finish(Origin::default()).map_err(at_plan)?;
    let survey = comparison.survey();
    let overlap = if args.allow_no_overlap {
        Overlap::NotRequired
    } else {
        Overlap::Required
    };
    let doubts = survey.doubts(overlap);
    if !doubts.is_empty() {
        return Err(refused::tell(&export, &comparison, &doubts, args));
    }
    caution(&export, survey);
    for sighting in comparison.sightings().map_err(at_plan)? {
        let (row, sighting) = sighting.map_err(at_plan)?;
        let (found, detail) = verdict(&sighting, &export);
        round.add(row.into(), found, detail)?;
    }
    Ok(Answer {
        evidence: evidence(&export, survey),
        listed: Some(survey.rows),
    })
}
