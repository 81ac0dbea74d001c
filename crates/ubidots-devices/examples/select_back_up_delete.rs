//! Selects the devices whose label begins with a text, backs them up to a file of JSON lines, and deletes exactly these.
//! Takes `UBIDOTS_BASE_URL`, `UBIDOTS_TOKEN` or `UBIDOTS_API_KEY`, `LABEL_PREFIX` and `BACKUP` from the environment.
#![allow(clippy::print_stdout, reason = "what it is for")]

use std::env::var;
use std::fs::File;
use std::io::Write;

use futures_util::{StreamExt, TryStreamExt, stream};
use ubidots_devices::{Account, BulkOptions, Client, Credentials, Filter, task_id};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let account = Account::at(&var("UBIDOTS_BASE_URL")?)?;
    let client = Client::builder(account, Credentials::from_env()?).build()?;

    // Complete, or an error: a list that ends early is not used.
    let mut listing = client.devices(Filter::default().label_prefix(var("LABEL_PREFIX")?));
    let devices: Vec<_> = listing.stream().try_collect().await?;

    // The backup is on disk before the first deletion. It has all that the service says of a device, without its values.
    let mut backup = File::create_new(var("BACKUP")?)?;
    for device in &devices {
        let whole = client.device(&device.id.clone().into()).await?;
        let whole = whole.ok_or_else(|| format!("{} is gone; nothing was deleted", device.id))?;
        writeln!(backup, "{}", whole.json.as_str().replace('\n', " "))?;
    }
    backup.sync_all()?;

    let ids: Vec<_> = devices.into_iter().map(|device| device.id).collect();
    let mut outcomes = client.delete_stream(stream::iter(ids), &BulkOptions::default());
    while let Some(of) = outcomes.next().await {
        println!(
            "{}\t{}\t{}",
            of.device,
            of.outcome.kind,
            task_id(&of.outcome).unwrap_or("-")
        );
    }
    match outcomes.stopped() {
        Some(reason) => Err(format!("stopped early: {reason}").into()),
        None => Ok(()),
    }
}
