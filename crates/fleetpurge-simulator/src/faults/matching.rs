//! The words rules are matched with: which requests, which devices, how probable.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// Request numbers: `3`, `"2-5"`, `"7-"`, or a list of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Numbers(Vec<(u64, u64)>);

impl Numbers {
    pub(crate) fn contains(&self, number: u64) -> bool {
        self.0.iter().any(|(first, last)| (*first..=*last).contains(&number))
    }
}

fn range(text: &str) -> Option<(u64, u64)> {
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let (first, last) = match text.split_once('-') {
        None => (number(text)?, number(text)?),
        Some((first, last)) if last.trim().is_empty() => (number(first)?, u64::MAX),
        Some((first, last)) => (number(first)?, number(last)?),
    };
    (1 <= first && first <= last).then_some((first, last))
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumbersVisitor;
        impl<'de> Visitor<'de> for NumbersVisitor {
            type Value = Numbers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a request number from 1, a range like \"2-5\" or \"7-\", or a list of these")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                if number == 0 {
                    return Err(E::custom("requests are numbered from 1"));
                }
                Ok(Numbers(vec![(number, number)]))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                range(text).map(|range| Numbers(vec![range])).ok_or_else(|| {
                    E::custom(format_args!(
                        "\"{text}\" is no range; write \"2-5\" or \"7-\", from 1 up"
                    ))
                })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(Numbers(some)) = list.next_element()? {
                    all.extend(some);
                }
                Ok(Numbers(all))
            }
        }
        deserializer.deserialize_any(NumbersVisitor)
    }
}

/// One string or a list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OneOrMany(pub(crate) Vec<String>);

impl OneOrMany {
    pub(crate) fn contains(&self, text: &str) -> bool {
        self.0.iter().any(|one| one == text)
    }
}

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrManyVisitor;
        impl<'de> Visitor<'de> for OneOrManyVisitor {
            type Value = OneOrMany;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(OneOrMany(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = list.next_element()? {
                    all.push(one);
                }
                Ok(OneOrMany(all))
            }
        }
        deserializer.deserialize_any(OneOrManyVisitor)
    }
}

/// The code of an error: a word, or a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ErrorCode(pub(crate) String);

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ErrorCodeVisitor;
        impl Visitor<'_> for ErrorCodeVisitor {
            type Value = ErrorCode;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a number")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(ErrorCode(text.to_owned()))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(ErrorCode(number.to_string()))
            }
        }
        deserializer.deserialize_any(ErrorCodeVisitor)
    }
}

/// Devices of a request: `"all"`, a position from 0, a uid or a name, or a list of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selector {
    All,
    Position(usize),
    Device(String),
    Any(Vec<Selector>),
}

impl Selector {
    pub(crate) fn takes(&self, position: usize, uid: &str, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Position(wanted) => *wanted == position,
            Self::Device(wanted) => wanted == uid || wanted == name,
            Self::Any(any) => any.iter().any(|one| one.takes(position, uid, name)),
        }
    }
}

impl<'de> Deserialize<'de> for Selector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SelectorVisitor;
        impl<'de> Visitor<'de> for SelectorVisitor {
            type Value = Selector;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"all\", a position from 0, a uid or name, or a list of these")
            }

            fn visit_u64<E: Error>(self, position: u64) -> Result<Self::Value, E> {
                usize::try_from(position).map(Selector::Position).map_err(E::custom)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(if text == "all" {
                    Selector::All
                } else {
                    Selector::Device(text.to_owned())
                })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut any = Vec::new();
                while let Some(one) = list.next_element()? {
                    any.push(one);
                }
                Ok(Selector::Any(any))
            }
        }
        deserializer.deserialize_any(SelectorVisitor)
    }
}

/// Numbers that look random and are the same in every run with the same seed (`SplitMix64`).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mix(u64);

impl Mix {
    pub(crate) fn of(seed: u64, rule: usize, number: u64) -> Self {
        let rule = rule as u64;
        let mut mix =
            Self(seed ^ rule.wrapping_mul(0xA24B_AED4_963E_E407) ^ number.wrapping_mul(0x9FB2_1C65_1E98_DF25));
        mix.next();
        mix
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A coin that falls `true` with this probability.
    pub(crate) fn falls(mut self, probability: f64) -> bool {
        let [a, b, c, d, ..] = self.next().to_le_bytes();
        f64::from(u32::from_le_bytes([a, b, c, d])) < probability * 4_294_967_296.0
    }

    pub(crate) fn seed(mut self) -> u64 {
        self.next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_numbers_are_written_as_numbers_ranges_and_lists() {
        for (json, inside, outside) in [
            ("3", vec![3], vec![2, 4]),
            ("\"2-5\"", vec![2, 5], vec![1, 6]),
            ("\"7-\"", vec![7, u64::MAX], vec![6]),
            ("[1, \"4-5\"]", vec![1, 4, 5], vec![2, 3, 6]),
        ] {
            let numbers: Numbers = serde_json::from_str(json).unwrap();
            assert!(inside.iter().all(|number| numbers.contains(*number)), "{json}");
            assert!(!outside.iter().any(|number| numbers.contains(*number)), "{json}");
        }
        for wrong in ["0", "\"5-2\"", "\"a\"", "\"0-3\"", "-1", "{}", "1.5"] {
            assert!(serde_json::from_str::<Numbers>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_coin_is_fair_and_falls_the_same_in_every_run() {
        let fallen = |seed| {
            (1..=10_000)
                .filter(|number| Mix::of(seed, 0, *number).falls(0.1))
                .collect::<Vec<_>>()
        };
        assert_eq!(fallen(7), fallen(7));
        assert_ne!(fallen(7), fallen(8));
        assert!((900..1100).contains(&fallen(7).len()), "{}", fallen(7).len());
        assert!(!Mix::of(7, 0, 1).falls(0.0) && Mix::of(7, 0, 1).falls(1.0));
    }
}
