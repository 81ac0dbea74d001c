//! Whom the commands would address, and with which credentials.

use fleetpurge_records::CheckName;

use super::checks::{Checks, Finding};
use crate::announce;
use crate::args::{DoctorArgs, Given, Service};
use crate::failure::Failure;
use crate::plan_file;
use crate::profiles::{Location, Profile};
use crate::services::{Credentials, Tenant, check_profile};
use crate::settings::{self, Filling};

/// What is set up.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) service: fleetpurge_ledger::Service,
    pub(super) tenant: Option<Tenant>,
    /// None if they are missing, or may not be sent.
    pub(super) credentials: Option<Credentials>,
    /// The plan sends credentials to a host that has to be confirmed, and was not.
    pub(super) unconfirmed: bool,
    pub(super) timeout: u64,
}

/// Whom the command line, the plan or the profile names, with what is wrong about it.
pub(super) fn look(args: &DoctorArgs, given: &Given, checks: &mut Checks) -> Setup {
    let location = Location::find();
    let mut timeout = args.timeout;
    let mut service = args.service.into();
    let loaded = settings::load(&location, args.profile.profile.as_deref());
    let profile = match &loaded {
        Ok(profile) => profile.as_ref(),
        Err(failure) => {
            checks.add(CheckName::Configuration, None, Finding::failure(failure));
            None
        }
    };
    if let Some(profile) = profile {
        let filling = Filling { given, profile };
        filling.set("timeout", &mut timeout, profile.values.timeout);
    }
    let tenant = match addressed(args, given, profile) {
        Ok(tenant) => {
            service = tenant.service;
            let found = told(&tenant, profile, &location);
            let finding = match tenant.token_host_is_foreign() {
                false => Finding::ok(found),
                true => Finding::warning(
                    format!(
                        "{found}; the credentials go to a host that is neither the instance's nor that of the base URL"
                    ),
                    "Check who owns that host.",
                ),
            };
            checks.add(CheckName::Configuration, None, finding);
            Some(tenant)
        }
        // What is wrong with the file has been told.
        Err(Unaddressed::Unknown(_)) if loaded.is_err() => None,
        Err(Unaddressed::Unknown(why)) => {
            let advice = "Give --instance and --region, or --base-url, or a profile that has them.";
            checks.add(CheckName::Configuration, None, Finding::wrong(why, advice));
            None
        }
        Err(Unaddressed::Failed(failure)) => {
            checks.add(CheckName::Configuration, None, Finding::failure(&failure));
            None
        }
    };
    let unconfirmed = args.plan.is_some()
        && tenant
            .as_ref()
            .is_some_and(|tenant| tenant.token_host_is_foreign() && tenant.token_url != args.address.token_url);
    let credentials = credentials(args, tenant.as_ref(), profile, checks);
    Setup {
        service,
        tenant,
        credentials,
        unconfirmed,
        timeout,
    }
}

enum Unaddressed {
    /// The flags do not say it.
    Unknown(String),
    Failed(Failure),
}

fn addressed(args: &DoctorArgs, given: &Given, profile: Option<&Profile>) -> Result<Tenant, Unaddressed> {
    if let Some(path) = &args.plan {
        announce::plan(path);
        let ledger = plan_file::open(path).map_err(Unaddressed::Failed)?;
        let tenant = Tenant::of(&ledger.plan().settings).map_err(Unaddressed::Unknown)?;
        check_profile(&tenant, profile).map_err(Unaddressed::Failed)?;
        return Ok(tenant);
    }
    let mut service: Service = args.service;
    let mut address = args.address.clone();
    if let Some(profile) = profile {
        Filling { given, profile }
            .address(&mut service, &mut address)
            .map_err(Unaddressed::Failed)?;
    }
    Tenant::new(service.into(), (&address).into()).map_err(Unaddressed::Unknown)
}

fn told(tenant: &Tenant, profile: Option<&Profile>, location: &Location) -> String {
    let tokens = match &tenant.token_url {
        Some(url) => format!(", tokens from {url}"),
        None => String::new(),
    };
    let file = match (profile, location) {
        (Some(profile), _) => format!("profile `{}` of {}", profile.name, profile.file.display()),
        (None, Location::Named(path) | Location::Usual(path)) => format!("no profile of {}", path.display()),
        (None, Location::Nowhere) => "no profile".to_owned(),
    };
    format!("tenant {} at {}{tokens}; {file}", tenant.name, tenant.base_url)
}

fn credentials(
    args: &DoctorArgs,
    tenant: Option<&Tenant>,
    profile: Option<&Profile>,
    checks: &mut Checks,
) -> Option<Credentials> {
    let Some(tenant) = tenant else {
        let finding = Finding::not_checked("whom they would be for is not known");
        checks.add(CheckName::Credentials, None, finding);
        return None;
    };
    let found = Credentials::find(tenant, &args.credentials, args.address.token_url.as_deref(), profile);
    let finding = match &found {
        Ok(credentials) if credentials.can_be_renewed() => Finding::ok("credentials are given, which request tokens"),
        Ok(_) => Finding::ok("a token is given; it cannot be renewed, so a run stops when it expires"),
        Err(failure) => Finding::failure(failure),
    };
    checks.add(CheckName::Credentials, None, finding);
    found.ok()
}
