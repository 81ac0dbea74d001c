//! The variables of a process. They are set for a child: this very program, told to connect.

use std::process::{Command, ExitCode};

use fleetpurge_postgres::{DatabaseUrl, Settings};

use crate::rig::{PASSWORD, rig};

/// Makes this program a child that connects there.
const CHILD: &str = "FLEETPURGE_TEST_CHILD_CONNECTS_TO";

pub(crate) fn url_of_child() -> Option<String> {
    std::env::var(CHILD).ok()
}

/// Connects by the variables of the process, and prints how the server knows it.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "its parent reads it")]
pub(crate) fn child(url: &str) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let asked = runtime.block_on(async {
        let connection = Settings::of(&url.parse::<DatabaseUrl>()?)?.connect().await?;
        let sql = "SELECT concat_ws(' ', current_user, pg_catalog.current_database(), pg_catalog.inet_server_port(),
                          s.ssl, pg_catalog.current_setting('application_name'))
                   FROM pg_catalog.pg_stat_ssl s WHERE s.pid = pg_catalog.pg_backend_pid()";
        Ok::<String, fleetpurge_postgres::Error>(connection.query_one(sql, &[]).await?.get(0))
    });
    match asked {
        Ok(known) => {
            println!("{known}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What a child prints that has these variables of libpq and no others.
fn known_as(url: &str, variables: &[(&str, &str)]) -> Result<String, String> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let all = std::env::vars_os().filter(|(name, _)| !name.to_string_lossy().starts_with("PG"));
    command
        .env_clear()
        .envs(all)
        .env(CHILD, url)
        .envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap().trim().to_owned();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

pub(crate) fn the_variables_of_the_process_are_followed() {
    let rig = rig();
    let (port, ours, others) = (rig.server.port().to_string(), rig.ours.file(), rig.others.file());
    let variables = |more: &[(&'static str, &'static str)]| {
        let mut variables = vec![
            ("PGHOST", "localhost"),
            ("PGPORT", port.as_str()),
            ("PGUSER", "scram"),
            ("PGDATABASE", "postgres"),
            ("PGPASSWORD", PASSWORD),
        ];
        variables.extend(more);
        variables
    };
    let known = |variables: &[(&str, &str)]| known_as("postgresql://", variables);
    assert_eq!(
        known(&variables(&[])),
        Ok(format!("scram postgres {port} f fleetpurge"))
    );
    assert_eq!(
        known(&variables(&[("PGSSLMODE", "require"), ("PGAPPNAME", "night")])),
        Ok(format!("scram postgres {port} t night"))
    );
    let mut verified = variables(&[("PGSSLMODE", "verify-full")]);
    verified.push(("PGSSLROOTCERT", &ours));
    assert_eq!(known(&verified), Ok(format!("scram postgres {port} t fleetpurge")));
    *verified.last_mut().unwrap() = ("PGSSLROOTCERT", &others);
    assert!(known(&verified).unwrap_err().contains("sslrootcert"));
    // Each of them counts: without the user it is somebody else's database.
    let without = |name: &str| {
        let mut variables = variables(&[]);
        variables.retain(|(known, _)| *known != name);
        known(&variables).unwrap_err()
    };
    assert!(without("PGDATABASE").contains("no database `scram`"));
    assert!(without("PGPASSWORD").contains("no password is known"));
    assert!(
        known(&variables(&[("PGOPTIONS", "-c fsync=off")]))
            .unwrap_err()
            .contains("PGOPTIONS")
    );
}

pub(crate) fn the_url_is_before_the_variables() {
    let rig = rig();
    let port = rig.server.port();
    let variables = [
        ("PGHOST", "db.invalid"),
        ("PGPORT", "1"),
        ("PGUSER", "md5_user"),
        ("PGDATABASE", "fleet"),
        ("PGSSLMODE", "verify-full"),
        ("PGPASSWORD", PASSWORD),
    ];
    let url = format!(
        "postgresql://?host=127.0.0.1&port={port}&user=scram&dbname=postgres&sslmode=require&application_name=a"
    );
    assert_eq!(known_as(&url, &variables), Ok(format!("scram postgres {port} t a")));
}
