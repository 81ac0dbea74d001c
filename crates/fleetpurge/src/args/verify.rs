//! Arguments of `verify`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use fleetpurge_export::Comments;

use super::account::ReadingArgs;

#[derive(Debug, Args)]
#[group(id = "against", required = true, multiple = false, args = ["live", "inventory"])]
pub(crate) struct VerifyArgs {
    /// The plan file
    #[arg(value_parser = super::file_name::plan())]
    pub(crate) plan: PathBuf,

    /// Ask the account (Ubidots): for its list, or by id if that takes fewer requests
    #[arg(long)]
    pub(crate) live: bool,

    /// Look for them in a fresh export, in any form that `plan` reads. Opens no socket
    #[arg(long, value_name = "FRESH_EXPORT")]
    pub(crate) inventory: Option<PathBuf>,

    /// The column of the export that holds the uid (of Ubidots: the id), if the header is ambiguous
    #[arg(long, value_name = "COLUMN", requires = "inventory", conflicts_with = "live")]
    pub(crate) uid_column: Option<String>,

    /// The column of the export that holds the name (of Ubidots: the label), if the header is ambiguous
    #[arg(long, value_name = "COLUMN", requires = "inventory", conflicts_with = "live")]
    pub(crate) name_column: Option<String>,

    /// Skip rows of the export that begin with this character; see `plan --help`
    #[arg(long, value_name = "CHAR", requires = "inventory", conflicts_with = "live")]
    pub(crate) comment_char: Option<Comments>,

    /// Rely on an export that is empty, or that shares no device with the plan, not even a skipped one
    #[arg(long, requires = "inventory", conflicts_with = "live")]
    pub(crate) allow_no_overlap: bool,

    /// For a person; or every device that was looked for, in input order
    #[arg(long, value_enum, default_value_t = VerifyFormat::Text)]
    pub(crate) format: VerifyFormat,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerifyFormat {
    /// Counts, and the devices that are not gone
    Text,
    /// One JSON object a device
    Ndjson,
}
