//! What requests to Ubidots are made of.

use fleetpurge_simulator::Simulator;
use serde_json::Value;

use super::{JSON, Reply, ask, request};

pub const X: &str = "6e309da44fc8455a9cceb5aa";
pub const Y: &str = "6e309da44fc8455a9cceb5ab";
pub const Z: &str = "6e309da44fc8455a9cceb5ac";
pub const BULK_DELETE: &str = "/api/v2.0/devices/_/bulk/delete/";
pub const DEVICES: &str = "/api/v2.0/devices/";
pub const AUTH: (&str, &str) = ("X-Auth-Token", "test");
pub const BULK: (&str, &str) = ("X-Bulk-Operation", "True");

/// A bulk deletion with all that belongs to it.
pub fn bulk_deletion(keys: &Value) -> Vec<u8> {
    request("POST", BULK_DELETE, &[AUTH, BULK, JSON], &keys.to_string())
}

/// One such request over a connection of its own.
pub async fn bulk_delete(simulator: &Simulator, keys: &Value) -> Reply {
    ask(simulator, &bulk_deletion(keys)).await
}

/// A `GET` with the token.
pub async fn get(simulator: &Simulator, path: &str) -> Reply {
    ask(simulator, &request("GET", path, &[AUTH], "")).await
}
