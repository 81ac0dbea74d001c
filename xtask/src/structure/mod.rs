//! `cargo xtask structure`: how the files and crates of the workspace depend on each other.
//!
//! | module | question it answers |
//! |---|---|
//! | `workspace` | which crates are there, with which targets and dependencies? |
//! | `modules` | which items, imports and paths does each file of a target have? |
//! | `arrows` | which file uses which other file? |
//! | `graph` | where is a circle, and how many floors are there without it? |
//! | `rules` | which arrows are allowed between crates, and between the folders of one crate? |
//! | `report` | what is printed, and does the workspace keep the rules? |

mod arrows;
mod graph;
mod modules;
mod report;
mod rules;
#[cfg(test)]
mod tests;
mod workspace;

pub(crate) use report::run;
