//! Which tokens are good.

use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use uuid::Uuid;

/// The tokens issued.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) lifetime: Duration,
    fixed: HashSet<String>,
    issued: RwLock<HashMap<String, Instant>>,
}

impl Tokens {
    pub(crate) fn new(lifetime: Duration, fixed: HashSet<String>) -> Self {
        Self {
            lifetime,
            fixed,
            issued: RwLock::default(),
        }
    }

    /// A fresh opaque token.
    pub(crate) fn issue(&self) -> String {
        self.remember(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()))
    }

    /// A token that is good from now on.
    pub(crate) fn remember(&self, token: String) -> String {
        let now = Instant::now();
        let mut issued = self.issued.write().unwrap_or_else(PoisonError::into_inner);
        issued.retain(|_, expiry| *expiry > now);
        issued.insert(token.clone(), now + self.lifetime);
        token
    }

    pub(crate) fn revoke(&self) {
        self.issued.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Whether this token is good now.
    pub(crate) fn good(&self, token: &str) -> bool {
        self.fixed.contains(token)
            || self
                .issued
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .get(token)
                .is_some_and(|expiry| *expiry > Instant::now())
    }
}
