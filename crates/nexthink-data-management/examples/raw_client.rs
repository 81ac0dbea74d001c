//! The generated client with the same login, for what the facade does not wrap. Its replies are not judged.
#![allow(clippy::print_stdout, reason = "what it is for")]

use nexthink_data_management::raw::types::{DeviceDeletionRequest, DeviceEntry};
use nexthink_data_management::{Client, Credentials, Endpoints};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoints = Endpoints::at(&std::env::var("NEXTHINK_BASE_URL")?, None)?;
    let client = Client::builder(endpoints, Credentials::from_env()?).build()?;

    let entry = DeviceEntry::builder()
        .uid("a36f0a3c-9e2b-4b6f-8a57-000000000001")
        .name("PC-1");
    let request = DeviceDeletionRequest::builder().devices(vec![entry.try_into()?]);
    let reply = client.raw().delete_devices().body(request).send().await?;
    println!("{} {:?}", reply.status(), reply.scheduled_count);
    Ok(())
}
