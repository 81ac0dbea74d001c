//! Times on the page.

use jiff::Timestamp;

/// A time as a person reads it, to the second.
pub(crate) fn readable(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
