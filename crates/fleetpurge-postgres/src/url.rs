//! The address of a database: what may be in a command line, a log and a report, so nothing secret.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::error::Error;
use crate::target::{is_folder, port_number, ports};

/// The address of a PostgreSQL database, and of a plan in it: `postgresql://ops@db.example/fleet?plan=acme-2026-11`.
///
/// It is a [connection URI of libpq](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS)
/// with the parameter `plan`, and without a password. `Display` writes what `FromStr` reads. Two addresses are equal if
/// they say the same; what a variable adds does not count.
///
/// ```
/// use fleetpurge_postgres::DatabaseUrl;
///
/// let url: DatabaseUrl = "postgres://ops@db.example/fleet".parse()?;
/// assert_eq!(url.with_plan("acme 11").to_string(), "postgresql://ops@db.example/fleet?plan=acme%2011");
/// assert!("postgresql://ops:secret@db.example/fleet".parse::<DatabaseUrl>().is_err());
/// # Ok::<(), fleetpurge_postgres::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DatabaseUrl {
    pub(crate) hosts: Vec<String>,
    /// Empty, or one for each host, or one for all.
    pub(crate) ports: Vec<Option<u16>>,
    pub(crate) user: Option<String>,
    pub(crate) database: Option<String>,
    pub(crate) others: BTreeMap<Parameter, String>,
    plan: Option<String>,
}

/// The parameters that have no place before the `?`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Parameter {
    ApplicationName,
    ConnectTimeout,
    SslCert,
    SslKey,
    SslMode,
    SslRootCert,
    TargetSessionAttrs,
}

impl Parameter {
    const ALL: [Self; 7] = [
        Self::ApplicationName,
        Self::ConnectTimeout,
        Self::SslCert,
        Self::SslKey,
        Self::SslMode,
        Self::SslRootCert,
        Self::TargetSessionAttrs,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ApplicationName => "application_name",
            Self::ConnectTimeout => "connect_timeout",
            Self::SslCert => "sslcert",
            Self::SslKey => "sslkey",
            Self::SslMode => "sslmode",
            Self::SslRootCert => "sslrootcert",
            Self::TargetSessionAttrs => "target_session_attrs",
        }
    }
}

/// Left as they are: unreserved characters (RFC 3986), and `/` where it is only data.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const ENCODED_PARAMETER: &AsciiSet = &ENCODED.remove(b'/').remove(b',');

const PASSWORD: &str = "the URL has a password, which other users of the machine could read: take it out, and put it \
                        in ~/.pgpass, in a file named by PGPASSFILE, or in PGPASSWORD";

impl DatabaseUrl {
    /// Whether the text is the URL of a PostgreSQL database, by its scheme.
    ///
    /// ```
    /// # use fleetpurge_postgres::DatabaseUrl;
    /// assert!(DatabaseUrl::is_one("PostgreSQL://db.example/fleet"));
    /// assert!(!DatabaseUrl::is_one("plans/acme.fleetpurge"));
    /// ```
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        after_scheme(text).is_some()
    }

    /// The name of the plan, decoded.
    #[must_use]
    pub fn plan(&self) -> Option<&str> {
        self.plan.as_deref()
    }

    /// The same database, and this plan in it.
    #[must_use]
    pub fn with_plan(&self, plan: &str) -> Self {
        Self {
            plan: Some(plan.to_owned()),
            ..self.clone()
        }
    }

    /// The database alone.
    #[must_use]
    pub fn without_plan(&self) -> Self {
        Self {
            plan: None,
            ..self.clone()
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = Error;

    /// # Errors
    ///
    /// [`ErrorKind::Url`](crate::ErrorKind::Url). The message does not repeat the URL, which may contain a password.
    fn from_str(text: &str) -> Result<Self, Error> {
        let rest = after_scheme(text).ok_or_else(|| {
            Error::url("the URL of a database begins with `postgresql://`, as in `postgresql://HOST/DATABASE`")
        })?;
        let (place, query) = match rest.split_once('?') {
            Some((place, query)) => (place, Some(query)),
            None => (rest, None),
        };
        let (authority, path) = match place.split_once('/') {
            Some((authority, path)) => (authority, Some(path)),
            None => (place, None),
        };
        let (user, hosts) = match authority.rsplit_once('@') {
            Some((user, _)) if user.contains(':') => return Err(Error::url(PASSWORD)),
            Some((user, hosts)) => (Some(user), hosts),
            // A password with a `/` or `?`: what follows must not be shown as a database or a parameter.
            None if authority.contains(':') && rest.contains('@') => {
                return Err(Error::url(format!("{PASSWORD}. A `@` that is data is written `%40`")));
            }
            None => (None, authority),
        };
        let mut url = Self {
            hosts: Vec::new(),
            ports: Vec::new(),
            user: None,
            database: None,
            others: BTreeMap::new(),
            plan: None,
        };
        if let Some(user) = user.filter(|user| !user.is_empty()) {
            url.user = Some(decoded(user, "the user")?);
        }
        if !hosts.is_empty() {
            url.read_hosts(hosts)?;
        }
        if let Some(database) = path.filter(|path| !path.is_empty()) {
            if database.contains('/') {
                return Err(Error::url(
                    "the URL has more than one `/` after the host: write `%2F` for a slash in the database's name",
                ));
            }
            url.database = Some(decoded(database, "the database")?);
        }
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            url.read_parameter(pair)?;
        }
        if url.ports.len() > 1 && url.ports.len() != url.hosts.len() {
            return Err(Error::url(format!(
                "the URL has {} ports for {} hosts: give one port, or one for each host",
                url.ports.len(),
                url.hosts.len()
            )));
        }
        Ok(url)
    }
}

impl DatabaseUrl {
    /// `h1:5432,[::1]:5433`
    fn read_hosts(&mut self, text: &str) -> Result<(), Error> {
        let malformed = || {
            Error::url(
                "a host of the URL is malformed: write `HOST` or `HOST:PORT`, an IPv6 address in brackets, and commas \
                 between several hosts",
            )
        };
        for one in text.split(',') {
            let (host, port) = if let Some(bracketed) = one.strip_prefix('[') {
                let (address, after) = bracketed.split_once(']').ok_or_else(malformed)?;
                address.parse::<std::net::Ipv6Addr>().map_err(|_| malformed())?;
                let port = match after.strip_prefix(':') {
                    Some(port) => Some(port),
                    None if after.is_empty() => None,
                    None => return Err(malformed()),
                };
                (address.to_owned(), port)
            } else {
                let (host, port) = match one.split_once(':') {
                    Some((host, port)) => (host, Some(port)),
                    None => (one, None),
                };
                (decoded(host, "a host")?, port)
            };
            if host.is_empty() && text.contains(',') {
                return Err(malformed());
            }
            let port = match port {
                None | Some("") => None,
                // Not repeated in the message: it may be a password before a forgotten `@`.
                Some(port) => Some(
                    port_number(port).ok_or_else(|| Error::url("a port of the URL is not a number from 1 to 65535"))?,
                ),
            };
            if !host.is_empty() {
                self.hosts.push(checked_host(host)?);
            }
            self.ports.push(port);
        }
        // libpq: where no port is said at all, PGPORT is asked.
        if self.ports.iter().all(Option::is_none) {
            self.ports.clear();
        }
        Ok(())
    }

    fn read_parameter(&mut self, pair: &str) -> Result<(), Error> {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| Error::url("a parameter of the URL has no `=`: write `NAME=VALUE`, and `&` between two"))?;
        let name = decoded(name, "the name of a parameter")?;
        if matches!(name.as_str(), "password" | "passfile" | "sslpassword") {
            return Err(Error::url(PASSWORD));
        }
        let value = decoded(value, &format!("`{name}`"))?;
        let repeated = || Error::url(format!("the URL says `{name}` twice"));
        let empty = || {
            Error::url(format!(
                "`{name}` of the URL is empty: give it a value, or leave it out"
            ))
        };
        let known = Parameter::ALL.into_iter().find(|known| known.name() == name);
        if known.is_none() && !matches!(name.as_str(), "plan" | "user" | "dbname" | "host" | "port") {
            return Err(Error::url(format!(
                "the URL has a parameter `{name}`, which is not known here: `plan`, `host`, `port`, `user`, `dbname`, \
                 {} are",
                Parameter::ALL.map(|known| format!("`{}`", known.name())).join(", ")
            )));
        }
        if value.is_empty() {
            return Err(empty());
        }
        if let Some(known) = known {
            return match self.others.insert(known, value) {
                Some(_) => Err(repeated()),
                None => Ok(()),
            };
        }
        match name.as_str() {
            "host" if !self.hosts.is_empty() => return Err(repeated()),
            "host" => {
                for host in value.split(',') {
                    self.hosts.push(checked_host(host.to_owned())?);
                }
            }
            "port" if !self.ports.is_empty() => return Err(repeated()),
            "port" => {
                self.ports = ports(&value).ok_or_else(|| {
                    Error::url("`port` of the URL is not a number from 1 to 65535, or several with commas")
                })?;
            }
            _ => {
                let field = match name.as_str() {
                    "plan" => &mut self.plan,
                    "user" => &mut self.user,
                    _ => &mut self.database,
                };
                if field.replace(value).is_some() {
                    return Err(repeated());
                }
            }
        }
        Ok(())
    }
}

/// What follows `postgresql://` or `postgres://`, in any case.
fn after_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    let known = ["postgresql", "postgres"];
    known
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
        .then_some(rest)
}

fn decoded(text: &str, what: &str) -> Result<String, Error> {
    let malformed = |_| Error::url(format!("{what} of the URL is not well percent-encoded text"));
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| byte == b'%') {
        match rest.get(at + 1..at + 3) {
            Some([first, second]) if first.is_ascii_hexdigit() && second.is_ascii_hexdigit() => rest = &rest[at + 3..],
            _ => return Err(malformed(())),
        }
    }
    let text = percent_decode_str(text).decode_utf8().map_err(|_| malformed(()))?;
    // The protocol ends a text with it.
    if text.contains('\0') {
        return Err(malformed(()));
    }
    Ok(text.into_owned())
}

fn checked_host(host: String) -> Result<String, Error> {
    let strange = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '@' | '/' | '%' | '[' | ']');
    // A folder may be called anything but what separates two.
    let malformed = !is_folder(&host)
        && (host.contains(strange) || host.contains(':') && host.parse::<std::net::Ipv6Addr>().is_err());
    if host.is_empty() || host.contains(',') || malformed {
        return Err(Error::url(
            "a host of the URL is empty or has characters that no host has",
        ));
    }
    Ok(host)
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgresql://")?;
        if let Some(user) = &self.user {
            write!(f, "{}@", utf8_percent_encode(user, ENCODED))?;
        }
        // Folders read better as a parameter, and one port for several hosts can be written only there.
        let as_parameters = self.hosts.iter().any(|host| is_folder(host))
            || !self.ports.is_empty() && self.ports.len() != self.hosts.len();
        if !as_parameters {
            for (at, host) in self.hosts.iter().enumerate() {
                let comma = if at == 0 { "" } else { "," };
                if host.contains(':') {
                    write!(f, "{comma}[{host}]")?;
                } else {
                    write!(f, "{comma}{}", utf8_percent_encode(host, ENCODED))?;
                }
                if let Some(Some(port)) = self.ports.get(at) {
                    write!(f, ":{port}")?;
                }
            }
        }
        if let Some(database) = &self.database {
            write!(f, "/{}", utf8_percent_encode(database, ENCODED))?;
        }
        let mut parameters: Vec<(&str, String)> = Vec::new();
        if as_parameters {
            if !self.hosts.is_empty() {
                parameters.push(("host", self.hosts.join(",")));
            }
            if !self.ports.is_empty() {
                let ports = self
                    .ports
                    .iter()
                    .map(|port| port.map_or_else(String::new, |port| port.to_string()));
                parameters.push(("port", ports.collect::<Vec<_>>().join(",")));
            }
        }
        parameters.extend(self.others.iter().map(|(name, value)| (name.name(), value.clone())));
        parameters.extend(self.plan.iter().map(|plan| ("plan", plan.clone())));
        for (at, (name, value)) in parameters.iter().enumerate() {
            let separator = if at == 0 { '?' } else { '&' };
            write!(f, "{separator}{name}={}", utf8_percent_encode(value, ENCODED_PARAMETER))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
