//! A request written, and its reply read, without a copy of any device: the way that nearly every batch goes. Pure.
//!
//! What is written is what the generated types write, and what is read is what they read (tests hold it to that). A reply
//! that differs in anything from the documented one is left to [`lenient`](crate::lenient) and [`matching`](crate::matching).

use bytes::Bytes;
use fleetpurge_engine::Entry;
use fleetpurge_http::plain::Plain;

use crate::device::Device;
use crate::matching::{ACCEPTED, of_status};

/// The body of a request for these devices.
///
/// # Errors
///
/// Text cannot be encoded: never.
pub(crate) fn request(batch: &[&Device]) -> Result<Bytes, serde_json::Error> {
    let texts: usize = batch
        .iter()
        .map(|device| device.uid.len() + device.name.len() + 24)
        .sum();
    let mut body = Vec::with_capacity(texts + 16);
    body.extend_from_slice(br#"{"devices":["#);
    for (n, device) in batch.iter().enumerate() {
        if n > 0 {
            body.push(b',');
        }
        body.extend_from_slice(br#"{"name":"#);
        serde_json::to_writer(&mut body, &device.name)?;
        body.extend_from_slice(br#","uid":"#);
        serde_json::to_writer(&mut body, &device.uid)?;
        body.push(b'}');
    }
    body.extend_from_slice(b"]}");
    Ok(body.into())
}

/// What a reply says of each device, if it names exactly the devices of the batch in their order and nothing about it is
/// odd.
pub(crate) fn entries(batch: &[&Device], body: &[u8]) -> Option<Vec<Entry>> {
    let mut reply = Plain::of(body);
    let (mut scheduled, mut is_accepted, mut entries) = (None, false, None);
    reply.mark(b'{')?;
    loop {
        match reply.key()? {
            b"scheduledCount" if scheduled.is_none() => scheduled = Some(reply.number()?),
            b"status" if !is_accepted => {
                reply.expect(ACCEPTED)?;
                is_accepted = true;
            }
            b"devices" if entries.is_none() => entries = Some(list(&mut reply, batch)?),
            _ => return None,
        }
        if !reply.is_next(b',') {
            break;
        }
        reply.mark(b',')?;
    }
    reply.mark(b'}')?;
    reply.end()?;
    let (entries, counted) = entries?;
    (is_accepted && scheduled == Some(counted)).then_some(entries)
}

/// The entries, and how many of them are scheduled.
fn list(reply: &mut Plain<'_>, batch: &[&Device]) -> Option<(Vec<Entry>, u64)> {
    let mut entries = Vec::with_capacity(batch.len());
    let mut scheduled = 0;
    reply.mark(b'[')?;
    for (n, device) in batch.iter().enumerate() {
        if n > 0 {
            reply.mark(b',')?;
        }
        let entry = entry(reply, device)?;
        scheduled += u64::from(entry.status == fleetpurge_engine::EntryStatus::Scheduled);
        entries.push(entry);
    }
    reply.mark(b']')?;
    Some((entries, scheduled))
}

fn entry(reply: &mut Plain<'_>, device: &Device) -> Option<Entry> {
    let (mut has_uid, mut has_name, mut entry) = (false, false, None);
    reply.mark(b'{')?;
    for n in 0..3 {
        if n > 0 {
            reply.mark(b',')?;
        }
        match reply.key()? {
            b"uid" if !has_uid => {
                reply.expect(&device.uid)?;
                has_uid = true;
            }
            b"name" if !has_name => {
                reply.expect(&device.name)?;
                has_name = true;
            }
            b"status" if entry.is_none() => entry = Some(of_status(std::str::from_utf8(reply.text()?).ok()?)?),
            _ => return None,
        }
    }
    reply.mark(b'}')?;
    entry
}

#[cfg(test)]
mod tests;
