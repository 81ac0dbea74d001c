//! Against a real server: logins, TLS, what is refused. `FLEETPURGE_TEST_POSTGRES` names the folder of its programs.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use fleetpurge_postgres::{Connection, DatabaseUrl, Error, ErrorKind, Settings, check_durability};
use fleetpurge_testing::postgres::{Replication, Server, run, trial};
use tempfile::TempDir;

fn main() -> ExitCode {
    macro_rules! trials {
        ($($test:ident),* $(,)?) => { vec![$(trial(stringify!($test), $test)),*] };
    }
    run(trials![
        a_password_is_of_the_variable_or_of_the_file,
        a_refused_login_names_the_user_and_never_the_password,
        variables_say_what_the_url_leaves_out,
        a_server_is_reached_over_its_socket,
        a_session_is_as_it_is_described,
        each_mode_of_tls_asks_for_what_it_says,
        a_server_without_tls_is_refused_where_tls_is_asked_for,
        a_client_certificate_logs_in,
        a_server_that_may_lose_what_it_confirms_is_refused_by_the_setting,
        a_standby_is_refused,
        the_server_that_writes_is_found_among_several,
        a_database_that_is_not_there_is_told,
        a_connection_that_the_server_ends_is_lost,
    ])
}

type Variables<'a> = &'a [(&'a str, &'a str)];

fn resolved(url: &str, variables: Variables<'_>) -> Result<Settings, Error> {
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    let url: DatabaseUrl = url.parse()?;
    Settings::resolve(&url, |name| variables.get(name).map(OsString::from))
}

/// Connects, and asks something.
fn connect(url: &str, variables: Variables<'_>) -> Result<String, Error> {
    asked(url, variables, "SELECT session_user")
}

fn asked(url: &str, variables: Variables<'_>, sql: &str) -> Result<String, Error> {
    with(url, variables, async |connection| {
        let row = connection.query_one(sql, &[]).await?;
        Ok(row.get(0))
    })
}

fn with<T>(
    url: &str,
    variables: Variables<'_>,
    act: impl AsyncFnOnce(&Connection) -> Result<T, Error>,
) -> Result<T, Error> {
    let settings = resolved(url, variables)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(async {
        let connection = settings.connect().await?;
        act(&connection).await
    })
}

/// Who may log in, and how. The superuser always may.
fn allows(server: &Server, lines: &str) {
    let file = server.folder().join("data/pg_hba.conf");
    std::fs::write(
        &file,
        format!("local all all trust\nhost all postgres 127.0.0.1/32 trust\n{lines}\n"),
    )
    .unwrap();
    server.execute("postgres", "SELECT pg_reload_conf()");
}

/// A server that asks for passwords.
fn with_passwords() -> (Server, String) {
    let server = Server::start();
    server.execute(
        "postgres",
        "SET password_encryption = 'scram-sha-256'; ALTER ROLE ops PASSWORD 'geheim:1\\'",
    );
    server.execute(
        "postgres",
        "SET password_encryption = 'md5'; CREATE ROLE old LOGIN PASSWORD 'geheim:1\\'",
    );
    allows(
        &server,
        "host all ops 127.0.0.1/32 scram-sha-256\nhost all old 127.0.0.1/32 md5",
    );
    let url = server.database();
    (server, url)
}

fn a_password_is_of_the_variable_or_of_the_file() {
    let (server, url) = with_passwords();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        private(&path);
        path.to_str().unwrap().to_owned()
    };
    let port = server.port();
    for user in ["ops", "old"] {
        let url = url.replace("ops@", &format!("{user}@"));
        let database = url.rsplit('/').next().unwrap();
        assert_eq!(connect(&url, &[("PGPASSWORD", "geheim:1\\")]).unwrap(), user);
        // Colon and backslash are escaped in the file, and the first line that fits counts.
        for lines in [
            format!("127.0.0.1:{port}:{database}:{user}:geheim\\:1\\\\\n"),
            format!("# comment\n*:*:*:{user}:geheim\\:1\\\\\n*:*:*:*:wrong\n"),
            "127.0.0.1:1:*:*:wrong\nother:*:*:*:wrong\n127.0.0.1:*:*:*:geheim\\:1\\\\".to_owned(),
        ] {
            let path = file("pgpass", &lines);
            assert_eq!(connect(&url, &[("PGPASSFILE", &path)]).unwrap(), user, "{lines}");
        }
        let path = file("first", &format!("*:*:*:*:wrong\n*:*:*:{user}:geheim\\:1\\\\\n"));
        let error = connect(&url, &[("PGPASSFILE", &path)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Login);
        // The variable is before the file.
        let both = [("PGPASSFILE", path.as_str()), ("PGPASSWORD", "geheim:1\\")];
        assert_eq!(connect(&url, &both).unwrap(), user);
    }
}

#[cfg(unix)]
fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn private(_: &Path) {}

fn a_refused_login_names_the_user_and_never_the_password() {
    let (_server, url) = with_passwords();
    for variables in [&[("PGPASSWORD", "falsch")][..], &[("PGPASSWORD", "geheim:1")], &[]] {
        let error = connect(&url, variables).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Login, "{error}");
        assert!(!error.is_lost());
        let mut text = format!("{error:?} {error}");
        let mut source = std::error::Error::source(&error);
        while let Some(next) = source {
            text += &next.to_string();
            source = next.source();
        }
        assert!(text.contains("ops"), "{text}");
        assert!(!text.contains("falsch") && !text.contains("geheim"), "{text}");
    }
}

fn variables_say_what_the_url_leaves_out() {
    let server = Server::shared();
    let database = server.database();
    let name = database.rsplit('/').next().unwrap();
    let port = server.port().to_string();
    let variables = [
        ("PGHOST", "127.0.0.1"),
        ("PGPORT", port.as_str()),
        ("PGUSER", "ops"),
        ("PGDATABASE", name),
        ("PGSSLMODE", "disable"),
        ("PGAPPNAME", "somebody"),
    ];
    let say = "SELECT current_database() || '/' || session_user || '/' || current_setting('application_name')";
    assert_eq!(
        asked("postgresql:///", &variables, say).unwrap(),
        format!("{name}/ops/somebody")
    );
    // The URL is before them.
    let url = format!("postgresql://postgres@127.0.0.1:{port}/postgres?application_name=url");
    let wrong = [
        ("PGPORT", "1"),
        ("PGUSER", "nobody"),
        ("PGDATABASE", "nowhere"),
        ("PGAPPNAME", "somebody"),
    ];
    assert_eq!(asked(&url, &wrong, say).unwrap(), "postgres/postgres/url");
}

fn a_server_is_reached_over_its_socket() {
    let server = Server::shared();
    let folder = server.folder().to_str().unwrap().to_owned();
    let url = format!("postgresql://ops@/postgres?host={folder}&port={}", server.port());
    let say = "SELECT coalesce(inet_server_addr()::text, 'socket')";
    assert_eq!(asked(&url, &[], say).unwrap(), "socket");
    let port = server.port().to_string();
    let variables = [("PGHOST", folder.as_str()), ("PGPORT", port.as_str())];
    assert_eq!(asked("postgresql://ops@/postgres", &variables, say).unwrap(), "socket");
}

fn a_session_is_as_it_is_described() {
    let server = Server::shared();
    // Whatever an administrator has set.
    server.execute(
        "postgres",
        "CREATE ROLE odd LOGIN; ALTER ROLE odd SET search_path = 'pg_temp'; ALTER ROLE odd SET timezone = 'Asia/Tokyo';
         ALTER ROLE odd SET default_transaction_isolation = 'serializable'",
    );
    let url = server.database().replace("ops@", "odd@");
    for (setting, value) in [
        ("search_path", "\"\""),
        ("TimeZone", "UTC"),
        ("transaction_isolation", "read committed"),
        ("idle_in_transaction_session_timeout", "1min"),
    ] {
        let say = format!("SELECT current_setting('{setting}')");
        assert_eq!(asked(&url, &[], &say).unwrap(), value, "{setting}");
    }
}

/// An authority, and what it has signed.
struct Certificates {
    folder: TempDir,
}

impl Certificates {
    /// Of a server that is called so, and of a client for this user.
    fn new(server: &str, user: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority = params.self_signed(&key).unwrap();
        std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
        let issuer = rcgen::Issuer::new(params, key);
        for (file, names, common) in [
            ("server", vec![server.to_owned()], server),
            ("client", Vec::new(), user),
        ] {
            let key = rcgen::KeyPair::generate().unwrap();
            let mut params = rcgen::CertificateParams::new(names).unwrap();
            params.distinguished_name.push(rcgen::DnType::CommonName, common);
            let certificate = params.signed_by(&key, &issuer).unwrap();
            std::fs::write(folder.path().join(format!("{file}.pem")), certificate.pem()).unwrap();
            let path = folder.path().join(format!("{file}.key"));
            std::fs::write(&path, key.serialize_pem()).unwrap();
            private(&path);
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// A server with them, for `lines` of who may log in.
    fn server(&self, lines: &str) -> Server {
        let mut server = Server::start();
        let data = server.folder().join("data");
        for name in ["server.pem", "server.key", "ca.pem"] {
            let to = data.join(name);
            std::fs::copy(self.path(name), &to).unwrap();
            private(&to);
            own_as(&data, &to);
        }
        server.execute("postgres", "ALTER SYSTEM SET ssl_cert_file = 'server.pem'");
        server.execute("postgres", "ALTER SYSTEM SET ssl_key_file = 'server.key'");
        server.execute("postgres", "ALTER SYSTEM SET ssl_ca_file = 'ca.pem'");
        server.execute("postgres", "ALTER SYSTEM SET ssl = on");
        allows(&server, lines);
        server.restart();
        server
    }
}

/// Gives a file to whom another belongs.
fn own_as(other: &Path, file: &Path) {
    let mut reference = OsString::from("--reference=");
    reference.push(other);
    let status = Command::new("chown").arg(reference).arg(file).status().unwrap();
    assert!(status.success());
}

const SAYS_TLS: &str = "SELECT CASE WHEN ssl THEN 'tls' ELSE 'plain' END FROM pg_catalog.pg_stat_ssl \
                        WHERE pid = pg_catalog.pg_backend_pid()";

fn each_mode_of_tls_asks_for_what_it_says() {
    let (right, other) = (
        Certificates::new("localhost", "ops"),
        Certificates::new("localhost", "ops"),
    );
    let server = right.server("host all ops 127.0.0.1/32 trust");
    let port = server.port();
    let (ca, other_ca) = (right.path("ca.pem"), other.path("ca.pem"));
    for (host, mode, root, expected) in [
        ("localhost", "verify-full", Some(&ca), Ok("tls")),
        ("localhost", "verify-full", Some(&other_ca), Err(())),
        ("localhost", "verify-full", None, Err(())),
        // The certificate names localhost, and no address.
        ("127.0.0.1", "verify-full", Some(&ca), Err(())),
        ("127.0.0.1", "verify-ca", Some(&ca), Ok("tls")),
        ("127.0.0.1", "verify-ca", Some(&other_ca), Err(())),
        ("127.0.0.1", "require", None, Ok("tls")),
        ("127.0.0.1", "require", Some(&ca), Ok("tls")),
        ("127.0.0.1", "require", Some(&other_ca), Err(())),
        ("127.0.0.1", "disable", None, Ok("plain")),
    ] {
        let root = root.map_or_else(String::new, |root| format!("&sslrootcert={root}"));
        let url = format!("postgresql://ops@{host}:{port}/postgres?sslmode={mode}{root}");
        match (asked(&url, &[], SAYS_TLS), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{url}"),
            (Err(error), Err(())) => {
                assert_eq!(error.kind(), ErrorKind::Tls, "{url}: {error}");
                assert!(!error.is_lost(), "{url}");
            }
            (found, _) => panic!("{url}: {found:?}"),
        }
    }
    // The same by variables.
    let url = format!("postgresql://ops@localhost:{port}/postgres");
    let variables = [("PGSSLMODE", "verify-full"), ("PGSSLROOTCERT", ca.as_str())];
    assert_eq!(asked(&url, &variables, SAYS_TLS).unwrap(), "tls");
    let variables = [("PGSSLMODE", "verify-full"), ("PGSSLROOTCERT", other_ca.as_str())];
    assert_eq!(asked(&url, &variables, SAYS_TLS).unwrap_err().kind(), ErrorKind::Tls);
}

fn a_server_without_tls_is_refused_where_tls_is_asked_for() {
    let url = format!("{}?sslmode=require", Server::shared().database());
    let error = connect(&url, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error}");
}

fn a_client_certificate_logs_in() {
    let certificates = Certificates::new("localhost", "ops");
    let server = certificates.server("hostssl all ops 127.0.0.1/32 cert");
    let url = format!(
        "postgresql://ops@localhost:{}/postgres?sslmode=verify-full&sslrootcert={}",
        server.port(),
        certificates.path("ca.pem")
    );
    let error = connect(&url, &[]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Login | ErrorKind::Tls), "{error:?}");
    let with_both = format!(
        "{url}&sslcert={}&sslkey={}",
        certificates.path("client.pem"),
        certificates.path("client.key")
    );
    assert_eq!(connect(&with_both, &[]).unwrap(), "ops");
    // A certificate of another authority.
    let other = Certificates::new("localhost", "ops");
    let foreign = format!(
        "{url}&sslcert={}&sslkey={}",
        other.path("client.pem"),
        other.path("client.key")
    );
    connect(&foreign, &[]).unwrap_err();
}

fn durability(url: &str) -> Result<(), Error> {
    with(url, &[], async |connection| check_durability(connection).await)
}

fn a_server_that_may_lose_what_it_confirms_is_refused_by_the_setting() {
    durability(&Server::shared().database()).unwrap();
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let server = Server::with(&[(setting, "off")]);
        let error = durability(&server.database()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotDurable, "{setting}");
        assert!(error.to_string().contains(&format!("`{setting}` is off")), "{error}");
    }
    // Also where only this user, or this database, has it so.
    let server = Server::start();
    let url = server.database();
    server.execute("postgres", "ALTER ROLE ops SET synchronous_commit = off");
    assert_eq!(durability(&url).unwrap_err().kind(), ErrorKind::NotDurable);
    server.execute(
        "postgres",
        "ALTER ROLE ops RESET synchronous_commit; ALTER ROLE ops SET default_transaction_read_only = on",
    );
    assert_eq!(durability(&url).unwrap_err().kind(), ErrorKind::ReadOnly);
}

fn a_standby_is_refused() {
    let primary = Server::start();
    // Before the standby, which has it from the beginning then.
    let url = primary.database();
    let standby = primary.standby(Replication::Synchronous);
    durability(&url).unwrap();
    primary.execute("postgres", "ALTER ROLE ops SET synchronous_commit = local");
    assert_eq!(
        durability(&url).unwrap_err().kind(),
        ErrorKind::NotDurable,
        "the standby would lack it"
    );
    let there = url.replace(&format!(":{}/", primary.port()), &format!(":{}/", standby.port()));
    let error = durability(&there).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly, "{error}");
    standby.promote();
    durability(&there).unwrap();
}

fn the_server_that_writes_is_found_among_several() {
    let primary = Server::start();
    // Before the standby, which has it from the beginning then.
    let url = primary.database();
    let standby = primary.standby(Replication::Synchronous);
    let name = url.rsplit('/').next().unwrap();
    let both = format!(
        "postgresql://ops@127.0.0.1:{},127.0.0.1:{}/{name}?target_session_attrs=read-write",
        standby.port(),
        primary.port()
    );
    let port = "SELECT inet_server_port()::text";
    assert_eq!(asked(&both, &[], port).unwrap(), primary.port().to_string());
    // One that does not answer is passed over.
    let gone = format!("postgresql://ops@127.0.0.1:1,127.0.0.1:{}/{name}", primary.port());
    assert_eq!(asked(&gone, &[], port).unwrap(), primary.port().to_string());
    let only_standby = format!(
        "postgresql://ops@127.0.0.1:{}/{name}?target_session_attrs=read-write",
        standby.port()
    );
    assert!(asked(&only_standby, &[], port).is_err());
}

fn a_database_that_is_not_there_is_told() {
    let url = format!("{}x", Server::shared().database());
    let error = connect(&url, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoDatabase);
    assert!(error.to_string().contains(url.rsplit('/').next().unwrap()), "{error}");
    let url = Server::shared().database().replace("ops@", "nobody-of-that-name@");
    assert_eq!(connect(&url, &[]).unwrap_err().kind(), ErrorKind::Login);
}

fn a_connection_that_the_server_ends_is_lost() {
    let server = Server::shared();
    let lost = with(&server.database(), &[], async |connection| {
        let row = connection.query_one("SELECT pg_backend_pid()::text", &[]).await?;
        let pid: String = row.get(0);
        server.execute("postgres", &format!("SELECT pg_terminate_backend({pid})"));
        let error = Error::from(connection.query_one("SELECT 1", &[]).await.unwrap_err());
        assert!(connection.is_closed() || error.is_lost());
        Ok(error)
    });
    let error = lost.unwrap();
    assert!(error.is_lost(), "{error:?}");
    let gone = PathBuf::from("/nowhere/at/all");
    let url = format!("postgresql://ops@/postgres?host={}", gone.display());
    let error = connect(&url, &[]).unwrap_err();
    assert!(error.is_lost(), "{error:?}");
}
