//! How many requests are in flight: a number, or what the run finds out.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

/// Where a run begins that finds it out, and the default.
pub(crate) const USUAL: NonZeroUsize = const { NonZeroUsize::new(4).unwrap() };

/// The value of `--concurrency`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Concurrency {
    Of(NonZeroUsize),
    Auto,
}

impl Concurrency {
    /// How many at first.
    pub(crate) fn begins(self) -> NonZeroUsize {
        match self {
            Self::Of(number) => number,
            Self::Auto => USUAL,
        }
    }
}

impl fmt::Display for Concurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(number) => number.fmt(f),
            Self::Auto => f.write_str("auto"),
        }
    }
}

impl FromStr for Concurrency {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        text.parse().map(Self::Of).map_err(|_| "a number from 1, or auto")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_or_the_word_auto_is_read_as_it_is_written() {
        for text in ["1", "4", "128", "auto"] {
            assert_eq!(text.parse::<Concurrency>().unwrap().to_string(), text);
        }
        assert_eq!("auto".parse::<Concurrency>().unwrap().begins(), USUAL);
        for text in ["0", "-1", "", "Auto", "many", "1.5"] {
            assert!(text.parse::<Concurrency>().is_err(), "{text}");
        }
    }
}
