//! What is odd about one reply, as much of it as anybody reads. Pure.

use fleetpurge_engine::{Anomaly, AnomalyKind};

/// How many are reported for one reply.
const TOLD: usize = 1_000;

/// Collects what is odd about one reply: the first 1,000, and how many more there are. A reply of some megabytes may be
/// odd a million times.
#[derive(Debug, Default)]
pub struct Anomalies {
    told: Vec<Anomaly>,
    /// How many are left out, and the kind of the first of them.
    more: Option<(usize, AnomalyKind)>,
}

impl Anomalies {
    /// Takes one in; `detail` is a sentence for a person.
    pub fn push(&mut self, kind: AnomalyKind, detail: impl Into<String>) {
        if self.told.len() < TOLD {
            let detail = detail.into();
            self.told.push(Anomaly { kind, detail });
        } else {
            self.more.get_or_insert((0, kind)).0 += 1;
        }
    }

    /// The first, if anything is odd.
    #[must_use]
    pub fn first(&self) -> Option<&Anomaly> {
        self.told.first()
    }

    /// All that are reported; the last one says how many are left out.
    #[must_use]
    pub fn into_vec(self) -> Vec<Anomaly> {
        let mut told = self.told;
        told.extend(self.more.map(|(more, kind)| Anomaly {
            kind,
            detail: format!("and {more} more"),
        }));
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_thousand_are_told_and_the_others_counted() {
        for (count, expected) in [
            (0, None),
            (1, Some("0")),
            (1_000, Some("999")),
            (1_002, Some("and 2 more")),
        ] {
            let mut anomalies = Anomalies::default();
            for n in 0..count {
                anomalies.push(AnomalyKind::ForeignEntry, n.to_string());
            }
            let all = anomalies.into_vec();
            assert_eq!(all.len(), count.min(1_001));
            assert_eq!(all.last().map(|last| last.detail.as_str()), expected);
        }
    }
}
