//! The engine's journal in the ledger.

use std::sync::mpsc::Sender;

use fleetpurge_engine::{Begun, Conclusion, Intent, Journal, JournalError, Settlement};
use tokio::sync::oneshot;

use crate::model::{Error, ErrorKind};
use crate::store::changes::Record;
use crate::store::group_commit::{Job, Message};

pub(super) fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the run has ended, or nothing more can be recorded")
}

/// The engine's journal in the ledger.
///
/// One thread writes, and commits what is queued together (group commit). Keys are row numbers. A device that has a
/// final outcome, is not in the plan, or is in flight in another attempt is refused before its attempt is sent.
#[derive(Clone, Debug)]
pub struct LedgerJournal {
    outbox: Sender<Message>,
}

impl LedgerJournal {
    pub(super) const fn new(outbox: Sender<Message>) -> Self {
        Self { outbox }
    }

    async fn write(&self, record: Record) -> Result<Begun, JournalError> {
        let (answer, told) = oneshot::channel();
        let told = match self.outbox.send(Message::Job(Job { record, answer })) {
            Ok(()) => told.await.unwrap_or_else(|_| Err(closed())),
            Err(_) => Err(closed()),
        };
        told.map_err(|error| JournalError(Box::new(error)))
    }
}

impl Journal for LedgerJournal {
    async fn begin(&self, intent: Intent) -> Result<Begun, JournalError> {
        self.write(Record::Begin(intent)).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError> {
        self.write(Record::Settle(settlement)).await.map(drop)
    }

    async fn conclude(&self, conclusions: Vec<Conclusion>) -> Result<(), JournalError> {
        self.write(Record::Conclude(conclusions)).await.map(drop)
    }
}
