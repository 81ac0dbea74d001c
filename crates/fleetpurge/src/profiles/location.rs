//! Where the configuration file is.

use std::path::PathBuf;

use etcetera::BaseStrategy as _;

/// The environment variable that names the file.
const CONFIG: &str = "FLEETPURGE_CONFIG";

/// Where the configuration file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// `FLEETPURGE_CONFIG` names it: it has to be there.
    Named(PathBuf),
    /// The usual place: nothing need be there.
    Usual(PathBuf),
    /// No home directory is known, so there is no usual place.
    Nowhere,
}

impl Location {
    /// The place by the environment. An empty variable counts as unset.
    pub(crate) fn find() -> Self {
        if let Some(path) = std::env::var_os(CONFIG).filter(|path| !path.is_empty()) {
            return Self::Named(path.into());
        }
        match etcetera::choose_base_strategy() {
            Ok(base) => Self::Usual(base.config_dir().join("fleetpurge").join("config.toml")),
            Err(_) => Self::Nowhere,
        }
    }
}
