//! What was typed cannot be understood, or asks for help.

use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::args::Cli;
use crate::exit::Exit;
use crate::failure::NOTHING_SENT;
use crate::next;
use crate::output;

/// Tells it: help and version on stdout, everything else on stderr with the next command to type.
pub(crate) fn tell(error: &clap::Error) -> Exit {
    // Nobody listening is no error.
    let _ = error.print();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Exit::DONE;
    }
    if error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        output::note("");
        output::note(NOTHING_SENT);
    }
    output::next(&help_of(std::env::args().nth(1).as_deref()));
    Exit::USAGE
}

/// The command that shows the help of a subcommand.
pub(crate) fn help_of(subcommand: Option<&str>) -> String {
    let command = Cli::command();
    match subcommand.filter(|name| command.find_subcommand(name).is_some()) {
        Some(name) => next::command(&[name, "--help"]),
        None => next::command(&["--help"]),
    }
}
