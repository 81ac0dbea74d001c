//! Ids of one's own that travel with each device, such as the row of a database. The service does not see them.
#![allow(clippy::print_stdout, reason = "what it is for")]

use futures_util::{StreamExt, stream};
use nexthink_data_management::{BulkOptions, Client, Credentials, Device, Endpoints};

struct Row {
    asset: u32,
    owner: &'static str,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoints = Endpoints::at(&std::env::var("NEXTHINK_BASE_URL")?, None)?;
    let client = Client::builder(endpoints, Credentials::from_env()?).build()?;

    let rows = [
        (
            Row {
                asset: 4711,
                owner: "Sales",
            },
            1,
        ),
        (
            Row {
                asset: 4712,
                owner: "Support",
            },
            2,
        ),
    ];
    let rows = rows.map(|(row, n)| {
        (
            row,
            Device::new(format!("a36f0a3c-9e2b-4b6f-8a57-{n:012x}"), format!("PC-{n}")),
        )
    });
    let mut outcomes = client.delete_stream(stream::iter(rows), &BulkOptions::default());
    while let Some(of) = outcomes.next().await {
        println!("{} ({}): {}", of.data.asset, of.data.owner, of.outcome.kind);
    }
    Ok(())
}
