//! Which of many devices are still in the account.
//!
//! There are two ways: the list of the account, 200 devices a request, or a request for each device by id. A device in
//! the list is present, whatever a 404 by id says. A device that a complete list lacks is gone. A list that changes
//! while it is read proves which devices are present, but not which are gone.

use std::sync::atomic::Ordering;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::filter::Filter;
use crate::key::{DeviceId, DeviceKey};
use crate::listing::Listing;

/// So many further pages are read whatever it costs by id: the list is the better evidence.
const FEW_PAGES: u64 = 10;
/// How often a list is begun that turns out not to be whole.
const LISTS: usize = 2;

/// Whether a device is in the account.
#[derive(Debug)]
#[non_exhaustive]
pub enum Presence {
    /// It is.
    Present,
    /// The service says that it is not: it is missing from the whole list, or the service answers by id that there is no
    /// such device.
    Gone,
    /// The service did not say: what answered may not be the service, or the reply is about another device.
    NotKnown(Error),
}

/// What the account was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Asked {
    /// The list of all its devices.
    List,
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
    /// What was listed; the last one decides whether it is whole.
    lists: Vec<Listing>,
    asked: Asked,
    reads_before: u64,
}

impl Client {
    /// Begins to look for these devices: reads the list of the account, or as much of it as is worth its requests.
    ///
    /// `listed` is told how many devices came with each page. Then ask for each device with [`Search::find`].
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
        let mut ids = Some(ids);
        let mut why = String::new();
        for _ in 0..LISTS {
            let mut list = self.devices(Filter::all());
            let end = loop {
                match list.next_page().await {
                    Ok(Some(page)) => listed(page.len() as u64),
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
                if let Some(ids) = ids.take() {
                    let unseen = ids.into_iter().filter(|id| !list.has_listed(id)).count() as u64;
                    if unseen > 0 && !is_worth_listing(list.counted(), list.listed(), unseen) {
                        search.lists.push(list);
                        search.asked = Asked::ById;
                        return Ok(search);
                    }
                }
            };
            match end {
                Ok(()) if list.counted() == Some(list.listed()) => {
                    search.lists.push(list);
                    return Ok(search);
                }
                Ok(()) => "the service does not say how many devices there are".clone_into(&mut why),
                Err(error) if error.kind() == ErrorKind::AmbiguousReply && list.is_answered() => {
                    why = error.to_string();
                }
                Err(error) => return Err(error),
            }
            search.lists.push(list);
        }
        search.asked = Asked::ListAndById { why };
        Ok(search)
    }
}

impl Search {
    /// Whether this device is in the account. Sends a request only where the list does not say it.
    ///
    /// # Errors
    ///
    /// The service did not answer, or refused to: nothing is to be learned of further devices either.
    pub async fn find(&self, id: &DeviceId) -> Result<Presence, Error> {
        if self.lists.iter().any(|list| list.has_listed(id)) {
            return Ok(Presence::Present);
        }
        if self.asked == Asked::List {
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
