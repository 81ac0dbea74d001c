//! The plans of a database.

use fleetpurge_postgres::DatabaseUrl;

use crate::model::{Error, LockedBy, PlanSettings};
use crate::reading::Ledger;
use crate::store::postgres::link::{Remote, wait};
use crate::store::postgres::list;

impl Ledger {
    /// The plans of a database, by name. The `plan` of the URL does not matter.
    ///
    /// # Errors
    ///
    /// [`ErrorKind`](crate::ErrorKind) `BadAddress`, `Unreachable`, `NotPermitted`, `NotALedger` (no plan was ever put there),
    /// `NewerSchema`, `Io`.
    pub fn plans_in(url: &DatabaseUrl) -> Result<Vec<DatabaseUrl>, Error> {
        Self::named(url, None)
    }

    /// The plans of a database that are for the same tenant as these settings, by name.
    ///
    /// # Errors
    ///
    /// As [`plans_in`](Self::plans_in).
    pub fn plans_of(url: &DatabaseUrl, settings: &PlanSettings) -> Result<Vec<DatabaseUrl>, Error> {
        Self::named(url, Some((settings.service.as_str(), &settings.base_url)))
    }

    fn named(url: &DatabaseUrl, tenant: Option<(&str, &str)>) -> Result<Vec<DatabaseUrl>, Error> {
        let remote = Remote::of(url)?;
        let names = wait(|| list::names(&remote, tenant))??;
        Ok(names.iter().map(|name| url.with_plan(name)).collect())
    }

    /// Who applies a plan in a database at this moment: the runs that were heard of within their leases, in order.
    ///
    /// # Errors
    ///
    /// As [`plans_in`](Self::plans_in), and `NotFound`.
    pub fn applied_by(url: &DatabaseUrl) -> Result<Vec<LockedBy>, Error> {
        let remote = Remote::of(url)?;
        wait(|| list::applying(&remote))?
    }
}
