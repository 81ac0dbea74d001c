//! The two documents of a comparison, their references, and the differences that were found.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::change::{Change, Changes, Drift};
use super::classify::{self, Direction, Part, Presence, Rule, Verdict};
use super::path::{Path, unescape_pointer};

/// Why two documents could not be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// A `$ref` leads nowhere, out of the document, or in a circle.
    #[error("{path} refers to {reference}, which leads nowhere in the document")]
    Dangling {
        /// Where it stands.
        path: String,
        /// What it refers to.
        reference: String,
    },
}

/// What stands at one place in both documents.
#[derive(Clone, Debug)]
pub(super) struct Pair<'a> {
    pub(super) path: Path,
    pub(super) old: &'a Value,
    pub(super) new: &'a Value,
}

/// What stands at one place in at least one of them.
#[derive(Clone, Debug)]
pub(super) enum Sides<'a> {
    Both(Pair<'a>),
    Gone(Path, &'a Value),
    Came(Path, &'a Value),
}

impl<'a> Sides<'a> {
    pub(super) fn of(path: Path, old: Option<&'a Value>, new: Option<&'a Value>) -> Option<Self> {
        match (old, new) {
            (Some(old), Some(new)) => Some(Self::Both(Pair { path, old, new })),
            (Some(old), None) => Some(Self::Gone(path, old)),
            (None, Some(new)) => Some(Self::Came(path, new)),
            (None, None) => None,
        }
    }
}

impl<'a> Pair<'a> {
    /// The value of a key, where at least one side has one other than its default.
    pub(super) fn field(&self, key: &str) -> Option<Sides<'a>> {
        let of = |side: &'a Value| side.get(key);
        match (of(self.old), of(self.new)) {
            (Some(value), None) | (None, Some(value)) if classify::is_default(key, value) => None,
            (old, new) => Sides::of(self.path.field(key), old, new),
        }
    }

    /// The keys of both sides, in order.
    pub(super) fn keys(&self) -> BTreeSet<&'a str> {
        let keys = |side: &'a Value| side.as_object().into_iter().flat_map(Map::keys).map(String::as_str);
        keys(self.old).chain(keys(self.new)).collect()
    }

    /// The values of all keys, where the place may be missing on one side or hold something else than an object.
    pub(super) fn entries(sides: Option<Sides<'a>>) -> Vec<(&'a str, Sides<'a>)> {
        let empty: &Value = &Value::Null;
        let pair = match sides {
            Some(Sides::Both(pair)) => pair,
            Some(Sides::Gone(path, old)) => Self { path, old, new: empty },
            Some(Sides::Came(path, new)) => Self { path, old: empty, new },
            None => return Vec::new(),
        };
        pair.keys()
            .into_iter()
            .filter_map(|key| {
                Some((
                    key,
                    Sides::of(pair.path.field(key), pair.old.get(key), pair.new.get(key))?,
                ))
            })
            .collect()
    }
}

pub(super) struct Comparison<'a> {
    pub(super) old: &'a Value,
    pub(super) new: &'a Value,
    changes: Changes,
    /// References that were followed.
    pub(super) used: BTreeSet<&'a str>,
    /// Pairs of shared schemas that were compared, or are being compared further up: schemas may contain themselves.
    pub(super) visited: BTreeSet<(String, String, Direction)>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(old: &'a Value, new: &'a Value) -> Self {
        Self {
            old,
            new,
            changes: Changes::default(),
            used: BTreeSet::new(),
            visited: BTreeSet::new(),
        }
    }

    pub(super) fn into_drift(self) -> Drift {
        self.changes.into_drift()
    }

    pub(super) fn record(&mut self, path: &Path, verdict: Verdict, old: Option<&Value>, new: Option<&Value>) {
        let Verdict { class, what } = verdict;
        self.changes.add(Change {
            path: path.to_string(),
            class,
            what,
            old: old.cloned(),
            new: new.cloned(),
        });
    }

    /// Follows the references on both sides. Where both refer to the same, the place is what they refer to.
    pub(super) fn resolve(&mut self, pair: Pair<'a>) -> Result<Pair<'a>, CompareError> {
        let (old, old_reference) = self.follow(self.old, pair.old, &pair.path)?;
        let (new, new_reference) = self.follow(self.new, pair.new, &pair.path)?;
        let path = match (old_reference, new_reference) {
            (Some(old), Some(new)) if old == new => Path::of_reference(old),
            _ => pair.path,
        };
        Ok(Pair { path, old, new })
    }

    pub(super) fn follow(
        &mut self,
        document: &'a Value,
        mut node: &'a Value,
        path: &Path,
    ) -> Result<(&'a Value, Option<&'a str>), CompareError> {
        let mut followed = None;
        let mut chain = BTreeSet::new();
        while let Some(reference) = reference(node) {
            let dangling = || CompareError::Dangling {
                path: path.to_string(),
                reference: reference.to_owned(),
            };
            if !chain.insert(reference) {
                return Err(dangling());
            }
            node = find(document, reference).ok_or_else(dangling)?;
            self.used.insert(reference);
            followed = Some(reference);
        }
        Ok((node, followed))
    }

    /// Compares the values of all keys that a rule covers, and leaves the others to the caller.
    pub(super) fn plain_keys(&mut self, pair: &Pair<'a>, rule: impl Fn(&str) -> Rule) {
        for key in pair.keys() {
            let Some(sides) = pair.field(key) else { continue };
            match rule(key) {
                Rule::Walked => {}
                Rule::Words => self.opaque(&sides, &classify::wording("other words")),
                Rule::Strict(reason) => self.opaque(&sides, &classify::breaking(reason)),
                Rule::Deprecation => {
                    let now = !matches!(&sides, Sides::Gone(..)) && pair.new.get(key) == Some(&Value::Bool(true));
                    self.opaque(&sides, &classify::deprecation(now));
                }
            }
        }
    }

    /// Any difference here has one and the same meaning; it is shown as deep as both sides have objects.
    pub(super) fn opaque(&mut self, sides: &Sides<'a>, verdict: &Verdict) {
        match sides {
            Sides::Both(pair) if pair.old == pair.new => {}
            Sides::Both(pair) if pair.old.is_object() && pair.new.is_object() => {
                for (_, sides) in Pair::entries(Some(sides.clone())) {
                    self.opaque(&sides, verdict);
                }
            }
            Sides::Both(pair) => self.record(&pair.path, verdict.clone(), Some(pair.old), Some(pair.new)),
            Sides::Gone(path, old) => self.record(path, verdict.clone(), Some(old), None),
            Sides::Came(path, new) => self.record(path, verdict.clone(), None, Some(new)),
        }
    }

    /// Records what came or went as a whole; gives back what both sides have.
    pub(super) fn part(&mut self, part: Part, sides: Sides<'a>) -> Option<Pair<'a>> {
        match sides {
            Sides::Both(pair) => return Some(pair),
            Sides::Gone(path, old) => self.record(&path, classify::went(part), Some(old), None),
            Sides::Came(path, new) => {
                let presence = match part {
                    Part::Parameter | Part::RequestBody => classify::required(new),
                    _ => Presence::Optional,
                };
                self.record(&path, classify::came(part, presence), None, Some(new));
            }
        }
        None
    }
}

pub(super) fn reference(node: &Value) -> Option<&str> {
    node.get("$ref").and_then(Value::as_str)
}

/// What a `$ref` within a document refers to.
pub(super) fn find<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    let pointer = reference.strip_prefix("#/")?;
    pointer
        .split('/')
        .map(unescape_pointer)
        .try_fold(document, |node, key| match node {
            Value::Array(array) => array.get(key.parse::<usize>().ok()?),
            node => node.get(&key),
        })
}

/// Both sides of every key that one of them has.
pub(super) fn joined<V: Copy>(
    old: BTreeMap<String, V>,
    new: BTreeMap<String, V>,
) -> BTreeMap<String, (Option<V>, Option<V>)> {
    let mut both: BTreeMap<String, (Option<V>, Option<V>)> = BTreeMap::new();
    for (key, value) in old {
        both.entry(key).or_default().0 = Some(value);
    }
    for (key, value) in new {
        both.entry(key).or_default().1 = Some(value);
    }
    both
}

/// A value as text that is the same for equal values: whether objects keep the order of their keys depends on what is
/// built together with this crate.
pub(super) fn canonical(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    value.to_string()
}
