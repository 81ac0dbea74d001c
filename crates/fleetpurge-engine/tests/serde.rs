//! The plain types as JSON: the words of the reports, read as they are written.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::fmt::Display;
use std::time::Duration;

use fleetpurge_engine::{AnomalyKind, Applied, ErrorKind, Outcome, OutcomeKind, Policy, Rate, Rest, StopReason, Trail};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{from_value, json, to_value};

/// In JSON a word is what it displays.
fn words<T: Serialize + DeserializeOwned + Display + PartialEq + std::fmt::Debug>(all: impl IntoIterator<Item = T>) {
    for word in all {
        let written = to_value(&word).unwrap();
        assert_eq!(written, word.to_string());
        assert_eq!(from_value::<T>(written).unwrap(), word);
    }
}

#[test]
fn a_word_in_json_is_the_word_in_the_reports() {
    words(OutcomeKind::ALL);
    words([Applied::No, Applied::Maybe, Applied::Yes]);
    words([
        ErrorKind::Configuration,
        ErrorKind::InvalidInput,
        ErrorKind::LoginRefused,
        ErrorKind::Unreachable,
        ErrorKind::Certificate,
        ErrorKind::Unauthorized,
        ErrorKind::Throttled,
        ErrorKind::BatchTooLarge,
        ErrorKind::InvalidRequest,
        ErrorKind::Refused,
        ErrorKind::ServerError,
        ErrorKind::AmbiguousReply,
        ErrorKind::NoReply,
    ]);
    words([
        AnomalyKind::MissingEntry,
        AnomalyKind::DisagreeingEntries,
        AnomalyKind::RepeatedEntry,
        AnomalyKind::OtherName,
        AnomalyKind::ForeignEntry,
        AnomalyKind::RespelledEntry,
        AnomalyKind::UnheardOfStatus,
        AnomalyKind::WrongCount,
        AnomalyKind::OtherOverallStatus,
        AnomalyKind::UnreadableEntry,
        AnomalyKind::RepeatedKey,
        AnomalyKind::OddValue,
    ]);
}

#[test]
fn an_outcome_has_the_keys_of_a_report_line() {
    let outcome = Outcome::because(OutcomeKind::Unknown, "no reply").with_code(Some("X".to_owned()));
    let written = to_value(&outcome).unwrap();
    assert_eq!(
        written,
        json!({"outcome": "unknown", "detail": "no reply", "code": "X"})
    );
    assert_eq!(from_value::<Outcome>(written).unwrap(), outcome);
    assert!(from_value::<Outcome>(json!({"outcome": "deleted"})).is_err());
}

#[test]
fn settings_are_read_over_their_defaults_and_a_rate_is_checked() {
    let policy = Policy::default()
        .failed_rounds(1)
        .max_wait(Duration::from_millis(1_500));
    assert_eq!(from_value::<Policy>(to_value(&policy).unwrap()).unwrap(), policy);
    assert_eq!(
        from_value::<Policy>(json!({"failed_rounds": 1})).unwrap().max_wait,
        Policy::default().max_wait
    );
    assert_eq!(to_value(Rest::Leave).unwrap(), "leave");
    let rate: Rate = from_value(json!(2.5)).unwrap();
    assert_eq!(to_value(rate).unwrap(), 2.5);
    assert!(from_value::<Rate>(json!(0.0)).is_err());
    assert_eq!(from_value::<Trail>(json!({"status": 503})).unwrap().status, Some(503));
}

#[test]
fn every_reason_to_stop_can_be_written_and_read() {
    for (reason, written) in [
        (StopReason::Interrupted, json!({"reason": "interrupted"})),
        (
            StopReason::FailsEverything(5),
            json!({"reason": "fails-everything", "of": 5}),
        ),
        (
            StopReason::Source("torn".to_owned()),
            json!({"reason": "source", "of": "torn"}),
        ),
    ] {
        assert_eq!(to_value(&reason).unwrap(), written);
        assert_eq!(from_value::<StopReason>(written).unwrap(), reason);
    }
}
