//! Who is addressed: an instance in a region, or a base URL.

use fleetpurge_ledger::PlanSettings;
use nexthink_data_management::{Endpoints, Instance, Region};

/// The tenant of a plan and the two places it is reached at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tenant {
    /// What a person types to confirm: the instance, or `host:port` of a base URL.
    pub(crate) name: String,
    pub(crate) instance: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) base_url: String,
    pub(crate) token_url: String,
}

/// What was said about the tenant on the command line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Address<'a> {
    pub(crate) instance: Option<&'a str>,
    pub(crate) region: Option<&'a str>,
    pub(crate) base_url: Option<&'a str>,
    pub(crate) token_url: Option<&'a str>,
}

impl Tenant {
    /// Works the two URLs out, or says which setting is wrong and why.
    pub(crate) fn new(address: Address<'_>) -> Result<Self, String> {
        let named = match (address.instance, address.region) {
            (Some(instance), Some(region)) => Some(documented(instance, region)?),
            (Some(instance), None) => {
                // A plan for a base URL may name the instance without its region: for the record.
                Instance::new(instance).map_err(|error| format!("--instance: {error}"))?;
                None
            }
            (None, _) => None,
        };
        let derived = named.as_ref().map(|endpoints| endpoints.token_url().to_owned());
        let endpoints = match (address.base_url, named) {
            (Some(base), _) => Endpoints::at(base, None)
                .map_err(|error| format!("--base-url: {error}"))
                .and_then(|endpoints| with_token_url(endpoints, derived.as_deref()))?,
            (None, Some(named)) => named,
            (None, None) => return Err("give --instance and --region, or --base-url".to_owned()),
        };
        let endpoints = with_token_url(endpoints, address.token_url)?;
        Ok(Self {
            name: endpoints.tenant().to_owned(),
            instance: address.instance.map(str::to_owned),
            region: address.region.map(str::to_owned),
            base_url: endpoints.base_url().to_owned(),
            token_url: endpoints.token_url().to_owned(),
        })
    }

    /// The tenant that a plan was made for.
    pub(crate) fn of(settings: &PlanSettings) -> Result<(Self, Endpoints), String> {
        let endpoints = Endpoints::at(&settings.base_url, settings.token_url.as_deref())
            .map_err(|error| format!("the plan's own address: {error}"))?;
        let documented = settings
            .instance
            .as_deref()
            .zip(settings.region.as_deref())
            .and_then(|(instance, region)| documented(instance, region).ok())
            .filter(|documented| documented.base_url() == endpoints.base_url());
        let name = documented.as_ref().map_or(endpoints.tenant(), Endpoints::tenant);
        if name != settings.tenant {
            return Err(format!(
                "the plan calls its tenant `{}`, but its address is that of `{name}`",
                settings.tenant.escape_debug()
            ));
        }
        let tenant = Self {
            name: settings.tenant.clone(),
            instance: settings.instance.clone(),
            region: settings.region.clone(),
            base_url: endpoints.base_url().to_owned(),
            token_url: endpoints.token_url().to_owned(),
        };
        Ok((tenant, endpoints))
    }

    /// Whether the token URL's host is neither derived from the instance nor that of the base URL. Such a plan could
    /// have been made to collect a secret, so whoever applies it has to name the URL again.
    pub(crate) fn token_host_is_foreign(&self) -> bool {
        let shares =
            |base: &str| Endpoints::at(base, Some(&self.token_url)).is_ok_and(|endpoints| endpoints.share_a_host());
        let derived = self
            .instance
            .as_deref()
            .zip(self.region.as_deref())
            .and_then(|(instance, region)| documented(instance, region).ok());
        !shares(&self.base_url) && !derived.is_some_and(|derived| shares(derived.token_url()))
    }
}

fn documented(instance: &str, region: &str) -> Result<Endpoints, String> {
    let instance = Instance::new(instance).map_err(|error| format!("--instance: {error}"))?;
    let region: Region = region.parse().map_err(|error| format!("--region: {error}"))?;
    Ok(Endpoints::of(&instance, &region))
}

fn with_token_url(endpoints: Endpoints, url: Option<&str>) -> Result<Endpoints, String> {
    match url {
        Some(url) => endpoints
            .with_token_url(url)
            .map_err(|error| format!("--token-url: {error}")),
        None => Ok(endpoints),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: Address<'_> = Address {
        instance: Some("acme"),
        region: Some("eu"),
        base_url: None,
        token_url: None,
    };

    fn at(base_url: &str) -> Address<'_> {
        Address {
            base_url: Some(base_url),
            ..Address::default()
        }
    }

    #[test]
    fn an_instance_and_a_base_url_lead_to_two_urls_and_a_name_to_type() {
        let table = [
            (
                ACME,
                "acme",
                "https://acme.api.eu.nexthink.cloud",
                "https://acme-login.eu.nexthink.cloud/oauth2/default/v1/token",
                false,
            ),
            (
                at("http://127.0.0.1:8080/"),
                "127.0.0.1:8080",
                "http://127.0.0.1:8080",
                "http://127.0.0.1:8080/oauth2/default/v1/token",
                false,
            ),
            (
                at("https://proxy.example/nexthink"),
                "proxy.example:443",
                "https://proxy.example/nexthink",
                "https://proxy.example/nexthink/oauth2/default/v1/token",
                false,
            ),
            (
                Address {
                    token_url: Some("https://login.example/token"),
                    ..at("http://[::1]:81")
                },
                "[::1]:81",
                "http://[::1]:81",
                "https://login.example/token",
                true,
            ),
            (
                Address {
                    base_url: Some("http://localhost:9"),
                    ..ACME
                },
                "localhost:9",
                "http://localhost:9",
                "https://acme-login.eu.nexthink.cloud/oauth2/default/v1/token",
                false,
            ),
        ];
        for (address, name, base_url, token_url, foreign) in table {
            let tenant = Tenant::new(address).unwrap();
            assert_eq!(
                (
                    tenant.name.as_str(),
                    tenant.base_url.as_str(),
                    tenant.token_url.as_str()
                ),
                (name, base_url, token_url)
            );
            assert_eq!(tenant.token_host_is_foreign(), foreign, "{address:?}");
        }
    }

    #[test]
    fn what_would_lead_elsewhere_is_refused_with_its_setting() {
        let instances = ["a/b", "", "a.b", "evil.com#", "-a", "a-", "a b", "a\u{301}"];
        for instance in instances {
            let message = Tenant::new(Address {
                instance: Some(instance),
                ..ACME
            })
            .unwrap_err();
            assert!(message.contains("--instance"), "{message}");
        }
        let urls = [
            ("http://example.com", "not https"),
            ("https://user@example.com", "user name or password"),
            ("example.com", "not a URL"),
        ];
        for (url, reason) in urls {
            let message = Tenant::new(at(url)).unwrap_err();
            assert!(
                message.contains("--base-url") && message.contains(reason),
                "{url}: {message}"
            );
        }
    }
}
