//! Which rows are left out by their names.

use std::sync::Arc;

use crate::model::{NameFilter, NameFilterMatches};
use crate::rules::name_pattern::NamePattern;
use crate::rules::skip_reasons::{excluded, not_included};

/// The patterns of a plan, with the number of rows that each matched.
#[derive(Debug, Default)]
pub(crate) struct NameFilters {
    include: Vec<Counted>,
    exclude: Vec<Counted>,
}

#[derive(Debug)]
struct Counted {
    pattern: Arc<NamePattern>,
    rows: u64,
}

impl NameFilters {
    /// Adds a pattern. One that is given twice says no more.
    pub(crate) fn add(&mut self, filter: NameFilter, pattern: Arc<NamePattern>) {
        let patterns = match filter {
            NameFilter::Include => &mut self.include,
            NameFilter::Exclude => &mut self.exclude,
        };
        if patterns.iter().all(|given| given.pattern.as_str() != pattern.as_str()) {
            patterns.push(Counted { pattern, rows: 0 });
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    pub(crate) const fn excludes(&self) -> bool {
        !self.exclude.is_empty()
    }

    /// Counts a row by its name, and says why it is left out, if it is. An exclusion is stronger.
    pub(crate) fn judge(&mut self, name: &str) -> Option<String> {
        let excluding = count(&mut self.exclude, name).map(excluded);
        let is_included = count(&mut self.include, name).is_some() || self.include.is_empty();
        excluding.or_else(|| {
            let patterns = self.include.iter().map(|counted| counted.pattern.as_str());
            (!is_included).then(|| not_included(patterns))
        })
    }

    pub(crate) fn into_matches(self) -> Vec<NameFilterMatches> {
        let matches = |filter| {
            move |counted: Counted| NameFilterMatches {
                filter,
                pattern: counted.pattern.as_str().to_owned(),
                rows: counted.rows,
            }
        };
        let include = self.include.into_iter().map(matches(NameFilter::Include));
        include
            .chain(self.exclude.into_iter().map(matches(NameFilter::Exclude)))
            .collect()
    }
}

/// Counts the patterns that match, and returns the first of them.
fn count<'p>(patterns: &'p mut [Counted], name: &str) -> Option<&'p str> {
    let mut first = None;
    for counted in patterns {
        if counted.pattern.matches(name) {
            counted.rows += 1;
            first = first.or(Some(counted.pattern.as_str()));
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(include: &[&str], exclude: &[&str]) -> NameFilters {
        let mut filters = NameFilters::default();
        for (filter, patterns) in [(NameFilter::Include, include), (NameFilter::Exclude, exclude)] {
            for pattern in patterns {
                filters.add(filter, Arc::new(NamePattern::parse(pattern).unwrap()));
            }
        }
        filters
    }

    #[test]
    fn an_excluded_name_is_left_out_and_so_is_one_that_is_not_included() {
        let include = "left out by --include-name pc-*, lap-*";
        for (included, excluded, name, expected) in [
            (&[][..], &[][..], "PC-1", None),
            (&["pc-*", "lap-*"], &[], "PC-1", None),
            (&["pc-*", "lap-*"], &[], "LAP-1", None),
            (&["pc-*", "lap-*"], &[], "SRV-1", Some(include)),
            (&["pc-*", "lap-*"], &[], "", Some(include)),
            (&[], &["SRV-*"], "srv-1", Some("left out by --exclude-name SRV-*")),
            (&[], &["SRV-*"], "PC-1", None),
            (&["pc-*"], &["*-1"], "PC-1", Some("left out by --exclude-name *-1")),
            (
                &[],
                &["x", "srv-1", "srv-*"],
                "SRV-1",
                Some("left out by --exclude-name srv-1"),
            ),
        ] {
            assert_eq!(
                filters(included, excluded).judge(name).as_deref(),
                expected,
                "{included:?} {excluded:?} {name}"
            );
        }
    }

    #[test]
    fn every_pattern_counts_what_it_matches_and_a_repeated_one_is_one() {
        let mut filters = filters(&["pc-*", "pc-*", "pc-1"], &["*-1", "srv-*"]);
        for name in ["PC-1", "pc-2", "lap-1"] {
            filters.judge(name);
        }
        let matches: Vec<(String, u64)> = filters
            .into_matches()
            .into_iter()
            .map(|matches| (matches.pattern, matches.rows))
            .collect();
        let expected = [("pc-*", 2), ("pc-1", 1), ("*-1", 2), ("srv-*", 0)];
        assert_eq!(matches, expected.map(|(pattern, rows)| (pattern.to_owned(), rows)));
    }
}
