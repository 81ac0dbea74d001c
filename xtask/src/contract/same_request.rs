//! Do the package nexthink-api and the facade send the same request for the same devices?

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::bench::Bench;
use super::driver::Driver;
use super::fleet::{Device, devices, odd_names};
use super::relay::{Exchange, Relay};
use super::simulate::Simulate;

const REQUEST_ID: &str = "0af76519-16cd-43dd-8448-eb211c80319c";

/// Lists of devices on which two clients could differ.
fn lists() -> Vec<Vec<Device>> {
    let mut names = odd_names();
    // No device list in a file can hold it; a program can.
    names.push("nul\u{0}".to_owned());
    let mut odd = devices("odd", 0, names.len());
    for (device, name) in odd.iter_mut().zip(names) {
        device.1 = name;
    }
    let mut spellings = devices("spelling", 100, 6);
    spellings[0].0 = spellings[0].0.to_uppercase();
    spellings[1].0 = format!("{{{}}}", spellings[1].0);
    spellings[2].0 = format!("urn:uuid:{}", spellings[2].0);
    spellings[3].0 = spellings[3].0.replace('-', "");
    spellings[4].0 = format!(" {} ", spellings[4].0);
    spellings[5].0 = "no uuid at all, \u{e9}\u{1f4bb}".to_owned();
    vec![devices("one", 0, 1), odd, spellings, devices("many", 1_000, 100)]
}

pub(super) fn ask(bench: &Bench) -> anyhow::Result<String> {
    let simulator = Simulate::start(bench, &json!([]), &[])?;
    let relay = Relay::to(&simulator.url)?;
    let lists = lists();
    let of_facade = exchanges(&relay, Driver::of_facade(bench, &relay.url)?, &lists)?;
    let of_package = exchanges(&relay, Driver::of_nexthink_api(bench, &relay.url)?, &lists)?;
    // A token first, and a request for each list.
    ensure!(
        of_facade.len() == lists.len() + 1 && of_package.len() == of_facade.len(),
        "the facade has sent {} requests, the package {}",
        of_facade.len(),
        of_package.len()
    );
    let mut pairs = of_facade.iter().zip(&of_package);
    let (ours, theirs) = pairs.next().context("there is a request for a token")?;
    same_login(ours, theirs)?;
    let mut count = 0;
    for ((ours, theirs), devices) in pairs.zip(&lists) {
        same_deletion(ours, theirs, devices)?;
        count += devices.len();
    }
    Ok(format!(
        "{} requests for {count} devices, equal as JSON, with equal paths, content types and request ids; the request \
         for a token is equal, too",
        lists.len()
    ))
}

fn exchanges(relay: &Relay, mut client: Driver, lists: &[Vec<Device>]) -> anyhow::Result<Vec<Exchange>> {
    for devices in lists {
        let answer = client.delete(devices, Some(REQUEST_ID))?;
        ensure!(
            answer["statuses"].as_array().map(Vec::len) == Some(devices.len()),
            "{} devices were answered with {answer}",
            devices.len()
        );
    }
    Ok(relay.take())
}

fn same_deletion(ours: &Exchange, theirs: &Exchange, devices: &[Device]) -> anyhow::Result<()> {
    same_line(ours, theirs)?;
    let json = |exchange: &Exchange| serde_json::from_slice::<Value>(&exchange.body).context("a body is no JSON");
    let (our_body, their_body) = (json(ours)?, json(theirs)?);
    ensure!(
        our_body == their_body,
        "the facade sends {our_body}, the package {their_body}"
    );
    // Equal, and not equally wrong.
    let entries: Vec<Value> = devices
        .iter()
        .map(|(uid, name)| json!({"uid": uid, "name": name}))
        .collect();
    ensure!(our_body == json!({ "devices": entries }), "both send {our_body}");
    for exchange in [ours, theirs] {
        ensure!(
            exchange.header("x-request-id") == Some(REQUEST_ID),
            "not the request id that was given: {:?}",
            exchange.header("x-request-id")
        );
        let bearer = exchange
            .header("authorization")
            .is_some_and(|value| value.starts_with("Bearer "));
        ensure!(bearer, "a deletion without a bearer token");
    }
    same_header(ours, theirs, "content-type")
}

fn same_login(ours: &Exchange, theirs: &Exchange) -> anyhow::Result<()> {
    same_line(ours, theirs)?;
    same_header(ours, theirs, "authorization")?;
    same_header(ours, theirs, "content-type")?;
    ensure!(
        ours.body == theirs.body,
        "the facade asks for a token with {:?}, the package with {:?}",
        String::from_utf8_lossy(&ours.body),
        String::from_utf8_lossy(&theirs.body)
    );
    Ok(())
}

fn same_line(ours: &Exchange, theirs: &Exchange) -> anyhow::Result<()> {
    let (ours, theirs) = (ours.head.lines().next(), theirs.head.lines().next());
    ensure!(
        ours == theirs,
        "the facade's request line is {ours:?}, the package's {theirs:?}"
    );
    Ok(())
}

fn same_header(ours: &Exchange, theirs: &Exchange, name: &str) -> anyhow::Result<()> {
    let (our_value, their_value) = (ours.header(name), theirs.header(name));
    // Credentials of a test are no secret.
    ensure!(
        our_value.is_some() && our_value == their_value,
        "`{name}` is {our_value:?} from the facade, {their_value:?} from the package"
    );
    Ok(())
}
