//! Has a saved query of Nexthink list the devices.

use fleetpurge_ledger::Service;
use nexthink_data_management::Credentials;

use super::failures::wrong_usage;
use crate::args::PlanArgs;
use crate::failure::{Failure, NO_PLAN};
use crate::queries::{Answer, Asking};
use crate::services::Tenant;

/// The result of the query, if there is one.
pub(super) fn answer(
    args: &PlanArgs,
    tenant: &Tenant,
    credentials: impl FnOnce(&Tenant) -> Result<Credentials, Failure>,
) -> Result<Option<Answer>, Failure> {
    let Some(query) = &args.query.query else {
        args.query.check(&args.brake).map_err(|why| wrong_usage(&why))?;
        if let Some(flag) = args.credentials.given() {
            return Err(wrong_usage(&format!(
                "{flag} is of no use without --query: `plan` does not log in for a list; give it to `apply`"
            )));
        }
        return Ok(None);
    };
    if tenant.service != Service::Nexthink {
        return Err(wrong_usage(
            "--query runs a saved query of Nexthink; of a Ubidots account, `fleetpurge select` lists the devices",
        ));
    }
    let leaving = |failure: Failure| failure.leaving(NO_PLAN);
    let asking = Asking::new(tenant, &args.query, credentials(tenant).map_err(leaving)?).map_err(leaving)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(async {
        let answer = asking.ask(query).await?;
        asking.check(&answer, &args.brake).await?;
        Ok(answer)
    });
    answer.map(Some).map_err(leaving)
}
