//! The tenant: what it is set to, whom it lets in, which devices it has.

use std::sync::Arc;

use super::inventory::Inventory;
use super::nql::Exports;
use super::token::Credentials;
use crate::token::Tokens;

/// What the service makes of requests, set once.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) batch_limit: usize,
    pub(crate) feature_enabled: bool,
    pub(crate) tenant_resolved: bool,
    /// Of the tokens.
    pub(crate) permissions: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Nexthink {
    pub(crate) settings: Settings,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) tokens: Tokens,
    pub(crate) inventory: Option<Arc<Inventory>>,
    pub(crate) exports: Arc<Exports>,
}
