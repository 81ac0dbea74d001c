//! What proves a ledger unaltered: digests and checksums. Pure.
//!
//! | module | question it answers |
//! |---|---|
//! | `plan_digest` | what is hashed of a plan and its rows? |
//! | `checksums` | what is hashed of an attempt, of an outcome, of the tally? |
//! | `chain` | what does each commit of a shared plan prove of those before it? |
//! | `verification` | what is hashed of a verification and its sightings? |
//! | `fields` | how are fields hashed so that they cannot run into each other? |

#[cfg(feature = "postgres")]
pub(crate) mod chain;
mod checksums;
mod fields;
mod plan_digest;
mod verification;

pub(crate) use checksums::{AttemptRecord, Checksum, OpenAttempt, OutcomeRecord, Tally};
pub(crate) use plan_digest::{HeadRecord, PlanDigest, RowRecord};
pub(crate) use verification::{SightingRecord, VerificationDigest, VerificationHead, verifications_checksum};
