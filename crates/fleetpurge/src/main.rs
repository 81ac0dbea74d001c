//! Removes devices from a fleet inventory in bulk: reviewed first, then exactly what was reviewed.
fn main() {}
