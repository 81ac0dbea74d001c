//! Deletes the devices that standard input lists, one `uid,name` a line, and prints what became of each. Takes
//! `NEXTHINK_BASE_URL`, `NEXTHINK_TOKEN_URL`, `NEXTHINK_CLIENT_ID` and `NEXTHINK_CLIENT_SECRET` from the environment.
#![allow(clippy::print_stdout, reason = "what it is for")]

use std::env::var;

use futures_util::{StreamExt, stream};
use nexthink_data_management::{BulkOptions, Client, Credentials, Device, Endpoints};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoints = Endpoints::at(&var("NEXTHINK_BASE_URL")?, var("NEXTHINK_TOKEN_URL").ok().as_deref())?;
    let credentials = Credentials::client(var("NEXTHINK_CLIENT_ID")?, var("NEXTHINK_CLIENT_SECRET")?);
    let client = Client::builder(endpoints, credentials).build()?;

    let lines = std::io::read_to_string(std::io::stdin())?;
    let device = |(n, line): (usize, &str)| match line.split_once(',') {
        Some((uid, name)) => Ok(Device::new(uid, name)),
        None => Err(format!("line {} is not `uid,name`, nothing was sent: {line:?}", n + 1)),
    };
    let devices = lines.lines().enumerate().map(device).collect::<Result<Vec<_>, _>>()?;
    let mut outcomes = client.delete_stream(stream::iter(devices), &BulkOptions::default());
    while let Some(of) = outcomes.next().await {
        println!("{}\t{}\t{}", of.device.uid, of.device.name, of.outcome.kind);
    }
    match outcomes.stopped() {
        Some(reason) => Err(format!("stopped early, the pending devices can be sent again: {reason}").into()),
        None => Ok(()),
    }
}
