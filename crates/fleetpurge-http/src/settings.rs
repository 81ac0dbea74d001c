//! How a client connects: timeouts, trust, proxy, headers, transport.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{SecretSlice, SecretString};

use crate::tls::{Identity, Root};
use crate::transport::{SharedTransport, Transport};

/// How a client connects. Nothing is checked before [`connect`](Self::connect).
#[derive(Clone)]
pub struct Settings {
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) roots: Vec<Root>,
    pub(crate) identity: Option<Identity>,
    pub(crate) proxy: Proxy,
    pub(crate) user_agent_suffix: Option<String>,
    pub(crate) headers: Vec<(String, SecretString)>,
    pub(crate) transport: Option<SharedTransport>,
    pub(crate) wrappers: Vec<Wrapper>,
}

type Wrapper = Arc<dyn Fn(SharedTransport) -> SharedTransport + Send + Sync>;

/// Through which proxy requests go.
#[derive(Clone)]
pub(crate) enum Proxy {
    /// Those of the environment and the system, except for loopback and for what `NO_PROXY` names.
    Environment,
    /// None, whatever the environment says.
    None,
    /// This one, for every request. Its URL may hold a password.
    Url(SecretString),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            roots: Vec::new(),
            identity: None,
            proxy: Proxy::Environment,
            user_agent_suffix: None,
            headers: Vec::new(),
            transport: None,
            wrappers: Vec::new(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("roots", &self.roots.len())
            .field("has_identity", &self.identity.is_some())
            .field("user_agent_suffix", &self.user_agent_suffix)
            .field(
                "headers",
                &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            )
            .field("has_transport", &self.transport.is_some())
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Sets how long one attempt may take, from its start to the end of its reply. Time in which this process was suspended
    /// does not count.
    pub fn timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// Sets how long making a connection may take; always less than the attempt.
    pub fn connect_timeout(&mut self, timeout: Duration) {
        self.connect_timeout = timeout;
    }

    /// Trusts a certificate (DER) beside those of the machine.
    pub fn root_certificate(&mut self, der: Vec<u8>) {
        self.roots.push(Root::Der(der));
    }

    /// Trusts all certificates of a PEM text beside those of the machine.
    pub fn root_certificates_pem(&mut self, pem: Vec<u8>) {
        self.roots.push(Root::Pem(pem));
    }

    /// Identifies the client with a certificate: a PEM text of its chain and its private key.
    pub fn client_identity_pem(&mut self, pem: Vec<u8>) {
        self.identity = Some(Identity(SecretSlice::from(pem)));
    }

    /// Sends every request through this proxy.
    pub fn proxy(&mut self, url: SecretString) {
        self.proxy = Proxy::Url(url);
    }

    /// Uses no proxy, whatever the environment says.
    pub fn no_proxy(&mut self) {
        self.proxy = Proxy::None;
    }

    /// Adds this to the `User-Agent` of every request.
    pub fn user_agent_suffix(&mut self, suffix: String) {
        self.user_agent_suffix = Some(suffix);
    }

    /// Adds a header to every request.
    pub fn header(&mut self, name: String, value: SecretString) {
        self.headers.push((name, value));
    }

    /// Sends every request with this transport.
    pub fn transport(&mut self, transport: impl Transport) {
        self.transport = Some(SharedTransport::new(transport));
    }

    /// Sends every request with what this makes of the transport.
    pub fn wrap_transport<T: Transport>(&mut self, wrap: impl Fn(SharedTransport) -> T + Send + Sync + 'static) {
        self.wrappers
            .push(Arc::new(move |inner| SharedTransport::new(wrap(inner))));
    }
}

/// The methods of a client's builder that set its connection up: the same for every service. `$settings` is the field that
/// holds the [`Settings`].
#[doc(hidden)]
#[macro_export]
macro_rules! connection_setters {
    ($settings:ident) => {
        /// Sets how long one request may take, from its start to the end of its reply. Default: 30 s.
        ///
        /// Time in which this process was suspended does not count, so that a reply that arrived meanwhile is still read.
        #[must_use]
        pub fn timeout(mut self, timeout: ::std::time::Duration) -> Self {
            self.$settings.timeout(timeout);
            self
        }

        /// Sets how long making a connection may take; always less than the request. Default: 10 s.
        #[must_use]
        pub fn connect_timeout(mut self, timeout: ::std::time::Duration) -> Self {
            self.$settings.connect_timeout(timeout);
            self
        }

        /// Trusts this certificate (DER) in addition to those that the machine trusts.
        #[must_use]
        pub fn root_certificate(mut self, der: impl Into<Vec<u8>>) -> Self {
            self.$settings.root_certificate(der.into());
            self
        }

        /// Trusts every certificate of this PEM text in addition to those that the machine trusts, such as the CA of a
        /// proxy that inspects TLS. A text without a certificate is an error of `build`.
        #[must_use]
        pub fn root_certificates_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
            self.$settings.root_certificates_pem(pem.into());
            self
        }

        /// Identifies this client with a certificate (mutual TLS): a PEM text with its chain, leaf first, and its
        /// private key.
        #[must_use]
        pub fn client_identity_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
            self.$settings.client_identity_pem(pem.into());
            self
        }

        /// Sends every request through this proxy: `http://` or `https://`, with user and password if it needs them.
        ///
        /// It replaces the proxies of the environment; `NO_PROXY` does not apply to it, and it is used for loopback
        /// addresses, too. Default: the proxies of the environment (`HTTPS_PROXY`, `ALL_PROXY`, ..) or the system, except
        /// for loopback addresses and the hosts in `NO_PROXY`.
        #[must_use]
        pub fn proxy(mut self, url: impl Into<$crate::SecretString>) -> Self {
            self.$settings.proxy(url.into());
            self
        }

        /// Uses no proxy, whatever the environment says.
        #[must_use]
        pub fn no_proxy(mut self) -> Self {
            self.$settings.no_proxy();
            self
        }

        /// Appends the name of your program to the `User-Agent` of every request, such as `fleet-cleanup/2.1`.
        #[must_use]
        pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
            self.$settings.user_agent_suffix(suffix.into());
            self
        }

        /// Adds a header to every request, the requests for a token included: such as the key of a gateway. Its value is
        /// handled as a secret.
        ///
        /// Headers that the client sets itself, `Authorization` first of all, are an error of `build`.
        #[must_use]
        pub fn header(mut self, name: impl Into<String>, value: impl Into<$crate::SecretString>) -> Self {
            self.$settings.header(name.into(), value.into());
            self
        }

        /// Sends every request with this [`Transport`]($crate::transport::Transport) in place of the built-in one.
        ///
        /// Proxy and certificates are then the transport's own matter: setting them here as well is an error of `build`.
        #[must_use]
        pub fn transport(mut self, transport: impl $crate::transport::Transport) -> Self {
            self.$settings.transport(transport);
            self
        }

        /// Sends every request with what `wrap` makes of the transport so far: to log, count or delay requests around the
        /// built-in one.
        #[must_use]
        pub fn wrap_transport<T: $crate::transport::Transport>(
            mut self,
            wrap: impl Fn($crate::transport::SharedTransport) -> T + Send + Sync + 'static,
        ) -> Self {
            self.$settings.wrap_transport(wrap);
            self
        }
    };
}
