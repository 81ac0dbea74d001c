//! The result of a query: a file that is there as long as this is.

use std::fs::File;
use std::io::{self, Seek};

use jiff::Timestamp;
use nexthink_nql::{Parameters, QueryId};

/// The whole result of a query.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(super) file: File,
    /// How a plan and its reports call it.
    pub(crate) name: String,
    /// How many rows it has, without the heading.
    pub(crate) rows: u64,
    /// The SHA-256 of what came, uncompressed.
    pub(crate) sha256: String,
}

impl Answer {
    /// What came, uncompressed and otherwise byte for byte, from its beginning.
    pub(crate) fn open(&self) -> io::Result<File> {
        let mut file = self.file.try_clone()?;
        file.rewind()?;
        Ok(file)
    }
}

/// A query, its parameters and when it was run, as a person reads it.
pub(super) fn name(query: &QueryId, parameters: &Parameters, at: Timestamp) -> String {
    let values: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let values = if values.is_empty() {
        String::new()
    } else {
        format!(" ({})", values.join(", "))
    };
    format!("query {query}{values} of {}", at.strftime("%Y-%m-%dT%H:%M:%SZ"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_called_by_its_query_its_parameters_and_its_time() {
        let query = QueryId::new("#stale_devices").unwrap();
        let at = "2026-11-26T22:03:04.5Z".parse().unwrap();
        assert_eq!(
            name(&query, &Parameters::default(), at),
            "query #stale_devices of 2026-11-26T22:03:04Z"
        );
        let parameters = Parameters::default()
            .with("days", "90")
            .unwrap()
            .with("os", "win")
            .unwrap();
        assert_eq!(
            name(&query, &parameters, at),
            "query #stale_devices (days=90, os=win) of 2026-11-26T22:03:04Z"
        );
    }
}
