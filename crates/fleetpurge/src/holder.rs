//! Who runs this command, for the plan's lock and its records.

use fleetpurge_ledger::Holder;

pub(crate) fn holder() -> Holder {
    let who = ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "unknown".to_owned());
    Holder {
        who,
        host: gethostname::gethostname().to_string_lossy().into_owned(),
        pid: std::process::id(),
    }
}
