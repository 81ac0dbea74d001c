//! The three ways to handle a malformed UID: the service judges it, with or without a warning in the log, or it is refused
//! before anything is sent.
#![allow(clippy::print_stdout, reason = "what it is for")]

use nexthink_data_management::{Client, Credentials, Device, Endpoints, ErrorKind, UidValidation};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoints = Endpoints::at(&std::env::var("NEXTHINK_BASE_URL")?, None)?;
    let client = Client::builder(endpoints, Credentials::from_env()?)
        .uid_validation(UidValidation::Strict)
        .build()?;

    let malformed = [Device::new("PC-1's uid", "PC-1")];
    let refused = client.delete_devices(&malformed).await.expect_err("nothing was sent");
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);

    for mode in [UidValidation::Warn, UidValidation::Permissive] {
        let receipt = client.delete_devices(&malformed).uid_validation(mode).await?;
        println!("{mode}: {}", receipt.outcomes()[0].kind);
    }
    Ok(())
}
