//! A CSV file of `uid,name`, read as it is sent. A row that cannot be read stops the run; each device read before has its
//! outcome.
#![allow(clippy::print_stdout, reason = "what it is for")]

use futures_util::{StreamExt, stream};
use nexthink_data_management::{BulkOptions, Client, Credentials, Device, Endpoints};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoints = Endpoints::at(&std::env::var("NEXTHINK_BASE_URL")?, None)?;
    let client = Client::builder(endpoints, Credentials::from_env()?).build()?;

    let rows = csv::Reader::from_reader(std::io::stdin()).into_deserialize::<(String, String)>();
    let devices = stream::iter(rows.map(|row| row.map(Device::from)));
    let mut outcomes = client.delete_stream(devices, &BulkOptions::default());
    while let Some(of) = outcomes.next().await {
        println!("{}\t{}", of.device.name, of.outcome.kind);
    }
    match outcomes.source_error() {
        Some(error) => Err(format!("the file could not be read: {error}").into()),
        None => Ok(()),
    }
}
