//! Deletes devices from a Nexthink inventory in bulk: one request or a million, no outcome lost.
