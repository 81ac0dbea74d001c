//! Whether a URL bypasses the proxy of the environment. Pure.
//!
//! The HTTP client reads the proxy settings of the environment and of the system. It has no rule for loopback, applies
//! `*` to names only, and does not support entries with a port.

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use crate::base_url::is_loopback;

/// Whether no proxy may see the request: the host is this machine, or `NO_PROXY` names it.
pub(crate) fn is_direct(url: &Url, no_proxy: &str) -> bool {
    is_loopback(url)
        || no_proxy
            .split([',', ';', ' ', '\t', '\r', '\n'])
            .any(|entry| names(entry, url))
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
