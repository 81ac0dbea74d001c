//! Compares the spec that the vendor publishes today with ours, by meaning.
//!
//! - [`extract`] finds the OpenAPI document in what the vendor publishes: a documentation page, several of them, or a
//!   bare document in JSON or YAML.
//! - [`compare`] walks both documents side by side, `$ref`s resolved, and lists the [`Change`]s.
//! - `classify` assigns a [`Class`] to each change. No other module does.
//! - [`accept()`] replaces the old document by the new one.
//!
//! The crate `drift` (0.2) compares OpenAPI documents, too. It is not used here, because it panics where a response
//! gains or loses a body or a media type (our 401 has none today), and ignores authentication, servers, headers,
//! descriptions and the limits of an array: half of what must be detected here.

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
