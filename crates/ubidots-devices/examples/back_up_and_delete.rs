//! Deletes the devices whose label begins with the first argument. Before that, it saves each of them to the new file of
//! the second argument, with its variables and their values: a line `[DEVICE, [[VARIABLE, [VALUE, ..]], ..]]` in JSON. Prints
//! what became of each device. Takes `UBIDOTS_BASE_URL` and `UBIDOTS_TOKEN` from the environment.
//!
//! `fleetpurge backup` does more: it checks what it saved, resumes, and compresses.
#![allow(clippy::print_stdout, reason = "what it is for")]

use std::env::{args, var};
use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::num::NonZeroU64;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use ubidots_devices::variables::{Values, Variable};
use ubidots_devices::{Account, BulkOptions, Client, Credentials, Device, Filter, RawJson, task_id};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [_, prefix, path] = <[String; 3]>::try_from(args().collect::<Vec<_>>()).map_err(|_| "give PREFIX and FILE")?;
    let account = Account::at(&var("UBIDOTS_BASE_URL")?)?;
    let client = Client::builder(account, Credentials::token(var("UBIDOTS_TOKEN")?.into())).build()?;

    // All of the list before the first deletion, and an error if it is not whole.
    let filter = Filter::default().label_prefix(prefix);
    let devices: Vec<Device> = client.devices(filter).try_collect().await?;

    // Nothing is deleted before all of it is on the disk, and an older backup is never replaced.
    let mut file = File::create_new(path)?;
    for listed in &devices {
        let device = client.device(&listed.id.clone().into()).await?;
        let device = device.ok_or("a device has gone meanwhile, nothing was sent")?;
        let mut variables = Vec::new();
        for variable in client.variables(&device.id).await? {
            let values = values(&client, &variable).await?;
            variables.push((variable.json, values));
        }
        // The service's own line breaks, which JSON has only between values.
        let line = serde_json::to_string(&(device.json, variables))?.replace(['\n', '\r'], " ");
        writeln!(file, "{line}")?;
    }
    file.sync_all()?;

    let ids = stream::iter(devices).map(|device| device.id);
    let mut outcomes = client.delete_stream(ids, &BulkOptions::default());
    while let Some(of) = outcomes.next().await {
        let task = task_id(&of.outcome).unwrap_or("-");
        println!("{}\t{}\t{task}", of.device, of.outcome.kind);
    }
    match outcomes.stopped() {
        Some(reason) => Err(format!("stopped early, the pending devices can be sent again: {reason}").into()),
        None => Ok(()),
    }
}

/// All values of a variable. Those that come meanwhile shift no page: each is asked for up to the same moment.
async fn values(client: &Client, variable: &Variable) -> Result<Vec<RawJson>, Box<dyn Error>> {
    let now = Timestamp::now();
    let until = variable.last.map_or(now, |last| last.max(now));
    let (mut all, mut before, mut page) = (Vec::new(), None::<Values>, NonZeroU64::MIN);
    loop {
        let values = client.values(&variable.id, until, page).await?;
        // A server may answer with its last page for every page beyond; one that was announced is none such.
        match before.as_ref().filter(|before| before.values == values.values) {
            Some(before) if before.is_announced => return Err("a page of values came twice".into()),
            Some(_) => return Ok(all),
            None => all.extend_from_slice(&values.values),
        }
        if !values.goes_on(before.as_ref()) {
            return Ok(all);
        }
        page = page.saturating_add(1);
        before = Some(values);
    }
}
