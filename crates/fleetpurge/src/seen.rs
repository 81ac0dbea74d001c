//! What verifications showed, in words for a person.

use std::borrow::Cow;

use fleetpurge_ledger::{LastSighting, SeenIn, SightingKind, VerificationKind, VerificationRecord, Words};
use fleetpurge_records::Found;

use crate::output::shown;

/// A finding as programs read it.
pub(crate) const fn found(kind: SightingKind) -> Found {
    match kind {
        SightingKind::Gone => Found::Gone,
        SightingKind::Present => Found::Present,
        SightingKind::AnotherUid => Found::AnotherUid,
        _ => Found::NotKnown,
    }
}

/// A finding as the plan keeps it.
pub(crate) const fn kind(found: Found) -> SightingKind {
    match found {
        Found::Gone => SightingKind::Gone,
        Found::Present => SightingKind::Present,
        Found::AnotherUid => SightingKind::AnotherUid,
        Found::NotKnown => SightingKind::NotKnown,
    }
}

/// `on 2026-11-27 in fresh.csv`.
pub(crate) fn when_and_where(seen_in: &SeenIn) -> String {
    let date = seen_in.at.strftime("%Y-%m-%d");
    let source = named(seen_in.kind, &seen_in.source);
    match seen_in.kind {
        VerificationKind::Account => format!("on {date} in the account {source}"),
        VerificationKind::Query => format!("on {date} by the query {source}"),
        _ => format!("on {date} in {source}"),
    }
}

/// `gone on 2026-11-27 in fresh.csv`. The name of the file is shown as it is seen; the rest of the text is ours.
pub(crate) fn sighting(sighting: &LastSighting, words: Words) -> String {
    let place = when_and_where(&sighting.seen_in);
    let word = match sighting.found {
        SightingKind::Gone => "gone".to_owned(),
        SightingKind::Present => "still there".to_owned(),
        SightingKind::AnotherUid => format!("same {}, another {}", words.name, words.uid),
        _ => "not known".to_owned(),
    };
    match &sighting.last_gone {
        Some(gone) if sighting.came_back() => {
            format!("came back: there {place}, gone {}", when_and_where(gone))
        }
        _ => format!("{word} {place}"),
    }
}

/// A source as it follows the word for its kind: the result of a query is called `query #id of` its time.
fn named(kind: VerificationKind, source: &str) -> Cow<'_, str> {
    match kind {
        VerificationKind::Query => shown(source.strip_prefix("query ").unwrap_or(source)),
        _ => shown(source),
    }
}

/// One verification in one line: when, by whom, of what, and what it showed.
pub(crate) fn verification(record: &VerificationRecord) -> String {
    format!(
        "{} by {} on {} with {}: {}",
        record.at,
        shown(&record.who),
        shown(&record.host),
        place(record),
        counts(record)
    )
}

/// What was looked in.
pub(crate) fn place(record: &VerificationRecord) -> String {
    let source = named(record.source.kind, &record.source.source);
    match record.source.kind {
        VerificationKind::Account => format!("the account {source}"),
        VerificationKind::Query => format!("the query {source}"),
        _ => format!("the export {source}"),
    }
}

/// `8 looked for, 5 gone, 3 still there`.
pub(crate) fn counts(record: &VerificationRecord) -> String {
    let mut text = format!(
        "{} looked for, {} gone, {} still there",
        record.looked_for, record.gone, record.present
    );
    for (count, word) in [
        (record.another_uid, "with another uid"),
        (record.not_known, "not known"),
        (record.not_reached(), "not reached before it was interrupted"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {word}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fleetpurge_ledger::{Service, VerificationSource};

    use super::*;

    fn seen_in(date: &str, kind: VerificationKind, source: &str) -> Arc<SeenIn> {
        Arc::new(SeenIn {
            verification: 1,
            at: format!("{date}T10:00:00Z").parse().unwrap(),
            kind,
            source: source.to_owned(),
        })
    }

    #[test]
    fn a_sighting_says_what_when_and_where() {
        use SightingKind::{AnotherUid, Gone, NotKnown, Present};
        use VerificationKind::{Account, Inventory, Query};
        let fresh = || seen_in("2026-11-27", Inventory, "fresh.csv");
        for (found, seen_in, last_gone, expected) in [
            (Gone, fresh(), Some(fresh()), "gone on 2026-11-27 in fresh.csv"),
            (Present, fresh(), None, "still there on 2026-11-27 in fresh.csv"),
            (
                Present,
                fresh(),
                Some(seen_in("2026-11-20", Account, "acme")),
                "came back: there on 2026-11-27 in fresh.csv, gone on 2026-11-20 in the account acme",
            ),
            (
                AnotherUid,
                fresh(),
                Some(fresh()),
                "same name, another uid on 2026-11-27 in fresh.csv",
            ),
            (
                NotKnown,
                seen_in("2026-11-27", Query, "#old"),
                None,
                "not known on 2026-11-27 by the query #old",
            ),
            (
                NotKnown,
                seen_in("2026-11-27", Query, "query #old of 2026-11-27T09:00:00Z"),
                None,
                "not known on 2026-11-27 by the query #old of 2026-11-27T09:00:00Z",
            ),
            (
                Gone,
                seen_in("2026-11-27", Inventory, "a\u{202e}b"),
                None,
                "gone on 2026-11-27 in a\\u{202e}b",
            ),
        ] {
            let last = LastSighting {
                found,
                detail: None,
                seen_in,
                last_gone,
            };
            assert_eq!(sighting(&last, Service::Nexthink.words()), expected);
        }
    }

    #[test]
    fn a_verification_is_one_line_with_the_counts_that_are_not_zero() {
        let record = VerificationRecord {
            verification: 2,
            at: "2026-11-27T10:00:00Z".parse().unwrap(),
            who: "ann".to_owned(),
            host: "box".to_owned(),
            source: VerificationSource {
                kind: VerificationKind::Inventory,
                source: "fresh.csv".to_owned(),
                sha256: None,
                listed: None,
            },
            looked_for: 8,
            gone: 5,
            present: 3,
            another_uid: 0,
            not_known: 0,
        };
        assert_eq!(
            verification(&record),
            "2026-11-27T10:00:00Z by ann on box with the export fresh.csv: 8 looked for, 5 gone, 3 still there"
        );
        let partly = VerificationRecord {
            gone: 1,
            present: 0,
            another_uid: 2,
            not_known: 1,
            ..record
        };
        assert_eq!(
            counts(&partly),
            "8 looked for, 1 gone, 0 still there, 2 with another uid, 1 not known, 4 not reached before it was interrupted"
        );
    }
}
