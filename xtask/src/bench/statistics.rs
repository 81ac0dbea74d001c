//! What many rounds come to.

use serde::Serialize;

/// The middle of some values, and how far they lie apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Spread {
    /// None of no values.
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        let (least, most) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(values[middle - 1], values[middle])
        } else {
            values[middle]
        };
        Some(Self { median, least, most })
    }

    /// What came of each round with one thing, over what came of the same round with another: these machines are noisy, and
    /// what is measured at one time is comparable.
    pub(super) fn of_ratios(values: &[f64], over: &[f64]) -> Option<Self> {
        Self::of(values.iter().zip(over).map(|(value, over)| value / over))
    }
}

/// What a value should be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Goal {
    AtLeast(f64),
    AtMost(f64),
    /// Nothing was agreed: it is measured to be known.
    Known,
}

impl Goal {
    pub(super) fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(goal) => value >= goal,
            Self::AtMost(goal) => value <= goal,
            Self::Known => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_the_rounds_counts() {
        let spread = |values: &[f64]| Spread::of(values.iter().copied());
        let of = |median, least, most| Some(Spread { median, least, most });
        assert_eq!(spread(&[]), None);
        assert_eq!(spread(&[f64::NAN]), None);
        assert_eq!(spread(&[3.0, 1.0, 2.0]), of(2.0, 1.0, 3.0));
        assert_eq!(spread(&[4.0, 1.0, 2.0, 3.0]), of(2.5, 1.0, 4.0));
    }

    #[test]
    fn a_ratio_is_one_of_the_same_round() {
        // A slow round is slow for both.
        let ratio = Spread::of_ratios(&[1.0, 10.0, 2.0], &[2.0, 20.0, 4.0]).unwrap();
        assert_eq!((ratio.median, ratio.least, ratio.most), (0.5, 0.5, 0.5));
    }

    #[test]
    fn a_goal_is_met_when_it_is_reached() {
        assert!(Goal::AtLeast(0.9).is_met(0.9) && !Goal::AtLeast(0.9).is_met(0.89));
        assert!(Goal::Known.is_met(0.0));
        assert!(Goal::AtMost(5.0).is_met(5.0) && !Goal::AtMost(5.0).is_met(5.1));
    }
}
