//! Which of many devices are still in the account.
//!
//! There are two ways: the list of the account, 200 devices a request, or a request for each device by id. A device in
//! the list is present, whatever a 404 by id says. A device that one complete list lacks need not be gone: if one device is
//! deleted and another added while the list is read, its count is right and no device comes twice, and the device at the
//! boundary of two pages is on neither. So what a list of several pages lacks is asked for by id, or looked for in a
//! second complete list, whichever takes fewer requests. An incomplete list proves which devices are present, but not
//! which are gone.

use std::sync::atomic::Ordering;

use crate::client::Client;
use crate::filter::Filter;
use crate::key::{DeviceId, DeviceKey};
use crate::listing::Listing;
use fleetpurge_http::error::{Error, ErrorKind};

/// So many further pages are read whatever it costs by id: the list is the better evidence.
const FEW_PAGES: u64 = 10;
/// How often a list is begun that turns out not to be whole, and how many whole ones show that a device is gone.
const LISTS: usize = 2;

/// Whether a device is in the account.
#[derive(Debug)]
#[non_exhaustive]
pub enum Presence {
    /// It is.
    Present,
    /// The service says that it is not: it is missing from a whole list of one page or from two whole lists, or the
    /// service answers by id that there is no such device.
    Gone,
    /// The service did not say: what answered may not be the service, or the reply is about another device.
    NotKnown(Error),
}

/// What the account was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Asked {
    /// The list of all its devices. It shows each device that is looked for, or it came as one page, which cannot change
    /// while it is read.
    List,
    /// The list of all its devices, two times: what both lack is gone.
    ListTwice,
    /// The list, and by id each device that it does not show: a list of several pages can hide a device.
    ListThenById,
    /// Each device by its id, but for those on the list's first page.
    ById,
    /// The list, and by id each device that it did not show, because the list was not whole.
    ListAndById {
        /// Why it was not.
        why: String,
    },
}

/// A search of the account, begun with [`Client::search`].
#[derive(Debug)]
pub struct Search {
    client: Client,
    /// What was listed, whole or not.
    lists: Vec<Listing>,
    asked: Asked,
    reads_before: u64,
}

impl Client {
    /// Begins to look for these devices: reads the list of the account, or as much of it as is worth its requests.
    ///
    /// `listed` is called with the number of devices of each page. Then ask for each device with [`Search::find`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request; nothing is changed by it, and it can be made again. It must be polled within
    /// a Tokio runtime.
    ///
    /// # Errors
    ///
    /// The list was not answered, or not by the API: then nothing is known of any device.
    pub async fn search<'a, I>(&self, ids: I, mut listed: impl FnMut(u64)) -> Result<Search, Error>
    where
        I: IntoIterator<Item = &'a DeviceId>,
    {
        let reads_before = self.0.reads.load(Ordering::Relaxed);
        let mut search = Search {
            client: self.clone(),
            lists: Vec::new(),
            asked: Asked::List,
            reads_before,
        };
        let mut unseen: Vec<&DeviceId> = ids.into_iter().collect();
        let (mut whole, mut unwhole) = (0, 0);
        loop {
            let mut list = self.devices(Filter::all());
            let mut pages = 0;
            let end = loop {
                match list.next_page().await {
                    Ok(Some(page)) => listed(page.len() as u64),
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
                pages += 1;
                if pages == 1 && search.lists.is_empty() {
                    let unseen = unseen.iter().filter(|id| !list.has_listed(id)).count() as u64;
                    if unseen > 0 && !is_worth_listing(list.counted(), list.listed(), unseen) {
                        search.lists.push(list);
                        search.asked = Asked::ById;
                        return Ok(search);
                    }
                }
            };
            unseen.retain(|id| !list.has_listed(id));
            let why = match end {
                Ok(()) if list.counted() == Some(list.listed()) => None,
                Ok(()) => Some("the service does not say how many devices there are".to_owned()),
                Err(error) if error.kind() == ErrorKind::AmbiguousReply && list.is_answered() => {
                    Some(error.to_string())
                }
                Err(error) => return Err(error),
            };
            search.lists.push(list);
            if let Some(why) = why {
                unwhole += 1;
                if unwhole == LISTS {
                    search.asked = Asked::ListAndById { why };
                    return Ok(search);
                }
                continue;
            }
            whole += 1;
            if let Some(asked) = proves(whole, pages, unseen.len() as u64) {
                search.asked = asked;
                return Ok(search);
            }
        }
    }
}

/// What is asked, once a list has come that is whole: the `whole`th, of so many pages, after which so many devices are
/// still not seen. None: the list, once more.
fn proves(whole: usize, pages: u64, unseen: u64) -> Option<Asked> {
    match whole {
        _ if unseen == 0 || pages <= 1 => Some(Asked::List),
        LISTS.. => Some(Asked::ListTwice),
        _ if unseen <= pages => Some(Asked::ListThenById),
        _ => None,
    }
}

impl Search {
    /// Whether this device is in the account. Sends a request only where the list does not say it.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the request; nothing is changed by it, and it can be made again. It must be polled within
    /// a Tokio runtime.
    ///
    /// # Errors
    ///
    /// The service did not answer, or refused to: nothing is to be learned of further devices either.
    pub async fn find(&self, id: &DeviceId) -> Result<Presence, Error> {
        if self.lists.iter().any(|list| list.has_listed(id)) {
            return Ok(Presence::Present);
        }
        if matches!(self.asked, Asked::List | Asked::ListTwice) {
            return Ok(Presence::Gone);
        }
        match self.client.device(&DeviceKey::Id(id.clone())).await {
            Ok(Some(_)) => Ok(Presence::Present),
            Ok(None) => Ok(Presence::Gone),
            Err(error) if error.kind() == ErrorKind::AmbiguousReply => Ok(Presence::NotKnown(error)),
            Err(error) => Err(error),
        }
    }

    /// What the account is asked.
    #[must_use]
    pub const fn asked(&self) -> &Asked {
        &self.asked
    }

    /// How many devices the account has, as the service says.
    #[must_use]
    pub fn counted(&self) -> Option<u64> {
        self.lists.last().and_then(Listing::counted)
    }

    /// How many requests that only read the client and its clones have made since the search began, those that were made
    /// again included; without those for a token.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.client
            .0
            .reads
            .load(Ordering::Relaxed)
            .saturating_sub(self.reads_before)
    }
}

/// Whether the rest of a list costs no more requests than the devices that its first page did not show, or hardly any.
/// `counted` devices are on all pages, of which the first had `listed`.
fn is_worth_listing(counted: Option<u64>, listed: u64, unseen: u64) -> bool {
    // Without a count no list is known to be whole.
    let Some(counted) = counted else { return false };
    let pages = counted.saturating_sub(listed).div_ceil(listed.max(1));
    pages <= unseen.max(FEW_PAGES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_list_of_several_pages_lacks_is_asked_for_by_id_or_looked_for_in_a_second_list() {
        for (whole, pages, unseen, expected) in [
            (1, 0, 0, Some(Asked::List)),
            (1, 1, 200, Some(Asked::List)),
            (1, 9, 0, Some(Asked::List)),
            (1, 2, 1, Some(Asked::ListThenById)),
            (1, 2, 2, Some(Asked::ListThenById)),
            (1, 2, 3, None),
            (2, 2, 3, Some(Asked::ListTwice)),
            (2, 2, 1, Some(Asked::ListTwice)),
            (2, 2, 0, Some(Asked::List)),
        ] {
            assert_eq!(proves(whole, pages, unseen), expected, "{whole} {pages} {unseen}");
        }
    }

    #[test]
    fn the_list_is_read_where_that_is_cheaper_or_costs_hardly_anything() {
        for (counted, listed, unseen, expected) in [
            // All of it is there already.
            (Some(0), 0, 1, true),
            (Some(8), 8, 1, true),
            // Ten further pages at most.
            (Some(2_200), 200, 1, true),
            (Some(2_201), 200, 1, false),
            (Some(2_201), 200, 11, true),
            // A page for each device.
            (Some(200_200), 200, 1_000, true),
            (Some(200_201), 200, 1_000, false),
            (Some(1_000_000), 200, 1_000_000, true),
            // Pages may be shorter than they were asked to be.
            (Some(1_000), 50, 18, false),
            (Some(1_000), 50, 19, true),
            // A first page without devices where there are some: it is read on, and turns out not to be whole.
            (Some(5), 0, 1, true),
            (None, 200, 1_000_000, false),
        ] {
            assert_eq!(
                is_worth_listing(counted, listed, unseen),
                expected,
                "{counted:?} {listed} {unseen}"
            );
        }
    }
}
