//! One request for two devices.
#![allow(clippy::print_stdout, reason = "what it is for")]

use nexthink_data_management::{Client, Credentials, Device, Endpoints};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoints = Endpoints::at(&std::env::var("NEXTHINK_BASE_URL")?, None)?;
    let client = Client::builder(endpoints, Credentials::from_env()?).build()?;

    let devices = [
        Device::new("a36f0a3c-9e2b-4b6f-8a57-000000000001", "PC-1"),
        Device::new("a36f0a3c-9e2b-4b6f-8a57-000000000002", "PC-2"),
    ];
    let receipt = client.delete_devices(&devices).await?;
    println!("{} of {} scheduled", receipt.scheduled(), receipt.len());
    Ok(())
}
