//! What one service's own pages add to what HTTP says.

use fleetpurge_engine::{Anomaly, Disposition, Entry};

use crate::error::ErrorKind;

/// What a reply that brought no receipt means: what went wrong, what is asked of the engine, and a sentence.
pub type Meaning = (ErrorKind, Disposition, String);

/// What a service's own pages add to what HTTP says.
pub trait Dialect {
    /// The documented reply to a batch that was taken.
    type Accepted;

    /// Whether this status says that a batch was taken.
    fn accepts(&self, status: u16) -> bool;

    /// What the reply says of each device, in the order of the batch, where it is the documented one in its plainest form:
    /// read where it stands. None where it is not, which says nothing about it.
    fn plainly(&self, body: &[u8]) -> Option<Vec<Entry>>;

    /// What the reply says of each device, in the order of the batch; None where it does not say what it should. A derived
    /// decoder takes an array for an object: whether the body has objects where they belong is to be asked of the body.
    fn entries(&self, accepted: Self::Accepted, body: &[u8]) -> Option<(Vec<Entry>, Vec<Anomaly>)>;

    /// What can be read of a body that is not the documented reply to the letter: what it says plainly of a device stands,
    /// whatever is odd beside it.
    ///
    /// # Errors
    ///
    /// It says nothing of any device that can be read; why, in words that follow "a reply that".
    fn leniently(&self, body: &[u8]) -> Result<(Vec<Entry>, Vec<Anomaly>), String>;

    /// What a status or an error code means to this service alone.
    fn own(&self, status: u16, code: Option<&str>) -> Option<Meaning>;
}
