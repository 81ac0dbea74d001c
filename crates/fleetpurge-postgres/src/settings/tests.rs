use std::fs;
use std::path::Path;

use secrecy::ExposeSecret as _;

use super::*;
use crate::error::ErrorKind;

/// No variable, and no home.
const NONE: &[(&str, &str)] = &[];

fn resolve(url: &str, variables: &[(&str, &str)]) -> Result<Settings, Error> {
    let url = url
        .parse::<DatabaseUrl>()
        .unwrap_or_else(|error| panic!("{url}: {error}"));
    Settings::resolve(&url, |name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| OsString::from(value))
    })
}

fn refused(url: &str, variables: &[(&str, &str)]) -> Error {
    resolve(url, variables).expect_err(url)
}

fn written(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    closed(&path, 0o600);
    path.into_os_string().into_string().unwrap()
}

#[cfg(unix)]
fn closed(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;

    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn closed(_: &Path, _: u32) {}

fn password(settings: &Settings) -> Option<&str> {
    settings.0.servers[0]
        .password
        .as_ref()
        .map(secrecy::SecretString::expose_secret)
}

#[test]
fn the_url_is_before_the_variables_and_they_are_before_the_defaults() {
    let variables = &[
        ("PGHOST", "127.0.0.2"),
        ("PGPORT", "5433"),
        ("PGUSER", "variable"),
        ("PGDATABASE", "kept"),
        ("PGAPPNAME", "night"),
        ("PGCONNECT_TIMEOUT", "3"),
        ("PGTARGETSESSIONATTRS", "read-write"),
    ];
    for (url, variables, host, user, database) in [
        ("postgresql://u@127.0.0.1/d", NONE, "127.0.0.1:5432", "u", "d"),
        ("postgresql://u@127.0.0.1", NONE, "127.0.0.1:5432", "u", "u"),
        ("postgresql://", variables, "127.0.0.2:5433", "variable", "kept"),
        ("postgresql://u@127.0.0.1:5434/d", variables, "127.0.0.1:5434", "u", "d"),
        ("postgresql://u@127.0.0.1", variables, "127.0.0.1:5433", "u", "kept"),
        (
            "postgresql://u@127.0.0.1:1,[::1]/d",
            variables,
            "127.0.0.1:1,[::1]:5432",
            "u",
            "d",
        ),
        (
            "postgresql://u@/d",
            &[("PGHOSTADDR", "127.0.0.3")],
            "127.0.0.3:5432",
            "u",
            "d",
        ),
        (
            "postgresql://u@127.0.0.1/d",
            &[("PGPORT", ""), ("PGSSLMODE", ""), ("PGSERVICE", "")],
            "127.0.0.1:5432",
            "u",
            "d",
        ),
        (
            "postgresql://u@127.0.0.1,127.0.0.2/d",
            &[("PGPORT", "1,2")],
            "127.0.0.1:1,127.0.0.2:2",
            "u",
            "d",
        ),
    ] {
        let settings = resolve(url, variables).unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!(
            (settings.host(), settings.user(), settings.database()),
            (host, user, database),
            "{url}"
        );
    }
    let settings = resolve("postgresql://", variables).unwrap();
    assert_eq!(settings.0.application_name, "night");
    assert_eq!(settings.0.connect_timeout, Some(Duration::from_secs(3)));
    assert_eq!(settings.0.session, TargetSessionAttrs::ReadWrite);
    let settings = resolve(
        "postgresql://u@127.0.0.1?connect_timeout=0&application_name=a",
        variables,
    )
    .unwrap();
    assert_eq!(
        (settings.0.application_name.as_str(), settings.0.connect_timeout),
        ("a", None)
    );
    let settings = resolve("postgresql://u@127.0.0.1", NONE).unwrap();
    assert_eq!(settings.0.application_name, "fleetpurge");
    assert_eq!(settings.0.connect_timeout, Some(Duration::from_secs(10)));
}

#[cfg(unix)]
#[test]
fn a_host_that_is_a_folder_is_a_socket_without_tls() {
    for url in [
        "postgresql://u@%2Fsrv%2Fpg:5433/d",
        "postgresql://u@/d?host=/srv/pg&port=5433&sslmode=verify-full",
    ] {
        let settings = resolve(url, NONE).unwrap();
        assert_eq!(settings.host(), "/srv/pg/.s.PGSQL.5433");
        assert!(settings.0.servers[0].tls.is_none());
    }
}

#[test]
fn tls_is_left_out_on_this_machine_only() {
    for (url, variables, tls) in [
        ("postgresql://u@127.0.0.1/d", NONE, false),
        ("postgresql://u@[::1]/d", NONE, false),
        ("postgresql://u@LocalHost/d", NONE, false),
        ("postgresql://u@db.example/d", NONE, true),
        ("postgresql://u@10.0.0.1/d", NONE, true),
        ("postgresql://u@localhost.example/d", NONE, true),
        ("postgresql://u@localhost/d", &[("PGHOSTADDR", "10.0.0.1")], true),
        ("postgresql://u@db.example/d?sslmode=disable", NONE, false),
        ("postgresql://u@db.example/d", &[("PGSSLMODE", "disable")], false),
        (
            "postgresql://u@127.0.0.1/d?sslmode=require",
            &[("PGSSLMODE", "disable")],
            true,
        ),
        ("postgresql://u@127.0.0.1/d?sslrootcert=system", NONE, true),
    ] {
        let settings = resolve(url, variables).unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!(settings.0.servers[0].tls.is_some(), tls, "{url}");
    }
    let settings = resolve("postgresql://u@localhost,db.example/d", NONE).unwrap();
    let of_each: Vec<_> = settings
        .0
        .servers
        .iter()
        .map(|server| (server.tls.is_some(), server.only_local))
        .collect();
    assert_eq!(of_each, [(false, true), (true, false)]);
}

#[test]
fn what_cannot_be_followed_is_refused_by_name() {
    let here = "postgresql://u@127.0.0.1/d";
    for (url, variables, part) in [
        (here, &[("PGSERVICE", "x")] as &[_], "PGSERVICE"),
        (here, &[("PGSERVICEFILE", "x")], "PGSERVICEFILE"),
        (here, &[("PGOPTIONS", "-c fsync=off")], "PGOPTIONS"),
        (here, &[("PGREQUIRESSL", "1")], "PGREQUIRESSL"),
        (here, &[("PGREQUIREAUTH", "scram-sha-256")], "PGREQUIREAUTH"),
        (here, &[("PGGSSENCMODE", "disable")], "PGGSSENCMODE"),
        (here, &[("PGCHANNELBINDING", "require")], "PGCHANNELBINDING"),
        (here, &[("PGSSLMODE", "prefer")], "PGSSLMODE is `prefer`"),
        (
            "postgresql://u@127.0.0.1/d?sslmode=allow",
            NONE,
            "`sslmode` of the URL is `allow`",
        ),
        (here, &[("PGSSLMODE", "on")], "PGSSLMODE"),
        (here, &[("PGSSLMODE", "verify-ca")], "sslrootcert"),
        (
            here,
            &[("PGSSLMODE", "require"), ("PGSSLROOTCERT", "system")],
            "verify-full",
        ),
        (here, &[("PGCONNECT_TIMEOUT", "soon")], "PGCONNECT_TIMEOUT"),
        (
            here,
            &[("PGTARGETSESSIONATTRS", "prefer-standby")],
            "PGTARGETSESSIONATTRS",
        ),
        (here, &[("PGPORT", "x")], "PGPORT"),
        (here, &[("PGPORT", "1,2")], "2 ports for 1 hosts"),
        ("postgresql://u@/d", &[("PGHOST", "a,,b")], "PGHOST"),
        (here, &[("PGHOSTADDR", "db")], "PGHOSTADDR"),
        (here, &[("PGHOSTADDR", "127.0.0.1,127.0.0.2")], "PGHOSTADDR has 2"),
        (here, &[("PGSSLMODE", "require"), ("PGSSLCERT", "c")], "sslkey"),
        (here, &[("PGSSLMODE", "require"), ("PGSSLKEY", "k")], "sslcert"),
    ] {
        let error = refused(url, variables);
        assert_eq!(error.kind(), ErrorKind::Setting, "{error}");
        assert!(error.to_string().contains(part), "{url}: {error}");
    }
}

#[test]
fn the_password_is_of_the_variable_and_then_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().to_str().unwrap();
    let (default, explicit) = if cfg!(windows) {
        fs::create_dir(folder.path().join("postgresql")).unwrap();
        ("postgresql/pgpass.conf", "explicit")
    } else {
        (".pgpass", "explicit")
    };
    let url = "postgresql://u@127.0.0.1/d";
    let at_home = if cfg!(windows) {
        ("APPDATA", home)
    } else {
        ("HOME", home)
    };
    assert_eq!(password(&resolve(url, &[at_home]).unwrap()), None);
    written(folder.path(), default, "127.0.0.1:5432:d:u:of-home\n");
    let explicit = written(folder.path(), explicit, "*:*:*:*:of-file\n");
    assert_eq!(password(&resolve(url, &[at_home]).unwrap()), Some("of-home"));
    let named = ("PGPASSFILE", explicit.as_str());
    assert_eq!(password(&resolve(url, &[at_home, named]).unwrap()), Some("of-file"));
    let said = ("PGPASSWORD", "of-variable");
    assert_eq!(
        password(&resolve(url, &[at_home, named, said]).unwrap()),
        Some("of-variable")
    );
    assert_eq!(
        password(&resolve("postgresql://other@127.0.0.1/d", &[at_home]).unwrap()),
        None
    );

    let absent = format!("{explicit}-not");
    let error = refused(url, &[("PGPASSFILE", &absent)]);
    assert!(error.to_string().contains(&absent), "{error}");
    let error = refused(url, &[("PGPASSFILE", home)]);
    assert!(error.to_string().contains("not a plain file"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_can_read_is_refused_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "pgpass", "*:*:*:*:PROBE\n");
    let (certificate, key) = identity(folder.path());
    let with_key = format!("postgresql://u@127.0.0.1/d?sslmode=require&sslcert={certificate}&sslkey={key}");
    for mode in [0o640, 0o604, 0o620, 0o601] {
        closed(Path::new(&file), mode);
        let error = refused("postgresql://u@127.0.0.1/d", &[("PGPASSFILE", &file)]);
        assert!(
            error.to_string().contains(&file) && error.to_string().contains("chmod 600"),
            "{error}"
        );
    }
    for mode in [0o644, 0o660, 0o601] {
        closed(Path::new(&key), mode);
        let error = refused(&with_key, NONE);
        assert!(
            error.to_string().contains(&key) && error.to_string().contains("chmod 600"),
            "{error}"
        );
    }
    closed(Path::new(&key), 0o600);
    resolve(&with_key, NONE).unwrap();
}

/// A certificate and its key, as files.
fn identity(folder: &Path) -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec!["u".to_owned()]).unwrap();
    let certificate = written(folder, "client.pem", &made.cert.pem());
    (
        certificate,
        written(folder, "client.key", &made.signing_key.serialize_pem()),
    )
}

#[test]
fn a_file_without_what_it_should_have_is_refused_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let empty = written(folder.path(), "empty.pem", "no certificate\n");
    let broken = written(
        folder.path(),
        "broken.key",
        "-----BEGIN PRIVATE KEY-----\nPROBE!\n-----END PRIVATE KEY-----\n",
    );
    let (certificate, key) = identity(folder.path());
    let absent = format!("{empty}-not");
    for (roots, certificate, key, part) in [
        (Some(&empty), None, None, &empty),
        (Some(&absent), None, None, &absent),
        (None, Some(&empty), Some(&key), &empty),
        (None, Some(&certificate), Some(&certificate), &certificate),
        (None, Some(&certificate), Some(&broken), &broken),
    ] {
        let mut variables = vec![("PGSSLMODE", "require")];
        variables.extend(roots.map(|path| ("PGSSLROOTCERT", path.as_str())));
        variables.extend(certificate.map(|path| ("PGSSLCERT", path.as_str())));
        variables.extend(key.map(|path| ("PGSSLKEY", path.as_str())));
        let error = refused("postgresql://u@db.example/d", &variables);
        assert_eq!(error.kind(), ErrorKind::Setting);
        assert!(error.to_string().contains(part.as_str()), "{error}");
        assert!(!format!("{error:?}").contains("PROBE"), "{error:?}");
    }
}

#[test]
fn no_text_of_settings_shows_a_password() {
    let settings = resolve("postgresql://u@127.0.0.1/d", &[("PGPASSWORD", "PROBE")]).unwrap();
    assert_eq!(password(&settings), Some("PROBE"));
    let shown = format!(
        "{settings:?} {settings:#?} {} {} {}",
        settings.host(),
        settings.user(),
        settings.database()
    );
    assert!(!shown.contains("PROBE"), "{shown}");
}
