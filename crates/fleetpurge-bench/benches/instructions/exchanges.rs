//! One request for a batch: its body is written, the reply is read, and every device is matched with its entry.

use std::future::ready;
use std::hint::black_box;

use gungraun::prelude::*;
use nexthink_data_management as nexthink;
use nexthink_data_management::transport::http::{Request, Response};
use nexthink_data_management::transport::{Bytes, HeldBody, Sent, Transport, TransportError};
use tokio::runtime::Runtime;
use ubidots_devices as ubidots;

use crate::runtime::runtime;

const BATCH: u32 = 100;

/// Gives every request the same reply.
#[derive(Clone)]
struct Canned {
    status: u16,
    body: Bytes,
}

impl Transport for Canned {
    fn send(
        &self,
        request: Request<Bytes>,
        sent: Sent,
    ) -> impl Future<Output = Result<Response<Bytes>, TransportError>> + Send {
        black_box(sent.guard(request).map(HeldBody::take));
        let reply = Response::builder()
            .status(self.status)
            .header("content-type", "application/json")
            .body(self.body.clone());
        ready(reply.map_err(TransportError::new))
    }
}

struct Nexthink(Runtime, nexthink::Client, Vec<nexthink::Device>);

impl Nexthink {
    fn new() -> Self {
        let uid = |n: u32| format!("{n:08x}-7d1c-4d3e-8f40-{n:012x}");
        let name = |n: u32| format!("PC-{n:08}");
        let entry = |n| serde_json::json!({"uid": uid(n), "name": name(n), "status": "SCHEDULED"});
        let entries: Vec<_> = (0..BATCH).map(entry).collect();
        let body = serde_json::json!({"status": "ACCEPTED", "scheduledCount": BATCH, "devices": entries});
        let endpoints = nexthink::Endpoints::at("http://127.0.0.1:1", None).unwrap();
        let client = nexthink::Client::builder(endpoints, nexthink::Credentials::token("bench"))
            .transport(Canned {
                status: 202,
                body: body.to_string().into(),
            })
            .build()
            .unwrap();
        let devices = (0..BATCH).map(|n| nexthink::Device::new(uid(n), name(n))).collect();
        let all = Self(runtime(), client, devices);
        // What is made once is made.
        assert_eq!(all.delete(), 100);
        all
    }

    fn delete(&self) -> usize {
        let receipt = self.0.block_on(async { self.1.delete_devices(&self.2).await });
        receipt.unwrap().scheduled()
    }
}

struct Ubidots(Runtime, ubidots::Client, Vec<ubidots::DeviceKey>);

impl Ubidots {
    fn new() -> Self {
        let account = ubidots::Account::at("http://127.0.0.1:1").unwrap();
        let client = ubidots::Client::builder(account, ubidots::Credentials::token("bench"))
            .transport(Canned {
                status: 200,
                body: Bytes::from_static(br#"{"task":{"id":"6748a1b2c3d4e5f601234567"}}"#),
            })
            .build()
            .unwrap();
        let key = |n| ubidots::DeviceId::new(format!("{n:024x}")).unwrap().into();
        let all = Self(runtime(), client, (0..BATCH).map(key).collect());
        assert_eq!(all.delete(), 100);
        all
    }

    fn delete(&self) -> usize {
        let receipt = self.0.block_on(async { self.1.delete_devices(&self.2).await });
        receipt.unwrap().scheduled()
    }
}

#[library_benchmark]
#[bench::of_100_devices(Nexthink::new())]
fn nexthink_exchange(all: Nexthink) -> (usize, Nexthink) {
    (black_box(all.delete()), all)
}

#[library_benchmark]
#[bench::of_100_devices(Ubidots::new())]
fn ubidots_exchange(all: Ubidots) -> (usize, Ubidots) {
    (black_box(all.delete()), all)
}

library_benchmark_group!(name = all_exchanges, benchmarks = [nexthink_exchange, ubidots_exchange]);
