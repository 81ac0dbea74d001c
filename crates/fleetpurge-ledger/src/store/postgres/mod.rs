//! Plans in a PostgreSQL database, which several machines may apply at the same time.
//!
//! The database holds the same records as a file, in tables of the same columns, and they are proven by the same code: whoever
//! reads a plan fetches it into a scratch file first. Only what a run writes goes to the database as it happens.
//!
//! | module | question it answers |
//! |---|---|
//! | `link` | how is the database asked, also from code that does not wait? |
//! | `error` | what does an error of the database mean for the plan? |
//! | `schema` | are the tables there, and of a version that this program knows? |
//! | `tables` | which columns do both stores have? |
//! | `texts` | how is a text kept that a database cannot hold? |
//! | `fetch` | how does a plan come into a scratch file? |
//! | `scratch` | where is that file? |
//! | `put` | how does a plan come into the database? |
//! | `list` | which plans are there, and who applies them? |
//! | `lease` | who may write, and what becomes of a run that is gone? |
//! | `claims` | which rows are this run's? |
//! | `commit` | how is a transaction of a run written, and was it? |
//! | `tenant` | what do the runs of one tenant know together? |
//! | `memory` | does the database lack what this machine knows? |
//! | `verified` | how is a verification kept? |
//! | `writes` | which records does it hold? |

pub(crate) mod claims;
pub(crate) mod commit;
mod error;
pub(crate) mod fetch;
pub(crate) mod lease;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod memory;
pub(crate) mod put;
mod schema;
pub(crate) mod scratch;
mod tables;
mod tenant;
mod texts;
pub(crate) mod verified;
mod writes;

pub(crate) use schema::check as check_tables;
