//! The chain of a plan's commits: each link covers what was written and the link before it. Whoever knows a link notices when
//! it is gone: a database that was restored, or that failed over and lost commits, goes on with another chain.

use crate::proof::checksums::Checksum;
use crate::proof::fields::Fields;

pub(crate) type Link = [u8; 32];

/// The first link, of a plan that comes with this many commits.
pub(crate) fn genesis(plan: &str, commits: u64) -> Link {
    let mut fields = Fields::of("chain");
    fields.text(plan).number(commits);
    fields.digest()
}

/// The link of the commit with this number: of the run that wrote it, and the checksums of all its records.
pub(crate) fn next(before: &[u8], number: u64, run: u64, records: &[Checksum]) -> Link {
    let mut fields = Fields::of("link");
    fields
        .bytes(before)
        .number(number)
        .number(run)
        .number(records.len() as u64);
    for record in records {
        fields.bytes(record);
    }
    fields.digest()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_depends_on_all_that_it_covers() {
        let first = genesis("plan", 3);
        let link = next(&first, 4, 1, &[[1; 16], [2; 16]]);
        assert_ne!(first, genesis("plan", 4));
        assert_ne!(first, genesis("other", 3));
        for other in [
            next(&genesis("plan", 2), 4, 1, &[[1; 16], [2; 16]]),
            next(&first, 5, 1, &[[1; 16], [2; 16]]),
            next(&first, 4, 2, &[[1; 16], [2; 16]]),
            next(&first, 4, 1, &[[2; 16], [1; 16]]),
            next(&first, 4, 1, &[[1; 16]]),
        ] {
            assert_ne!(link, other);
        }
    }
}
