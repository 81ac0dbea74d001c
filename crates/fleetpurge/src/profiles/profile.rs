//! Which profile is meant.

use std::path::{Path, PathBuf};

use fleetpurge_records::{Profile as Values, ProfileService};

use super::location::Location;
use super::reading::Loaded;
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::next;

/// The environment variable that names a profile.
const PROFILE: &str = "FLEETPURGE_PROFILE";

/// A profile that is used.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    pub(crate) chosen: Chosen,
    pub(crate) values: Values,
}

/// Who chose a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// `--profile` or `FLEETPURGE_PROFILE`: this one is meant, and no other.
    ByName,
    /// `default_profile` of the file.
    ByDefault,
}

impl Profile {
    pub(crate) fn service(&self) -> ProfileService {
        self.values.service.unwrap_or(ProfileService::Nexthink)
    }

    /// A path in the profile: relative to the folder of the file; `~/` is the home directory.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        let folder = self.file.parent().unwrap_or(Path::new(""));
        match (path.strip_prefix("~/"), std::env::home_dir()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => folder.join(path),
        }
    }

    /// An error that names the file and the profile.
    pub(crate) fn refused(&self, why: &str) -> Failure {
        Failure::new(
            Exit::ERROR,
            format!(
                "the configuration file {}, profile `{}`: {why}",
                self.file.display(),
                self.name
            ),
            SENT_NOTHING,
            next::instead(),
        )
    }
}

/// The profile that `--profile`, else the environment, else the file names; `None` if none of them names one.
pub(crate) fn choose(
    loaded: Option<Loaded>,
    flag: Option<&str>,
    location: &Location,
) -> Result<Option<Profile>, Failure> {
    let variable = std::env::var(PROFILE).ok().filter(|name| !name.is_empty());
    let wrong = |why: String| Failure::new(Exit::ERROR, why, SENT_NOTHING, next::instead());
    let named = flag
        .map(|name| (name.to_owned(), "--profile"))
        .or_else(|| variable.map(|name| (name, PROFILE)));
    let Some(Loaded { path, mut config }) = loaded else {
        return match named {
            None => Ok(None),
            Some((name, by)) => Err(wrong(format!(
                "{by} names the profile `{name}`, and there is no configuration file{}",
                match location {
                    Location::Named(path) | Location::Usual(path) => format!(" {}", path.display()),
                    Location::Nowhere => String::new(),
                }
            ))),
        };
    };
    let by_default = config.default_profile.take().map(|name| (name, "default_profile"));
    let chosen = if named.is_some() {
        Chosen::ByName
    } else {
        Chosen::ByDefault
    };
    let Some((name, by)) = named.or(by_default) else {
        return Ok(None);
    };
    let Some(values) = config.profile.remove(&name) else {
        let names: Vec<String> = config.profile.keys().map(|name| format!("`{name}`")).collect();
        let there = if names.is_empty() {
            "which has no profile".to_owned()
        } else {
            format!("which has {}", names.join(", "))
        };
        return Err(wrong(format!(
            "{by} names the profile `{name}`, which is not in the configuration file {}, {there}",
            path.display()
        )));
    };
    let profile = Profile {
        name,
        file: path,
        chosen,
        values,
    };
    check(&profile.values, profile.service()).map_err(|why| profile.refused(&why))?;
    Ok(Some(profile))
}

/// Keys that contradict each other, or that belong to the other service.
fn check(values: &Values, service: ProfileService) -> Result<(), String> {
    let given = |keys: &[(&'static str, bool)]| -> Vec<&'static str> {
        keys.iter().filter(|(_, given)| *given).map(|(key, _)| *key).collect()
    };
    let secret = given(&[
        ("client_secret", values.client_secret.is_some()),
        ("client_secret_file", values.client_secret_file.is_some()),
        ("client_secret_command", values.client_secret_command.is_some()),
        ("client_secret_keyring", values.client_secret_keyring.is_some()),
    ]);
    let token = given(&[
        ("token", values.token.is_some()),
        ("token_file", values.token_file.is_some()),
        ("token_command", values.token_command.is_some()),
        ("token_keyring", values.token_keyring.is_some()),
    ]);
    let api_key = given(&[
        ("api_key", values.api_key.is_some()),
        ("api_key_file", values.api_key_file.is_some()),
        ("api_key_command", values.api_key_command.is_some()),
        ("api_key_keyring", values.api_key_keyring.is_some()),
    ]);
    for keys in [&secret, &token, &api_key] {
        if let [first, second, ..] = keys[..] {
            return Err(format!(
                "`{first}` and `{second}` are two sources of one secret; remove one"
            ));
        }
    }
    let client: Vec<_> = given(&[("client_id", values.client_id.is_some())])
        .into_iter()
        .chain(secret)
        .collect();
    let foreign: Vec<&str> = match service {
        ProfileService::Nexthink => api_key.clone(),
        ProfileService::Ubidots => given(&[
            ("instance", values.instance.is_some()),
            ("region", values.region.is_some()),
            ("token_url", values.token_url.is_some()),
        ])
        .into_iter()
        .chain(client.iter().copied())
        .collect(),
    };
    if let Some(key) = foreign.first() {
        return Err(match service {
            ProfileService::Nexthink => format!("`{key}` is of Ubidots; add service = \"ubidots\", or remove it"),
            ProfileService::Ubidots => format!("`{key}` has no meaning for Ubidots; remove it"),
        });
    }
    if let (Some(one), Some(other)) = (token.first(), client.first().or(api_key.first())) {
        return Err(format!(
            "`{one}` and `{other}` are two kinds of credentials; remove one"
        ));
    }
    if values.base_url.is_none() && values.instance.is_some() != values.region.is_some() {
        return Err("`instance` and `region` belong together".to_owned());
    }
    Ok(())
}
