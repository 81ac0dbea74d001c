//! How records get to a medium and back. SQLite is named nowhere else.
//!
//! | module | question it answers |
//! |---|---|
//! | `file` | which file is a plan, who holds it, and is it still in its place? |
//! | `draft` | which temporary tables does planning need? |
//! | `database` | how is a connection opened? |
//! | `header` | is this file a ledger, and how was it left? |
//! | `opening` | was a record forgotten? |
//! | `integrity` | was a record altered? |
//! | `schema` | which tables are there? |
//! | `wal` | how is the write-ahead log started, checkpointed and removed? |
//! | `group_commit` | what is committed together, and when is it confirmed? |
//! | `writer` | how is it committed to a file? |
//! | `changes` | what does one transaction of a run change? |
//! | `attempts` | what is recorded of attempts and outcomes? |
//! | `records` | what does a store take? |
//! | `sqlite_records` | how is it written to a file? |
//! | `postgres` | how is a plan kept in a database that several machines share? |
//! | `recovery` | where does an attempt that nobody settled become `unknown`? |
//! | `known`, `ranges`, `counts` | how are they read? |
//! | `afterwards` | how are batches numbered over all runs, and which anomalies are there? |
//! | `rows`, `runs` | how are the rows of the plan read, and the runs over it? |
//! | `inventory` | how is a fresh inventory compared with the rows? |
//! | `shared` | how many devices do two plans share? |
//! | `spool` | what has a verification found so far? |
//! | `verifications`, `verification_proof` | how are verifications written and read, and was one altered? |
//! | `columns`, `error` | what does a column, and an error, of SQLite mean? |
//! | `step` | where is the writer? For tests. |

pub(crate) mod afterwards;
pub(crate) mod attempts;
pub(crate) mod changes;
mod columns;
pub(crate) mod counts;
pub(crate) mod database;
pub(crate) mod draft;
mod error;
pub(crate) mod file;
pub(crate) mod group_commit;
pub(crate) mod header;
pub(crate) mod integrity;
pub(crate) mod inventory;
pub(crate) mod known;
pub(crate) mod opening;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod ranges;
pub(crate) mod records;
pub(crate) mod recovery;
pub(crate) mod rows;
pub(crate) mod runs;
pub(crate) mod schema;
pub(crate) mod shared;
pub(crate) mod spool;
pub(crate) mod sqlite_records;
pub(crate) mod step;
mod verification_proof;
pub(crate) mod verifications;
pub(crate) mod wal;
pub(crate) mod writer;
