//! Finds inputs without one uid that could be that of a device.
//!
//! The service reports one malformed uid as invalid. If all uids of an input are malformed, the wrong column was
//! chosen, and in the next list that column may have UUIDs of something else.

use crate::model::{PlanSettings, RowAt, RowKind, Source, UnusableInput};
use crate::proof::RowRecord;
use crate::rules::blank::is_blank;
use crate::rules::service_rules::{Malformed, Rules};
use crate::rules::skip_reasons::kind_of;

/// The uids of each input, as counts.
pub(crate) struct UidsOfInputs<'s> {
    rules: &'static dyn Rules,
    malformed: Malformed,
    sources: &'s [Source],
    inputs: Vec<Uids>,
}

#[derive(Clone, Default)]
struct Uids {
    rows: u64,
    inconsistent: u64,
    nil: u64,
    named_by_uid: u64,
    first: Option<RowAt>,
}

impl<'s> UidsOfInputs<'s> {
    pub(crate) fn new(settings: &PlanSettings, sources: &'s [Source]) -> Self {
        let rules = settings.service.rules();
        Self {
            rules,
            malformed: rules.malformed(settings.uid_validation),
            sources,
            inputs: vec![Uids::default(); sources.len()],
        }
    }

    /// Looks at a row, whether it is left out or not: what matters is what its input holds.
    pub(crate) fn see(&mut self, row: &RowRecord<'_>) {
        let is_comment = row
            .skipped
            .is_some_and(|reason| kind_of(reason) == RowKind::CommentedOut);
        if is_comment || is_blank(row.uid) {
            return;
        }
        let Some(at) = usize::try_from(row.source)
            .ok()
            .and_then(|number| number.checked_sub(1))
        else {
            return;
        };
        let (Some(source), Some(uids)) = (self.sources.get(at), self.inputs.get_mut(at)) else {
            return;
        };
        uids.rows += 1;
        let is_nil = self.rules.is_nil(row.uid);
        let is_malformed = self.malformed != Malformed::IsIgnored && !self.rules.is_well_formed(row.uid);
        if !is_nil && !is_malformed {
            return;
        }
        uids.inconsistent += 1;
        uids.nil += u64::from(is_nil);
        uids.named_by_uid += u64::from(self.rules.is_well_formed(row.name.trim()));
        if uids.first.is_none() {
            uids.first = Some(RowAt {
                row: row.row,
                source: source.name.clone(),
                line: row.line,
                uid: row.uid.to_owned(),
                name: row.name.to_owned(),
            });
        }
    }

    /// The inputs of which no uid will do, in their order.
    pub(crate) fn inconsistent(self) -> Vec<UnusableInput> {
        let inputs = self.inputs.into_iter().filter(|uids| uids.inconsistent == uids.rows);
        inputs
            .filter_map(|uids| {
                Some(UnusableInput {
                    rows: uids.rows,
                    nil: uids.nil,
                    is_swapped: uids.named_by_uid == uids.rows,
                    source: uids.first.as_ref()?.source.clone(),
                    first: uids.first?,
                })
            })
            .collect()
    }
}
