//! The tenant of a plan, and where it is reached.

use fleetpurge_ledger::Service;

use crate::args::AddressArgs;

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

/// What was said about the tenant: on the command line, or in a profile.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Address<'a> {
    pub(crate) instance: Option<&'a str>,
    pub(crate) region: Option<&'a str>,
    pub(crate) base_url: Option<&'a str>,
    pub(crate) token_url: Option<&'a str>,
}

impl<'a> From<&'a AddressArgs> for Address<'a> {
    fn from(args: &'a AddressArgs) -> Self {
        Self {
            instance: args.instance.as_deref(),
            region: args.region.as_deref(),
            base_url: args.base_url.as_deref(),
            token_url: args.token_url.as_deref(),
        }
    }
}
