//! What a rule drops.

use std::fmt;

/// Something that a rule dropped from a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Where it was, as a JSON Pointer into the spec.
    pub place: String,
    /// Its value, as JSON on one line.
    pub value: String,
    /// Which rule dropped it.
    pub rule: Rule,
}

/// A rule of leniency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Only replies have this schema: a value that is new or otherwise must not lose the reply.
    Reply,
    /// progenitor takes one kind of body for all errors of an operation, and no body is another kind.
    ErrorWithoutBody,
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.rule {
            Rule::Reply => "only replies have it",
            Rule::ErrorWithoutBody => "an error without a body beside one with a body",
        };
        write!(f, "{} = {} ({reason})", self.place, self.value)
    }
}
