//! The account and what it is set to.

use std::sync::{Arc, PoisonError, RwLock};

use http::StatusCode;

use super::account::Account;
use super::deletions::Limits;
use super::device::UbidotsDevice;
use super::keys::Key;
use super::traps::PageTraps;
use crate::token::Tokens;

#[derive(Debug)]
pub(crate) struct Ubidots {
    /// `None`: any will do.
    pub(crate) api_key: Option<String>,
    pub(crate) tokens: Tokens,
    pub(crate) accepted_status: StatusCode,
    pub(crate) limits: Limits,
    pub(crate) account: Arc<Account>,
    traps: RwLock<PageTraps>,
}

impl Ubidots {
    pub(super) fn new(
        api_key: Option<String>,
        tokens: Tokens,
        accepted_status: StatusCode,
        limits: Limits,
        account: Arc<Account>,
        traps: PageTraps,
    ) -> Self {
        Self {
            api_key,
            tokens,
            accepted_status,
            limits,
            account,
            traps: RwLock::new(traps),
        }
    }

    /// The device of a key as paths have it: an id, or `~` and a label.
    pub(super) fn device(&self, key: &str) -> Option<Arc<UbidotsDevice>> {
        self.account.find(&Key::parse(key)?)
    }

    pub(super) fn traps(&self) -> PageTraps {
        self.traps.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_traps(&self, traps: PageTraps) {
        *self.traps.write().unwrap_or_else(PoisonError::into_inner) = traps;
    }

    /// Whether the list shifts now that this page of it has been served.
    pub(super) fn shifts(&self, page: u64) -> bool {
        self.traps.write().unwrap_or_else(PoisonError::into_inner).shifts(page)
    }
}
