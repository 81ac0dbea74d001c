//! Commits the records of a run to the database.
//!
//! All transactions of a plan take its tally first, so they come one after the other, whoever writes them. Whether the last one
//! became durable is not known when the connection is lost in the middle of it: the next connection looks, and writes it again only
//! if it did not.

use std::fmt;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use fleetpurge_postgres::Error as DatabaseError;
use fleetpurge_postgres::tokio_postgres::Row;

use super::error::is_lost;
use super::fetch::Position;
use super::link::{Link, Parameters, Remote, field, number, wait};
use super::memory::{self, Memory, forgotten};
use super::tenant::{self, Tenant};
use super::writes::{self, Writes};
use crate::model::{Error, ErrorKind, clock};
use crate::proof::{Tally, chain};
use crate::store::changes::{RunState, Undo};
use crate::store::columns::altered;
use crate::store::group_commit::{Commits, Job, Write};
use crate::store::step::Step;

/// How long it waits before it connects again: this, and then twice as long each time.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long a transaction may do nothing, at most.
const LONGEST_IDLE: Duration = Duration::from_secs(60);

/// A run's writer.
pub(crate) struct SharedWriter {
    pub(crate) remote: Remote,
    pub(crate) link: Option<Link>,
    pub(crate) state: RunState,
    /// The last commit that this run knows of.
    pub(crate) position: Position,
    pub(crate) tally: Tally,
    /// How long the others wait before they take over from this run.
    pub(crate) lease: Duration,
    /// How long a database that is gone is waited for.
    pub(crate) max_wait: Duration,
    pub(crate) renewed: Instant,
    /// Of which call of [`commit`](Commits::commit) nobody knows yet whether its transaction became durable. It is kept when that
    /// call has given up: the next one resolves it first, so that an attempt that is in the database after all is not forgotten.
    pub(crate) unsure: Option<Unsure>,
    /// Where this machine writes down how far the plan is.
    pub(crate) memory: Option<Memory>,
    /// The number of calls.
    pub(crate) calls: u64,
    pub(crate) observer: Option<Arc<dyn Fn(Step) + Send + Sync>>,
}

impl fmt::Debug for SharedWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedWriter")
            .field("run", &self.state.run)
            .finish_non_exhaustive()
    }
}

/// Why a transaction was not written.
enum Failed {
    /// The connection is gone. Another may help.
    Lost(Error),
    /// Another try would not.
    Refused(Error),
}

impl From<DatabaseError> for Failed {
    fn from(error: DatabaseError) -> Self {
        if error.is_lost() {
            Self::Lost(error.into())
        } else {
            Self::Refused(error.into())
        }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// A transaction of which nobody knows yet whether it became durable.
#[derive(Debug)]
pub(crate) struct Unsure {
    /// Which call's it is.
    call: u64,
    position: Position,
    tally: Tally,
    undo: Vec<Undo>,
}

/// What a transaction finds when it has the tally.
pub(crate) struct Entered {
    pub(crate) tally: Tally,
    pub(crate) chain: Vec<u8>,
}

/// Begins a transaction that holds the tally of the plan: nobody else writes to the plan until it ends.
pub(crate) async fn enter(link: &Link, plan: i64, digest: &str) -> Result<Entered, Error> {
    let which: Parameters<'_> = &[&plan];
    let (begun, held) = tokio::join!(biased; link.batch_execute("BEGIN"), link.row(HOLD, which));
    begun.map_err(DatabaseError::from)?;
    entered(held?, digest)
}

const HOLD: &str = "SELECT commits, attempts, settled, outcomes, anomalies, checksum, chain FROM fleetpurge.tally \
                    WHERE plan = $1 FOR UPDATE";

fn entered(row: Option<Row>, digest: &str) -> Result<Entered, Error> {
    let row = row.ok_or_else(|| Error::new(ErrorKind::NotFound, "the plan is no longer in the database"))?;
    let tally = Tally {
        commits: number(&row, 0)?,
        attempts: number(&row, 1)?,
        settled: number(&row, 2)?,
        outcomes: number(&row, 3)?,
        anomalies: number(&row, 4)?,
    };
    if field::<&[u8]>(&row, 5)? != tally.checksum(digest) {
        return Err(altered("the plan's counts were altered"));
    }
    Ok(Entered {
        tally,
        chain: field(&row, 6)?,
    })
}

/// The error of a run that another machine has taken over from.
fn fenced() -> Error {
    Error::new(
        ErrorKind::LeaseLost,
        "another machine has taken over, because nothing was heard of this run for too long: what was in flight is unknown",
    )
}

/// Checks that the chain still has a commit that is known to have been there.
pub(crate) async fn check_chain(link: &Link, plan: i64, known: (u64, &[u8])) -> Result<(), Error> {
    let row = link
        .row(
            "SELECT chain FROM fleetpurge.commits WHERE plan = $1 AND number = $2",
            &[&plan, &known.0.cast_signed()],
        )
        .await?;
    match row {
        Some(row) if field::<&[u8]>(&row, 0)? == known.1 => Ok(()),
        _ => Err(forgotten(known.0)),
    }
}

/// The statements of a transaction, which are prepared before the first is used.
const STATEMENTS: &[&str] = &[HOLD, HOLDS, tenant::LOOK, COUNT];

const COUNT: &str = "WITH c AS (
     INSERT INTO fleetpurge.commits (plan, number, run, chain) VALUES ($1, $2, $3, $4)
 ), r AS (
     UPDATE fleetpurge.runs SET lease_until = clock_timestamp() + $5::double precision * interval '1 second'
     WHERE plan = $1 AND run = $3 AND $5::double precision IS NOT NULL
 )
 UPDATE fleetpurge.tally SET chain = $4 WHERE plan = $1";

/// Writes the tally's own records: the commit, its chain, and the lease of its run.
pub(crate) async fn count(
    link: &Link,
    position: &Position,
    run: Option<u64>,
    lease: Option<Duration>,
) -> Result<(), DatabaseError> {
    link.run(
        COUNT,
        &[
            &position.plan,
            &position.commits.cast_signed(),
            &run.map(u64::cast_signed),
            &position.chain,
            &lease.map(|lease| lease.as_secs_f64()),
        ],
    )
    .await?;
    Ok(())
}

impl SharedWriter {
    /// A connection: the one that there is, or another.
    fn connect(&mut self) -> Result<Link, Failed> {
        if let Some(link) = self.link.take().filter(|link| !link.is_closed()) {
            return Ok(link);
        }
        let settings = self.remote.settings.clone();
        // A process that is stopped within a transaction holds the tally: the others wait no longer for it than for its lease.
        let idle = self.lease.clamp(Duration::from_secs(1), LONGEST_IDLE).as_millis();
        let limit = format!("SET idle_in_transaction_session_timeout = {idle}");
        let link = wait(|| async {
            let link = Link::open_durable(&settings).await?;
            link.batch_execute(&limit).await?;
            link.prepare(STATEMENTS).await?;
            link.prepare(writes::STATEMENTS).await?;
            Ok::<_, DatabaseError>(link)
        })??;
        Ok(link)
    }

    /// One try to write the transaction.
    fn attempt(&mut self, write: Write<'_>) -> Result<(), Failed> {
        let link = self.connect()?;
        let written = self.write(&link, write);
        match &written {
            Err(Failed::Lost(_)) => {}
            Err(Failed::Refused(_)) => {
                // A transaction that cannot be rolled back goes with its connection.
                if wait(|| link.batch_execute("ROLLBACK"))?.is_ok() {
                    if let Err(Failed::Refused(error)) = &written
                        && error.kind() == ErrorKind::Forgotten
                    {
                        self.tells_the_others(&link);
                    }
                    self.link = Some(link);
                }
            }
            Ok(()) => self.link = Some(link),
        }
        written
    }

    /// No other run, on whatever machine, is to go on with what is left.
    fn tells_the_others(&self, link: &Link) {
        let (plan, known) = (self.position.plan, self.position.commits);
        let marked = wait(|| memory::mark(link, plan, known));
        if let Err(error) | Ok(Err(error)) = marked {
            tracing::warn!(%error, "the database could not be marked as one that lacks changes of the plan");
        }
    }

    /// Writes down how far the plan is.
    pub(crate) fn remembers(&mut self) {
        if let Some(memory) = &mut self.memory {
            memory.keep(&self.position);
        }
    }

    fn write(&mut self, link: &Link, write: Write<'_>) -> Result<(), Failed> {
        let (plan, run, known) = (self.position.plan, self.state.run, self.position.clone());
        let (digest, unsure_at) = (
            self.state.digest.clone(),
            self.unsure.as_ref().map(|unsure| unsure.position.clone()),
        );
        let found = wait(|| async {
            let run = run.cast_signed();
            let unsure_number = unsure_at.as_ref().map(|position| position.commits.cast_signed());
            let known_number = known.commits.cast_signed();
            let holder: Parameters<'_> = &[&plan, &run, &known_number, &unsure_number];
            // After the tally is held: each statement sees what was committed before it.
            let which: Parameters<'_> = &[&plan];
            let (entered, holds, known) = tokio::join!(
                biased;
                enter(link, plan, &digest),
                link.row(HOLDS, holder),
                link.row(tenant::LOOK, which)
            );
            let (entered, holds, known) = (entered?, holds?, known?);
            let tenant = Tenant::of(plan, known.as_ref())?.taken_if_it_matters(link).await?;
            Ok::<_, Error>((entered, holds, tenant))
        })?;
        let (entered, holds, tenant) = match found {
            Ok(found) => found,
            Err(error) => return Err(lost_or_refused(link, error)),
        };
        let holds = holds.ok_or_else(fenced)?;
        let has = |column: usize, position: &Position| -> Result<bool, Error> {
            Ok(field::<Option<&[u8]>>(&holds, column)? == Some(position.chain.as_slice()))
        };
        if let Some(lost) = field::<Option<i64>>(&holds, 3)? {
            return Err(forgotten(lost.unsigned_abs()).into());
        }
        if !has(1, &known)? {
            return Err(forgotten(known.commits).into());
        }
        if let Some(unsure) = self.unsure.take() {
            if has(2, &unsure.position)? {
                if unsure.call == self.calls {
                    // It is there, which is not to say that a synchronous standby has it: a commit that was interrupted while it
                    // waited for one is visible after a crash. This commit waits for all that was before it.
                    let confirmed = wait(|| async {
                        link.run(TOUCH, &[&plan, &run.cast_signed()]).await?;
                        Ok::<_, DatabaseError>(link.batch_execute("COMMIT").await?)
                    })?;
                    if let Err(error) = confirmed {
                        self.unsure = Some(unsure);
                        return Err(error.into());
                    }
                    self.position = unsure.position;
                    self.tally = unsure.tally;
                    return Ok(());
                }
                self.position = unsure.position;
                self.tally = unsure.tally;
            } else {
                self.state.take_back(unsure.undo);
            }
        }
        if !field::<bool>(&holds, 0)? {
            return Err(fenced().into());
        }
        let mut tally = entered.tally;
        let at = clock::now().to_string();
        let mut writes = Writes::beside(link, plan, tenant);
        let (written, undo) = self.state.record(&mut writes, &mut tally, &at, write);
        if let Err(error) = written {
            self.state.take_back(undo);
            return Err(lost_or_refused(link, error));
        }
        if !writes.is_something() {
            // All that was to begin is put off.
            wait(|| link.batch_execute("ROLLBACK"))?.map_err(DatabaseError::from)?;
            return Ok(());
        }
        self.step(Step::BeforeCommit);
        if let Err(error) = wait(|| writes.keep_tenant())? {
            self.state.take_back(undo);
            return Err(lost_or_refused(link, error));
        }
        let position = Position {
            plan,
            commits: tally.commits,
            chain: chain::next(&entered.chain, tally.commits, run, writes.checksums()).to_vec(),
        };
        let lease = self.lease;
        let done = wait(|| async {
            let (flushed, counted, committed) = tokio::join!(
                biased;
                writes.flush(),
                count(link, &position, Some(run), Some(lease)),
                async { link.batch_execute("COMMIT").await.map_err(DatabaseError::from) }
            );
            flushed.and(counted).and(committed)
        })?;
        match done {
            Ok(()) => {
                self.position = position;
                self.tally = tally;
                self.renewed = Instant::now();
                if let Some(memory) = &mut self.memory {
                    memory.passes(&self.position);
                }
                self.step(Step::AfterCommit);
                Ok(())
            }
            Err(error) if error.is_lost() || link.is_closed() => {
                self.unsure = Some(Unsure {
                    call: self.calls,
                    position,
                    tally,
                    undo,
                });
                Err(Failed::Lost(error.into()))
            }
            Err(error) => {
                self.state.take_back(undo);
                Err(Failed::Refused(error.into()))
            }
        }
    }
}

/// Changes nothing, and is a change to be committed.
const TOUCH: &str = "UPDATE fleetpurge.runs SET lease_until = lease_until WHERE plan = $1 AND run = $2";

/// Whether the run still holds its lease, and the links of two commits.
const HOLDS: &str = "SELECT r.fenced_at IS NULL AND r.ended_at IS NULL, k.chain, u.chain, p.lost_commit FROM fleetpurge.runs r \
                     JOIN fleetpurge.plans p ON p.plan = r.plan \
                     LEFT JOIN fleetpurge.commits k ON k.plan = r.plan AND k.number = $3 \
                     LEFT JOIN fleetpurge.commits u ON u.plan = r.plan AND u.number = $4 \
                     WHERE r.plan = $1 AND r.run = $2";

/// An error in the middle of a transaction that was not committed.
fn lost_or_refused(link: &Link, error: Error) -> Failed {
    if is_lost(&error) || link.is_closed() {
        Failed::Lost(error)
    } else {
        Failed::Refused(error)
    }
}

impl Commits for SharedWriter {
    fn refuse(&mut self, _: &mut Vec<Job>) {}

    fn commit(&mut self, write: Write<'_>) -> Result<(), Error> {
        let since = Instant::now();
        let mut pause = PAUSE;
        self.calls += 1;
        loop {
            let error = match self.attempt(write) {
                Ok(()) => return Ok(()),
                Err(Failed::Refused(error)) => break Err(error),
                Err(Failed::Lost(error)) => error,
            };
            if since.elapsed() + pause > self.max_wait {
                break Err(error);
            }
            tracing::warn!(%error, "the database is gone; nothing new is sent until it is back");
            sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Renews the lease, if nothing was committed for some time.
    fn between(&mut self) {
        if self.renewed.elapsed() < self.lease / 3 {
            return;
        }
        let (plan, run, lease) = (self.position.plan, self.state.run, self.lease);
        let Ok(link) = self.connect() else { return };
        let renewed = wait(|| async {
            link.run(
                "UPDATE fleetpurge.runs SET lease_until = clock_timestamp() + $3::double precision * interval '1 second'
                 WHERE plan = $1 AND run = $2 AND fenced_at IS NULL AND ended_at IS NULL",
                &[&plan, &run.cast_signed(), &lease.as_secs_f64()],
            )
            .await
        });
        match renewed {
            Ok(Ok(1)) => {
                self.renewed = Instant::now();
                self.link = Some(link);
            }
            // The next commit finds out, and says so.
            Ok(Ok(_)) => self.link = Some(link),
            Ok(Err(error)) => tracing::debug!(%error, "the lease of this run was not renewed"),
            Err(error) => tracing::debug!(%error, "the lease of this run was not renewed"),
        }
    }

    fn idle(&self) -> Option<Duration> {
        Some(self.lease / 3)
    }

    fn step(&self, step: Step) {
        if let Some(observer) = &self.observer {
            observer(step);
        }
    }
}
