//! Which file uses which other file of the same target.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::modules::{Module, Segments};

/// From a file to the files that it uses, with the names that it takes from each.
pub(super) type Arrows = BTreeMap<PathBuf, BTreeMap<PathBuf, BTreeSet<String>>>;

/// Adds the arrows of one target. A name that another module re-exports leads to the file that defines it.
pub(super) fn add(modules: &[Module], arrows: &mut Arrows) {
    for (here, module) in modules.iter().enumerate() {
        let from = arrows.entry(module.file.clone()).or_default();
        // To name a module is no arrow; to take something from it is.
        let items = module.paths.iter().filter_map(|path| {
            let found = resolve(modules, here, path, 0)?;
            Some((found.module, found.name?))
        });
        let globs = module.globs.iter().filter_map(|glob| {
            let found = resolve(modules, here, glob, 0)?;
            Some((found.module, "*".to_owned()))
        });
        for (to, name) in items.chain(globs).filter(|(to, _)| modules[*to].file != module.file) {
            from.entry(modules[to].file.clone()).or_default().insert(name);
        }
    }
}

/// More re-exports in a row than any name has: they go round.
const MAX_DEPTH: usize = 32;

/// Where a path leads.
struct Found {
    module: usize,
    /// The name of the item there; `None` if the path names the module itself.
    name: Option<String>,
}

/// What `path` names in the module `here`. `None` for another crate, and for a name that only a macro defines.
fn resolve(modules: &[Module], here: usize, path: &[String], depth: usize) -> Option<Found> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => walk(modules, 0, rest, depth),
        "self" => walk(modules, here, rest, depth),
        "super" => walk(modules, modules[here].parent?, rest, depth),
        _ => look_up(modules, here, path, depth),
    }
}

/// What `path` names, as seen from outside, in the module `at`.
fn walk(modules: &[Module], at: usize, path: &[String], depth: usize) -> Option<Found> {
    match path.first().map(String::as_str) {
        None | Some("self") => Some(Found { module: at, name: None }),
        Some("super") => walk(modules, modules[at].parent?, &path[1..], depth),
        Some(_) => look_up(modules, at, path, depth),
    }
}

fn look_up(modules: &[Module], at: usize, path: &[String], depth: usize) -> Option<Found> {
    let (first, rest) = path.split_first()?;
    let module = &modules[at];
    if depth > MAX_DEPTH {
        return None;
    }
    if module.items.contains(first) {
        return Some(Found {
            module: at,
            name: Some(first.clone()),
        });
    }
    if let Some(&child) = module.children.get(first) {
        return walk(modules, child, rest, depth + 1);
    }
    if let Some(import) = module.imports.get(first) {
        let path: Segments = import.iter().chain(rest).cloned().collect();
        return resolve(modules, at, &path, depth + 1);
    }
    module.globs.iter().find_map(|glob| {
        let from = resolve(modules, at, glob, depth + 1)?;
        look_up(modules, from.module, path, depth + 1)
    })
}
