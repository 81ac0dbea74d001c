//! Chooses the module of the service.

use std::time::Duration;

use fleetpurge_ledger::{PlanSettings, Service};
use nexthink_data_management::{Error, ErrorKind};

use super::taken::Taken;
use super::tenant::{Address, Tenant};
use super::{nexthink, ubidots};

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

    /// A client that makes requests and sends none, and what it was to send. Its credential is none.
    pub(crate) fn rehearsing_client(&self) -> Result<(Client, Taken), Error> {
        let taken = Taken::default();
        let client = match self.service {
            Service::Nexthink => Client::Nexthink(nexthink::rehearsing_client(self, taken.clone())?),
            Service::Ubidots => Client::Ubidots(ubidots::rehearsing_client(self, taken.clone())?),
        };
        Ok((client, taken))
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

/// What a client of one of the services proves itself with.
#[derive(Clone, Debug)]
pub(crate) enum Credentials {
    Nexthink(nexthink_data_management::Credentials),
    Ubidots(ubidots_devices::Credentials),
}

impl Credentials {
    /// Whether they request tokens. A token that was given cannot be renewed.
    pub(crate) fn can_be_renewed(&self) -> bool {
        match self {
            Self::Nexthink(credentials) => credentials.can_be_renewed(),
            Self::Ubidots(credentials) => credentials.can_be_renewed(),
        }
    }
}

/// A client of one of the services.
#[derive(Debug)]
pub(crate) enum Client {
    Nexthink(nexthink_data_management::Client),
    Ubidots(ubidots_devices::Client),
}
