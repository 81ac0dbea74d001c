//! The account and what it is set to.

use std::sync::Arc;

use http::StatusCode;

use super::account::Account;
use super::deletions::Limits;
use crate::token::Tokens;

#[derive(Debug)]
pub(crate) struct Ubidots {
    /// `None`: any will do.
    pub(crate) api_key: Option<String>,
    pub(crate) tokens: Tokens,
    pub(crate) accepted_status: StatusCode,
    pub(crate) limits: Limits,
    pub(crate) account: Arc<Account>,
}
