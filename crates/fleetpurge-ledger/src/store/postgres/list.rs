//! Which plans a database has, and who applies them.

use super::link::{Link, Remote, field};
use super::{schema, texts};
use crate::model::{Error, Holder, LockedBy};

/// The names of all plans, in order.
pub(crate) async fn names(remote: &Remote, tenant: Option<(&str, &str)>) -> Result<Vec<String>, Error> {
    let link = Link::open(&remote.settings).await?;
    schema::check(&link).await?;
    let (service, base_url) = tenant.unzip();
    let base_url = base_url.map(texts::stored);
    let rows = link
        .rows(
            "SELECT name FROM fleetpurge.plans
             WHERE ($1::text IS NULL OR service = $1) AND ($2::text IS NULL OR base_url = $2) ORDER BY name",
            &[&service, &base_url.as_deref()],
        )
        .await?;
    rows.iter().map(|row| field(row, 0)).collect()
}

/// Who applies a plan at this moment: the runs whose leases have not lapsed.
pub(crate) async fn applying(remote: &Remote) -> Result<Vec<LockedBy>, Error> {
    let link = Link::open(&remote.settings).await?;
    schema::check(&link).await?;
    let plan = super::fetch::find(&link, remote.plan()?).await?;
    let rows = link
        .rows(
            "SELECT who, host, pid, started_at FROM fleetpurge.runs
             WHERE plan = $1 AND ended_at IS NULL AND fenced_at IS NULL AND lease_until >= clock_timestamp()
             ORDER BY run",
            &[&plan],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let text = |column| -> Result<String, Error> { Ok(texts::restored(field(row, column)?)?.into_owned()) };
            let pid: i64 = field(row, 2)?;
            Ok(LockedBy {
                holder: Holder {
                    who: text(0)?,
                    host: text(1)?,
                    pid: u32::try_from(pid).unwrap_or(0),
                },
                since: text(3)?.parse().map_err(|error: jiff::Error| {
                    crate::store::columns::altered("a date of a run of the plan is not valid").with_source(error)
                })?,
            })
        })
        .collect()
}
