//! What an outcome means to a service, and what may help.

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::Service;

/// What an outcome means to the service, in a few words beside its count.
pub(crate) const fn meaning(service: Service, kind: OutcomeKind) -> &'static str {
    match (service, kind) {
        (Service::Nexthink, OutcomeKind::Scheduled) => "the service queued the deletion",
        (Service::Ubidots, OutcomeKind::Scheduled) => "named in a request that a task id answered",
        (_, OutcomeKind::Invalid) => "the service reported the uid as malformed",
        (_, OutcomeKind::Failed) => "the service failed to schedule them",
        (_, OutcomeKind::Rejected) => "the service refused the entry",
        (_, OutcomeKind::Unknown) => "may or may not have been scheduled",
        (_, OutcomeKind::Pending) => "not sent, or certainly not applied",
        (_, OutcomeKind::Skipped) => "left out at planning",
    }
}

/// What to look at when a deletion was refused for want of a permission.
pub(crate) const fn check_permission(service: Service) -> &'static str {
    match service {
        Service::Nexthink => {
            "Check that the credentials may manage data (permission \"Data management\") and that the feature is \
             enabled for this tenant."
        }
        Service::Ubidots => "Check that the token belongs to this account, has not expired, and may delete devices.",
    }
}

/// Who can tell why a request was refused that had nothing wrong.
pub(crate) const fn ask_support(service: Service) -> &'static str {
    match service {
        Service::Nexthink => "If it goes on, give Nexthink's support the request ids that `fleetpurge report` shows.",
        Service::Ubidots => "If it goes on, ask Ubidots' support.",
    }
}

/// Whether a request has an id by which the service finds it again. Without one, that of an attempt is ours alone.
pub(crate) const fn knows_request_ids(service: Service) -> bool {
    match service {
        Service::Nexthink => true,
        Service::Ubidots => false,
    }
}
