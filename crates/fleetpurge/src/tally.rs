//! The results of a run so far, beside its progress.

use fleetpurge_engine::OutcomeKind;

/// How many devices of this run are done with, by outcome.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally([u64; ORDER.len()]);

/// The most pressing first: where there is no room, the last are left out.
const ORDER: [OutcomeKind; 7] = [
    OutcomeKind::Unknown,
    OutcomeKind::Scheduled,
    OutcomeKind::Failed,
    OutcomeKind::Rejected,
    OutcomeKind::Invalid,
    OutcomeKind::Pending,
    OutcomeKind::Skipped,
];

impl Tally {
    pub(crate) fn count(&mut self, kind: OutcomeKind) {
        for (count, each) in self.0.iter_mut().zip(ORDER) {
            *count += u64::from(each == kind);
        }
    }

    /// Every outcome by its own word.
    pub(crate) fn text(self) -> String {
        let counts: Vec<String> = self
            .0
            .into_iter()
            .zip(ORDER)
            .filter(|(count, kind)| *count > 0 || *kind == OutcomeKind::Scheduled)
            .map(|(count, kind)| format!("{count} {kind}"))
            .collect();
        counts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_told_by_its_own_word_and_the_unknown_first() {
        let mut tally = Tally::default();
        assert_eq!(tally.text(), "0 scheduled");
        for kind in OutcomeKind::ALL {
            tally.count(kind);
        }
        tally.count(OutcomeKind::Unknown);
        assert_eq!(
            tally.text(),
            "2 unknown, 1 scheduled, 1 failed, 1 rejected, 1 invalid, 1 pending, 1 skipped"
        );
    }
}
