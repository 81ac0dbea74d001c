//! The pages of a list, with the generated client in a bare loop: no pace, no check that the list is whole.

use std::num::NonZeroU64;

use super::arguments::Arguments;
use super::facade;

/// Asks for every page, and returns how many devices there were.
pub(super) async fn list(arguments: &Arguments) -> anyhow::Result<u64> {
    let client = facade::ubidots(arguments)?;
    let (mut page, mut listed) = (NonZeroU64::MIN, 0);
    loop {
        let raw = client.raw();
        // What `select` asks for. The library keeps its numbers to itself, and this is a program that has never seen it.
        let call = raw
            .list_devices()
            .fields("id,label,name,tags,lastActivity")
            .sort_by("label");
        let reply = call.page(page).page_size(NonZeroU64::try_from(200)?).send().await?;
        listed += reply.results.len() as u64;
        if reply.next.is_none() {
            return Ok(listed);
        }
        page = page.saturating_add(1);
    }
}
