//! Arguments of `verify`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use fleetpurge_export::Comments;

use super::ProfileArgs;
use super::account::ReadingArgs;

#[derive(Debug, Args)]
#[group(id = "against", required = true, multiple = false, args = ["live", "inventory", "query"])]
pub(crate) struct VerifyArgs {
    /// The plan file
    #[arg(value_parser = super::file_name::plan())]
    pub(crate) plan: PathBuf,

    /// Look for the devices in the account (Ubidots): in its list, or by id if that takes fewer requests
    #[arg(long, conflicts_with = "form")]
    pub(crate) live: bool,

    /// Look for the devices in a fresh export, in any format that `plan` reads. Opens no socket
    #[arg(long, value_name = "FRESH_EXPORT", conflicts_with = "profile")]
    pub(crate) inventory: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) query: super::QueryArgs,

    #[command(flatten)]
    pub(crate) credentials: super::CredentialArgs,

    /// The token endpoint of the plan, if its host is neither derived nor the base URL's
    #[arg(long, value_name = "URL", help_heading = "Credentials")]
    pub(crate) token_url: Option<String>,

    /// The column of the uid in the export (Ubidots: of the id), if the header is ambiguous
    #[arg(long, value_name = "COLUMN", conflicts_with = "live")]
    pub(crate) uid_column: Option<String>,

    /// The column of the name in the export (Ubidots: of the label), if the header is ambiguous
    #[arg(long, value_name = "COLUMN", conflicts_with = "live")]
    pub(crate) name_column: Option<String>,

    /// Skip rows of the export that begin with this character; see `plan --help`
    #[arg(long, value_name = "CHAR", conflicts_with = "live")]
    pub(crate) comment_char: Option<Comments>,

    #[command(flatten)]
    pub(crate) form: super::FormArgs,

    /// Accept an export that is empty, or that shares no device with the plan, not even a skipped one
    #[arg(long, conflicts_with = "live")]
    pub(crate) allow_no_overlap: bool,

    /// Look again until every device is gone, but no longer than this: 24h, 90m. Not for an export, which does not change
    #[arg(long, value_name = "DURATION", value_parser = super::duration::duration)]
    pub(crate) wait: Option<Duration>,

    /// With --wait, the time between two looks [default: 1h]
    #[arg(long, value_name = "DURATION", requires = "wait", value_parser = super::duration::duration)]
    pub(crate) every: Option<Duration>,

    /// Text, or every device that was looked for, in input order
    #[arg(long, value_enum, default_value_t = VerifyFormat::Text)]
    pub(crate) format: VerifyFormat,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerifyFormat {
    /// Counts, and the devices that are not gone
    Text,
    /// One JSON object per device
    Ndjson,
}
