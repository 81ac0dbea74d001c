//! How a list is to be read, where it does not say it itself.

use std::num::NonZeroU64;

use clap::Args;
use fleetpurge_export::Encoding;

#[derive(Clone, Debug, Default, Args)]
#[group(id = "form", multiple = true)]
pub(crate) struct FormArgs {
    /// The encoding of a text file without a byte order mark: utf-8 (the default), utf-16le, utf-16be or windows-1252
    #[arg(long, value_name = "ENCODING", help_heading = "Reading")]
    pub(crate) encoding: Option<Encoding>,

    /// The line of the header (in a workbook: the row), if titles stand above it; what is above is not read
    #[arg(long, value_name = "N", help_heading = "Reading")]
    pub(crate) header_row: Option<NonZeroU64>,

    /// The sheet of a workbook, if more than one has the columns
    #[arg(long, value_name = "NAME", help_heading = "Reading")]
    pub(crate) sheet: Option<String>,

    /// Read rows of a workbook that are hidden or filtered out too; otherwise they are an error
    #[arg(long, help_heading = "Reading")]
    pub(crate) include_hidden: bool,
}
