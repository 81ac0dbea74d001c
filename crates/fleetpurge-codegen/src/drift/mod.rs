//! What the vendor publishes today against the spec that we have, by meaning.
//!
//! - [`extract`] finds the OpenAPI document in what the vendor publishes: a documentation page, several of them, or a
//!   bare document in JSON or YAML.
//! - [`compare`] walks both documents side by side, `$ref`s resolved, and lists the [`Change`]s.
//! - `classify` says what a change means: [`Class`]. It is the judgement, and the only place of it.
//! - [`accept()`] puts the new document in the place of the old one.
//!
//! The crate `drift` (0.2) compares OpenAPI documents, too. It is not used here, because it panics where a response
//! gains or loses a body or a media type (our 401 has none today), and passes over authentication, servers, headers,
//! descriptions and the limits of an array: half of what this has to notice.

mod accept;
mod change;
mod classify;
mod compare;
mod comparison;
mod extract;
mod node;
mod operation;
mod path;
mod schema;

pub use accept::{Accepted, accept};
pub use change::{Change, Class, Drift};
pub use compare::compare;
pub use comparison::CompareError;
pub use extract::{ExtractError, Page, extract};
pub use node::Node;
