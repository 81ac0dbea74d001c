//! Gets a page, from a file or from the web.

use std::fs;
use std::time::Duration;

use anyhow::{Context, bail};
use fleetpurge_codegen::drift::Page;
use ureq::Agent;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig};

const TIMEOUT: Duration = Duration::from_secs(60);
/// The vendor's whole documentation in one file has 140 kB.
const LARGEST_PAGE: u64 = 16 * 1024 * 1024;

pub(super) fn is_url(name: &str) -> bool {
    name.starts_with("https://") || name.starts_with("http://")
}

pub(super) fn page(name: &str) -> anyhow::Result<Page> {
    let text = if is_url(name) {
        from_the_web(name)?
    } else {
        fs::read_to_string(name).with_context(|| format!("{name} cannot be read"))?
    };
    Ok(Page {
        name: name.to_owned(),
        text,
    })
}

fn from_the_web(url: &str) -> anyhow::Result<String> {
    let uri: Uri = url.parse().with_context(|| format!("{url} is no URL"))?;
    let is_https = uri.scheme_str() == Some("https");
    let is_loopback = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if !is_https && !is_loopback {
        bail!("{url} is not https: who is on the way could write what we take for the vendor's words");
    }
    let mut config = Agent::config_builder();
    if is_loopback {
        // A proxy has no business between processes of one machine.
        config = config.proxy(None);
    }
    let agent: Agent = config
        .https_only(is_https)
        .timeout_global(Some(TIMEOUT))
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
        .build()
        .into();
    let mut reply = agent.get(url).call().with_context(|| format!("{url} cannot be had"))?;
    reply
        .body_mut()
        .with_config()
        .limit(LARGEST_PAGE)
        .read_to_string()
        .with_context(|| format!("{url} cannot be read to its end"))
}
