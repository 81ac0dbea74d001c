//! The HTTP client underneath, set up so that it never sends a deletion a second time.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls_platform_verifier::Verifier;
use url::Url;

use crate::error::Error;
use crate::proxy;

/// How the HTTP client is set up.
#[derive(Clone, Debug)]
pub struct Transport {
    /// How long one attempt may take from its start to the end of its reply. The client does not keep it: its timer would
    /// run while the process is stopped. [`AttemptContext`](crate::AttemptContext) and [`token`](crate::token) do.
    pub timeout: Duration,
    /// How long making a connection may take; always less than the attempt.
    pub connect_timeout: Duration,
    /// Certificates (DER) that are trusted beside those of the machine.
    pub root_certificates: Vec<Vec<u8>>,
}

impl Default for Transport {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            root_certificates: Vec::new(),
        }
    }
}

/// How long a connection may stay unused: well below the usual 60 s and more of servers and gateways, so that few are
/// closed under us.
const IDLE: Duration = Duration::from_secs(5);

impl Transport {
    /// The HTTP client for requests to the host of `url`, which calls itself `user_agent`. A loopback host is never asked
    /// through a proxy, nor is one that `NO_PROXY` names; otherwise the proxies of environment and system hold.
    ///
    /// # Errors
    ///
    /// The URL is not valid, the machine's trusted certificates cannot be used, an added one is not valid, or a timeout is
    /// zero, within which no request can be made.
    pub fn build_for(&self, user_agent: &str, url: &str) -> Result<reqwest::Client, Error> {
        let url = Url::parse(url)
            .map_err(|error| Error::configuration(format!("{url:?} is not a URL")).with_source(error))?;
        let builder = self.builder(user_agent)?;
        let builder = if proxy::is_direct(&url, &proxy::no_proxy()) {
            builder.no_proxy()
        } else {
            builder
        };
        builder.build().map_err(|error| {
            Error::configuration("the HTTP client could not be set up: its settings are refused").with_source(error)
        })
    }

    fn builder(&self, user_agent: &str) -> Result<reqwest::ClientBuilder, Error> {
        if self.timeout.is_zero() || self.connect_timeout.is_zero() {
            return Err(Error::configuration("a timeout of zero leaves no time for a request"));
        }
        Ok(reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls()?)
            .user_agent(user_agent)
            // A redirect would re-send the deletion and give the token to another host.
            .redirect(reqwest::redirect::Policy::none())
            // Its default re-sends a POST after REFUSED_STREAM, unseen by our ledger.
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(self.connect_timeout.min(self.timeout.mul_f64(0.9)))
            .pool_idle_timeout(IDLE)
            .tcp_nodelay(true))
    }

    /// The machine's own trust, as its administrators set it up, and the certificates that were added.
    fn tls(&self) -> Result<rustls::ClientConfig, Error> {
        let unusable = |what: &str| Error::configuration(format!("TLS could not be set up: {what}"));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = self
            .root_certificates
            .iter()
            .map(|der| CertificateDer::from(der.clone()));
        let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider))
            .map_err(|error| unusable("the trusted certificates cannot be used").with_source(error))?;
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable("no protocol version is available").with_source(error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}
