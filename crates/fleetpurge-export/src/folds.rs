//! Which row of a spreadsheet a line of CSV is: a row with a break in quotes is several lines and one row.

/// So many rows of several lines are remembered.
const MOST: usize = 100_000;

/// The rows that are several lines.
#[derive(Debug, Default)]
pub(crate) struct Folds {
    /// Lines at the top that a spreadsheet does not show.
    above: u64,
    /// The line on which such a row begins, and by how many the numbers differ below it.
    rows: Vec<(u64, u64)>,
    /// Whether there are more, or others that were not counted: the numbers are not known then.
    is_unknown: bool,
}

impl Folds {
    /// A spreadsheet obeys the first lines of a file, and does not show them.
    pub(crate) fn below(above: u64) -> Self {
        Self {
            above,
            ..Self::default()
        }
    }

    /// A row begins on this line and takes so many.
    pub(crate) fn add(&mut self, line: u64, lines: u64) {
        if lines < 2 {
            return;
        }
        self.is_unknown |= self.rows.len() >= MOST;
        if !self.is_unknown {
            let before = self.before(self.rows.len());
            self.rows.push((line, before + lines - 1));
        }
    }

    /// Lines were passed over that may be fewer rows.
    pub(crate) fn lose_count(&mut self) {
        self.is_unknown = true;
    }

    /// By how many the numbers differ where the row at this place in the list begins.
    fn before(&self, at: usize) -> u64 {
        let above = at.checked_sub(1).and_then(|at| self.rows.get(at));
        above.map_or(self.above, |(_, differ)| *differ)
    }

    /// The row of the line, if a spreadsheet shows another number.
    pub(crate) fn row(&self, line: u64) -> Option<u64> {
        let at = self.rows.partition_point(|(begins, _)| *begins < line);
        let above = at.checked_sub(1).and_then(|at| Some((at, self.rows.get(at)?)));
        let row = match above {
            // It is a line of that row, which has one number.
            Some((at, (begins, differ))) if line <= begins + differ - self.before(at) => begins - self.before(at),
            Some((_, (_, differ))) => line - differ,
            None => line.checked_sub(self.above)?,
        };
        (row != line && row > 0 && !self.is_unknown).then_some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_several_lines_is_one_row() {
        let mut folds = Folds::default();
        for (line, lines) in [(1, 1), (2, 3), (5, 1), (6, 2)] {
            folds.add(line, lines);
        }
        for (line, expected) in [
            (1, None),
            (2, None),
            (3, Some(2)),
            (4, Some(2)),
            (5, Some(3)),
            (6, Some(4)),
            (7, Some(4)),
            (8, Some(5)),
        ] {
            assert_eq!(folds.row(line), expected, "{line}");
        }
        let mut long = Folds::default();
        long.add(2, 10);
        for (line, expected) in [(2, None), (3, Some(2)), (11, Some(2)), (12, Some(3))] {
            assert_eq!(long.row(line), expected, "{line}");
        }
        assert_eq!(Folds::below(1).row(1), None);
        assert_eq!(Folds::below(1).row(2), Some(1));
        folds.lose_count();
        assert_eq!(folds.row(8), None);
    }
}
