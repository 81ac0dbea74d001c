//! What a service must offer, and what it may answer.

use std::error::Error;
use std::fmt;
use std::num::NonZeroUsize;
use std::time::Duration;

use uuid::Uuid;

use crate::error_kind::ErrorKind;
use crate::outcome::Applied;

/// A service that schedules deletions one batch at a time.
pub trait DeletionService: Send + Sync + 'static {
    /// What identifies a device to this service.
    type Device: Clone + Send + Sync + 'static;

    /// How many devices one attempt may name. The service may turn out to allow fewer
    /// ([`Disposition::TooLarge`]); the engine learns that for itself.
    fn batch_limit(&self) -> NonZeroUsize;

    /// How many of these devices, from the first, one attempt can name, where that depends on more than their number:
    /// on their length, say. One always can.
    fn fitting<'a>(&self, devices: impl Iterator<Item = &'a Self::Device>) -> usize {
        devices.count()
    }

    /// Whether requests carry an attempt's [`request_id`](Attempt::request_id). If they do not, that id is not
    /// reported: the service could not find a request by it.
    fn sends_request_ids(&self) -> bool {
        true
    }

    /// One attempt: at most one request that asks for a deletion.
    ///
    /// # Errors
    ///
    /// What the failure means for the batch and whether the service may have acted on it.
    fn submit(
        &self,
        batch: &[&Self::Device],
        attempt: &Attempt,
    ) -> impl Future<Output = Result<Receipt, SubmitError>> + Send;

    /// Like [`submit`](Self::submit), but cancels the request if `called_off` is ready before it has been sent; the error
    /// says so. A request that has been sent always runs until its reply. A run cancels in this way when its caller has
    /// dropped it.
    ///
    /// The default implementation is `submit`: it cancels nothing.
    ///
    /// # Errors
    ///
    /// As `submit`, and that the attempt was called off, which is certainly not applied.
    fn submit_unless(
        &self,
        batch: &[&Self::Device],
        attempt: &Attempt,
        called_off: impl Future<Output = ()> + Send,
    ) -> impl Future<Output = Result<Receipt, SubmitError>> + Send {
        drop(called_off);
        self.submit(batch, attempt)
    }
}

/// One request for a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Attempt {
    /// Sent as `x-request-id`, where the service knows such ids, and fresh for every attempt: it correlates, and promises
    /// nothing.
    pub request_id: Uuid,
    /// Which batch of the run, from 1. A batch that is sent again keeps its number, its halves get their own.
    pub batch: u64,
    /// Which attempt for this batch, from 1.
    pub number: u32,
}

/// Status, code and ids of an exchange, kept on success and on every failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(default))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Trail {
    /// The service's status number for the exchange, if it answered.
    pub status: Option<u16>,
    /// The service's machine-readable error code, character for character.
    pub code: Option<String>,
    /// The request id the service answered with.
    pub request_id: Option<String>,
    /// The request id that the request was sent with. None where no request left, or the service is sent none.
    pub sent_id: Option<String>,
    /// The trace id the service answered with.
    pub trace_id: Option<String>,
}

impl Trail {
    /// The id by which the service finds the request: the one it answered with, or else the one it was sent.
    #[must_use]
    pub fn known_request_id(&self) -> Option<&str> {
        self.request_id.as_deref().or(self.sent_id.as_deref())
    }
}

/// An accepted batch: the service's answer for each of its devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// One entry per device, in the order of the batch. The engine treats a receipt of any other length as
    /// undecodable.
    pub entries: Vec<Entry>,
    /// What was odd about the reply without changing what is claimed.
    pub anomalies: Vec<Anomaly>,
    /// Status, code and ids of the reply.
    pub trail: Trail,
}

/// The service's answer for one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it comes to.
    pub status: EntryStatus,
    /// Why, where the status does not say it.
    pub detail: Option<String>,
    /// The service's own word, where the status does not say it.
    pub code: Option<String>,
}

impl Entry {
    /// An entry without detail or code.
    #[must_use]
    pub const fn of(status: EntryStatus) -> Self {
        Self {
            status,
            detail: None,
            code: None,
        }
    }
}

/// What a receipt may say of one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryStatus {
    /// The deletion is queued.
    Scheduled,
    /// The entry is malformed and was left out. Not applied.
    Invalid,
    /// The service could not schedule it. Not applied; worth another try.
    Failed,
    /// The reply does not say, or not in words we know.
    Unknown,
}

impl EntryStatus {
    /// Whether the service may have acted on this device.
    #[must_use]
    pub const fn applied(self) -> Applied {
        match self {
            Self::Scheduled => Applied::Yes,
            Self::Invalid | Self::Failed => Applied::No,
            Self::Unknown => Applied::Maybe,
        }
    }
}

/// Something odd about a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Anomaly {
    /// What kind of oddity.
    pub kind: AnomalyKind,
    /// What exactly, in a sentence for a person.
    pub detail: String,
}

/// The kinds of oddity a reply can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "kebab-case")
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum AnomalyKind {
    /// A device of the batch has no entry.
    MissingEntry,
    /// Entries for one device disagree.
    DisagreeingEntries,
    /// More than one entry for one device, all saying the same.
    RepeatedEntry,
    /// An entry carries the uid of a device of the batch and quite another name.
    OtherName,
    /// An entry for a device that was not asked for.
    ForeignEntry,
    /// A uid or name came back differing only in case or in outer space.
    RespelledEntry,
    /// A status word that is not documented, or none.
    UnheardOfStatus,
    /// The reply's count does not agree with its entries.
    WrongCount,
    /// The reply's overall status is not the documented one.
    OtherOverallStatus,
    /// An entry, or a field of it, cannot be read. What it may speak of stays unknown.
    UnreadableEntry,
    /// A key stands more than once in the same object.
    RepeatedKey,
    /// A value that can be read is of another JSON type than the documented one.
    OddValue,
}

impl AnomalyKind {
    /// Its name in the ledger.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingEntry => "missing-entry",
            Self::DisagreeingEntries => "disagreeing-entries",
            Self::RepeatedEntry => "repeated-entry",
            Self::OtherName => "other-name",
            Self::ForeignEntry => "foreign-entry",
            Self::RespelledEntry => "respelled-entry",
            Self::UnheardOfStatus => "unheard-of-status",
            Self::WrongCount => "wrong-count",
            Self::OtherOverallStatus => "other-overall-status",
            Self::UnreadableEntry => "unreadable-entry",
            Self::RepeatedKey => "repeated-key",
            Self::OddValue => "odd-value",
        }
    }
}

impl fmt::Display for AnomalyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An attempt that brought no receipt.
#[derive(Debug)]
pub struct SubmitError {
    /// What went wrong, for whoever reads how the run went.
    pub kind: ErrorKind,
    /// What it asks of the engine.
    pub disposition: Disposition,
    /// What happened, in one lowercase sentence without a header or a token; the service's own message, if it gave one,
    /// follows, escaped and cut.
    pub detail: String,
    /// What the service called the exchange, as far as it answered.
    pub trail: Trail,
    /// The first KiB of a reply that was not understood.
    pub body_head: Option<String>,
    /// What the facade knows beyond that.
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl SubmitError {
    /// Whether the service may have acted.
    #[must_use]
    pub const fn applied(&self) -> Applied {
        self.disposition.applied()
    }
}

impl fmt::Display for SubmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl Error for SubmitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

/// What an error asks of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// The service was not reached. Not applied; try again after a pause.
    Backoff,
    /// The service asks for fewer requests. Not applied; all attempts wait, for the time in the reply if it has one.
    Throttled(Option<Duration>),
    /// The authorization was refused and another can be had. Not applied.
    Reauthenticate,
    /// More devices than the service takes at once. Not applied.
    TooLarge,
    /// Some device of the batch makes the service refuse all of it. Not applied.
    Poisoned,
    /// Nothing that another attempt could mend. Not applied.
    Stop,
    /// As [`Stop`](Self::Stop), but the service may have acted on this attempt.
    AmbiguousStop,
    /// The service may or may not have acted.
    Ambiguous,
}

impl Disposition {
    /// Whether the service may have acted on the attempt.
    #[must_use]
    pub const fn applied(self) -> Applied {
        match self {
            Self::Ambiguous | Self::AmbiguousStop => Applied::Maybe,
            Self::Backoff
            | Self::Throttled(_)
            | Self::Reauthenticate
            | Self::TooLarge
            | Self::Poisoned
            | Self::Stop => Applied::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_oddity_has_the_word_that_stands_in_ledgers() {
        for (kind, word) in [
            (AnomalyKind::MissingEntry, "missing-entry"),
            (AnomalyKind::DisagreeingEntries, "disagreeing-entries"),
            (AnomalyKind::RepeatedEntry, "repeated-entry"),
            (AnomalyKind::OtherName, "other-name"),
            (AnomalyKind::ForeignEntry, "foreign-entry"),
            (AnomalyKind::RespelledEntry, "respelled-entry"),
            (AnomalyKind::UnheardOfStatus, "unheard-of-status"),
            (AnomalyKind::WrongCount, "wrong-count"),
            (AnomalyKind::OtherOverallStatus, "other-overall-status"),
            (AnomalyKind::UnreadableEntry, "unreadable-entry"),
            (AnomalyKind::RepeatedKey, "repeated-key"),
            (AnomalyKind::OddValue, "odd-value"),
        ] {
            assert_eq!(kind.to_string(), word);
        }
    }

    #[test]
    fn an_error_says_what_happened_and_then_what_lies_under_it() {
        let error = SubmitError {
            kind: ErrorKind::Unreachable,
            disposition: Disposition::Backoff,
            detail: "the service was not reached".to_owned(),
            trail: Trail::default(),
            body_head: None,
            source: Some("no route".into()),
        };
        assert_eq!(error.to_string(), "the service was not reached");
        assert_eq!(
            crate::error_chain::chain(&error),
            "the service was not reached: no route"
        );
    }
}
