//! Does the facade understand every reply that the published spec allows?
//!
//! Prism makes the replies up; what the facade has to make of each is worked out here from the reply itself.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use serde_json::Value;

use super::bench::Bench;
use super::driver::Driver;
use super::fleet::{Device, uid};
use super::prism::Prism;
use super::relay::Relay;
use super::simulate::TOKEN;
use super::spec;

/// The statuses that the published spec documents.
const STATUSES: [u16; 5] = [202, 400, 401, 403, 500];
/// How many made-up replies there are for each status.
const DYNAMIC: usize = 200;
/// What Prism's static replies hold in place of any string.
const PLACEHOLDER: &str = "string";

pub(super) fn ask(bench: &Bench) -> anyhow::Result<String> {
    // A static reply names the device "string", whose UID the spec's `format` would not let pass.
    let fixed = Prism::mock(bench, &spec::with_any_uid(bench)?, "prism-static", &[])?;
    let made_up = Prism::mock(
        bench,
        &bench.published(),
        "prism-dynamic",
        &["--dynamic", "--seed", "contract"],
    )?;
    let placeholder = (PLACEHOLDER.to_owned(), PLACEHOLDER.to_owned());
    let asked = [(uid(1), "pc-1".to_owned()), placeholder];
    let mut tally = Tally::default();
    let statuses = tally.exchange(bench, &fixed, &asked, 1)?;
    // Prism's static 202 says SCHEDULED of the device "string", and nothing of the other.
    ensure!(
        statuses == ["unknown", "scheduled"],
        "the static 202 was understood as {statuses:?}"
    );
    tally.exchange(bench, &made_up, &asked[..1], DYNAMIC)?;
    Ok(format!(
        "{} static and dynamic replies to every documented status, understood as {:?}",
        tally.replies, tally.understood
    ))
}

#[derive(Default)]
struct Tally {
    replies: usize,
    understood: BTreeMap<String, usize>,
}

impl Tally {
    /// Has the facade ask so many times for each status. Gives what was understood of the last 202.
    fn exchange(
        &mut self,
        bench: &Bench,
        prism: &Prism,
        devices: &[Device],
        times: usize,
    ) -> anyhow::Result<Vec<String>> {
        let relay = Relay::to(&prism.url)?;
        let mut facade = Driver::of_facade_with_token(bench, &relay.url, TOKEN)?;
        let mut of_202 = Vec::new();
        for status in STATUSES {
            // Which reply Prism gives is asked with a header that our client, rightly, cannot send.
            relay.add_header(&format!("Prefer: code={status}"));
            for _ in 0..times {
                let answer = facade.delete(devices, None)?;
                let exchanges = relay.take();
                let [exchange] = &exchanges[..] else {
                    anyhow::bail!("one deletion was asked for with {} requests", exchanges.len());
                };
                let reply = exchange.reply_json();
                let word = judge(status, devices, reply.as_ref(), &answer).with_context(|| {
                    format!("a {status} was not understood. Reply: {reply:?}; the facade: {answer}")
                })?;
                *self.understood.entry(word).or_default() += 1;
                self.replies += 1;
                if status == 202 {
                    of_202 = words(&answer["statuses"]);
                }
            }
        }
        let said = prism.said()?;
        // Its warnings are about itself: it looks for the content of a 401, which has none.
        ensure!(
            said.refusals.is_empty(),
            "Prism refused a request: {}",
            said.refusals[0]
        );
        Ok(of_202)
    }
}

/// Holds an answer of the facade against the reply it was given, and names it.
fn judge(status: u16, devices: &[Device], reply: Option<&Value>, answer: &Value) -> anyhow::Result<String> {
    if status == 202 {
        let reply = reply.context("the 202 has no JSON")?;
        if answer["kind"] == "AmbiguousReply" {
            ensure!(
                answer["applied"] == "maybe",
                "what cannot be understood may have been applied"
            );
            ensure!(!reply["devices"].is_array(), "the reply has entries");
            return Ok("202 without entries: AmbiguousReply".to_owned());
        }
        let expected: Vec<String> = devices.iter().map(|device| outcome(device, reply)).collect();
        ensure!(words(&answer["statuses"]) == expected, "expected {expected:?}");
        return Ok("202: receipt".to_owned());
    }
    let kind = answer["kind"].as_str().context("an error has a kind")?;
    ensure!(answer["status"] == status, "another status");
    let code = reply.map_or(&Value::Null, |reply| &reply["code"]);
    ensure!(answer["code"] == *code, "another code");
    let expected = match (status, code.as_str()) {
        (401, _) => ("Unauthorized", "no"),
        (500, _) => ("ServerError", "maybe"),
        (400, Some("BATCH_SIZE_EXCEEDED")) => ("BatchTooLarge", "no"),
        (400, Some("INVALID_REQUEST")) => ("InvalidRequest", "no"),
        _ => ("Refused", "no"),
    };
    ensure!(
        (kind, answer["applied"].as_str().unwrap_or_default()) == expected,
        "expected {expected:?}"
    );
    Ok(format!("{status}: {kind}"))
}

/// What a reply says of a device: only an entry that names its UID, and no other name, says anything.
fn outcome((uid, name): &Device, reply: &Value) -> String {
    let entries = reply["devices"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut of_device = entries.iter().filter(|entry| entry["uid"] == **uid);
    let said = match (of_device.next(), of_device.next()) {
        (Some(entry), None) if entry["name"] == **name => entry["status"].as_str(),
        _ => None,
    };
    match said {
        Some("SCHEDULED") => "scheduled",
        Some("INVALID") => "invalid",
        Some("FAILED") => "failed",
        _ => "unknown",
    }
    .to_owned()
}

fn words(list: &Value) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .map(|word| word.as_str().unwrap_or_default().to_owned())
        .collect()
}
