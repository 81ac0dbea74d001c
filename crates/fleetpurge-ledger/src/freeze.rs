//! Turns a draft into a plan: the rules over all rows, the refusals, the digest.
//!
//! SQLite sorts the rows by uid, outside memory; [`rules`](crate::rules) judges them as they come.

use std::sync::Mutex;

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

use crate::draft::{Conflicts, Draft, FreezeOptions, Labels, RowAt};
use crate::error::{Error, ErrorKind};
use crate::plan::{Plan, PlanSummary, Words};
use crate::protect;
use crate::protection::{Protection, UnmatchedProtect};
use crate::records::{HeadRecord, PlanDigest, Tally};
use crate::refused::{FINDINGS_SHOWN, FreezeError, PlanRefused};
use crate::rules::{self, Kin, Kinship, Malformed, Rule, Rules, UidKey};
use crate::unfit::{UidsOfInputs, UnfitInput};
use crate::verify::{each_row, number};
use crate::{clock, findings, labels, recall, replace, schema};

/// What the rules need of SQLite while a plan is drafted.
pub(crate) fn prepare(connection: &Connection, rules: &'static dyn Rules) -> Result<(), Error> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("uid_key", 1, flags, |context| {
        Ok(value(rules.key(context.get_raw(0).as_str()?)))
    })?;
    connection.create_scalar_function("is_well_formed", 1, flags, |context| {
        Ok(rules.is_well_formed(context.get_raw(0).as_str()?))
    })?;
    connection.execute_batch(
        "CREATE TEMP TABLE conflicts (key PRIMARY KEY, first INTEGER NOT NULL, other INTEGER NOT NULL) WITHOUT ROWID;",
    )?;
    protect::prepare(connection)?;
    recall::prepare(connection, rules)?;
    labels::prepare(connection, rules)
}

/// A key as SQLite holds it.
pub(crate) fn value(key: UidKey<'_>) -> Value {
    match key {
        UidKey::Uuid(uuid) => Value::Blob(uuid.to_vec()),
        UidKey::Text(text) => Value::Text(text.into_owned()),
    }
}

pub(crate) fn freeze(mut draft: Draft, options: FreezeOptions) -> Result<PlanSummary, FreezeError> {
    let connection = draft.file.connection()?;
    let rules = draft.settings.service.rules();
    let lists = std::mem::take(&mut draft.protect);
    let protection = protect::protect_rows(connection, rules, lists, &draft.sources, options.unmatched_listed)?;
    judge_rows(connection, rules)?;
    // Before the conflicts, so that a refusal tells of both.
    let recalled = recall::leave_out(connection)?;
    let conflicts = count(connection, "SELECT count(*) FROM temp.conflicts")?;
    if conflicts > 0 {
        leave_out_conflicts(connection, draft.settings.service.words())?;
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
        || !survey.unfit_inputs.is_empty()
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
    schema::complete(connection)?;
    write_head(connection, &survey.plan)?;
    connection.execute_batch("COMMIT")?;
    if let Some(connection) = draft.file.connection.take() {
        connection.close().map_err(|(_, error)| Error::from(error))?;
    }
    replace::put(&draft.file.path, &draft.target, draft.replace)?;
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

/// Finds repeats and conflicts among the rows that are not blank.
///
/// Protected rows take part in conflicts: a device protected under one name must not go under another. They stay
/// protected where they repeat one another.
fn judge_rows(connection: &Connection, rules: &dyn Rules) -> Result<(), Error> {
    let mut sorted = connection.prepare(&format!(
        "SELECT uid_key(uid) AS key, row, name, skipped IS NOT NULL FROM rows
         WHERE skipped IS NULL OR skipped LIKE '{}%' ORDER BY key, row",
        rules::PROTECTED
    ))?;
    let mut skip = connection.prepare("UPDATE rows SET skipped = ?2 WHERE row = ?1")?;
    let mut conflict =
        connection.prepare("INSERT OR IGNORE INTO temp.conflicts (key, first, other) VALUES (?1, ?2, ?3)")?;
    let mut kin = Kin::default();
    let mut key = Vec::new();
    let mut rows = sorted.query(())?;
    // The sort has read all rows before the first comes out of it, so that changing them here changes nothing there.
    while let Some(found) = rows.next()? {
        let uid = found.get_ref(0)?;
        let row = number(found, 1)?;
        let name = found.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        key.clear();
        match uid {
            ValueRef::Blob(uuid) => {
                key.push(b'u');
                key.extend_from_slice(uuid);
            }
            ValueRef::Text(text) => {
                key.push(b't');
                key.extend_from_slice(text);
            }
            _ => return Err(Error::new(ErrorKind::Altered, "a uid of the draft is no text")),
        }
        let kinship = kin.judge(rules, &key, row, name);
        if let Kinship::Conflicts(first) = kinship {
            conflict.execute((ToSqlOutput::Borrowed(uid), first.cast_signed(), row.cast_signed()))?;
        }
        let is_protected: bool = found.get(3)?;
        if let (Kinship::Repeats(first), false) = (kinship, is_protected) {
            skip.execute((row.cast_signed(), rules::repeats(first)))?;
        }
    }
    Ok(())
}

/// Leaves out all rows of the conflicting uids, whatever else they were taken for but blank or a comment.
fn leave_out_conflicts(connection: &Connection, words: Words) -> Result<(), Error> {
    let mut rows = connection.prepare(
        "SELECT r.row, c.first, c.other, r.skipped FROM rows r JOIN temp.conflicts c ON c.key = uid_key(r.uid)
         ORDER BY r.row",
    )?;
    let mut skip = connection.prepare("UPDATE rows SET skipped = ?2 WHERE row = ?1")?;
    let mut rows = rows.query(())?;
    while let Some(row) = rows.next()? {
        let skipped = row.get_ref(3)?.as_str_or_null().map_err(rusqlite::Error::from)?;
        if skipped.is_some_and(|reason| matches!(rules::rule_of(reason), Rule::Blank | Rule::CommentedOut)) {
            continue;
        }
        let reason = rules::conflicting(words, number(row, 1)?, number(row, 2)?);
        skip.execute((row.get::<_, i64>(0)?, reason))?;
    }
    Ok(())
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
    unfit_inputs: Vec<UnfitInput>,
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
        match row.skipped.map(rules::rule_of) {
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
        unfit_inputs: uids.unfit(),
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
        findings::enough(recall::each(connection, |_, row| {
            findings::show(&mut recalled_first, row)
        }))?;
    }
    if conflicts > 0 {
        findings::enough(findings::each_conflict(connection, |_, row| {
            findings::show(&mut conflicts_first, row)
        }))?;
    }
    if ambiguous_labels > 0 {
        findings::enough(findings::each_ambiguous(connection, |_, row| {
            findings::show(&mut ambiguous_first, row)
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
        unfit_inputs: survey.unfit_inputs.clone(),
        to_send: survey.plan.to_send(),
        max_devices: draft.settings.max_devices,
        service: draft.settings.service,
        malformed_rule: survey.malformed_rule,
        draft: Mutex::new(draft.file),
    })
}

pub(crate) fn count(connection: &Connection, query: &str) -> Result<u64, Error> {
    let count: i64 = connection.query_row(query, (), |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

fn write_head(connection: &Connection, plan: &Plan) -> Result<(), Error> {
    let settings = &plan.settings;
    connection.execute(
        "INSERT INTO plan (id, service, tenant, instance, region, base_url, token_url, uid_validation, max_devices,
                           planned, skipped, created_at, tool, digest, state)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 'frozen')",
        (
            settings.service.as_str(),
            &settings.tenant,
            &settings.instance,
            &settings.region,
            &settings.base_url,
            &settings.token_url,
            settings.uid_validation.as_str(),
            settings.max_devices.cast_signed(),
            plan.planned.cast_signed(),
            plan.skipped.cast_signed(),
            plan.created_at.to_string(),
            &settings.tool,
            &plan.digest,
        ),
    )?;
    connection.execute(
        "INSERT INTO tally (id, commits, attempts, settled, outcomes, anomalies, checksum) VALUES (1, 0, 0, 0, 0, 0, ?1)",
        [Tally::default().checksum(&plan.digest)],
    )?;
    Ok(())
}
