//! Which service's requests are sent.

use clap::ValueEnum;

/// Which service's requests are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Api {
    Nexthink,
    Ubidots,
}

impl Api {
    /// How many devices one request names.
    pub(crate) fn batch(self) -> u64 {
        match self {
            Self::Nexthink => 100,
            Self::Ubidots => 300,
        }
    }
}
