//! The built-in transport: `reqwest`, set up so that it never sends a request a second time by itself.

use std::error::Error as StdError;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use secrecy::ExposeSecret;
use url::Url;

use crate::cause::Cause;
use crate::error::Error;
use crate::settings::{Proxy, Settings};
use crate::transport::{Failure, HeldBody, Sent, Transport, TransportError, Withdrawn};
use crate::{proxy, tls, unread};

/// How long a connection may stay unused: well below the usual 60 s and more of servers and gateways, so that few are
/// closed under us.
const IDLE: Duration = Duration::from_secs(5);

/// `reqwest` for the hosts of one client.
pub(crate) struct ReqwestTransport {
    /// For hosts that are reached without a proxy. At least one of the two is there.
    direct: Option<reqwest::Client>,
    proxied: Option<reqwest::Client>,
    /// The URLs that bypass the proxy, as far as scheme, host and port.
    bypassing: Vec<url::Origin>,
}

impl ReqwestTransport {
    /// The transport for the hosts of `urls`.
    pub(crate) fn new(settings: &Settings, urls: &[&str]) -> Result<Self, Error> {
        let urls = urls.iter().map(|url| {
            Url::parse(url).map_err(|error| Error::configuration(format!("{url:?} is not a URL")).with_source(error))
        });
        let urls = urls.collect::<Result<Vec<_>, _>>()?;
        let no_proxy = proxy::no_proxy();
        let is_direct = |url: &&Url| match &settings.proxy {
            Proxy::Environment => proxy::is_direct(url, &no_proxy),
            Proxy::None => true,
            Proxy::Url(_) => false,
        };
        let (bypassing, through): (Vec<&Url>, Vec<&Url>) = urls.iter().partition(is_direct);
        let tls = tls::config(&settings.roots, settings.identity.as_ref())?;
        let builder = || settings.client(tls.clone());
        let direct = (!bypassing.is_empty() || through.is_empty())
            .then(|| build(builder().no_proxy()))
            .transpose()?;
        let proxied = (!through.is_empty())
            .then(|| match &settings.proxy {
                Proxy::Url(url) => build(builder().proxy(named_proxy(url.expose_secret())?)),
                Proxy::Environment | Proxy::None => build(builder()),
            })
            .transpose()?;
        Ok(Self {
            direct,
            proxied,
            bypassing: bypassing.into_iter().map(Url::origin).collect(),
        })
    }

    /// A client for making requests, which another transport sends.
    pub(crate) fn unconnected() -> Result<reqwest::Client, Error> {
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::configuration("TLS could not be set up").with_source(error))?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        build(reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy())
    }

    /// A client for making requests.
    pub(crate) fn any_client(&self) -> reqwest::Client {
        self.direct
            .as_ref()
            .or(self.proxied.as_ref())
            .cloned()
            .unwrap_or_default()
    }

    fn client_for(&self, url: &Url) -> Option<&reqwest::Client> {
        match (&self.direct, &self.proxied) {
            (Some(direct), Some(proxied)) => Some(if self.bypassing.contains(&url.origin()) {
                direct
            } else {
                proxied
            }),
            (one, other) => one.as_ref().or(other.as_ref()),
        }
    }
}

impl Settings {
    fn client(&self, tls: rustls::ClientConfig) -> reqwest::ClientBuilder {
        reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            // A redirect would re-send the deletion and give the token to another host.
            .redirect(reqwest::redirect::Policy::none())
            // Its default re-sends a POST after REFUSED_STREAM, unseen by our ledger.
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(self.connect_timeout.min(self.timeout.mul_f64(0.9)))
            .pool_idle_timeout(IDLE)
            .tcp_nodelay(true)
    }
}

fn build(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, Error> {
    builder.build().map_err(|error| {
        Error::configuration("the HTTP client could not be set up: its settings are refused").with_source(error)
    })
}

/// The proxy of a setting. No error repeats its URL, which may hold a password.
fn named_proxy(url: &str) -> Result<reqwest::Proxy, Error> {
    let unusable = || Error::configuration("`proxy` is not an http:// or https:// URL with a host");
    let parsed = Url::parse(url).map_err(|_| unusable())?;
    if !matches!(parsed.scheme(), "http" | "https") || !parsed.has_host() {
        return Err(unusable());
    }
    reqwest::Proxy::all(parsed).map_err(|_| unusable())
}

impl Transport for ReqwestTransport {
    async fn send(&self, request: Request<Bytes>, sent: Sent) -> Result<Response<Bytes>, TransportError> {
        if sent.is_spent() {
            return Err(TransportError::of(Failure::Local).with_source(Withdrawn));
        }
        let request = made(sent.guard(request))?;
        let client = self
            .client_for(request.url())
            .ok_or_else(|| TransportError::of(Failure::Local))?;
        let mut response = client.execute(request).await.map_err(failed)?;
        sent.keep_head(response.status(), response.headers().clone());
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if sent.keep(chunk) > sent.reply_limit() {
                break;
            }
        }
        let mut whole = Response::new(sent.take_read());
        *whole.status_mut() = response.status();
        *whole.headers_mut() = std::mem::take(response.headers_mut());
        Ok(whole)
    }
}

/// The same request for `reqwest`.
fn made(request: Request<HeldBody>) -> Result<reqwest::Request, TransportError> {
    let (parts, body) = request.into_parts();
    let url =
        Url::parse(&parts.uri.to_string()).map_err(|error| TransportError::of(Failure::Local).with_source(error))?;
    let mut request = reqwest::Request::new(parts.method, url);
    *request.headers_mut() = parts.headers;
    if !body.is_empty() {
        *request.body_mut() = Some(reqwest::Body::wrap(body));
    }
    Ok(request)
}

pub(crate) fn failed(error: reqwest::Error) -> TransportError {
    TransportError::of(failure(&error)).with_source(Cause::of(error))
}

/// What kind of failure `reqwest` reports.
fn failure(error: &reqwest::Error) -> Failure {
    let mut source: Option<&(dyn StdError + 'static)> = error.source();
    let mut is_reset = false;
    while let Some(inner) = source {
        if is_certificate(inner) {
            return Failure::Certificate;
        }
        if let Some(h2) = inner.downcast_ref::<h2::Error>() {
            if is_unprocessed(h2) {
                return Failure::RefusedStream;
            }
            is_reset |= h2.is_remote() && h2.is_reset();
        }
        source = inner.source();
    }
    if error.is_builder() {
        Failure::Local
    } else if error.is_connect() {
        Failure::Connect
    } else if error.is_timeout() {
        Failure::Timeout
    } else if is_reset {
        Failure::Reset
    } else {
        unread::why(error).map_or(Failure::Lost, Failure::Unread)
    }
}

fn is_certificate(error: &(dyn StdError + 'static)) -> bool {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return matches!(
            tls,
            rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented
        );
    }
    // An io::Error hides the error it was made of from `source()`.
    error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref)
        .is_some_and(|inner| is_certificate(inner))
}

/// Whether the service said that it has not processed our stream: RFC 9113 sections 8.7 and 6.8.
///
/// `h2` reports a remote `GOAWAY` to exactly those streams that lie above the last one the service processed; the
/// others end with an I/O error.
fn is_unprocessed(error: &h2::Error) -> bool {
    error.is_remote() && (error.is_go_away() || error.reason() == Some(h2::Reason::REFUSED_STREAM))
}
