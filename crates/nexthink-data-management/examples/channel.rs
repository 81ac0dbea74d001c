//! Five thousand devices from a channel, with progress, stopped after the first thousand outcomes.
#![allow(clippy::print_stdout, reason = "what it is for")]

use futures_util::{StreamExt, stream};
use nexthink_data_management::{BulkOptions, Client, Credentials, Device, Endpoints, OutcomeKind, StopHandle};
use tokio::sync::mpsc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let endpoints = Endpoints::at(&std::env::var("NEXTHINK_BASE_URL")?, None)?;
    let client = Client::builder(endpoints, Credentials::from_env()?).build()?;

    let (sender, mut devices) = mpsc::channel(200);
    tokio::spawn(async move {
        for n in 0..5_000 {
            let device = Device::new(format!("a36f0a3c-9e2b-4b6f-8a57-{n:012x}"), format!("PC-{n}"));
            if sender.send(device).await.is_err() {
                break;
            }
        }
    });

    let stop = StopHandle::new();
    let options = BulkOptions::default().stop(stop.clone());
    let mut outcomes = client.delete_stream(stream::poll_fn(move |cx| devices.poll_recv(cx)), &options);
    let (mut scheduled, mut all) = (0, 0);
    while let Some(of) = outcomes.next().await {
        all += 1;
        scheduled += u32::from(of.outcome.kind == OutcomeKind::Scheduled);
        if all % 500 == 0 {
            println!("{all} outcomes, {scheduled} scheduled");
        }
        if all == 1_000 {
            // Requests in flight are finished; every other device is reported as pending.
            stop.stop();
        }
    }
    println!(
        "end: {all} outcomes, {}",
        outcomes.stopped().map(ToString::to_string).unwrap_or_default()
    );
    Ok(())
}
