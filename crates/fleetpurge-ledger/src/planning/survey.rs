//! The plan as it would be, and what stands out in it.

use crate::model::{Error, FINDINGS_SHOWN, Plan, RowAt, RowKind, RowsOfKind, UnusableInput, clock};
use crate::planning::draft::Draft;
use crate::planning::edges::Edges;
use crate::proof::{HeadRecord, PlanDigest};
use crate::rules::{Malformed, UidsOfInputs, kind_of};
use crate::store::draft::protect::source_name;
use crate::store::rows::each_row;

/// The plan as it would be, and what stands out in it.
pub(crate) struct Survey {
    pub(crate) plan: Plan,
    pub(crate) kinds: Vec<RowsOfKind>,
    pub(crate) malformed_rule: Malformed,
    pub(crate) malformed_first: Vec<RowAt>,
    pub(crate) unusable_inputs: Vec<UnusableInput>,
}

impl Survey {
    /// How many rows of this kind there are.
    pub(crate) fn count(&self, kind: RowKind) -> u64 {
        RowsOfKind::count(&self.kinds, kind)
    }
}

pub(crate) fn survey(draft: &Draft) -> Result<Survey, Error> {
    let created_at = clock::now();
    let mut digest = PlanDigest::new(
        &HeadRecord::of(&draft.settings, &created_at.to_string()),
        &draft.sources,
    );
    let mut edges = Edges::new();
    let mut malformed_first = Vec::new();
    let mut uids = UidsOfInputs::new(&draft.settings, &draft.sources);
    let rules = draft.settings.service.rules();
    let malformed_rule = rules.malformed(draft.settings.uid_validation);
    each_row(draft.file.connection()?, |row| {
        digest.row(row);
        uids.see(row);
        edges.see(row.skipped.map_or(RowKind::ToSend, kind_of), row);
        if row.skipped.is_none() && malformed_rule != Malformed::IsIgnored && !rules.is_well_formed(row.uid) {
            edges.see(RowKind::Malformed, row);
            if malformed_first.len() < FINDINGS_SHOWN {
                malformed_first.push(RowAt {
                    row: row.row,
                    source: source_name(&draft.sources, row.source),
                    line: row.line,
                    uid: row.uid.to_owned(),
                    name: row.name.to_owned(),
                });
            }
        }
        Ok(())
    })?;
    Ok(Survey {
        plan: Plan {
            settings: draft.settings.clone(),
            planned: digest.rows(),
            skipped: digest.skipped(),
            created_at,
            sources: draft.sources.clone(),
            digest: digest.finish(),
        },
        kinds: edges.into_kinds(&draft.sources),
        malformed_rule,
        malformed_first,
        unusable_inputs: uids.inconsistent(),
    })
}
