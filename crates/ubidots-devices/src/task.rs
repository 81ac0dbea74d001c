//! The task that a request was answered with, in the outcome of each of its devices. Pure.
//!
//! The engine, journals and ledgers know outcomes, and no tasks. So the id travels in the detail of a `scheduled` outcome,
//! and this file alone knows its form.

use fleetpurge_engine::{Entry, EntryStatus, Outcome, OutcomeKind};

const TASK: &str = "task ";
/// Opaque, and kept in logs, ledgers and reports: no more than an id needs.
const LONGEST: usize = 200;

/// The id of the task that deletes the device of this outcome: for the outcomes of a bulk deletion, whose batches have
/// tasks of their own. None where no request that named the device was answered with a task.
///
/// It is what [`Receipt::task_id`](crate::Receipt::task_id) is for one request.
///
/// ```
/// # use ubidots_devices::{BulkOptions, Client, DeviceId};
/// # async fn example(client: Client, ids: Vec<DeviceId>) {
/// let report = client.delete_all(ids, &BulkOptions::default()).await;
/// for device in &report.devices {
///     match ubidots_devices::task_id(&device.outcome) {
///         Some(task) => println!("{} is deleted by the task {task}", device.device),
///         None => println!("{} {}", device.device, device.outcome.kind),
///     }
/// }
/// # }
/// # use ubidots_devices::{Outcome, OutcomeKind};
/// assert_eq!(ubidots_devices::task_id(&Outcome::of(OutcomeKind::Pending)), None);
/// ```
#[must_use]
pub fn task_id(outcome: &Outcome) -> Option<&str> {
    // The detail of any other outcome is a sentence, which may begin with anything.
    let is_scheduled = outcome.kind == OutcomeKind::Scheduled;
    outcome.detail.as_deref().filter(|_| is_scheduled)?.strip_prefix(TASK)
}

/// What the receipt says of each device of a request that was answered with this task; None where nothing of the id can
/// be shown.
pub(crate) fn entry(task: &str) -> Option<Entry> {
    let id: String = task.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    (!id.trim().is_empty()).then(|| Entry {
        detail: Some(format!("{TASK}{id}")),
        ..Entry::of(EntryStatus::Scheduled)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_id_is_read_as_it_was_written() {
        let long = "x".repeat(LONGEST + 1);
        for (given, kept) in [
            ("6e309da44fc8455a9cceb5aa", "6e309da44fc8455a9cceb5aa"),
            ("task 1", "task 1"),
            (" t ", " t "),
            ("a\nb\u{7f}", "ab"),
            (&long, &long[..LONGEST]),
        ] {
            let outcome = Outcome::from(entry(given).unwrap());
            assert_eq!(task_id(&outcome), Some(kept));
        }
        for blank in ["", " ", "\n"] {
            assert_eq!(entry(blank), None, "{blank:?}");
        }
    }

    #[test]
    fn only_a_scheduled_outcome_has_a_task() {
        for kind in OutcomeKind::ALL {
            let outcome = Outcome::because(kind, "task 1");
            let expected = (kind == OutcomeKind::Scheduled).then_some("1");
            assert_eq!(task_id(&outcome), expected, "{kind}");
        }
        assert_eq!(task_id(&Outcome::of(OutcomeKind::Scheduled)), None);
    }
}
