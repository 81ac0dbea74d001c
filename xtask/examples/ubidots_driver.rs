//! Drives the facade of Ubidots for `cargo xtask contract`; contract/PROTOCOL.md says how it is spoken to.

use std::io::{BufRead, Write, stdin, stdout};
use std::num::NonZeroU64;

use anyhow::Context;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use ubidots_devices::{Account, Client, Credentials, Device, DeviceKey, Error, Filter, Rate};

/// The simulator keeps any pace.
const RATE: Rate = Rate::MOST;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Asked {
    Delete(Vec<String>),
    List(Meant),
    Device(String),
    Variables(String),
    Values(String),
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Meant {
    label_prefix: Option<String>,
    tags: Vec<String>,
    /// Unix milliseconds.
    inactive_since: Option<i64>,
    never_active: bool,
}

fn main() -> anyhow::Result<()> {
    let url = std::env::args().nth(1).context("the base URL is missing")?;
    let credentials = Credentials::api_key("contract-key");
    let client = Client::builder(Account::at(&url)?, credentials)
        .read_rate(RATE)
        .build()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for line in stdin().lock().lines() {
        let asked = serde_json::from_str(&line?)?;
        let said = runtime
            .block_on(answer(&client, asked))
            .unwrap_or_else(|error| of_error(&error));
        writeln!(stdout(), "{said}")?;
    }
    Ok(())
}

async fn answer(client: &Client, asked: Asked) -> Result<Value, Error> {
    Ok(match asked {
        Asked::Delete(keys) => {
            let keys = keys
                .iter()
                .map(|key| key.parse())
                .collect::<Result<Vec<DeviceKey>, _>>()?;
            let receipt = client.delete_devices(&keys).await?;
            json!({ "task_id": receipt.task_id(), "status": receipt.status() })
        }
        Asked::List(meant) => {
            let mut filter = Filter::default();
            filter.label_prefix = meant.label_prefix;
            filter.tags = meant.tags;
            filter.inactive_since = meant.inactive_since.and_then(|at| Timestamp::from_millisecond(at).ok());
            filter.never_active = meant.never_active;
            // The protocol's way to ask for every device is to name no condition.
            if filter == Filter::default() {
                filter = Filter::all();
            }
            let mut listing = client.devices(filter);
            let mut ids = Vec::new();
            while let Some(page) = listing.next_page().await? {
                ids.extend(page.iter().map(|device| device.id.to_string()));
            }
            json!({ "ids": ids, "filter_was_ignored": listing.filter_was_ignored() })
        }
        Asked::Device(key) => {
            let device = client.device(&key.parse()?).await?;
            json!({ "device": device.as_ref().map(of_device) })
        }
        Asked::Variables(id) => {
            let variables = client.variables(&id.parse()?).await?;
            let ids: Vec<&str> = variables.iter().map(|variable| &*variable.id).collect();
            json!({ "variables": ids })
        }
        Asked::Values(variable) => {
            let values = client.values(&variable, Timestamp::now(), NonZeroU64::MIN).await?;
            json!({ "values": values.values, "has_next": values.has_next })
        }
    })
}

fn of_device(device: &Device) -> Value {
    json!({ "id": device.id.to_string(), "label": device.label })
}

fn of_error(error: &Error) -> Value {
    json!({
        "kind": format!("{:?}", error.kind()),
        "applied": error.applied().as_str(),
        "status": error.status(),
        "code": error.code(),
        "message": error.to_string(),
    })
}
