//! Makes the client of the spec in `openapi/`, with the function that `cargo xtask regen` uses.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use fleetpurge_codegen::{Sources, generate};

fn main() -> anyhow::Result<()> {
    let openapi = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi");
    println!("cargo::rustc-check-cfg=cfg(packaged)");
    if !openapi.exists() {
        // `cargo package --workspace` builds every member away from the workspace, this one too: it is empty there.
        println!("cargo::rustc-cfg=packaged");
        return Ok(());
    }
    println!("cargo::rerun-if-changed={}", openapi.display());
    let documents = Sources::read(&openapi)?.get("data-management")?.documents(&openapi)?;
    let out = env::var_os("OUT_DIR").context("OUT_DIR is set by cargo")?;
    fs::write(PathBuf::from(out).join("generated.rs"), generate(&documents)?.source)?;
    Ok(())
}
