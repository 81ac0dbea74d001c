//! Writes the head of a plan when its draft is frozen.

use rusqlite::Connection;

use crate::model::{Error, Plan};
use crate::proof::Tally;

pub(crate) fn write_head(connection: &Connection, plan: &Plan) -> Result<(), Error> {
    let settings = &plan.settings;
    connection.execute(
        "INSERT INTO plan (id, service, tenant, instance, region, base_url, token_url, uid_validation, max_devices,
                           planned, skipped, created_at, tool, digest, state)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 'frozen')",
        (
            settings.service.as_str(),
            &settings.tenant,
            &settings.instance,
            &settings.region,
            &settings.base_url,
            &settings.token_url,
            settings.uid_validation.as_str(),
            settings.max_devices.cast_signed(),
            plan.planned.cast_signed(),
            plan.skipped.cast_signed(),
            plan.created_at.to_string(),
            &settings.tool,
            &plan.digest,
        ),
    )?;
    connection.execute(
        "INSERT INTO tally (id, commits, attempts, settled, outcomes, anomalies, checksum) VALUES (1, 0, 0, 0, 0, 0, ?1)",
        [Tally::default().checksum(&plan.digest)],
    )?;
    Ok(())
}
