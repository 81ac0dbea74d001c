//! Arguments of `doctor`.

use std::path::PathBuf;

use clap::Args;

use super::apply::seconds;
use super::plan::Service;
use super::{AddressArgs, CredentialArgs, ProfileArgs, QueryArgs, StatusFormat};

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Check for the tenant of this plan. As for `apply`, --token-url then confirms a token endpoint on another host than
    /// the API
    #[arg(value_parser = super::file_name::plan(), conflicts_with_all = ["service", "instance", "region", "base_url"])]
    pub(crate) plan: Option<PathBuf>,

    /// Text, or one JSON object
    #[arg(long, value_enum, default_value_t = StatusFormat::Text)]
    pub(crate) format: StatusFormat,

    /// The service that holds the inventory
    #[arg(long, value_enum, default_value_t = Service::Nexthink, help_heading = "Tenant")]
    pub(crate) service: Service,

    #[command(flatten)]
    pub(crate) address: AddressArgs,

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
