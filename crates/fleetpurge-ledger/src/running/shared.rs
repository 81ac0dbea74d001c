//! One `apply` of a plan in a database, beside others.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use fleetpurge_engine::OutcomeKind;
use fleetpurge_postgres::DatabaseUrl;

use crate::model::{Counts, Ended, Error, ErrorKind, Holder, Plan, Reason, RunEnd, Selection};
use crate::reading::Ledger;
use crate::running::held::{ApplyLedger, Held, HeldShared, RunInfo};
use crate::store::changes::RunState;
use crate::store::postgres::check_tables;
use crate::store::postgres::claims::Claims;
use crate::store::postgres::commit::{SharedWriter, check_chain};
use crate::store::postgres::fetch::find;
use crate::store::postgres::lease::{self, Begun};
use crate::store::postgres::link::{Link, Remote, wait};
use crate::store::postgres::memory::{self, Memory};
use crate::store::postgres::scratch::Scratch;
use crate::store::records::NewRun;
use crate::store::{counts, database, group_commit};

/// How long the others wait before they take over from a run that is not heard of.
const LEASE: Duration = Duration::from_secs(30);

/// How long a run waits for a database that is gone.
const MAX_WAIT: Duration = Duration::from_secs(600);

/// Fetches a plan, after what runs that are gone left open was settled.
pub(super) fn open(url: &DatabaseUrl, holder: Holder, memory: Option<&Path>) -> Result<ApplyLedger, Error> {
    let remote = Remote::of(url)?;
    let (mut scratch, mut position) = Scratch::fetch(&remote)?;
    let mut ledger = Ledger::open(scratch.path())?;
    let memory = memory.map(|folder| Memory::of(folder, &ledger.proof.plan.digest));
    wait(|| async {
        let link = Link::open(&remote.settings).await?;
        memory::check(&link, position.plan, memory.as_ref()).await
    })??;
    if !ledger.proof.open.is_empty() || ledger.runs()?.iter().any(|run| run.ended_at.is_none()) {
        let (plan, digest) = (position.plan, ledger.proof.plan.digest.clone());
        let settled = wait(|| async {
            let link = Link::open_durable(&remote.settings).await?;
            lease::take_over(&link, plan, &digest, None).await
        })??;
        if settled > 0 {
            drop(ledger);
            (scratch, position) = Scratch::fetch(&remote)?;
            ledger = Ledger::open(scratch.path())?;
        }
    }
    Ok(ApplyLedger {
        database: database::reader(scratch.path())?,
        proof: ledger.proof,
        holder,
        held: Held::Shared(HeldShared {
            remote,
            position,
            scratch,
        }),
    })
}

/// A run over a plan in a database.
#[derive(Debug)]
pub(crate) struct SharedRun {
    remote: Remote,
    plan: i64,
    scratch: Scratch,
    max_wait: Duration,
}

/// Begins a run: from here on its lease is renewed.
pub(super) fn begin(
    held: HeldShared,
    plan: &Plan,
    holder: &Holder,
    info: RunInfo,
) -> Result<(SharedRun, SharedWriter), Error> {
    let HeldShared {
        remote,
        position,
        scratch,
    } = held;
    let (lease, max_wait) = (info.lease.unwrap_or(LEASE), info.max_wait.unwrap_or(MAX_WAIT));
    let new = NewRun {
        run: 0,
        holder,
        version: &info.version,
        confirmation: &info.confirmation,
        options: &info.options,
    };
    let memory = info.memory.as_deref().map(|folder| Memory::of(folder, &plan.digest));
    let begun = wait(|| async {
        let link = Link::open_durable(&remote.settings).await?;
        check_tables(&link).await?;
        // A plan of that name that was put there meanwhile is another.
        if find(&link, remote.plan()?).await? != position.plan {
            return Err(Error::new(
                ErrorKind::Moved,
                "the plan in the database was replaced by another of the same name",
            ));
        }
        check_chain(&link, position.plan, (position.commits, &position.chain)).await?;
        memory::check(&link, position.plan, memory.as_ref()).await?;
        lease::begin_run(&link, position.plan, &plan.digest, &new, lease).await
    })??;
    let Begun { run, tally, position } = begun;
    let mut writer = SharedWriter {
        remote: remote.clone(),
        // The first commit prepares one of its own.
        link: None,
        state: RunState {
            digest: plan.digest.clone(),
            planned: plan.planned,
            run,
            open: HashMap::new(),
        },
        position,
        tally,
        lease,
        max_wait,
        renewed: Instant::now(),
        memory,
        unsure: None,
        calls: 0,
        observer: info.observer,
    };
    writer.remembers();
    let shared = SharedRun {
        remote,
        plan: writer.position.plan,
        scratch,
        max_wait,
    };
    Ok((shared, writer))
}

impl SharedRun {
    /// The claims of the run with this number, and a connection to the file that has what is known of the rows.
    pub(super) fn claims(
        &self,
        plan: &Plan,
        run: u64,
        selection: &Selection,
    ) -> Result<(database::Database, Claims), Error> {
        let takes_only_pending = OutcomeKind::ALL
            .into_iter()
            .all(|kind| kind == OutcomeKind::Pending || !selection.takes(kind));
        let database = database::reader(self.scratch.path())?;
        let claims = Claims::new(
            &self.remote,
            self.scratch.path(),
            self.plan,
            run,
            plan.digest.clone(),
            takes_only_pending,
            self.max_wait,
        )?;
        Ok((database, claims))
    }

    /// A connection to the file, after all was fetched that was recorded since.
    fn read_again(&self) -> Result<database::Database, Error> {
        self.scratch.refresh(&self.remote, self.plan)?;
        database::reader(self.scratch.path())
    }

    pub(super) fn counts(&self, plan: &Plan) -> Result<Counts, Error> {
        counts::count_now(&self.read_again()?, plan.planned, plan.skipped)
    }

    pub(super) fn reasons(&self, plan: &Plan, kind: OutcomeKind) -> Result<Vec<Reason>, Error> {
        counts::reasons_now(&self.read_again()?, plan.planned, kind)
    }

    /// Writes the end down. The rows that the run had claimed are free.
    pub(super) fn end(&self, plan: &Plan, writer: &mut SharedWriter, end: &RunEnd) -> Result<Ended, Error> {
        group_commit::finish(writer, end)?;
        writer.remembers();
        Ok(Ended {
            counts: self.counts(plan)?,
            single_file: true,
            disturbance: None,
        })
    }
}
