//! What `cargo xtask bench` compares. Each contender, and the service that they all talk to, is a process of its own.

mod service;

use std::io::{Write, stderr};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "fleetpurge-bench", about = "What `cargo xtask bench` compares")]
struct Arguments {
    #[command(subcommand)]
    part: Part,
}

#[derive(Subcommand)]
enum Part {
    /// Serve both services' deletions with as little work as possible, until stdin is closed
    Service(service::Arguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().part {
        Part::Service(arguments) => service::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where stderr is closed, the exit code is all that is left to say.
            let _ = writeln!(stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
