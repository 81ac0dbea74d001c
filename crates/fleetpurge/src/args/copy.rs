//! Arguments of `copy`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct CopyArgs {
    /// The plan: a file, or the URL of a plan in a database
    #[arg(value_parser = super::file_name::plan())]
    pub(crate) from: PathBuf,

    /// Where the copy goes: a file, or the URL of a plan in a database
    #[arg(value_parser = super::file_name::plan())]
    pub(crate) to: PathBuf,

    /// Replace a plan of that name of which nothing was ever sent
    #[arg(long)]
    pub(crate) force: bool,
}
