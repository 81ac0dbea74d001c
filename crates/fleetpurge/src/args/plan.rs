//! Arguments of `plan`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use fleetpurge_export::{Comments, Encoding};
use fleetpurge_ledger::NamePattern;
use fleetpurge_records::MOST_DEVICES;

use super::reading::StatusFormat;

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// Device lists with the columns `uid` and `name`, for Ubidots `id` or `label`: CSV, XLSX, NDJSON or JSON, also
    /// compressed with gzip or Zstandard; - reads standard input
    #[arg(required_unless_present = "query", conflicts_with = "query", value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) query: super::QueryArgs,

    #[command(flatten)]
    pub(crate) brake: super::BrakeArgs,

    #[command(flatten)]
    pub(crate) credentials: super::CredentialArgs,

    /// The plan file to write
    #[arg(long, value_name = "PLAN", value_parser = super::file_name::plan())]
    pub(crate) out: PathBuf,

    /// Replace PLAN if none of its devices was ever sent
    #[arg(long)]
    pub(crate) force: bool,

    /// The service that holds the inventory
    #[arg(long, value_enum, default_value_t = Service::Nexthink, help_heading = "Tenant")]
    pub(crate) service: Service,

    #[command(flatten)]
    pub(crate) address: super::AddressArgs,

    #[command(flatten)]
    pub(crate) profile: super::ProfileArgs,

    /// The column of the uid (Ubidots: of the id), if the header or the values are ambiguous
    #[arg(long, value_name = "COLUMN", help_heading = "Reading")]
    pub(crate) uid_column: Option<String>,

    /// The column of the name (Ubidots: of the label), if the header is ambiguous
    #[arg(long, value_name = "COLUMN", help_heading = "Reading")]
    pub(crate) name_column: Option<String>,

    /// Skip and count rows that begin with this character; '' reads every row as a device. The default is # if such a
    /// line precedes the header; in other lists, a row that begins like a comment is an error
    #[arg(long, value_name = "CHAR", help_heading = "Reading")]
    pub(crate) comment_char: Option<Comments>,

    #[command(flatten)]
    pub(crate) form: super::FormArgs,

    /// Devices that must stay: one uid or name (Ubidots: id or label) per line, or a table with these columns, in any
    /// format of INPUT; see below for patterns and comments. An entry that protects no row is an error. May be repeated
    #[arg(long, value_name = "FILE", help_heading = "Safety")]
    pub(crate) protect: Vec<PathBuf>,

    /// The sheet of a workbook with devices that must stay, if more than one has the columns
    #[arg(long, value_name = "NAME", help_heading = "Safety")]
    pub(crate) protect_sheet: Option<String>,

    /// The encoding of --protect files, if it is not that of INPUT
    #[arg(long, value_name = "ENCODING", help_heading = "Safety")]
    pub(crate) protect_encoding: Option<Encoding>,

    /// Write the plan even if entries of --protect protect no row; they are still listed
    #[arg(long, help_heading = "Safety")]
    pub(crate) allow_unmatched_protect: bool,

    /// Plan only rows whose name (Ubidots: label) matches: * any characters, ? any one, [..] one of a set; case makes no
    /// difference. A pattern that matches no row is an error. May be repeated: one match is enough
    #[arg(long, value_name = "GLOB", value_parser = super::name_pattern::parse, help_heading = "Safety")]
    pub(crate) include_name: Vec<Arc<NamePattern>>,

    /// Leave out rows whose name (Ubidots: label) matches, also if --include-name matches it. A pattern that matches no
    /// row is an error. May be repeated
    #[arg(long, value_name = "GLOB", value_parser = super::name_pattern::parse, help_heading = "Safety")]
    pub(crate) exclude_name: Vec<Arc<NamePattern>>,

    /// Write the plan even if patterns of --include-name or --exclude-name match no row; they are still listed
    #[arg(long, help_heading = "Safety")]
    pub(crate) allow_unmatched_name: bool,

    /// Refuse a plan that would send more devices than this
    #[arg(long, value_name = "N", default_value_t = MOST_DEVICES, help_heading = "Safety")]
    pub(crate) max_devices: u64,

    /// What to do if a uid is not 8-4-4-4-12 hexadecimal digits: refuse the plan, warn, or accept it. A list without
    /// any well-formed uid is refused, except with permissive
    #[arg(long, value_enum, default_value_t = Validation::Warn, help_heading = "Safety")]
    pub(crate) uid_validation: Validation,

    /// Skip every row of a uid that has two names, and of a device that is commented out in another row, instead of
    /// refusing the plan
    #[arg(long, help_heading = "Safety")]
    pub(crate) skip_conflicts: bool,

    /// List every row for which the plan is refused, instead of the first five of each kind, and every entry of
    /// --protect that protects no row, instead of the first 20
    #[arg(long, help_heading = "Safety")]
    pub(crate) list_all: bool,

    /// How the plan is shown for review: text, or one JSON object
    #[arg(long, value_enum, default_value_t = StatusFormat::Text)]
    pub(crate) format: StatusFormat,
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
