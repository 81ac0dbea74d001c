//! Circles and floors of a directed graph.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::arrows::Arrows;

/// How the files of a crate lie above each other.
pub(super) struct Shape {
    /// The files of each circle.
    pub(super) circles: Vec<Vec<PathBuf>>,
    /// The length of the longest chain of files of which each uses the next. A circle counts as one.
    pub(super) floors: usize,
}

/// The files that each file uses, directly or through others.
type Reach<'a> = BTreeMap<&'a PathBuf, BTreeSet<&'a PathBuf>>;

/// Finds the circles and counts the floors. A crate has few files: each is followed on its own.
pub(super) fn shape(arrows: &Arrows) -> Shape {
    let reach: Reach<'_> = arrows.keys().map(|file| (file, reached(arrows, file))).collect();
    let in_circle = |file: &PathBuf, other: &PathBuf| reach[file].contains(other) && reach[other].contains(file);
    let mut circles: Vec<Vec<PathBuf>> = Vec::new();
    for file in arrows.keys().filter(|file| reach[file].contains(file)) {
        if !circles.iter().any(|circle| circle.contains(file)) {
            circles.push(arrows.keys().filter(|other| in_circle(file, other)).cloned().collect());
        }
    }
    let mut known = BTreeMap::new();
    let floors = arrows.keys().map(|file| floor(file, &reach, &mut known)).max();
    Shape {
        circles,
        floors: floors.unwrap_or(0),
    }
}

fn reached<'a>(arrows: &'a Arrows, file: &'a PathBuf) -> BTreeSet<&'a PathBuf> {
    let mut reached = BTreeSet::new();
    let mut next = vec![file];
    while let Some(file) = next.pop() {
        next.extend(arrows[file].keys().filter(|target| reached.insert(*target)));
    }
    reached
}

/// The floor of a file, from 1. Of the files of its own circle none is below it.
fn floor<'a>(file: &'a PathBuf, reach: &Reach<'a>, known: &mut BTreeMap<&'a PathBuf, usize>) -> usize {
    if let Some(floor) = known.get(file) {
        return *floor;
    }
    let below = reach[file].iter().filter(|below| !reach[*below].contains(file));
    let highest = below.map(|below| floor(below, reach, known)).max();
    let own = highest.unwrap_or(0) + 1;
    known.insert(file, own);
    own
}
