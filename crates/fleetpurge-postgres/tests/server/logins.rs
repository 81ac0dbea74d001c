//! Users, passwords, and where the server is.

use std::time::{Duration, Instant};

use fleetpurge_postgres::{Error, ErrorKind};
use fleetpurge_testing::postgres::Server;

use crate::rig::{ESCAPED, PASSWORD, WRONG, allow, closed, connect, refused, rig};

pub(crate) fn a_password_is_of_the_variable_or_of_the_first_line_that_fits() {
    let rig = rig();
    let folder = tempfile::tempdir().unwrap();
    let port = rig.server.port();
    for user in ["scram", "md5_user"] {
        let url = rig.url(user);
        assert_eq!(connect(&url, &[("PGPASSWORD", PASSWORD)]).unwrap().user(), user);
        let exact = format!("127.0.0.1:{port}:postgres:{user}");
        for lines in [
            format!("{exact}:{ESCAPED}\n"),
            format!("{exact}:{ESCAPED}"),
            format!("{exact}:{ESCAPED}\r\n"),
            format!("{exact}:{ESCAPED}:and more\n"),
            format!("*:*:*:*:{ESCAPED}\n"),
            format!("127.0.0.1:*:*:{user}:{ESCAPED}\n"),
            format!("# {exact}:{WRONG}\n\n{exact}:{ESCAPED}\n*:*:*:*:{WRONG}\n"),
            // Of another host, port, database and user.
            format!(
                "localhost:{port}:postgres:{user}:{WRONG}\n127.0.0.1:1:postgres:{user}:{WRONG}\n\
                 127.0.0.1:{port}:fleet:{user}:{WRONG}\n127.0.0.1:{port}:postgres:ops:{WRONG}\n*:*:*:{user}:{ESCAPED}\n"
            ),
        ] {
            let file = closed(&folder.path().join("passwords"), &lines);
            let session = connect(&url, &[("PGPASSFILE", &file)]).unwrap_or_else(|error| panic!("{lines}: {error}"));
            assert_eq!(session.user(), user, "{lines}");
        }
        // The variable is before the file, and the first line before the second.
        let wrong = closed(
            &folder.path().join("wrong"),
            &format!("*:*:*:{user}:{WRONG}\n{exact}:{ESCAPED}\n"),
        );
        connect(&url, &[("PGPASSFILE", &wrong), ("PGPASSWORD", PASSWORD)]).unwrap();
        let (error, _) = refused(&url, &[("PGPASSFILE", &wrong)]);
        assert_eq!(error.kind(), ErrorKind::Login);
        // The user's own file.
        let home = folder.path().display().to_string();
        closed(&folder.path().join(".pgpass"), &format!("{exact}:{ESCAPED}\n"));
        assert_eq!(connect(&url, &[("HOME", &home)]).unwrap().user(), user);
    }
}

pub(crate) fn a_password_file_that_others_can_read_is_refused_although_its_password_is_right() {
    let rig = rig();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".pgpass");
    let file = closed(&path, &format!("*:*:*:*:{ESCAPED}\n"));
    allow(&path, 0o640);
    let home = folder.path().display().to_string();
    for variable in [("PGPASSFILE", file.as_str()), ("HOME", home.as_str())] {
        let (error, told) = refused(&rig.url("scram"), &[variable]);
        assert_eq!(error.kind(), ErrorKind::Setting);
        assert!(told.contains(&file) && told.contains("chmod 600"), "{told}");
    }
    allow(&path, 0o400);
    connect(&rig.url("scram"), &[("PGPASSFILE", &file)]).unwrap();
}

pub(crate) fn a_refused_login_names_user_and_host_and_no_password() {
    let rig = rig();
    let host = format!("127.0.0.1:{}", rig.server.port());
    let wrong = &[("PGPASSWORD", WRONG)] as &[(&str, &str)];
    let right = &[("PGPASSWORD", PASSWORD)] as &[(&str, &str)];
    for (user, variables, what_to_do) in [
        ("scram", wrong, "check the password"),
        ("md5_user", wrong, "check the password"),
        ("scram", &[], "no password is known"),
        ("md5_user", &[], "no password is known"),
        // Nobody lets them in, with whatever password.
        ("nobody_lets_in", right, "pg_hba.conf"),
        ("is_not_there", right, "pg_hba.conf"),
    ] {
        let (error, told) = refused(&rig.url(user), variables);
        assert_eq!(error.kind(), ErrorKind::Login, "{told}");
        assert!(!error.is_lost(), "another try does not help: {told}");
        for part in [user, &host, "`postgres`", what_to_do] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
}

pub(crate) fn a_database_that_is_not_there_or_not_for_this_user_is_told() {
    let rig = rig();
    let (error, told) = refused(
        &rig.url("scram").replace("/postgres", "/fleet"),
        &[("PGPASSWORD", PASSWORD)],
    );
    assert_eq!(error.kind(), ErrorKind::NoDatabase);
    assert!(told.contains("`fleet`") && told.contains("create it"), "{told}");
    rig.server.execute("postgres", "CREATE DATABASE closed");
    rig.server
        .execute("postgres", "REVOKE CONNECT ON DATABASE closed FROM PUBLIC");
    let (error, told) = refused(
        &rig.url("scram").replace("/postgres", "/closed"),
        &[("PGPASSWORD", PASSWORD)],
    );
    assert_eq!(error.kind(), ErrorKind::NotPermitted);
    for part in ["`scram`", "`closed`", "CONNECT"] {
        assert!(told.contains(part), "{told}");
    }
}

pub(crate) fn a_folder_is_where_the_socket_is() {
    let rig = rig();
    let (folder, port) = (rig.server.folder().display().to_string(), rig.server.port());
    let encoded = folder.replace('/', "%2F");
    let passwords = tempfile::tempdir().unwrap();
    let file = closed(
        &passwords.path().join("passwords"),
        &format!("localhost:*:*:*:{WRONG}\n{folder}:{port}:*:scram:{ESCAPED}\n"),
    );
    let file = ("PGPASSFILE", file.as_str());
    let number = port.to_string();
    for (url, variables) in [
        (
            format!("postgresql://scram@/postgres?host={folder}&port={port}"),
            vec![file],
        ),
        (format!("postgresql://scram@{encoded}:{port}/postgres"), vec![file]),
        // There is no TLS over a socket.
        (
            format!("postgresql://scram@{encoded}:{port}/postgres?sslmode=verify-full"),
            vec![file],
        ),
        (
            "postgresql://scram@/postgres".to_owned(),
            vec![file, ("PGHOST", &folder), ("PGPORT", &number)],
        ),
    ] {
        let session = connect(&url, &variables).unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!(
            (session.user().as_str(), session.port().as_str()),
            ("scram", ""),
            "{url}"
        );
        assert!(!session.is_encrypted());
    }
    let (error, told) = refused(&format!("postgresql://scram@/postgres?host={folder}&port=1"), &[file]);
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(told.contains(&format!("{folder}/.s.PGSQL.1")), "{told}");
}

pub(crate) fn a_server_that_is_away_is_passed_over_and_one_that_refuses_is_not() {
    let rig = rig();
    let mut away = Server::start();
    let (port, other) = (rig.server.port(), away.port());
    away.stop();
    let right = ("PGPASSWORD", PASSWORD);
    let url = format!("postgresql://scram@127.0.0.1:{other},127.0.0.1:{port}/postgres");
    assert_eq!(connect(&url, &[right]).unwrap().port(), port.to_string());
    away.restart();
    // The other one has no such user.
    let (error, told) = refused(&url, &[right]);
    assert_eq!(error.kind(), ErrorKind::Login);
    assert!(told.contains(&other.to_string()), "{told}");
}

pub(crate) fn a_session_is_as_promised_whatever_the_user_has_set() {
    let server = Server::shared();
    let database = server.database();
    for setting in [
        "search_path = 'public'",
        "TimeZone = 'Asia/Tokyo'",
        "default_transaction_isolation = 'serializable'",
        "idle_in_transaction_session_timeout = 0",
        "application_name = 'another'",
    ] {
        server.execute("postgres", &format!("ALTER ROLE ops SET {setting}"));
    }
    let url =
        format!("{database}?application_name=night+run&connect_timeout=30&sslmode=disable&target_session_attrs=any");
    let session = connect(&url, &[("PGAPPNAME", "not this")]).unwrap();
    for (setting, value) in [
        ("search_path", "\"\""),
        ("TimeZone", "UTC"),
        ("transaction_isolation", "read committed"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("application_name", "night+run"),
        ("client_encoding", "UTF8"),
    ] {
        assert_eq!(
            session.says(&format!("SELECT pg_catalog.current_setting('{setting}')")),
            value,
            "{setting}"
        );
    }
    server.execute("postgres", "ALTER ROLE ops RESET ALL");
}

pub(crate) fn a_session_that_the_server_ends_is_lost() {
    let rig = rig();
    let session = connect(&rig.url("limited"), &[]).unwrap();
    // Somebody else's connection may end: there is room later.
    let (error, told) = refused(&rig.url("limited"), &[]);
    assert_eq!(
        (error.kind(), error.is_lost()),
        (ErrorKind::Unreachable, true),
        "{told}"
    );
    assert!(told.contains("takes no more connections"), "{told}");
    session.wait(session.connection.batch_execute("BEGIN")).unwrap();
    let of_user = "FROM pg_stat_activity WHERE usename = 'limited'";
    let server = &rig.server;
    server.execute("postgres", &format!("SELECT pg_terminate_backend(pid) {of_user}"));
    let until = Instant::now() + Duration::from_secs(60);
    while !server.query("postgres", &format!("SELECT pid {of_user}")).is_empty() {
        assert!(Instant::now() < until, "it is not ended");
    }
    let error = session.wait(session.connection.batch_execute("COMMIT")).unwrap_err();
    let error = Error::from(error);
    assert_eq!((error.kind(), error.is_lost()), (ErrorKind::Lost, true), "{error:?}");
    assert!(session.connection.is_closed());
}

/// What a pooler does that gives each transaction whatever session is free.
pub(crate) fn statements_that_are_not_in_the_session_tell_of_a_pooler() {
    let session = connect(&Server::shared().database(), &[]).unwrap();
    let statement = session.wait(session.connection.prepare("SELECT 1")).unwrap();
    session
        .wait(session.connection.batch_execute("DEALLOCATE ALL"))
        .unwrap();
    let gone = session.wait(session.connection.query(&statement, &[])).unwrap_err();
    let foreign = "DO $$ BEGIN FOR n IN 0..9999 LOOP EXECUTE format('PREPARE s%s AS SELECT 1', n); END LOOP; END $$";
    session.wait(session.connection.batch_execute(foreign)).unwrap();
    let taken = session.wait(session.connection.prepare("SELECT 2")).unwrap_err();
    for (error, state) in [(gone, "26000"), (taken, "42P05")] {
        let error = Error::from(error);
        assert_eq!((error.kind(), error.sqlstate()), (ErrorKind::Server, Some(state)));
        assert!(error.to_string().contains("session mode"), "{error}");
    }
}
