//! One request, from the call to its reply.

use std::collections::HashSet;
use std::future::IntoFuture;
use std::num::NonZeroUsize;
use std::pin::Pin;

use fleetpurge_engine::trace::{Instrument, info_span, warn};
use fleetpurge_engine::{Attempt, Disposition};
use fleetpurge_http::detached::{Caller, Undone, see_through};
use uuid::Uuid;

use crate::client::Client;
use crate::device::{Device, UidKey, UidValidation};
use crate::receipt::Receipt;
use fleetpurge_http::error::Error;

/// One request for some devices: await it, after setting what is to differ from the client's defaults.
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Deletion<'a> {
    client: &'a Client,
    devices: &'a [Device],
    request_id: Option<Uuid>,
    uid_validation: UidValidation,
}

impl<'a> Deletion<'a> {
    /// The `x-request-id` to send, for Nexthink's support to find the request by. Default: a new random one.
    pub fn request_id(mut self, id: Uuid) -> Self {
        self.request_id = Some(id);
        self
    }

    /// What happens to malformed UIDs in this request.
    pub fn uid_validation(mut self, mode: UidValidation) -> Self {
        self.uid_validation = mode;
        self
    }

    /// Sends the request and waits for its reply: the same as `.await` on the deletion itself.
    ///
    /// # Errors
    ///
    /// As [`Client::delete_devices`].
    pub async fn send(self) -> Result<Receipt, Error> {
        let devices: Vec<&Device> = self.devices.iter().collect();
        check(&devices, self.client.0.batch_limit, self.uid_validation)?;
        let (client, devices, request_id) = (self.client.clone(), self.devices.to_vec(), self.request_id);
        see_through(move |caller| async move { see_through_to_receipt(&client, &devices, request_id, caller).await })
            .await
    }
}

/// One request, and one more where the token had been revoked, for as long as the caller waits for it.
async fn see_through_to_receipt(
    client: &Client,
    devices: &[Device],
    request_id: Option<Uuid>,
    mut caller: Caller<Receipt>,
) {
    let devices: Vec<&Device> = devices.iter().collect();
    let mut attempt = Attempt {
        request_id: request_id.unwrap_or_else(Uuid::new_v4),
        batch: 1,
        number: 1,
    };
    loop {
        let span = info_span!("attempt", devices = devices.len(), request_id = %attempt.request_id);
        match client.attempt(&devices, &attempt, caller.gone()).instrument(span).await {
            // A caller that has gone away before the request left wants nothing deleted any more.
            Err(Undone::CalledOff) => return,
            // The token had been revoked; the client has forgotten it.
            Err(Undone::Failed(error)) if error.disposition() == Disposition::Reauthenticate && attempt.number == 1 => {
                attempt.number += 1;
                if request_id.is_none() {
                    attempt.request_id = Uuid::new_v4();
                }
            }
            answer => {
                let answer = answer.map(|reply| Receipt::of(devices.iter().copied().cloned().collect(), reply));
                if let Err(unheard) = caller.answer(answer.map_err(Error::from)) {
                    unheard_of(&devices, &unheard);
                }
                return;
            }
        }
    }
}

/// Logs an answer that nobody waits for any more: it is known nowhere else.
fn unheard_of(devices: &[&Device], answer: &Result<Receipt, Error>) {
    let uids = || devices.iter().map(|device| device.uid.as_str()).collect::<Vec<_>>();
    match answer {
        Ok(receipt) => {
            let outcomes: Vec<_> = receipt
                .iter()
                .map(|(device, of)| (device.uid.as_str(), of.kind.as_str()))
                .collect();
            warn!(
                request_id = receipt.request_id(),
                trace_id = receipt.trace_id(),
                ?outcomes,
                "a deletion was accepted after its caller had gone away"
            );
        }
        Err(error) => warn!(
            request_id = error.request_id().or(error.sent_request_id()),
            trace_id = error.trace_id(),
            applied = %error.applied(),
            uids = ?uids(),
            "a deletion failed after its caller had gone away: {error}"
        ),
    }
}

impl<'a> IntoFuture for Deletion<'a> {
    type Output = Result<Receipt, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// What can be known to be wrong before anything is sent.
fn check(devices: &[&Device], limit: NonZeroUsize, mode: UidValidation) -> Result<(), Error> {
    if devices.is_empty() {
        return Err(Error::invalid_input("no device was named"));
    }
    if devices.len() > limit.get() {
        return Err(Error::invalid_input(format!(
            "{} devices are more than the {limit} of one request",
            devices.len()
        )));
    }
    let mut seen = HashSet::with_capacity(devices.len());
    for (n, device) in devices.iter().enumerate() {
        if let Some(field) = device.blank_field() {
            return Err(Error::invalid_input(format!("device {} has a blank {field}", n + 1)));
        }
        if !seen.insert(UidKey::of(&device.uid)) {
            return Err(Error::invalid_input(format!("the uid {:?} is named twice", device.uid)));
        }
        if !device.has_canonical_uid() {
            match mode {
                UidValidation::Strict => {
                    return Err(Error::invalid_input(format!("the uid {:?} is malformed", device.uid)));
                }
                UidValidation::Warn => warn!(uid = device.uid, "malformed uid"),
                UidValidation::Permissive => {}
            }
        }
    }
    Ok(())
}

impl Client {
    /// Asks for the deletion of 1 to 100 devices in one request.
    ///
    /// A receipt means that the batch was accepted, and says for each device what became of it; none of them is deleted
    /// yet. A token that turns out to be refused (401, certainly not applied) is renewed once and the request made once
    /// more; apart from that there is exactly one request.
    ///
    /// # Cancel safety
    ///
    /// Nothing is sent before the future is first polled. Dropping it, as `select!` and `timeout` do, cancels a request
    /// that has not been sent yet, even while it waits for a token or a connection. A request that has been sent
    /// continues in a background task until its reply; it is not sent a second time, and its reply appears only in the
    /// log, as a warning with the outcome of each device. After a drop the service may therefore have acted: do not
    /// just send again.
    ///
    /// # Panics
    ///
    /// When it is polled outside a Tokio runtime.
    ///
    /// # Errors
    ///
    /// Nothing is sent for an empty list, more devices than the limit, a blank uid or name, a uid named twice, or,
    /// under [`UidValidation::Strict`], a malformed one ([`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput)). Everything else is in
    /// [`ErrorKind`](crate::ErrorKind); [`Error::applied`] says whether the service may have acted.
    pub fn delete_devices<'a>(&'a self, devices: &'a [Device]) -> Deletion<'a> {
        Deletion {
            client: self,
            devices,
            request_id: None,
            uid_validation: self.0.uid_validation,
        }
    }
}
