//! The configuration file of the command: profiles by name.
//!
//! What decides which devices are sent, or lifts a check, has no key here: it is given on the command line only.

use std::collections::BTreeMap;
use std::num::{NonZeroU64, NonZeroUsize};

use fleetpurge_engine::Rate;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// The highest `max_devices` of a profile: the default of `plan`. A larger plan needs the flag.
pub const MOST_DEVICES: u64 = 10_000;

/// The longest time of a flag or a profile: ten years. A longer one is a typing error, and would overflow a clock.
pub const MOST_SECONDS: u64 = 10 * 365 * 24 * 3600;

/// The configuration file of fleetpurge.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The profile that is used without `--profile` and `FLEETPURGE_PROFILE`.
    pub default_profile: Option<String>,
    /// The profiles by name.
    pub profile: BTreeMap<String, Profile>,
}

/// A profile: an account, its credentials, and settings for it. A flag or an environment variable takes precedence over each
/// of them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// The service that holds the inventory. Default: nexthink.
    pub service: Option<ProfileService>,
    /// Nexthink: the instance, e.g. `acme` for acme.eu.nexthink.cloud.
    pub instance: Option<String>,
    /// Nexthink: the region of the instance.
    #[serde(deserialize_with = "region")]
    #[schemars(regex(pattern = "^([uU][sS]|[eE][uU]|[pP][aA][cC]|[mM][eE][tT][aA])$"))]
    pub region: Option<String>,
    /// The URL of the API, if it is not the usual one.
    pub base_url: Option<String>,
    /// Nexthink: the URL of the token endpoint, if it is not the usual one.
    pub token_url: Option<String>,

    /// Nexthink: the client id of the API credentials.
    pub client_id: Option<String>,
    /// Nexthink: the client secret. Only in a file that nobody else can read.
    #[schemars(with = "Option<String>")]
    pub client_secret: Option<SecretString>,
    /// A file that contains the client secret and that nobody else can read.
    pub client_secret_file: Option<String>,
    /// A command that prints the client secret, run by the shell.
    pub client_secret_command: Option<String>,
    /// The entry of the system's keyring (service `fleetpurge`, this user) that holds the client secret.
    pub client_secret_keyring: Option<String>,
    /// A token: a bearer token of Nexthink, or a token of a Ubidots account. Only in a file that nobody else can read.
    #[schemars(with = "Option<String>")]
    pub token: Option<SecretString>,
    /// A file that contains the token and that nobody else can read.
    pub token_file: Option<String>,
    /// A command that prints the token, run by the shell.
    pub token_command: Option<String>,
    /// The entry of the system's keyring (service `fleetpurge`, this user) that holds the token.
    pub token_keyring: Option<String>,
    /// Ubidots: the API key, which requests tokens. Only in a file that nobody else can read.
    #[schemars(with = "Option<String>")]
    pub api_key: Option<SecretString>,
    /// A file that contains the API key and that nobody else can read.
    pub api_key_file: Option<String>,
    /// A command that prints the API key, run by the shell.
    pub api_key_command: Option<String>,
    /// The entry of the system's keyring (service `fleetpurge`, this user) that holds the API key.
    pub api_key_keyring: Option<String>,

    /// The maximum number of concurrent requests, or `auto`.
    pub concurrency: Option<ProfileConcurrency>,
    /// The most requests per second.
    #[serde(deserialize_with = "rate")]
    #[schemars(with = "Option<f64>", range(min = 0.001))]
    pub rate: Option<Rate>,
    /// The time limit of one request, in seconds.
    #[serde(deserialize_with = "timeout")]
    #[schemars(range(min = 1, max = MOST_SECONDS))]
    pub timeout: Option<u64>,
    /// The longest wait that the service may ask for, in seconds.
    #[serde(deserialize_with = "max_wait")]
    #[schemars(range(min = 0, max = MOST_SECONDS))]
    pub max_wait: Option<u64>,

    /// Files with devices that must stay, used in addition to those of `--protect`. A relative path is relative to the
    /// folder of the configuration file.
    pub protect: Vec<String>,
    /// Refuse a plan that would send more devices than this. Not above the default of `plan`.
    #[serde(deserialize_with = "max_devices")]
    #[schemars(range(min = 1, max = MOST_DEVICES))]
    pub max_devices: Option<u64>,
    /// What to do if a uid is malformed.
    pub uid_validation: Option<ProfileValidation>,
}

/// The service of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProfileService {
    /// Nexthink.
    Nexthink,
    /// Ubidots.
    Ubidots,
}

/// What to do if a uid is malformed. To accept every uid needs the flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProfileValidation {
    /// Refuse the plan.
    Strict,
    /// Warn.
    Warn,
}

/// How many requests are in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number from 1, or \"auto\"")]
pub enum ProfileConcurrency {
    /// So many.
    Of(NonZeroUsize),
    /// As many as make it faster.
    Word(Auto),
}

/// `auto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Auto {
    /// As many as make it faster.
    Auto,
}

impl Profile {
    /// The keys whose values are secrets themselves.
    pub const SECRETS: [&'static str; 3] = ["client_secret", "token", "api_key"];

    /// The key of a secret that stands in this profile itself, if one does.
    #[must_use]
    pub fn secret_key(&self) -> Option<&'static str> {
        Self::SECRETS
            .into_iter()
            .zip([&self.client_secret, &self.token, &self.api_key])
            .find_map(|(key, value)| value.is_some().then_some(key))
    }
}

fn region<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    let region = String::deserialize(value)?.to_ascii_lowercase();
    match region.as_str() {
        "us" | "eu" | "pac" | "meta" => Ok(Some(region)),
        _ => Err(D::Error::custom(format!("{region:?} is none of us, eu, pac, meta"))),
    }
}

fn rate<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Rate>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a number of requests per second")]
    enum Number {
        Whole(u32),
        Part(f64),
    }
    let text = match Number::deserialize(value)? {
        Number::Whole(number) => number.to_string(),
        Number::Part(number) => number.to_string(),
    };
    text.parse()
        .map(Some)
        .map_err(|_| D::Error::custom(format!("a number of requests per second, {} or more", Rate::LEAST)))
}

fn timeout<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u64>, D::Error> {
    match NonZeroU64::deserialize(value)?.get() {
        seconds @ ..=MOST_SECONDS => Ok(Some(seconds)),
        _ => Err(D::Error::custom(format!("at most {MOST_SECONDS} seconds"))),
    }
}

fn max_wait<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u64>, D::Error> {
    match u64::deserialize(value)? {
        seconds @ ..=MOST_SECONDS => Ok(Some(seconds)),
        _ => Err(D::Error::custom(format!("at most {MOST_SECONDS} seconds"))),
    }
}

fn max_devices<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u64>, D::Error> {
    match u64::deserialize(value)? {
        devices @ 1..=MOST_DEVICES => Ok(Some(devices)),
        _ => Err(D::Error::custom(format!(
            "a number from 1 to {MOST_DEVICES}; a larger plan needs --max-devices on the command line"
        ))),
    }
}
