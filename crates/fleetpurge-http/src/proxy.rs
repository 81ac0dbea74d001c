//! Whether a URL bypasses the proxy of the environment, and which one it is. Pure, but for the environment.
//!
//! The HTTP client reads the proxy settings of the environment and of the system. It has no rule for loopback, applies
//! `*` to names only, and does not support entries with a port.

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use crate::base_url::is_loopback;

/// Whether no proxy may see the request: the host is this machine, or `NO_PROXY` names it.
pub(crate) fn is_direct(url: &Url, no_proxy: &str) -> bool {
    is_loopback(url) || exempting(url, no_proxy).is_some()
}

/// The entry of `NO_PROXY` that names the host.
fn exempting<'a>(url: &Url, no_proxy: &'a str) -> Option<&'a str> {
    no_proxy
        .split([',', ';', ' ', '\t', '\r', '\n'])
        .find(|entry| names(entry, url))
}

/// How a request leaves this machine, as far as its environment says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The host is this machine: never by a proxy.
    Loopback,
    /// `NO_PROXY` names the host by this entry; the proxy of this variable would apply.
    Exempt {
        /// The entry.
        entry: String,
        /// The variable.
        variable: &'static str,
    },
    /// No variable names a proxy.
    Direct,
    /// Through a proxy.
    Proxy {
        /// The variable that names it.
        variable: &'static str,
        /// Its host.
        host: String,
        /// Its port.
        port: u16,
    },
    /// A variable names a SOCKS proxy, which is spoken to as if it were an HTTP proxy: no request comes through.
    Unsupported {
        /// The variable.
        variable: &'static str,
    },
    /// A variable is set, and is ignored, because `REQUEST_METHOD` is set as a web server sets it for its programs.
    WithinServer {
        /// The variable.
        variable: &'static str,
    },
    /// A variable is set to something that is no address of a proxy, and is ignored.
    Ignored {
        /// The variable.
        variable: &'static str,
    },
}

/// How requests to a URL leave this machine.
#[must_use]
pub fn route(url: &Url) -> Route {
    routed(url, &no_proxy(), |name| std::env::var(name).ok())
}

fn routed(url: &Url, no_proxy: &str, variable: impl Fn(&str) -> Option<String>) -> Route {
    if is_loopback(url) {
        return Route::Loopback;
    }
    // As the HTTP client does it: the first of two that is set counts, and set to nothing is no proxy.
    let set = |name: &'static str| Some((name, variable(name)?));
    let of = |names: [&'static str; 2]| {
        let first = names.into_iter().find_map(set);
        first.filter(|(_, value)| !value.is_empty())
    };
    let own = match url.scheme() {
        "http" => of(["HTTP_PROXY", "http_proxy"]),
        _ => of(["HTTPS_PROXY", "https_proxy"]),
    };
    let found: Vec<_> = own.into_iter().chain(of(["ALL_PROXY", "all_proxy"])).collect();
    let Some((first, _)) = found.first() else {
        return Route::Direct;
    };
    // A server's own variable: whoever sends it a request could name the proxy.
    if variable("REQUEST_METHOD").is_some() {
        return Route::WithinServer { variable: first };
    }
    let usable = found.iter().find_map(|(name, value)| Some((*name, address(value)?)));
    match (exempting(url, no_proxy), usable) {
        (_, None) => Route::Ignored { variable: first },
        (Some(entry), Some((variable, _))) => Route::Exempt {
            entry: entry.to_owned(),
            variable,
        },
        (None, Some((variable, Address::Socks))) => Route::Unsupported { variable },
        (None, Some((variable, Address::Http(host, port)))) => Route::Proxy { variable, host, port },
    }
}

/// The address of a proxy.
enum Address {
    Http(String, u16),
    Socks,
}

/// What the HTTP client takes for the address of a proxy; its user name and password are not told.
fn address(value: &str) -> Option<Address> {
    let uri: http::Uri = value.parse().ok()?;
    let usual = match uri.scheme_str() {
        None | Some("http") => 80,
        Some("https") => 443,
        Some("socks4" | "socks4a" | "socks5" | "socks5h") => return uri.authority().map(|_| Address::Socks),
        Some(_) => return None,
    };
    let host = uri.host().filter(|host| !host.is_empty())?;
    Some(Address::Http(host.to_owned(), uri.port_u16().unwrap_or(usual)))
}

/// The `NO_PROXY` of the environment.
pub(crate) fn no_proxy() -> String {
    ["NO_PROXY", "no_proxy"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.trim().is_empty())
        .unwrap_or_default()
}

fn names(entry: &str, url: &Url) -> bool {
    if entry.is_empty() {
        return false;
    }
    if entry == "*" {
        return true;
    }
    let (host, port) = split_port(entry);
    if port.is_some_and(|port| url.port_or_known_default() != Some(port)) {
        return false;
    }
    match url.host() {
        Some(Host::Ipv4(address)) => covers(host, IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => covers(host, IpAddr::V6(address)),
        Some(Host::Domain(name)) => is_within(name, host),
        None => false,
    }
}

/// An entry and the port that it ends with, if it does. An IPv6 address with one has brackets.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    let bare = |host: &'_ str| -> Option<IpAddr> { host.parse().ok() };
    if let Some((host, rest)) = entry.strip_prefix('[').and_then(|entry| entry.split_once(']')) {
        return (host, rest.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    if bare(entry).is_none()
        && let Some((host, port)) = entry.rsplit_once(':')
        && let Ok(port) = port.parse()
    {
        return (host, Some(port));
    }
    (entry, None)
}

fn covers(entry: &str, address: IpAddr) -> bool {
    let address = address.to_canonical();
    entry
        .parse::<IpAddr>()
        .is_ok_and(|entry| entry.to_canonical() == address)
        || entry.parse::<IpNet>().is_ok_and(|net| net.contains(&address))
}

/// Whether a name is that of an entry, or below it.
fn is_within(name: &str, entry: &str) -> bool {
    let bare = |name: &str| name.trim_end_matches('.').to_lowercase();
    let (name, entry) = (bare(name), bare(entry.trim_start_matches('*').trim_start_matches('.')));
    !entry.is_empty() && (name == entry || name.strip_suffix(&*entry).is_some_and(|before| before.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn direct(url: &str, no_proxy: &str) -> bool {
        is_direct(
            &Url::parse(url).unwrap_or_else(|error| panic!("{url}: {error}")),
            no_proxy,
        )
    }

    #[test]
    fn a_route_names_the_variable_and_the_entry_that_decide() {
        let proxy = |variable, host: &str, port| Route::Proxy {
            variable,
            host: host.to_owned(),
            port,
        };
        type Variables = &'static [(&'static str, &'static str)];
        let table: [(&str, &str, Variables, Route); 15] = [
            ("https://a.example", "", &[], Route::Direct),
            ("https://a.example", "", &[("HTTP_PROXY", "http://p:1")], Route::Direct),
            ("https://a.example", "", &[("HTTPS_PROXY", "")], Route::Direct),
            (
                "http://127.0.0.1:1",
                "",
                &[("HTTP_PROXY", "http://p:1")],
                Route::Loopback,
            ),
            (
                "https://a.example",
                "",
                &[("HTTPS_PROXY", "http://user:pass@p.example:8080/")],
                proxy("HTTPS_PROXY", "p.example", 8080),
            ),
            (
                "https://a.example",
                "",
                &[("https_proxy", "p.example:3128")],
                proxy("https_proxy", "p.example", 3128),
            ),
            (
                "https://a.example",
                "",
                &[("all_proxy", "socks5://p")],
                Route::Unsupported { variable: "all_proxy" },
            ),
            (
                "https://a.example",
                "",
                &[("HTTPS_PROXY", "http://p:1 "), ("ALL_PROXY", "q")],
                proxy("ALL_PROXY", "q", 80),
            ),
            (
                "https://a.example",
                "",
                &[("HTTPS_PROXY", "ftp://p")],
                Route::Ignored {
                    variable: "HTTPS_PROXY",
                },
            ),
            (
                "https://a.example",
                "",
                &[("REQUEST_METHOD", "GET"), ("HTTPS_PROXY", "http://p")],
                Route::WithinServer {
                    variable: "HTTPS_PROXY",
                },
            ),
            ("https://a.example", "", &[("REQUEST_METHOD", "GET")], Route::Direct),
            (
                "https://a.example",
                "",
                &[("ALL_PROXY", "http://q"), ("https_proxy", "https://p")],
                proxy("https_proxy", "p", 443),
            ),
            (
                "https://a.example",
                "x, .example",
                &[("HTTPS_PROXY", "http://p")],
                Route::Exempt {
                    entry: ".example".to_owned(),
                    variable: "HTTPS_PROXY",
                },
            ),
            ("https://a.example", "a.example", &[], Route::Direct),
            (
                "https://a.example",
                "",
                &[("HTTPS_PROXY", "http://")],
                Route::Ignored {
                    variable: "HTTPS_PROXY",
                },
            ),
        ];
        for (url, no_proxy, variables, expected) in table {
            let value = |name: &str| {
                let found = variables.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let found = routed(
                &Url::parse(url).unwrap_or_else(|error| panic!("{error}")),
                no_proxy,
                value,
            );
            assert_eq!(found, expected, "{url} {no_proxy:?} {variables:?}");
        }
    }

    #[test]
    fn loopback_is_direct_whatever_the_environment_says() {
        for url in [
            "http://127.0.0.1:8080",
            "https://127.0.0.1",
            "http://127.255.3.9",
            "http://[::1]:8080",
            "http://[::ffff:127.0.0.1]",
            "http://localhost",
            "http://LOCALHOST:1",
            "http://localhost.",
            "https://acme.localhost",
            "https://a.b.localhost.:8443",
        ] {
            assert!(direct(url, ""), "{url}");
        }
        for url in [
            "https://128.0.0.1",
            "https://10.0.0.1",
            "https://[::2]",
            "https://localhost.example",
            "https://notlocalhost",
            "https://127.0.0.1.example",
        ] {
            assert!(!direct(url, ""), "{url}");
        }
    }

    #[test]
    fn no_proxy_names_hosts_networks_and_ports() {
        let (name, four, six) = ("https://api.acme.example", "https://10.1.2.3:8443", "https://[fd00::7]");
        for (url, entry) in [
            (name, "*"),
            (four, "*"),
            (six, "*"),
            (name, "other.example, *"),
            (name, "acme.example"),
            (name, ".acme.example"),
            (name, "*.acme.example"),
            (name, "API.Acme.Example."),
            (name, " x ,\tapi.acme.example "),
            (name, "x api.acme.example"),
            (name, "api.acme.example:443"),
            (four, "10.1.2.3"),
            (four, "10.1.2.3:8443"),
            (four, "10.0.0.0/8"),
            (four, "192.168.0.0/16,10.1.2.0/24"),
            ("https://[::ffff:10.1.2.3]", "10.0.0.0/8"),
            (six, "fd00::7"),
            (six, "fd00::/8"),
            (six, "[fd00::7]"),
            (six, "[fd00::7]:443"),
        ] {
            assert!(direct(url, entry), "{url} {entry:?}");
        }
        for (url, entry) in [
            (name, ""),
            (name, ","),
            (name, "."),
            (name, "*."),
            (name, "cme.example"),
            (name, "x.api.acme.example"),
            (name, "api.acme.example:8443"),
            (four, "10.1.2"),
            (four, "10.1.2.3:443"),
            (four, "11.0.0.0/8"),
            (four, "3"),
            (six, "fe80::/10"),
            (six, "10.0.0.0/8"),
            (six, "[fd00::7]:8443"),
        ] {
            assert!(!direct(url, entry), "{url} {entry:?}");
        }
    }
}
