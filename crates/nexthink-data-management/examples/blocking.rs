//! A program without an async runtime. Needs the feature `blocking`.
#![allow(clippy::print_stdout, reason = "what it is for")]

use nexthink_data_management::{BulkOptions, Client, Credentials, Device, Endpoints, blocking};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoints = Endpoints::at(&std::env::var("NEXTHINK_BASE_URL")?, None)?;
    let client = blocking::Client::new(Client::builder(endpoints, Credentials::from_env()?).build()?)?;

    let devices = (0..250).map(|n| Device::new(format!("a36f0a3c-9e2b-4b6f-8a57-{n:012x}"), format!("PC-{n}")));
    for of in client.delete_iter(devices, &BulkOptions::default()) {
        println!("{}\t{}", of.device.name, of.outcome.kind);
    }
    Ok(())
}
