//! The facade, without a journal.

use std::num::NonZeroUsize;

use anyhow::Context;
use futures_util::{StreamExt, stream};
use nexthink_data_management as nexthink;
use ubidots_devices as ubidots;

use super::arguments::{Arguments, pem};
use crate::api::Api;
use crate::made_up;

pub(super) async fn send(arguments: &Arguments) -> anyhow::Result<u64> {
    let concurrency = NonZeroUsize::new(arguments.concurrency).context("--concurrency is 0")?;
    let devices = 0..arguments.devices();
    let mut accepted = 0;
    match arguments.service {
        Api::Nexthink => {
            let devices = stream::iter(devices.map(|n| nexthink::Device::new(made_up::uid(n), made_up::name(n))));
            let options = nexthink::BulkOptions::default().concurrency(concurrency);
            let mut outcomes = nexthink(arguments)?.delete_stream(devices, &options);
            while let Some(device) = outcomes.next().await {
                accepted += u64::from(device.outcome.kind == nexthink::OutcomeKind::Scheduled);
            }
        }
        Api::Ubidots => {
            let devices = stream::iter(devices.map(|n| ubidots::DeviceId::new(made_up::id(n))));
            let options = ubidots::BulkOptions::default().concurrency(concurrency);
            let mut outcomes = ubidots(arguments)?.delete_stream(devices, &options);
            while let Some(device) = outcomes.next().await {
                accepted += u64::from(device.outcome.kind == ubidots::OutcomeKind::Scheduled);
            }
        }
    }
    Ok(accepted)
}

pub(super) fn nexthink(arguments: &Arguments) -> anyhow::Result<nexthink::Client> {
    let endpoints = nexthink::Endpoints::at(&arguments.url, None)?;
    let mut builder = nexthink::Client::builder(endpoints, nexthink::Credentials::token("bench")).no_proxy();
    if let Some(pem) = pem(arguments.ca.as_deref())? {
        builder = builder.root_certificates_pem(pem);
    }
    Ok(builder.build()?)
}

pub(super) fn ubidots(arguments: &Arguments) -> anyhow::Result<ubidots::Client> {
    let account = ubidots::Account::at(&arguments.url)?;
    let mut builder = ubidots::Client::builder(account, ubidots::Credentials::token("bench")).no_proxy();
    if let Some(pem) = pem(arguments.ca.as_deref())? {
        builder = builder.root_certificates_pem(pem);
    }
    Ok(builder.build()?)
}
