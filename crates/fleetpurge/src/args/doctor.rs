//! Arguments of `doctor`.

use std::path::PathBuf;

use clap::Args;

use super::apply::seconds;
use super::plan::{Service, region};
use super::{CredentialArgs, ProfileArgs, QueryArgs, StatusFormat};

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Check for the tenant of this plan
    #[arg(value_parser = super::file_name::plan(), conflicts_with_all = ["service", "instance", "region", "base_url"])]
    pub(crate) plan: Option<PathBuf>,

    /// Text, or one JSON object
    #[arg(long, value_enum, default_value_t = StatusFormat::Text)]
    pub(crate) format: StatusFormat,

    /// The service that holds the inventory
    #[arg(long, value_enum, default_value_t = Service::Nexthink, help_heading = "Tenant")]
    pub(crate) service: Service,

    /// The Nexthink instance, e.g. acme for acme.eu.nexthink.cloud
    #[arg(long, value_name = "NAME", help_heading = "Tenant")]
    pub(crate) instance: Option<String>,

    /// The region of the instance, in upper or lower case
    #[arg(long, value_parser = region(), ignore_case = true, help_heading = "Tenant")]
    pub(crate) region: Option<String>,

    /// The URL of the API, if it is not the usual one of the instance or of Ubidots. http:// is accepted for this
    /// machine only
    #[arg(long, value_name = "URL", help_heading = "Tenant")]
    pub(crate) base_url: Option<String>,

    /// The URL of the token endpoint, if it is not the usual one. With a plan, as for `apply`: repeated as a confirmation
    /// if it is on another host than the API
    #[arg(long, value_name = "URL", help_heading = "Tenant")]
    pub(crate) token_url: Option<String>,

    #[command(flatten)]
    pub(crate) profile: ProfileArgs,

    #[command(flatten)]
    pub(crate) credentials: CredentialArgs,

    #[command(flatten)]
    pub(crate) query: QueryArgs,

    /// The time limit of each check
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds, help_heading = "Pace")]
    pub(crate) timeout: u64,
}
