//! Arguments of the commands that only read a plan: `status` and `report`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// The plan file
    #[arg(value_parser = super::file_name::plan())]
    pub(crate) plan: PathBuf,

    /// Text, or one JSON object
    #[arg(long, value_enum, default_value_t = StatusFormat::Text)]
    pub(crate) format: StatusFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatusFormat {
    Text,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The plan file
    #[arg(value_parser = super::file_name::plan())]
    pub(crate) plan: PathBuf,

    /// Text, or every row in input order
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) format: ReportFormat,

    /// Write to this file instead of stdout; the file appears when it is complete
    #[arg(long, value_name = "FILE", value_parser = super::file_name::output())]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// A summary and the devices that were not scheduled
    Text,
    /// One JSON object per row
    Ndjson,
    /// One JSON object with the plan, the counts and all rows
    Json,
    /// A table with the same columns for a spreadsheet: hidden characters are escaped, and no cell is a formula
    Csv,
}
