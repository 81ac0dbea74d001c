//! Classifies the changes of a spec, as tables.
//!
//! A change is breaking if it can refuse a request that is valid today, or remove or change what we read. It is
//! widening if it adds something. An unknown keyword is breaking, so that a person looks at it.

use serde_json::Value;

use super::change::Class;

/// Which way a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    /// From us to the service.
    Request,
    /// From the service to us.
    Reply,
}

/// A class and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) class: Class,
    pub(super) what: String,
}

/// How the value of a key is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Any difference is wording.
    Words,
    /// Any difference is breaking, for this reason.
    Strict(&'static str),
    /// Whether it will go one day.
    Deprecation,
    /// The caller walks into it.
    Walked,
}

/// What can come and go as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Endpoint,
    Parameter,
    RequestBody,
    MediaType,
    Response,
    Header,
    Server,
    Authentication,
    Property,
    Value,
}

/// Whether what comes must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
}

const UNKNOWN: Rule = Rule::Strict("this tool does not know the keyword, so takes its change for the worst");

pub(super) fn document(key: &str) -> Rule {
    match key {
        "info" | "tags" | "externalDocs" => Rule::Words,
        "openapi" | "servers" | "security" | "paths" | "components" => Rule::Walked,
        _ => any_object(key),
    }
}

pub(super) fn path_item(key: &str) -> Rule {
    match key {
        "summary" | "description" => Rule::Words,
        "servers" => Rule::Strict("another server"),
        "parameters" => Rule::Walked,
        method if METHODS.contains(&method) => Rule::Walked,
        _ => any_object(key),
    }
}

pub(super) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

pub(super) fn operation(key: &str) -> Rule {
    match key {
        "tags" | "summary" | "description" | "externalDocs" => Rule::Words,
        "operationId" => Rule::Strict("another operation id: the generated method is named after it"),
        "deprecated" => Rule::Deprecation,
        "servers" => Rule::Strict("another server"),
        "parameters" | "requestBody" | "responses" | "security" => Rule::Walked,
        _ => any_object(key),
    }
}

pub(super) fn parameter(key: &str) -> Rule {
    match key {
        "description" | "example" | "examples" => Rule::Words,
        "deprecated" => Rule::Deprecation,
        "style" | "explode" | "allowReserved" | "allowEmptyValue" => Rule::Strict("another spelling of the parameter"),
        "name" | "in" | "required" | "schema" | "content" => Rule::Walked,
        _ => any_object(key),
    }
}

pub(super) fn header(key: &str) -> Rule {
    match key {
        "style" | "explode" => Rule::Strict("another spelling of the header"),
        _ => parameter(key),
    }
}

pub(super) fn request_body(key: &str) -> Rule {
    match key {
        "description" => Rule::Words,
        "required" | "content" => Rule::Walked,
        _ => any_object(key),
    }
}

pub(super) fn response(key: &str) -> Rule {
    match key {
        "description" | "links" => Rule::Words,
        "headers" | "content" => Rule::Walked,
        _ => any_object(key),
    }
}

pub(super) fn media_type(key: &str) -> Rule {
    match key {
        "example" | "examples" => Rule::Words,
        "schema" => Rule::Walked,
        "encoding" => Rule::Strict("another encoding of the body"),
        _ => any_object(key),
    }
}

pub(super) fn server(key: &str) -> Rule {
    match key {
        "description" => Rule::Words,
        "url" => Rule::Walked,
        _ => any_object(key),
    }
}

pub(super) fn security_scheme(key: &str) -> Rule {
    match key {
        // The specification calls the format of the bearer token a hint for documentation.
        "description" | "bearerFormat" => Rule::Words,
        _ if key.starts_with("x-") => Rule::Words,
        _ => Rule::Strict("another way to authenticate"),
    }
}

pub(super) fn schema(key: &str) -> Rule {
    match key {
        "title" | "description" | "example" | "examples" | "externalDocs" | "$comment" => Rule::Words,
        "deprecated" => Rule::Deprecation,
        "readOnly" | "writeOnly" => Rule::Strict("it travels in another direction"),
        "not" | "discriminator" => Rule::Strict("another choice between schemas"),
        "type"
        | "nullable"
        | "enum"
        | "required"
        | "properties"
        | "items"
        | "additionalProperties"
        | "allOf"
        | "anyOf"
        | "oneOf" => Rule::Walked,
        _ if is_constraint(key) => Rule::Walked,
        _ => any_object(key),
    }
}

fn any_object(key: &str) -> Rule {
    if key.starts_with("x-") { Rule::Words } else { UNKNOWN }
}

/// What a key means that is not written: writing that out is no change.
pub(super) fn is_default(key: &str, value: &Value) -> bool {
    match key {
        "required" | "deprecated" | "nullable" | "readOnly" | "writeOnly" | "uniqueItems" | "allowReserved"
        | "allowEmptyValue" | "exclusiveMinimum" | "exclusiveMaximum"
            if value.is_boolean() =>
        {
            *value == false
        }
        "minItems" | "minLength" | "minProperties" => value.as_u64() == Some(0),
        "parameters" | "required" | "tags" | "servers" | "allOf" => value.as_array().is_some_and(Vec::is_empty),
        "headers" | "links" | "examples" | "properties" | "content" | "variables" | "encoding" => {
            value.as_object().is_some_and(serde_json::Map::is_empty)
        }
        "additionalProperties" => *value == true || value.as_object().is_some_and(serde_json::Map::is_empty),
        _ => false,
    }
}

pub(super) fn came(part: Part, presence: Presence) -> Verdict {
    match (part, presence) {
        // Even beside the old one: who has no credentials for it may be refused.
        (Part::Authentication, _) => breaking("a further way to authenticate"),
        (part, Presence::Required) => breaking(format!("a further {}, and it is required", name(part))),
        (part, Presence::Optional) => widening(format!("a further {}", name(part))),
    }
}

pub(super) fn went(part: Part) -> Verdict {
    breaking(format!("the {} is gone", name(part)))
}

fn name(part: Part) -> &'static str {
    match part {
        Part::Endpoint => "endpoint",
        Part::Parameter => "parameter",
        Part::RequestBody => "request body",
        Part::MediaType => "media type",
        Part::Response => "response",
        Part::Header => "header",
        Part::Server => "server",
        Part::Authentication => "way to authenticate",
        Part::Property => "property",
        Part::Value => "value",
    }
}

/// Something was optional and is required, or the other way round.
pub(super) fn presence(direction: Direction, now: Presence) -> Verdict {
    match (direction, now) {
        (Direction::Request, Presence::Required) => breaking("required now in a request"),
        (Direction::Request, Presence::Optional) => widening("no longer required in a request"),
        (Direction::Reply, Presence::Required) => widening("always there now in a reply"),
        (Direction::Reply, Presence::Optional) => breaking("no longer always there in a reply"),
    }
}

/// Null was not allowed and is, or the other way round.
pub(super) fn nullable(direction: Direction, now: bool) -> Verdict {
    match (direction, now) {
        (Direction::Request, true) => widening("may be null now in a request"),
        (Direction::Request, false) => breaking("must not be null now in a request"),
        (Direction::Reply, true) => breaking("may be null now in a reply"),
        (Direction::Reply, false) => widening("never null now in a reply"),
    }
}

/// A list of allowed values came or went as a whole.
pub(super) fn list_of_values(direction: Direction, now: bool) -> Verdict {
    match (direction, now) {
        (Direction::Request, true) => breaking("only certain values are taken now"),
        (Direction::Reply, true) => widening("only certain values come now"),
        (_, false) => widening("any value now"),
    }
}

/// One of several schemas came or went in an `allOf`, `anyOf` or `oneOf`.
pub(super) fn alternative(keyword: &str, direction: Direction, now: bool) -> Verdict {
    match (keyword, direction, now) {
        ("allOf", Direction::Request, true) => breaking("a further schema must be met"),
        ("allOf", Direction::Reply, true) => widening("a further schema is met"),
        ("allOf", Direction::Request, false) => widening("a schema need no longer be met"),
        ("allOf", Direction::Reply, false) => breaking("a schema is no longer met"),
        (_, _, true) => widening("a further alternative"),
        (_, _, false) => breaking("the alternative is gone"),
    }
}

pub(super) fn deprecation(now: bool) -> Verdict {
    if now {
        // Nothing breaks yet, but nobody should overlook it.
        widening("deprecated now: it will go one day")
    } else {
        wording("no longer deprecated")
    }
}

pub(super) fn additional_properties(old: &Value, new: &Value) -> Verdict {
    let is_closed = |value: &Value| *value == false;
    if is_closed(new) {
        breaking("further properties are refused now")
    } else if is_closed(old) || is_default("additionalProperties", new) {
        widening("further properties are allowed now")
    } else {
        breaking("further properties must be of a certain kind now")
    }
}

fn is_constraint(key: &str) -> bool {
    matches!(
        key,
        "maximum"
            | "maxItems"
            | "maxLength"
            | "maxProperties"
            | "minimum"
            | "minItems"
            | "minLength"
            | "minProperties"
            | "exclusiveMaximum"
            | "exclusiveMinimum"
            | "uniqueItems"
            | "pattern"
            | "multipleOf"
            | "const"
            | "format"
            | "default"
    )
}

/// The value of a constraint is another one now. `None` for what is no constraint.
pub(super) fn constraint(key: &str, old: Option<&Value>, new: Option<&Value>, direction: Direction) -> Option<Verdict> {
    if !is_constraint(key) {
        return None;
    }
    let number = |value: Option<&Value>, absent: f64| value.and_then(Value::as_f64).unwrap_or(absent);
    let is_number = |value: Option<&Value>| value.is_none_or(Value::is_number);
    Some(match key {
        "maximum" | "maxItems" | "maxLength" | "maxProperties" | "minimum" | "minItems" | "minLength"
        | "minProperties"
            if !(is_number(old) && is_number(new)) =>
        {
            breaking("a limit that is no number")
        }
        "maximum" | "maxItems" | "maxLength" | "maxProperties" => limit(
            number(new, f64::INFINITY) < number(old, f64::INFINITY),
            "upper",
            direction,
        ),
        "minimum" | "minItems" | "minLength" | "minProperties" => limit(
            number(new, f64::NEG_INFINITY) > number(old, f64::NEG_INFINITY),
            "lower",
            direction,
        ),
        // A number since OpenAPI 3.1, before that a flag on the limit beside it.
        "exclusiveMaximum" if is_number(old) && is_number(new) => limit(
            number(new, f64::INFINITY) < number(old, f64::INFINITY),
            "upper",
            direction,
        ),
        "exclusiveMinimum" if is_number(old) && is_number(new) => limit(
            number(new, f64::NEG_INFINITY) > number(old, f64::NEG_INFINITY),
            "lower",
            direction,
        ),
        "exclusiveMaximum" => limit(new != Some(&Value::Bool(false)) && new.is_some(), "upper", direction),
        "exclusiveMinimum" => limit(new != Some(&Value::Bool(false)) && new.is_some(), "lower", direction),
        "default" => match (direction, old) {
            (Direction::Request, None) => widening("a default where there was none"),
            (Direction::Request, Some(_)) => breaking("leaving it out means something else now"),
            (Direction::Reply, _) => wording("another default, which no reply depends on"),
        },
        // It decides the type that the generator chooses, as `type` does.
        "format" => match (direction, new) {
            (Direction::Request, None) => widening("any format is taken now"),
            _ => breaking("another format"),
        },
        _ if new.is_none() || new.is_some_and(|new| is_default(key, new)) => widening("a rule is gone"),
        _ => breaking("another rule for the value"),
    })
}

fn limit(tighter: bool, which: &str, direction: Direction) -> Verdict {
    let place = match direction {
        Direction::Request => "in a request",
        Direction::Reply => "in a reply",
    };
    if tighter {
        breaking(format!("a tighter {which} limit {place}"))
    } else {
        widening(format!("a looser {which} limit {place}"))
    }
}

pub(super) fn openapi_version(old: &str, new: &str) -> Verdict {
    let feature_set = |version: &str| version.rsplit_once('.').map(|(feature_set, _)| feature_set.to_owned());
    if feature_set(old) == feature_set(new) {
        wording("another patch level of the format")
    } else {
        breaking("another version of the format, which the generator may not take")
    }
}

pub(super) fn breaking(what: impl Into<String>) -> Verdict {
    Verdict {
        class: Class::Breaking,
        what: what.into(),
    }
}

pub(super) fn widening(what: impl Into<String>) -> Verdict {
    Verdict {
        class: Class::Widening,
        what: what.into(),
    }
}

pub(super) fn wording(what: impl Into<String>) -> Verdict {
    Verdict {
        class: Class::Wording,
        what: what.into(),
    }
}

/// Whether a parameter, header or body must be there.
pub(super) fn required(value: &Value) -> Presence {
    if value.get("required") == Some(&Value::Bool(true)) {
        Presence::Required
    } else {
        Presence::Optional
    }
}
