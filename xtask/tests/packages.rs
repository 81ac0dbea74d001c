//! What a published package has: its licences, its own README, and keywords of its own.
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

mod support;

use std::path::Path;

#[test]
fn every_published_package_has_licences_a_readme_and_its_own_keywords() {
    let published = support::packages::check(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    assert!(published >= 12, "{published}");
}
