//! A saved query over the inventory.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::device::Device;

/// A column of a query's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryColumn {
    /// `device.uid`: the uid of the inventory.
    Uid,
    /// `device.collector.uid`: another UUID, made of the uid.
    CollectorUid,
    /// `device.name`.
    Name,
}

/// A saved query over the inventory: which devices it lists, and what of each.
#[derive(Debug, Clone)]
pub struct SavedQuery {
    prefix: String,
    parameter: Option<String>,
    columns: Vec<QueryColumn>,
    fixed: Option<String>,
}

impl Default for SavedQuery {
    fn default() -> Self {
        Self::all()
    }
}

impl SavedQuery {
    /// Lists `device.uid` and `device.name` of every device.
    #[must_use]
    pub fn all() -> Self {
        Self {
            prefix: String::new(),
            parameter: None,
            columns: vec![QueryColumn::Uid, QueryColumn::Name],
            fixed: None,
        }
    }

    /// Lists this, whatever the inventory has: a CSV text with its heading.
    #[must_use]
    pub fn fixed(csv: impl Into<String>) -> Self {
        Self {
            fixed: Some(csv.into()),
            ..Self::all()
        }
    }

    /// Lists the devices whose names begin so.
    #[must_use]
    pub fn name_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Has a parameter of this name: a device's name begins with its value, too. Without a value it lists none.
    #[must_use]
    pub fn prefix_parameter(mut self, name: impl Into<String>) -> Self {
        self.parameter = Some(name.into());
        self
    }

    /// Lists these columns.
    #[must_use]
    pub fn columns(mut self, columns: impl IntoIterator<Item = QueryColumn>) -> Self {
        self.columns = columns.into_iter().collect();
        self
    }

    /// The result as CSV, each line with its end.
    pub(super) fn run(&self, devices: &[Device], parameters: &BTreeMap<String, String>) -> String {
        if let Some(fixed) = &self.fixed {
            return fixed.clone();
        }
        let headings: Vec<&str> = self
            .columns
            .iter()
            .map(|column| match column {
                QueryColumn::Uid => "device.uid",
                QueryColumn::CollectorUid => "device.collector.uid",
                QueryColumn::Name => "device.name",
            })
            .collect();
        let mut csv = headings.join(",") + "\n";
        let wanted = match &self.parameter {
            None => Some(""),
            Some(name) => parameters.get(name).map(String::as_str),
        };
        let meant = |device: &&Device| {
            device.1.starts_with(&self.prefix) && wanted.is_some_and(|wanted| device.1.starts_with(wanted))
        };
        for (uid, name) in devices.iter().filter(meant) {
            let values: Vec<String> = self
                .columns
                .iter()
                .map(|column| match column {
                    QueryColumn::Uid => quoted(uid),
                    QueryColumn::CollectorUid => quoted(&other_uid(uid)),
                    QueryColumn::Name => quoted(name),
                })
                .collect();
            // Writing to memory does not fail.
            let _ = writeln!(csv, "{}", values.join(","));
        }
        csv
    }
}

/// Another UUID of the same device: its last digit is the next one.
fn other_uid(uid: &str) -> String {
    let mut other: Vec<char> = uid.chars().collect();
    if let Some(last) = other.last_mut() {
        *last = last
            .to_digit(16)
            .and_then(|digit| char::from_digit((digit + 1) % 16, 16))
            .unwrap_or(*last);
    }
    other.into_iter().collect()
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_lists_what_it_means() {
        let device = |uid: &str, name: &str| (uid.to_owned(), name.to_owned());
        let devices = [
            device("00a", "OLD-1"),
            device("00f", "OLD-2, spare"),
            device("00b", "NEW-1"),
        ];
        let none = BTreeMap::new();
        assert_eq!(
            SavedQuery::all().name_prefix("OLD-").run(&devices, &none),
            "device.uid,device.name\n00a,OLD-1\n00f,\"OLD-2, spare\"\n"
        );
        let both = [QueryColumn::Name, QueryColumn::CollectorUid, QueryColumn::Uid];
        assert_eq!(
            SavedQuery::all()
                .name_prefix("OLD-2")
                .columns(both)
                .run(&devices, &none),
            "device.name,device.collector.uid,device.uid\n\"OLD-2, spare\",000,00f\n"
        );
        let by_parameter = SavedQuery::all().prefix_parameter("prefix");
        let given = BTreeMap::from([("prefix".to_owned(), "NEW".to_owned())]);
        assert_eq!(
            by_parameter.run(&devices, &given),
            "device.uid,device.name\n00b,NEW-1\n"
        );
        assert_eq!(by_parameter.run(&devices, &none), "device.uid,device.name\n");
    }
}
