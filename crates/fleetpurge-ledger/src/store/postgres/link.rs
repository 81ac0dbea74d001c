//! Asks the database, also from code that does not wait: the ledger's calls block.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use fleetpurge_postgres::tokio_postgres::types::ToSql;
use fleetpurge_postgres::tokio_postgres::{Client, Row, Statement};
use fleetpurge_postgres::{Connection, DatabaseUrl, Error as DatabaseError, Settings, check_durability};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::model::{Error, ErrorKind};

/// What drives the connections. One for the program: a connection that nobody drives would not notice its end.
static DRIVER: LazyLock<std::io::Result<Runtime>> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("ledger-database")
        .enable_all()
        .build()
});

/// Waits for this, wherever it is called. What it waits for stays on one thread.
pub(crate) fn wait<M, F>(make: M) -> Result<F::Output, Error>
where
    M: FnOnce() -> F + Send,
    F: Future,
    F::Output: Send,
{
    let driver = DRIVER.as_ref().map_err(|error| {
        Error::new(ErrorKind::Io, "no thread could be started to talk to the database")
            .with_source(std::io::Error::from(error.kind()))
    })?;
    if Handle::try_current().is_err() {
        return Ok(driver.block_on(make()));
    }
    // Within a task, waiting has to be another thread's.
    std::thread::scope(|scope| scope.spawn(|| driver.block_on(make())).join())
        .map_err(|_| Error::new(ErrorKind::Io, "what talks to the database has failed"))
}

/// A connection, with the statements that were prepared on it.
pub(crate) struct Link {
    connection: Connection,
    statements: Mutex<HashMap<&'static str, Statement>>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}

impl std::ops::Deref for Link {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.connection
    }
}

pub(crate) type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Link {
    /// A connection that reads.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, DatabaseError> {
        Ok(Self {
            connection: settings.connect().await?,
            statements: Mutex::default(),
        })
    }

    /// A connection for records that must last.
    pub(crate) async fn open_durable(settings: &Settings) -> Result<Self, DatabaseError> {
        let link = Self::open(settings).await?;
        check_durability(&link).await?;
        Ok(link)
    }

    /// Prepares statements whose order matters later.
    pub(crate) async fn prepare(&self, statements: &[&'static str]) -> Result<(), DatabaseError> {
        for sql in statements {
            self.prepared(sql).await?;
        }
        Ok(())
    }

    /// Prepared once for the connection.
    async fn prepared(&self, sql: &'static str) -> Result<Statement, DatabaseError> {
        let known = self
            .statements
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(sql)
            .cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.connection.prepare(sql).await?;
        self.statements
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(sql, statement.clone());
        Ok(statement)
    }

    /// Ends a transaction: what was done becomes durable, or nothing of it.
    pub(crate) async fn end<T>(&self, done: Result<T, Error>) -> Result<T, Error> {
        let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.connection.batch_execute(end).await.map_err(DatabaseError::from);
        let done = done?;
        ended?;
        Ok(done)
    }

    pub(crate) async fn rows(&self, sql: &'static str, parameters: Parameters<'_>) -> Result<Vec<Row>, DatabaseError> {
        let statement = self.prepared(sql).await?;
        Ok(self.connection.query(&statement, parameters).await?)
    }

    pub(crate) async fn row(
        &self,
        sql: &'static str,
        parameters: Parameters<'_>,
    ) -> Result<Option<Row>, DatabaseError> {
        Ok(self.rows(sql, parameters).await?.into_iter().next())
    }

    pub(crate) async fn run(&self, sql: &'static str, parameters: Parameters<'_>) -> Result<u64, DatabaseError> {
        let statement = self.prepared(sql).await?;
        Ok(self.connection.execute(&statement, parameters).await?)
    }
}

/// How a plan in a database is reached.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    pub(crate) url: DatabaseUrl,
    pub(crate) settings: Settings,
}

impl Remote {
    pub(crate) fn of(url: &DatabaseUrl) -> Result<Self, Error> {
        Ok(Self {
            url: url.clone(),
            settings: Settings::of(url)?,
        })
    }

    /// The name of the plan, which has to be there.
    pub(crate) fn plan(&self) -> Result<&str, Error> {
        self.url.plan().ok_or_else(|| {
            Error::new(
                ErrorKind::BadAddress,
                "the address names a database and no plan: add ?plan=NAME to it",
            )
        })
    }
}

/// A number of ours, which is never negative.
pub(crate) fn number(row: &Row, column: usize) -> Result<u64, Error> {
    let number: i64 = field(row, column)?;
    u64::try_from(number).map_err(|_| crate::store::columns::altered("a number in the plan is negative"))
}

pub(crate) fn field<'r, T>(row: &'r Row, column: usize) -> Result<T, Error>
where
    T: fleetpurge_postgres::tokio_postgres::types::FromSql<'r>,
{
    row.try_get(column).map_err(|error| {
        crate::store::columns::altered("a field of the plan is not as it was written").with_source(error)
    })
}
