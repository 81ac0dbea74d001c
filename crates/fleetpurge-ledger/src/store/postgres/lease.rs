//! Who may write to a plan: a run holds a lease, which it renews, and its number is what fences it off. A run that lets its lease
//! lapse may go on until another takes over from it; then nothing that it writes is taken any more.

use std::time::Duration;

use super::commit::{Entered, count, enter};
use super::fetch::Position;
use super::link::{Link, field, number};
use super::tenant;
use super::writes::Writes;
use crate::model::{Error, clock};
use crate::proof::{OpenAttempt, Tally, chain};
use crate::store::attempts;
use crate::store::records::{NewRun, Records as _};

/// What is recorded of a run that another took over from.
const GONE: &str = "the run was not heard of any more, and another took over";

/// What a run begins with.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) run: u64,
    pub(crate) tally: Tally,
    pub(crate) position: Position,
}

/// Begins a run, under the next number.
pub(crate) async fn begin_run(
    link: &Link,
    plan: i64,
    digest: &str,
    new: &NewRun<'_>,
    lease: Duration,
) -> Result<Begun, Error> {
    let begun = async {
        let entered = enter(link, plan, digest).await?;
        let row = link
            .row(
                "SELECT coalesce(max(run), 0) + 1 FROM fleetpurge.runs WHERE plan = $1",
                &[&plan],
            )
            .await?;
        let run = row.map_or(Ok(1), |row| number(&row, 0))?;
        let mut writes = Writes::new(link, plan);
        writes.begin_run(&NewRun { run, ..*new }, &clock::now().to_string())?;
        let (tally, position) = write(link, plan, digest, entered, &mut writes, (run, Some(lease))).await?;
        tenant::begin_run(link, plan, run).await?;
        Ok(Begun { run, tally, position })
    };
    let begun = begun.await;
    link.end(begun).await
}

/// Flushes what was collected, and counts the commit.
async fn write(
    link: &Link,
    plan: i64,
    digest: &str,
    entered: Entered,
    writes: &mut Writes<'_>,
    (run, lease): (u64, Option<Duration>),
) -> Result<(Tally, Position), Error> {
    let mut tally = entered.tally;
    attempts::count_commit(writes, digest, &mut tally)?;
    let position = Position {
        plan,
        commits: tally.commits,
        chain: chain::next(&entered.chain, tally.commits, run, writes.checksums()).to_vec(),
    };
    writes.flush().await?;
    count(link, &position, Some(run), lease).await?;
    Ok((tally, position))
}

/// Takes over from the runs whose leases have lapsed: they are fenced off, what they had in flight becomes unknown, and the rows
/// that they had claimed are free. How many there were. A run never takes over from itself: as long as nobody else did, it has
/// only to renew its lease.
pub(crate) async fn take_over(link: &Link, plan: i64, digest: &str, own: Option<u64>) -> Result<usize, Error> {
    let own = own.map_or(0, u64::cast_signed);
    let lapsed = link
        .row(
            "SELECT count(*) FROM fleetpurge.runs
             WHERE plan = $1 AND run <> $2 AND ended_at IS NULL AND fenced_at IS NULL
               AND lease_until < clock_timestamp()",
            &[&plan, &own],
        )
        .await?;
    if lapsed.map_or(Ok(0), |row| number(&row, 0))? == 0 {
        return Ok(0);
    }
    let taken = async {
        let entered = enter(link, plan, digest).await?;
        let gone = link
            .rows(
                "UPDATE fleetpurge.runs SET fenced_at = clock_timestamp(), stop_reason = $2
                 WHERE plan = $1 AND run <> $3 AND ended_at IS NULL AND fenced_at IS NULL
                   AND lease_until < clock_timestamp()
                 RETURNING run",
                &[&plan, &GONE, &own],
            )
            .await?;
        let gone: Vec<i64> = gone.iter().map(|row| field(row, 0)).collect::<Result<_, _>>()?;
        let Some(first) = gone.iter().min() else {
            return Ok(0);
        };
        let open = open_attempts(link, plan, &gone).await?;
        link.run(
            "UPDATE fleetpurge.chunks SET run = NULL WHERE plan = $1 AND run = ANY ($2::bigint[])",
            &[&plan, &gone],
        )
        .await?;
        let mut entered = entered;
        let mut writes = Writes::new(link, plan);
        let at = clock::now().to_string();
        for open in &open {
            attempts::as_unknown(&mut writes, digest, open, &at, &mut entered.tally)?;
        }
        write(link, plan, digest, entered, &mut writes, (first.unsigned_abs(), None)).await?;
        Ok(gone.len())
    };
    let taken = taken.await;
    link.end(taken).await
}

/// What these runs have begun and not settled.
async fn open_attempts(link: &Link, plan: i64, runs: &[i64]) -> Result<Vec<OpenAttempt>, Error> {
    let rows = link
        .rows(
            "SELECT a.attempt, a.run, a.batch, a.number, a.request_id, a.devices, a.begun_at, r.first, r.last
             FROM fleetpurge.attempts a JOIN fleetpurge.attempt_rows r USING (plan, attempt)
             WHERE a.plan = $1 AND a.run = ANY ($2::bigint[]) AND a.settled_at IS NULL ORDER BY a.attempt, r.first",
            &[&plan, &runs],
        )
        .await?;
    let mut open: Vec<OpenAttempt> = Vec::new();
    for row in rows {
        let attempt = number(&row, 0)?;
        let range = (number(&row, 7)?, number(&row, 8)?);
        match open.last_mut() {
            Some(last) if last.attempt == attempt => last.ranges.push(range),
            _ => open.push(OpenAttempt {
                attempt,
                run: number(&row, 1)?,
                batch: number(&row, 2)?,
                number: number(&row, 3)?,
                request_id: super::texts::restored(field(&row, 4)?)?.into_owned(),
                devices: number(&row, 5)?,
                begun_at: field(&row, 6)?,
                ranges: vec![range],
            }),
        }
    }
    Ok(open)
}
