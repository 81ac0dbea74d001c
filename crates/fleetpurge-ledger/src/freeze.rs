//! Turns a draft into a plan: the rules over all rows, the refusals, the digest.
//!
//! SQLite sorts the rows by uid, outside memory; [`rules`](crate::rules) judges them as they come.

use std::sync::Mutex;

use rusqlite::functions::FunctionFlags;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::draft::{Conflicts, Draft, FINDINGS_SHOWN, FreezeError, FreezeOptions, PlanRefused, RowAt};
use crate::error::{Error, ErrorKind};
use crate::plan::{Plan, PlanSummary, UidValidation};
use crate::records::{HeadRecord, PlanDigest, Tally};
use crate::rules::{self, Kin, Kinship, Rule, UidKey};
use crate::verify::{each_row, number};
use crate::{clock, replace, schema};

/// What the rules need of SQLite while a plan is drafted.
pub(crate) fn prepare(connection: &Connection) -> Result<(), Error> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("uid_key", 1, flags, |context| {
        Ok(match rules::uid_key(context.get_raw(0).as_str()?) {
            UidKey::Uuid(uuid) => Value::Blob(uuid.to_vec()),
            UidKey::Text(text) => Value::Text(text.to_owned()),
        })
    })?;
    connection.create_scalar_function("is_canonical", 1, flags, |context| {
        Ok(rules::is_canonical(context.get_raw(0).as_str()?))
    })?;
    connection.execute_batch(
        "CREATE TEMP TABLE protected (key TEXT PRIMARY KEY, file TEXT NOT NULL) WITHOUT ROWID;
         CREATE TEMP TABLE conflicts (key PRIMARY KEY, first INTEGER NOT NULL, other INTEGER NOT NULL) WITHOUT ROWID;",
    )?;
    Ok(())
}

pub(crate) fn freeze(mut draft: Draft, options: FreezeOptions) -> Result<PlanSummary, FreezeError> {
    let connection = draft.file.connection()?;
    judge_rows(connection, draft.protects)?;
    let conflicts = count(connection, "SELECT count(*) FROM temp.conflicts")?;
    if conflicts > 0 {
        leave_out_conflicts(connection)?;
    }
    let survey = survey(&draft)?;
    let settings = &draft.settings;
    let to_send = survey.plan.to_send();
    let is_refused = (conflicts > 0 && options.conflicts == Conflicts::Refuse)
        || (survey.malformed > 0 && settings.uid_validation == UidValidation::Strict)
        || to_send > settings.max_devices
        || to_send == 0;
    if is_refused {
        return Err(FreezeError::Refused(Box::new(refuse(
            draft, options, conflicts, &survey,
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
        protected: survey.protected,
        conflicting: survey.conflicting,
        malformed: survey.malformed,
        malformed_first: survey.malformed_first,
        plan: survey.plan,
    })
}

/// Finds repeats, conflicts and protected devices among the rows that are not blank.
///
/// Protected rows take part in conflicts: a device protected under one name must not go under another.
fn judge_rows(connection: &Connection, protects: bool) -> Result<(), Error> {
    let mut sorted = connection
        .prepare("SELECT uid_key(uid) AS key, row, name FROM rows WHERE skipped IS NULL ORDER BY key, row")?;
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
        let kinship = kin.judge(&key, row, name);
        if let Kinship::Conflicts(first) = kinship {
            conflict.execute((ToSqlOutput::Borrowed(uid), first.cast_signed(), row.cast_signed()))?;
        }
        let reason = match if protects {
            protected_by(connection, uid, name)?
        } else {
            None
        } {
            Some(file) => Some(rules::protected(&file)),
            None => match kinship {
                Kinship::Repeats(first) => Some(rules::repeats(first)),
                Kinship::First | Kinship::Conflicts(_) => None,
            },
        };
        if let Some(reason) = reason {
            skip.execute((row.cast_signed(), reason))?;
        }
    }
    Ok(())
}

fn protected_by(connection: &Connection, uid: ValueRef<'_>, name: &str) -> Result<Option<String>, Error> {
    let uid = match uid {
        ValueRef::Blob(uuid) => uuid::Uuid::from_slice(uuid).map_or_else(|_| String::new(), |uuid| uuid.to_string()),
        uid => rules::protect_key(uid.as_str().map_err(rusqlite::Error::from)?),
    };
    let file = connection
        .prepare_cached("SELECT file FROM temp.protected WHERE key IN (?1, ?2) LIMIT 1")?
        .query_row((uid, rules::protect_key(name)), |row| row.get(0))
        .optional()?;
    Ok(file)
}

/// Leaves out all rows of the conflicting uids, whatever else they were taken for.
fn leave_out_conflicts(connection: &Connection) -> Result<(), Error> {
    let mut rows = connection.prepare(
        "SELECT r.row, c.first, c.other FROM rows r JOIN temp.conflicts c ON c.key = uid_key(r.uid)
         WHERE r.skipped IS NULL OR r.skipped NOT IN (?1, ?2, ?3) ORDER BY r.row",
    )?;
    let mut skip = connection.prepare("UPDATE rows SET skipped = ?2 WHERE row = ?1")?;
    let mut rows = rows.query((rules::BLANK_UID, rules::BLANK_NAME, rules::BLANK_BOTH))?;
    while let Some(row) = rows.next()? {
        let reason = rules::conflicting(number(row, 1)?, number(row, 2)?);
        skip.execute((row.get::<_, i64>(0)?, reason))?;
    }
    Ok(())
}

/// The plan as it would be, and what stands out in it.
struct Survey {
    plan: Plan,
    repeats: u64,
    blanks: u64,
    protected: u64,
    conflicting: u64,
    malformed: u64,
    malformed_first: Vec<RowAt>,
}

fn survey(draft: &Draft) -> Result<Survey, Error> {
    let created_at = clock::now();
    let mut digest = PlanDigest::new(
        &HeadRecord::of(&draft.settings, &created_at.to_string()),
        &draft.sources,
    );
    let (mut repeats, mut blanks, mut protected, mut conflicting, mut malformed) = (0, 0, 0, 0, 0);
    let mut malformed_first = Vec::new();
    let looks_at_uids = draft.settings.uid_validation != UidValidation::Permissive;
    each_row(draft.file.connection()?, |row| {
        digest.row(row);
        match row.skipped.map(rules::rule_of) {
            Some(Rule::Repeat) => repeats += 1,
            Some(Rule::Blank) => blanks += 1,
            Some(Rule::Protected) => protected += 1,
            Some(Rule::Conflict) => conflicting += 1,
            None if looks_at_uids && !rules::is_canonical(row.uid) => {
                malformed += 1;
                if malformed_first.len() < FINDINGS_SHOWN {
                    let source = usize::try_from(row.source)
                        .ok()
                        .and_then(|source| source.checked_sub(1));
                    malformed_first.push(RowAt {
                        row: row.row,
                        source: source
                            .and_then(|source| draft.sources.get(source))
                            .map_or_else(String::new, |source| source.name.clone()),
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
        protected,
        conflicting,
        malformed,
        malformed_first,
    })
}

fn refuse(draft: Draft, options: FreezeOptions, conflicts: u64, survey: &Survey) -> Result<PlanRefused, Error> {
    let refuses_conflicts = options.conflicts == Conflicts::Refuse;
    let refuses_malformed = draft.settings.uid_validation == UidValidation::Strict;
    let mut conflicts_first = Vec::new();
    if refuses_conflicts && conflicts > 0 {
        // Not all rows of a uid that a million rows share: enough to see the conflict.
        let shown = each_conflict(draft.file.connection()?, |_, row| {
            conflicts_first.push(row);
            if conflicts_first.len() < FINDINGS_SHOWN {
                Ok(())
            } else {
                Err(Enough::Shown)
            }
        });
        if let Err(Enough::Failed(error)) = shown {
            return Err(error);
        }
    }
    Ok(PlanRefused {
        conflicts: if refuses_conflicts { conflicts } else { 0 },
        conflicts_first,
        malformed: if refuses_malformed { survey.malformed } else { 0 },
        malformed_first: if refuses_malformed {
            survey.malformed_first.clone()
        } else {
            Vec::new()
        },
        to_send: survey.plan.to_send(),
        max_devices: draft.settings.max_devices,
        validation: draft.settings.uid_validation,
        draft: Mutex::new(draft.file),
    })
}

enum Enough {
    Shown,
    Failed(Error),
}

impl From<Error> for Enough {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

pub(crate) fn each_conflict<E: From<Error>>(
    connection: &Connection,
    mut tell: impl FnMut(u64, RowAt) -> Result<(), E>,
) -> Result<(), E> {
    let mut conflict = 0;
    let mut first_row = 0;
    each_row_at(
        connection,
        "SELECT r.row, s.name, r.line, r.uid, r.name, c.first
         FROM rows r JOIN temp.conflicts c ON c.key = uid_key(r.uid) JOIN sources s ON s.source = r.source
         WHERE r.skipped LIKE 'conflict: %' ORDER BY c.first, r.row",
        |found, row| {
            let first = number(found, 5)?;
            if first != first_row {
                first_row = first;
                conflict += 1;
            }
            tell(conflict, row)
        },
    )
}

pub(crate) fn each_malformed<E: From<Error>>(
    connection: &Connection,
    mut tell: impl FnMut(RowAt) -> Result<(), E>,
) -> Result<(), E> {
    each_row_at(
        connection,
        "SELECT r.row, s.name, r.line, r.uid, r.name FROM rows r JOIN sources s ON s.source = r.source
         WHERE r.skipped IS NULL AND NOT is_canonical(r.uid) ORDER BY r.row",
        |_, row| tell(row),
    )
}

fn each_row_at<E: From<Error>>(
    connection: &Connection,
    query: &str,
    mut tell: impl FnMut(&Row<'_>, RowAt) -> Result<(), E>,
) -> Result<(), E> {
    let mut statement = connection.prepare(query).map_err(Error::from)?;
    let mut rows = statement.query(()).map_err(Error::from)?;
    while let Some(row) = rows.next().map_err(Error::from)? {
        let at = RowAt {
            row: number(row, 0)?,
            source: row.get(1).map_err(Error::from)?,
            line: number(row, 2)?,
            uid: row.get(3).map_err(Error::from)?,
            name: row.get(4).map_err(Error::from)?,
        };
        tell(row, at)?;
    }
    Ok(())
}

fn count(connection: &Connection, query: &str) -> Result<u64, Error> {
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
