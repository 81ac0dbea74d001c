//! The crates that are linked into the program.
//!
//! `cargo tree` resolves features as the build does. `cargo metadata`, which other tools read, unites them over the whole
//! workspace, with what tests and benchmarks switch on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;

use crate::{process, tools};

/// A crate of one version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Krate {
    pub(super) name: String,
    pub(super) version: String,
}

/// Each crate with what it depends on, and its licence. The program itself is `root`.
pub(super) struct Linked {
    pub(super) root: Krate,
    pub(super) dependencies: BTreeMap<Krate, BTreeSet<Krate>>,
    pub(super) licences: BTreeMap<Krate, String>,
}

impl Linked {
    /// Neither dev-dependencies nor what only runs at build time: build scripts, derive macros and theirs.
    pub(super) fn read(root: &Path, target: &str) -> anyhow::Result<Self> {
        let mut cargo = process::cargo();
        cargo.current_dir(root).args([
            "tree",
            "--locked",
            "-p",
            "fleetpurge",
            "-e",
            "normal,no-proc-macro",
            "--target",
            target,
            "--prefix",
            "depth",
            "--format",
            "\t{p}\t{l}\t",
        ]);
        Self::parse(&tools::said(&mut cargo, "cargo tree")?)
    }

    /// Lines such as `2⇥itoa v1.0.19⇥MIT⇥`. A crate that was shown before has no lines below it the second time.
    fn parse(tree: &str) -> anyhow::Result<Self> {
        let mut above: Vec<Krate> = Vec::new();
        let mut dependencies: BTreeMap<Krate, BTreeSet<Krate>> = BTreeMap::new();
        let mut licences = BTreeMap::new();
        for line in tree.lines().filter(|line| !line.is_empty()) {
            let krate = || -> Option<(usize, Krate, &str)> {
                let mut parts = line.split('\t');
                let depth = parts.next()?.parse().ok()?;
                let (name, rest) = parts.next()?.split_once(" v")?;
                // The folder of one of ours follows, in parentheses.
                let version = rest.split(' ').next()?;
                let krate = Krate {
                    name: name.to_owned(),
                    version: version.to_owned(),
                };
                Some((depth, krate, parts.next()?))
            };
            let (depth, krate, licence) = krate().with_context(|| format!("`cargo tree` has printed {line:?}"))?;
            above.truncate(depth);
            if let Some(parent) = above.last() {
                dependencies.entry(parent.clone()).or_default().insert(krate.clone());
            }
            dependencies.entry(krate.clone()).or_default();
            licences.insert(krate.clone(), licence.replace('/', " OR "));
            above.push(krate);
        }
        Ok(Self {
            root: above.into_iter().next().context("`cargo tree` has printed nothing")?,
            dependencies,
            licences,
        })
    }

    /// All but the program itself.
    pub(super) fn crates(&self) -> impl Iterator<Item = &Krate> {
        self.dependencies.keys().filter(|krate| **krate != self.root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "0\tfleetpurge v0.1.0 (/a folder/crates/fleetpurge)\tMIT OR Apache-2.0\t\n\
        1\taskama v0.16.1\tMIT/Apache-2.0\t\n\
        2\titoa v1.0.19\tMIT\t\n\
        1\tserde v1.0.229\tMIT\t\n\
        2\taskama v0.16.1\tMIT/Apache-2.0\t (*)\n";

    fn krate(name: &str, version: &str) -> Krate {
        Krate {
            name: name.to_owned(),
            version: version.to_owned(),
        }
    }

    #[test]
    fn the_tree_says_what_depends_on_what() {
        let linked = Linked::parse(TREE).unwrap();
        assert_eq!(linked.root, krate("fleetpurge", "0.1.0"));
        let of = |name: &str, version: &str| {
            let below = &linked.dependencies[&krate(name, version)];
            below.iter().map(|krate| krate.name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(of("fleetpurge", "0.1.0"), ["askama", "serde"]);
        assert_eq!(of("askama", "0.16.1"), ["itoa"]);
        assert_eq!(of("serde", "1.0.229"), ["askama"]);
        assert_eq!(linked.crates().count(), 3);
    }

    #[test]
    fn a_licence_of_the_old_form_becomes_an_spdx_expression() {
        let linked = Linked::parse(TREE).unwrap();
        assert_eq!(linked.licences[&krate("askama", "0.16.1")], "MIT OR Apache-2.0");
    }

    #[test]
    fn a_line_of_another_form_is_an_error() {
        for tree in ["", "0 fleetpurge v0.1.0", "x\tfleetpurge v0.1.0\tMIT\t"] {
            assert!(Linked::parse(tree).is_err(), "{tree:?}");
        }
    }
}
