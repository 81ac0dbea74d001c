//! Where a server is: a host of the network, or a folder with a Unix socket.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

/// The port of a server that says nothing else.
pub(crate) const PORT: u16 = 5432;

/// One of the servers that are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) place: Place,
    pub(crate) port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The name is what the certificate is for. Without an address, the name is looked up.
    Network { name: String, address: Option<IpAddr> },
    /// The folder.
    Socket(PathBuf),
}

impl Place {
    /// Whether this is the machine itself, by what was said. `localhost` is looked up later, and checked then.
    pub(crate) fn is_local(&self) -> bool {
        match self {
            Self::Socket(_) => true,
            Self::Network { address: Some(ip), .. } => ip.is_loopback(),
            Self::Network { name, address: None } => match name.parse::<IpAddr>() {
                Ok(ip) => ip.is_loopback(),
                Err(_) => name.eq_ignore_ascii_case("localhost"),
            },
        }
    }
}

/// Whether libpq takes this host as the folder of a Unix socket.
pub(crate) fn is_folder(host: &str) -> bool {
    host.starts_with('/')
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Network { name, .. } if name.contains(':') => write!(f, "[{name}]:{}", self.port),
            Place::Network { name, .. } => write!(f, "{name}:{}", self.port),
            Place::Socket(folder) => write!(f, "{}", folder.join(format!(".s.PGSQL.{}", self.port)).display()),
        }
    }
}

/// Ports, separated by commas. One that is empty is not said.
pub(crate) fn ports(text: &str) -> Option<Vec<Option<u16>>> {
    text.split(',')
        .map(|port| {
            if port.is_empty() {
                Some(None)
            } else {
                port_number(port).map(Some)
            }
        })
        .collect()
}

/// A port, in digits only: `parse` would take `+5`.
pub(crate) fn port_number(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&port| digits && port != 0)
}
