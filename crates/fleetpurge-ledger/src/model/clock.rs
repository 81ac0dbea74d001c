//! The time as a ledger records it.

use jiff::{Timestamp, Unit};

/// Now, to the microsecond: in text that is RFC 3339 in UTC.
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    now.round(Unit::Microsecond).unwrap_or(now)
}
