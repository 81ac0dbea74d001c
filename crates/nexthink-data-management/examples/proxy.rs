//! A proxy that inspects TLS: its address and the certificate of its administrators' CA.
#![allow(clippy::print_stdout, reason = "what it is for")]

use nexthink_data_management::{Client, Credentials, Device, Endpoints};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoints = Endpoints::at(&std::env::var("NEXTHINK_BASE_URL")?, None)?;
    let client = Client::builder(endpoints, Credentials::from_env()?)
        .proxy(std::env::var("PROXY")?)
        .root_certificates_pem(std::fs::read(std::env::var("CA_FILE")?)?)
        .user_agent_suffix("fleet-cleanup/2.1")
        .build()?;

    let devices = [Device::new("a36f0a3c-9e2b-4b6f-8a57-000000000001", "PC-1")];
    println!("{}", client.delete_devices(&devices).await?.outcomes()[0].kind);
    Ok(())
}
