//! The committed client is the one that the build script makes.

use nexthink_data_management_buildtime::GENERATED;

#[test]
fn the_committed_client_is_what_the_build_script_makes_byte_for_byte() {
    let committed = include_str!("../../nexthink-data-management-raw/src/generated.rs");
    assert!(
        committed == GENERATED,
        "crates/nexthink-data-management-raw/src/generated.rs differs from what the build script made of openapi/: \
         `cargo xtask regen --check` shows how, `cargo xtask regen` writes it"
    );
}
