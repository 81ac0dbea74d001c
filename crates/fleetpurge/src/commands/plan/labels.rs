//! Resolves labels to ids for `plan`, the only case in which it contacts the service.

use std::path::Path;
use std::time::Duration;

use fleetpurge_ledger::Draft;
use ubidots_devices::{Client, Filter};

use super::undecided;
use crate::exit::Exit;
use crate::failure::{Failure, NO_PLAN};
use crate::next;
use crate::output::counted;
use crate::plan_file;
use crate::profiles::Profile;
use crate::progress::Progress;
use crate::services::{Error, Tenant, of_ubidots, ubidots};

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Gives rows with a label alone the ids of their devices, and lets lists of protected labels find devices that are named
/// by id. Returns how many devices the account has, if it had to be asked.
pub(super) fn resolve(
    draft: &mut Draft,
    tenant: &Tenant,
    profile: Option<&Profile>,
    plan: &Path,
) -> Result<Option<u64>, Failure> {
    let at_plan = |error| plan_file::after(&error, plan, NO_PLAN);
    let unresolved = draft.unresolved();
    if unresolved == 0 && draft.maybe_protected().map_err(at_plan)? == 0 {
        return Ok(None);
    }
    let credentials = of_ubidots(tenant, profile).map_err(|missing| {
        let why = if unresolved > 0 {
            format!("{} a label and no id", counted(unresolved, "row has", "rows have"))
        } else {
            "devices are protected by their label, which a list may have wrong by now".to_owned()
        };
        missing
            .because(&format!(
                "{why}, so that the account has to be asked which devices these are"
            ))
            .leaving(NO_PLAN)
    })?;
    let failed = |error: &Error| ubidots::not_listed(error, tenant, NO_PLAN);
    let client = ubidots::client(tenant, credentials, TIMEOUT).map_err(|error| failed(&error))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(tell(draft, &client, tenant, plan)).map(Some)
}

async fn tell(draft: &mut Draft, client: &Client, tenant: &Tenant, plan: &Path) -> Result<u64, Failure> {
    let at_plan = |error| plan_file::after(&error, plan, NO_PLAN);
    let failed = |error: &Error| ubidots::not_listed(error, tenant, NO_PLAN);
    let unresolved = draft.unresolved();
    let progress = Progress::listed();
    let mut listing = client.devices(Filter::all());
    let mut resolution = draft.resolve_labels().map_err(at_plan)?;
    while let Some(devices) = listing.next_page().await.map_err(|error| failed(&error))? {
        for device in &devices {
            let label = device.label.as_deref().unwrap_or_default();
            resolution.device(device.id.as_str(), label).map_err(at_plan)?;
        }
        progress.advance(devices.len() as u64);
    }
    progress.finish();
    if unresolved > 0 && listing.counted().is_none() {
        return Err(Failure::new(
            Exit::ERROR,
            format!(
                "the devices of {} could not be listed as a whole: the service does not say how many devices there \
                 are, \
                 and {} a label and no id. Give the ids.",
                tenant.name,
                counted(unresolved, "row has", "rows have")
            ),
            NO_PLAN,
            next::instead(),
        ));
    }
    undecided::ask(&mut resolution, client, tenant, plan).await?;
    resolution.finish().map_err(at_plan)?;
    Ok(listing.listed())
}
