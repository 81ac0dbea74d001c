//! Arguments of the commands that only read plans: `status`, `report`, `show` and `list`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::NamePattern;

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

    /// Only rows with one of these outcomes, e.g. unknown,failed. The counts stay those of the whole plan
    #[arg(long, value_name = "OUTCOMES", value_delimiter = ',', value_parser = outcome())]
    pub(crate) only: Vec<OutcomeKind>,

    /// CSV with every text exactly as the plan has it: for programs, not for a spreadsheet
    #[arg(long)]
    pub(crate) raw: bool,

    /// Write to this file instead of stdout; the file appears when it is complete, and replaces none
    #[arg(long, value_name = "FILE", value_parser = super::file_name::output())]
    pub(crate) out: Option<PathBuf>,

    /// Replace FILE if it exists. A plan is never replaced
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
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
    /// One page for a browser, with a chart, filters and a search. Loads nothing from elsewhere
    Html,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The plan file
    #[arg(value_parser = super::file_name::plan())]
    pub(crate) plan: PathBuf,

    /// Only rows with one of these outcomes
    #[arg(long, value_name = "OUTCOMES", value_delimiter = ',', value_parser = outcome())]
    pub(crate) outcome: Vec<OutcomeKind>,

    /// Only rows that `plan` left out, with the reason; the same as --outcome skipped
    #[arg(long)]
    pub(crate) skipped: bool,

    /// Only rows whose name matches: * any characters, ? any one, [..] one of a set; case makes no difference
    #[arg(long, value_name = "GLOB", value_parser = super::name_pattern::parse)]
    pub(crate) name: Option<Arc<NamePattern>>,

    /// How the rows are written, in input order
    #[arg(long, value_enum, default_value_t = ShowFormat::Text)]
    pub(crate) format: ShowFormat,

    /// CSV with every text exactly as the plan has it: for programs, not for a spreadsheet
    #[arg(long)]
    pub(crate) raw: bool,

    /// Do not show the rows in a pager. Without a terminal there is none
    #[arg(long)]
    pub(crate) no_pager: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowFormat {
    /// A line per row
    Text,
    /// A table for a spreadsheet, as `report --format csv` writes it
    Csv,
    /// One JSON array
    Json,
    /// One JSON object per row
    Ndjson,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// The folder to look in, or the database: postgresql://... Folders within it are not looked into
    #[arg(value_name = "FOLDER", default_value = ".", value_parser = super::file_name::folder())]
    pub(crate) folder: PathBuf,

    /// Text, or one JSON object
    #[arg(long, value_enum, default_value_t = StatusFormat::Text)]
    pub(crate) format: StatusFormat,
}

/// The seven outcomes, by name.
fn outcome() -> impl TypedValueParser<Value = OutcomeKind> {
    PossibleValuesParser::new(OutcomeKind::ALL.map(|kind| PossibleValue::new(kind.as_str())))
        .try_map(|word| word.parse::<OutcomeKind>())
}
