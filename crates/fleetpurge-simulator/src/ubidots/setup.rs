//! How the account is to be.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use super::account::{Account, Queue};
use super::deletions::Limits;
use super::device::UbidotsDevice;
use super::state::Ubidots;
use super::traps::PageTraps;
use crate::error::{Error, ErrorKind};
use crate::token::Tokens;

/// What of a [`Builder`](crate::Builder) is about Ubidots.
pub(crate) struct Setup {
    pub(super) devices: Vec<UbidotsDevice>,
    pub(super) api_key: Option<String>,
    pub(super) token_lifetime: Duration,
    pub(super) accepted_status: u16,
    pub(super) limits: Limits,
    pub(super) traps: PageTraps,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            devices: Vec::new(),
            api_key: None,
            token_lifetime: Duration::from_secs(6 * 60 * 60),
            accepted_status: 202,
            limits: Limits {
                keys: None,
                bytes: Some(10_000),
            },
            traps: PageTraps::new(),
        }
    }
}

impl Setup {
    pub(crate) fn open(
        self,
        removal_delay: Duration,
        fixed_tokens: HashSet<String>,
    ) -> Result<(Ubidots, Queue), Error> {
        let wrong = |why: String| Error::new(ErrorKind::Setting, why);
        let accepted_status = StatusCode::from_u16(self.accepted_status)
            .ok()
            .filter(StatusCode::is_success)
            .ok_or_else(|| wrong(format!("{} is no status of success", self.accepted_status)))?;
        let (account, queue) = Account::new(self.devices, removal_delay).map_err(wrong)?;
        let ubidots = Ubidots::new(
            self.api_key,
            Tokens::new(self.token_lifetime, fixed_tokens),
            accepted_status,
            self.limits,
            Arc::new(account),
            self.traps,
        );
        Ok((ubidots, queue))
    }
}
