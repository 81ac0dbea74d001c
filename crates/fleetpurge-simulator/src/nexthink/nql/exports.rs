//! The exports that were asked for, and how each is.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use uuid::Uuid;

use super::fault::ExportFault;
use super::file_request::FileRequest;
use super::query::SavedQuery;
use crate::device::Device;

/// How the exports are to be.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) queries: BTreeMap<String, SavedQuery>,
    /// How often an export is not completed yet when it is asked for.
    pub(crate) polls: u32,
    pub(crate) url_lifetime: Duration,
    pub(crate) is_permitted: bool,
    pub(crate) faults: VecDeque<ExportFault>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            queries: BTreeMap::new(),
            polls: 2,
            url_lifetime: Duration::from_secs(15 * 60),
            is_permitted: true,
            faults: VecDeque::new(),
        }
    }
}

/// The exports of one tenant.
#[derive(Debug)]
pub(crate) struct Exports {
    setup: Setup,
    faults: Mutex<VecDeque<ExportFault>>,
    exports: Mutex<HashMap<String, Export>>,
    /// Where the other host listens; nowhere without queries.
    port: Option<u16>,
    requests: Mutex<Vec<FileRequest>>,
}

#[derive(Debug)]
struct Export {
    file: Bytes,
    fault: Option<ExportFault>,
    asked: u32,
    /// What the newest URL is signed with, and until when it is good.
    signed: Option<(String, Instant)>,
}

/// How an export is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Word(String),
    Failed(String),
    Completed(String),
}

/// A file, and what happens on its way.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum File {
    Whole(Bytes),
    Cut(Bytes),
    Short(Bytes),
    Redirect,
    Status(u16),
    Expired,
}

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    None,
    Gzip,
    Zstd,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Exports {
    pub(crate) fn new(mut setup: Setup, port: Option<u16>) -> Self {
        let faults = std::mem::take(&mut setup.faults);
        Self {
            setup,
            faults: Mutex::new(faults),
            exports: Mutex::default(),
            port,
            requests: Mutex::default(),
        }
    }

    pub(crate) fn is_permitted(&self) -> bool {
        self.setup.is_permitted
    }

    /// What goes wrong with the exports that are asked for next, one each.
    pub(crate) fn set_faults(&self, faults: impl IntoIterator<Item = ExportFault>) {
        *lock(&self.faults) = faults.into_iter().collect();
    }

    /// Runs a query, and returns the id of its export; `None` if there is no such query.
    pub(crate) fn begin(
        &self,
        query: &str,
        parameters: &BTreeMap<String, String>,
        packing: Packing,
        devices: &[Device],
    ) -> Option<String> {
        let csv = self.setup.queries.get(query)?.run(devices, parameters);
        let file = match packing {
            Packing::None => csv.into_bytes(),
            Packing::Gzip => gzip(csv.as_bytes()),
            Packing::Zstd => compress_to_vec(csv.as_bytes(), CompressionLevel::Fastest),
        };
        let id = Uuid::new_v4().to_string();
        let export = Export {
            file: file.into(),
            fault: lock(&self.faults).pop_front(),
            asked: 0,
            signed: None,
        };
        lock(&self.exports).insert(id.clone(), export);
        Some(id)
    }

    /// How an export is, and whether its rows were cut off; `None` if there is none of this id.
    pub(crate) fn status(&self, id: &str) -> Option<(Status, bool)> {
        let mut exports = lock(&self.exports);
        let export = exports.get_mut(id)?;
        export.asked += 1;
        let is_truncated = export.fault == Some(ExportFault::Truncated);
        let status = match &export.fault {
            Some(ExportFault::Status(word)) => Status::Word(word.clone()),
            _ if export.asked <= self.setup.polls => {
                let word = if export.asked == 1 { "SUBMITTED" } else { "IN_PROGRESS" };
                Status::Word(word.to_owned())
            }
            Some(ExportFault::Failed(why)) => Status::Failed(why.clone()),
            Some(ExportFault::Url(url)) => Status::Completed(url.clone()),
            fault => {
                let is_expired = *fault == Some(ExportFault::ExpiredUrl) && export.signed.is_none();
                let lifetime = if is_expired {
                    Duration::ZERO
                } else {
                    self.setup.url_lifetime
                };
                let signature = Uuid::new_v4().simple().to_string();
                let port = self.port.unwrap_or_default();
                let url = format!("http://127.0.0.1:{port}/exports/{id}?X-Amz-Signature={signature}");
                export.signed = Some((signature, Instant::now() + lifetime));
                Status::Completed(url)
            }
        };
        Some((status, is_truncated))
    }

    /// The file of an export, for whoever has its URL.
    pub(super) fn file(&self, id: &str, signature: &str) -> File {
        let mut exports = lock(&self.exports);
        let Some(export) = exports.get_mut(id) else {
            return File::Expired;
        };
        let is_good = export
            .signed
            .as_ref()
            .is_some_and(|(signed, until)| signed == signature && *until > Instant::now());
        if !is_good {
            return File::Expired;
        }
        let half = export.file.slice(..export.file.len() / 2);
        match export.fault {
            Some(ExportFault::CutFile) => File::Cut(export.file.clone()),
            Some(ExportFault::ShortFile) => File::Short(half),
            Some(ExportFault::Redirect) => File::Redirect,
            Some(ExportFault::FileStatus(status)) => {
                export.fault = None;
                File::Status(status)
            }
            _ => File::Whole(export.file.clone()),
        }
    }

    pub(super) fn note(&self, request: FileRequest) {
        lock(&self.requests).push(request);
    }

    pub(crate) fn requests(&self) -> Vec<FileRequest> {
        lock(&self.requests).clone()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    // Writing to memory does not fail.
    let _ = gzip.write_all(bytes);
    gzip.finish().unwrap_or_default()
}
