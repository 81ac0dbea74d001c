//! Each reply, and what it means.

use super::*;

struct Plain;

impl Dialect for Plain {
    type Accepted = ();

    fn accepts(&self, status: u16) -> bool {
        status == 202
    }

    fn plainly(&self, _: &[u8]) -> Option<Vec<Entry>> {
        None
    }

    fn entries(&self, (): (), _: &[u8]) -> Option<(Vec<Entry>, Vec<Anomaly>)> {
        None
    }

    fn leniently(&self, _: &[u8]) -> Result<(Vec<Entry>, Vec<Anomaly>), String> {
        Err("names no device".to_owned())
    }

    fn own(&self, status: u16, _: Option<&str>) -> Option<Meaning> {
        (status == 420).then(|| {
            let message = "the service asks to wait (420)".to_owned();
            (ErrorKind::Throttled, Disposition::Throttled(None), message)
        })
    }
}

fn reply(status: u16) -> Reply<()> {
    Reply {
        retry_after: vec!["7".to_owned()],
        accepted: Some(()),
        ..Reply::of(status)
    }
}

fn seen(reply: Reply<()>) -> Seen<()> {
    Seen {
        polled: true,
        answer: Answer::Reply(reply),
    }
}

#[test]
fn a_word_of_the_service_that_asks_to_wait_waits_as_long_as_told() {
    let error = classify(seen(reply(420)), &Plain, Renewal::Possible, Timestamp::UNIX_EPOCH).unwrap_err();
    assert_eq!(error.retry_after(), Some(std::time::Duration::from_secs(7)));
}

#[test]
fn a_receipt_that_says_nothing_of_its_devices_is_none() {
    let error = classify(seen(reply(202)), &Plain, Renewal::Possible, Timestamp::UNIX_EPOCH).unwrap_err();
    assert_eq!(
        (error.kind(), error.applied()),
        (ErrorKind::AmbiguousReply, Applied::Maybe)
    );
}

#[test]
fn what_only_reads_changes_nothing_and_is_asked_again_where_that_may_help() {
    use Disposition as D;
    let table = [
        (reply(500), D::Backoff),
        (reply(502), D::Backoff),
        (
            Reply {
                retry_after: Vec::new(),
                ..reply(503)
            },
            D::Backoff,
        ),
        (reply(503), D::Throttled(Some(std::time::Duration::from_secs(7)))),
        (reply(429), D::Throttled(Some(std::time::Duration::from_secs(7)))),
        (reply(401), D::Reauthenticate),
        (reply(302), D::Stop),
        (reply(303), D::Stop),
        (reply(204), D::Stop),
        (reply(404), D::Stop),
        (
            Reply {
                accepted: None,
                ..reply(200)
            },
            D::Stop,
        ),
        (
            Reply {
                accepted: None,
                flaw: Some(Flaw::Cut),
                ..reply(200)
            },
            D::Backoff,
        ),
        (
            Reply {
                accepted: None,
                flaw: Some(Flaw::Late),
                ..reply(200)
            },
            D::Backoff,
        ),
    ];
    for (reply, expected) in table {
        let status = reply.status;
        let error = read(seen(reply), &Plain, Renewal::Possible, Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!(
            (error.disposition(), error.applied()),
            (expected, Applied::No),
            "{status}"
        );
    }
    assert!(read(seen(reply(200)), &Plain, Renewal::Possible, Timestamp::UNIX_EPOCH).is_ok());
}

#[test]
fn a_list_that_cannot_be_read_says_why_and_keeps_its_head() {
    for (flaw, words) in [(None, "cannot be decoded"), (Some(Flaw::Cut), "is cut short")] {
        let unread = Reply {
            accepted: None,
            flaw,
            body_head: "<html>".to_owned(),
            ..reply(200)
        };
        let error = read(seen(unread), &Plain, Renewal::Possible, Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the service answered with a reply that {words}")
        );
        assert_eq!(error.body_head(), Some("<html>"));
    }
}

#[test]
fn without_a_reply_the_first_poll_of_the_body_decides() {
    use Disposition::{Ambiguous, Backoff, Stop};
    let table = [
        (Failure::Connect, false, Backoff),
        (Failure::Lost, false, Backoff),
        (Failure::Timeout, false, Backoff),
        (Failure::RefusedStream, false, Backoff),
        (Failure::Reset, false, Backoff),
        (Failure::Unread("is odd"), false, Backoff),
        (Failure::Reset, true, Ambiguous),
        (Failure::Unread("is odd"), true, Ambiguous),
        (Failure::Certificate, false, Stop),
        (Failure::Local, false, Stop),
        (Failure::Connect, true, Ambiguous),
        (Failure::Lost, true, Ambiguous),
        (Failure::Timeout, true, Ambiguous),
        (Failure::RefusedStream, true, Backoff),
        (Failure::Certificate, true, Ambiguous),
        (Failure::Local, true, Ambiguous),
    ];
    for (failure, polled, expected) in table {
        assert_eq!(
            no_reply(failure, polled).disposition(),
            expected,
            "{failure:?}, polled: {polled}"
        );
    }
}
