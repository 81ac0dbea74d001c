//! Resolves labels to ids before a plan is frozen.
//!
//! A Ubidots device that still sends data is created again under its label, with another id. So a reviewed plan must
//! hold ids: the account's listing is compared with the rows once, and no label is looked up afterwards.

use crate::model::{Error, ErrorKind, Resolved};
use crate::planning::draft::{Draft, Labels};
use crate::rules::{Sent, is_blank, protect_key};
use crate::store::draft::{labels, protect, rows, unknown_labels};

/// The devices of the account are being told, all of them, to a draft that has rows with a label alone.
///
/// Dropped before [`finish`](Self::finish), as when the listing fails half way, it has resolved nothing: a listing with a
/// gap would call devices unknown that are there, and one of two that share a label the only one.
#[derive(Debug)]
#[must_use = "labels are resolved when it is finished"]
pub struct Resolution<'d> {
    draft: &'d mut Draft,
}

impl Draft {
    /// How many rows have a label alone and have to be [resolved](Self::resolve_labels) before the plan is frozen.
    #[must_use]
    pub const fn unresolved(&self) -> u64 {
        self.unresolved
    }

    /// How many rows may be protected by a label that is not known yet: a protect list names labels, and what label a
    /// device has today only the account knows; one that stands in a row may have been changed since. None once the
    /// devices of the account were told ([`resolve_labels`](Self::resolve_labels)), and for a service whose rows always
    /// have a name.
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

    /// Begins to resolve the labels of the rows that have no id, after the last input and the last protected device.
    ///
    /// Every device of the account has to be told, once or more often, also where its label is none of the rows': the
    /// labels are compared with the protect lists, too. If a protect list may name labels, every planned id has to be told
    /// with a label or as absent: see [`Resolution::undecided`]. Memory stays flat. One that was dropped before it was
    /// finished may be begun again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inconsistent`] while an input is open, once labels are resolved, and for a service that is not asked by id
    /// alone; an I/O error.
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
    /// Tells one device of the account. The same one may be told again.
    ///
    /// A label that is blank or invisible is none: the device is [undecided](Self::undecided) as before.
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

    /// Tells that the account has no device with this id, on better evidence than that a list lacks it: it has no label
    /// that could protect it.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn absent(&mut self, id: &str) -> Result<(), Error> {
        let rules = self.draft.settings.service.rules();
        unknown_labels::decide(self.draft.file.connection()?, rules, id)
    }

    /// The ids of planned devices that a label might protect, and that were neither told with a label nor as
    /// [absent](Self::absent): the first `limit` of them in order, behind `after`. A list that changes while it is read can
    /// hide a device, so ask for these by id. None where no protect list may name a label.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn undecided(&self, after: &str, limit: u64) -> Result<Vec<String>, Error> {
        unknown_labels::after(self.draft.file.connection()?, after, limit)
    }

    /// How many ids are [undecided](Self::undecided).
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn undecided_count(&self) -> Result<u64, Error> {
        unknown_labels::count(self.draft.file.connection()?)
    }

    /// All devices of the account were told: gives each row its id, or the reason why it has none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inconsistent`] while ids are [undecided](Self::undecided); an I/O error. The labels are not resolved
    /// then.
    pub fn finish(self) -> Result<Resolved, Error> {
        let connection = self.draft.file.connection()?;
        unknown_labels::check(connection)?;
        let resolved = labels::resolve(connection)?;
        self.draft.unresolved = 0;
        self.draft.labels = Labels::Resolved;
        Ok(resolved)
    }
}
