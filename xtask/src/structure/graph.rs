//! Circles and floors of a directed graph.

use std::collections::BTreeMap;
use std::path::PathBuf;

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use super::arrows::Arrows;

/// How the files of a crate lie above each other.
pub(super) struct Shape {
    /// The files of each circle.
    pub(super) circles: Vec<Vec<PathBuf>>,
    /// The length of the longest chain of files of which each uses the next. A circle counts as one.
    pub(super) floors: usize,
}

/// Finds the circles and counts the floors.
pub(super) fn shape(arrows: &Arrows) -> Shape {
    let files: Vec<&PathBuf> = arrows.keys().collect();
    let number: BTreeMap<&PathBuf, usize> = files.iter().enumerate().map(|(n, file)| (*file, n)).collect();
    let mut graph = DiGraphMap::<usize, ()>::new();
    for (from, targets) in arrows {
        graph.add_node(number[from]);
        for to in targets.keys() {
            graph.add_edge(number[from], number[to], ());
        }
    }
    // The components come in the order in which one that is used comes before those that use it.
    let mut floor = vec![0; files.len()];
    let mut circles = Vec::new();
    for component in tarjan_scc(&graph) {
        let below = component
            .iter()
            .flat_map(|&file| graph.neighbors(file))
            .map(|file| floor[file]);
        let own = below.max().unwrap_or(0) + 1;
        for &file in &component {
            floor[file] = own;
        }
        if component.len() > 1 {
            let mut circle: Vec<PathBuf> = component.iter().map(|&file| files[file].clone()).collect();
            circle.sort();
            circles.push(circle);
        }
    }
    Shape {
        circles,
        floors: floor.into_iter().max().unwrap_or(0),
    }
}
