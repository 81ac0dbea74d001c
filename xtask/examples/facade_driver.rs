//! Drives the facade for `cargo xtask contract`; contract/PROTOCOL.md says how it is spoken to.
//!
//! An example, because the facade is then built for the contract tests alone, and not for `cargo xtask regen`.

use std::io::{BufRead, Write, stdin, stdout};

use anyhow::Context;
use nexthink_data_management::{Client, Credentials, Device, Endpoints, Error, Receipt};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Asked {
    devices: Vec<(String, String)>,
    request_id: Option<uuid::Uuid>,
}

fn main() -> anyhow::Result<()> {
    let url = std::env::args().nth(1).context("the base URL is missing")?;
    let credentials = match std::env::var("DRIVER_TOKEN") {
        Ok(token) => Credentials::token(token),
        Err(_) => Credentials::client("contract-id", "contract-secret"),
    };
    let client = Client::builder(Endpoints::at(&url, None)?, credentials).build()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for line in stdin().lock().lines() {
        let asked: Asked = serde_json::from_str(&line?)?;
        let devices: Vec<Device> = asked
            .devices
            .into_iter()
            .map(|(uid, name)| Device::new(uid, name))
            .collect();
        let mut deletion = client.delete_devices(&devices);
        if let Some(id) = asked.request_id {
            deletion = deletion.request_id(id);
        }
        let said = match runtime.block_on(deletion.into_future()) {
            Ok(receipt) => of_receipt(&receipt),
            Err(error) => of_error(&error),
        };
        writeln!(stdout(), "{said}")?;
    }
    Ok(())
}

fn of_receipt(receipt: &Receipt) -> Value {
    let statuses: Vec<_> = receipt.outcomes().iter().map(|outcome| outcome.kind.as_str()).collect();
    json!({ "statuses": statuses, "request_id": receipt.request_id(), "trace_id": receipt.trace_id() })
}

fn of_error(error: &Error) -> Value {
    json!({
        "kind": format!("{:?}", error.kind()),
        "applied": error.applied().as_str(),
        "status": error.status(),
        "code": error.code(),
        "message": error.to_string(),
        "request_id": error.request_id(),
        "trace_id": error.trace_id(),
    })
}
