//! A Debian package, by cargo-deb. What goes where is in `crates/fleetpurge/Cargo.toml`, `[package.metadata.deb]`.

use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::archive;
use super::build::{Built, VERSION};
use super::contents::File;
use crate::tools;

const CARGO_DEB: &str = "3.8.0";

/// Beside the program, which is where cargo-deb looks for what is not in the repository.
const GATHERED: &str = "package";

/// The package's name and bytes.
pub(super) fn make(
    root: &Path,
    target_folder: &Path,
    built: &Built,
    files: &[File],
    time: Timestamp,
) -> anyhow::Result<(String, Vec<u8>)> {
    let architecture = architecture(&built.target)?;
    let version = debian_version(VERSION);
    let gathered = built.program.with_file_name(GATHERED);
    if gathered.exists() {
        fs::remove_dir_all(&gathered)?;
    }
    let changelog = changelog(&version, &maintainer(root)?, time)?;
    let changelog = File::new("changelog.Debian", changelog.into_bytes());
    for file in files.iter().chain([&changelog]) {
        let file = as_debian_has_it(file)?;
        let path = gathered.join(&file.path);
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        fs::write(&path, &file.bytes).with_context(|| format!("{} cannot be written", path.display()))?;
    }

    let cargo_deb = tools::cargo(&target_folder.join("tools/cargo-deb"), "cargo-deb", CARGO_DEB)
        .context("cargo-deb cannot be installed: it needs a registry of crates")?;
    let name = format!("fleetpurge_{version}_{architecture}.deb");
    let made = built.program.with_file_name(&name);
    let mut command = Command::new(cargo_deb);
    command.current_dir(root);
    command.args(["--no-build", "--locked", "--quiet", "-p", "fleetpurge", "--output"]);
    command.arg(std::path::absolute(&made)?);
    if built.names_target {
        command.args(["--target", &built.target]);
    }
    command.env("SOURCE_DATE_EPOCH", time.as_second().to_string());
    tools::must(&mut command, "cargo-deb")?;
    let bytes = fs::read(&made).with_context(|| format!("{} cannot be read", made.display()))?;
    fs::remove_file(&made)?;
    Ok((name, bytes))
}

/// Manual pages and changelogs are compressed. cargo-deb does so only with files of the repository.
fn as_debian_has_it(file: &File) -> anyhow::Result<Cow<'_, File>> {
    if file.path.starts_with("man/") || file.path == "changelog.Debian" {
        let compressed = File::new(format!("{}.gz", file.path), archive::gzip(&file.bytes)?);
        return Ok(Cow::Owned(compressed));
    }
    Ok(Cow::Borrowed(file))
}

/// Debian's word for it. A package for a system without glibc would be none of Debian's.
fn architecture(target: &str) -> anyhow::Result<&'static str> {
    match target {
        "x86_64-unknown-linux-gnu" => Ok("amd64"),
        "aarch64-unknown-linux-gnu" => Ok("arm64"),
        other => anyhow::bail!("there is no Debian package for {other}: leave out --deb"),
    }
}

/// `1.0.0~rc.1-1` for `1.0.0-rc.1`: Debian sorts it before 1.0.0. cargo-deb does the same.
fn debian_version(version: &str) -> String {
    format!("{}-1", version.replace('-', "~"))
}

fn maintainer(root: &Path) -> anyhow::Result<String> {
    let manifest = fs::read_to_string(root.join("crates/fleetpurge/Cargo.toml"))?;
    let manifest: toml::Table = manifest.parse()?;
    let maintainer = manifest["package"]["metadata"]["deb"]["maintainer"].as_str();
    Ok(maintainer
        .context("[package.metadata.deb] names no maintainer")?
        .to_owned())
}

/// Debian wants a changelog of the package. Ours is the program's, which is beside it.
fn changelog(version: &str, maintainer: &str, time: Timestamp) -> anyhow::Result<String> {
    let date = jiff::fmt::strtime::format("%a, %d %b %Y %H:%M:%S %z", &time.to_zoned(TimeZone::UTC))?;
    Ok(format!(
        "fleetpurge ({version}) unstable; urgency=medium\n\n  * A release of fleetpurge: changelog.gz lists its changes.\n\n \
         -- {maintainer}  {date}\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_before_a_release_sorts_before_it_for_debian_too() {
        assert_eq!(debian_version("1.0.0"), "1.0.0-1");
        assert_eq!(debian_version("1.0.0-rc.1"), "1.0.0~rc.1-1");
    }

    #[test]
    fn debians_changelog_has_debians_form() {
        let time = Timestamp::from_second(1_700_000_000).unwrap();
        assert_eq!(
            changelog("1.0.0-1", "Somebody <somebody@example.org>", time).unwrap(),
            "fleetpurge (1.0.0-1) unstable; urgency=medium\n\n  * A release of fleetpurge: changelog.gz lists its changes.\n\n \
             -- Somebody <somebody@example.org>  Tue, 14 Nov 2023 22:13:20 +0000\n"
        );
    }

    #[test]
    fn only_debians_own_systems_have_a_package() {
        assert_eq!(architecture("aarch64-unknown-linux-gnu").unwrap(), "arm64");
        for other in [
            "x86_64-unknown-linux-musl",
            "x86_64-pc-windows-msvc",
            "aarch64-apple-darwin",
        ] {
            assert!(architecture(other).is_err(), "{other}");
        }
    }
}
