//! Compares the values of the columns with the header.
//!
//! An inventory has several ids of a device and of other things, and its columns may have any name. So every column is
//! watched while rows are read: a second column with ids of its own makes the list ambiguous. Memory is a few counts
//! and one sample for each column.

use crate::columns::{Columns, UID_FLAG, Wanted, listed};
use crate::error::{Error, ErrorKind};
use crate::headers::Headers;
use crate::ids::Likeness;
use crate::visible::sample;

/// Watches the values of the columns.
#[derive(Debug)]
pub(crate) struct Doubt {
    names: Headers,
    chosen: usize,
    name: Option<usize>,
    /// Those that are not the chosen one; empty where a person chose it.
    others: Vec<Other>,
    /// Values of the chosen column that are not blank.
    filled: u64,
    /// Those of them that are an id.
    ids: u64,
    /// Those of them by which the service knows a device as well.
    keys: u64,
    last: Likeness,
}

/// A column that is not the chosen one.
#[derive(Debug)]
struct Other {
    at: usize,
    filled: u64,
    ids: u64,
    /// The first row in which it holds the id of another device than the chosen column, with both values.
    differs: Option<(u64, String, String)>,
}

impl Doubt {
    /// Nothing is watched without a column of uids. What a person has named leaves no doubt: with the column of uids none
    /// is left, with that of names none about it.
    pub(crate) fn new(wanted: &Wanted, columns: Columns, headers: usize) -> Option<Self> {
        let chosen = columns.uid?;
        let is_watched =
            |at: usize| at != chosen && wanted.uid.is_none() && (wanted.name.is_none() || Some(at) != columns.name);
        let others = (0..headers).filter(|&at| is_watched(at)).map(|at| Other {
            at,
            filled: 0,
            ids: 0,
            differs: None,
        });
        Some(Self {
            names: wanted.headers,
            chosen,
            name: columns.name,
            others: others.collect(),
            filled: 0,
            ids: 0,
            keys: 0,
            last: Likeness::Blank,
        })
    }

    /// Looks at a row.
    pub(crate) fn see<'a>(&mut self, line: u64, field: impl Fn(usize) -> &'a str) {
        let uid = field(self.chosen);
        let own = Likeness::of(self.names, uid);
        self.filled += u64::from(own != Likeness::Blank);
        self.ids += u64::from(own.id().is_some());
        self.keys += u64::from(own == Likeness::Key);
        self.last = own;
        for other in &mut self.others {
            let value = field(other.at);
            let found = Likeness::of(self.names, value);
            other.filled += u64::from(found != Likeness::Blank);
            if let Some(id) = found.id() {
                other.ids += 1;
                if other.differs.is_none() && own.id() != Some(id) && own != Likeness::Key {
                    other.differs = Some((line, sample(uid), sample(value)));
                }
            }
        }
    }

    /// Whether the uid of the last row is none where all before it are: it may have been cut.
    pub(crate) fn last_is_odd(&self) -> bool {
        self.last == Likeness::Other && self.ids > 0 && self.ids + self.keys + 1 == self.filled
    }

    /// What is to be said once every row was seen.
    pub(crate) fn judge(&self, file: &str, headers: &[String]) -> Result<(), Error> {
        let found: Vec<_> = self
            .others
            .iter()
            .filter_map(|other| Some((other, self.evidence(other)?)))
            .collect();
        let Some((first, (line, uid, value))) = found.first() else {
            return Ok(());
        };
        let what = match self.names {
            Headers::Nexthink => "UUIDs",
            Headers::Ubidots => "ids of 24 hexadecimal digits",
        };
        let chosen = listed([&headers[self.chosen]]);
        let other = listed([&headers[first.at]]);
        let message = if self.ids > 0 {
            let more = match found.len() {
                1 => String::new(),
                _ => format!(
                    "; so do {}",
                    listed(found[1..].iter().map(|(other, _)| &headers[other.at]))
                ),
            };
            format!(
                "two columns hold {what}, and they do not agree: {chosen} (here `{uid}`) and {other} (here \
                 `{value}`){more}"
            )
        } else {
            format!(
                "the columns look swapped: {chosen} holds no {what} (here `{uid}`), and {other} does (here `{value}`)"
            )
        };
        Err(Error::new(
            ErrorKind::AmbiguousColumn,
            file,
            message,
            format!("name the column of the devices with {UID_FLAG}"),
        )
        .at_line(*line))
    }

    /// A row that shows that the column may be the one that was meant, if it may be.
    fn evidence<'o>(&self, other: &'o Other) -> Option<&'o (u64, String, String)> {
        // A few devices are called by an id, and a column of names is still one of names.
        let is_column_of_ids = if Some(other.at) == self.name {
            other.ids * 2 > other.filled
        } else {
            other.ids * 10 >= other.filled
        };
        let is_by_label = self.names == Headers::Ubidots && self.ids == 0 && (self.keys > 0 || self.filled == 0);
        other.differs.as_ref().filter(|_| is_column_of_ids && !is_by_label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
    const B: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
    const C: &str = "11111111-2222-4333-8444-555555555555";
    const NIL: &str = "00000000-0000-0000-0000-000000000000";
    const ID: &str = "5f1d7f4e4763e75a1b2c3d4e";
    const OTHER: &str = "5f1d7f4e4763e75a1b2c3d4f";

    /// Columns are the uid, the name and another one.
    fn doubt(names: Headers, rows: &[[&str; 3]]) -> Option<String> {
        let headers = ["uid", "name", "x"].map(str::to_owned);
        let columns = Columns {
            uid: Some(0),
            name: Some(1),
        };
        let judge = |uid: Option<&str>, name: Option<&str>| {
            let wanted = Wanted {
                headers: names,
                uid: uid.map(str::to_owned),
                name: name.map(str::to_owned),
            };
            let mut doubt = Doubt::new(&wanted, columns, headers.len()).expect("a column of uids");
            for (row, line) in rows.iter().zip(2..) {
                doubt.see(line, |at| row[at]);
            }
            doubt.judge("f", &headers).err().map(|error| error.to_string())
        };
        assert_eq!(judge(Some("uid"), None), None, "a person has named the column");
        if let Some(error) = judge(None, Some("name")) {
            assert!(!error.contains("`name`"), "a person has named that column: {error}");
        }
        judge(None, None)
    }

    #[test]
    fn another_column_of_uuids_leaves_a_doubt_and_a_few_of_them_do_not() {
        let agree = |uid: &str, value: &str, line: u64| {
            Some(format!(
                "f, line {line}: two columns hold UUIDs, and they do not agree: `uid` (here `{uid}`) and `x` (here \
                 `{value}`)"
            ))
        };
        let swapped = |uid: &str, column: &str, value: &str| {
            Some(format!(
                "f, line 2: the columns look swapped: `uid` holds no UUIDs (here `{uid}`), and `{column}` does \
                 (here `{value}`)"
            ))
        };
        let many = |rows: &[[&'static str; 3]]| rows.repeat(4);
        let shouted = A.to_uppercase();
        for (rows, expected) in [
            (vec![[A, "PC-1", B]], agree(A, B, 2)),
            (vec![[A, "PC-1", ""], [B, "PC-2", C]], agree(B, C, 3)),
            (vec![[A, "PC-1", "n/a"], [B, "PC-2", C]], agree(B, C, 3)),
            (vec![[A, "PC-1", A], [B, "PC-2", C]], agree(B, C, 3)),
            (
                vec![[A, "PC-1", " {7C9E6679-7425-40DE-944B-E07FC1F90AE7}"]],
                agree(A, " {7C9E6679-7425-40DE-944B-E07FC1F90AE7}", 2),
            ),
            (vec![["PC-1", A, "x"]], swapped("PC-1", "name", A)),
            (vec![["PC-1", "y", A]], swapped("PC-1", "x", A)),
            (vec![["", "y", A]], swapped("", "x", A)),
            (vec![[NIL, "y", A]], swapped(NIL, "x", A)),
            // The same device, twice named.
            (vec![[A, "PC-1", &shouted], [B, "PC-2", B]], None),
            (vec![[A, "PC-1", NIL]], None),
            (vec![[A, "PC-1", "x"]], None),
            (vec![["PC-1", "PC-1", "x"]], None),
            // One device is called by a UUID.
            ([many(&[[A, "PC", ""]]), vec![[A, B, ""]]].concat(), None),
            (
                [many(&many(&many(&[[A, "PC", "a tag"]]))), vec![[A, "PC", B]]].concat(),
                None,
            ),
            (vec![], None),
        ] {
            assert_eq!(doubt(Headers::Nexthink, &rows), expected, "{rows:?}");
        }
    }

    #[test]
    fn of_ubidots_another_column_of_ids_does_and_labels_are_no_doubt() {
        let text = "two columns hold ids of 24 hexadecimal digits";
        for (rows, expected) in [
            (vec![[ID, "pump", OTHER]], Some(text)),
            (vec![[ID, OTHER, ""]], Some(text)),
            (
                vec![["{\"id\":\"5f1d7f4e4763e75a1b2c3d4e\"}", "pump", OTHER]],
                Some(text),
            ),
            (vec![["pump", "pump", ID]], Some("the columns look swapped")),
            (vec![["~pump", "", ID]], None),
            (vec![["", "pump", ID]], None),
            (vec![[ID, "pump", ID]], None),
            (vec![[ID, "pump", A]], None),
        ] {
            let found = doubt(Headers::Ubidots, &rows);
            assert_eq!(found.is_some(), expected.is_some(), "{rows:?}");
            assert!(
                found.unwrap_or_default().contains(expected.unwrap_or_default()),
                "{rows:?}"
            );
        }
    }
}
