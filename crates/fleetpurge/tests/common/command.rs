//! Runs the real binary.

use std::process::Command;

use super::ended::Ended;
use super::schemas;
use super::service::Service;

/// A folder that is not there: no configuration file is in it.
pub(crate) const NO_CONFIG: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/nothing");

/// The binary, with none of the developer's own credentials or settings.
pub(crate) fn fleetpurge() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fleetpurge"));
    for name in [
        "NEXTHINK_CLIENT_ID",
        "NEXTHINK_CLIENT_SECRET",
        "NEXTHINK_TOKEN",
        "UBIDOTS_TOKEN",
        "UBIDOTS_API_KEY",
        "RUST_LOG",
        "COLUMNS",
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
        "FLEETPURGE_CONFIG",
        "FLEETPURGE_PROFILE",
        "PGHOST",
        "PGHOSTADDR",
        "PGPORT",
        "PGUSER",
        "PGDATABASE",
        "PGPASSWORD",
        "PGPASSFILE",
        "PGSSLMODE",
        "PGOPTIONS",
        "PGSERVICE",
    ] {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1");
    command.env("XDG_CONFIG_HOME", NO_CONFIG).env("APPDATA", NO_CONFIG);
    command.env("XDG_STATE_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/state"));
    command
}

pub(crate) fn with_credentials(command: &mut Command) -> &mut Command {
    Service::Nexthink.credentials(command)
}

pub(crate) fn ended(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    let ended = Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    schemas::hold(command, &ended);
    ended
}
