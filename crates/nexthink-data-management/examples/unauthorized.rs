//! An error, and what a program can ask of it: here a token that the service refuses (401).
#![allow(clippy::print_stdout, reason = "what it is for")]

use nexthink_data_management::{Applied, Client, Credentials, Device, Endpoints};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoints = Endpoints::at(&std::env::var("NEXTHINK_BASE_URL")?, None)?;
    let client = Client::builder(endpoints, Credentials::token("expired")).build()?;

    let devices = [Device::new("a36f0a3c-9e2b-4b6f-8a57-000000000001", "PC-1")];
    match client.delete_devices(&devices).await {
        Ok(_) => println!("accepted"),
        Err(error) if error.is_unauthorized() => {
            assert_eq!((error.status(), error.applied()), (Some(401), Applied::No));
            println!("log in again: {error}");
        }
        Err(error) if error.is_safe_to_retry() => println!("try again later: {error}"),
        Err(error) if error.applied() == Applied::No => println!("nothing was deleted: {error}"),
        Err(error) => println!("the device may be deleted: {error} ({:?})", error.request_id()),
    }
    Ok(())
}
