//! Names of files on the command line.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, PathBufValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command};
use fleetpurge_engine::chain;
use fleetpurge_ledger::DatabaseUrl;

/// The name of a plan file, or the URL of a plan in a database. `-`, which elsewhere means a stream, is refused: a plan is
/// written in place.
pub(super) fn plan() -> impl TypedValueParser<Value = PathBuf> {
    let of_plan = |name| {
        of_file(
            name,
            "a plan is neither read from standard input nor written to standard output; ./- is a file of that name",
        )
    };
    OrDatabase(OsStringValueParser::new().try_map(of_plan))
}

/// The name of a folder, or the URL of a database.
pub(super) fn folder() -> impl TypedValueParser<Value = PathBuf> {
    OrDatabase(PathBufValueParser::new())
}

/// The URL of a database, or what another parser takes.
#[derive(Clone)]
struct OrDatabase<P>(P);

impl<P: TypedValueParser<Value = PathBuf>> TypedValueParser for OrDatabase<P> {
    type Value = PathBuf;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<PathBuf, clap::Error> {
        let Some(url) = value.to_str().filter(|text| DatabaseUrl::is_one(text)) else {
            return self.0.parse_ref(command, argument, value);
        };
        url.parse::<DatabaseUrl>()
            .map(|url| PathBuf::from(url.to_string()))
            // An error of clap would repeat the URL, and a password that should not be there with it.
            .map_err(|error| {
                let why = format!("the address of the database cannot be used: {}\n", chain(&error));
                clap::Error::raw(ErrorKind::ValueValidation, why).with_cmd(command)
            })
    }
}

/// The name of a file to write instead of standard output.
pub(super) fn output() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new()
        .try_map(|name| of_file(name, "for standard output leave it out; ./- is a file of that name"))
}

fn of_file(name: OsString, why: &'static str) -> Result<PathBuf, &'static str> {
    match name.to_str() {
        Some("") => Err("a file has a name"),
        Some("-") => Err(why),
        _ => Ok(PathBuf::from(name)),
    }
}
