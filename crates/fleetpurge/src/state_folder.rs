//! Where this machine keeps what it has to remember from one command to the next.

use std::path::PathBuf;

use etcetera::BaseStrategy as _;

/// How far this machine has applied plans in databases.
pub(crate) const SHARED_PLANS: &str = "shared-plans";

/// The folder for this, in the folder of the user for such things. `None`: no home directory is known.
pub(crate) fn state_folder(what: &str) -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    // Windows has no other than the one for data.
    let state = base.state_dir().unwrap_or_else(|| base.data_dir());
    Some(state.join("fleetpurge").join(what))
}
