//! Turns a draft into a plan: the rules over all rows, the refusals, the digest.

use std::sync::Mutex;

use crate::model::{
    Conflicts, Error, ErrorKind, FINDINGS_SHOWN, FreezeOptions, Plan, PlanSummary, Protection, RowAt, UnmatchedProtect,
    UnusableInput, clock,
};
use crate::planning::draft::{Draft, Labels};
use crate::planning::refused::{FreezeError, PlanRefused};
use crate::planning::replace;
use crate::proof::{HeadRecord, PlanDigest};
use crate::rules::{Malformed, Rule, UidsOfInputs, rule_of};
use crate::store::draft::seen::Suspects;
use crate::store::draft::{commented_out, duplicates, labels, listing, protect};
use crate::store::file::naming;
use crate::store::rows::each_row;

impl Draft {
    /// Applies the rules of planning and freezes what is left.
    ///
    /// When it returns, the plan is durable under its name.
    ///
    /// # Errors
    ///
    /// [`FreezeError::Refused`] with everything that was found; [`ErrorKind::Inconsistent`] while an input is open or a label is
    /// not resolved; an I/O error. No plan is written then.
    pub fn freeze(self, options: FreezeOptions) -> Result<PlanSummary, FreezeError> {
        if self.source_is_open {
            return Err(Error::new(
                ErrorKind::Inconsistent,
                "the plan was frozen before its last input had ended",
            )
            .into());
        }
        if self.unresolved > 0 {
            return Err(Error::new(
                ErrorKind::Inconsistent,
                format!(
                    "the plan was frozen before its labels were resolved, of {} rows",
                    self.unresolved
                ),
            )
            .into());
        }
        freeze(self, options)
    }
}

fn freeze(mut draft: Draft, options: FreezeOptions) -> Result<PlanSummary, FreezeError> {
    // A row whose label was resolved has another uid than it was read with.
    let suspects = match draft.labels {
        Labels::Open => std::mem::take(&mut draft.seen).suspects(),
        Labels::Resolved => Suspects::All,
    };
    let connection = draft.file.connection()?;
    let rules = draft.settings.service.rules();
    let lists = std::mem::take(&mut draft.protect);
    let protection = protect::protect_rows(connection, rules, lists, &draft.sources, options.unmatched_listed)?;
    duplicates::judge_rows(connection, rules, suspects)?;
    // Before the conflicts, so that a refusal tells of both.
    let recalled = commented_out::leave_out(connection)?;
    let conflicts = duplicates::count_conflicts(connection)?;
    if conflicts > 0 {
        duplicates::leave_out_conflicts(connection, draft.settings.service.words())?;
    }
    let ambiguous_labels = if draft.labels == Labels::Resolved {
        labels::count_ambiguous(connection)?
    } else {
        0
    };
    let survey = survey(&draft)?;
    let settings = &draft.settings;
    let to_send = survey.plan.to_send();
    let is_refused = (protection.unmatched > 0 && options.unmatched_protect == UnmatchedProtect::Refuse)
        || protection.invalid_patterns > 0
        || (conflicts + ambiguous_labels + recalled > 0 && options.conflicts == Conflicts::Refuse)
        || (survey.malformed > 0 && survey.malformed_rule == Malformed::Refuses)
        || !survey.unusable_inputs.is_empty()
        || to_send > settings.max_devices
        || to_send == 0;
    if is_refused {
        return Err(FreezeError::Refused(Box::new(refuse(
            draft,
            options,
            protection,
            Contradictions {
                conflicts,
                ambiguous_labels,
                recalled,
            },
            &survey,
        )?)));
    }
    draft.file.freeze(&survey.plan)?;
    naming::put(draft.file.path(), &draft.target, || {
        replace::check(&draft.target, draft.replace)
    })?;
    Ok(PlanSummary {
        repeats: survey.repeats,
        blanks: survey.blanks,
        commented_out: survey.commented_out,
        recalled: survey.recalled,
        protected: survey.protected,
        protection,
        conflicting: survey.conflicting,
        unknown_labels: survey.unknown_labels,
        ambiguous: survey.ambiguous,
        malformed: survey.malformed,
        malformed_first: survey.malformed_first,
        plan: survey.plan,
    })
}

/// The plan as it would be, and what stands out in it.
struct Survey {
    plan: Plan,
    repeats: u64,
    blanks: u64,
    commented_out: u64,
    recalled: u64,
    protected: u64,
    conflicting: u64,
    unknown_labels: u64,
    ambiguous: u64,
    malformed_rule: Malformed,
    malformed: u64,
    malformed_first: Vec<RowAt>,
    unusable_inputs: Vec<UnusableInput>,
}

fn survey(draft: &Draft) -> Result<Survey, Error> {
    let created_at = clock::now();
    let mut digest = PlanDigest::new(
        &HeadRecord::of(&draft.settings, &created_at.to_string()),
        &draft.sources,
    );
    let (mut repeats, mut blanks, mut protected, mut conflicting) = (0, 0, 0, 0);
    let (mut unknown_labels, mut ambiguous, mut malformed) = (0, 0, 0);
    let (mut commented_out, mut recalled) = (0, 0);
    let mut malformed_first = Vec::new();
    let mut uids = UidsOfInputs::new(&draft.settings, &draft.sources);
    let rules = draft.settings.service.rules();
    let malformed_rule = rules.malformed(draft.settings.uid_validation);
    each_row(draft.file.connection()?, |row| {
        digest.row(row);
        uids.see(row);
        match row.skipped.map(rule_of) {
            Some(Rule::Repeat) => repeats += 1,
            Some(Rule::Blank) => blanks += 1,
            Some(Rule::CommentedOut) => commented_out += 1,
            Some(Rule::Recalled) => recalled += 1,
            Some(Rule::Protected) => protected += 1,
            Some(Rule::Conflict) => conflicting += 1,
            Some(Rule::NoSuchLabel) => unknown_labels += 1,
            Some(Rule::AmbiguousLabel) => ambiguous += 1,
            None if malformed_rule != Malformed::IsIgnored && !rules.is_well_formed(row.uid) => {
                malformed += 1;
                if malformed_first.len() < FINDINGS_SHOWN {
                    malformed_first.push(RowAt {
                        row: row.row,
                        source: protect::source_name(&draft.sources, row.source),
                        line: row.line,
                        uid: row.uid.to_owned(),
                        name: row.name.to_owned(),
                    });
                }
            }
            None => {}
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
        repeats,
        blanks,
        commented_out,
        recalled,
        protected,
        conflicting,
        unknown_labels,
        ambiguous,
        malformed_rule,
        malformed,
        malformed_first,
        unusable_inputs: uids.inconsistent(),
    })
}

/// Rows that contradict one another: how many uids, labels and devices that is.
#[derive(Clone, Copy, Default)]
struct Contradictions {
    conflicts: u64,
    ambiguous_labels: u64,
    recalled: u64,
}

fn refuse(
    draft: Draft,
    options: FreezeOptions,
    protection: Protection,
    found: Contradictions,
    survey: &Survey,
) -> Result<PlanRefused, Error> {
    let Contradictions {
        conflicts,
        ambiguous_labels,
        recalled,
    } = match options.conflicts {
        Conflicts::Refuse => found,
        Conflicts::Skip => Contradictions::default(),
    };
    let connection = draft.file.connection()?;
    // Not all rows of a uid that a million rows share: enough to see the conflict.
    let (mut conflicts_first, mut ambiguous_first, mut recalled_first) = (Vec::new(), Vec::new(), Vec::new());
    if recalled > 0 {
        listing::enough(commented_out::each(connection, |_, row| {
            listing::show(&mut recalled_first, row)
        }))?;
    }
    if conflicts > 0 {
        listing::enough(duplicates::each_conflict(connection, |_, row| {
            listing::show(&mut conflicts_first, row)
        }))?;
    }
    if ambiguous_labels > 0 {
        listing::enough(labels::each_ambiguous(connection, |_, row| {
            listing::show(&mut ambiguous_first, row)
        }))?;
    }
    let (malformed, malformed_first) = match survey.malformed_rule {
        Malformed::Refuses => (survey.malformed, survey.malformed_first.clone()),
        Malformed::IsTold | Malformed::IsIgnored => (0, Vec::new()),
    };
    Ok(PlanRefused {
        protection,
        unmatched_protect: options.unmatched_protect,
        conflicts,
        conflicts_first,
        ambiguous_labels,
        ambiguous_first,
        recalled,
        recalled_first,
        malformed,
        malformed_first,
        unusable_inputs: survey.unusable_inputs.clone(),
        to_send: survey.plan.to_send(),
        max_devices: draft.settings.max_devices,
        service: draft.settings.service,
        malformed_rule: survey.malformed_rule,
        draft: Mutex::new(draft.file),
    })
}
