//! The generated client in a bare loop.

use nexthink_data_management as nexthink;
use nexthink_data_management::raw::types::{DeviceDeletionRequest, DeviceEntry};
use ubidots_devices as ubidots;
use ubidots_devices::raw::types::{BulkOperation, DeviceId, DeviceKey, DeviceKeyList};
use uuid::Uuid;

use super::arguments::{Arguments, share_out};
use super::facade;
use crate::api::Api;
use crate::made_up;

pub(super) async fn send(arguments: &Arguments) -> anyhow::Result<u64> {
    let batch = arguments.service.batch();
    match arguments.service {
        Api::Nexthink => {
            let client: nexthink::Client = facade::nexthink(arguments)?;
            share_out(arguments, move |request| {
                let client = client.raw();
                async move {
                    let entry = |n| {
                        Ok(DeviceEntry {
                            uid: made_up::uid(n),
                            name: made_up::name(n).parse()?,
                        })
                    };
                    let devices = (request * batch..(request + 1) * batch)
                        .map(entry)
                        .collect::<anyhow::Result<_>>()?;
                    let call = client.delete_devices().x_request_id(Uuid::new_v4());
                    let reply = call.body(DeviceDeletionRequest { devices }).send().await?;
                    let scheduled = |status: Option<&str>| status == Some("SCHEDULED");
                    let accepted = reply
                        .devices
                        .iter()
                        .filter(|device| scheduled(device.status.as_deref()));
                    Ok(accepted.count() as u64)
                }
            })
            .await
        }
        Api::Ubidots => {
            let client: ubidots::Client = facade::ubidots(arguments)?;
            share_out(arguments, move |request| {
                let client = client.raw();
                async move {
                    let key = |n| Ok(DeviceKey::Id(made_up::id(n).parse::<DeviceId>()?));
                    let keys = (request * batch..(request + 1) * batch)
                        .map(key)
                        .collect::<anyhow::Result<_>>()?;
                    let call = client.bulk_delete_devices().x_bulk_operation(BulkOperation::True);
                    let reply = call.body(DeviceKeyList(keys)).send().await?;
                    anyhow::ensure!(!reply.task.id.is_empty(), "no task");
                    Ok(batch)
                }
            })
            .await
        }
    }
}
