//! A script at work: which rule takes a request, and how often each has.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::edit::of_the_reply;
use super::matching::Mix;
use super::model::{Endpoint, Failed};
use super::script::{Action, FaultScript, Plan, Rule, Stage};
use crate::log::Kind;
use crate::request::Entry;
use crate::service::Service;

/// What is known of a request when its rules are judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) service: Service,
    pub(crate) kind: Kind,
    pub(crate) number: u64,
    pub(crate) http2: bool,
    pub(crate) devices: &'a [Entry<'a>],
}

/// A rule that took a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fired<'a> {
    rule: usize,
    pub(crate) plan: &'a Plan,
    /// This request's share of chance.
    pub(crate) mix: Mix,
}

/// A script with its counters.
#[derive(Debug, Default)]
pub(crate) struct ActiveScript {
    script: FaultScript,
    fired: Vec<AtomicU64>,
    /// How often a device has already failed, by rule and uid.
    failures: Mutex<HashMap<(usize, String), u64>>,
}

impl ActiveScript {
    pub(crate) fn new(script: FaultScript) -> Self {
        let fired = script.rules.iter().map(|_| AtomicU64::new(0)).collect();
        Self {
            script,
            fired,
            failures: Mutex::default(),
        }
    }

    pub(crate) fn fired(&self) -> Vec<u64> {
        self.fired.iter().map(|fired| fired.load(Ordering::Acquire)).collect()
    }

    /// The first rule of this stage that takes the request; it has then fired.
    pub(crate) fn judge(&self, stage: Stage, seen: &Seen<'_>) -> Option<Fired<'_>> {
        self.script
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.stage == stage)
            .find_map(|(index, rule)| {
                let mix = Mix::of(self.script.seed, index, seen.number);
                let taken = self.takes(index, rule, seen, mix) && self.fire(index, rule);
                taken.then_some(Fired {
                    rule: index,
                    plan: &rule.plan,
                    mix,
                })
            })
    }

    fn takes(&self, index: usize, rule: &Rule, seen: &Seen<'_>, mix: Mix) -> bool {
        let when = &rule.when;
        let endpoint = match seen.kind {
            Kind::Deletion => Endpoint::Deletions,
            Kind::Token => Endpoint::Token,
            Kind::Read => Endpoint::Reads,
            Kind::Write => return false,
        };
        when.endpoint == endpoint
            && when
                .request
                .as_ref()
                .is_none_or(|numbers| numbers.contains(seen.number))
            && when.every.is_none_or(|every| seen.number % every == 0)
            && when.min_devices.is_none_or(|least| seen.devices.len() >= least)
            && when.max_devices.is_none_or(|most| seen.devices.len() <= most)
            && when
                .device_uid
                .as_ref()
                .is_none_or(|uids| seen.devices.iter().any(|device| uids.contains(&device.uid)))
            && when
                .device_name
                .as_ref()
                .is_none_or(|names| seen.devices.iter().any(|device| names.contains(&device.name)))
            && when.probability.is_none_or(|probability| mix.falls(probability))
            && match &rule.plan.action {
                Action::RefusedStream | Action::Goaway(_) => seen.http2,
                Action::Poison(poison) => seen
                    .devices
                    .iter()
                    .any(|device| poison.contains(&device.uid) || poison.contains(&device.name)),
                // Replies of Ubidots have no entries: what changes them takes none of its requests.
                Action::Failed(failed) => {
                    seen.service == Service::Nexthink && self.any_to_fail(index, failed, seen.devices)
                }
                Action::Edit(steps) => seen.service == Service::Nexthink || of_the_reply(steps),
                _ => true,
            }
    }

    fn fire(&self, index: usize, rule: &Rule) -> bool {
        let again = |fired: u64| rule.times.is_none_or(|times| fired < times).then_some(fired + 1);
        self.fired[index]
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, again)
            .is_ok()
    }

    fn any_to_fail(&self, index: usize, failed: &Failed, devices: &[Entry<'_>]) -> bool {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        devices.iter().enumerate().any(|(position, device)| {
            failed.devices.takes(position, &device.uid, &device.name)
                && failures
                    .get(&(index, device.uid.to_string()))
                    .is_none_or(|rounds| *rounds < failed.rounds)
        })
    }

    /// Which devices fail in this round; each is one round further on.
    pub(crate) fn fail(&self, fired: Fired<'_>, failed: &Failed, devices: &[Entry<'_>]) -> Vec<bool> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        devices
            .iter()
            .enumerate()
            .map(|(position, device)| {
                if !failed.devices.takes(position, &device.uid, &device.name) {
                    return false;
                }
                let rounds = failures.entry((fired.rule, device.uid.to_string())).or_default();
                *rounds = rounds.saturating_add(1);
                *rounds <= failed.rounds
            })
            .collect()
    }
}
