//! What the URL, the variables and the defaults say together.

use std::ffi::OsString;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio_postgres::config::TargetSessionAttrs;

use crate::error::Error;
use crate::password_file::PasswordFile;
use crate::ssl_mode::SslMode;
use crate::target::{PORT, Place, Target, is_folder, ports};
use crate::tls::Tls;
use crate::url::{DatabaseUrl, Parameter};
use crate::variables::Variables;

/// How a database is reached: what the URL says, else what libpq's variables say, else a safe default.
///
/// A clone is cheap. `Debug` shows no password.
#[derive(Clone)]
pub struct Settings(Arc<Resolved>);

pub(crate) struct Resolved {
    pub(crate) servers: Vec<Server>,
    pub(crate) application_name: String,
    /// `None`: without end.
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) session: TargetSessionAttrs,
    host: String,
    user: String,
    database: String,
}

/// One of the servers, and what is needed there.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) target: Target,
    /// `None`: no TLS.
    pub(crate) tls: Option<Tls>,
    /// There is no TLS because this is the machine itself; that has to be true then.
    pub(crate) only_local: bool,
    pub(crate) password: Option<SecretString>,
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl Settings {
    /// Reads the variables of the process, the password file, and the certificates.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Setting`](crate::ErrorKind::Setting), or [`ErrorKind::Tls`](crate::ErrorKind::Tls) if the machine's
    /// certificates cannot be used. Nothing was sent.
    pub fn of(url: &DatabaseUrl) -> Result<Self, Error> {
        Self::resolve(url, |name| std::env::var_os(name))
    }

    /// As [`of`](Self::of), with variables that come from elsewhere. The files are those of the machine.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub fn resolve(url: &DatabaseUrl, variables: impl Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        let said = Said {
            url,
            variables: Variables(variables),
        };
        said.variables.refuse_unsupported()?;
        let user = match said.field(url.user.as_ref(), "PGUSER")? {
            Some(user) => user,
            None => whoami::username().map_err(|error| {
                Error::setting("the name of the user is not known: say it in the URL, as in `postgresql://USER@HOST`")
                    .with_source(error)
            })?,
        };
        let database = said
            .field(url.database.as_ref(), "PGDATABASE")?
            .unwrap_or_else(|| user.clone());
        let targets = said.targets()?;
        let host = targets.iter().map(Target::to_string).collect::<Vec<_>>().join(",");
        let password = said.variables.password()?;
        let file = match password {
            Some(_) => None,
            None => PasswordFile::find(&said.variables)?,
        };
        let choice = said.tls()?;
        let mut servers = Vec::new();
        // Made at most once: the machine's store of certificates is not small.
        let mut tls = None;
        for target in targets {
            let password = match (&password, &file) {
                (Some(password), _) => Some(password.clone()),
                (None, Some(file)) => file.password(&target, &database, &user)?,
                (None, None) => None,
            };
            // As libpq: there is no TLS over a Unix socket, whatever is said.
            let only_local =
                matches!(target.place, Place::Socket(_)) || choice.mode.is_none() && target.place.is_local();
            let mode = if only_local {
                SslMode::Disable
            } else {
                choice.mode.unwrap_or(SslMode::VerifyFull)
            };
            if mode != SslMode::Disable && tls.is_none() {
                let identity = choice
                    .identity
                    .as_ref()
                    .map(|(cert, key)| (cert.as_path(), key.as_path()));
                tls = Some(Tls::new(mode, choice.roots.as_deref(), identity)?);
            }
            servers.push(Server {
                target,
                tls: tls.clone().filter(|_| mode != SslMode::Disable),
                only_local,
                password,
            });
        }
        Ok(Self(Arc::new(Resolved {
            servers,
            application_name: said
                .parameter(Parameter::ApplicationName, "PGAPPNAME")?
                .map_or_else(|| "fleetpurge".to_owned(), |(name, _)| name),
            connect_timeout: said.connect_timeout()?,
            session: said.session()?,
            host,
            user,
            database,
        })))
    }

    pub(crate) fn resolved(&self) -> &Resolved {
        &self.0
    }

    /// The servers that are tried, for messages: `db.example:5432`, with commas between several.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.0.host
    }

    /// The name of the database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.0.database
    }

    /// The name of the user.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.0.user
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("host", &self.0.host)
            .field("user", &self.0.user)
            .field("database", &self.0.database)
            .field("application_name", &self.0.application_name)
            .field("connect_timeout", &self.0.connect_timeout)
            .finish_non_exhaustive()
    }
}

struct Said<'a, F> {
    url: &'a DatabaseUrl,
    variables: Variables<F>,
}

/// What was said of TLS.
struct TlsChoice {
    mode: Option<SslMode>,
    /// `None`: those that the machine trusts.
    roots: Option<PathBuf>,
    /// The certificate and its key.
    identity: Option<(PathBuf, PathBuf)>,
}

impl<F: Fn(&str) -> Option<OsString>> Said<'_, F> {
    fn field(&self, of_url: Option<&String>, variable: &str) -> Result<Option<String>, Error> {
        match of_url {
            Some(value) => Ok(Some(value.clone())),
            None => self.variables.text(variable),
        }
    }

    /// The value, and what has said it.
    fn parameter(&self, parameter: Parameter, variable: &str) -> Result<Option<(String, String)>, Error> {
        match self.url.others.get(&parameter) {
            Some(value) => Ok(Some((value.clone(), format!("`{}` of the URL", parameter.name())))),
            None => Ok(self.variables.text(variable)?.map(|value| (value, variable.to_owned()))),
        }
    }

    fn path(&self, parameter: Parameter, variable: &str) -> Option<PathBuf> {
        match self.url.others.get(&parameter) {
            Some(path) => Some(PathBuf::from(path)),
            None => self.variables.path(variable),
        }
    }

    fn targets(&self) -> Result<Vec<Target>, Error> {
        let mut hosts = self.url.hosts.clone();
        if hosts.is_empty()
            && let Some(said) = self.variables.text("PGHOST")?
        {
            hosts = said.split(',').map(str::to_owned).collect();
        }
        let addresses = match self.variables.text("PGHOSTADDR")? {
            None => Vec::new(),
            Some(said) => said
                .split(',')
                .map(|address| {
                    address.parse::<IpAddr>().map_err(|_| {
                        Error::setting("PGHOSTADDR is not an IP address, or several with commas: set names in PGHOST")
                    })
                })
                .collect::<Result<_, _>>()?,
        };
        if hosts.is_empty() && addresses.is_empty() {
            hosts.push(default_host());
        }
        if hosts.iter().any(String::is_empty) {
            return Err(Error::setting("PGHOST has an empty host between its commas: remove it"));
        }
        if !hosts.is_empty() && !addresses.is_empty() && hosts.len() != addresses.len() {
            return Err(Error::setting(format!(
                "PGHOSTADDR has {} addresses for {} hosts: give one for each host, or unset it",
                addresses.len(),
                hosts.len()
            )));
        }
        let ports = self.ports(hosts.len().max(addresses.len()))?;
        let mut targets = Vec::new();
        for (at, port) in ports.into_iter().enumerate() {
            let address = addresses.get(at).copied();
            let place = match (hosts.get(at), address) {
                (Some(host), None) if is_folder(host) => socket(host)?,
                (Some(host), address) => Place::Network {
                    name: host.clone(),
                    address,
                },
                (None, address) => Place::Network {
                    name: address.map(|address| address.to_string()).unwrap_or_default(),
                    address,
                },
            };
            targets.push(Target { place, port });
        }
        Ok(targets)
    }

    /// One for each server.
    fn ports(&self, servers: usize) -> Result<Vec<u16>, Error> {
        let mut said = self.url.ports.clone();
        if said.is_empty()
            && let Some(text) = self.variables.text("PGPORT")?
        {
            said = ports(&text).ok_or_else(|| {
                Error::setting("PGPORT is not a number from 1 to 65535, or several with commas: correct it")
            })?;
        }
        match said.as_slice() {
            [] => Ok(vec![PORT; servers]),
            [one] => Ok(vec![one.unwrap_or(PORT); servers]),
            several if several.len() == servers => Ok(several.iter().map(|port| port.unwrap_or(PORT)).collect()),
            several => Err(Error::setting(format!(
                "there are {} ports for {servers} hosts: give one port, or one for each host",
                several.len()
            ))),
        }
    }

    fn tls(&self) -> Result<TlsChoice, Error> {
        let mut mode = match self.parameter(Parameter::SslMode, "PGSSLMODE")? {
            Some((text, said_by)) => Some(SslMode::of(&text, &said_by)?),
            None => None,
        };
        let mut roots = self.path(Parameter::SslRootCert, "PGSSLROOTCERT");
        let wanted = roots.is_some();
        if roots.as_ref().is_some_and(|roots| roots.as_os_str() == "system") {
            // libpq, too, allows no less: with any public certificate anybody could pass.
            if mode.is_some_and(|mode| !matches!(mode, SslMode::VerifyFull | SslMode::Disable)) {
                return Err(Error::setting(
                    "`sslrootcert=system` trusts every public authority: use it with `sslmode=verify-full` only",
                ));
            }
            roots = None;
        }
        match (mode, &roots) {
            (Some(SslMode::VerifyCa), None) => {
                return Err(Error::setting(
                    "`sslmode=verify-ca` trusts any host with a certificate of the authority, so it needs that \
                     authority's certificate in `sslrootcert`: name its PEM file, or use `verify-full`",
                ));
            }
            (Some(SslMode::Require), Some(_)) => mode = Some(SslMode::VerifyCa),
            _ => {}
        }
        let certificate = self.path(Parameter::SslCert, "PGSSLCERT");
        let key = self.path(Parameter::SslKey, "PGSSLKEY");
        let identity = match (certificate, key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (Some(_), None) => {
                return Err(Error::setting(
                    "there is a client certificate without a private key: name its file in `sslkey` or PGSSLKEY",
                ));
            }
            (None, Some(_)) => {
                return Err(Error::setting(
                    "there is a private key without a client certificate: name its file in `sslcert` or PGSSLCERT",
                ));
            }
        };
        // Who names certificates wants TLS, also with this machine.
        if wanted || identity.is_some() {
            mode = mode.or(Some(SslMode::VerifyFull));
        }
        Ok(TlsChoice { mode, roots, identity })
    }

    fn connect_timeout(&self) -> Result<Option<Duration>, Error> {
        let Some((text, said_by)) = self.parameter(Parameter::ConnectTimeout, "PGCONNECT_TIMEOUT")? else {
            return Ok(Some(CONNECT_TIMEOUT));
        };
        match text.parse::<u32>() {
            // As libpq.
            Ok(0) => Ok(None),
            Ok(seconds) => Ok(Some(Duration::from_secs(seconds.into()))),
            Err(_) => Err(Error::setting(format!(
                "{said_by} is not a number of seconds: write `10`, or `0` to wait without end"
            ))),
        }
    }

    fn session(&self) -> Result<TargetSessionAttrs, Error> {
        let Some((text, said_by)) = self.parameter(Parameter::TargetSessionAttrs, "PGTARGETSESSIONATTRS")? else {
            return Ok(TargetSessionAttrs::Any);
        };
        match text.as_str() {
            "any" => Ok(TargetSessionAttrs::Any),
            "read-write" => Ok(TargetSessionAttrs::ReadWrite),
            "read-only" => Ok(TargetSessionAttrs::ReadOnly),
            _ => Err(Error::setting(format!(
                "{said_by} is not supported: use `read-write`, `read-only` or `any`"
            ))),
        }
    }
}

fn socket(folder: &str) -> Result<Place, Error> {
    if cfg!(unix) {
        return Ok(Place::Socket(PathBuf::from(folder)));
    }
    Err(Error::setting(
        "a host that begins with `/` is a Unix socket, which this system does not have: name a host",
    ))
}

/// Where packages put the socket. Not `/tmp`, where any user of the machine could put one.
fn default_host() -> String {
    let folder = "/var/run/postgresql";
    let there = cfg!(unix) && std::path::Path::new(folder).is_dir();
    if there { folder } else { "localhost" }.to_owned()
}

#[cfg(test)]
mod tests;
