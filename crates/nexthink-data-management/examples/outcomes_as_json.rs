//! Outcomes as JSON, a line each, and read again. Needs the feature `serde`.
#![allow(clippy::print_stdout, reason = "what it is for")]

use futures_util::{StreamExt, stream};
use nexthink_data_management::{BulkOptions, Client, Credentials, Device, DeviceOutcome, Endpoints};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoints = Endpoints::at(&std::env::var("NEXTHINK_BASE_URL")?, None)?;
    let client = Client::builder(endpoints, Credentials::from_env()?).build()?;

    let devices = (0..3).map(|n| Device::new(format!("a36f0a3c-9e2b-4b6f-8a57-{n:012x}"), format!("PC-{n}")));
    let mut outcomes = client.delete_stream(stream::iter(devices), &BulkOptions::default());
    while let Some(of) = outcomes.next().await {
        let line = serde_json::to_string(&of)?;
        assert_eq!(serde_json::from_str::<DeviceOutcome>(&line)?, of);
        println!("{line}");
    }
    Ok(())
}
