//! Compares two schemas by the values they allow, not by their text.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::classify::{self, Direction, Part, Presence};
use super::comparison::{CompareError, Comparison, Pair, Sides, canonical, joined, reference};

impl<'a> Comparison<'a> {
    pub(super) fn schema(&mut self, pair: Pair<'a>, direction: Direction) -> Result<(), CompareError> {
        let (old, new) = (reference(pair.old), reference(pair.new));
        if old.is_some() || new.is_some() {
            let key = |reference: Option<&str>| reference.unwrap_or(pair.path.as_str()).to_owned();
            if !self.visited.insert((key(old), key(new), direction)) {
                return Ok(());
            }
        }
        let schema = self.resolve(pair)?;
        // In OpenAPI 3.1 `true` and `false` are schemas, too.
        if !schema.old.is_object() || !schema.new.is_object() {
            self.opaque(&Sides::Both(schema), &classify::breaking("another schema"));
            return Ok(());
        }
        if self.types(&schema, direction) == Types::Differ {
            // Limits, formats and fields of two types have nothing to do with each other.
            return Ok(());
        }
        self.plain_keys(&schema, classify::schema);
        self.values(&schema, direction);
        self.constraints(&schema, direction);
        self.properties(&schema, direction)?;
        self.additional_properties(&schema, direction)?;
        match schema.field("items") {
            Some(Sides::Both(items)) => self.schema(items, direction)?,
            Some(Sides::Gone(path, old)) => {
                self.record(&path, classify::breaking("entries of any kind"), Some(old), None);
            }
            Some(Sides::Came(path, new)) => {
                self.record(&path, classify::breaking("entries of one kind only"), None, Some(new));
            }
            None => {}
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            self.alternatives(&schema, keyword, direction)?;
        }
        Ok(())
    }

    fn types(&mut self, schema: &Pair<'a>, direction: Direction) -> Types {
        let (mut old, mut new) = (types(schema.old), types(schema.new));
        let (old_null, new_null) = (old.remove("null"), new.remove("null"));
        let of = |side: &'a Value, key: &str| side.get(key);
        if old != new {
            let path = schema.path.field("type");
            let verdict = classify::breaking("another type");
            self.record(&path, verdict, of(schema.old, "type"), of(schema.new, "type"));
            return Types::Differ;
        }
        if old_null != new_null {
            let written = [schema.old, schema.new]
                .iter()
                .any(|side| side.get("nullable").is_some());
            let key = if written { "nullable" } else { "type" };
            let verdict = classify::nullable(direction, new_null);
            self.record(
                &schema.path.field(key),
                verdict,
                of(schema.old, key),
                of(schema.new, key),
            );
        }
        Types::Same
    }

    fn values(&mut self, schema: &Pair<'a>, direction: Direction) {
        match schema.field("enum") {
            Some(Sides::Both(pair)) => {
                let values = |side: &'a Value| -> BTreeMap<String, &'a Value> {
                    let values = side.as_array().into_iter().flatten();
                    values.map(|value| (canonical(value), value)).collect()
                };
                for (_, (old, new)) in joined(values(pair.old), values(pair.new)) {
                    match (old, new) {
                        (Some(_), None) => self.record(&pair.path, classify::went(Part::Value), old, None),
                        (None, Some(_)) => {
                            let verdict = classify::came(Part::Value, Presence::Optional);
                            self.record(&pair.path, verdict, None, new);
                        }
                        _ => {}
                    }
                }
            }
            Some(Sides::Gone(path, old)) => {
                self.record(&path, classify::list_of_values(direction, false), Some(old), None);
            }
            Some(Sides::Came(path, new)) => {
                self.record(&path, classify::list_of_values(direction, true), None, Some(new));
            }
            None => {}
        }
    }

    fn constraints(&mut self, schema: &Pair<'a>, direction: Direction) {
        for key in schema.keys() {
            let (path, old, new) = match schema.field(key) {
                Some(Sides::Both(pair)) if !is_same(pair.old, pair.new) => (pair.path, Some(pair.old), Some(pair.new)),
                Some(Sides::Gone(path, old)) => (path, Some(old), None),
                Some(Sides::Came(path, new)) => (path, None, Some(new)),
                _ => continue,
            };
            if let Some(verdict) = classify::constraint(key, old, new, direction) {
                self.record(&path, verdict, old, new);
            }
        }
    }

    fn properties(&mut self, schema: &Pair<'a>, direction: Direction) -> Result<(), CompareError> {
        let (was_required, is_required) = (required(schema.old), required(schema.new));
        let mut reported = BTreeSet::new();
        let path = schema.path.field("properties");
        for (name, (old, new)) in joined(properties(schema.old), properties(schema.new)) {
            match (old, new) {
                (Some(old), Some(new)) => {
                    let path = path.field(&name);
                    self.schema(Pair { path, old, new }, direction)?;
                }
                (Some(old), None) => {
                    self.record(&path.field(&name), classify::went(Part::Property), Some(old), None);
                    reported.insert(name);
                }
                (None, new) => {
                    let presence = if direction == Direction::Request && is_required.contains_key(&name) {
                        Presence::Required
                    } else {
                        Presence::Optional
                    };
                    self.record(&path.field(&name), classify::came(Part::Property, presence), None, new);
                    reported.insert(name);
                }
            }
        }
        // A property that came or went did so with its entry here.
        let path = schema.path.field("required");
        for (name, (old, new)) in joined(was_required, is_required) {
            if reported.contains(&name) {
                continue;
            }
            match (old, new) {
                (None, Some(_)) => self.record(&path, classify::presence(direction, Presence::Required), None, new),
                (Some(_), None) => self.record(&path, classify::presence(direction, Presence::Optional), old, None),
                _ => {}
            }
        }
        Ok(())
    }

    fn additional_properties(&mut self, schema: &Pair<'a>, direction: Direction) -> Result<(), CompareError> {
        const OPEN: &Value = &Value::Bool(true);
        let (path, old, new) = match schema.field("additionalProperties") {
            Some(Sides::Both(pair)) if pair.old.is_object() && pair.new.is_object() => {
                return self.schema(pair, direction);
            }
            Some(Sides::Both(pair)) if pair.old == pair.new => return Ok(()),
            Some(Sides::Both(pair)) => (pair.path, pair.old, pair.new),
            Some(Sides::Gone(path, old)) => (path, old, OPEN),
            Some(Sides::Came(path, new)) => (path, OPEN, new),
            None => return Ok(()),
        };
        self.record(&path, classify::additional_properties(old, new), Some(old), Some(new));
        Ok(())
    }

    /// The schemas of an `allOf`, `anyOf` or `oneOf`, whose order is nothing: the same ones are found first; where one
    /// is left on either side, it is that one which changed.
    fn alternatives(&mut self, schema: &Pair<'a>, keyword: &str, direction: Direction) -> Result<(), CompareError> {
        let path = schema.path.field(keyword);
        if let Some(sides @ (Sides::Gone(..) | Sides::Came(..))) = schema.field(keyword)
            && keyword != "allOf"
        {
            self.opaque(&sides, &classify::breaking("a choice between schemas on one side only"));
            return Ok(());
        }
        let all = |side: &'a Value| -> BTreeMap<String, (usize, &'a Value)> {
            let alternatives = side.get(keyword).and_then(Value::as_array).into_iter().flatten();
            let label = |value: &Value| reference(value).map_or_else(|| canonical(value), ToOwned::to_owned);
            alternatives
                .enumerate()
                .map(|(index, value)| (label(value), (index, value)))
                .collect()
        };
        let (mut gone, mut came) = (Vec::new(), Vec::new());
        for (_, sides) in joined(all(schema.old), all(schema.new)) {
            match sides {
                (Some((_, old)), Some((index, new))) => {
                    let path = path.index(index);
                    self.schema(Pair { path, old, new }, direction)?;
                }
                (Some(old), None) => gone.push(old),
                (_, new) => came.extend(new),
            }
        }
        if let ([(_, old)], [(index, new)]) = (gone.as_slice(), came.as_slice()) {
            let path = path.index(*index);
            return self.schema(Pair { path, old, new }, direction);
        }
        for (index, old) in gone {
            let verdict = classify::alternative(keyword, direction, false);
            self.record(&path.index(index), verdict, Some(old), None);
        }
        for (index, new) in came {
            let verdict = classify::alternative(keyword, direction, true);
            self.record(&path.index(index), verdict, None, Some(new));
        }
        Ok(())
    }
}

/// Whether two schemas have the same types, null aside.
#[derive(PartialEq, Eq)]
enum Types {
    Same,
    Differ,
}

/// The types a value may have, `null` among them: a key of its own in OpenAPI 3.0, a type in 3.1.
fn types(schema: &Value) -> BTreeSet<&str> {
    let mut types: BTreeSet<&str> = match schema.get("type") {
        Some(Value::String(one)) => BTreeSet::from([one.as_str()]),
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => BTreeSet::new(),
    };
    if schema.get("nullable") == Some(&Value::Bool(true)) {
        types.insert("null");
    }
    types
}

fn properties(schema: &Value) -> BTreeMap<String, &Value> {
    let properties = schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    properties.map(|(name, value)| (name.clone(), value)).collect()
}

fn required(schema: &Value) -> BTreeMap<String, &Value> {
    let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    names
        .filter_map(|name| Some((name.as_str()?.to_owned(), name)))
        .collect()
}

/// 1 and 1.0 are the same limit.
fn is_same(old: &Value, new: &Value) -> bool {
    match (old.as_f64(), new.as_f64()) {
        (Some(old), Some(new)) => old.total_cmp(&new).is_eq(),
        _ => old == new,
    }
}
