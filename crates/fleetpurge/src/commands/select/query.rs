//! Lists what a saved query of Nexthink lists.

use std::io;

use fleetpurge_ledger::Service;
use nexthink_nql::QueryId;

use super::list::{listed_to, replaceable, suggest, wrong_usage};
use crate::args::SelectArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, counted};
use crate::profiles::Profile;
use crate::queries::Asking;
use crate::services::{Tenant, of_nexthink};

pub(super) fn run(args: &SelectArgs, query: &QueryId, profile: Option<&Profile>) -> Result<Exit, Failure> {
    let tenant = Tenant::new(Service::Nexthink, (&args.address).into()).map_err(|message| wrong_usage(&message))?;
    replaceable(args)?;
    let credentials = of_nexthink(&tenant, &args.credentials, profile)?;
    let asking = Asking::new(&tenant, &args.query, credentials)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = listed_to(args, |out| {
        let answer = runtime.block_on(async {
            let answer = asking.ask(query).await?;
            asking.check(&answer, &args.brake).await?;
            Ok::<_, Failure>(answer)
        })?;
        io::copy(&mut answer.open()?, out)?;
        Ok(answer)
    })?;
    output::note(&format!(
        "{}: {}, SHA-256 {}.",
        answer.name,
        counted(answer.rows, "row", "rows"),
        answer.sha256
    ));
    suggest(args, &[]);
    Ok(Exit::DONE)
}
