//! Compares what a path holds: operations with their parameters, bodies and responses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::classify::{self, Direction, Part, required};
use super::comparison::{CompareError, Comparison, Pair, Sides, joined};
use super::path::Path;

/// Parameters by place and name.
type Parameters<'a> = BTreeMap<(String, String), (Path, &'a Value)>;

impl<'a> Comparison<'a> {
    pub(super) fn path_item(&mut self, item: &Pair<'a>) -> Result<(), CompareError> {
        self.plain_keys(item, classify::path_item);
        for method in classify::METHODS {
            if let Some(sides) = item.field(method)
                && let Some(operation) = self.part(Part::Endpoint, sides)
            {
                self.operation(item, &operation)?;
            }
        }
        Ok(())
    }

    fn operation(&mut self, item: &Pair<'a>, operation: &Pair<'a>) -> Result<(), CompareError> {
        self.plain_keys(operation, classify::operation);
        self.parameters(item, operation)?;
        if let Some(sides) = operation.field("requestBody")
            && let Some(pair) = self.part(Part::RequestBody, sides)
        {
            let body = self.resolve(pair)?;
            self.plain_keys(&body, classify::request_body);
            self.required(&body, Direction::Request);
            self.content(&body, Direction::Request)?;
        }
        for (_, sides) in Pair::entries(operation.field("responses")) {
            if let Some(pair) = self.part(Part::Response, sides) {
                let response = self.resolve(pair)?;
                self.response(&response)?;
            }
        }
        // What an operation does not say for itself, the document says for all.
        let own = (operation.old.get("security"), operation.new.get("security"));
        if own != (None, None) {
            let (old, new) = (self.old, self.new);
            self.security(
                &operation.path.field("security"),
                own.0.or_else(|| old.get("security")),
                own.1.or_else(|| new.get("security")),
            );
        }
        Ok(())
    }

    fn parameters(&mut self, item: &Pair<'a>, operation: &Pair<'a>) -> Result<(), CompareError> {
        let old = self.parameters_of(self.old, &[(&item.path, item.old), (&operation.path, operation.old)])?;
        let new = self.parameters_of(self.new, &[(&item.path, item.new), (&operation.path, operation.new)])?;
        let keys: BTreeSet<_> = old.keys().chain(new.keys()).cloned().collect();
        for key in keys {
            let (old, new) = (old.get(&key), new.get(&key));
            let Some((path, _)) = new.or(old) else { continue };
            let sides = Sides::of(path.clone(), old.map(|(_, value)| *value), new.map(|(_, value)| *value));
            if let Some(pair) = sides.and_then(|sides| self.part(Part::Parameter, sides)) {
                self.plain_keys(&pair, classify::parameter);
                self.required(&pair, Direction::Request);
                self.schema_of(&pair, Direction::Request)?;
                self.content(&pair, Direction::Request)?;
            }
        }
        Ok(())
    }

    /// The parameters of a path and, over them, those of its operation; by place and name.
    fn parameters_of(
        &mut self,
        document: &'a Value,
        owners: &[(&Path, &'a Value)],
    ) -> Result<Parameters<'a>, CompareError> {
        let mut parameters = Parameters::new();
        for (owner, value) in owners {
            let list = owner.field("parameters");
            for parameter in value.get("parameters").and_then(Value::as_array).into_iter().flatten() {
                let (parameter, followed) = self.follow(document, parameter, &list)?;
                let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default();
                let (place, name) = (text("in"), text("name"));
                let path = match followed {
                    Some(reference) => Path::of_reference(reference),
                    None => list.entry(&[("name", name), ("in", place)]),
                };
                // The names of headers have no case.
                let name = if place == "header" {
                    name.to_lowercase()
                } else {
                    name.to_owned()
                };
                parameters.insert((place.to_owned(), name), (path, parameter));
            }
        }
        Ok(parameters)
    }

    fn response(&mut self, response: &Pair<'a>) -> Result<(), CompareError> {
        self.plain_keys(response, classify::response);
        let headers = |side: &'a Value| -> BTreeMap<String, (&'a str, &'a Value)> {
            let headers = side.get("headers").and_then(Value::as_object).into_iter().flatten();
            headers
                .map(|(name, value)| (name.to_lowercase(), (name.as_str(), value)))
                .collect()
        };
        let path = response.path.field("headers");
        for (_, (old, new)) in joined(headers(response.old), headers(response.new)) {
            let Some((name, _)) = new.or(old) else { continue };
            let sides = Sides::of(
                path.field(name),
                old.map(|(_, value)| value),
                new.map(|(_, value)| value),
            );
            if let Some(pair) = sides.and_then(|sides| self.part(Part::Header, sides)) {
                let header = self.resolve(pair)?;
                self.plain_keys(&header, classify::header);
                self.required(&header, Direction::Reply);
                self.schema_of(&header, Direction::Reply)?;
                self.content(&header, Direction::Reply)?;
            }
        }
        self.content(response, Direction::Reply)
    }

    /// The key `required` of a parameter, header or body: a flag. That of a schema is a list.
    fn required(&mut self, pair: &Pair<'a>, direction: Direction) {
        let now = required(pair.new);
        if required(pair.old) != now {
            let verdict = classify::presence(direction, now);
            self.record(
                &pair.path.field("required"),
                verdict,
                pair.old.get("required"),
                pair.new.get("required"),
            );
        }
    }

    fn content(&mut self, owner: &Pair<'a>, direction: Direction) -> Result<(), CompareError> {
        for (_, sides) in Pair::entries(owner.field("content")) {
            if let Some(media_type) = self.part(Part::MediaType, sides) {
                self.plain_keys(&media_type, classify::media_type);
                self.schema_of(&media_type, direction)?;
            }
        }
        Ok(())
    }

    fn schema_of(&mut self, owner: &Pair<'a>, direction: Direction) -> Result<(), CompareError> {
        match owner.field("schema") {
            Some(Sides::Both(pair)) => self.schema(pair, direction),
            Some(sides) => {
                self.opaque(&sides, &classify::breaking("a schema on one side only"));
                Ok(())
            }
            None => Ok(()),
        }
    }
}
