//! Shows all steps of one service.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::stage::failed;
use super::{nexthink, ubidots};
use crate::args::{DemoArgs, Service};
use crate::exit::Exit;
use crate::failure::Failure;

pub(crate) fn run(args: &DemoArgs) -> Result<Exit, Failure> {
    let folder = folder(args).map_err(|error| failed(&error))?;
    match args.service {
        Service::Nexthink => nexthink::run(&folder),
        Service::Ubidots => ubidots::run(&folder),
    }
}

fn folder(args: &DemoArgs) -> io::Result<PathBuf> {
    match &args.dir {
        Some(folder) => {
            fs::create_dir_all(folder)?;
            Ok(folder.clone())
        }
        None => Ok(tempfile::Builder::new().prefix("fleetpurge-demo-").tempdir()?.keep()),
    }
}
