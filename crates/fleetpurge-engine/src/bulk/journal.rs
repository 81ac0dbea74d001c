//! Any journal behind one type, so that the type of a stream does not depend on it.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use crate::journal::{Conclusion, Intent, Journal, JournalError, Settlement};
use crate::tenant::Begun;

type Written<'a, T> = Pin<Box<dyn Future<Output = Result<T, JournalError>> + Send + 'a>>;

/// [`Journal`] for a trait object.
trait Write: Send + Sync {
    fn begin(&self, intent: Intent) -> Written<'_, Begun>;
    fn settle(&self, settlement: Settlement) -> Written<'_, ()>;
    fn conclude(&self, conclusions: Vec<Conclusion>) -> Written<'_, ()>;
}

impl<J: Journal> Write for J {
    fn begin(&self, intent: Intent) -> Written<'_, Begun> {
        Box::pin(Journal::begin(self, intent))
    }

    fn settle(&self, settlement: Settlement) -> Written<'_, ()> {
        Box::pin(Journal::settle(self, settlement))
    }

    fn conclude(&self, conclusions: Vec<Conclusion>) -> Written<'_, ()> {
        Box::pin(Journal::conclude(self, conclusions))
    }
}

/// A journal of any type.
pub(crate) struct AnyJournal(Arc<dyn Write>);

impl AnyJournal {
    pub(crate) fn new(journal: impl Journal) -> Self {
        Self(Arc::new(journal))
    }
}

impl fmt::Debug for AnyJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyJournal")
    }
}

impl Journal for AnyJournal {
    async fn begin(&self, intent: Intent) -> Result<Begun, JournalError> {
        self.0.begin(intent).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError> {
        self.0.settle(settlement).await
    }

    async fn conclude(&self, conclusions: Vec<Conclusion>) -> Result<(), JournalError> {
        self.0.conclude(conclusions).await
    }
}
