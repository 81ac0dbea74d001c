//! Looks for the devices in the account.

use fleetpurge_ledger::is_looked_for;
use fleetpurge_ledger::{Ledger, ReportRow, VerificationKind, VerificationSource};
use fleetpurge_records::Found;
use futures_util::{StreamExt, TryStreamExt, stream};
use ubidots_devices::{Asked, Client, Credentials, DeviceId, Presence, Search};

use super::failures::{NOTHING_DELETED, help};
use super::round::Round;
use super::rounds::{self, Answer, Place};
use super::tally::{Evidence, Looked};
use crate::args::VerifyArgs;
use crate::exit::Exit;
use crate::failure::{Failure, NOTHING_SENT, chain, sentence};
use crate::next;
use crate::output::counted;
use crate::plan_file;
use crate::progress::Progress;
use crate::services::{Error, Tenant, ubidots};

/// How many requests are open at a time; their pace is `--rate`.
const CONCURRENCY: usize = 4;

/// The account of a plan.
struct AccountPlace<'a> {
    args: &'a VerifyArgs,
    tenant: Tenant,
    client: Client,
}

pub(super) fn look(
    ledger: Ledger,
    args: &VerifyArgs,
    credentials: impl FnOnce(&Tenant) -> Result<Credentials, Failure>,
) -> Result<Exit, Failure> {
    let tenant = Tenant::of(&ledger.plan().settings)
        .map_err(|why| Failure::new(Exit::REFUSED, why, NOTHING_SENT, "fleetpurge plan --help".to_owned()))?;
    let client =
        ubidots::reader(&tenant, credentials(&tenant)?, args.reading).map_err(|error| failed(&tenant, &error))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut place = AccountPlace { args, tenant, client };
    runtime.block_on(rounds::look(&mut place, ledger, args))
}

fn failed(tenant: &Tenant, error: &Error) -> Failure {
    Failure::new(
        Exit::ERROR,
        format!(
            "the devices could not be looked for at {}: {} {}",
            tenant.name,
            sentence(&chain(error)),
            tenant.advice(error.kind())
        ),
        NOTHING_DELETED,
        help(),
    )
}

impl Place for AccountPlace<'_> {
    fn source(&self) -> VerificationSource {
        VerificationSource {
            kind: VerificationKind::Account,
            source: self.tenant.name.clone(),
            sha256: None,
            listed: None,
        }
    }

    async fn look(&mut self, ledger: Ledger, round: &mut Round) -> Result<Answer, Failure> {
        let wanted = self.wanted(&ledger)?;
        // An apply that begins waits for readers, and this may take hours.
        drop(ledger);
        self.find(wanted, round).await
    }

    fn next(&self) -> String {
        next::over("report", &self.args.plan, &[])
    }
}

impl AccountPlace<'_> {
    /// The devices to look for. By id, never by label: a device that still sends data is created again under its label.
    fn wanted(&self, ledger: &Ledger) -> Result<Vec<(Looked, DeviceId)>, Failure> {
        let at_plan = |error| plan_file::failure(&error, &self.args.plan);
        let mut wanted = Vec::new();
        for row in ledger.report_rows().map_err(at_plan)? {
            let row: ReportRow = row.map_err(at_plan)?;
            if is_looked_for(row.outcome) {
                let id = DeviceId::new(row.uid.trim()).map_err(|error| failed(&self.tenant, &error))?;
                wanted.push((Looked::from(row), id));
            }
        }
        Ok(wanted)
    }

    async fn find(&self, wanted: Vec<(Looked, DeviceId)>, round: &mut Round) -> Result<Answer, Failure> {
        let failed = |error: &Error| failed(&self.tenant, error);
        let failed = &failed;
        let listing = Progress::listed();
        let search = self
            .client
            .search(wanted.iter().map(|(_, id)| id), |devices| listing.advance(devices))
            .await
            .map_err(|error| failed(&error))?;
        listing.finish();
        if let Asked::ListAndById { why } = search.asked() {
            crate::output::note(&format!(
                "{} The devices that were not listed are asked for by id.",
                sentence(why)
            ));
        }
        let progress = Progress::devices(wanted.len() as u64);
        let search = &search;
        let mut answers = stream::iter(wanted)
            .map(|(row, id)| async move {
                let presence = search.find(&id).await.map_err(|error| failed(&error))?;
                Ok::<_, Failure>((row, presence))
            })
            .buffered(CONCURRENCY);
        while let Some((row, presence)) = answers.try_next().await? {
            let (found, detail) = match presence {
                Presence::Present => (Found::Present, None),
                Presence::Gone => (Found::Gone, None),
                Presence::NotKnown(error) => (Found::NotKnown, Some(error.to_string())),
                _ => (Found::NotKnown, None),
            };
            round.add(row, found, detail)?;
            progress.advance(1);
        }
        progress.finish();
        Ok(Answer {
            evidence: evidence(search),
            listed: search.counted(),
        })
    }
}

/// What the verdicts rest on: which of the two was asked, and how often.
fn evidence(search: &Search) -> Evidence {
    let asked = match search.asked() {
        Asked::List => "the list of the account",
        Asked::ListTwice => "the list of the account twice",
        Asked::ListThenById => "the list of the account, and each device that it lacks by its id",
        Asked::ById => "each device by its id, but for those on the first page of the list",
        _ => "the incomplete list of the account, and each device that it lacks by its id",
    };
    let requests = counted(search.requests(), "request", "requests");
    let devices = search.counted().map_or_else(
        || "an unknown number of devices".to_owned(),
        |devices| counted(devices, "device", "devices"),
    );
    Evidence {
        lines: vec![
            format!("{:<11} {asked}, in {requests}", "asked for"),
            format!("{:<11} {devices}", "account has"),
        ],
        sentence: format!("Asked for {asked}, in {requests}; the account has {devices}."),
    }
}
