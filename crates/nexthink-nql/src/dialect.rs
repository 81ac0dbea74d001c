//! What the pages of this API add to what HTTP says of a request that only reads.

use fleetpurge_engine::{Anomaly, Entry};
use fleetpurge_http::classify::{Dialect, Meaning};

/// Nothing is asked for but what is read, so that no entry is ever looked for.
#[derive(Debug)]
pub(crate) struct Nql;

impl Dialect for Nql {
    type Accepted = ();

    fn accepts(&self, _: u16) -> bool {
        false
    }

    fn plainly(&self, _: &[u8]) -> Option<Vec<Entry>> {
        None
    }

    fn entries(&self, (): (), _: &[u8]) -> Option<(Vec<Entry>, Vec<Anomaly>)> {
        None
    }

    fn leniently(&self, _: &[u8]) -> Result<(Vec<Entry>, Vec<Anomaly>), String> {
        Err("names no device".to_owned())
    }

    fn own(&self, _: u16, _: Option<&str>) -> Option<Meaning> {
        None
    }
}
