//! Reads one device from the service into its file.

use std::io;
use std::num::NonZeroU64;
use std::path::Path;

use jiff::Timestamp;
use ubidots_devices::{Client, DeviceId, DeviceKey, Error, ErrorKind, Values, Variable};

use crate::backup::file::{DeviceFile, Saved, write_missing};

/// How often a device is begun that changes while it is read.
const ROUNDS: u32 = 3;

/// Why a device could not be saved.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The service did not answer, or not with the device.
    Service(Error),
    /// This machine's fault.
    Machine(io::Error),
    /// The service answered with another device.
    OtherDevice(DeviceId),
    /// The service lists fewer variables than it says that the device has: the token may not read them.
    VariablesLeftOut { said: u64, listed: u64 },
    /// The service answers for one page of the values of this variable what it answered for the page before.
    SamePage(String),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Machine(error)
    }
}

/// Reads a device, its variables and their values. Calls `saved` as values are written.
///
/// All values are of before the moment at which the device was begun, or of before the last that its variable had then:
/// what it sends meanwhile shifts no page. What comes with an older time can bring a value twice and loses none, for the
/// newest come first. Where the variables change meanwhile, or are gone, it is begun anew: it may be that the device is
/// being deleted.
pub(crate) async fn save(client: &Client, id: &DeviceId, path: &Path, saved: impl Fn(u64)) -> Result<Saved, Trouble> {
    let mut round = 1;
    loop {
        match read(client, id, path, &saved).await {
            Err(Trouble::Service(error)) if round < ROUNDS && has_changed(&error) => round += 1,
            Err(Trouble::VariablesLeftOut { .. }) if round < ROUNDS => round += 1,
            done => return done,
        }
    }
}

/// Something that was there is not, or a list is not whole.
fn has_changed(error: &Error) -> bool {
    error.status() == Some(404) || error.kind() == ErrorKind::AmbiguousReply
}

async fn read(client: &Client, id: &DeviceId, path: &Path, saved: &impl Fn(u64)) -> Result<Saved, Trouble> {
    let until = Timestamp::now();
    let Some(device) = client.device(&DeviceKey::Id(id.clone())).await? else {
        return Ok(write_missing(path, id.as_str(), Timestamp::now())?);
    };
    if device.id != *id {
        return Err(Trouble::OtherDevice(device.id));
    }
    let mut file = DeviceFile::create(path)?;
    file.device(id.as_str(), until, &device.json)?;
    let variables = client.variables(id).await?;
    let listed = variables.len() as u64;
    if let Some(said) = device.variables_count.filter(|said| *said > listed) {
        return Err(Trouble::VariablesLeftOut { said, listed });
    }
    for variable in &variables {
        file.variable(&variable.id, &variable.json)?;
    }
    for variable in &variables {
        values(client, variable, until, &mut file, saved).await?;
    }
    Ok(file.finish(id.as_str(), Timestamp::now())?)
}

/// All values of a variable, page by page.
async fn values(
    client: &Client,
    variable: &Variable,
    until: Timestamp,
    file: &mut DeviceFile,
    saved: &impl Fn(u64),
) -> Result<(), Trouble> {
    let until = variable.last.map_or(until, |last| last.max(until));
    let mut before: Option<Values> = None;
    let mut page = NonZeroU64::MIN;
    loop {
        let values = client.values(&variable.id, until, page).await?;
        match &before {
            Some(before) if !values.values.is_empty() && before.values == values.values => {
                // A server may answer with its last page for every page beyond; one that was announced is none such.
                return if before.is_announced {
                    Err(Trouble::SamePage(variable.id.clone()))
                } else {
                    Ok(())
                };
            }
            _ => {}
        }
        for value in &values.values {
            file.value(&variable.id, value)?;
        }
        saved(values.values.len() as u64);
        match page.checked_add(1) {
            Some(next) if values.goes_on(before.as_ref()) => page = next,
            _ => return Ok(()),
        }
        before = Some(values);
    }
}
