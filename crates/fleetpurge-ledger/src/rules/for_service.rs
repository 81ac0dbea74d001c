//! The rules of each service.

use crate::model::Service;
use crate::rules::service_rules::Rules;
use crate::rules::{nexthink, ubidots};

impl Service {
    /// What the uids of one device have in common, however they are written: by these, planning knows repeats.
    #[must_use]
    pub fn uid_key(self, uid: &str) -> String {
        self.rules().key(uid).spelled().into_owned()
    }

    pub(crate) fn rules(self) -> &'static dyn Rules {
        match self {
            Self::Nexthink => &nexthink::Nexthink,
            Self::Ubidots => &ubidots::Ubidots,
        }
    }
}
