//! Copies a plan with its history from one store to another.

use std::path::Path;

use fleetpurge_postgres::DatabaseUrl;

use crate::model::{Error, ErrorKind, Holder, Plan, PlanAddress, Replace};
use crate::planning::replace::check as check_target;
use crate::reading::Ledger;
use crate::store::file::naming;
use crate::store::postgres::link::{Remote, wait};
use crate::store::postgres::put;
use crate::store::postgres::scratch::Scratch;
use crate::store::{database, schema};

impl Ledger {
    /// Copies a plan, with all its attempts, outcomes, runs and verifications, from a file into a database, or back. At the end
    /// the copy is read and proven. The plan that it was copied from stays: only one of them may be applied from then on, because
    /// neither knows what the other has sent.
    ///
    /// Attempts that a run left open are settled first, as an `apply` settles them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Held`] while the plan is applied, [`ErrorKind::Exists`] if there is a plan at the target that may not be
    /// replaced, those of [`Ledger::open_for_apply`] for both, and `Inconsistent` for a copy from file to file.
    pub fn copy(from: &PlanAddress, to: &PlanAddress, holder: Holder, replace: Replace) -> Result<Plan, Error> {
        match (from, to) {
            (PlanAddress::File(_), PlanAddress::File(_)) => Err(Error::new(
                ErrorKind::Inconsistent,
                "both are files: copy the file itself, while no apply holds it",
            )),
            (PlanAddress::File(path), PlanAddress::Database(url)) => {
                // Held until it is copied.
                let held = Self::open_for_apply(path, holder)?;
                put_and_prove(path, held.plan(), url, replace)
            }
            (PlanAddress::Database(source), target) => {
                if let Some(by) = Self::applied_by(source)?.into_iter().next() {
                    return Err(Error::new(
                        ErrorKind::Held,
                        format!(
                            "the plan is applied by {}@{}, process {}",
                            by.holder.who, by.holder.host, by.holder.pid
                        ),
                    )
                    .held_by(Some(by)));
                }
                // Settles what a run that is gone left open.
                drop(Self::open_for_apply(source.clone(), holder)?);
                let (scratch, _) = Scratch::fetch(&Remote::of(source)?)?;
                let plan = Self::open(scratch.path())?.plan().clone();
                match target {
                    PlanAddress::Database(url) => put_and_prove(scratch.path(), &plan, url, replace),
                    PlanAddress::File(path) => put_into_file(&scratch, &plan, path, replace),
                }
            }
        }
    }
}

fn put_and_prove(file: &Path, plan: &Plan, url: &DatabaseUrl, replace: Replace) -> Result<Plan, Error> {
    let remote = Remote::of(url)?;
    wait(|| put::whole(&remote, file, replace))??;
    proven(&Ledger::open(url.clone())?, &Ledger::open(file)?, plan)
}

fn put_into_file(scratch: &Scratch, plan: &Plan, target: &Path, replace: Replace) -> Result<Plan, Error> {
    let target = std::path::absolute(target)?;
    check_target(&target, replace)?;
    // Beside its target, so that it gets its name in one step.
    let draft = naming::draft_name(&target)?;
    let put = || {
        std::fs::copy(scratch.path(), &draft)?;
        let copy = database::scratch(&draft)?;
        schema::guard(&copy)?;
        copy.close()?;
        let plan = proven(&Ledger::open(&draft)?, &Ledger::open(scratch.path())?, plan)?;
        naming::put(&draft, &target, || check_target(&target, replace))?;
        Ok(plan)
    };
    let put = put();
    if put.is_err() {
        std::fs::remove_file(&draft).ok();
    }
    put
}

/// Whether the copy is the plan, with as many records. Opening both has proven each.
fn proven(copy: &Ledger, original: &Ledger, plan: &Plan) -> Result<Plan, Error> {
    let is_it = copy.plan().digest == plan.digest
        && copy.proof.tally == original.proof.tally
        && copy.proof.runs == original.proof.runs
        && copy.proof.verifications == original.proof.verifications;
    if is_it {
        Ok(plan.clone())
    } else {
        Err(Error::new(ErrorKind::Altered, "the copy is not what was copied"))
    }
}
