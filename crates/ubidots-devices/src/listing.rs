//! The devices of an account, page by page.

use std::collections::VecDeque;
use std::num::NonZeroU64;

use fleetpurge_engine::trace::Instrument;
use futures_core::stream::FusedStream;
use futures_util::{FutureExt, StreamExt};
use jiff::Timestamp;
use tokio::task::JoinSet;
use ubidots_devices_raw::types;

use crate::classify::says_not_found;
use crate::client::Client;
use crate::device::{Device, not_decoded};
use crate::filter::{Filter, Query, Verdict};
use crate::json::{Odd, RawJson};
use crate::key::{DeviceId, DeviceKey};
use crate::pages::{Pages, Step, Unwhole};
use crate::received::{Page, received};
use fleetpurge_http::error::{Error, ErrorKind};

/// What is asked of each device.
const FIELDS: &str = "id,label,name,tags,lastActivity";
/// How many devices a page is asked to have. A maximum is not documented.
const PAGE_SIZE: NonZeroU64 = NonZeroU64::new(200).unwrap();
/// A label is unique, so that the order of two devices is the same on every page.
const ORDER: &str = "label";

/// The devices of an account that a [`Filter`] means, page by page.
///
/// It ends with an error where what came is not the whole list: an entry twice, a count that changes or does not agree.
/// What was yielded before is then not to be used as a list.
#[derive(Debug)]
pub struct Listing {
    client: Client,
    filter: Filter,
    /// The part of the filter that the service is asked for.
    asked: Filter,
    page: Option<NonZeroU64>,
    pages: Pages<[u8; 12]>,
    /// The request for the next page, while it is open. It is a task, so that a listing that is not polled for a while
    /// cannot keep the token or the pace of its client from other requests. Dropping the listing ends it.
    fetching: JoinSet<Result<Page, Error>>,
    listed: u64,
    filter_ignored: bool,
    is_answered: bool,
    is_broken: bool,
    /// The filter cannot be meant: nothing is asked for.
    refused: Option<Error>,
    /// Devices of the current page that were not handed out one by one yet.
    left: VecDeque<Device>,
}

async fn fetch(client: Client, query: Query, page: NonZeroU64) -> Result<Page, Error> {
    client
        .read(|client| {
            let query = query.clone();
            async move {
                let mut call = client
                    .list_devices()
                    .fields(FIELDS)
                    .page(page)
                    .page_size(PAGE_SIZE)
                    .sort_by(ORDER);
                if let Some(prefix) = query.label_prefix {
                    call = call.label_startswith(prefix);
                }
                if let Some(never) = query.never_active {
                    call = call.last_activity_isnull(never);
                }
                if let Some(since) = query.inactive_since {
                    call = call.last_activity_lt(since);
                }
                if let Some(tags) = query.tags {
                    call = call.tags_contains(tags);
                }
                received::<_, Page>(client, call.send()).await
            }
            .boxed()
        })
        .await
}

impl Listing {
    /// The devices of the next page that are meant; None after the last.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: the request goes on, and the next call takes its reply. Dropping the listing
    /// cancels the request. The future must be polled within a Tokio runtime.
    ///
    /// # Errors
    ///
    /// The service did not answer, or the list is not whole, or it does not say what the filter needs. For a filter that
    /// [`Filter::check`] refuses, [`ErrorKind::InvalidInput`], and nothing was sent.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Device>>, Error> {
        if !self.left.is_empty() {
            return Ok(Some(std::mem::take(&mut self.left).into()));
        }
        if let Some(error) = self.refused.take() {
            self.is_broken = true;
            return Err(error);
        }
        if self.is_broken {
            return Err(unwhole(&Unwhole::Broken));
        }
        let Some(page) = self.page else { return Ok(None) };
        if self.fetching.is_empty() {
            let fetch = fetch(self.client.clone(), self.asked.query(), page);
            self.fetching.spawn(fetch.in_current_span());
        }
        let reply = match self.fetching.join_next().await {
            Some(Ok(reply)) => reply,
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Some(Err(_)) | None => Err(Error::new(
                ErrorKind::NoReply,
                fleetpurge_engine::Disposition::Stop,
                "the runtime was shut down before a page of the list came",
            )),
        };
        let answer = match reply {
            Ok(reply) => self.take(page, &reply).map(Some),
            // What a page beyond the last is answered with is not documented; this is the framework's way.
            Err(error) if page.get() > 1 && is_not_found(&error) => match self.pages.end() {
                Ok(_) => {
                    self.page = None;
                    Ok(None)
                }
                Err(why) => Err(unwhole(&why)),
            },
            // Not the service's word, so that more pages may follow.
            Err(error) if page.get() > 1 && error.status() == Some(404) => Err(foreign(error, "there is no such page")),
            // Nothing was listed; the page can be asked for again.
            Err(error) => return Err(error),
        };
        // Whoever asks on after an error is not to come to the end of a list that lacks a page.
        self.is_broken = answer.is_err();
        answer
    }

    /// The next device; `None` after the last.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no device: as [`next_page`](Self::next_page).
    ///
    /// # Errors
    ///
    /// As [`next_page`](Self::next_page).
    pub async fn next_device(&mut self) -> Result<Option<Device>, Error> {
        loop {
            if let Some(device) = self.left.pop_front() {
                return Ok(Some(device));
            }
            match self.next_page().await? {
                Some(devices) => self.left = devices.into(),
                None => return Ok(None),
            }
        }
    }

    /// The devices one by one, as a stream that fetches pages as they are needed and ends after an error.
    ///
    /// **The list is complete only if the stream ended without an error**: use `try_collect`, `try_next` or `?`. The stream
    /// borrows the listing, so that what it has counted can be asked for afterwards. Dropping the stream loses no device: a
    /// second stream of the same listing continues where the first stopped; after an error it repeats the error, or the
    /// request that failed.
    ///
    /// Read the whole list before you delete: a deletion shifts the pages that were not read yet, and the list fails.
    ///
    /// ```
    /// # use ubidots_devices::{Client, Error, Filter};
    /// # async fn example(client: Client) -> Result<(), Error> {
    /// use futures_util::TryStreamExt;
    ///
    /// let mut listing = client.devices(Filter::default().label_prefix("lab-"));
    /// let devices: Vec<_> = listing.stream().try_collect().await?;
    /// assert!(devices.len() as u64 <= listing.listed());
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(&mut self) -> impl FusedStream<Item = Result<Device, Error>> + Send + '_ {
        let devices = futures_util::stream::unfold(Some(self), |listing| async {
            let listing = listing?;
            match listing.next_device().await {
                Ok(device) => device.map(|device| (Ok(device), Some(listing))),
                Err(error) => Some((Err(error), None)),
            }
        });
        // Alone it panics when it is polled after its end.
        devices.fuse()
    }

    /// The devices of a page that are meant.
    fn take(&mut self, page: NonZeroU64, reply: &Page) -> Result<Vec<Device>, Error> {
        self.is_answered = true;
        let devices: Vec<_> = reply.entries.iter().map(Device::listed).collect();
        let head = reply.head();
        // What is on the page was seen, also where the page cannot be taken.
        if head.is_err() || devices.iter().any(Result::is_err) {
            self.pages.see(devices.iter().flatten().map(|device| device.id.bytes()));
        }
        let devices = devices.into_iter().collect::<Result<Vec<_>, _>>()?;
        let head = head.map_err(|Odd| not_decoded())?;
        let step = self
            .pages
            .take(head, devices.iter().map(|device| device.id.bytes()))
            .map_err(|why| unwhole(&why))?;
        self.listed += devices.len() as u64;
        self.page = match step {
            Step::Next => page.checked_add(1),
            Step::End => None,
        };
        let mut meant = Vec::with_capacity(devices.len());
        for device in devices {
            self.filter_ignored |= self.asked.judge(&device) == Verdict::NotMeant;
            match self.filter.judge(&device) {
                Verdict::Meant => meant.push(device),
                Verdict::NotMeant => {}
                Verdict::Unsaid(field) => return Err(unsaid(field, &device.id)),
            }
        }
        Ok(meant)
    }

    /// How many devices the service has listed so far, meant or not.
    #[must_use]
    pub fn listed(&self) -> u64 {
        self.listed
    }

    /// Whether the service has listed this device on any page so far, meant or not, also where the list is not whole.
    #[must_use]
    pub fn has_listed(&self, id: &DeviceId) -> bool {
        self.pages.has_seen(&id.bytes())
    }

    /// How many devices the service says there are on all pages; None before the first, and where it does not say.
    #[must_use]
    pub fn counted(&self) -> Option<u64> {
        self.pages.count()
    }

    /// Whether a page has come that was a list of devices, so that this is the address of the API.
    pub(crate) fn is_answered(&self) -> bool {
        self.is_answered
    }

    /// Whether the service listed a device that it was not asked for: it may ignore the filter. Such devices are left out,
    /// as are those that the service cannot be asked to leave out: it knows no "or", and no tags with a comma.
    #[must_use]
    pub fn filter_was_ignored(&self) -> bool {
        self.filter_ignored
    }
}

fn unwhole(why: &Unwhole) -> Error {
    Error::new(
        ErrorKind::AmbiguousReply,
        fleetpurge_engine::Disposition::Stop,
        format!("the list of devices is incomplete: {why}"),
    )
}

fn unsaid(field: &str, id: &DeviceId) -> Error {
    Error::new(
        ErrorKind::AmbiguousReply,
        fleetpurge_engine::Disposition::Stop,
        format!("the service does not say {field} of the device {id}, so the filter cannot be checked"),
    )
}

impl Client {
    /// The devices of the account that `filter` means. Nothing is sent yet; a filter that [`Filter::check`] refuses is
    /// refused by the first page.
    #[must_use]
    pub fn devices(&self, filter: Filter) -> Listing {
        Listing {
            client: self.clone(),
            asked: filter.askable(),
            refused: filter.check(Timestamp::now()).err(),
            filter,
            page: Some(NonZeroU64::MIN),
            pages: Pages::new(),
            fetching: JoinSet::new(),
            listed: 0,
            filter_ignored: false,
            is_answered: false,
            is_broken: false,
            left: VecDeque::new(),
        }
    }

    /// The device with this key, with everything the service says of it; None: the service says that there is none.
    ///
    /// Ask by id whether a device is gone: one that still sends data is created again under its label. For many devices
    /// there is [`search`](Self::search).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request; nothing is changed by it, and it can be made again. It must be polled within
    /// a Tokio runtime.
    ///
    /// # Errors
    ///
    /// The service did not answer, or not with this device: an id is the same in either case, a label character for
    /// character. A 404 that is not in the service's own words ([`ErrorKind::AmbiguousReply`]) may be a proxy's, and says
    /// nothing of the device.
    pub async fn device(&self, key: &DeviceKey) -> Result<Option<Device>, Error> {
        let path = path_key(key)?;
        let reply = self
            .read(|client| {
                let path = path.clone();
                async move { received::<_, RawJson>(client, client.get_device().device_key(path).send()).await }.boxed()
            })
            .await;
        match reply {
            Ok(device) => {
                let device = Device::read(&device)?;
                if is_named_by(key, &device) {
                    Ok(Some(device))
                } else {
                    Err(Error::new(
                        ErrorKind::AmbiguousReply,
                        fleetpurge_engine::Disposition::Stop,
                        format!("the service answered with another device than {key}"),
                    ))
                }
            }
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) if error.status() == Some(404) => Err(foreign(error, "there is no such device")),
            Err(error) => Err(error),
        }
    }
}

/// Whether the service itself says that what was asked for is not there.
pub(crate) fn is_not_found(error: &Error) -> bool {
    error.status() == Some(404) && error.body_head().is_some_and(says_not_found)
}

/// A 404 that somebody else may have answered.
pub(crate) fn foreign(error: Error, unsaid: &str) -> Error {
    let head = error.body_head().map(str::to_owned);
    Error::new(
        ErrorKind::AmbiguousReply,
        fleetpurge_engine::Disposition::Stop,
        format!(
            "the answer is a 404 that does not say in the service's own words that {unsaid}; it may be that of a proxy"
        ),
    )
    .with_body_head(head)
    .with_source(error)
}

/// How the service looks a label up is not documented; one that it spells in another way may be another device's.
fn is_named_by(key: &DeviceKey, device: &Device) -> bool {
    match key {
        DeviceKey::Id(id) | DeviceKey::IdObject(id) => *id == device.id,
        DeviceKey::Label(label) => device.label.as_deref() == Some(label.as_str()),
    }
}

pub(crate) fn path_key(key: &DeviceKey) -> Result<types::DevicePathKey, Error> {
    let text = key.id().map_or_else(|| key.to_string(), ToString::to_string);
    text.parse()
        .map_err(|_| Error::invalid_input(format!("the key {key} cannot be part of a URL")))
}
