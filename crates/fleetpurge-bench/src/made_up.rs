//! Devices that nobody has: the same for every contender.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use crate::api::Api;

#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    #[arg(long, value_enum, default_value_t = Api::Nexthink)]
    service: Api,
    /// How many
    count: u64,
    /// The list to write, as CSV
    file: PathBuf,
}

/// Writes a list of devices.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(&arguments.file)?);
    match arguments.service {
        Api::Nexthink => {
            writeln!(file, "uid,name")?;
            for n in 0..arguments.count {
                writeln!(file, "{},{}", uid(n), name(n))?;
            }
        }
        Api::Ubidots => {
            writeln!(file, "id")?;
            for n in 0..arguments.count {
                writeln!(file, "{}", id(n))?;
            }
        }
    }
    file.flush()?;
    Ok(())
}

/// In no order, as an export has them.
pub(crate) fn uid(n: u64) -> String {
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let high = mixed >> 32;
    format!("{high:08x}-{:04x}-4d3e-8f40-{n:012x}", mixed & 0xffff)
}

pub(crate) fn name(n: u64) -> String {
    format!("PC-{n:08}")
}

pub(crate) fn id(n: u64) -> String {
    format!("{:08x}{n:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32)
}

/// The bodies of requests that name these devices, as the generated clients write them.
pub(crate) fn body(service: Api, devices: std::ops::Range<u64>) -> String {
    let each = |n| match service {
        Api::Nexthink => format!(r#"{{"name":"{}","uid":"{}"}}"#, name(n), uid(n)),
        Api::Ubidots => format!(r#""{}""#, id(n)),
    };
    let all: Vec<String> = devices.map(each).collect();
    match service {
        Api::Nexthink => format!(r#"{{"devices":[{}]}}"#, all.join(",")),
        Api::Ubidots => format!("[{}]", all.join(",")),
    }
}
