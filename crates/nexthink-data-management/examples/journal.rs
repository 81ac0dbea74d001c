//! A journal: what was sent is on disk before it is sent. Needs the feature `serde`.
#![allow(clippy::print_stdout, reason = "what it is for")]

use std::fs::File;
use std::io::Write;
use std::sync::Mutex;

use nexthink_data_management::{
    Begun, BulkOptions, Client, Conclusion, Credentials, Device, Endpoints, Intent, Journal, JournalError, Settlement,
};
use serde_json::{Value, json};

/// A line of JSON for each record, on disk before the run goes on.
struct Lines(Mutex<File>);

impl Lines {
    fn write(&self, record: &Value) -> Result<(), JournalError> {
        let mut file = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let written = writeln!(file, "{record}").and_then(|()| file.sync_data());
        written.map_err(|error| JournalError(error.into()))
    }
}

impl Journal for Lines {
    async fn begin(&self, intent: Intent) -> Result<Begun, JournalError> {
        self.write(&json!({"intent": intent})).map(|()| Begun::alone())
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError> {
        self.write(&json!({"settlement": settlement}))
    }

    async fn conclude(&self, conclusions: Vec<Conclusion>) -> Result<(), JournalError> {
        self.write(&json!({"conclusions": conclusions}))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoints = Endpoints::at(&std::env::var("NEXTHINK_BASE_URL")?, None)?;
    let client = Client::builder(endpoints, Credentials::from_env()?).build()?;
    let journal = Lines(Mutex::new(File::create_new(std::env::var("JOURNAL")?)?));

    let devices = (0..150).map(|n| Device::new(format!("a36f0a3c-9e2b-4b6f-8a57-{n:012x}"), format!("PC-{n}")));
    let devices = futures_util::stream::iter(devices);
    let report = client
        .delete_stream(devices, &BulkOptions::default())
        .journal(journal)
        .collect_report()
        .await;
    println!("{} scheduled", report.scheduled());
    Ok(())
}
