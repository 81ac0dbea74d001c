//! JSON whose objects keep the order of their keys, so that an accepted spec is the vendor's text but for whitespace.
//!
//! `serde_json`'s own feature for it, `preserve_order`, would change the order of every object in every crate that is
//! built together with this one.

use std::fmt;

use indexmap::IndexMap;
use indexmap::map::Entry;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::path::Path;

/// A JSON value. Two objects are equal whatever the order of their keys.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Node {
    /// An object, its keys in the order of the text.
    Object(IndexMap<String, Node>),
    /// An array.
    Array(Vec<Node>),
    /// Null, a boolean, a number or a string.
    Leaf(Value),
}

/// Two documents that should be parts of one, and disagree.
#[derive(Debug)]
pub(super) struct Conflict {
    pub(super) path: Path,
}

impl Node {
    /// The value of a key, if this is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(object) => object.get(key),
            Self::Array(_) | Self::Leaf(_) => None,
        }
    }

    /// The text, if this is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Leaf(leaf) => leaf.as_str(),
            Self::Object(_) | Self::Array(_) => None,
        }
    }

    /// The same as a [`Value`].
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Object(object) => object
                .iter()
                .map(|(key, node)| (key.clone(), node.to_value()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Self::Array(array) => array.iter().map(Self::to_value).collect(),
            Self::Leaf(leaf) => leaf.clone(),
        }
    }

    /// Adds what `other` has and this has not. Lists of names (`tags`, `servers`) are joined; where both have
    /// something else at the same place, it must be the same.
    pub(super) fn merge(&mut self, other: Self, path: &Path) -> Result<(), Conflict> {
        match (self, other) {
            (Self::Object(object), Self::Object(other)) => {
                for (key, node) in other {
                    let path = path.field(&key);
                    match object.entry(key) {
                        Entry::Occupied(mut occupied) => occupied.get_mut().merge(node, &path)?,
                        Entry::Vacant(vacant) => {
                            vacant.insert(node);
                        }
                    }
                }
                Ok(())
            }
            (Self::Array(array), Self::Array(other)) if matches!(path.as_str(), "$.tags" | "$.servers") => {
                for node in other {
                    if !array.contains(&node) {
                        array.push(node);
                    }
                }
                Ok(())
            }
            (node, other) if *node == other => Ok(()),
            _ => Err(Conflict { path: path.clone() }),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut object = IndexMap::new();
        // Keys are asked for as strings: YAML would take an unquoted status code for a number.
        while let Some(key) = map.next_key::<String>()? {
            let node = map.next_value()?;
            if object.contains_key(&key) {
                return Err(Error::custom(format!("the key `{key}` occurs twice in one object")));
            }
            object.insert(key, node);
        }
        Ok(Node::Object(object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Node, A::Error> {
        let mut array = Vec::new();
        while let Some(node) = sequence.next_element()? {
            array.push(node);
        }
        Ok(Node::Array(array))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Leaf(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Leaf(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Leaf(value.into()))
    }
}
