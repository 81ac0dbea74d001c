//! Keeps a verification that was written into a scratch file.

use std::path::Path;

use super::commit::{count, enter};
use super::fetch::Position;
use super::link::{Link, Remote};
use super::put::copy;
use super::tables::VERIFICATIONS;
use super::writes::Writes;
use crate::model::{Error, ErrorKind};
use crate::proof::chain;
use crate::store::attempts;
use crate::store::database as file;

/// Copies the verification with this number from the scratch file, if nothing was committed since the file was fetched.
pub(crate) async fn keep(
    remote: &Remote,
    scratch: &Path,
    fetched: &Position,
    digest: &str,
    verification: u64,
) -> Result<(), Error> {
    let link = Link::open_durable(&remote.settings).await?;
    let file = file::reader(scratch)?;
    let kept = async {
        let mut entered = enter(&link, fetched.plan, digest).await?;
        if entered.chain != fetched.chain {
            return Err(Error::new(
                ErrorKind::Changed,
                "the plan was applied or verified after its devices were looked for",
            ));
        }
        link.run(
            "DELETE FROM fleetpurge.verifications_tally WHERE plan = $1",
            &[&fetched.plan],
        )
        .await?;
        for table in VERIFICATIONS {
            let which = if table.is_single {
                String::new()
            } else {
                format!("WHERE verification = {verification}")
            };
            copy(&link, &file, fetched.plan, table, &which).await?;
        }
        let mut writes = Writes::new(&link, fetched.plan);
        attempts::count_commit(&mut writes, digest, &mut entered.tally)?;
        let position = Position {
            plan: fetched.plan,
            commits: entered.tally.commits,
            chain: chain::next(&entered.chain, entered.tally.commits, 0, writes.checksums()).to_vec(),
        };
        writes.flush().await?;
        Ok(count(&link, &position, None, None).await?)
    };
    let kept = kept.await;
    link.end(kept).await
}
