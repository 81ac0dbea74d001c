//! Which arrows are allowed between crates, and between the folders of one crate.

use std::path::Path;

use super::arrows::Arrows;
use super::workspace::Krate;

/// The storeys of the workspace, from the lowest. A crate is built only on crates of lower storeys.
const STOREYS: &[&[&str]] = &[
    &[
        "fleetpurge-codegen",
        "fleetpurge-compression",
        "fleetpurge-engine",
        "fleetpurge-postgres",
        "fleetpurge-simulator",
        "fleetpurge-testing",
        "fleetpurge-text",
    ],
    &[
        "fleetpurge-export",
        "fleetpurge-http",
        "fleetpurge-ledger",
        "fleetpurge-records",
    ],
    // `*`: whatever comes before. A raw client that is new has its storey already.
    &["*-raw", "nexthink-data-management-buildtime"],
    &["nexthink-data-management", "ubidots-devices"],
    // With the login of the facade below it: one token serves both.
    &["nexthink-nql"],
    &["fleetpurge", "fleetpurge-bench", "xtask"],
];

/// The folders of one crate's `src`, from the lowest. A file uses only files of its own folder and of lower ones.
pub(super) struct Folders {
    pub(super) krate: &'static str,
    pub(super) folders: &'static [&'static str],
}

/// The crates whose folders are storeys.
pub(super) const FOLDERS: &[Folders] = &[Folders {
    krate: "fleetpurge-ledger",
    folders: &["model", "proof", "rules", "store", "reading", "running", "planning"],
}];

/// A crate that only the files of one folder name.
pub(super) struct Confined {
    pub(super) krate: &'static str,
    /// The crate that is named.
    pub(super) names: &'static str,
    pub(super) folder: &'static str,
}

/// What only one folder may know.
pub(super) const CONFINED: &[Confined] = &[Confined {
    krate: "fleetpurge-ledger",
    names: "rusqlite",
    folder: "store",
}];

/// What is wrong between the crates, one line each.
pub(super) fn between_crates(crates: &[Krate]) -> Vec<String> {
    let mut wrong = Vec::new();
    for krate in crates {
        let Some(own) = storey(&krate.name) else {
            wrong.push(format!(
                "{} has no storey: give it one in xtask/src/structure/rules.rs",
                krate.name
            ));
            continue;
        };
        for below in krate.built_on() {
            if storey(below).is_some_and(|below| below >= own) {
                wrong.push(format!(
                    "{} is built on {below}, which is not on a lower storey",
                    krate.name
                ));
            }
        }
    }
    wrong
}

fn storey(krate: &str) -> Option<usize> {
    let is_of = |name: &&str| match name.strip_prefix('*') {
        Some(end) => krate.ends_with(end),
        None => *name == krate,
    };
    STOREYS.iter().position(|storey| storey.iter().any(is_of))
}

/// What is wrong between the folders of a crate whose sources are in `src`, one line each.
pub(super) fn between_folders(rule: &Folders, src: &Path, arrows: &Arrows) -> Vec<String> {
    let storey = |file: &Path| {
        let folder = file.strip_prefix(src).ok()?.components().next()?;
        rule.folders.iter().position(|&name| folder.as_os_str() == name)
    };
    let mut wrong = Vec::new();
    for (from, targets) in arrows {
        let Some(own) = storey(from) else { continue };
        for (to, names) in targets {
            if storey(to).is_some_and(|other| other > own) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                wrong.push(format!(
                    "{} takes {} from {}, which is on a higher storey",
                    from.display(),
                    names.join(", "),
                    to.display()
                ));
            }
        }
    }
    wrong
}
