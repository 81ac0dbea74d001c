//! The first and the last rows of each kind, while all rows go by. Memory stays flat.

use std::collections::VecDeque;

use crate::model::{JudgedRow, RowAt, RowKind, RowsOfKind, Source};
use crate::proof::RowRecord;
use crate::store::draft::protect::source_name;

/// All kinds.
#[derive(Debug)]
pub(crate) struct Edges([Edge; RowKind::ALL.len()]);

/// One kind.
#[derive(Debug, Default)]
struct Edge {
    rows: u64,
    first: Vec<Kept>,
    last: VecDeque<Kept>,
}

/// A row whose texts are written over: of millions of rows nearly all are the last ones once.
#[derive(Debug, Default)]
struct Kept {
    row: u64,
    source: u64,
    line: u64,
    uid: String,
    name: String,
    reason: Option<String>,
}

impl Edges {
    pub(crate) fn new() -> Self {
        Self(std::array::from_fn(|_| Edge::default()))
    }

    /// A row of this kind.
    pub(crate) fn see(&mut self, kind: RowKind, row: &RowRecord<'_>) {
        if let Some(edge) = self.0.get_mut(kind as usize) {
            edge.see(row);
        }
    }

    /// The kinds that have any row.
    pub(crate) fn into_kinds(self, sources: &[Source]) -> Vec<RowsOfKind> {
        let kinds = RowKind::ALL.into_iter().zip(self.0);
        kinds
            .filter(|(_, edge)| edge.rows > 0)
            .map(|(kind, edge)| RowsOfKind {
                kind,
                rows: edge.rows,
                first: edge.first.into_iter().map(|kept| kept.judged(sources)).collect(),
                last: edge.last.into_iter().map(|kept| kept.judged(sources)).collect(),
            })
            .collect()
    }
}

impl Edge {
    fn see(&mut self, row: &RowRecord<'_>) {
        self.rows += 1;
        if self.first.len() < RowsOfKind::FIRST_SHOWN {
            let mut kept = Kept::default();
            kept.set(row);
            self.first.push(kept);
            return;
        }
        let mut kept = if self.last.len() < RowsOfKind::LAST_SHOWN {
            Kept::default()
        } else {
            self.last.pop_front().unwrap_or_default()
        };
        kept.set(row);
        self.last.push_back(kept);
    }
}

impl Kept {
    fn set(&mut self, row: &RowRecord<'_>) {
        self.row = row.row;
        self.source = row.source;
        self.line = row.line;
        row.uid.clone_into(&mut self.uid);
        row.name.clone_into(&mut self.name);
        match (&mut self.reason, row.skipped) {
            (Some(kept), Some(reason)) => reason.clone_into(kept),
            (kept, reason) => *kept = reason.map(str::to_owned),
        }
    }

    fn judged(self, sources: &[Source]) -> JudgedRow {
        JudgedRow {
            at: RowAt {
                row: self.row,
                source: source_name(sources, self.source),
                line: self.line,
                uid: self.uid,
                name: self.name,
            },
            reason: self.reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_three_and_the_last_two_rows_are_kept_and_none_twice() {
        for (rows, first, last) in [
            (0, &[][..], &[][..]),
            (1, &[1], &[]),
            (3, &[1, 2, 3], &[]),
            (4, &[1, 2, 3], &[4]),
            (5, &[1, 2, 3], &[4, 5]),
            (9, &[1, 2, 3], &[8, 9]),
        ] {
            let mut edges = Edges::new();
            for row in 1..=rows {
                edges.see(
                    RowKind::Blank,
                    &RowRecord {
                        row,
                        uid: "",
                        name: &format!("pc-{row}"),
                        source: 1,
                        line: row + 1,
                        skipped: Some("the uid is blank"),
                    },
                );
            }
            let kinds = edges.into_kinds(&[]);
            assert_eq!(kinds.first().map_or(0, |kind| kind.rows), rows);
            let numbers = |rows: &[JudgedRow]| rows.iter().map(|row| row.at.row).collect::<Vec<_>>();
            let found = kinds.first().map(|kind| (numbers(&kind.first), numbers(&kind.last)));
            assert_eq!(found.unwrap_or_default(), (first.to_vec(), last.to_vec()), "{rows}");
            for row in kinds.iter().flat_map(|kind| kind.first.iter().chain(&kind.last)) {
                assert_eq!(row.at.name, format!("pc-{}", row.at.row));
            }
        }
    }
}
