//! What became of each device, and why.
#![allow(clippy::print_stdout, reason = "what it is for")]

use nexthink_data_management::{Client, Credentials, Device, Endpoints, OutcomeKind};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoints = Endpoints::at(&std::env::var("NEXTHINK_BASE_URL")?, None)?;
    let client = Client::builder(endpoints, Credentials::from_env()?).build()?;

    let devices: [Device; 3] = [
        ("a36f0a3c-9e2b-4b6f-8a57-000000000001", "PC-1").into(),
        ("malformed", "PC-2").into(),
        ("a36f0a3c-9e2b-4b6f-8a57-000000000003", "PC-3").into(),
    ];
    let receipt = client.delete_devices(&devices).await?;
    for (device, outcome) in &receipt {
        match outcome.kind {
            OutcomeKind::Scheduled => println!("{}: will be deleted", device.name),
            OutcomeKind::Unknown => println!("{}: may be deleted, do not just send it again", device.name),
            kind => println!(
                "{}: {kind}, {}",
                device.name,
                outcome.detail.as_deref().unwrap_or("no reason given")
            ),
        }
    }
    for odd in receipt.anomalies() {
        println!("the reply is odd: {}", odd.detail);
    }
    Ok(())
}
