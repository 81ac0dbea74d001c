//! `cargo xtask dist`: what a release has for one target.
//!
//! | file | question it answers |
//! |---|---|
//! | `build.rs` | how is the program built, and for which target? |
//! | `linked.rs` | which crates are linked into it? |
//! | `contents.rs` | which files does a package have? |
//! | `archive.rs` | how do files become an archive with the same bytes every time? |
//! | `sbom.rs` | how is what is linked told to a scanner? |
//! | `notices.rs` | which licences of others come with the program? |
//! | `deb.rs` | what does a Debian package need beside these? |
//! | `checksums.rs` | what is in `SHA256SUMS`? |
//! | `time.rs` | which time do files have? |

mod archive;
mod build;
mod checksums;
mod contents;
mod deb;
mod linked;
mod notices;
mod sbom;
mod time;

use std::fs;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use archive::Format;
use build::{Built, VERSION};
use linked::Linked;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Where the packages are written; otherwise target/dist
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Build for this target instead of the host. What is built must run here: it writes its own manual pages
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Make a Debian package too, with cargo-deb, which is installed into target/tools
    #[arg(long)]
    deb: bool,
    /// Package this program, and build none
    #[arg(long, value_name = "FILE", conflicts_with_all = ["target", "deb"])]
    binary: Option<PathBuf>,
}

/// Builds, packages, and writes the checksums of what it has written.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let target_folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let time = time::source_date(root)?;
    let built = match &arguments.binary {
        Some(program) => Built::given(program)?,
        None => Built::new(root, &target_folder, arguments.target.as_deref())?,
    };
    built.says_its_version()?;
    let linked = Linked::read(root, &built.target)?;

    let mut files = contents::of_the_repository(root)?;
    files.extend(contents::of_the_program(&built.program)?);
    files.push(contents::File::new(
        notices::NAME,
        notices::text(root, &linked, &built.target)?,
    ));

    let out = arguments.out.clone().unwrap_or_else(|| target_folder.join("dist"));
    fs::create_dir_all(&out).with_context(|| format!("{} cannot be made", out.display()))?;
    let stem = format!("fleetpurge-{VERSION}-{}", built.target);
    let format = Format::of(&built.target);
    let archive = archive::pack(format, &stem, &files, time)?;
    let sbom = sbom::document(&linked, &sbom::checksums(root)?, &built.compiler, time)?;
    let mut packages = vec![
        (format!("{stem}.{}", format.extension()), archive),
        (format!("{stem}.cdx.json"), sbom),
    ];
    if arguments.deb {
        packages.push(deb::make(root, &target_folder, &built, &files, time)?);
    }
    packages.push((checksums::NAME.to_owned(), checksums::of(&packages).into_bytes()));
    for (name, bytes) in packages {
        let file = out.join(name);
        fs::write(&file, bytes).with_context(|| format!("{} cannot be written", file.display()))?;
        writeln!(stdout(), "{}", file.display())?;
    }
    Ok(ExitCode::SUCCESS)
}
