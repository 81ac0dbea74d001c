//! `man`: the manual pages and the completion scripts, as files for a package.

use std::fs;
use std::path::Path;

use clap::{CommandFactory, ValueEnum};
use clap_complete::Shell;

use crate::args::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;

/// Writes them into `folder/man` and `folder/completions`.
pub(crate) fn run(folder: &Path) -> Result<Exit, Failure> {
    write(folder).map_err(|error| {
        Failure::before_sending(
            Exit::ERROR,
            format!("the pages could not be written to {}: {error}", folder.display()),
            next::instead(),
        )
    })?;
    Ok(Exit::DONE)
}

fn write(folder: &Path) -> std::io::Result<()> {
    let pages = folder.join("man");
    fs::create_dir_all(&pages)?;
    clap_mangen::generate_to(Cli::command(), &pages)?;
    let completions = folder.join("completions");
    fs::create_dir_all(&completions)?;
    for shell in Shell::value_variants() {
        clap_complete::generate_to(*shell, &mut Cli::command(), "fleetpurge", &completions)?;
    }
    Ok(())
}
