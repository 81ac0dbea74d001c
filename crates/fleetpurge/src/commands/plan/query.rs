//! Has a saved query of Nexthink list the devices.

use fleetpurge_ledger::Service;

use super::failures::wrong_usage;
use crate::args::PlanArgs;
use crate::failure::{Failure, NO_PLAN};
use crate::profiles::Profile;
use crate::queries::{Answer, Asking};
use crate::services::{Tenant, of_nexthink};

/// The result of the query, if there is one.
pub(super) fn answer(args: &PlanArgs, tenant: &Tenant, profile: Option<&Profile>) -> Result<Option<Answer>, Failure> {
    let Some(query) = &args.query.query else {
        // A secret that would not be used is a mistake.
        let credentials = &args.credentials;
        if credentials.client_secret_file.is_some() || credentials.client_secret_command.is_some() {
            return Err(wrong_usage(
                "`plan` logs in for --query alone; give the client secret to `apply`",
            ));
        }
        return Ok(None);
    };
    if tenant.service != Service::Nexthink {
        return Err(wrong_usage(
            "--query runs a saved query of Nexthink; of a Ubidots account, `fleetpurge select` lists the devices",
        ));
    }
    let leaving = |failure: Failure| failure.leaving(NO_PLAN);
    let credentials = of_nexthink(tenant, &args.credentials, profile).map_err(leaving)?;
    let asking = Asking::new(tenant, &args.query, credentials).map_err(leaving)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(async {
        let answer = asking.ask(query).await?;
        asking.check(&answer, &args.brake).await?;
        Ok(answer)
    });
    answer.map(Some).map_err(leaving)
}
