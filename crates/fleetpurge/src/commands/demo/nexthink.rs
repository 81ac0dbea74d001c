//! The demo's Nexthink: an export with rows of every kind.

use std::fs;
use std::path::Path;

use fleetpurge_simulator::Simulator;
use secrecy::SecretString;

use super::stage::{Stage, apply_args, close, confirmation, failed, path, plan_args, say, tell_report, typed};
use crate::args::{Service, StatusFormat};
use crate::commands::{apply, plan};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::services::Credentials;
use crate::summary::Digests;

/// What the demo's export holds.
const GOOD: u32 = 1_150;
const MALFORMED: u32 = 40;
const REPEATED: u32 = 40;
const BLANK: u32 = 20;

pub(super) fn run(folder: &Path) -> Result<Exit, Failure> {
    let export = folder.join("devices.csv");
    fs::write(&export, device_list()?).map_err(|error| failed(&error))?;
    let stage = Stage::set(Simulator::builder())?;

    say(&format!(
        "1. An export of {} devices; {MALFORMED} uids are malformed, {REPEATED} rows repeat one, {BLANK} lack a uid or \
         a name.\n   {}",
        GOOD + MALFORMED + REPEATED + BLANK,
        export.display()
    ))?;
    let file = folder.join("demo.plan");
    let plan_args = plan_args(Service::Nexthink, &export, &file, stage.url());
    say("\n2. It becomes a plan, to be reviewed. Nothing is sent yet.\n")?;
    typed(&["plan", &path(&export), "--base-url", stage.url(), "--out", &path(&file)])?;
    let planned = plan::write(&plan_args, None)?;
    plan::show(&file, &planned, StatusFormat::Text)?;

    let confirmation = confirmation(&planned.summary);
    say("\n3. The plan is applied, to a simulated tenant within this process.\n")?;
    typed(&["apply", &path(&file), "--confirm", &confirmation])?;
    let exit = apply::execute(&apply_args(&file, confirmation), None, Digests::Short, |_| {
        let demo = nexthink_data_management::Credentials::client("demo", SecretString::from("demo"));
        Ok(Credentials::Nexthink(demo))
    })?;
    say(&format!(
        "\n   `apply` exits {}: {}.",
        exit.code(),
        match exit {
            Exit::SOME_BAD => "done, but the service reported the malformed uids as invalid",
            Exit::DONE => "every planned device is scheduled",
            _ => "not what this demo expects; see above",
        }
    ))?;

    say("\n4. The outcome of every device.\n")?;
    tell_report(&file, folder)?;
    close(stage, folder)?;
    match exit {
        Exit::SOME_BAD | Exit::DONE => Ok(Exit::DONE),
        other => Ok(other),
    }
}

/// The export: valid rows with a malformed, a repeated or a blank one among them now and then.
fn device_list() -> Result<Vec<u8>, Failure> {
    let mut rows: Vec<[String; 3]> = Vec::new();
    for number in 1..=GOOD {
        rows.push([uid(number), name(number), "2026-03-01".to_owned()]);
    }
    spread(&mut rows, MALFORMED, |number| {
        [
            uid(9_000 + number).replace('-', ""),
            format!("OLD-{number:04}"),
            String::new(),
        ]
    });
    spread(&mut rows, BLANK, |number| {
        let (uid, name) = if number % 2 == 0 {
            (String::new(), format!("NO-UID-{number}"))
        } else {
            (uid(8_000 + number), "  ".to_owned())
        };
        [uid, name, String::new()]
    });
    for number in 1..=REPEATED {
        rows.push([uid(number * 7), name(number * 7), "2026-03-02".to_owned()]);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = ["device.uid", "device.name", "device.last_seen"].map(str::to_owned);
    for row in std::iter::once(&header).chain(&rows) {
        writer.write_record(row).map_err(|error| failed(&error))?;
    }
    writer.into_inner().map_err(|error| failed(&error.into_error()))
}

fn spread(rows: &mut Vec<[String; 3]>, count: u32, row: impl Fn(u32) -> [String; 3]) {
    for number in 1..=count {
        let at = rows.len() * number as usize / (count as usize + 1);
        rows.insert(at, row(number));
    }
}

fn uid(number: u32) -> String {
    format!("{:08x}-5eed-4000-8000-{number:012x}", number.wrapping_mul(0x9e37_79b9))
}

fn name(number: u32) -> String {
    match number % 100 {
        13 => format!("Zoë's laptop, {number}"),
        42 => format!("the \"big\" one {number}"),
        _ => format!("PC-{number:05}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_export_has_1250_rows() {
        let list = String::from_utf8(device_list().unwrap()).unwrap();
        assert_eq!(list.lines().count(), 1 + 1250);
    }
}
