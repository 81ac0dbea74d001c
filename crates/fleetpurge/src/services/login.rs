//! Finds the credentials: in flags, the environment, or a profile. Those of a profile are for its own tenant only.

use fleetpurge_ledger::Service;
use fleetpurge_records::ProfileService;

use super::choice::Credentials;
use super::tenant::{Address, Tenant};
use super::{nexthink, ubidots};
use crate::args::CredentialArgs;
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::next;
use crate::output;
use crate::profiles::{Chosen, Profile};

impl Credentials {
    /// Finds the credentials for the tenant, or says which setting is missing. `token_url` is the flag.
    pub(crate) fn find(
        tenant: &Tenant,
        args: &CredentialArgs,
        token_url: Option<&str>,
        profile: Option<&Profile>,
    ) -> Result<Self, Failure> {
        match tenant.service {
            Service::Nexthink => of_nexthink(tenant, args, profile).map(Self::Nexthink),
            Service::Ubidots => {
                ubidots::refuse_client_secret(args, token_url)?;
                of_ubidots(tenant, profile).map(Self::Ubidots)
            }
        }
    }
}

/// Finds the credentials of a Ubidots account, or says which setting is missing.
pub(crate) fn of_ubidots(tenant: &Tenant, profile: Option<&Profile>) -> Result<ubidots_devices::Credentials, Failure> {
    ubidots::credentials(own(tenant, profile))
}

/// Finds the credentials of a Nexthink tenant, or says which setting is missing.
pub(crate) fn of_nexthink(
    tenant: &Tenant,
    args: &CredentialArgs,
    profile: Option<&Profile>,
) -> Result<nexthink_data_management::Credentials, Failure> {
    nexthink::credentials(args, own(tenant, profile))
}

/// The profile, if its credentials are for this tenant.
fn own<'a>(tenant: &Tenant, profile: Option<&'a Profile>) -> Option<&'a Profile> {
    profile.filter(|profile| profile.has_credentials()).filter(|profile| match foreign(tenant, profile) {
        None => true,
        Some(whose) => {
            output::note(&format!(
                "The credentials of profile `{}` are not used: they are for {whose}, and this command addresses {}.",
                profile.name, tenant.base_url
            ));
            false
        }
    })
}

/// Whom the credentials of a profile are for, if that is not this tenant. A profile without an address is for every tenant
/// of its service.
fn foreign(tenant: &Tenant, profile: &Profile) -> Option<String> {
    if service_of(profile) != tenant.service {
        return Some("the other service".to_owned());
    }
    let own = address_of(profile).ok()??;
    let is_same = own.base_url == tenant.base_url && own.token_url == tenant.token_url;
    (!is_same).then(|| own.base_url.clone())
}

/// The tenant at the address of a profile; `None` if it has no address.
pub(crate) fn address_of(profile: &Profile) -> Result<Option<Tenant>, Failure> {
    let values = &profile.values;
    let service = service_of(profile);
    let address = Address {
        instance: values.instance.as_deref(),
        region: values.region.as_deref(),
        base_url: values.base_url.as_deref(),
        token_url: values.token_url.as_deref(),
    };
    if service == Service::Nexthink && address.instance.is_none() && address.base_url.is_none() {
        return Ok(None);
    }
    Tenant::new(service, address).map(Some).map_err(|why| {
        profile.refused(
            &why.replace("--base-url", "base_url")
                .replace("--token-url", "token_url")
                .replace("--", ""),
        )
    })
}

/// The service of a profile.
pub(crate) fn service_of(profile: &Profile) -> Service {
    match profile.service() {
        ProfileService::Nexthink => Service::Nexthink,
        ProfileService::Ubidots => Service::Ubidots,
    }
}

/// Refuses a profile that was chosen by name for a plan of another tenant: a profile never changes whom a plan is for.
pub(crate) fn check_profile(tenant: &Tenant, profile: Option<&Profile>) -> Result<(), Failure> {
    let Some((profile, whose)) = profile
        .filter(|profile| profile.chosen == Chosen::ByName)
        .and_then(|profile| Some((profile, foreign(tenant, profile)?)))
    else {
        return Ok(());
    };
    Err(Failure::new(
        Exit::REFUSED,
        format!(
            "profile `{}` is for {whose}, and the plan is for {} ({}); a profile never changes the tenant of a plan",
            profile.name, tenant.name, tenant.base_url
        ),
        SENT_NOTHING,
        next::instead(),
    ))
}
