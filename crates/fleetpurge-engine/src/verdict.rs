//! What follows from one answer, and what may be said of a device.

use tokio::time::Instant;

use crate::outcome::{Applied, Outcome, OutcomeKind};
use crate::queue::Rounds;
use crate::tenant::Signal;

/// What the judge must know of a batch that was answered.
#[derive(Clone, Debug)]
pub(crate) struct Facts<'a> {
    /// How often each device was sent before, one entry per device.
    pub(crate) rounds: &'a [Rounds],
    /// How many attempts for this batch in a row found no service before this one.
    pub(crate) unreached: u32,
    /// Whether the attempt followed upon a refused authorization.
    pub(crate) reauthenticated: bool,
    /// When the attempt was started.
    pub(crate) started: Instant,
}

/// What follows from one answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict {
    /// Whether the service may have acted on any device.
    pub(crate) applied: Applied,
    /// What is now known of each device.
    pub(crate) outcomes: Vec<Outcome>,
    /// What is to be done with the devices that are pending.
    pub(crate) follow: Follow,
    /// What the answer says to other runs that delete from the same tenant.
    pub(crate) signal: Signal,
}

/// What is to be done with the devices of a batch that are still pending.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Follow {
    /// Nothing: none is, or the run has stopped.
    Nothing,
    /// The whole batch again, as soon as anything may start: what it has to wait for holds up everything.
    Again(Again),
    /// As two halves.
    Halves,
    /// Some of them on their own, not before the instant: what each gets, one entry per device.
    Part { at: Instant, again: Vec<Resend> },
    /// The device was refused, but the service has accepted nothing yet: it waits for the first receipt.
    Withheld,
}

/// Whether a device of a batch is sent again, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resend {
    No,
    /// The service said that it failed.
    Failed,
    /// It left open whether it acted, and the policy says to send again.
    Unknown,
}

/// Why a whole batch is sent again, which its next verdict must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// The service was not reached.
    Unreached,
    /// It asked to wait.
    Throttled,
    /// The authorization was refused.
    Reauthenticated,
}

/// What may be said of a device: that an attempt was certainly not applied says nothing of an earlier one that may have
/// been.
pub(crate) fn honest(outcome: Outcome, rounds: Rounds) -> Outcome {
    match outcome.kind {
        OutcomeKind::Pending | OutcomeKind::Failed | OutcomeKind::Rejected if rounds.may_be_applied => Outcome {
            kind: OutcomeKind::Unknown,
            detail: Some(match outcome.detail {
                Some(detail) => format!("an earlier attempt may have been applied; of this one: {detail}"),
                None => "an earlier attempt may have been applied".to_owned(),
            }),
            code: outcome.code,
        },
        _ => outcome,
    }
}

/// The outcome of a device that the service refuses.
pub(crate) fn rejected(detail: String, code: Option<String>) -> Outcome {
    Outcome::because(OutcomeKind::Rejected, detail).with_code(code)
}
