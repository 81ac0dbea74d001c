//! What `cargo xtask bench` compares. Each contender, and the service that they all talk to, is a process of its own.

mod api;
mod contender;
mod database;
mod made_up;
mod measure;
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
    /// Send the same requests as the others, with less behind them
    Send(contender::Arguments),
    /// Write a list of made-up devices
    Devices(made_up::Arguments),
    /// Start a PostgreSQL server, print the address of a database, and end when stdin is closed
    Database,
    /// Run a program, and print what it cost
    Measure(measure::Arguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().part {
        Part::Service(arguments) => service::run(&arguments),
        Part::Send(arguments) => contender::run(&arguments),
        Part::Devices(arguments) => made_up::run(&arguments),
        Part::Database => database::run(),
        Part::Measure(arguments) => measure::run(&arguments),
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
