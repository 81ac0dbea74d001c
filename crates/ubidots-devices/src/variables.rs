//! What a device has recorded: its variables and their values, for a backup.

use std::num::NonZeroU64;

use fleetpurge_engine::Disposition;
use futures_util::FutureExt;
use jiff::Timestamp;
use serde_json::{Map, Value};
use ubidots_devices_raw::types;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::key::{DeviceId, DeviceKey};
use crate::listing::{foreign, is_not_found, path_key};
use crate::pages::{PageHead, Pages, Step};

/// The documented default for variables. A maximum is not documented.
const PAGE_SIZE: NonZeroU64 = NonZeroU64::new(200).unwrap();

/// A variable of a device.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Variable {
    /// Its id.
    pub id: String,
    /// All that the service said of it, the id included.
    pub json: Map<String, Value>,
}

/// One page of a variable's values, newest first.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Values {
    /// Each value with its time and context, as the service writes it.
    pub values: Vec<Map<String, Value>>,
    /// Whether another page is announced.
    pub has_next: bool,
}

impl Client {
    /// All variables of a device.
    ///
    /// # Errors
    ///
    /// The service did not answer, or the list is not whole.
    pub async fn variables(&self, device: &DeviceId) -> Result<Vec<Variable>, Error> {
        let path = path_key(&DeviceKey::Id(device.clone()))?;
        let unwhole = |why| not_understood(format!("the list of variables is not whole: {why}"));
        let mut pages = Pages::new();
        let mut variables = Vec::new();
        let mut page = Some(NonZeroU64::MIN);
        while let Some(number) = page {
            let reply = self
                .read(|client| {
                    let path = path.clone();
                    async move {
                        client
                            .list_device_variables(&path, None, Some(number), Some(PAGE_SIZE))
                            .await
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
            let head = PageHead {
                count: reply.count,
                has_next: reply.next.is_some(),
            };
            let ids = reply.results.iter().map(|variable| variable.id.clone());
            let step = pages.take(head, ids).map_err(unwhole)?;
            variables.extend(reply.results.iter().map(|variable| Variable {
                id: variable.id.clone(),
                json: object(variable),
            }));
            page = match step {
                Step::Next => number.checked_add(1),
                Step::End => None,
            };
        }
        Ok(variables)
    }

    /// A page, from 1, of a variable's values up to `until`: values that come meanwhile shift no page.
    ///
    /// # Errors
    ///
    /// The service did not answer, or the variable's id is none, and nothing was sent.
    pub async fn values(&self, variable: &str, until: Timestamp, page: NonZeroU64) -> Result<Values, Error> {
        let id: types::ObjectId = variable
            .parse()
            .map_err(|_| Error::invalid_input(format!("{variable:?} is no id of a variable")))?;
        let reply = self
            .read(|client| {
                let id = id.clone();
                let until = until.as_millisecond();
                async move {
                    // Without a start only the last hundred values are given.
                    client
                        .list_variable_values(&id, Some(until), Some(page), Some(PAGE_SIZE), Some(0))
                        .await
                }
                .boxed()
            })
            .await;
        match reply {
            Ok(reply) => Ok(Values {
                has_next: reply.next.is_some() && !reply.results.is_empty(),
                values: reply.results.iter().map(object).collect(),
            }),
            Err(error) if page.get() > 1 && is_not_found(&error) => Ok(Values {
                values: Vec::new(),
                has_next: false,
            }),
            Err(error) if page.get() > 1 && error.status() == Some(404) => Err(foreign(error, "there is no such page")),
            Err(error) => Err(error),
        }
    }
}

fn object(value: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(json)) => json,
        _ => Map::new(),
    }
}

fn not_understood(message: String) -> Error {
    Error::new(ErrorKind::AmbiguousReply, Disposition::Stop, message)
}
