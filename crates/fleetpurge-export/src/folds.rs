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
    is_full: bool,
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
        self.is_full |= self.rows.len() >= MOST;
        if !self.is_full {
            let before = self.rows.last().map_or(self.above, |(_, differ)| *differ);
            self.rows.push((line, before + lines - 1));
        }
    }

    /// The row of the line, if a spreadsheet shows another number.
    pub(crate) fn row(&self, line: u64) -> Option<u64> {
        let at = self.rows.partition_point(|(begins, _)| *begins < line);
        let differ = at
            .checked_sub(1)
            .and_then(|at| self.rows.get(at))
            .map_or(self.above, |(_, differ)| *differ);
        let row = line.checked_sub(differ)?;
        (differ > 0 && row > 0 && !self.is_full).then_some(row)
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
        for (line, expected) in [(1, None), (2, None), (5, Some(3)), (6, Some(4)), (8, Some(5))] {
            assert_eq!(folds.row(line), expected, "{line}");
        }
        assert_eq!(Folds::below(1).row(1), None);
        assert_eq!(Folds::below(1).row(2), Some(1));
    }
}
