//! What the patterns for names matched, and why they refuse a plan.

use fleetpurge_ledger::{NameFilter, NameFilterMatches, NamesFiltered, PlanRefused, Service};

use super::place::place;
use super::places::Places;
use crate::output::{self, counted, shown};

/// Each pattern with what it matched, line by line.
pub(super) fn lines(names: &NamesFiltered) -> Vec<String> {
    names.patterns.iter().map(line).collect()
}

/// `--include-name pc-*: 12 rows`.
fn line(pattern: &NameFilterMatches) -> String {
    format!(
        "{} `{}`: {}",
        flag(pattern.filter),
        shown(&pattern.pattern),
        counted(pattern.rows, "row", "rows")
    )
}

pub(crate) const fn flag(filter: NameFilter) -> &'static str {
    match filter {
        NameFilter::Include => "--include-name",
        NameFilter::Exclude => "--exclude-name",
    }
}

/// Warns on stderr that the plan was made although patterns match nothing.
pub(super) fn warn(names: &NamesFiltered) {
    let unmatched = names.unmatched().count() as u64;
    if unmatched > 0 {
        names.unmatched().for_each(|pattern| output::note(&line(pattern)));
        output::note(&format!(
            "warning: {} no row, and the plan was made because of --allow-unmatched-name.",
            if unmatched == 1 {
                "1 pattern for names matches".to_owned()
            } else {
                format!("{unmatched} patterns for names match")
            }
        ));
    }
}

/// Prints the patterns that match nothing. Returns why the patterns refuse the plan, with what to do about it.
pub(super) fn tell(refused: &PlanRefused, service: Service, places: &Places) -> Vec<String> {
    let names = &refused.names;
    let name = service.words().name;
    let mut reasons = Vec::new();
    if refused.has_unmatched_names() {
        let unmatched = names.unmatched().count() as u64;
        for pattern in names.unmatched() {
            output::note(&format!(
                "{} `{}` matches no {name}",
                flag(pattern.filter),
                shown(&pattern.pattern)
            ));
        }
        reasons.push(format!(
            "{} no row, listed above; correct {}, or, if there are no such devices, plan with --allow-unmatched-name",
            if unmatched == 1 {
                "1 pattern for names matches".to_owned()
            } else {
                format!("{unmatched} patterns for names match")
            },
            if unmatched == 1 { "it" } else { "them" }
        ));
    }
    if names.unnamed > 0 {
        let first = names.unnamed_first.as_ref();
        let first = first
            .map(|row| format!(" ({})", place(row, service, places)))
            .unwrap_or_default();
        reasons.push(format!(
            "{} no {name}{first}, so that --exclude-name cannot tell whether {} stay; add the column of {name}s to the \
             list, as `fleetpurge select` writes it, or protect devices with --protect, which looks {name}s up",
            counted(names.unnamed, "row has", "rows have"),
            if names.unnamed == 1 {
                "its device is to"
            } else {
                "their devices are to"
            }
        ));
    }
    reasons
}
