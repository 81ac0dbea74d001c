//! One attempt, from its intent to its settlement.

use std::sync::{Arc, Mutex};

use tokio::time::Instant;

use crate::error_kind::ErrorKind;
use crate::journal::{Intent, Journal, JournalError, Settlement};
use crate::judge::{self, Judge};
use crate::queue::{Batch, Rounds};
use crate::service::{Anomaly, Attempt, DeletionService, Trail};
use crate::settling::Settling;
use crate::tenant::{Begun, Later};
use crate::trace::debug;
use crate::verdict::{Facts, Follow, Verdict};

/// What a batch's task brings back.
pub(crate) struct Landed<D> {
    pub(crate) batch: Arc<Batch<D>>,
    pub(crate) attempt: Attempt,
    pub(crate) recorded: Result<Recorded, Unrecorded>,
}

/// Something is not recorded, and what.
pub(crate) enum Unrecorded {
    /// The intent: the attempt was not sent.
    Intent(JournalError),
    /// The intent was put off because of what other runs have met: the attempt was not sent.
    Later(Later),
    /// The settlement: it was.
    Settlement(JournalError),
}

/// An attempt of which all is recorded.
pub(crate) struct Recorded {
    pub(crate) verdict: Verdict,
    pub(crate) trail: Arc<Trail>,
    pub(crate) anomalies: Vec<Anomaly>,
    /// What went wrong, if it brought no receipt.
    pub(crate) error: Option<ErrorKind>,
}

/// One attempt, from its intent to its settlement. It is cancelled if nobody waits for it before its request is sent.
pub(crate) async fn attempt_batch<S: DeletionService, J: Journal>(
    service: Arc<S>,
    journal: Arc<J>,
    judge: Arc<Mutex<Judge>>,
    batch: Arc<Batch<S::Device>>,
    attempt: Attempt,
    settling: Settling,
    called_off: impl Future<Output = ()> + Send,
) -> Landed<S::Device> {
    let recorded = send(&*service, &*journal, &judge, &batch, attempt, &settling, called_off).await;
    Landed {
        batch,
        attempt,
        recorded,
    }
}

async fn send<S: DeletionService, J: Journal>(
    service: &S,
    journal: &J,
    judge: &Mutex<Judge>,
    batch: &Batch<S::Device>,
    attempt: Attempt,
    settling: &Settling,
    called_off: impl Future<Output = ()> + Send,
) -> Result<Recorded, Unrecorded> {
    let keys: Vec<u64> = batch.items.iter().map(|item| item.key).collect();
    let devices: Vec<&S::Device> = batch.items.iter().map(|item| &item.device).collect();
    let intent = Intent {
        attempt,
        keys: keys.clone(),
        is_probe: batch.is_probe,
    };
    match journal.begin(intent).await.map_err(Unrecorded::Intent)? {
        Begun::Recorded(company) => judge::lock(judge).has_company(company, Instant::now()),
        Begun::Later(later) => return Err(Unrecorded::Later(later)),
    }
    let answer = service.submit_unless(&devices, &attempt, called_off).await;
    let rounds: Vec<Rounds> = batch.items.iter().map(|item| item.rounds).collect();
    let now = Instant::now();
    let facts = Facts {
        rounds: &rounds,
        unreached: batch.unreached,
        reauthenticated: batch.reauthenticated,
        started: batch.started.unwrap_or(now),
    };
    let verdict = judge::lock(judge).verdict(&facts, &answer, now);
    let (trail, anomalies, error, detail, body_head) = match answer {
        Ok(receipt) => (receipt.trail, receipt.anomalies, None, None, None),
        Err(error) => {
            let detail = crate::error_chain::chain(&error);
            debug!(applied = %verdict.applied, kind = %error.kind, detail, "the attempt brought no receipt");
            (error.trail, Vec::new(), Some(error.kind), Some(detail), error.body_head)
        }
    };
    // The request is over, and nothing of it goes again: another may start, and its intent be written along with this. What
    // is sent again goes before anything else, so that nothing starts until that is queued.
    let is_done_with = error.is_none() && verdict.follow == Follow::Nothing;
    let settled = is_done_with.then(|| settling.one());
    journal
        .settle(Settlement {
            attempt,
            applied: verdict.applied,
            trail: trail.clone(),
            detail,
            body_head,
            outcomes: keys.into_iter().zip(verdict.outcomes.iter().cloned()).collect(),
            anomalies: anomalies.clone(),
            signal: verdict.signal.clone(),
        })
        .await
        .map_err(Unrecorded::Settlement)?;
    drop(settled);
    Ok(Recorded {
        verdict,
        trail: Arc::new(trail),
        anomalies,
        error,
    })
}
