//! Which rows are this run's: a run claims chunk by chunk, and nobody else sends what it has claimed.
//!
//! What others hold is waited for: one of them may die. A run that sends only pending devices gives its chunks back as soon as none
//! of their rows is pending, so that nobody waits for what is finished. One that sends others again keeps them to its end, because
//! what it has still to send cannot be told from what it has sent; two runs of which one is like that never wait for each other: the
//! one with the higher number ends first.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use fleetpurge_postgres::Error as DatabaseError;

use super::error::is_lost;
use super::link::{Link, Remote, field, number, wait};
use super::put::ROWS_OF_A_PLAN;
use super::{fetch, lease};
use crate::model::Error;
use crate::store::database::{self as file, Database};

/// What a run that asks for rows gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claimed {
    /// The rows from the first to the last, and what is known of them is in the scratch file.
    Rows(u64, u64),
    /// None now: others hold what is left, and one of them may die.
    Later,
    /// None any more.
    Nothing,
}

/// The claims of one run.
pub(crate) struct Claims {
    remote: Remote,
    link: Link,
    /// How many outcomes there were when it began to claim.
    since: u64,
    /// Since when the database has been gone.
    gone: Option<Instant>,
    max_wait: Duration,
    scratch: Database,
    plan: i64,
    run: u64,
    digest: String,
    /// The first rows of the chunks that it has had.
    had: BTreeSet<i64>,
    /// Up to here it has looked for free chunks for the first time.
    cursor: i64,
    has_claimed_all: bool,
    /// Whether it sends only pending devices.
    gives_back: bool,
    /// How many commits there were when it last looked at the others, and since when.
    still: Option<(u64, Instant)>,
}

/// How long nothing moves, with nothing in flight, before others that have claimed all they could are no longer waited for.
const STILL: Duration = Duration::from_secs(10);

/// Of the others that hold rows: whether one is worth waiting for in any case, and whether one is as long as anything moves. And the
/// number of commits, and whether anything is in flight, which show that.
const OTHERS: &str = "SELECT
         coalesce(bool_or(NOT r.claimed_all OR r.run > $2), false),
         coalesce(bool_or(r.gives_back AND $3), false),
         (SELECT commits FROM fleetpurge.tally WHERE plan = $1),
         EXISTS (SELECT FROM fleetpurge.open_rows WHERE plan = $1)
     FROM fleetpurge.chunks c JOIN fleetpurge.runs r USING (plan, run)
     WHERE c.plan = $1 AND c.run <> $2 AND r.fenced_at IS NULL AND r.ended_at IS NULL";

/// How many chunks are looked at whether they are finished, each time another is claimed.
const LOOKED_AT: i64 = 4;

/// The oldest chunks of this run in which nothing is pending and nothing is in flight.
const GIVE_BACK: &str = "UPDATE fleetpurge.chunks c SET run = NULL, finished = true FROM (
         SELECT plan, first FROM fleetpurge.chunks WHERE plan = $1 AND run = $2 ORDER BY first LIMIT $3
     ) mine
     WHERE c.plan = mine.plan AND c.first = mine.first
       AND NOT EXISTS (
           SELECT FROM fleetpurge.open_rows o
           WHERE o.rows && int8range(c.plan * $4::bigint + c.first, c.plan * $4::bigint + c.last, '[]')
       )
       AND NOT EXISTS (
           SELECT FROM fleetpurge.rows r
           WHERE r.plan = c.plan AND r.\"row\" BETWEEN c.first AND c.last AND r.skipped IS NULL
             AND coalesce((
                 SELECT x.outcome FROM fleetpurge.outcomes x
                 WHERE x.plan = r.plan AND x.first > r.\"row\" - 256 AND x.first <= r.\"row\" AND x.last >= r.\"row\"
                 ORDER BY x.id DESC LIMIT 1
             ), 'pending') = 'pending'
       )";

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims").field("run", &self.run).finish_non_exhaustive()
    }
}

impl Claims {
    pub(crate) fn new(
        remote: &Remote,
        scratch: &Path,
        plan: i64,
        run: u64,
        digest: String,
        gives_back: bool,
        max_wait: Duration,
    ) -> Result<Self, Error> {
        let (link, since) = wait(|| async {
            let link = Link::open(&remote.settings).await?;
            let mine = run.cast_signed();
            // Whatever it claimed for an earlier selection.
            link.run(
                "UPDATE fleetpurge.chunks SET run = NULL WHERE plan = $1 AND run = $2",
                &[&plan, &mine],
            )
            .await?;
            link.run(
                "UPDATE fleetpurge.runs SET gives_back = $3, claimed_all = false WHERE plan = $1 AND run = $2",
                &[&plan, &mine, &gives_back],
            )
            .await?;
            let tally = link
                .row("SELECT outcomes FROM fleetpurge.tally WHERE plan = $1", &[&plan])
                .await?;
            let since = tally.map_or(Ok(0), |row| number(&row, 0))?;
            Ok::<_, Error>((link, since))
        })??;
        Ok(Self {
            link,
            since,
            remote: remote.clone(),
            gone: None,
            max_wait,
            scratch: file::scratch(scratch)?,
            plan,
            run,
            digest,
            had: BTreeSet::new(),
            cursor: 0,
            has_claimed_all: false,
            gives_back,
            still: None,
        })
    }

    /// Outcomes that came after this many others are those of runs at the same time: what they have tried is not tried again.
    pub(crate) const fn since(&self) -> u64 {
        self.since
    }

    /// Claims the next rows. This does not wait for others, nor for a database that is gone.
    pub(crate) fn next(&mut self) -> Result<Claimed, Error> {
        match self.step() {
            Err(error) if is_lost(&error) => {
                let since = *self.gone.get_or_insert_with(Instant::now);
                if since.elapsed() >= self.max_wait {
                    return Err(error);
                }
                let settings = self.remote.settings.clone();
                if let Ok(link) = wait(|| Link::open(&settings))? {
                    self.link = link;
                }
                Ok(Claimed::Later)
            }
            claimed => {
                self.gone = None;
                claimed
            }
        }
    }

    fn step(&mut self) -> Result<Claimed, Error> {
        self.give_back()?;
        // What was claimed and never heard of, because the connection went: it is this run's.
        let claimed = if self.gone.is_some()
            && let Some(unheard) = self.unheard()?
        {
            Some(unheard)
        } else if self.has_claimed_all {
            self.next_left_over()?
        } else {
            self.next_free()?
        };
        let Some((first, last)) = claimed else {
            return self.look_at_others();
        };
        let (link, plan) = (&self.link, self.plan);
        // After the claim: from here on nobody else changes what is known of these rows.
        let outcomes = wait(|| fetch::outcomes(link, plan, (first, last)))??;
        self.had.insert(first.cast_signed());
        self.scratch.execute_batch("BEGIN IMMEDIATE")?;
        let added = fetch::add_outcomes(&self.scratch, &outcomes);
        self.scratch.execute_batch("COMMIT")?;
        added?;
        Ok(Claimed::Rows(first, last))
    }

    fn give_back(&self) -> Result<(), Error> {
        if !self.gives_back {
            return Ok(());
        }
        let (link, plan, run) = (&self.link, self.plan, self.run.cast_signed());
        wait(|| async { link.run(GIVE_BACK, &[&plan, &run, &LOOKED_AT, &ROWS_OF_A_PLAN]).await })??;
        Ok(())
    }

    fn unheard(&self) -> Result<Option<(u64, u64)>, Error> {
        let (link, plan, run) = (&self.link, self.plan, self.run.cast_signed());
        let had: Vec<i64> = self.had.iter().copied().collect();
        let found = wait(|| async {
            link.row(
                "SELECT first, last FROM fleetpurge.chunks
                 WHERE plan = $1 AND run = $2 AND first <> ALL ($3::bigint[]) ORDER BY first LIMIT 1",
                &[&plan, &run, &had],
            )
            .await
        })??;
        found.map(|row| Ok((number(&row, 0)?, number(&row, 1)?))).transpose()
    }

    /// The next chunk that nobody holds.
    fn next_free(&mut self) -> Result<Option<(u64, u64)>, Error> {
        let claimed = self.claim(
            "UPDATE fleetpurge.chunks c SET run = $2, finished = false FROM (
                 SELECT plan, first FROM fleetpurge.chunks
                 WHERE plan = $1 AND run IS NULL AND first > $3 AND NOT (finished AND $4)
                 ORDER BY first LIMIT 1 FOR UPDATE SKIP LOCKED
             ) free
             WHERE c.plan = free.plan AND c.first = free.first RETURNING c.first, c.last",
            &self.cursor,
        )?;
        match claimed {
            Some((first, _)) => self.cursor = first.cast_signed(),
            None => {
                self.has_claimed_all = true;
                let (link, plan, run) = (&self.link, self.plan, self.run.cast_signed());
                wait(|| async {
                    link.run(
                        "UPDATE fleetpurge.runs SET claimed_all = true WHERE plan = $1 AND run = $2",
                        &[&plan, &run],
                    )
                    .await
                })??;
                return self.next_left_over();
            }
        }
        Ok(claimed)
    }

    /// A chunk that another held when this run looked for it, and that is free now.
    fn next_left_over(&self) -> Result<Option<(u64, u64)>, Error> {
        let had: Vec<i64> = self.had.iter().copied().collect();
        self.claim(
            "UPDATE fleetpurge.chunks c SET run = $2, finished = false FROM (
                 SELECT plan, first FROM fleetpurge.chunks
                 WHERE plan = $1 AND run IS NULL AND first <> ALL ($3::bigint[]) AND NOT (finished AND $4)
                 ORDER BY first LIMIT 1 FOR UPDATE SKIP LOCKED
             ) free
             WHERE c.plan = free.plan AND c.first = free.first RETURNING c.first, c.last",
            &had,
        )
    }

    /// Claims for this run, if it still has its lease: one that was taken over from would hold the rows for ever.
    fn claim(
        &self,
        sql: &'static str,
        which: &(dyn fleetpurge_postgres::tokio_postgres::types::ToSql + Sync),
    ) -> Result<Option<(u64, u64)>, Error> {
        let (link, plan, run) = (&self.link, self.plan, self.run.cast_signed());
        let gives_back = self.gives_back;
        let claimed = wait(|| async {
            let claim = async {
                link.batch_execute("BEGIN").await.map_err(DatabaseError::from)?;
                let holds = link
                    .row(
                        "SELECT 1 FROM fleetpurge.runs
                         WHERE plan = $1 AND run = $2 AND fenced_at IS NULL AND ended_at IS NULL FOR SHARE",
                        &[&plan, &run],
                    )
                    .await?;
                if holds.is_none() {
                    return Ok(None);
                }
                Ok(link.row(sql, &[&plan, &run, which, &gives_back]).await?)
            };
            let claimed = claim.await;
            link.end(claimed).await
        })??;
        claimed.map(|row| Ok((number(&row, 0)?, number(&row, 1)?))).transpose()
    }

    /// Whether one of the others is worth waiting for.
    fn look_at_others(&mut self) -> Result<Claimed, Error> {
        let (link, plan, run) = (&self.link, self.plan, self.run.cast_signed());
        let (digest, own) = (self.digest.as_str(), Some(self.run));
        if wait(|| lease::take_over(link, plan, digest, own))?? > 0 {
            return Ok(Claimed::Later);
        }
        let gives_back = self.gives_back;
        let others = wait(|| async { link.row(OTHERS, &[&plan, &run, &gives_back]).await })??;
        let Some(others) = others else {
            return Ok(Claimed::Nothing);
        };
        let commits = number(&others, 2)?;
        let since = match self.still {
            Some((known, since)) if known == commits && !field::<bool>(&others, 3)? => since,
            _ => Instant::now(),
        };
        self.still = Some((commits, since));
        // Those that wait for each other see that nothing moves, and the one with the higher number ends.
        let are_worth_it = field::<bool>(&others, 0)? || (field::<bool>(&others, 1)? && since.elapsed() < STILL);
        Ok(if are_worth_it { Claimed::Later } else { Claimed::Nothing })
    }
}
