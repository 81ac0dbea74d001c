//! A program's own logic, tested without a socket. Needs the feature `test-util`.
#![allow(clippy::print_stdout, reason = "what it is for")]

use nexthink_data_management::{BulkOptions, Client, Device, Error, ErrorKind, OutcomeKind, Receipt};

/// The logic to be tested: who has to be looked at by a person?
async fn doubtful(client: &Client, devices: Vec<Device>) -> Vec<String> {
    let report = client.delete_all(devices, &BulkOptions::default()).await;
    let doubtful = report
        .devices
        .into_iter()
        .filter(|of| of.outcome.kind == OutcomeKind::Unknown);
    doubtful.map(|of| of.device.name).collect()
}

#[tokio::main]
async fn main() {
    let devices = || vec![Device::new("uid-1", "PC-1"), Device::new("uid-2", "PC-2")];

    let forgets_one = Client::fake(|devices| Ok(Receipt::fake([(devices[0].clone(), OutcomeKind::Scheduled)])));
    assert_eq!(doubtful(&forgets_one, devices()).await, ["PC-2"]);

    let hangs_up = Client::fake(|_| Err(Error::fake(ErrorKind::NoReply)));
    assert_eq!(doubtful(&hangs_up, devices()).await, ["PC-1", "PC-2"]);
    println!("both hold");
}
