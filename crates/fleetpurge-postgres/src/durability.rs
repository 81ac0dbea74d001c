//! Whether the server keeps what it has confirmed: a deletion whose record is gone would be sent again.

use tokio_postgres::Client;

use crate::error::{Error, ErrorKind};

/// PostgreSQL 13, the oldest that was looked at.
const OLDEST: u32 = 130_000;

/// What the server says of itself. A name that it does not know is NULL.
const QUESTION: &str = "SELECT pg_catalog.current_setting('server_version_num', true), \
                        pg_catalog.pg_is_in_recovery()::text, \
                        pg_catalog.current_setting('transaction_read_only', true), \
                        pg_catalog.current_setting('fsync', true), \
                        pg_catalog.current_setting('full_page_writes', true), \
                        pg_catalog.current_setting('synchronous_commit', true), \
                        pg_catalog.current_setting('synchronous_standby_names', true)";

/// The answers, in the order of the question.
#[derive(Clone, Copy)]
struct Answers<'a> {
    server_version_num: Option<&'a str>,
    in_recovery: Option<&'a str>,
    transaction_read_only: Option<&'a str>,
    fsync: Option<&'a str>,
    full_page_writes: Option<&'a str>,
    synchronous_commit: Option<&'a str>,
    synchronous_standby_names: Option<&'a str>,
}

/// Checks that what this session commits outlasts a crash of the server, and of its machine.
///
/// # Errors
///
/// - [`ErrorKind::NotDurable`] if `fsync`, `full_page_writes` or `synchronous_commit` is off, or if `synchronous_commit`
///   is `local` although there are synchronous standbys;
/// - [`ErrorKind::ReadOnly`] if the server is a standby, or the session's transactions are read-only;
/// - [`ErrorKind::Server`] if the server is older than PostgreSQL 13, or its answer is not understood;
/// - what else a query can meet.
pub async fn check_durability(client: &Client) -> Result<(), Error> {
    let row = client.query_one(QUESTION, &[]).await?;
    let answer = |column: usize| row.try_get::<_, Option<&str>>(column);
    judge(Answers {
        server_version_num: answer(0)?,
        in_recovery: answer(1)?,
        transaction_read_only: answer(2)?,
        fsync: answer(3)?,
        full_page_writes: answer(4)?,
        synchronous_commit: answer(5)?,
        synchronous_standby_names: answer(6)?,
    })
}

fn judge(answers: Answers<'_>) -> Result<(), Error> {
    let version = answers
        .server_version_num
        .and_then(|version| version.parse::<u32>().ok())
        .ok_or_else(|| unexpected("server_version_num", answers.server_version_num))?;
    if version < OLDEST {
        return Err(Error::new(
            ErrorKind::Server,
            format!("the database server is too old (`server_version_num` is {version}): use PostgreSQL 13 or newer"),
        ));
    }
    match answers.in_recovery {
        Some("false") => {}
        Some("true") => {
            return Err(Error::new(
                ErrorKind::ReadOnly,
                "the database server is a standby (`pg_is_in_recovery()` is true): connect to the primary server, or \
                 name all hosts and `target_session_attrs=read-write`",
            ));
        }
        other => return Err(unexpected("pg_is_in_recovery()", other)),
    }
    match answers.transaction_read_only {
        Some("off") => {}
        Some("on") => {
            return Err(Error::new(
                ErrorKind::ReadOnly,
                "the database does not write (`transaction_read_only` is on): turn off `default_transaction_read_only` \
                 for this user and database",
            ));
        }
        other => return Err(unexpected("transaction_read_only", other)),
    }
    for (name, value) in [("fsync", answers.fsync), ("full_page_writes", answers.full_page_writes)] {
        match value {
            Some("on") => {}
            Some("off") => {
                return Err(not_durable(
                    name,
                    "off",
                    "turn it on in postgresql.conf and reload the server",
                ));
            }
            other => return Err(unexpected(name, other)),
        }
    }
    let standbys = answers
        .synchronous_standby_names
        .ok_or_else(|| unexpected("synchronous_standby_names", None))?;
    match answers.synchronous_commit {
        Some("on" | "remote_apply" | "remote_write") => Ok(()),
        Some("local") if standbys.trim().is_empty() => Ok(()),
        Some("local") => Err(not_durable(
            "synchronous_commit",
            "local",
            "the server has synchronous standbys, so set it to `on` for this user and database",
        )),
        Some("off") => Err(not_durable(
            "synchronous_commit",
            "off",
            "set it to `on` for this user and database",
        )),
        other => Err(unexpected("synchronous_commit", other)),
    }
}

fn not_durable(name: &str, value: &str, what_to_do: &str) -> Error {
    Error::new(
        ErrorKind::NotDurable,
        format!("the database server may lose what it has confirmed (`{name}` is {value}): {what_to_do}"),
    )
}

fn unexpected(name: &str, value: Option<&str>) -> Error {
    let value = value.map_or_else(|| "missing".to_owned(), |value| format!("`{}`", value.escape_debug()));
    Error::new(
        ErrorKind::Server,
        format!(
            "it is not known whether the database server keeps what it confirms: `{name}` is {value}; use PostgreSQL 13 or newer"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Answers<'_> = Answers {
        server_version_num: Some("170002"),
        in_recovery: Some("false"),
        transaction_read_only: Some("off"),
        fsync: Some("on"),
        full_page_writes: Some("on"),
        synchronous_commit: Some("on"),
        synchronous_standby_names: Some(""),
    };

    #[test]
    fn a_server_that_keeps_what_it_confirms_is_accepted() {
        for mode in ["on", "local", "remote_write", "remote_apply"] {
            judge(Answers {
                synchronous_commit: Some(mode),
                ..GOOD
            })
            .unwrap();
        }
        judge(Answers {
            synchronous_standby_names: Some("ANY 1 (*)"),
            ..GOOD
        })
        .unwrap();
        judge(Answers {
            server_version_num: Some("130000"),
            ..GOOD
        })
        .unwrap();
    }

    #[test]
    fn what_may_lose_a_record_is_refused_by_name_and_value() {
        let standbys = Some("s1");
        for (answers, kind, name) in [
            (
                Answers {
                    fsync: Some("off"),
                    ..GOOD
                },
                ErrorKind::NotDurable,
                "`fsync` is off",
            ),
            (
                Answers {
                    full_page_writes: Some("off"),
                    ..GOOD
                },
                ErrorKind::NotDurable,
                "`full_page_writes` is off",
            ),
            (
                Answers {
                    synchronous_commit: Some("off"),
                    ..GOOD
                },
                ErrorKind::NotDurable,
                "`synchronous_commit` is off",
            ),
            (
                Answers {
                    synchronous_commit: Some("local"),
                    synchronous_standby_names: standbys,
                    ..GOOD
                },
                ErrorKind::NotDurable,
                "`synchronous_commit` is local",
            ),
            (
                Answers {
                    in_recovery: Some("true"),
                    ..GOOD
                },
                ErrorKind::ReadOnly,
                "pg_is_in_recovery",
            ),
            (
                Answers {
                    transaction_read_only: Some("on"),
                    ..GOOD
                },
                ErrorKind::ReadOnly,
                "`transaction_read_only` is on",
            ),
            (
                Answers {
                    server_version_num: Some("120022"),
                    ..GOOD
                },
                ErrorKind::Server,
                "120022",
            ),
        ] {
            let error = judge(answers).unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.to_string().contains(name), "{error}");
        }
    }

    #[test]
    fn what_is_missing_or_not_understood_is_refused() {
        for (answers, name) in [
            (
                Answers {
                    server_version_num: None,
                    ..GOOD
                },
                "server_version_num",
            ),
            (
                Answers {
                    server_version_num: Some("v17"),
                    ..GOOD
                },
                "server_version_num",
            ),
            (
                Answers {
                    in_recovery: None,
                    ..GOOD
                },
                "pg_is_in_recovery()",
            ),
            (
                Answers {
                    transaction_read_only: None,
                    ..GOOD
                },
                "transaction_read_only",
            ),
            (
                Answers {
                    fsync: Some("mostly"),
                    ..GOOD
                },
                "fsync",
            ),
            (
                Answers {
                    full_page_writes: None,
                    ..GOOD
                },
                "full_page_writes",
            ),
            (
                Answers {
                    synchronous_commit: Some("soon"),
                    ..GOOD
                },
                "synchronous_commit",
            ),
            (
                Answers {
                    synchronous_standby_names: None,
                    ..GOOD
                },
                "synchronous_standby_names",
            ),
        ] {
            let error = judge(answers).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Server, "{error}");
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
