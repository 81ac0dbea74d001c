//! Does the facade understand every reply that the published spec allows?
//!
//! Prism makes the replies up; what the facade has to make of each is worked out here from the reply itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use super::bench::Bench;
use super::driver::Driver;
use super::fleet::{Device, uid};
use super::prism::Prism;
use super::relay::Relay;
use super::simulate::TOKEN;
use super::spec::{self, Optional};

/// The statuses that the published spec documents.
const STATUSES: [u16; 5] = [202, 400, 401, 403, 500];
/// How many made-up replies there are for each status.
const DYNAMIC: usize = 200;
/// So many of them are different ones at least: a mock that repeats itself shows little.
const DIFFERENT: usize = 100;
/// What Prism's static replies hold in place of any string.
const PLACEHOLDER: &str = "string";

pub(super) fn ask(bench: &Bench) -> anyhow::Result<String> {
    let mut tally = Tally::default();
    let pc = (uid(1), "pc-1".to_owned());

    // A static reply names the device "string", whose UID the spec's `format` would not let pass. It says SCHEDULED of
    // that one, and nothing of the other.
    let fixed = Prism::mock(bench, &spec::with_any_uid(bench)?, "prism-static", &[])?;
    let placeholder = (PLACEHOLDER.to_owned(), PLACEHOLDER.to_owned());
    let fixed = tally.exchange(bench, &fixed, &[pc.clone(), placeholder], 1)?;
    ensure!(
        fixed.of_202 == ["unknown", "scheduled"],
        "the static 202 was understood as {:?}",
        fixed.of_202
    );

    // From the published spec as it is: full replies about devices nobody has asked for.
    let spec = bench.published();
    tally.dynamic(bench, &spec, std::slice::from_ref(&pc))?;
    // And replies about our devices: complete or not, repeated, contradictory, mixed up.
    let ours = [pc, (uid(2), "pc-2".to_owned()), (uid(3), "pc-3".to_owned())];
    tally.dynamic(bench, &spec::about(bench, &ours, Optional::AtRandom)?, &ours)?;
    tally.dynamic(bench, &spec::about(bench, &ours, Optional::Present)?, &ours)?;
    for word in ["scheduled", "invalid", "failed", "unknown"] {
        ensure!(
            tally.words.contains_key(word),
            "no reply led to `{word}`: {:?}",
            tally.words
        );
    }
    Ok(format!(
        "{} static and dynamic replies to {} documented statuses, understood as {:?}; outcomes {:?}",
        tally.replies,
        STATUSES.len(),
        tally.understood,
        tally.words
    ))
}

/// What all replies together were understood as.
#[derive(Default)]
struct Tally {
    replies: usize,
    understood: BTreeMap<String, usize>,
    words: BTreeMap<String, usize>,
}

/// What came of one mock.
struct Exchanged {
    /// The words of the last 202.
    of_202: Vec<String>,
    /// How many replies were different from one another.
    different: usize,
}

impl Tally {
    /// Many replies made up from a spec.
    fn dynamic(&mut self, bench: &Bench, spec: &Path, devices: &[Device]) -> anyhow::Result<()> {
        let prism = Prism::mock(bench, spec, "prism-dynamic", &["--dynamic"])?;
        let different = self.exchange(bench, &prism, devices, DYNAMIC)?.different;
        ensure!(
            different > DIFFERENT,
            "of {DYNAMIC} dynamic replies for each status, only {different} were different"
        );
        Ok(())
    }

    /// Has the facade ask so many times for each status.
    fn exchange(
        &mut self,
        bench: &Bench,
        prism: &Prism,
        devices: &[Device],
        times: usize,
    ) -> anyhow::Result<Exchanged> {
        let relay = Relay::to(&prism.url)?;
        let mut facade = Driver::of_facade_with_token(bench, &relay.url, TOKEN)?;
        let mut of_202 = Vec::new();
        let mut bodies = BTreeSet::new();
        for status in STATUSES {
            // Which reply Prism gives is asked with a header that our client, rightly, cannot send.
            relay.add_header(&format!("Prefer: code={status}"));
            for _ in 0..times {
                let answer = facade.delete(devices, None)?;
                let exchanges = relay.take();
                let [exchange] = &exchanges[..] else {
                    bail!("one deletion was asked for with {} requests", exchanges.len());
                };
                let reply = exchange.reply_json();
                let word = judge(status, devices, reply.as_ref(), &answer).with_context(|| {
                    format!("a {status} was not understood. Reply: {reply:?}; the facade: {answer}")
                })?;
                *self.understood.entry(word).or_default() += 1;
                self.replies += 1;
                bodies.insert(reply.map(|reply| reply.to_string()));
                if status == 202 {
                    of_202 = words(&answer["statuses"]);
                    for word in &of_202 {
                        *self.words.entry(word.clone()).or_default() += 1;
                    }
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
        Ok(Exchanged {
            of_202,
            different: bodies.len(),
        })
    }
}

/// Holds an answer of the facade against the reply it was given, and names it.
fn judge(status: u16, devices: &[Device], reply: Option<&Value>, answer: &Value) -> anyhow::Result<String> {
    if status == 202 {
        let reply = reply.context("the 202 has no JSON")?;
        let expected: Vec<String> = devices.iter().map(|device| outcome(device, reply)).collect();
        ensure!(words(&answer["statuses"]) == expected, "expected {expected:?}");
        return Ok("202: Receipt".to_owned());
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

/// What a reply says of a device: only entries that name its UID say anything, if they agree and name no other device.
fn outcome((uid, name): &Device, reply: &Value) -> String {
    let entries = reply["devices"].as_array().map(Vec::as_slice).unwrap_or_default();
    let of_device: Vec<&Value> = entries.iter().filter(|entry| entry["uid"] == **uid).collect();
    let agree = of_device.windows(2).all(|two| two[0]["status"] == two[1]["status"]);
    let name_another = of_device
        .iter()
        .any(|entry| entry["name"].is_string() && entry["name"] != **name);
    let said = of_device.first().filter(|_| agree && !name_another);
    match said.and_then(|entry| entry["status"].as_str()) {
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
