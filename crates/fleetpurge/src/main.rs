//! Removes devices from a fleet inventory in bulk: reviewed first, then exactly what was reviewed.

mod announce;
mod append;
mod args;
mod atomic_file;
mod backup;
mod commands;
mod confirm;
mod course;
mod credentials;
mod exit;
mod export_error;
mod failure;
mod holder;
mod in_flight;
mod lists;
mod logging;
mod next;
mod out_file;
mod output;
mod pager;
mod plan_file;
mod profiles;
mod progress;
mod queries;
mod rehearsal;
mod rows;
mod seen;
mod services;
mod settings;
mod signals;
mod state_folder;
mod summary;
mod tally;
mod unused;

use std::process::ExitCode;

use args::{Cli, Command};
use exit::Exit;
use failure::Failure;
use profiles::Profile;
use summary::Digests;

fn main() -> ExitCode {
    let mut cli = match args::parse() {
        Ok(cli) => cli,
        Err(error) => return commands::usage::tell(&error).into(),
    };
    let done = logging::start(&cli.log)
        .inspect(|()| course::begins(&cli.name))
        .and_then(|()| settings::fill(&mut cli))
        .and_then(|profile| unused::refuse(&cli).map(|()| profile))
        .and_then(|profile| dispatch(&cli, profile.as_ref()));
    let exit = done.unwrap_or_else(|failure| {
        failure.tell();
        failure.exit()
    });
    course::ends();
    exit.into()
}

fn dispatch(cli: &Cli, profile: Option<&Profile>) -> Result<Exit, Failure> {
    match &cli.command {
        Command::Select(args) => commands::select::run(args, profile),
        Command::Plan(args) => commands::plan::run(args, profile),
        Command::Apply(args) => commands::apply::run(args, profile, digests(cli.log.verbose)),
        Command::Backup(args) => commands::backup::run(args, profile),
        Command::Status(args) => commands::status::run(args),
        Command::Report(args) => commands::report::run(args),
        Command::Show(args) => commands::show::run(args),
        Command::Serve(args) => commands::serve::run(args),
        Command::Copy(args) => commands::copy::run(args),
        Command::List(args) => commands::list::run(args),
        Command::Verify(args) => commands::verify::run(args, profile),
        Command::Schema { name } => commands::schema::run(name.as_deref()),
        Command::Doctor(args) => commands::doctor::run(args, &cli.given),
        Command::Simulate(args) => commands::simulate::run(args),
        Command::Demo(args) => commands::demo::run(args),
        Command::Help { topic } => commands::help::run(topic.as_deref()),
        Command::Man { folder } => commands::man::run(folder),
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
