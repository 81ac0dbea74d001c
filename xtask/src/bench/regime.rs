//! What is asked of every contender in a comparison.

use std::fmt;

/// Whose requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Api {
    Nexthink,
    Ubidots,
}

impl Api {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Nexthink => "nexthink",
            Self::Ubidots => "ubidots",
        }
    }

    /// How many devices one request names.
    pub(super) fn batch(self) -> u64 {
        match self {
            Self::Nexthink => 100,
            Self::Ubidots => 300,
        }
    }
}

/// A service, and how it is used.
#[derive(Clone, Debug)]
pub(super) struct Regime {
    pub(super) api: Api,
    /// How long the service takes, in milliseconds.
    pub(super) delay: u64,
    pub(super) in_flight: u64,
    pub(super) tls: bool,
    pub(super) requests: u64,
    /// More flags of the service.
    pub(super) service: Vec<String>,
}

impl Regime {
    pub(super) fn new(delay: u64, in_flight: u64, requests: u64) -> Self {
        Self {
            api: Api::Nexthink,
            delay,
            in_flight,
            tls: false,
            requests,
            service: Vec::new(),
        }
    }

    pub(super) fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    pub(super) fn of(mut self, api: Api) -> Self {
        self.api = api;
        self
    }

    pub(super) fn service(mut self, flags: &[&str]) -> Self {
        self.service = flags.iter().map(|flag| (*flag).to_owned()).collect();
        self
    }

    pub(super) fn devices(&self) -> u64 {
        self.requests * self.api.batch()
    }
}

impl fmt::Display for Regime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ms, {} in flight", self.delay, self.in_flight)?;
        if self.tls {
            f.write_str(", TLS")?;
        }
        if self.api == Api::Ubidots {
            f.write_str(", Ubidots")?;
        }
        for flag in &self.service {
            write!(f, " {flag}")?;
        }
        write!(f, ", {} requests", self.requests)
    }
}
