//! A server with passwords and TLS, and whoever logs in to it.

use std::collections::HashMap;
use std::error::Error as _;
use std::ffi::OsString;
use std::path::Path;
use std::sync::OnceLock;

use fleetpurge_postgres::{Connection, DatabaseUrl, Error, Settings};
use fleetpurge_testing::postgres::Server;
use tempfile::TempDir;

/// The password of every user who has one: with what a line of a password file escapes, and more than ASCII.
pub(crate) const PASSWORD: &str = r"ge:h\eim é";
/// The same in a password file.
pub(crate) const ESCAPED: &str = r"ge\:h\\eim é";

/// Who may come, and how.
const RULES: &str = "\
host    all postgres  127.0.0.1/32 trust
local   all postgres               trust
hostssl all tls_only  127.0.0.1/32 trust
hostssl all certified 127.0.0.1/32 cert
host    all md5_user  127.0.0.1/32 md5
host    all scram     127.0.0.1/32 scram-sha-256
local   all scram                  scram-sha-256
host    all limited   127.0.0.1/32 trust
";

/// A server with users, TLS, and certificates of two authorities.
pub(crate) struct Rig {
    pub(crate) server: Server,
    pub(crate) ours: Authority,
    pub(crate) others: Authority,
}

/// The one that the tests share.
pub(crate) fn rig() -> &'static Rig {
    static RIG: OnceLock<Rig> = OnceLock::new();
    RIG.get_or_init(|| {
        let (ours, others) = (Authority::new(), Authority::new());
        let (certificate, key) = ours.issue(&["localhost", "db.example"]);
        let server = Server::with_files(
            &[("ssl", "on"), ("ssl_ca_file", "root.crt")],
            &[
                ("pg_hba.conf", RULES),
                ("server.crt", &certificate),
                ("server.key", &key),
                ("root.crt", &ours.pem),
            ],
        );
        let literal = PASSWORD.replace('\'', "''");
        for sql in [
            format!("CREATE ROLE scram LOGIN PASSWORD '{literal}'"),
            format!("SET password_encryption = 'md5'; CREATE ROLE md5_user LOGIN PASSWORD '{literal}'"),
            "CREATE ROLE tls_only LOGIN".to_owned(),
            "CREATE ROLE certified LOGIN".to_owned(),
            "CREATE ROLE limited LOGIN CONNECTION LIMIT 1".to_owned(),
            "CREATE ROLE nobody_lets_in LOGIN".to_owned(),
        ] {
            server.execute("postgres", &sql);
        }
        for (user, stored) in [("scram", "SCRAM-SHA-256$"), ("md5_user", "md5")] {
            let kept = server.query(
                "postgres",
                &format!("SELECT rolpassword FROM pg_authid WHERE rolname = '{user}'"),
            );
            assert!(kept[0][0].as_deref().unwrap().starts_with(stored), "{user}");
        }
        Rig { server, ours, others }
    })
}

impl Rig {
    /// The address of its database for this user.
    pub(crate) fn url(&self, user: &str) -> String {
        format!("postgresql://{user}@127.0.0.1:{}/postgres", self.server.port())
    }
}

/// Connects, with these variables and no others.
pub(crate) fn connect(url: &str, variables: &[(&str, &str)]) -> Result<Session, Error> {
    let url: DatabaseUrl = url.parse()?;
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    let settings = Settings::resolve(&url, |name| variables.get(name).map(OsString::from))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let connection = runtime.block_on(settings.connect())?;
    Ok(Session { connection, runtime })
}

/// The error of a connection that is not made, as a person would see it: it has no password in it, however it is shown.
pub(crate) fn refused(url: &str, variables: &[(&str, &str)]) -> (Error, String) {
    let Err(error) = connect(url, variables) else {
        panic!("{url} {variables:?}: it is let in");
    };
    let mut told = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        told = format!("{told}: {cause}");
        next = cause.source();
    }
    let shown = format!("{told} {error:?} {error:#?}");
    for secret in [PASSWORD, ESCAPED, WRONG] {
        assert!(!shown.contains(secret), "{shown}");
    }
    (error, told)
}

/// A password that nobody has.
pub(crate) const WRONG: &str = "falsch-PROBE";

/// A connection, and what drives it.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) connection: Connection,
    runtime: tokio::runtime::Runtime,
}

impl Session {
    pub(crate) fn wait<T>(&self, what: impl Future<Output = T>) -> T {
        self.runtime.block_on(what)
    }

    /// What the server says of this session.
    pub(crate) fn says(&self, what: &str) -> String {
        let sql = format!("SELECT ({what})::text");
        let row = self.wait(self.connection.query_one(&sql, &[])).unwrap();
        row.get::<_, Option<String>>(0).unwrap_or_default()
    }

    pub(crate) fn user(&self) -> String {
        self.says("SELECT current_user")
    }

    pub(crate) fn port(&self) -> String {
        self.says("SELECT pg_catalog.inet_server_port()")
    }

    /// Whether the server encrypts what it sends here.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.says("SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()") == "true"
    }
}

/// An authority for certificates, made for the test.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "an authority of a test");
        let pem = params.self_signed(&key).unwrap().pem();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("root.pem"), &pem).unwrap();
        Self {
            pem,
            issuer: rcgen::Issuer::new(params, key),
            folder,
        }
    }

    /// The file of its certificate.
    pub(crate) fn file(&self) -> String {
        self.folder.path().join("root.pem").display().to_string()
    }

    /// A certificate for these hosts, and its key.
    fn issue(&self, hosts: &[&str]) -> (String, String) {
        let hosts: Vec<String> = hosts.iter().map(|&host| host.to_owned()).collect();
        self.signed(&rcgen::CertificateParams::new(hosts).unwrap())
    }

    /// The files of a certificate for this user, and of its key.
    pub(crate) fn certifies(&self, user: &str) -> (String, String) {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, user);
        let (certificate, key) = self.signed(&params);
        let folder = self.folder.path();
        (
            closed(&folder.join(format!("{user}.pem")), &certificate),
            closed(&folder.join(format!("{user}.key")), &key),
        )
    }

    fn signed(&self, params: &rcgen::CertificateParams) -> (String, String) {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

/// Writes a file that nobody else can read, and says where it is.
pub(crate) fn closed(path: &Path, text: &str) -> String {
    std::fs::write(path, text).unwrap();
    allow(path, 0o600);
    path.display().to_string()
}

/// Says who may read a file, and write to it.
#[cfg(unix)]
pub(crate) fn allow(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;

    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
pub(crate) fn allow(_: &Path, _: u32) {}
