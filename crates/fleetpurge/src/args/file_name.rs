//! Names of files on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};

/// The name of a plan file. `-`, which elsewhere means a stream, is refused: a plan is written in place.
pub(super) fn plan() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().try_map(|name| {
        of_file(
            name,
            "a plan is neither read from standard input nor written to standard output; ./- is a file of that name",
        )
    })
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
