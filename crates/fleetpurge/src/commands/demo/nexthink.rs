//! The demo's Nexthink: a saved query whose result has rows of every kind.

use std::fs;
use std::path::Path;
use std::time::Duration;

use fleetpurge_simulator::{SavedQuery, Simulator};
use secrecy::SecretString;

use super::stage::{
    Stage, apply_args, close, confirmation, failed, path, plan_args, say, tell_report, typed, verify_args,
};
use crate::args::{BrakeArgs, PlanArgs, QueryArgs, Service, StatusFormat, VerifyArgs};
use crate::commands::{apply, plan, verify};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::services::Credentials;
use crate::summary::Digests;

/// What the demo's query lists.
const GOOD: u32 = 1_150;
const MALFORMED: u32 = 40;
const REPEATED: u32 = 40;
const BLANK: u32 = 20;
/// How many devices are not listed, and stay.
const STAYING: u32 = 2_345;
const STALE: &str = "#stale_devices";
const ALL: &str = "#all_devices";

pub(super) fn run(folder: &Path) -> Result<Exit, Failure> {
    let result = String::from_utf8(device_list()?).map_err(|error| failed(&error))?;
    let list = folder.join("devices.csv");
    fs::write(&list, &result).map_err(|error| failed(&error))?;
    // The devices whose rows are not sent for want of a name are there, too: so a list of them all shares devices with the plan.
    let others = (10_001..=10_000 + STAYING - BLANK / 2).chain((8_001..8_000 + BLANK).step_by(2));
    let inventory = (1..=GOOD).chain(others).map(|number| (uid(number), name(number)));
    let stage = Stage::set(
        Simulator::builder()
            .inventory(inventory)
            .removal_delay(Duration::ZERO)
            .saved_query(STALE, SavedQuery::fixed(result))
            .saved_query(ALL, SavedQuery::all()),
    )?;

    say(&format!(
        "1. The saved query {STALE} lists {} devices; {MALFORMED} uids are malformed, {REPEATED} rows repeat one, {BLANK} lack \
         a uid or a name. `select` would write them to a file such as {}",
        GOOD + MALFORMED + REPEATED + BLANK,
        list.display()
    ))?;
    let file = folder.join("demo.plan");
    let plan_args = PlanArgs {
        query: query_args(STALE)?,
        brake: BrakeArgs {
            expect: Some(1_000..=1_500),
            ..BrakeArgs::default()
        },
        ..plan_args(Service::Nexthink, Vec::new(), &file, stage.url())
    };
    say("\n2. The result becomes a plan, to be reviewed. Nothing is deleted yet.\n")?;
    typed(&[
        "plan",
        "--query",
        STALE,
        "--expect",
        "1000..1500",
        "--base-url",
        stage.url(),
        "--out",
        &path(&file),
    ])?;
    let planned = plan::write(&plan_args, None, |_| Ok(demo()))?;
    plan::show(&file, &planned, StatusFormat::Text)?;

    let confirmation = confirmation(&planned.summary);
    say("\n3. The plan is applied, to a simulated tenant within this process.\n")?;
    typed(&["apply", &path(&file), "--confirm", &confirmation])?;
    let exit = apply::execute(&apply_args(&file, confirmation), None, Digests::Short, |_| {
        Ok(Credentials::Nexthink(demo()))
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

    say(&format!(
        "\n4. A scheduled device is not yet a deleted one. The query {ALL} lists every device that is there.\n"
    ))?;
    typed(&["verify", &path(&file), "--query", ALL])?;
    stage
        .runtime
        .block_on(stage.simulator.wait_until_left(STAYING as usize));
    let verify_args = VerifyArgs {
        query: query_args(ALL)?,
        ..verify_args(&file)
    };
    let verified = verify::execute(&verify_args, |_| Ok(Credentials::Nexthink(demo())))?;
    say(&format!(
        "\n   `verify` exits {}; {STAYING} devices are left in the inventory.",
        verified.code()
    ))?;

    say("\n5. The outcome of every device, and what was seen of it since.\n")?;
    tell_report(&file, folder)?;
    close(stage, folder)?;
    if verified != Exit::DONE {
        return Ok(verified);
    }
    match exit {
        Exit::SOME_BAD | Exit::DONE => Ok(Exit::DONE),
        other => Ok(other),
    }
}

fn demo() -> nexthink_data_management::Credentials {
    nexthink_data_management::Credentials::client("demo", SecretString::from("demo"))
}

fn query_args(id: &str) -> Result<QueryArgs, Failure> {
    Ok(QueryArgs {
        query: Some(id.parse().map_err(|error: nexthink_nql::Error| failed(&error))?),
        ..QueryArgs::default()
    })
}

/// The result: valid rows with a malformed, a repeated or a blank one among them now and then.
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
