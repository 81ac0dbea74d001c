//! Removes devices from a fleet inventory in bulk: reviewed first, then exactly what was reviewed.

mod args;
mod backup;
mod commands;
mod confirm;
mod credentials;
mod exit;
mod export_error;
mod failure;
mod in_flight;
mod lists;
mod logging;
mod next;
mod output;
mod pager;
mod plan_file;
mod progress;
mod rehearsal;
mod rows;
mod services;
mod signals;
mod summary;
mod tally;

use std::process::ExitCode;

use args::Command;
use exit::Exit;
use failure::Failure;
use summary::Digests;

fn main() -> ExitCode {
    let cli = match args::parse() {
        Ok(cli) => cli,
        Err(error) => return commands::usage::tell(&error).into(),
    };
    logging::start(cli.verbose);
    match dispatch(&cli.command, cli.verbose) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.tell();
            failure.exit().into()
        }
    }
}

fn dispatch(command: &Command, verbose: u8) -> Result<Exit, Failure> {
    match command {
        Command::Select(args) => commands::select::run(args),
        Command::Plan(args) => commands::plan::run(args),
        Command::Apply(args) => commands::apply::run(args, digests(verbose)),
        Command::Backup(args) => commands::backup::run(args),
        Command::Status(args) => commands::status::run(args),
        Command::Report(args) => commands::report::run(args),
        Command::Show(args) => commands::show::run(args),
        Command::List(args) => commands::list::run(args),
        Command::Verify(args) => commands::verify::run(args),
        Command::Schema { name } => commands::schema::run(name.as_deref()),
        Command::Simulate(args) => commands::simulate::run(args),
        Command::Demo(args) => commands::demo::run(args),
        Command::Completions { shell } => commands::completions::run(*shell),
    }
}

/// Who asks for more is shown all of a digest.
const fn digests(verbose: u8) -> Digests {
    match verbose {
        0 => Digests::Short,
        _ => Digests::Whole,
    }
}
