//! The services, for the rest of the command: the tenant, the credentials, and the device of a row.
//!
//! Each service has a module of its own; the rest of the command uses this one.

pub(crate) mod nexthink;
pub(crate) mod ubidots;

use std::time::Duration;

use fleetpurge_engine::{DeletionService, OutcomeKind};
use fleetpurge_ledger::{PlanSettings, Service};
pub(crate) use nexthink_data_management::{Error, ErrorKind};

use crate::args::ApplyArgs;
use crate::failure::Failure;

/// The tenant of a plan and the places it is reached at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tenant {
    pub(crate) service: Service,
    /// What a person types to confirm: the instance, the account's host, or `host:port` of a base URL.
    pub(crate) name: String,
    pub(crate) instance: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) base_url: String,
    /// The whole token endpoint, where the plan has one of its own.
    pub(crate) token_url: Option<String>,
}

/// What was said about the tenant on the command line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Address<'a> {
    pub(crate) instance: Option<&'a str>,
    pub(crate) region: Option<&'a str>,
    pub(crate) base_url: Option<&'a str>,
    pub(crate) token_url: Option<&'a str>,
}

impl Tenant {
    /// Works the URLs out, or says which setting is wrong and why.
    pub(crate) fn new(service: Service, address: Address<'_>) -> Result<Self, String> {
        match service {
            Service::Nexthink => nexthink::tenant(address),
            Service::Ubidots => ubidots::tenant(address),
        }
    }

    /// The tenant that a plan was made for.
    pub(crate) fn of(settings: &PlanSettings) -> Result<Self, String> {
        let tenant = match settings.service {
            Service::Nexthink => nexthink::tenant_of(settings),
            Service::Ubidots => ubidots::tenant_of(settings),
        }
        .map_err(|error| format!("the plan's own address: {error}"))?;
        if tenant.name == settings.tenant {
            Ok(tenant)
        } else {
            Err(format!(
                "the plan calls its tenant `{}`, but its address is that of `{}`",
                settings.tenant.escape_debug(),
                tenant.name
            ))
        }
    }

    /// Whether credentials would go to a host that is neither derived from the instance nor that of the base URL. Such a
    /// plan could have been made to collect a secret, so whoever applies it has to name the URL again.
    pub(crate) fn token_host_is_foreign(&self) -> bool {
        match self.service {
            Service::Nexthink => nexthink::token_host_is_foreign(self),
            Service::Ubidots => false,
        }
    }

    /// A client of the tenant.
    pub(crate) fn client(&self, credentials: Credentials, timeout: Duration) -> Result<Client, Error> {
        match credentials {
            Credentials::Nexthink(credentials) => nexthink::client(self, credentials, timeout).map(Client::Nexthink),
            Credentials::Ubidots(credentials) => ubidots::client(self, credentials, timeout).map(Client::Ubidots),
        }
    }

    /// What to look at when no client could be set up, or it could not log in.
    pub(crate) fn advice(&self, kind: ErrorKind) -> &'static str {
        match kind {
            ErrorKind::LoginRefused | ErrorKind::Unauthorized => match self.service {
                Service::Nexthink => nexthink::CHECK_CREDENTIALS,
                Service::Ubidots => ubidots::CHECK_CREDENTIALS,
            },
            ErrorKind::Certificate => "Check the URL, this machine's clock and its trusted certificates.",
            ErrorKind::Configuration => "Check the credentials and the environment.",
            ErrorKind::Throttled => "Run it again later, or allow a longer wait with --max-wait.",
            _ => "Check the address, the network and the proxy settings.",
        }
    }
}

/// What an outcome means to the service, in a few words beside its count.
pub(crate) const fn meaning(service: Service, kind: OutcomeKind) -> &'static str {
    match (service, kind) {
        (Service::Nexthink, OutcomeKind::Scheduled) => "the service queued the deletion",
        (Service::Ubidots, OutcomeKind::Scheduled) => "named in a request that a task id answered",
        (_, OutcomeKind::Invalid) => "malformed uid, said the service",
        (_, OutcomeKind::Failed) => "the service failed to schedule them",
        (_, OutcomeKind::Rejected) => "the service refused the entry",
        (_, OutcomeKind::Unknown) => "may or may not have been scheduled",
        (_, OutcomeKind::Pending) => "never sent, or surely not applied",
        (_, OutcomeKind::Skipped) => "left out at planning",
    }
}

/// What to look at when a deletion was refused for want of a permission.
pub(crate) const fn check_permission(service: Service) -> &'static str {
    match service {
        Service::Nexthink => {
            "Check that the credentials may manage data (permission \"Data management\") and that the feature is \
             enabled for this tenant."
        }
        Service::Ubidots => "Check that the token belongs to this account, has not expired, and may delete devices.",
    }
}

/// Whether a request has an id by which the service finds it again. Without one, that of an attempt is ours alone.
pub(crate) const fn knows_request_ids(service: Service) -> bool {
    match service {
        Service::Nexthink => true,
        Service::Ubidots => false,
    }
}

/// What a client of one of the services proves itself with.
#[derive(Clone, Debug)]
pub(crate) enum Credentials {
    Nexthink(nexthink_data_management::Credentials),
    Ubidots(ubidots_devices::Credentials),
}

impl Credentials {
    /// Finds the credentials for the service, or says which setting is missing.
    pub(crate) fn find(service: Service, args: &ApplyArgs) -> Result<Self, Failure> {
        match service {
            Service::Nexthink => nexthink::credentials(args).map(Self::Nexthink),
            Service::Ubidots => {
                ubidots::refuse_client_secret(args)?;
                ubidots::credentials().map(Self::Ubidots)
            }
        }
    }
}

/// A client of one of the services.
#[derive(Debug)]
pub(crate) enum Client {
    Nexthink(nexthink_data_management::Client),
    Ubidots(ubidots_devices::Client),
}

/// What an apply needs of a service beside sending batches.
pub(crate) trait Applies: DeletionService {
    /// The device of a row, as it is sent. The plan's rules let no row through that is none.
    fn device(uid: String, name: String) -> Result<Self::Device, Error>;

    /// Has a token now rather than with the first request.
    fn authenticate(&self) -> impl Future<Output = Result<(), Error>> + Send;
}
