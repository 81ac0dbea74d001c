//! Where an account is served.

use std::hash::{Hash, Hasher};

use fleetpurge_http::base_url;
use url::Url;

use fleetpurge_http::error::Error;

/// The host that Ubidots documents.
const INDUSTRIAL: &str = "https://industrial.api.ubidots.com";

/// Where an account is served, and what a person calls it. Two accounts are equal if requests go to the same base URL.
///
/// ```
/// use ubidots_devices::Account;
///
/// # fn main() -> Result<(), ubidots_devices::Error> {
/// assert_eq!(Account::at("https://industrial.api.ubidots.com/")?, Account::industrial());
/// assert_ne!(Account::at("https://acme.api.ubidots.com")?, Account::industrial());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Account {
    tenant: String,
    base_url: Url,
}

impl Account {
    /// The documented host, <https://industrial.api.ubidots.com>.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "a test holds that it is a URL")]
    #[expect(clippy::expect_used, reason = "as above")]
    pub fn industrial() -> Self {
        let base_url = Url::parse(INDUSTRIAL).expect("the documented host is a URL");
        Self {
            tenant: base_url.host_str().unwrap_or_default().to_owned(),
            base_url,
        }
    }

    /// Another host: a private deployment (`https://COMPANY.api.ubidots.com`), another region, a gateway, a test server.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for a URL that is not `https://` (`http://` is
    /// taken for loopback addresses only), or has user information, a query or a fragment. Nothing was sent.
    pub fn at(base_url: &str) -> Result<Self, Error> {
        let base_url = base_url::parse("base URL", base_url)?;
        Ok(Self {
            tenant: base_url::tenant(&base_url),
            base_url,
        })
    }

    /// Who is addressed: the documented host, or the base URL's `host:port`.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.base_url.as_str().trim_end_matches('/')
    }

    /// The whole URL at which an API key is exchanged for a token.
    #[must_use]
    pub fn token_url(&self) -> String {
        format!("{}/api/v1.6/auth/token", self.base_url())
    }
}

/// The tenant is only what a person calls it.
impl PartialEq for Account {
    fn eq(&self, other: &Self) -> bool {
        self.base_url() == other.base_url()
    }
}

impl Eq for Account {}

impl Hash for Account {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.base_url().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_host_and_others_name_the_tenant_and_the_token_url() {
        let industrial = Account::industrial();
        assert_eq!(industrial.base_url(), INDUSTRIAL);
        assert_eq!(industrial.tenant(), "industrial.api.ubidots.com");
        assert_eq!(
            industrial.token_url(),
            "https://industrial.api.ubidots.com/api/v1.6/auth/token"
        );
        let private = Account::at("https://acme.api.ubidots.com/").unwrap();
        assert_eq!(private.tenant(), "acme.api.ubidots.com:443");
        assert_eq!(private.base_url(), "https://acme.api.ubidots.com");
        assert!(Account::at("http://acme.api.ubidots.com").is_err());
        assert_eq!(Account::at("http://127.0.0.1:9").unwrap().tenant(), "127.0.0.1:9");
    }
}
