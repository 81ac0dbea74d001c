//! The command line, and its help.

mod account;
mod apply;
mod backup;
mod file_name;
mod help;
mod plan;
mod reading;
mod schema;
mod simulate;
mod verify;

use clap::{ArgAction, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

pub(crate) use account::{ReadingArgs, SelectArgs};
pub(crate) use apply::{ApplyArgs, RetryKind};
pub(crate) use backup::BackupArgs;
pub(crate) use plan::{PlanArgs, Service, Validation};
pub(crate) use reading::{ReportArgs, ReportFormat, StatusArgs, StatusFormat};
pub(crate) use simulate::{DemoArgs, LogKind, SimulateArgs};
pub(crate) use verify::{VerifyArgs, VerifyFormat};

/// Removes devices from a fleet inventory in bulk: reviewed first, then exactly what was reviewed.
#[derive(Debug, Parser)]
#[command(
    name = "fleetpurge",
    version,
    long_about = help::ABOUT,
    after_help = help::SHORT,
    after_long_help = help::LONG,
    max_term_width = 100,
    propagate_version = false,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Tell on stderr what is being done; twice for more
    #[arg(short, long, global = true, action = ArgAction::Count, display_order = 1000)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the devices of a Ubidots account that are meant, ready to be planned. Deletes nothing
    #[command(after_help = help::SELECT)]
    Select(SelectArgs),
    /// Read a device list and freeze it into a plan file. Deletes nothing
    #[command(after_help = help::PLAN)]
    Plan(PlanArgs),
    /// Save the devices of a Ubidots plan, with their variables and values. Deletes nothing
    #[command(after_help = help::BACKUP)]
    Backup(BackupArgs),
    /// Send exactly what a plan holds. Asks first; the same command again resumes
    #[command(after_help = help::APPLY)]
    Apply(ApplyArgs),
    /// Say how far a plan is. Sends nothing
    #[command(after_help = help::STATUS)]
    Status(StatusArgs),
    /// Say what became of every device of a plan. Sends nothing
    #[command(after_help = help::REPORT)]
    Report(ReportArgs),
    /// Say which devices of a plan are still there. Deletes nothing
    #[command(after_help = help::VERIFY)]
    Verify(VerifyArgs),
    /// Serve a simulated tenant of both services on this machine, to rehearse against
    #[command(after_help = help::SIMULATE)]
    Simulate(SimulateArgs),
    /// Show all of it once, against the simulator within. Touches no real service
    #[command(after_help = help::DEMO)]
    Demo(DemoArgs),
    /// Print the JSON Schema of a record that programs read; without a name, list them
    #[command(after_help = help::SCHEMA)]
    Schema {
        /// Which record
        #[arg(value_name = "NAME", value_parser = schema::names())]
        name: Option<String>,
    },
    /// Print a completion script for a shell
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// The shell it is for
        shell: clap_complete::Shell,
    },
}

/// Narrower than this, the help of a flag stands below it: beside it there would be room for one word a line.
const NARROW: usize = 80;

/// What was typed.
pub(crate) fn parse() -> Result<Cli, clap::Error> {
    let mut command = Cli::command().next_line_help(columns().is_some_and(|columns| columns < NARROW));
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// How wide the help may be, by what clap goes by.
fn columns() -> Option<usize> {
    match console::Term::stdout().size_checked() {
        Some((_, columns)) => Some(columns.into()),
        None => std::env::var("COLUMNS").ok()?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
