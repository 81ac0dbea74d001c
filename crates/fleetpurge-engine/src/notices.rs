//! Keeps the anomalies and waits of a bulk deletion until they are taken.

use std::collections::VecDeque;

use crate::service::{Anomaly, Attempt, Trail};
use crate::wait::{Wait, WaitReason};

/// How many anomalies, and how many waits, a stream keeps for whoever does not ask for them.
const KEPT: usize = 10_000;

/// Something odd about a reply, and which reply.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BatchAnomaly {
    /// What was odd. The outcomes stand as they are; nothing is claimed for a device that was not asked for.
    pub anomaly: Anomaly,
    /// Which batch of the run, from 1.
    pub batch: u64,
    /// Which attempt for this batch, from 1.
    pub attempt: u32,
    /// The id of the request, as the service returned it, or else as it was sent. `None` if it was sent without one.
    pub request_id: Option<String>,
    /// The service's trace id of the reply.
    pub trace_id: Option<String>,
}

impl BatchAnomaly {
    /// The anomalies of one reply.
    pub(crate) fn all(attempt: Attempt, trail: &Trail, anomalies: Vec<Anomaly>) -> impl Iterator<Item = Self> + use<> {
        let (request_id, trace_id) = (trail.known_request_id().map(str::to_owned), trail.trace_id.clone());
        anomalies.into_iter().map(move |anomaly| Self {
            anomaly,
            batch: attempt.batch,
            attempt: attempt.number,
            request_id: request_id.clone(),
            trace_id: trace_id.clone(),
        })
    }
}

/// What was noticed and not yet asked for.
#[derive(Debug)]
pub(crate) struct Notices {
    pub(crate) anomalies: VecDeque<BatchAnomaly>,
    pub(crate) waits: VecDeque<Wait>,
    /// How many there was no room for.
    pub(crate) dropped: u64,
    room: usize,
}

impl Notices {
    pub(crate) fn new() -> Self {
        Self {
            anomalies: VecDeque::new(),
            waits: VecDeque::new(),
            dropped: 0,
            room: KEPT,
        }
    }

    /// From now on all are kept.
    pub(crate) fn keep_all(&mut self) {
        self.room = usize::MAX;
    }

    pub(crate) fn anomaly(&mut self, anomaly: BatchAnomaly) {
        if self.anomalies.len() < self.room {
            self.anomalies.push_back(anomaly);
        } else {
            self.dropped += 1;
        }
    }

    /// A pause that the rate demands is what was asked for, or one of thousands.
    pub(crate) fn waiting(&mut self, wait: Wait) {
        if wait.reason == WaitReason::Pace {
            return;
        }
        if self.waits.len() < self.room {
            self.waits.push_back(wait);
        } else {
            self.dropped += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::AnomalyKind;

    #[test]
    fn what_nobody_asks_for_is_kept_up_to_a_bound_and_counted_beyond_it() {
        let attempt = Attempt {
            request_id: uuid::Uuid::nil(),
            batch: 3,
            number: 2,
        };
        let odd = Anomaly {
            kind: AnomalyKind::ForeignEntry,
            detail: "nobody asked for it".to_owned(),
        };
        let mut notices = Notices::new();
        let many = || BatchAnomaly::all(attempt, &Trail::default(), vec![odd.clone(); KEPT + 5]);
        many().for_each(|anomaly| notices.anomaly(anomaly));
        assert_eq!((notices.anomalies.len(), notices.dropped), (KEPT, 5));
        assert_eq!((notices.anomalies[0].batch, notices.anomalies[0].attempt), (3, 2));
        notices.anomalies.clear();
        notices.keep_all();
        many().for_each(|anomaly| notices.anomaly(anomaly));
        assert_eq!((notices.anomalies.len(), notices.dropped), (KEPT + 5, 5));
    }
}
