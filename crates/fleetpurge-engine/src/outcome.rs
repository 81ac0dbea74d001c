//! What is known of one device, and whether the service may have acted.

use std::fmt;
use std::str::FromStr;

/// May the service have acted on an attempt? Every failure answers this question.
///
/// Ordered by how much may have happened: `No < Maybe < Yes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "kebab-case")
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub enum Applied {
    /// Certainly not: sending the attempt again repeats nothing.
    No,
    /// It may or may not have: not sent again unless a person decides so.
    Maybe,
    /// It has.
    Yes,
}

impl Applied {
    /// Its name in the ledger and in reports: `no`, `maybe` or `yes`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Maybe => "maybe",
            Self::Yes => "yes",
        }
    }
}

impl fmt::Display for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is known of one device. Every row of an input ends in exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "kebab-case")
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub enum OutcomeKind {
    /// The service said SCHEDULED. Final. Not the same as deleted: removal happens later and is not reported.
    Scheduled,
    /// The service said INVALID: the UID is malformed. Final.
    Invalid,
    /// The service said FAILED, and went on saying so.
    Failed,
    /// The service refused the entry itself.
    Rejected,
    /// The service may or may not have acted.
    Unknown,
    /// Never sent, or certainly not applied.
    Pending,
    /// Skipped at planning, with the reason. Final.
    Skipped,
}

impl OutcomeKind {
    /// All of them, in the order in which reports list them.
    pub const ALL: [Self; 7] = [
        Self::Scheduled,
        Self::Invalid,
        Self::Failed,
        Self::Rejected,
        Self::Unknown,
        Self::Pending,
        Self::Skipped,
    ];

    /// Its name in the ledger, in reports and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Invalid => "invalid",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
            Self::Pending => "pending",
            Self::Skipped => "skipped",
        }
    }

    /// Whether no flag of any command may send the device again.
    ///
    /// `failed`, `rejected` and `unknown` are sent again only when a person says so; `pending` whenever a run goes on.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Scheduled | Self::Invalid | Self::Skipped)
    }
}

impl fmt::Display for OutcomeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not an outcome of [`OutcomeKind::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAnOutcome(pub String);

impl fmt::Display for NotAnOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not an outcome", self.0)
    }
}

impl std::error::Error for NotAnOutcome {}

impl FromStr for OutcomeKind {
    type Err = NotAnOutcome;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| NotAnOutcome(word.to_owned()))
    }
}

/// What is known of one device, and why.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Outcome {
    /// Which of the seven. In reports and in JSON: `outcome`.
    #[cfg_attr(feature = "serde", serde(rename = "outcome"))]
    pub kind: OutcomeKind,
    /// Why, in a lowercase sentence for a person. Absent where the kind says all.
    pub detail: Option<String>,
    /// The service's error code, or a status that is not documented, character for character.
    pub code: Option<String>,
}

impl Outcome {
    /// An outcome without detail or code.
    #[must_use]
    pub const fn of(kind: OutcomeKind) -> Self {
        Self {
            kind,
            detail: None,
            code: None,
        }
    }

    /// An outcome with its reason.
    #[must_use]
    pub fn because(kind: OutcomeKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: Some(detail.into()),
            code: None,
        }
    }

    /// Sets the service's code, if there is one.
    #[must_use]
    pub fn with_code(mut self, code: Option<String>) -> Self {
        self.code = code;
        self
    }
}

impl From<OutcomeKind> for Outcome {
    fn from(kind: OutcomeKind) -> Self {
        Self::of(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_it_is_written_and_says_whether_it_is_final() {
        let table = [
            ("scheduled", OutcomeKind::Scheduled, true),
            ("invalid", OutcomeKind::Invalid, true),
            ("failed", OutcomeKind::Failed, false),
            ("rejected", OutcomeKind::Rejected, false),
            ("unknown", OutcomeKind::Unknown, false),
            ("pending", OutcomeKind::Pending, false),
            ("skipped", OutcomeKind::Skipped, true),
        ];
        assert_eq!(table.map(|(_, kind, _)| kind), OutcomeKind::ALL);
        for (word, kind, is_final) in table {
            assert_eq!(kind.to_string(), word);
            assert_eq!(word.parse(), Ok(kind));
            assert_eq!(kind.is_final(), is_final, "{word}");
        }
        let capital = NotAnOutcome("Scheduled".to_owned());
        assert_eq!("Scheduled".parse::<OutcomeKind>(), Err(capital));
    }

    #[test]
    fn whether_the_service_acted_is_one_word_and_ordered_by_how_much_may_have_happened() {
        let all = [Applied::No, Applied::Maybe, Applied::Yes];
        assert_eq!(all.map(|applied| applied.to_string()), ["no", "maybe", "yes"]);
        assert!(all.is_sorted());
    }
}
