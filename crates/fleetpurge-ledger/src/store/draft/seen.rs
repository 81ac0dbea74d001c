//! Which uids may have been seen before: so that only those are sorted. Pure.
//!
//! Nearly every list names every device once, and to sort a million rows takes as long as to read them. A Bloom filter of
//! fixed size says "never seen" for sure, and "perhaps seen" a little too often: what is perhaps repeated is compared
//! exactly afterwards, by [`duplicates`](super::duplicates).

use std::collections::HashSet;
use std::hash::{Hash, Hasher};

use crate::rules::UidKey;

/// 2^26 bits are 8 MiB, of which a short list touches few pages. Of ten million uids one in twenty is perhaps seen.
const BITS: u64 = 1 << 26;
/// How many bits stand for a uid.
const PROBES: u64 = 3;
/// More than this are not worth the memory: then all rows are sorted.
const MOST: usize = 200_000;

/// The uids of the rows so far.
#[derive(Debug)]
pub(crate) struct Seen {
    words: Vec<u64>,
    /// `None`: too many to know them apart.
    perhaps: Option<HashSet<u64>>,
}

/// Which rows have to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Suspects {
    All,
    /// Those whose uid has one of these hashes.
    These(HashSet<u64>),
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            words: Vec::new(),
            perhaps: Some(HashSet::new()),
        }
    }
}

impl Seen {
    /// A row has this uid.
    pub(crate) fn add(&mut self, key: &UidKey<'_>) {
        if self.words.is_empty() {
            // Zeroed memory is the system's until it is touched.
            self.words = vec![0; usize::try_from(BITS / 64).unwrap_or_default()];
        }
        let hash = hash(key);
        let step = (hash >> 32) | 1;
        let mut is_new = false;
        for probe in 0..PROBES {
            let bit = hash.wrapping_add(step.wrapping_mul(probe)) % BITS;
            let Some(word) = usize::try_from(bit / 64).ok().and_then(|at| self.words.get_mut(at)) else {
                continue;
            };
            let mask = 1 << (bit % 64);
            is_new |= *word & mask == 0;
            *word |= mask;
        }
        if is_new {
            return;
        }
        if let Some(perhaps) = &mut self.perhaps {
            perhaps.insert(hash);
            if perhaps.len() > MOST {
                self.perhaps = None;
            }
        }
    }

    /// The rows that have to be compared: all that have a uid which another row has are among them.
    pub(crate) fn suspects(self) -> Suspects {
        self.perhaps.map_or(Suspects::All, Suspects::These)
    }
}

impl Suspects {
    /// Whether a row with this uid has to be compared.
    pub(crate) fn has(&self, key: &UidKey<'_>) -> bool {
        match self {
            Self::All => true,
            Self::These(hashes) => hashes.contains(&hash(key)),
        }
    }
}

/// The same in one run: it stands in no file.
fn hash(key: &UidKey<'_>) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    match key {
        UidKey::Uuid(uuid) => uuid.hash(&mut hasher),
        UidKey::Text(text) => text.as_bytes().hash(&mut hasher),
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn text(text: &str) -> UidKey<'_> {
        UidKey::Text(Cow::Borrowed(text))
    }

    #[test]
    fn every_repeat_is_a_suspect_and_hardly_anything_else() {
        let mut seen = Seen::default();
        let uids: Vec<String> = (0..20_000).map(|n| format!("uid {n}")).collect();
        uids.iter().for_each(|uid| seen.add(&text(uid)));
        let perhaps = seen.perhaps.as_ref().map(HashSet::len).unwrap();
        assert!(perhaps < 20, "{perhaps}");
        for uid in uids.iter().step_by(1_000) {
            seen.add(&text(uid));
        }
        let suspects = seen.suspects();
        assert!(uids.iter().step_by(1_000).all(|uid| suspects.has(&text(uid))));
        assert!(uids.iter().filter(|uid| suspects.has(&text(uid))).count() < 40);
    }

    #[test]
    fn with_too_many_repeats_all_rows_are_compared() {
        let mut seen = Seen::default();
        for _ in 0..2 {
            for n in 0..=u32::try_from(MOST).unwrap() {
                let mut uuid = [7; 16];
                uuid[..4].copy_from_slice(&n.to_le_bytes());
                seen.add(&UidKey::Uuid(uuid));
            }
        }
        let suspects = seen.suspects();
        assert_eq!(suspects, Suspects::All);
        assert!(suspects.has(&text("anything")));
    }
}
