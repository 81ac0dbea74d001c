//! Why a draft did not become a plan.

use std::fmt;
use std::sync::Mutex;

use crate::model::{
    AmbiguousRow, Error, NamesFiltered, Protection, RowAt, Service, UnmatchedEntry, UnmatchedNames, UnmatchedProtect,
    UnusableInput, Words,
};
use crate::rules::Malformed;
use crate::store::draft::file::DraftFile;
use crate::store::draft::{commented_out, duplicates, labels, listing, protect_entries};

/// Why a draft did not become a plan.
#[derive(Debug)]
pub enum FreezeError {
    /// The plan is refused because of its rows.
    Refused(Box<PlanRefused>),
    /// An I/O error.
    Failed(Error),
}

/// A plan that is refused because of its rows. It has all findings; no plan was written.
#[derive(Debug)]
pub struct PlanRefused {
    /// The number of uids (ids) with more than one name (label). Zero if conflicts are skipped.
    pub conflicts: u64,
    /// The rows of the first few of them, by first appearance, grouped by conflict.
    pub conflicts_first: Vec<RowAt>,
    /// The number of labels without an id that more than one device has. Zero if conflicts are skipped.
    pub ambiguous_labels: u64,
    /// The rows of the first few of them, by first appearance, grouped by label.
    pub ambiguous_first: Vec<AmbiguousRow>,
    /// The number of devices that are commented out in one row and listed in another. Zero if conflicts are skipped.
    pub recalled: u64,
    /// The rows of the first few of them, including the commented-out one, grouped by device.
    pub recalled_first: Vec<RowAt>,
    /// The number of malformed uids: for Nexthink with strict validation only, for Ubidots always.
    pub malformed: u64,
    /// The first few of them.
    pub malformed_first: Vec<RowAt>,
    /// The inputs without any uid that could belong to a device: probably the wrong column was chosen. With
    /// [`UidValidation::Permissive`](crate::UidValidation), malformed uids are accepted, but uids of zeros are not.
    pub unusable_inputs: Vec<UnusableInput>,
    /// The result of the protect lists. An invalid pattern always refuses the plan; an entry that protects no row
    /// refuses it unless that is [allowed](Self::has_unmatched_protect).
    pub protection: Protection,
    /// The result of the patterns for names. A pattern that matches no row refuses the plan unless that is
    /// [allowed](Self::has_unmatched_names); rows without a name always do, if a pattern excludes names.
    pub names: NamesFiltered,
    /// The number of devices that the plan would send.
    pub to_send: u64,
    /// The number of devices that it may send.
    pub max_devices: u64,
    pub(crate) unmatched_protect: UnmatchedProtect,
    pub(crate) unmatched_names: UnmatchedNames,
    pub(crate) service: Service,
    pub(crate) malformed_rule: Malformed,
    pub(crate) draft: Mutex<DraftFile>,
}

impl PlanRefused {
    /// Whether the plan would send more devices than allowed.
    #[must_use]
    pub const fn is_over_cap(&self) -> bool {
        self.to_send > self.max_devices
    }

    /// Whether the plan would send nothing, and nothing else refuses it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.to_send == 0 && self.conflicts == 0 && self.ambiguous_labels == 0 && self.recalled == 0
    }

    /// Whether the plan is refused because entries of a protect list protect no row.
    #[must_use]
    pub const fn has_unmatched_protect(&self) -> bool {
        self.protection.unmatched > 0 && matches!(self.unmatched_protect, UnmatchedProtect::Refuse)
    }

    /// Whether the plan is refused because patterns for names match no row.
    #[must_use]
    pub fn has_unmatched_names(&self) -> bool {
        self.unmatched_names == UnmatchedNames::Refuse && self.names.unmatched().next().is_some()
    }

    /// Calls `visit` with every entry of the protect lists that protects no row, in input order.
    ///
    /// # Errors
    ///
    /// The draft could not be read, or the error of `visit`.
    pub fn each_unmatched<E: From<Error>>(&self, visit: impl FnMut(UnmatchedEntry) -> Result<(), E>) -> Result<(), E> {
        self.each_entry(protect_entries::UNMATCHED, visit)
    }

    /// Calls `visit` with every entry of the protect lists that is not a valid pattern, in input order.
    ///
    /// # Errors
    ///
    /// As for [`each_unmatched`](Self::each_unmatched).
    pub fn each_invalid_pattern<E: From<Error>>(
        &self,
        visit: impl FnMut(UnmatchedEntry) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each_entry(protect_entries::INVALID_PATTERNS, visit)
    }

    fn each_entry<E: From<Error>>(
        &self,
        condition: &str,
        visit: impl FnMut(UnmatchedEntry) -> Result<(), E>,
    ) -> Result<(), E> {
        let draft = self.draft.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        protect_entries::each_entry(draft.connection()?, &self.protection.lists, condition, visit)
    }

    /// Calls `visit` with the number of the conflict (from 1) and the row, for every row of every conflict: grouped
    /// by conflict, in input order.
    ///
    /// # Errors
    ///
    /// The draft could not be read, or the error of `visit`.
    pub fn each_conflict<E: From<Error>>(&self, visit: impl FnMut(u64, RowAt) -> Result<(), E>) -> Result<(), E> {
        let draft = self.draft.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        duplicates::each_conflict(draft.connection()?, visit)
    }

    /// Calls `visit` with the number of the device (from 1) and the row, for every row of a device that is commented
    /// out in one row and listed in another: grouped by device, in input order.
    ///
    /// # Errors
    ///
    /// The draft could not be read, or the error of `visit`.
    pub fn each_recalled<E: From<Error>>(&self, visit: impl FnMut(u64, RowAt) -> Result<(), E>) -> Result<(), E> {
        let draft = self.draft.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        commented_out::each(draft.connection()?, visit)
    }

    /// Calls `visit` with the number of the label (from 1) and the row, for every row whose label more than one
    /// device has: grouped by label, in input order.
    ///
    /// # Errors
    ///
    /// The draft could not be read, or the error of `visit`.
    pub fn each_ambiguous<E: From<Error>>(
        &self,
        visit: impl FnMut(u64, AmbiguousRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let draft = self.draft.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        labels::each_ambiguous(draft.connection()?, visit)
    }

    /// Calls `visit` with every row whose uid is malformed, in input order.
    ///
    /// # Errors
    ///
    /// The draft could not be read, or the error of `visit`.
    pub fn each_malformed<E: From<Error>>(&self, visit: impl FnMut(RowAt) -> Result<(), E>) -> Result<(), E> {
        if self.malformed_rule != Malformed::Refuses {
            return Ok(());
        }
        let draft = self.draft.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        listing::each_malformed(draft.connection()?, visit)
    }
}

impl fmt::Display for FreezeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refused) => refused.fmt(f),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FreezeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused(_) => None,
            Self::Failed(error) => error.source(),
        }
    }
}

impl From<Error> for FreezeError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl fmt::Display for PlanRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the plan is refused: ")?;
        let Words { uid, name } = self.service.words();
        let mut reasons = Vec::new();
        if self.has_unmatched_protect() {
            reasons.push(plural(
                self.protection.unmatched,
                "entry of the protect lists matches no row",
                "entries of the protect lists match no row",
            ));
        }
        if self.protection.invalid_patterns > 0 {
            reasons.push(plural(
                self.protection.invalid_patterns,
                "entry of the protect lists is not a valid pattern",
                "entries of the protect lists are not valid patterns",
            ));
        }
        if self.has_unmatched_names() {
            reasons.push(plural(
                self.names.unmatched().count() as u64,
                "pattern for names matches no row",
                "patterns for names match no row",
            ));
        }
        if self.names.unnamed > 0 {
            reasons.push(format!("{} without a {name}", counted(self.names.unnamed, "row")));
        }
        if self.conflicts > 0 {
            reasons.push(format!("{} with more than one {name}", counted(self.conflicts, uid)));
        }
        if self.recalled > 0 {
            reasons.push(format!(
                "{} commented out in one row and listed in another",
                counted(self.recalled, "device")
            ));
        }
        if self.ambiguous_labels > 0 {
            reasons.push(format!(
                "{} of more than one device",
                counted(self.ambiguous_labels, name)
            ));
        }
        if self.malformed > 0 {
            reasons.push(format!("{} malformed", counted(self.malformed, uid)));
        }
        for input in &self.unusable_inputs {
            reasons.push(format!("no uid of {} could be that of a device", input.source));
        }
        if self.is_over_cap() {
            reasons.push(format!(
                "{} devices to send, where {} are allowed",
                self.to_send, self.max_devices
            ));
        }
        if self.is_empty() {
            reasons.push("nothing to send".to_owned());
        }
        f.write_str(&reasons.join(", "))
    }
}

fn counted(count: u64, what: &str) -> String {
    plural(count, what, &format!("{what}s"))
}

fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

impl std::error::Error for PlanRefused {}
