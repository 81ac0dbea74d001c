//! Which URLs a client may be pointed at.

use url::{Host, Url};

use crate::error::Error;

/// Whether a text can be one label of a host name: 1 to 63 letters, digits and inner hyphens.
#[must_use]
pub fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Reads a URL of one's own: a gateway, a test server. `what` is its name in messages.
///
/// # Errors
///
/// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for a URL that is not `https://` (`http://` is taken
/// for loopback addresses only), or has user information, a query or a fragment.
pub fn parse(what: &str, text: &str) -> Result<Url, Error> {
    let refused = |why: &str| Error::configuration(format!("the {what} {text:?} {why}"));
    let url = Url::parse(text).map_err(|error| refused(&format!("is not a URL: {error}")))?;
    match url.scheme() {
        "https" => {}
        "http" if is_surely_loopback(&url) => {}
        "http" => return Err(refused("is not https, and its host is not a loopback address")),
        _ => return Err(refused("is not https")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::configuration(format!(
            "the {what} holds a user name or password; credentials have settings of their own"
        )));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(refused("names no host"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("has a query or a fragment"));
    }
    Ok(url)
}

/// What a person calls the tenant at a base URL: its `host:port`.
#[must_use]
pub fn tenant(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{host}:{port}")
}

/// Whether what is sent to the host of a URL surely stays on this machine. A name below `localhost` may be looked up
/// elsewhere, where a resolver does not know RFC 6761.
pub(crate) fn is_surely_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        _ => is_loopback(url),
    }
}

/// Whether the host of a URL is this machine: 127.0.0.0/8, `::1`, `localhost` and what is below it (RFC 6761, 6.3).
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    }
}
