//! `help`: a topic, or the help of a command, a page at a time.

use std::io::Write;

use clap::CommandFactory;

use crate::args::{Cli, ENVIRONMENT, EXIT_CODES, FORMATS};
use crate::commands::usage;
use crate::exit::Exit;
use crate::failure::{Failure, NOTHING_SENT};
use crate::output;
use crate::pager::Pager;

const TOPICS: [(&str, &str); 3] = [
    ("exit-codes", EXIT_CODES),
    ("environment", ENVIRONMENT),
    ("formats", FORMATS),
];

pub(crate) fn run(topic: Option<&str>) -> Result<Exit, Failure> {
    let text = text(topic)?;
    let Some(mut pager) = Pager::start() else {
        let mut out = output::stdout();
        out.write_all(text.as_bytes())?;
        out.flush()?;
        return Ok(Exit::DONE);
    };
    // Who has seen enough closes it: no error.
    let _ = pager.write_all(text.as_bytes());
    pager.finish();
    Ok(Exit::DONE)
}

fn text(topic: Option<&str>) -> Result<String, Failure> {
    let mut command = Cli::command();
    command.build();
    let Some(name) = topic else {
        return Ok(command.render_long_help().to_string());
    };
    if let Some((_, text)) = TOPICS.iter().find(|(topic, _)| *topic == name) {
        return Ok(format!("{text}\n"));
    }
    if let Some(found) = command.find_subcommand_mut(name).filter(|found| !found.is_hide_set()) {
        return Ok(found.render_long_help().to_string());
    }
    let commands = command.get_subcommands().filter(|found| !found.is_hide_set());
    let all: Vec<&str> = TOPICS
        .iter()
        .map(|(topic, _)| *topic)
        .chain(commands.map(clap::Command::get_name))
        .collect();
    Err(Failure::new(
        Exit::USAGE,
        format!("there is no help on {name:?}; there is on {}", all.join(", ")),
        NOTHING_SENT,
        usage::help_of(Some("help")),
    ))
}
