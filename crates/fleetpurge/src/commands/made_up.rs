//! Made-up Ubidots devices, for rehearsals and the demo.

use fleetpurge_simulator::{UbidotsDevice, UbidotsVariable};

/// 2026-10-01, in Unix milliseconds: the last activity of the devices that are in use.
const LATELY: i64 = 1_790_812_800_000;
const DAY: i64 = 86_400_000;

/// An account of so many devices. One in ten is in use; one in seven of the others never sent anything; the others are
/// long silent. Each has two variables with a few values.
pub(crate) fn account(devices: u32) -> impl Iterator<Item = UbidotsDevice> {
    (1..=devices).map(device)
}

/// The id of a made-up device, by its number from 1.
fn id(number: u32) -> String {
    format!("{number:024x}")
}

/// Its label.
fn label(number: u32) -> String {
    format!("device-{number}")
}

/// Whether it is in use.
const fn is_in_use(number: u32) -> bool {
    number.is_multiple_of(10)
}

fn device(number: u32) -> UbidotsDevice {
    let device = UbidotsDevice::new(id(number), label(number))
        .name(format!("Sensor {number}"))
        .tag(if number.is_multiple_of(2) { "north" } else { "south" });
    let last = match number {
        _ if is_in_use(number) => LATELY,
        _ if number.is_multiple_of(7) => return device,
        _ => LATELY - i64::from(200 + number % 700) * DAY,
    };
    let values = |mut variable: UbidotsVariable| {
        for hour in (0..4_i32).rev() {
            variable = variable.value(last - i64::from(hour) * 3_600_000, f64::from(20 + hour));
        }
        variable
    };
    let variable = |offset: u32, label: &str| {
        values(UbidotsVariable::new(
            format!("{:024x}", (1_u64 << 40) + u64::from(number * 2 + offset)),
            label,
        ))
    };
    device
        .last_activity(last)
        .variable(variable(0, "temperature"))
        .variable(variable(1, "humidity"))
}
