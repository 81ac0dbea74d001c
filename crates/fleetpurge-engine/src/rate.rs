//! How many attempts may be started per second: a positive, finite number.

use std::fmt;
use std::num::ParseFloatError;
use std::str::FromStr;
use std::time::Duration;

/// So many per second: a finite number, [`Rate::LEAST`] or more.
///
/// Zero, negative numbers, NaN and infinity are refused: each of them could be taken for "no limit".
///
/// ```
/// use fleetpurge_engine::Rate;
///
/// # fn main() -> Result<(), fleetpurge_engine::NotARate> {
/// let rate = Rate::per_second(2.5)?;
/// assert_eq!(rate.get(), 2.5);
/// assert_eq!("2.5".parse(), Ok(rate));
/// assert!(Rate::per_second(0.0).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(try_from = "f64", into = "f64")
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Rate(f64);

impl Rate {
    /// The lowest rate: one in a thousand seconds.
    pub const LEAST: Self = Self(0.001);

    /// A billion per second: as good as no limit.
    pub const MOST: Self = Self(1e9);

    /// So many per second.
    ///
    /// # Errors
    ///
    /// The number is not finite, or less than [`Rate::LEAST`].
    pub const fn per_second(rate: f64) -> Result<Self, NotARate> {
        if rate.is_finite() && rate >= Self::LEAST.0 {
            Ok(Self(rate))
        } else {
            Err(NotARate(()))
        }
    }

    /// How many per second.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// How far apart two are. At least a nanosecond, which is as good as no limit.
    #[must_use]
    pub fn interval(self) -> Duration {
        Duration::from_secs_f64(self.0.recip()).max(Duration::from_nanos(1))
    }
}

impl TryFrom<f64> for Rate {
    type Error = NotARate;

    fn try_from(rate: f64) -> Result<Self, NotARate> {
        Self::per_second(rate)
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> Self {
        rate.0
    }
}

impl FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        let rate: f64 = text.parse().map_err(|_: ParseFloatError| NotARate(()))?;
        Self::per_second(rate)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number is no [`Rate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotARate(());

impl fmt::Display for NotARate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a rate is a finite number per second, {} or more", Rate::LEAST)
    }
}

impl std::error::Error for NotARate {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_finite_number_of_a_thousandth_or_more() {
        for rate in [0.001, 0.1, 1.0, 4.0, 1e9, 1e12, f64::MAX] {
            let rate = Rate::per_second(rate).unwrap();
            assert_eq!(Rate::try_from(rate.get()), Ok(rate));
            assert_eq!(rate.to_string().parse(), Ok(rate));
            assert!(rate.interval() > Duration::ZERO && rate.interval() <= Duration::from_secs(1_000));
        }
        for rate in [
            0.0,
            -0.0,
            -1.0,
            0.000_999,
            1e-30,
            f64::MIN_POSITIVE,
            f64::NAN,
            -f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ] {
            assert_eq!(Rate::per_second(rate), Err(NotARate(())), "{rate}");
        }
        for text in [
            "", " ", "0", "-0", "-1", "nan", "NaN", "inf", "-inf", "infinity", "1e-30", "1,5", "1/s", "4 ",
        ] {
            assert!(text.parse::<Rate>().is_err(), "{text:?}");
        }
    }
}
