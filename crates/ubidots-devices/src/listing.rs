//! The devices of an account, one by one or page by page.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use fleetpurge_http::detached::Undone;
use futures_core::Stream;
use futures_core::stream::FusedStream;
use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::task::JoinSet;
use tracing::Instrument;
use ubidots_devices_raw::types;

use crate::classify::says_not_found;
use crate::client::Client;
use crate::device::{Device, not_decoded};
use crate::error::{Error, ErrorKind};
use crate::filter::{Filter, Query, Verdict};
use crate::json::{Odd, RawJson};
use crate::key::{DeviceId, DeviceKey};
use crate::pages::{Pages, Step, Unwhole};
use crate::received::{Page, received};

/// What is asked of each device.
const FIELDS: &str = "id,label,name,tags,lastActivity";
/// How many devices a page is asked to have. A maximum is not documented.
const PAGE_SIZE: NonZeroU64 = NonZeroU64::new(200).unwrap();
/// A label is unique, so that the order of two devices is the same on every page.
const ORDER: &str = "label";

/// The devices of an account that a [`Filter`] means: a [`Stream`] of devices, whose pages are requested as they are
/// needed, or [`next_page`](Self::next_page).
///
/// **The list is only whole if it ended without an error.** It fails where what came is not the whole list: an entry came
/// twice, or the count changed or does not agree. Then a device may be missing, and what was yielded before is not to be
/// used as a list. After an error the stream ends, so collect it with `try_collect`, which drops an incomplete list.
/// [`is_whole`](Self::is_whole) says the same afterwards.
///
/// Read the whole list before you delete: a deletion shifts the pages that were not read yet, and the list fails.
///
/// ```
/// use fleetpurge_simulator::{Simulator, UbidotsDevice};
/// use futures_util::TryStreamExt;
/// use ubidots_devices::{Account, Client, Credentials, Device, Filter};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devices = [("6e309da44fc8455a9cceb5aa", "lab-1"), ("6e309da44fc8455a9cceb5ab", "hall-1")];
/// # let devices = devices.map(|(id, label)| UbidotsDevice::new(id, label));
/// # let simulator = Simulator::builder().static_token("token").ubidots_devices(devices).start().await?;
/// # let account = Account::at(simulator.url())?;
/// let client = Client::builder(account, Credentials::token("token".into())).build()?;
/// let mut list = client.devices(Filter::default().label_prefix("lab-"));
/// let devices: Vec<Device> = (&mut list).try_collect().await?;
/// assert!(list.is_whole());
/// assert_eq!(devices.len(), 1);
/// assert_eq!(devices[0].label.as_deref(), Some("lab-1"));
/// # Ok(())
/// # }
/// ```
///
/// # Cancel safety
///
/// Nothing is lost if a future of `next` or [`next_page`](Self::next_page) is dropped, as `select!` and `timeout` do: the
/// request for a page goes on, its reply is kept for the next call, and so are devices of a page that were not yielded
/// yet. Dropping the listing ends the request.
///
/// # Panics
///
/// When it is polled outside a Tokio runtime.
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
    /// Devices of the last page that the stream has not yielded yet.
    unread: VecDeque<Device>,
    listed: u64,
    filter_ignored: bool,
    is_answered: bool,
    is_broken: bool,
    /// The stream has yielded an error, after which it has nothing more.
    has_failed: bool,
    /// The filter cannot be meant: nothing is asked for.
    refused: Option<Error>,
}

async fn fetch(client: Client, query: Query, page: NonZeroU64) -> Result<Page, Error> {
    client
        .read(|client| {
            let query = query.clone();
            async move {
                let call = client.list_devices(
                    Some(FIELDS),
                    query.label_prefix.as_deref(),
                    query.never_active,
                    query.inactive_since,
                    Some(page),
                    Some(PAGE_SIZE),
                    Some(ORDER),
                    query.tags.as_deref(),
                );
                received::<_, Page>(client, call).await
            }
            .boxed()
        })
        .await
}

impl Listing {
    /// The devices of the next page that are meant, which may be none; `None` after the last page. Devices of a page that
    /// the stream has begun, and not yielded yet, come first.
    ///
    /// # Errors
    ///
    /// The service did not answer, or the list is not whole, or it does not say what the filter needs. For a filter that
    /// [`Filter::check`] refuses, [`ErrorKind::InvalidInput`], and nothing was sent. A page for which the service did not
    /// answer is asked for again by the next call; any other error stays.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Device>>, Error> {
        if !self.unread.is_empty() {
            return Ok(Some(std::mem::take(&mut self.unread).into()));
        }
        poll_fn(|cx| self.poll_page(cx)).await
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Vec<Device>>, Error>> {
        if let Some(error) = self.refused.take() {
            self.is_broken = true;
            return Poll::Ready(Err(error));
        }
        if self.is_broken {
            return Poll::Ready(Err(unwhole(&Unwhole::Broken)));
        }
        let Some(page) = self.page else {
            return Poll::Ready(Ok(None));
        };
        if self.fetching.is_empty() {
            let fetch = fetch(self.client.clone(), self.asked.query(), page);
            self.fetching.spawn(fetch.in_current_span());
        }
        let reply = match ready!(self.fetching.poll_join_next(cx)) {
            Some(Ok(reply)) => reply,
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // The runtime is shutting down.
            Some(Err(_)) | None => Err(Undone::CalledOff.into()),
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
            Err(error) => return Poll::Ready(Err(error)),
        };
        // Whoever asks on after an error is not to come to the end of a list that lacks a page.
        self.is_broken = answer.is_err();
        Poll::Ready(answer)
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

    /// Whether the list is whole and each of its devices was yielded: its last page has come, and no page is missing.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.page.is_none() && !self.is_broken && self.unread.is_empty()
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

/// The devices, one by one. It yields at most one error, and ends after it: the list is only whole if it ended without one.
impl Stream for Listing {
    type Item = Result<Device, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Device, Error>>> {
        let this = self.get_mut();
        loop {
            if this.has_failed {
                return Poll::Ready(None);
            }
            if let Some(device) = this.unread.pop_front() {
                return Poll::Ready(Some(Ok(device)));
            }
            match ready!(this.poll_page(cx)) {
                Ok(Some(devices)) => this.unread = devices.into(),
                Ok(None) => return Poll::Ready(None),
                Err(error) => {
                    this.has_failed = true;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl FusedStream for Listing {
    fn is_terminated(&self) -> bool {
        self.has_failed || self.is_whole()
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
    /// The devices of the account that `filter` means, as a stream. Nothing is sent yet; a filter that [`Filter::check`]
    /// refuses is refused by the first page.
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
            unread: VecDeque::new(),
            listed: 0,
            filter_ignored: false,
            is_answered: false,
            is_broken: false,
            has_failed: false,
        }
    }

    /// The device with this key, with everything the service says of it; None: the service says that there is none.
    ///
    /// Ask by id whether a device is gone: one that still sends data is created again under its label. For many devices
    /// there is [`search`](Self::search).
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
                async move { received::<_, RawJson>(client, client.get_device(&path, None)).await }.boxed()
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
