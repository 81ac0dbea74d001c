//! One difference between two documents, and what it means.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// What a change asks of us. The later, the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Nothing on the wire: descriptions, titles, examples, names of schemas.
    Wording,
    /// The service takes or sends more than it did: what we send is still right, what we read may hold something new.
    Widening,
    /// What we send may be refused or what we read may be missing or of another kind; or this tool does not know the
    /// keyword that changed.
    Breaking,
}

impl Class {
    /// As it stands in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wording => "wording",
            Self::Widening => "widening",
            Self::Breaking => "breaking",
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Where, as a JSONPath. What is shared is named where it is defined, not at every use; where the two documents
    /// refer to different schemas, the path is that of the use, as if the reference were written out.
    pub path: String,
    /// What it means.
    pub class: Class,
    /// What happened, for a person.
    pub what: String,
    /// What stood there; absent where something came new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// What stands there now; absent where something went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

/// All differences between two documents, the worst first.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Drift {
    /// The differences: the worst first, then by path.
    pub changes: Vec<Change>,
}

impl Drift {
    /// The worst class among the changes; `None` where there are none.
    #[must_use]
    pub fn class(&self) -> Option<Class> {
        self.changes.iter().map(|change| change.class).max()
    }

    /// How many changes there are of a class.
    #[must_use]
    pub fn count(&self, class: Class) -> usize {
        self.changes.iter().filter(|change| change.class == class).count()
    }
}

/// Gathers changes. One that is seen twice, as a schema used in requests and replies may be, is kept once, with the
/// worse of its classes.
#[derive(Debug, Default)]
pub(super) struct Changes {
    seen: BTreeMap<String, Change>,
}

impl Changes {
    pub(super) fn add(&mut self, change: Change) {
        let text = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
        let key = format!("{}\n{}\n{}", change.path, text(&change.old), text(&change.new));
        match self.seen.get_mut(&key) {
            Some(seen) if seen.class >= change.class => {}
            Some(seen) => *seen = change,
            None => {
                self.seen.insert(key, change);
            }
        }
    }

    pub(super) fn into_drift(self) -> Drift {
        let mut changes: Vec<Change> = self.seen.into_values().collect();
        changes.sort_by(|a, b| b.class.cmp(&a.class).then_with(|| a.path.cmp(&b.path)));
        Drift { changes }
    }
}
