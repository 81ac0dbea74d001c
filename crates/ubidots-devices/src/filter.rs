//! Which devices of an account are selected. Pure.
//!
//! The service gets the filter to save pages, and every device that it returns is checked here again: the server is
//! likely to ignore a filter that it does not know, and would then list every device of the account.

use jiff::Timestamp;

use crate::device::{Device, LastActivity};

/// Which devices are meant: those for which everything that is set holds.
///
/// Without a condition it means nothing yet, and is refused: every device of the account is [`Filter::all`]. What else
/// is refused, [`Filter::check`] says.
///
/// ```
/// use ubidots_devices::{Filter, Timestamp};
///
/// let filter = Filter::default().label_prefix("lab-").tag("old");
/// assert!(filter.check(Timestamp::now()).is_ok());
/// assert_eq!(filter.tags, ["old"]);
/// assert!(Filter::default().check(Timestamp::now()).is_err());
/// assert!(Filter::default().label_prefix("").check(Timestamp::now()).is_err());
/// assert!(Filter::all().check(Timestamp::now()).is_ok());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(default))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Filter {
    /// The label begins with this, character for character.
    pub label_prefix: Option<String>,
    /// It has all of these tags, character for character.
    pub tags: Vec<String>,
    /// What it last sent came before this time. A device that never sent anything is not among these, unless
    /// [`never_active`](Self::never_active) is set too.
    pub inactive_since: Option<Timestamp>,
    /// It never sent anything.
    pub never_active: bool,
    /// Every device was asked for explicitly. In JSON: `all`.
    #[cfg_attr(feature = "serde", serde(rename = "all"))]
    pub(crate) is_all: bool,
}

/// Whether a device is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Meant,
    NotMeant,
    /// The service did not say what would decide it.
    Unsaid(&'static str),
}

impl Filter {
    /// Every device of the account.
    #[must_use]
    pub fn all() -> Self {
        Self {
            is_all: true,
            ..Self::default()
        }
    }

    /// Sets [`label_prefix`](Self::label_prefix).
    #[must_use]
    pub fn label_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.label_prefix = Some(prefix.into());
        self
    }

    /// Adds one of the [`tags`](Self::tags).
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Sets [`inactive_since`](Self::inactive_since).
    #[must_use]
    pub fn inactive_since(mut self, time: Timestamp) -> Self {
        self.inactive_since = Some(time);
        self
    }

    /// Sets [`never_active`](Self::never_active).
    #[must_use]
    pub fn never_active(mut self) -> Self {
        self.never_active = true;
        self
    }

    pub(crate) fn has_condition(&self) -> bool {
        self.label_prefix.is_some() || !self.tags.is_empty() || self.inactive_since.is_some() || self.never_active
    }

    /// Holds a device against it.
    pub(crate) fn judge(&self, device: &Device) -> Verdict {
        let label = self.label_prefix.as_deref().map(|prefix| match &device.label {
            Some(label) => is_meant(label.starts_with(prefix)),
            None => Verdict::Unsaid("label"),
        });
        let tags = (!self.tags.is_empty()).then(|| match &device.tags {
            Some(tags) => is_meant(self.tags.iter().all(|tag| tags.contains(tag))),
            None => Verdict::Unsaid("tags"),
        });
        let activity = (self.never_active || self.inactive_since.is_some()).then(|| match device.last_activity {
            LastActivity::Unsaid => Verdict::Unsaid("lastActivity"),
            LastActivity::Never => is_meant(self.never_active),
            LastActivity::At(at) => is_meant(self.inactive_since.is_some_and(|since| at < since)),
        });
        let verdicts = [label, tags, activity];
        let verdicts = || verdicts.into_iter().flatten();
        // What is certainly not meant needs nothing else said of it.
        if verdicts().any(|verdict| verdict == Verdict::NotMeant) {
            return Verdict::NotMeant;
        }
        verdicts()
            .find(|verdict| matches!(verdict, Verdict::Unsaid(_)))
            .unwrap_or(Verdict::Meant)
    }

    /// The part of it that the service can be asked for: it knows no "or", and a comma would make two tags of one.
    pub(crate) fn askable(&self) -> Self {
        let either = self.never_active && self.inactive_since.is_some();
        Self {
            label_prefix: self.label_prefix.clone(),
            tags: self.tags.iter().filter(|tag| !tag.contains(',')).cloned().collect(),
            inactive_since: self.inactive_since.filter(|_| !either),
            never_active: self.never_active && !either,
            is_all: self.is_all,
        }
    }

    /// It in the parameters of the service. Of a part that cannot be asked for, see [`askable`](Self::askable).
    pub(crate) fn query(&self) -> Query {
        Query {
            label_prefix: self.label_prefix.clone(),
            tags: (!self.tags.is_empty()).then(|| self.tags.join(",")),
            inactive_since: self.inactive_since.map(next_millisecond),
            never_active: self.never_active.then_some(true),
        }
    }
}

/// The first whole millisecond that is not before this time. A device that was active earlier was active before it too.
fn next_millisecond(at: Timestamp) -> i64 {
    let whole = at.as_millisecond();
    match Timestamp::from_millisecond(whole) {
        Ok(floor) if floor < at => whole + 1,
        _ => whole,
    }
}

/// A filter in the parameters of the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) label_prefix: Option<String>,
    /// Separated by commas.
    pub(crate) tags: Option<String>,
    pub(crate) inactive_since: Option<i64>,
    pub(crate) never_active: Option<bool>,
}

fn is_meant(holds: bool) -> Verdict {
    if holds { Verdict::Meant } else { Verdict::NotMeant }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::RawJson;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn device(label: Option<&str>, tags: Option<&[&str]>, last_activity: LastActivity) -> Device {
        Device {
            id: "6e309da44fc8455a9cceb5aa".parse().unwrap(),
            label: label.map(str::to_owned),
            name: None,
            tags: tags.map(|tags| tags.iter().map(|tag| (*tag).to_owned()).collect()),
            last_activity,
            variables_count: None,
            json: RawJson::from(serde_json::value::RawValue::NULL),
        }
    }

    #[test]
    fn a_device_is_meant_only_where_the_service_said_all_that_decides_it() {
        use LastActivity::{At, Never, Unsaid};
        use Verdict::{Meant, NotMeant};
        let all = Filter::all();
        let prefix = Filter {
            label_prefix: Some("lab-".to_owned()),
            ..Filter::default()
        };
        let tagged = Filter {
            tags: vec!["old".to_owned(), "lab".to_owned()],
            ..Filter::default()
        };
        let inactive = Filter {
            inactive_since: Some(at(100)),
            ..Filter::default()
        };
        let never = Filter {
            never_active: true,
            ..Filter::default()
        };
        let either = Filter {
            never_active: true,
            ..inactive.clone()
        };
        let both = Filter {
            label_prefix: Some("lab-".to_owned()),
            ..inactive.clone()
        };
        let table = [
            (&all, device(None, None, Unsaid), Meant),
            (&prefix, device(Some("lab-1"), None, Unsaid), Meant),
            (&prefix, device(Some("Lab-1"), None, Unsaid), NotMeant),
            (&prefix, device(Some("xlab-1"), None, Unsaid), NotMeant),
            (&prefix, device(None, None, Unsaid), Verdict::Unsaid("label")),
            (&tagged, device(None, Some(&["lab", "old", "x"]), Unsaid), Meant),
            (&tagged, device(None, Some(&["lab"]), Unsaid), NotMeant),
            (&tagged, device(None, Some(&[]), Unsaid), NotMeant),
            (&tagged, device(None, None, Unsaid), Verdict::Unsaid("tags")),
            (&inactive, device(None, None, At(at(99))), Meant),
            (&inactive, device(None, None, At(at(100))), NotMeant),
            (&inactive, device(None, None, Never), NotMeant),
            (&inactive, device(None, None, Unsaid), Verdict::Unsaid("lastActivity")),
            (&never, device(None, None, Never), Meant),
            (&never, device(None, None, At(at(1))), NotMeant),
            (&never, device(None, None, Unsaid), Verdict::Unsaid("lastActivity")),
            (&either, device(None, None, Never), Meant),
            (&either, device(None, None, At(at(99))), Meant),
            (&either, device(None, None, At(at(101))), NotMeant),
            (&both, device(Some("lab-1"), None, At(at(99))), Meant),
            (&both, device(Some("lab-1"), None, At(at(101))), NotMeant),
            (&both, device(Some("x"), None, At(at(99))), NotMeant),
            (&both, device(Some("x"), None, Unsaid), NotMeant),
        ];
        for (filter, device, expected) in table {
            assert_eq!(filter.judge(&device), expected, "{filter:?} {device:?}");
        }
    }

    #[test]
    fn the_service_is_never_asked_for_less_than_is_meant() {
        let filter = Filter {
            label_prefix: Some("lab-".to_owned()),
            tags: vec!["a".to_owned(), "b".to_owned()],
            inactive_since: Some(at(100)),
            ..Filter::default()
        };
        assert_eq!(
            filter.askable().query(),
            Query {
                label_prefix: Some("lab-".to_owned()),
                tags: Some("a,b".to_owned()),
                inactive_since: Some(100_000),
                never_active: None,
            }
        );
        // Either of the two: the service knows only "and".
        let either = Filter {
            never_active: true,
            ..filter.clone()
        };
        let asked = either.askable().query();
        assert_eq!((asked.inactive_since, asked.never_active), (None, None));
        let never = Filter {
            inactive_since: None,
            ..either
        };
        assert_eq!(never.askable().query().never_active, Some(true));
        // A comma would make two tags of one.
        let comma = Filter {
            tags: vec!["a,b".to_owned(), "c".to_owned()],
            ..filter
        };
        assert_eq!(comma.askable().query().tags.as_deref(), Some("c"));
    }
}
