//! Resolves labels to ids before a plan is frozen.
//!
//! A Ubidots device that still sends data is created again under its label, with another id. So a reviewed plan must
//! hold ids: the account's listing is compared with the rows once, and no label is looked up afterwards.

use crate::model::{Error, ErrorKind, Resolved};
use crate::planning::draft::{Draft, Labels};
use crate::rules::{Sent, is_blank, protect_key};
use crate::store::draft::{labels, protect, rows, unknown_labels};

/// Receives all devices of the account, to resolve the rows of a draft that have only a label.
///
/// If it is dropped before [`finish`](Self::finish), because the listing failed, nothing is resolved: with an
/// incomplete listing, an existing device would look unknown, and one of two devices with the same label would look
/// unique.
#[derive(Debug)]
#[must_use = "labels are resolved when it is finished"]
pub struct Resolution<'d> {
    draft: &'d mut Draft,
}

impl Draft {
    /// The number of rows with only a label, which must be [resolved](Self::resolve_labels) before the plan is
    /// frozen.
    #[must_use]
    pub const fn unresolved(&self) -> u64 {
        self.unresolved
    }

    /// The number of rows that a label may protect which is not known yet. If a protect list names labels, only the
    /// account knows the current label of a device; the label in a row may be out of date. Zero after
    /// [`resolve_labels`](Self::resolve_labels), and for a service whose rows always have a name.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn maybe_protected(&self) -> Result<u64, Error> {
        if self.labels == Labels::Resolved || !self.protect.names_labels() {
            return Ok(0);
        }
        rows::count_to_send(self.file.connection()?)
    }

    /// Begins to resolve the labels of rows without an id. Call it after the last input and the last protected
    /// device.
    ///
    /// Pass every device of the account, at least once, even if no row has its label: labels are also compared with
    /// the protect lists. If a protect list may name labels, every planned id must be passed with a label or as
    /// absent: see [`Resolution::undecided`]. Memory stays flat. After a resolution was dropped before its end,
    /// another can begin.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inconsistent`] while an input is open, after labels were resolved, and for a service that takes
    /// more than an id; an I/O error.
    pub fn resolve_labels(&mut self) -> Result<Resolution<'_>, Error> {
        let inconsistent = |message| Err(Error::new(ErrorKind::Inconsistent, message));
        if self.settings.service.rules().sent() != Sent::ById {
            return inconsistent("the devices of this service have no labels to resolve");
        }
        if self.source_is_open {
            return inconsistent("labels were to be resolved before the last input had ended");
        }
        if self.labels == Labels::Resolved {
            return inconsistent("labels were to be resolved for a second time");
        }
        let connection = self.file.connection()?;
        labels::begin(connection)?;
        unknown_labels::begin(connection, self.settings.service.rules(), &self.protect)?;
        Ok(Resolution { draft: self })
    }
}

impl Resolution<'_> {
    /// Passes one device of the account. It may be passed more than once.
    ///
    /// A blank or invisible label counts as no label: the device stays [undecided](Self::undecided).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inconsistent`] for a device without an id, and an I/O error.
    pub fn device(&mut self, id: &str, label: &str) -> Result<(), Error> {
        if is_blank(id) {
            return Err(Error::new(ErrorKind::Inconsistent, "a device of the account has no id"));
        }
        let rules = self.draft.settings.service.rules();
        let connection = self.draft.file.connection()?;
        labels::add_candidate(connection, rules, id, label)?;
        if !self.draft.protect.is_empty() {
            protect::protect_likewise(connection, &self.draft.protect, id, label)?;
        }
        if !protect_key(label).is_empty() {
            unknown_labels::decide(connection, rules, id)?;
        }
        Ok(())
    }

    /// Records that the account has no device with this id, so that no label can protect it. That a list does not
    /// show the device is not enough.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn absent(&mut self, id: &str) -> Result<(), Error> {
        let rules = self.draft.settings.service.rules();
        unknown_labels::decide(self.draft.file.connection()?, rules, id)
    }

    /// The ids of planned devices that a label might protect, and that were passed neither with a label nor as
    /// [absent](Self::absent): in order, the first `limit` of them after `after`. A list that changes while it is
    /// read can hide a device, so ask for these by id. Empty if no protect list names a label.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn undecided(&self, after: &str, limit: u64) -> Result<Vec<String>, Error> {
        unknown_labels::after(self.draft.file.connection()?, after, limit)
    }

    /// The number of [undecided](Self::undecided) ids.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn undecided_count(&self) -> Result<u64, Error> {
        unknown_labels::count(self.draft.file.connection()?)
    }

    /// All devices of the account were passed: gives each row its id, or the reason why it has none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inconsistent`] while ids are [undecided](Self::undecided); an I/O error. In both cases the labels
    /// are not resolved.
    pub fn finish(self) -> Result<Resolved, Error> {
        let connection = self.draft.file.connection()?;
        unknown_labels::check(connection)?;
        let resolved = labels::resolve(connection)?;
        self.draft.unresolved = 0;
        self.draft.labels = Labels::Resolved;
        Ok(resolved)
    }
}
