//! A redirect is never followed, and neither token nor API key reaches a second host.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` values are made for the call")]

mod support;

use serde_json::{Value, json};
use support::*;
use ubidots_devices::{ErrorKind, Filter};

const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

fn redirect(status: u16, location: &str) -> Value {
    let headers = json!({"Location": location, "Refresh": format!("0; url={location}")});
    json!({"reply": {"status": status, "headers": headers}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_never_sent_on_to_another_host() {
    let elsewhere = faulty(json!([])).await;
    for status in STATUSES {
        let location = format!("{}{BULK_DELETE}", elsewhere.url());
        let simulator = faulty(json!([{"then": redirect(status, &location)}])).await;
        let error = client(&simulator).delete_devices(&keys(0..1)).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        // 303 says that something was done, and where to read of it.
        if status == 303 {
            assert_open(&error, ErrorKind::AmbiguousReply, "303");
        } else {
            assert_sure(&error, ErrorKind::Refused, "redirect");
        }
        assert_eq!(simulator.requests().len(), 1, "{status}");
        assert!(!format!("{error} {error:?}").contains(&location), "{error:?}");
    }
    assert_eq!(elsewhere.counts().connections, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_key_is_never_sent_on_to_another_host() {
    let elsewhere = faulty(json!([])).await;
    for status in STATUSES {
        let location = format!("{}/api/v1.6/auth/token", elsewhere.url());
        let simulator = faulty(json!([tokens(json!("1-"), redirect(status, &location))])).await;
        let error = with_key(&simulator).delete_devices(&keys(0..1)).await.unwrap_err();
        assert_sure(&error, ErrorKind::LoginRefused, "redirect");
        assert_eq!(error.status(), Some(status));
        assert_eq!(simulator.token_requests().len(), 1, "{status}");
        assert_eq!(simulator.counts().deletion_requests, 0, "{status}");
    }
    assert_eq!(elsewhere.counts().connections, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_read_from_another_host() {
    let elsewhere = faulty(json!([])).await;
    for status in STATUSES {
        let location = format!("{}/api/v2.0/devices/", elsewhere.url());
        let simulator = faulty(json!([reads(json!("1-"), redirect(status, &location))])).await;
        let client = client(&simulator);
        let errors = [
            client.devices(Filter::all()).next_page().await.unwrap_err(),
            client.device(&id(0).into()).await.unwrap_err(),
            client.variables(&id(0)).await.unwrap_err(),
        ];
        assert!(errors.iter().all(|error| error.status() == Some(status)), "{errors:?}");
        assert_eq!(simulator.counts().reads, 3, "{status}: not asked again");
    }
    assert_eq!(elsewhere.counts().connections, 0);
}
