//! Looks for the devices in the result of a saved query of Nexthink.

use fleetpurge_ledger::{Ledger, Service, VerificationKind, VerificationSource};
use nexthink_nql::QueryId;

use super::comparing::{List, compare};
use super::failures::{NOTHING_DELETED, wrong_usage};
use super::round::Round;
use super::rounds::{self, Answer, Place};
use crate::announce;
use crate::args::VerifyArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::plan_file;
use crate::queries::Asking;
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
        let file = result.open()?;
        let ledger = plan_file::open(&self.args.plan)?;
        self.source.source.clone_from(&result.name);
        let list = List {
            name: result.name.clone(),
            announced: announce::List::told(),
            written_at: None,
            is_made_for_this_look: true,
        };
        let compared = compare(
            &ledger,
            self.args,
            list,
            |options| options.read(&result.name, file),
            round,
        )?;
        self.source.sha256 = Some(result.sha256);
        Ok(Answer {
            evidence: compared.evidence,
            listed: Some(compared.listed),
        })
    }

    fn next(&self) -> String {
        next::over("report", &self.args.plan, &[])
    }
}
