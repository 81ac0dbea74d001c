//! The first devices of an apply, as a person knows them.

use fleetpurge_ledger::{Selected, Service};

use crate::output::{self, shown};

/// How many devices are named before anything is asked.
pub(super) const FIRST_TOLD: u64 = 3;

/// Which devices come first, as a person knows them.
pub(super) fn tell_first(service: Service, count: u64, first: &[Selected]) {
    let names: Vec<String> = first
        .iter()
        .map(|device| called(service, &device.uid, &device.name))
        .collect();
    let more = count.saturating_sub(first.len() as u64);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    output::note(&format!("{:<11} {}{more}", "devices", names.join(", ")));
}

/// A device as a person knows it: its name, or what there is.
pub(super) fn called(service: Service, uid: &str, name: &str) -> String {
    if name.trim().is_empty() {
        format!("{} `{}`", service.words().uid, shown(uid))
    } else {
        format!("`{}`", shown(name))
    }
}
