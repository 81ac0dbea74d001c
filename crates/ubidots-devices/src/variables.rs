//! The data of a device: its variables and their values, for a backup.

use std::num::NonZeroU64;

use fleetpurge_engine::Disposition;
use fleetpurge_http::json::Raw;
use futures_util::FutureExt;
use jiff::Timestamp;
use ubidots_devices_raw::types;

use crate::client::Client;
use crate::device::not_decoded;
use crate::json::{Fields, Odd, RawJson};
use crate::key::{DeviceId, DeviceKey};
use crate::listing::{foreign, is_not_found, path_key};
use crate::pages::{Pages, Step, may_go_on};
use crate::received::{Page, received};
use fleetpurge_http::error::{Error, ErrorKind};

/// The documented default for variables. A maximum is not documented.
const PAGE_SIZE: NonZeroU64 = NonZeroU64::new(200).unwrap();
/// From when on values are asked for, in Unix milliseconds. Without a start only the last hundred are given, and a server
/// may take 0 for none.
const START: i64 = 1;

/// A variable of a device.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Variable {
    /// Its id.
    pub id: String,
    /// The time of its last value, as far as the service says. It may lie in the future: a device is free to send any
    /// time.
    pub last: Option<Timestamp>,
    /// All that the service said of it, the id included, byte for byte.
    pub json: RawJson,
}

/// One page of a variable's values, newest first.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Values {
    /// Each value with its time and context, byte for byte as the service wrote it.
    pub values: Vec<RawJson>,
    /// Whether another page is to be asked for: one is announced, or this one may have been cut off. See also
    /// [`goes_on`](Self::goes_on).
    pub has_next: bool,
    /// Whether the service announces another page.
    pub is_announced: bool,
}

impl Client {
    /// All variables of a device.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request; nothing is changed by it, and it can be made again. It must be polled within
    /// a Tokio runtime.
    ///
    /// # Errors
    ///
    /// The service did not answer, or the list is not whole.
    pub async fn variables(&self, device: &DeviceId) -> Result<Vec<Variable>, Error> {
        let path = path_key(&DeviceKey::Id(device.clone()))?;
        let unwhole = |why| not_understood(format!("the list of variables is incomplete: {why}"));
        let mut pages = Pages::new();
        let mut variables = Vec::new();
        let mut page = Some(NonZeroU64::MIN);
        while let Some(number) = page {
            let reply = self
                .read(|client| {
                    let path = path.clone();
                    async move {
                        let call = client
                            .list_device_variables()
                            .device_key(path)
                            .page(number)
                            .page_size(PAGE_SIZE);
                        received::<_, Page>(client, call.send()).await
                    }
                    .boxed()
                })
                .await;
            let reply = match reply {
                Ok(reply) => reply,
                Err(error) if number.get() > 1 && is_not_found(&error) => {
                    pages.end().map_err(unwhole)?;
                    break;
                }
                Err(error) if number.get() > 1 && error.status() == Some(404) => {
                    return Err(foreign(error, "there is no such page"));
                }
                Err(error) => return Err(error),
            };
            let head = reply.head().map_err(|Odd| not_decoded())?;
            let listed = reply
                .entries
                .into_iter()
                .map(Variable::read)
                .collect::<Result<Vec<_>, _>>()?;
            let ids = listed.iter().map(|variable| variable.id.clone());
            let step = pages.take(head, ids).map_err(unwhole)?;
            variables.extend(listed);
            page = match step {
                Step::Next => number.checked_add(1),
                Step::End => None,
            };
        }
        Ok(variables)
    }

    /// A page, from 1, of a variable's values up to `until`: values that come meanwhile shift no page. What is older than
    /// the second millisecond of 1970 is not among them.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request; nothing is changed by it, and it can be made again. It must be polled within
    /// a Tokio runtime.
    ///
    /// # Errors
    ///
    /// The service did not answer, or `variable` is not a variable id, and nothing was sent.
    pub async fn values(&self, variable: &str, until: Timestamp, page: NonZeroU64) -> Result<Values, Error> {
        let id: types::ObjectId = variable
            .parse()
            .map_err(|_| Error::invalid_input(format!("{variable:?} is not a variable id")))?;
        let reply = self
            .read(|client| {
                let id = id.clone();
                let until = until.as_millisecond();
                async move {
                    let call = client
                        .list_variable_values()
                        .variable_id(id)
                        .end(until)
                        .page(page)
                        .page_size(PAGE_SIZE)
                        .start(START);
                    received::<_, Page>(client, call.send()).await
                }
                .boxed()
            })
            .await;
        match reply {
            Ok(reply) => {
                let entries = reply.entries.len() as u64;
                Ok(Values {
                    has_next: may_go_on(reply.has_next, reply.count(), page.get(), PAGE_SIZE.get(), entries),
                    is_announced: reply.has_next,
                    values: reply.entries,
                })
            }
            Err(error) if page.get() > 1 && is_not_found(&error) => Ok(Values {
                values: Vec::new(),
                has_next: false,
                is_announced: false,
            }),
            Err(error) if page.get() > 1 && error.status() == Some(404) => Err(foreign(error, "there is no such page")),
            Err(error) => Err(error),
        }
    }
}

impl Values {
    /// Whether another page is to be asked for, after this one and the one before it: also where this one is as long as that
    /// one, as it is where a server gives fewer values than it is asked for.
    #[must_use]
    pub fn goes_on(&self, before: Option<&Self>) -> bool {
        let is_as_long = |before: &Self| !self.values.is_empty() && self.values.len() >= before.values.len();
        self.has_next || before.is_some_and(is_as_long)
    }
}

impl Variable {
    fn read(json: RawJson) -> Result<Self, Error> {
        let fields = Fields::of(json.as_raw()).ok_or_else(not_decoded)?;
        let id = fields.get("id").ok().flatten().ok_or_else(not_decoded)?;
        let last = last_of(&fields);
        Ok(Self { id, last, json })
    }
}

/// The latest of the times at which a variable is said to have been active, or to have its last value.
fn last_of(fields: &Fields<'_>) -> Option<Timestamp> {
    let values = fields.each("lastValue").filter_map(Fields::of);
    let times = values.flat_map(|value| value.each("timestamp").collect::<Vec<_>>());
    fields.each("lastActivity").chain(times).filter_map(time).max()
}

/// A time in Unix milliseconds, rounded up where it is no whole number of them.
fn time(json: Raw<'_>) -> Option<Timestamp> {
    let text = json.as_str();
    let whole = serde_json::from_str::<i64>(text).ok();
    let seconds = || Some(serde_json::from_str::<f64>(text).ok()?.ceil() / 1_000.0);
    match whole {
        Some(whole) => Timestamp::from_millisecond(whole).ok(),
        None => Timestamp::from_duration(jiff::SignedDuration::try_from_secs_f64(seconds()?).ok()?).ok(),
    }
}

fn not_understood(message: String) -> Error {
    Error::new(ErrorKind::AmbiguousReply, Disposition::Stop, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_variable_is_where_the_service_says_so() {
        let at = |second| Timestamp::from_second(second).ok();
        for (variable, expected) in [
            ("{}", None),
            (r#"{"lastActivity":null,"lastValue":null}"#, None),
            (r#"{"lastActivity":1000,"lastValue":{}}"#, at(1)),
            (
                r#"{"lastActivity":1000,"lastValue":{"timestamp":2000,"value":1e400}}"#,
                at(2),
            ),
            (r#"{"lastActivity":"soon","lastValue":{"timestamp":2000}}"#, at(2)),
            (r#"{"lastActivity":1999.5}"#, at(2)),
            (r#"{"lastActivity":2e3}"#, at(2)),
            (r#"{"lastActivity":1000,"lastActivity":2000}"#, at(2)),
            (r#"{"lastActivity":9223372036854775807}"#, None),
            (r#"{"lastActivity":1e400}"#, None),
        ] {
            let json: &serde_json::value::RawValue = serde_json::from_str(variable).unwrap();
            assert_eq!(last_of(&Fields::of(json).unwrap()), expected, "{variable}");
        }
    }
}
