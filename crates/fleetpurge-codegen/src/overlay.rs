//! [OpenAPI Overlay 1.1](https://spec.openapis.org/overlay/v1.1.0.html): ordered corrections to a document that is
//! itself never edited.
//!
//! Stricter than the specification in three ways, because an overlay here is a list of known faults, each with its
//! reason: an action that matches nothing is an error (the fault is gone: so should the action be), every action needs
//! a `description`, and an action that does nothing (`remove: false`) is refused. `copy` is not supported.

use serde_json::{Map, Value};
use serde_json_path::{JsonPath, PathElement};

/// A parsed overlay.
#[derive(Clone, Debug)]
pub struct Overlay {
    actions: Vec<Action>,
}

/// One correction and its reason.
#[derive(Clone, Debug)]
pub struct Action {
    target: JsonPath,
    reason: String,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    Remove,
    Update(Value),
}

/// Why an overlay could not be read or applied. Actions are counted from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OverlayError {
    /// It is not JSON.
    #[error("it is not JSON")]
    NotJson(#[from] serde_json::Error),
    /// It is not of the form that Overlay 1.1 prescribes.
    #[error("{0}")]
    Form(String),
    /// One action is not of the form that Overlay 1.1 prescribes.
    #[error("action {action}: {problem}")]
    Action {
        /// Which, counted from 1.
        action: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// An action's target is no JSONPath (RFC 9535).
    #[error("action {action}: the target {target} is not a JSONPath")]
    Target {
        /// Which, counted from 1.
        action: usize,
        /// Its target.
        target: String,
        /// What is wrong with it.
        source: serde_json_path::ParseError,
    },
    /// An action matches nothing in the document: what it corrects is gone or has moved.
    #[error(
        "action {action} matches nothing: there is no {target} in the document. What it corrects is gone or has moved; \
         remove the action or mend its target. Its reason was: {reason}"
    )]
    MatchesNothing {
        /// Which, counted from 1.
        action: usize,
        /// Its target.
        target: String,
        /// Its description.
        reason: String,
    },
}

impl Overlay {
    /// Reads an overlay from JSON.
    ///
    /// # Errors
    ///
    /// When it is not JSON, not Overlay 1.1, or has an action that is malformed or gives no reason.
    pub fn parse(text: &str) -> Result<Self, OverlayError> {
        let Value::Object(document) = serde_json::from_str(text)? else {
            return Err(form("an overlay is an object"));
        };
        refuse_unknown_fields(&document, &["overlay", "info", "extends", "actions"])
            .map_err(|field| form(format!("`{field}` is not a field of an overlay")))?;
        match document.get("overlay").and_then(Value::as_str) {
            Some(version) if is_supported(version) => {}
            Some(version) => {
                return Err(form(format!(
                    "its version is {version}; only Overlay 1.1 is understood"
                )));
            }
            None => return Err(form("`overlay`, the version of the specification, is missing")),
        }
        for field in ["title", "version"] {
            if document
                .get("info")
                .and_then(|info| info.get(field))
                .is_none_or(|value| !value.is_string())
            {
                return Err(form(format!("`info.{field}` is missing")));
            }
        }
        let Some(Value::Array(actions)) = document.get("actions") else {
            return Err(form("`actions`, a list, is missing"));
        };
        if actions.is_empty() {
            return Err(form("`actions` is empty"));
        }
        let actions = actions
            .iter()
            .zip(1..)
            .map(|(action, number)| Action::parse(action, number))
            .collect::<Result<_, _>>()?;
        Ok(Self { actions })
    }

    /// Applies the actions in order, each to the result of the one before.
    ///
    /// # Errors
    ///
    /// When an action matches nothing, or its value does not fit what it matches. `document` may then be half changed.
    pub fn apply(&self, document: &mut Value) -> Result<(), OverlayError> {
        self.actions
            .iter()
            .zip(1..)
            .try_for_each(|(action, number)| action.apply(document, number))
    }
}

impl Action {
    fn parse(action: &Value, number: usize) -> Result<Self, OverlayError> {
        let malformed = |problem: String| OverlayError::Action {
            action: number,
            problem,
        };
        let Value::Object(action) = action else {
            return Err(malformed("it is not an object".to_owned()));
        };
        if action.contains_key("copy") {
            return Err(malformed("`copy` is not supported here".to_owned()));
        }
        refuse_unknown_fields(action, &["target", "description", "update", "remove"])
            .map_err(|field| malformed(format!("`{field}` is not a field of an action")))?;
        let Some(target) = action.get("target").and_then(Value::as_str) else {
            return Err(malformed("`target`, a JSONPath, is missing".to_owned()));
        };
        let target = JsonPath::parse(target).map_err(|source| OverlayError::Target {
            action: number,
            target: target.to_owned(),
            source,
        })?;
        let reason = match action.get("description").and_then(Value::as_str) {
            Some(reason) if !reason.trim().is_empty() => reason.to_owned(),
            _ => return Err(malformed("`description`, its reason, is missing".to_owned())),
        };
        let change = match (action.get("remove"), action.get("update")) {
            (Some(_), Some(_)) => return Err(malformed("it has both `remove` and `update`".to_owned())),
            (Some(Value::Bool(true)), None) => Change::Remove,
            (Some(_), None) => return Err(malformed("`remove` is not `true`".to_owned())),
            (None, Some(update)) => Change::Update(update.clone()),
            (None, None) => return Err(malformed("it has neither `remove` nor `update`".to_owned())),
        };
        Ok(Self { target, reason, change })
    }

    fn apply(&self, document: &mut Value, number: usize) -> Result<(), OverlayError> {
        let refused = |problem: String| OverlayError::Action {
            action: number,
            problem,
        };
        let mut places = self.places(document);
        if places.is_empty() {
            return Err(OverlayError::MatchesNothing {
                action: number,
                target: self.target.to_string(),
                reason: self.reason.clone(),
            });
        }
        match &self.change {
            Change::Remove => {
                // From the back: an index stays true while only what follows it has gone, a child goes before its parent.
                places.reverse();
                places
                    .iter()
                    .try_for_each(|place| remove(document, place))
                    .map_err(refused)
            }
            Change::Update(update) => {
                let kinds: Vec<Kind> = places
                    .iter()
                    .filter_map(|place| document.pointer(&pointer(place)).map(Kind::of))
                    .collect();
                if kinds.windows(2).any(|pair| pair[0] != pair[1]) {
                    return Err(refused("the target selects nodes of different kinds".to_owned()));
                }
                for place in &places {
                    let pointer = pointer(place);
                    if let Some(node) = document.pointer_mut(&pointer) {
                        update_target(node, update.clone(), &pointer).map_err(refused)?;
                    }
                }
                Ok(())
            }
        }
    }

    /// Where the target's nodes are, in document order and without repetition.
    fn places(&self, document: &Value) -> Vec<Place> {
        let mut places: Vec<Place> = self
            .target
            .query_located(document)
            .locations()
            .map(|path| path.iter().map(Step::from).collect())
            .collect();
        places.sort();
        places.dedup();
        places
    }
}

/// The way from the root to a node.
type Place = Vec<Step>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Index(usize),
    Name(String),
}

impl From<&PathElement<'_>> for Step {
    fn from(element: &PathElement<'_>) -> Self {
        match element {
            PathElement::Name(name) => Self::Name((*name).to_owned()),
            PathElement::Index(index) => Self::Index(*index),
        }
    }
}

/// What a value is to the rules of merging.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Object,
    Array,
    Primitive,
}

impl Kind {
    fn of(value: &Value) -> Self {
        match value {
            Value::Object(_) => Self::Object,
            Value::Array(_) => Self::Array,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Self::Primitive,
        }
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::Primitive => "a primitive",
        }
    }
}

/// The JSON Pointer (RFC 6901) to a place.
fn pointer(place: &[Step]) -> String {
    place
        .iter()
        .map(|step| match step {
            Step::Name(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => format!("/{index}"),
        })
        .collect()
}

fn remove(document: &mut Value, place: &[Step]) -> Result<(), String> {
    let Some((step, parent)) = place.split_last() else {
        return Err("the whole document cannot be removed".to_owned());
    };
    match (document.pointer_mut(&pointer(parent)), step) {
        (Some(Value::Object(parent)), Step::Name(name)) => {
            parent.remove(name);
        }
        (Some(Value::Array(parent)), Step::Index(index)) if *index < parent.len() => {
            parent.remove(*index);
        }
        // Places come from a query of this very document, and its later nodes have gone first.
        _ => return Err(format!("{} is no longer there", pointer(place))),
    }
    Ok(())
}

/// Changes the node that an action selected: an array takes further entries, anything else is merged.
fn update_target(node: &mut Value, update: Value, place: &str) -> Result<(), String> {
    match (node, update) {
        (Value::Array(node), Value::Array(update)) => node.extend(update),
        (Value::Array(node), update) => node.push(update),
        (node, update) => merge(node, update, place)?,
    }
    Ok(())
}

/// Merges below a selected node: like with like, and nothing else.
fn merge(node: &mut Value, update: Value, place: &str) -> Result<(), String> {
    match (node, update) {
        (Value::Object(node), Value::Object(update)) => {
            for (name, value) in update {
                let place = format!("{place}/{name}");
                match node.get_mut(&name) {
                    Some(node) => merge(node, value, &place)?,
                    None => {
                        node.insert(name, value);
                    }
                }
            }
        }
        (Value::Array(node), Value::Array(update)) => node.extend(update),
        (node, update) if Kind::of(node) == Kind::Primitive && Kind::of(&update) == Kind::Primitive => *node = update,
        (node, update) => {
            return Err(format!(
                "{} cannot be merged into {} at {}",
                Kind::of(&update).name(),
                Kind::of(node).name(),
                if place.is_empty() { "the root" } else { place },
            ));
        }
    }
    Ok(())
}

fn refuse_unknown_fields(object: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    match object
        .keys()
        .find(|key| !known.contains(&key.as_str()) && !key.starts_with("x-"))
    {
        Some(unknown) => Err(unknown.clone()),
        None => Ok(()),
    }
}

/// 1.1 with any patch level; `patch` does not change what a document means.
fn is_supported(version: &str) -> bool {
    version
        .strip_prefix("1.1.")
        .is_some_and(|patch| !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit()))
}

fn form(problem: impl Into<String>) -> OverlayError {
    OverlayError::Form(problem.into())
}
