//! A redirect is never followed, and the token never reaches a second host.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use nexthink_data_management::{Applied, ErrorKind};
use serde_json::json;
use support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_never_sent_on_to_another_host() {
    let elsewhere = faulty(json!([])).await;
    for status in [300, 301, 302, 303, 304, 305, 307, 308] {
        let location = format!("{}/api/v1/data-management/device/deletions", elsewhere.url());
        let headers = json!({"Location": location, "Refresh": format!("0; url={location}")});
        let reply = json!({"status": status, "headers": headers});
        let simulator = faulty(json!([{"then": {"reply": reply}}])).await;
        let client = with_login(&simulator).build().unwrap();
        let error = client.delete_devices(&devices(1)).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        let surely_not = [301, 302, 307, 308].contains(&status);
        let expected = if surely_not {
            (ErrorKind::Refused, Applied::No)
        } else {
            (ErrorKind::AmbiguousReply, Applied::Maybe)
        };
        assert_eq!((error.kind(), error.applied()), expected, "{status}");
        assert_eq!(simulator.requests().len(), 1, "{status}");
        assert!(!format!("{error} {error:?}").contains(&location), "{error:?}");
    }
    assert_eq!(elsewhere.counts().connections, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_credentials_are_never_sent_on_to_another_host() {
    let elsewhere = faulty(json!([])).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/oauth2/default/v1/token", elsewhere.url());
        let reply = json!({"status": status, "headers": {"Location": location}});
        let simulator = faulty(json!([{"when": {"endpoint": "token"}, "then": {"reply": reply}}])).await;
        let client = with_login(&simulator).build().unwrap();
        let error = client.delete_devices(&devices(1)).await.unwrap_err();
        assert_eq!((error.status(), error.applied()), (Some(status), Applied::No));
        assert_eq!(simulator.token_requests().len(), 1, "{status}");
        assert_eq!(simulator.counts().deletion_requests, 0, "{status}");
    }
    assert_eq!(elsewhere.counts().connections, 0);
}
