//! Arguments of `plan`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use fleetpurge_export::Comments;

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// Device lists: CSV with columns `uid` and `name`, of Ubidots `id` or `label` (comma, semicolon or tab), or - for
    /// standard input
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,

    /// The plan file to write
    #[arg(long, value_name = "PLAN", value_parser = super::file_name::plan())]
    pub(crate) out: PathBuf,

    /// Replace PLAN if nothing of it was ever sent
    #[arg(long)]
    pub(crate) force: bool,

    /// The service that holds the inventory
    #[arg(long, value_enum, default_value_t = Service::Nexthink, help_heading = "Tenant")]
    pub(crate) service: Service,

    /// The Nexthink instance, e.g. acme for acme.eu.nexthink.cloud
    #[arg(long, value_name = "NAME", requires = "region", help_heading = "Tenant")]
    pub(crate) instance: Option<String>,

    /// Its region
    #[arg(long, value_parser = ["us", "eu", "pac", "meta"], requires = "instance", help_heading = "Tenant")]
    pub(crate) region: Option<String>,

    /// Where the API is, if not at the usual address of the instance, or of Ubidots. http:// for this machine only
    #[arg(long, value_name = "URL", help_heading = "Tenant")]
    pub(crate) base_url: Option<String>,

    /// The whole token endpoint, if not the usual one
    #[arg(long, value_name = "URL", help_heading = "Tenant")]
    pub(crate) token_url: Option<String>,

    /// The column that holds the uid (of Ubidots: the id), if the header or the values are ambiguous
    #[arg(long, value_name = "COLUMN", help_heading = "Reading")]
    pub(crate) uid_column: Option<String>,

    /// The column that holds the name (of Ubidots: the label), if the header is ambiguous
    #[arg(long, value_name = "COLUMN", help_heading = "Reading")]
    pub(crate) name_column: Option<String>,

    /// Skip rows that begin with this character, and count them; '' takes every row as a device. By default # in a list with
    /// such a line before its header; in any other list, a row that begins like a comment refuses the plan
    #[arg(long, value_name = "CHAR", help_heading = "Reading")]
    pub(crate) comment_char: Option<Comments>,

    /// Devices that must stay: one uid or name (of Ubidots: id or label) a line, or CSV with such columns; patterns and
    /// comments as below. An entry that protects no row refuses the plan. May be given several times
    #[arg(long, value_name = "FILE", help_heading = "Safety")]
    pub(crate) protect: Vec<PathBuf>,

    /// Make the plan even if entries of --protect protect no row; they are still listed
    #[arg(long, requires = "protect", help_heading = "Safety")]
    pub(crate) allow_unmatched_protect: bool,

    /// Refuse a plan that would send more devices than this
    #[arg(long, value_name = "N", default_value_t = 10_000, help_heading = "Safety")]
    pub(crate) max_devices: u64,

    /// What to do with a uid that is not 8-4-4-4-12 hexadecimal: refuse the plan, count it, or do not look. A list without a
    /// single well-formed uid is refused, except under permissive
    #[arg(long, value_enum, default_value_t = Validation::Warn, help_heading = "Safety")]
    pub(crate) uid_validation: Validation,

    /// Leave out every row of a uid that has two names, or of a device that another row comments out, instead of refusing
    /// the plan
    #[arg(long, help_heading = "Safety")]
    pub(crate) skip_conflicts: bool,

    /// List every row for which the plan is refused, not the first five of each kind, and every entry of --protect that
    /// protects no row, not the first 20
    #[arg(long, help_heading = "Safety")]
    pub(crate) list_all: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Service {
    Nexthink,
    Ubidots,
}

impl From<Service> for fleetpurge_ledger::Service {
    fn from(service: Service) -> Self {
        match service {
            Service::Nexthink => Self::Nexthink,
            Service::Ubidots => Self::Ubidots,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Validation {
    Strict,
    Warn,
    Permissive,
}
