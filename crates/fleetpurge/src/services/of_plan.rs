//! Where a plan leads, unless it leads somewhere that has to be confirmed.

use std::path::Path;

use fleetpurge_ledger::Plan;

use super::tenant::Tenant;
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::next;

/// The tenant of a plan. `token_url` is the flag: a token endpoint on a foreign host has to be repeated there.
pub(crate) fn address_of_plan(path: &Path, plan: &Plan, token_url: Option<&str>) -> Result<Tenant, Failure> {
    let refused = |why: &str, next: String| Failure::new(Exit::REFUSED, why, SENT_NOTHING, next);
    let tenant = Tenant::of(&plan.settings).map_err(|why| refused(&why, "fleetpurge plan --help".to_owned()))?;
    match (token_url, tenant.token_url.as_deref()) {
        (Some(given), Some(url)) if given != url => Err(refused(
            &format!(
                "--token-url {given} is not the plan's, which is {url}; a plan is applied exactly or not at all, so \
                 plan \
                 again for another token endpoint"
            ),
            "fleetpurge plan --help".to_owned(),
        )),
        (None, Some(url)) if tenant.token_host_is_foreign() => Err(refused(
            &format!(
                "the plan sends the credentials to {url}, a host that is neither the instance's nor that of the base \
                 URL; check who owns it, and repeat it with --token-url only if it is correct"
            ),
            next::over("status", path, &[]),
        )),
        _ => Ok(tenant),
    }
}
