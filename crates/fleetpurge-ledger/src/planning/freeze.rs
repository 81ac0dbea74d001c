//! Turns a draft into a plan: the rules over all rows, the refusals, the digest.

use std::sync::Mutex;

use crate::model::{
    Conflicts, Error, ErrorKind, FreezeOptions, NamesFiltered, PlanSummary, Protection, RowKind, UnmatchedNames,
    UnmatchedProtect,
};
use crate::planning::draft::{Draft, Labels, Target};
use crate::planning::refused::{FreezeError, PlanRefused};
use crate::planning::replace;
use crate::planning::survey::{Survey, survey};
use crate::rules::Malformed;
use crate::store::draft::duplicates::Repeats;
use crate::store::draft::seen::Suspects;
use crate::store::draft::{commented_out, duplicates, labels, listing, name_filters, protect};
use crate::store::file::naming;
#[cfg(feature = "postgres")]
use crate::{
    reading::Ledger,
    store::postgres::{link::wait, put},
};

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
    let rules = draft.settings.service.rules();
    let lists = std::mem::take(&mut draft.protect);
    let filters = std::mem::take(&mut draft.names);
    let connection = draft.file.connection()?;
    let protection = protect::protect_rows(connection, rules, lists, &draft.sources, options.unmatched_listed)?;
    let repeats = duplicates::prepare_suspects(connection, rules, suspects)?;
    let names = name_filters::leave_out(connection, filters)?;
    if repeats == Repeats::Possible {
        duplicates::judge_rows(connection, rules)?;
    }
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
        || (names.unmatched().next().is_some() && options.unmatched_names == UnmatchedNames::Refuse)
        || names.unnamed > 0
        || (conflicts + ambiguous_labels + recalled > 0 && options.conflicts == Conflicts::Refuse)
        || (survey.count(RowKind::Malformed) > 0 && survey.malformed_rule == Malformed::Refuses)
        || !survey.unusable_inputs.is_empty()
        || to_send > settings.max_devices
        || to_send == 0;
    if is_refused {
        return Err(FreezeError::Refused(Box::new(refuse(
            draft,
            options,
            protection,
            names,
            Contradictions {
                conflicts,
                ambiguous_labels,
                recalled,
            },
            &survey,
        )?)));
    }
    draft.file.freeze(&survey.plan)?;
    match &draft.target {
        Target::File(target) => naming::put(draft.file.path(), target, || replace::check(target, draft.replace))?,
        #[cfg(feature = "postgres")]
        Target::Database(remote) => {
            let (file, replace) = (draft.file.path(), draft.replace);
            wait(|| put::whole(remote, file, replace))??;
            // As it will be read, and as it is now: what was not written right is noticed here.
            if Ledger::open(remote.url.clone())?.plan().digest != survey.plan.digest {
                return Err(Error::new(
                    ErrorKind::Altered,
                    "the plan in the database is not the one that was put there",
                )
                .into());
            }
        }
    }
    Ok(PlanSummary {
        plan: survey.plan,
        protection,
        names,
        malformed_first: survey.malformed_first,
        kinds: survey.kinds,
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
    names: NamesFiltered,
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
        Malformed::Refuses => (survey.count(RowKind::Malformed), survey.malformed_first.clone()),
        Malformed::IsTold | Malformed::IsIgnored => (0, Vec::new()),
    };
    Ok(PlanRefused {
        protection,
        unmatched_protect: options.unmatched_protect,
        names,
        unmatched_names: options.unmatched_names,
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
