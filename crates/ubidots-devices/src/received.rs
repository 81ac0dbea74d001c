//! The reply to a request that only reads, from the bytes that came. The generated types lose what they cannot hold,
//! and fail because of numbers that are not needed.

use std::future::Future;

use fleetpurge_http::exchange::BodyEnd;
use serde::Deserialize;
use serde_json::value::RawValue;
use ubidots_devices_raw::generated::{self, ClientInfo as _, ResponseValue};
use ubidots_devices_raw::types::ErrorBody;

use crate::json::{Odd, RawJson};
use crate::pages::PageHead;

/// What a call of the generated client comes to.
pub(crate) type Answer<T> = Result<ResponseValue<T>, generated::Error<ErrorBody>>;

/// What can be read of a reply's body.
pub(crate) trait FromBody: Sized {
    /// None where the body is not valid.
    fn from_body(body: &[u8]) -> Option<Self>;
}

/// Makes a call of the generated client, and reads the reply to it anew.
pub(crate) async fn received<T, R: FromBody>(
    client: &generated::Client,
    call: impl Future<Output = Answer<T>>,
) -> Answer<R> {
    let result = call.await;
    let exchange = client.inner().exchange();
    let whole = exchange.body().filter(|body| body.end == BodyEnd::Whole);
    match (exchange.head(), whole, result) {
        (Some((status, headers)), Some(body), _) if *status == 200 => R::from_body(&body.bytes)
            .map(|reply| ResponseValue::new(reply, *status, headers.clone()))
            .ok_or_else(|| generated::Error::Custom("the body is not valid".to_owned())),
        (_, _, Err(error)) => Err(error),
        (_, _, Ok(_)) => Err(generated::Error::Custom("the status is not 200".to_owned())),
    }
}

/// An object.
impl FromBody for RawJson {
    fn from_body(body: &[u8]) -> Option<Self> {
        let raw: &RawValue = serde_json::from_slice(body).ok()?;
        raw.get().starts_with('{').then(|| Self::from(raw))
    }
}

/// A page of a list.
#[derive(Debug)]
pub(crate) struct Page {
    /// A number, or `true` as the documentation's sample of values has it, or whatever else.
    count: Option<RawJson>,
    /// Whether another page is announced.
    pub(crate) has_next: bool,
    /// The entries, each an object.
    pub(crate) entries: Vec<RawJson>,
}

impl FromBody for Page {
    fn from_body(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow, default)]
            count: Option<&'a RawValue>,
            #[serde(borrow, default)]
            next: Option<&'a RawValue>,
            #[serde(borrow)]
            results: Vec<&'a RawValue>,
        }
        // A derived decoder takes an array of three for an object of three fields.
        let whole: &RawValue = serde_json::from_slice(body).ok()?;
        if !whole.get().starts_with('{') {
            return None;
        }
        let envelope: Envelope<'_> = serde_json::from_str(whole.get()).ok()?;
        if !envelope.results.iter().all(|entry| entry.get().starts_with('{')) {
            return None;
        }
        Some(Self {
            count: envelope.count.map(RawJson::from),
            has_next: envelope.next.is_some(),
            entries: envelope.results.into_iter().map(RawJson::from).collect(),
        })
    }
}

impl Page {
    /// What it says of the whole list.
    pub(crate) fn head(&self) -> Result<PageHead, Odd> {
        let count = self.count.as_ref().map(|count| count.decode().map_err(|_| Odd));
        Ok(PageHead {
            count: count.transpose()?,
            has_next: self.has_next,
        })
    }

    /// How many entries the list is said to have, where that is said in a number.
    pub(crate) fn count(&self) -> Option<u64> {
        self.count.as_ref()?.decode().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_whatever_its_entries_hold() {
        let page = Page::from_body(br#"{"count":true,"extra":1e400,"next":null,"results":[{"a":1e400},{ }]}"#).unwrap();
        let entries: Vec<&str> = page.entries.iter().map(RawJson::as_str).collect();
        assert_eq!(entries, [r#"{"a":1e400}"#, "{ }"]);
        assert_eq!((page.head(), page.count(), page.has_next), (Err(Odd), None, false));
        let head = |count, has_next| Ok(PageHead { count, has_next });
        for (body, expected) in [
            (r#"{"results":[]}"#, head(None, false)),
            (r#"{"count":null,"next":"x","results":[]}"#, head(None, true)),
            (r#"{"count":3,"next":5,"results":[]}"#, head(Some(3), true)),
            (r#"{"count":"3","results":[]}"#, Err(Odd)),
            (r#"{"count":1e400,"results":[]}"#, Err(Odd)),
        ] {
            assert_eq!(Page::from_body(body.as_bytes()).unwrap().head(), expected, "{body}");
        }
        for body in [
            "",
            "[]",
            "[0,null,[]]",
            " [null,null,[{}]]",
            "{}",
            r#"{"results":null}"#,
            r#"{"results":[1]}"#,
            r#"{"results":[{"#,
        ] {
            assert!(Page::from_body(body.as_bytes()).is_none(), "{body}");
        }
        assert!(RawJson::from_body(b" {\"a\":1} \n").is_some());
        assert!(RawJson::from_body(b"[1]").is_none());
    }
}
