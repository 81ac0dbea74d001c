//! Whether the server keeps what it confirms.

use std::time::{Duration, Instant};

use fleetpurge_postgres::{Error, ErrorKind, check_durability};
use fleetpurge_testing::postgres::{Replication, Server};

use crate::rig::{Session, connect};

fn check(session: &Session) -> Result<(), Error> {
    session.wait(check_durability(&session.connection))
}

/// A new session, once the server has this setting.
fn session_with(server: &Server, url: &str, name: &str, value: &str) -> Session {
    server.execute("postgres", &format!("ALTER SYSTEM SET {name} = '{value}'"));
    server.execute("postgres", "SELECT pg_reload_conf()");
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let session = connect(url, &[]).unwrap();
        if session.says(&format!("SELECT pg_catalog.current_setting('{name}')")) == value {
            return session;
        }
        assert!(Instant::now() < until, "{name} is never {value}");
    }
}

pub(crate) fn what_the_server_may_lose_is_refused_by_its_setting() {
    let server = Server::start();
    let url = server.database();
    check(&connect(&url, &[]).unwrap()).unwrap();
    for (name, value, kind) in [
        ("fsync", "off", ErrorKind::NotDurable),
        ("full_page_writes", "off", ErrorKind::NotDurable),
        ("synchronous_commit", "off", ErrorKind::NotDurable),
        ("default_transaction_read_only", "on", ErrorKind::ReadOnly),
    ] {
        let error = check(&session_with(&server, &url, name, value)).unwrap_err();
        let told = error.to_string();
        assert_eq!(error.kind(), kind, "{told}");
        assert!(told.contains(name) && told.contains(value), "{told}");
        assert!(!error.is_lost(), "{told}");
        let good = if value == "off" { "on" } else { "off" };
        if name == "synchronous_commit" || name == "default_transaction_read_only" {
            // What counts is what the session has, wherever that comes from.
            server.execute(
                "postgres",
                &format!("BEGIN READ WRITE; ALTER ROLE ops SET {name} = '{good}'; COMMIT"),
            );
            check(&connect(&url, &[]).unwrap()).unwrap();
        }
        check(&session_with(&server, &url, name, good)).unwrap();
    }
    for value in ["local", "remote_write", "remote_apply"] {
        server.execute(
            "postgres",
            &format!("ALTER ROLE ops SET synchronous_commit = '{value}'"),
        );
        check(&connect(&url, &[]).unwrap()).unwrap();
    }
}

pub(crate) fn a_standby_is_refused_and_its_primary_server_is_found() {
    let server = Server::start();
    let url = server.database();
    let standby = server.standby(Replication::Synchronous);
    let (port, other) = (server.port(), standby.port());
    let at = |hosts: &str, attributes: &str| {
        let url = url.replace(&format!("127.0.0.1:{port}"), hosts);
        connect(&format!("{url}?target_session_attrs={attributes}"), &[])
    };
    let (here, there) = (format!("127.0.0.1:{port}"), format!("127.0.0.1:{other}"));
    let error = check(&at(&there, "any").unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    assert!(error.to_string().contains("pg_is_in_recovery()"), "{error}");
    let error = at(&there, "read-write").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    let told = error.to_string();
    assert!(told.contains("target_session_attrs") && told.contains(&there), "{told}");
    let both = format!("{there},{here}");
    let session = at(&both, "read-write").unwrap();
    check(&session).unwrap();
    assert_eq!(session.port(), port.to_string());
    assert_eq!(
        at(&format!("{here},{there}"), "read-only").unwrap().port(),
        other.to_string()
    );
    // Its own disk is not enough where there is a synchronous standby.
    server.execute("postgres", "ALTER ROLE ops SET synchronous_commit = 'local'");
    let error = check(&connect(&url, &[]).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotDurable);
    assert!(error.to_string().contains("`synchronous_commit` is local"), "{error}");
    server.execute("postgres", "ALTER ROLE ops RESET synchronous_commit");
    // Once it is promoted, it is as good as any.
    standby.promote();
    check(&at(&there, "read-write").unwrap()).unwrap();
}
