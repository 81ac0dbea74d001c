//! Arguments of the log, of every command.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

/// What is logged, and where.
#[derive(Clone, Debug, Args)]
pub(crate) struct LogArgs {
    /// Log to stderr; repeat the flag for more detail
    #[arg(short, long, global = true, action = ArgAction::Count, display_order = 1000)]
    pub(crate) verbose: u8,

    /// Log to this file instead, after what is in it; as with -v if that is not given
    #[arg(long, global = true, value_name = "FILE", display_order = 1001)]
    pub(crate) log_file: Option<PathBuf>,

    /// How a line of the log is written: for a person, or as one JSON object
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value_t = LogFormat::Text, display_order = 1002)]
    pub(crate) log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    // Without words of their own: with them, the help of every command would take twice the lines.
    Text,
    Json,
}
