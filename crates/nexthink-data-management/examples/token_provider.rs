//! Tokens from elsewhere: here a file that another program renews.
#![allow(clippy::print_stdout, reason = "what it is for")]

use std::path::PathBuf;
use std::time::Duration;

use nexthink_data_management::{AccessToken, Client, Credentials, Device, Endpoints, ProviderError, TokenProvider};

struct TokenFile(PathBuf);

impl TokenProvider for TokenFile {
    async fn token(&self) -> Result<AccessToken, ProviderError> {
        let text = tokio::fs::read_to_string(&self.0).await?;
        Ok(AccessToken::new(text.trim()).expires_in(Duration::from_secs(300)))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoints = Endpoints::at(&std::env::var("NEXTHINK_BASE_URL")?, None)?;
    let file = TokenFile(std::env::var_os("TOKEN_FILE").ok_or("TOKEN_FILE is not set")?.into());
    let client = Client::builder(endpoints, Credentials::provider(file)).build()?;

    let devices = [Device::new("a36f0a3c-9e2b-4b6f-8a57-000000000001", "PC-1")];
    println!("{}", client.delete_devices(&devices).await?.outcomes()[0].kind);
    Ok(())
}
