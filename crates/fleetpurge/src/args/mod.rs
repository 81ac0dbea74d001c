//! The command line, and its help.

mod account;
mod address;
mod age;
mod apply;
mod backup;
mod concurrency;
mod copy;
mod credentials;
mod doctor;
mod duration;
mod file_name;
mod form;
mod given;
mod help;
mod log;
mod name_pattern;
mod plan;
mod profile;
mod query;
mod reading;
mod schema;
mod serve;
mod simulate;
mod verify;

pub(crate) use account::{ReadingArgs, SelectArgs};
pub(crate) use address::AddressArgs;
pub(crate) use age::MAX_AGE;
pub(crate) use apply::{ApplyArgs, RetryKind};
pub(crate) use backup::BackupArgs;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
pub(crate) use concurrency::{Concurrency, USUAL};
pub(crate) use copy::CopyArgs;
pub(crate) use credentials::CredentialArgs;
pub(crate) use doctor::DoctorArgs;
pub(crate) use form::FormArgs;
pub(crate) use given::Given;
pub(crate) use help::{ENVIRONMENT, EXIT_CODES, FORMATS};
pub(crate) use log::{LogArgs, LogFormat};
pub(crate) use plan::{PlanArgs, Service, Validation};
pub(crate) use profile::ProfileArgs;
pub(crate) use query::{BrakeArgs, QueryArgs};
pub(crate) use reading::{ListArgs, ReportArgs, ReportFormat, ShowArgs, ShowFormat, StatusArgs, StatusFormat};
pub(crate) use serve::ServeArgs;
pub(crate) use simulate::{DemoArgs, ExportFaultKind, LogKind, SimulateArgs};
pub(crate) use verify::{VerifyArgs, VerifyFormat};

/// Removes devices from a fleet inventory in bulk: review a plan, then delete exactly its devices.
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

    #[command(flatten)]
    pub(crate) log: LogArgs,

    /// What the command is called.
    #[arg(skip)]
    pub(crate) name: String,

    /// Which arguments were typed.
    #[arg(skip)]
    pub(crate) given: Given,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List devices, by a saved query of Nexthink or from a Ubidots account, as input for `plan`. Deletes nothing
    #[command(after_help = help::SELECT)]
    Select(SelectArgs),
    /// Read a device list and freeze it into a plan file. Deletes nothing
    #[command(after_help = help::PLAN)]
    Plan(PlanArgs),
    /// Save the devices of a Ubidots plan, with their variables and values. Deletes nothing
    #[command(after_help = help::BACKUP)]
    Backup(BackupArgs),
    /// List the rows of a plan, to review it. Deletes nothing
    #[command(after_help = help::SHOW)]
    Show(ShowArgs),
    /// Delete exactly the devices of a plan. Asks for confirmation; the same command resumes
    #[command(after_help = help::APPLY)]
    Apply(ApplyArgs),
    /// Show the progress of a plan. Sends nothing
    #[command(after_help = help::STATUS)]
    Status(StatusArgs),
    /// Show the outcome of every device of a plan. Sends nothing
    #[command(after_help = help::REPORT)]
    Report(ReportArgs),
    /// Show a plan, and its progress while it is applied, in a browser of this machine. Read-only
    #[command(after_help = help::SERVE)]
    Serve(ServeArgs),
    /// List the plans in a folder or a database, with their counts and who is applying them. Deletes nothing
    #[command(after_help = help::LIST)]
    List(ListArgs),
    /// Copy a plan with its history from a file into a PostgreSQL database, or back. Sends nothing
    #[command(after_help = help::COPY)]
    Copy(CopyArgs),
    /// Show which devices of a plan still exist. Deletes nothing
    #[command(after_help = help::VERIFY)]
    Verify(VerifyArgs),
    /// Check the setup: configuration, network, certificate, clock, token, permission. Deletes nothing
    #[command(after_help = help::DOCTOR)]
    Doctor(DoctorArgs),
    /// Run a simulator of both services on this machine, for rehearsals
    #[command(after_help = help::SIMULATE)]
    Simulate(SimulateArgs),
    /// Run the whole workflow once, against the built-in simulator. Contacts no real service
    #[command(after_help = help::DEMO)]
    Demo(DemoArgs),
    /// Print the JSON Schema of a record that programs read; without a name, list them
    #[command(after_help = help::SCHEMA)]
    Schema {
        /// The record
        #[arg(value_name = "NAME", value_parser = schema::names())]
        name: Option<String>,
    },
    /// Show a topic, or the help of a command
    #[command(after_help = help::HELP)]
    Help {
        /// The topic, or the command
        #[arg(value_name = "TOPIC")]
        topic: Option<String>,
    },
    /// Write manual pages and completion scripts, for packagers
    #[command(hide = true)]
    Man {
        /// The folder to write them to
        folder: std::path::PathBuf,
    },
    /// Print a completion script for a shell
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Narrower than this, the help of a flag stands below it: beside it there would be room for one word a line.
const NARROW: usize = 80;

/// The command line.
pub(crate) fn parse() -> Result<Cli, clap::Error> {
    let mut command = Cli::command().next_line_help(columns().is_some_and(|columns| columns < NARROW));
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    let mut cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    cli.name = matches.subcommand_name().unwrap_or_default().to_owned();
    cli.given = Given::of(&matches);
    Ok(cli)
}

/// The width of the help, as clap determines it.
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
