//! A request id of one's own, for Nexthink's support to find the request by.
#![allow(clippy::print_stdout, reason = "what it is for")]

use nexthink_data_management::{Client, Credentials, Device, Endpoints, Uuid};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoints = Endpoints::at(&std::env::var("NEXTHINK_BASE_URL")?, None)?;
    let client = Client::builder(endpoints, Credentials::from_env()?).build()?;

    let id = Uuid::new_v4();
    let devices = [Device::new("a36f0a3c-9e2b-4b6f-8a57-000000000001", "PC-1")];
    let receipt = client.delete_devices(&devices).request_id(id).send().await?;
    assert_eq!(receipt.request_id(), Some(&*id.to_string()));
    println!("sent {id}, trace {}", receipt.trace_id().unwrap_or("unknown"));
    Ok(())
}
