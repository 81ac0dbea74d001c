//! Who is addressed: an instance in a region, and the two URLs they stand for.
//!
//! Source of the URLs: Nexthink's documentation of its API and of the authentication token, as of 2026-11.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use fleetpurge_http::base_url::{self, is_label, parse};
use fleetpurge_http::text_conversions;
use url::Url;

use fleetpurge_http::error::Error;

/// The name of a Nexthink instance: the first label of its host names. Kept as it was given; two names that differ only in
/// case are equal, because they are the same host name (RFC 4343).
///
/// ```
/// use nexthink_data_management::Instance;
///
/// # fn main() -> Result<(), nexthink_data_management::Error> {
/// assert_eq!(Instance::new("Acme")?, Instance::new("acme")?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(try_from = "String", into = "String")
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct Instance(String);

impl Instance {
    /// Takes a name that can be one label of a host name: 1 to 63 letters, digits and inner hyphens.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for anything else. Nothing was sent.
    pub fn new(name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        if is_label(&name) {
            Ok(Self(name))
        } else {
            Err(Error::configuration(format!(
                "{name:?} cannot be the name of an instance: it is one label of a host name, such as \"acme\" of \
                 https://acme.api.eu.nexthink.cloud"
            )))
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Instance {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Instance {}

impl Hash for Instance {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_ascii_lowercase().hash(state);
    }
}

impl FromStr for Instance {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::new(name)
    }
}

impl From<&Self> for Instance {
    fn from(instance: &Self) -> Self {
        instance.clone()
    }
}

impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where an instance is hosted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(try_from = "String", into = "String")
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(with = "String"))]
pub enum Region {
    /// United States: `us`.
    Us,
    /// European Union: `eu`.
    Eu,
    /// Asia-Pacific: `pac`.
    Pac,
    /// Middle East, Turkey and Africa: `meta`.
    Meta,
    /// A region that was not known when this was written; made by [`Region::from_str`], in lower case as host names are
    /// the same in either case.
    Other(OtherRegion),
}

/// The name of a region that was not known when this was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OtherRegion(String);

impl Region {
    /// The name as it stands in host names.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Us => "us",
            Self::Eu => "eu",
            Self::Pac => "pac",
            Self::Meta => "meta",
            Self::Other(OtherRegion(name)) => name,
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Region {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            "us" => Ok(Self::Us),
            "eu" => Ok(Self::Eu),
            "pac" => Ok(Self::Pac),
            "meta" => Ok(Self::Meta),
            _ if is_label(&lower) => Ok(Self::Other(OtherRegion(lower))),
            _ => Err(Error::configuration(format!(
                "{name:?} cannot be a region: it is one label of a host name, such as us, eu, pac or meta"
            ))),
        }
    }
}

impl From<&Self> for Region {
    fn from(region: &Self) -> Self {
        region.clone()
    }
}

text_conversions!(Instance, Region);

/// Where deletions and where tokens are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    tenant: String,
    base_url: Url,
    token_url: Url,
}

impl Endpoints {
    /// The endpoints of an instance, as Nexthink documents them.
    ///
    /// ```
    /// # fn main() -> Result<(), nexthink_data_management::Error> {
    /// use nexthink_data_management::{Endpoints, Instance, Region};
    ///
    /// let endpoints = Endpoints::of(Instance::new("acme")?, Region::Eu);
    /// assert_eq!(endpoints.base_url(), "https://acme.api.eu.nexthink.cloud");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        reason = "labels make a URL: a test holds it for every kind of label"
    )]
    #[expect(clippy::expect_used, reason = "as above")]
    pub fn of(instance: impl Into<Instance>, region: impl Into<Region>) -> Self {
        let (instance, region) = (instance.into(), region.into());
        let url = |text: String| Url::parse(&text).expect("labels make a URL");
        Self {
            tenant: instance.as_str().to_owned(),
            base_url: url(format!("https://{instance}.api.{region}.nexthink.cloud")),
            token_url: url(format!(
                "https://{instance}-login.{region}.nexthink.cloud/oauth2/default/v1/token"
            )),
        }
    }

    /// Endpoints at a base URL of one's own: a gateway, a test server.
    ///
    /// The token endpoint is `token_url` as it stands, or `/oauth2/default/v1/token` below the base URL. The tenant is
    /// the base URL's `host:port`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for a URL that is not `https://` (`http://` is
    /// taken for loopback addresses only), or has user information, a query or a fragment. Nothing was sent.
    pub fn at(base_url: &str, token_url: Option<&str>) -> Result<Self, Error> {
        let base = parse("base URL", base_url)?;
        let token = match token_url {
            Some(url) => parse("token URL", url)?,
            None => parse(
                "token URL",
                &format!("{}/oauth2/default/v1/token", base.as_str().trim_end_matches('/')),
            )?,
        };
        Ok(Self {
            tenant: base_url::tenant(&base),
            base_url: base,
            token_url: token,
        })
    }

    /// The same with another token endpoint.
    ///
    /// # Errors
    ///
    /// As [`Endpoints::at`].
    pub fn with_token_url(mut self, token_url: &str) -> Result<Self, Error> {
        self.token_url = parse("token URL", token_url)?;
        Ok(self)
    }

    /// Who is addressed: the instance, or the base URL's `host:port`.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.base_url.as_str().trim_end_matches('/')
    }

    /// The whole URL of the token endpoint.
    #[must_use]
    pub fn token_url(&self) -> &str {
        self.token_url.as_str()
    }

    /// Whether both are served by one host and port.
    #[must_use]
    pub fn share_a_host(&self) -> bool {
        self.base_url.host() == self.token_url.host()
            && self.base_url.port_or_known_default() == self.token_url.port_or_known_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instance_and_region_give_the_documented_urls() {
        for region in ["us", "eu", "pac", "meta", "ap-2"] {
            let endpoints = Endpoints::of(Instance::new("Acme-1").unwrap(), region.parse::<Region>().unwrap());
            assert_eq!(
                endpoints.base_url(),
                format!("https://acme-1.api.{region}.nexthink.cloud")
            );
            assert_eq!(
                endpoints.token_url(),
                format!("https://acme-1-login.{region}.nexthink.cloud/oauth2/default/v1/token")
            );
            assert_eq!(endpoints.tenant(), "Acme-1");
        }
    }

    #[test]
    fn names_that_differ_only_in_case_name_the_same_host() {
        let [upper, lower, other] = ["ACME-1", "acme-1", "acme-2"].map(|name| Instance::new(name).unwrap());
        assert_eq!(upper, lower);
        assert_ne!(upper, other);
        let hashed: std::collections::HashSet<_> = [&upper, &lower, &other].into();
        assert_eq!(hashed.len(), 2);
        for (name, same) in [("EU", "eu"), ("Ap-2", "ap-2")] {
            let [a, b] = [name, same].map(|name| name.parse::<Region>().unwrap());
            assert_eq!(a, b);
            assert_eq!(a.as_str(), same);
            assert_eq!(Endpoints::of(&upper, a).base_url(), Endpoints::of(&lower, b).base_url());
        }
    }

    #[test]
    fn what_cannot_be_a_label_is_no_instance_and_no_region() {
        for name in [
            "",
            "a/b",
            "a.b",
            "a b",
            "-a",
            "a-",
            "ä",
            "a@b",
            "a:1",
            "a\n",
            &"a".repeat(64),
        ] {
            assert!(Instance::new(name).is_err(), "{name:?}");
            assert!(name.parse::<Region>().is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_base_url_of_ones_own_names_the_tenant_and_the_token_endpoint() {
        let table = [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://localhost:1/", "localhost:1", "http://localhost:1"),
            ("http://[::1]:5", "[::1]:5", "http://[::1]:5"),
            (
                "https://gate.example/nexthink/",
                "gate.example:443",
                "https://gate.example/nexthink",
            ),
        ];
        for (given, tenant, base) in table {
            let endpoints = Endpoints::at(given, None).unwrap();
            assert_eq!(endpoints.tenant(), tenant);
            assert_eq!(endpoints.base_url(), base);
            assert_eq!(endpoints.token_url(), format!("{base}/oauth2/default/v1/token"));
            assert!(endpoints.share_a_host());
        }
        let elsewhere = Endpoints::at("https://a.example", Some("https://b.example/token")).unwrap();
        assert_eq!(elsewhere.token_url(), "https://b.example/token");
        assert!(!elsewhere.share_a_host());
    }

    #[test]
    fn an_unsafe_url_is_refused() {
        for url in [
            "http://example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example",
            "ftp://127.0.0.1",
            "127.0.0.1:80",
            "https://user:secret@example.com",
            "https://example.com?x=1",
            "https://example.com#x",
            "",
        ] {
            let error = Endpoints::at(url, None).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
