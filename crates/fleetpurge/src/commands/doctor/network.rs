//! Whether a host is reached, and whether its clock is ours.

use std::time::Duration;

use fleetpurge_http::connection::Connection;
use fleetpurge_http::probe::{Step, Unanswered, probe};
use fleetpurge_http::proxy::{Route, route};
use fleetpurge_records::CheckName::{self, Clock, Dns, Proxy, Tls};
use jiff::SignedDuration;
use url::{Host as Name, Url};

use super::checks::{Checks, Finding};
use super::clock;
use crate::failure::chain;

/// A host that the commands would address.
#[derive(Clone, Debug)]
pub(super) struct Host {
    pub(super) url: Url,
    /// `host:port`.
    pub(super) name: String,
}

impl Host {
    /// The host of a URL that the client has accepted.
    pub(super) fn of(url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let name = format!("{}:{}", url.host_str()?, url.port_or_known_default()?);
        Some(Self { url, name })
    }
}

/// What is known of a host.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    pub(super) answered: bool,
    /// How far this machine's clock is ahead of the host's.
    pub(super) ahead: Option<SignedDuration>,
}

pub(super) async fn look(host: &Host, connection: &Connection, checks: &mut Checks) -> Known {
    let route = route(&host.url);
    checks.add(Proxy, Some(&host.name), proxy(&route));
    let name = Some(host.name.as_str());
    let (resolves, finding) = dns(host, &route, connection.timeout()).await;
    checks.add(Dns, name, finding);
    let rest = [CheckName::Connection, Tls, Clock];
    if !resolves {
        for check in rest {
            checks.add(check, name, Finding::not_checked("the name does not resolve"));
        }
        return Known::default();
    }
    let answered = match probe(connection, host.url.as_str()).await {
        Ok(answered) => answered,
        Err(error) => {
            unanswered(&error, host, &route, checks);
            return Known::default();
        }
    };
    checks.add(
        CheckName::Connection,
        name,
        Finding::ok(format!("the host answers ({})", answered.status)),
    );
    checks.add(
        Tls,
        name,
        match host.url.scheme() {
            "http" => Finding::not_checked("http:// to this machine has no TLS"),
            _ => Finding::ok("the certificate is trusted"),
        },
    );
    let ahead = answered
        .date
        .map(|date| clock::ahead(date, answered.sent, answered.took));
    checks.add(
        Clock,
        name,
        match ahead {
            Some(ahead) => clock::finding(ahead),
            None => Finding::not_checked("the host's reply has no readable Date"),
        },
    );
    Known { answered: true, ahead }
}

/// Which variable decides.
fn proxy(route: &Route) -> Finding {
    match route {
        Route::Loopback => Finding::ok("no proxy: the host is this machine"),
        Route::Direct if cfg!(any(windows, target_os = "macos")) => {
            Finding::ok("no variable names a proxy; the system's own settings apply")
        }
        Route::Direct => Finding::ok("no proxy: neither HTTPS_PROXY nor ALL_PROXY is set"),
        Route::Exempt { entry, variable } => {
            Finding::ok(format!("no proxy: NO_PROXY has `{entry}`; {variable} does not apply"))
        }
        Route::Proxy { variable, host, port } => Finding::ok(format!("through the proxy {host}:{port} of {variable}")),
        Route::Unsupported { variable } => Finding::wrong(
            format!("{variable} names a SOCKS proxy, and no request comes through one"),
            "Name an HTTP proxy (http://HOST:PORT), or have NO_PROXY name the host.",
        ),
        Route::Ignored { variable } => Finding::warning(
            format!("{variable} is not the address of a proxy, and is ignored"),
            "Correct it (http://HOST:PORT), or unset it.",
        ),
        Route::WithinServer { variable } => Finding::warning(
            format!("{variable} is ignored, because REQUEST_METHOD is set, too"),
            "Unset REQUEST_METHOD: it belongs to programs that a web server starts.",
        ),
    }
}

async fn dns(host: &Host, route: &Route, limit: Duration) -> (bool, Finding) {
    let (name, port, whose) = match (route, host.url.host()) {
        (Route::Proxy { host, port, .. }, _) => (host.clone(), *port, "the proxy "),
        (_, Some(Name::Domain(name))) => (name.to_owned(), host.url.port_or_known_default().unwrap_or(443), ""),
        _ => return (true, Finding::ok("an address, not a name: nothing to resolve")),
    };
    let look_up = tokio::net::lookup_host((name.trim_matches(['[', ']']).to_owned(), port));
    let found = match tokio::time::timeout(limit, look_up).await {
        Ok(found) => found.map(Iterator::collect::<Vec<_>>),
        Err(_) => Err(std::io::Error::from(std::io::ErrorKind::TimedOut)),
    };
    let advice = match route {
        Route::Proxy { .. } => "Check the name of the proxy in the variable, and this machine's DNS.",
        _ => "Check --instance and --region, or the URL, and this machine's DNS.",
    };
    match found {
        Ok(addresses) if !addresses.is_empty() => {
            let mut addresses: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
            addresses.sort();
            addresses.dedup();
            let through = match route {
                Route::Proxy { .. } => "; the proxy looks up the host itself",
                _ => "",
            };
            (
                true,
                Finding::ok(format!("{whose}{name} resolves to {}{through}", addresses.join(", "))),
            )
        }
        Ok(_) => (
            false,
            Finding::wrong(format!("{whose}{name} does not resolve: it has no address"), advice),
        ),
        Err(error) => (
            false,
            Finding::wrong(format!("{whose}{name} does not resolve: {error}"), advice),
        ),
    }
}

/// No reply came: the step at which it ended is wrong, and what comes after it is not checked.
fn unanswered(error: &Unanswered, host: &Host, route: &Route, checks: &mut Checks) {
    let name = Some(host.name.as_str());
    let why = error.source.as_deref().map(|source| chain(source)).unwrap_or_default();
    let why = if why.is_empty() {
        String::new()
    } else {
        format!(": {why}")
    };
    let address = match route {
        Route::Proxy { variable, .. } => format!("Check the proxy of {variable}, and whether it allows this host."),
        _ => "Check the address and the port, and whether a firewall or a proxy is between.".to_owned(),
    };
    let (connection, tls) = match error.step {
        Step::Tls => (
            Finding::ok("a connection is made"),
            Finding::wrong(
                format!("TLS failed{why}"),
                "Check the address, this machine's clock, and its trusted certificates: behind an inspecting proxy, the \
                 company's certificate authority has to be among them.",
            ),
        ),
        Step::Request | Step::Connection => (
            Finding::wrong(format!("no connection{why}"), &address),
            Finding::not_checked("there is no connection"),
        ),
        Step::Time => (
            Finding::wrong(format!("no answer in time{why}"), &address),
            Finding::not_checked("there is no answer"),
        ),
        Step::Reply => (
            Finding::wrong(format!("the connection ended without a valid reply{why}"), &address),
            Finding::not_checked("there is no answer"),
        ),
    };
    checks.add(CheckName::Connection, name, connection);
    checks.add(Tls, name, tls);
    checks.add(Clock, name, Finding::not_checked("the host did not answer"));
}
