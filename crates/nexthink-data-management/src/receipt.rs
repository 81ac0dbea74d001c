//! What the service answered to one request.

use crate::device::Device;

/// The service's reply to one request: one outcome per device.
pub type Receipt = fleetpurge_http::receipt::Receipt<Device>;
