//! Makes the connection of a client's settings, and refuses those that cannot be used or would have no effect.

use http::header::{
    ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, EXPECT, HOST,
    PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, USER_AGENT,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;

use crate::connection::Connection;
use crate::error::Error;
use crate::reqwest_transport::ReqwestTransport;
use crate::settings::{Proxy, Settings};
use crate::transport::SharedTransport;

/// Headers that the client sets itself, or that HTTP needs for a request to be read as it was sent.
const OWN: [HeaderName; 15] = [
    ACCEPT,
    AUTHORIZATION,
    CONNECTION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    COOKIE,
    EXPECT,
    HOST,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    USER_AGENT,
];

/// The same, of the services alone.
const OWN_OF_SERVICES: [&str; 6] = [
    "api-version",
    "x-auth-token",
    "x-bulk-operation",
    "x-request-id",
    "x-trace-id",
    "x-ubidots-apikey",
];

impl Settings {
    /// The connection to the hosts of these URLs, of a client that calls itself `product`. Nothing is sent.
    ///
    /// # Errors
    ///
    /// A setting cannot be used, or would have no effect: which one, and why.
    pub fn connect(&self, product: &str, urls: &[&str]) -> Result<Connection, Error> {
        if self.timeout.is_zero() || self.connect_timeout.is_zero() {
            return Err(Error::configuration("a timeout of zero leaves no time for a request"));
        }
        let headers = self.request_headers(product)?;
        let (transport, requests) = match &self.transport {
            Some(transport) => {
                self.refuse_settings_of_the_default_transport()?;
                (transport.clone(), ReqwestTransport::unconnected()?)
            }
            None => {
                let transport = ReqwestTransport::new(self, urls)?;
                let requests = transport.any_client();
                (SharedTransport::new(transport), requests)
            }
        };
        let transport = self.wrappers.iter().fold(transport, |inner, wrap| wrap(inner));
        let is_foreign = self.transport.is_some() || !self.wrappers.is_empty();
        Ok(Connection::new(transport, requests, headers, is_foreign, self.timeout))
    }

    /// The headers of every request.
    pub(crate) fn request_headers(&self, product: &str) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        let agent = match &self.user_agent_suffix {
            Some(suffix) if suffix.trim().is_empty() => {
                return Err(Error::configuration("`user_agent_suffix` is empty"));
            }
            Some(suffix) => format!("{product} {suffix}"),
            None => product.to_owned(),
        };
        let agent = HeaderValue::try_from(agent).map_err(|_| {
            Error::configuration(
                "`user_agent_suffix` contains a character that a header cannot carry, such as a line break",
            )
        })?;
        headers.insert(USER_AGENT, agent);
        for (name, value) in &self.headers {
            let parsed = HeaderName::try_from(name.as_str())
                .map_err(|_| Error::configuration(format!("`header`: {name:?} is not the name of a header")))?;
            if OWN.contains(&parsed) || OWN_OF_SERVICES.contains(&parsed.as_str()) {
                let why = format!("`header`: {parsed} is set by the client and cannot be replaced");
                return Err(Error::configuration(why));
            }
            let mut value = HeaderValue::try_from(value.expose_secret()).map_err(|_| {
                let why = format!("`header`: the value of {parsed} contains a character that a header cannot carry");
                Error::configuration(why)
            })?;
            // It may be a key of a gateway.
            value.set_sensitive(true);
            headers.append(parsed, value);
        }
        Ok(headers)
    }

    /// A setting that protects, and is not used, is an error.
    fn refuse_settings_of_the_default_transport(&self) -> Result<(), Error> {
        let unused = [
            (!self.roots.is_empty(), "root certificates"),
            (self.identity.is_some(), "`client_identity_pem`"),
            (!matches!(self.proxy, Proxy::Environment), "`proxy` or `no_proxy`"),
        ];
        match unused.iter().find(|(is_set, _)| *is_set) {
            Some((_, what)) => Err(Error::configuration(format!(
                "{what} would have no effect: `transport` replaces the transport that uses them"
            ))),
            None => Ok(()),
        }
    }
}
