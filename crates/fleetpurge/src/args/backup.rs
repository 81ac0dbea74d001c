//! Arguments of `backup`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use super::{ProfileArgs, ReadingArgs};

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// The plan file
    #[arg(value_parser = super::file_name::plan())]
    pub(crate) plan: PathBuf,

    /// The folder to write to: a new one, or that of an earlier backup of this plan [default: PLAN.backup]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// The maximum number of devices that are read concurrently
    #[arg(long, value_name = "N", default_value = "4", help_heading = "Pace")]
    pub(crate) concurrency: NonZeroUsize,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
}
