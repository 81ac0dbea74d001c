//! Generated client of Nexthink's Data Management API, with the hooks it needs.
