//! Ways in which a list may be wrong without an error.

use super::query::{PARAMETERS_OF_EVERY_LIST, Query};

/// How the lists of an account mislead whoever trusts them. Each trap is one that the documentation leaves open.
///
/// Some are always there: `next`, `previous`, `url` and `variables` point to another host, over plain `http`, as the
/// samples of the documentation do, and a parameter nobody has heard of is ignored, however much it looks like a filter.
///
/// ```
/// use fleetpurge_simulator::{PageTraps, Simulator};
///
/// let builder = Simulator::builder().page_traps(PageTraps::new().ignore_filter("lastActivity__lt").page_size_max(50));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "traps do nothing until set"]
pub struct PageTraps {
    ignored: Ignored,
    page_size_max: u64,
    count_off_by: i64,
    on_two_pages: bool,
    shift_after: Option<u64>,
    pub(super) empty_beyond_end: bool,
    pub(super) no_next: bool,
    pub(super) links: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Ignored {
    These(Vec<String>),
    EveryFilter,
}

impl Default for PageTraps {
    fn default() -> Self {
        Self {
            ignored: Ignored::These(Vec::new()),
            page_size_max: 1000,
            count_off_by: 0,
            on_two_pages: false,
            shift_after: None,
            empty_beyond_end: false,
            no_next: false,
            links: "http://industrial.ubidots.com".to_owned(),
        }
    }
}

impl PageTraps {
    /// None but those that are always there.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every filter is ignored: whatever is asked for, all devices are listed.
    pub fn ignore_filters(mut self) -> Self {
        self.ignored = Ignored::EveryFilter;
        self
    }

    /// This query parameter, such as `label__startswith` or `fields`, is ignored. May be called several times.
    pub fn ignore_filter(mut self, name: impl Into<String>) -> Self {
        if let Ignored::These(names) = &mut self.ignored {
            names.push(name.into());
        }
        self
    }

    /// The largest `page_size`; a larger one is silently this one. 1000 by default: no maximum is documented.
    pub fn page_size_max(mut self, items: u64) -> Self {
        self.page_size_max = items.max(1);
        self
    }

    /// The `count` of a list of devices is so much too high, or too low.
    pub fn count_off_by(mut self, devices: i64) -> Self {
        self.count_off_by = devices;
        self
    }

    /// The last device of the first page comes again as the first of the second, in the place of another.
    pub fn device_on_two_pages(mut self) -> Self {
        self.on_two_pages = true;
        self
    }

    /// Once this page of a list of devices has been served, the first device of the list is gone, and the pages that
    /// follow have moved up by one. Happens once.
    pub fn shift_after_page(mut self, page: u64) -> Self {
        self.shift_after = Some(page);
        self
    }

    /// A page beyond the end is an empty one; by default it is a 404.
    pub fn empty_beyond_end(mut self) -> Self {
        self.empty_beyond_end = true;
        self
    }

    /// `next` is null on every page, also where another follows.
    pub fn no_next(mut self) -> Self {
        self.no_next = true;
        self
    }

    /// The scheme and host of every link, `http://industrial.ubidots.com` by default: where a test listens for a client
    /// that follows one, with its token.
    pub fn links_to(mut self, base: impl Into<String>) -> Self {
        self.links = base.into();
        self
    }

    /// The query that is left when what is ignored is.
    pub(super) fn heed(&self, mut query: Query) -> Query {
        query.retain(|name| match &self.ignored {
            Ignored::These(names) => !names.iter().any(|ignored| ignored == name),
            Ignored::EveryFilter => PARAMETERS_OF_EVERY_LIST.contains(&name),
        });
        query
    }

    pub(super) fn clamp(&self, page_size: u64) -> u64 {
        page_size.min(self.page_size_max)
    }

    pub(super) fn count(&self, devices: u64) -> u64 {
        devices.saturating_add_signed(self.count_off_by)
    }

    pub(super) fn on_two_pages(&self) -> bool {
        self.on_two_pages
    }

    /// Whether the list shifts now that this page has been served; it will not again.
    pub(super) fn shifts(&mut self, page: u64) -> bool {
        let shifts = self.shift_after == Some(page);
        if shifts {
            self.shift_after = None;
        }
        shifts
    }
}
