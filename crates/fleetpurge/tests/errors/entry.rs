//! One situation, and what the command printed in it.

use fleetpurge_engine::OutcomeKind;
use regex::Regex;

use crate::common::{Bench, Ended};
use crate::rig::Rig;

/// A part of the catalogue.
pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    pub(crate) entries: Vec<Entry>,
}

/// One situation, and what the command printed in it.
pub(crate) struct Entry {
    pub(crate) title: String,
    /// The kinds of errors and the codes of the services that it shows, as [`crate::kinds`] names them.
    pub(crate) shows: &'static [&'static str],
    typed: String,
    exit: i32,
    said: String,
    /// What became of the devices, if anything may have been sent.
    devices: Option<String>,
}

impl Entry {
    /// Of a command that sends nothing.
    pub(crate) fn of(title: &str, shows: &'static [&'static str], typed: &str, ended: &Ended) -> Self {
        assert_ne!(ended.code, 0, "{title}: {}", ended.stderr);
        Self {
            title: title.to_owned(),
            shows,
            typed: typed.to_owned(),
            exit: ended.code,
            said: cleaned(end_of(&ended.stderr)),
            devices: None,
        }
    }

    /// Of an `apply`: nothing was claimed that did not happen, and the outcomes are told.
    pub(crate) fn of_apply(title: &str, shows: &'static [&'static str], rig: &Rig, ended: &Ended) -> Self {
        rig.holds_every_promise(&[], title);
        Self::of_told(title, shows, rig, ended)
    }

    /// Of an `apply` whose service does not tell what it did.
    pub(crate) fn of_told(title: &str, shows: &'static [&'static str], rig: &Rig, ended: &Ended) -> Self {
        let status = rig.bench.status();
        let outcomes: Vec<String> = OutcomeKind::ALL
            .iter()
            .filter(|kind| status[kind.as_str()] != 0)
            .map(|kind| format!("{} {kind}", status[kind.as_str()]))
            .collect();
        let requests = match rig.requests().len() {
            0 => "no request".to_owned(),
            1 => "1 request".to_owned(),
            count => format!("{count} requests"),
        };
        Self {
            devices: Some(format!(
                "Of {} devices, in {requests}: {}.",
                rig.devices.len(),
                outcomes.join(", ")
            )),
            ..Self::of(title, shows, "", ended)
        }
    }

    /// In a folder of its own: files, and the command that is typed.
    pub(crate) fn local(title: &str, shows: &'static [&'static str], files: &[(&str, &[u8])], typed: &str) -> Self {
        let bench = Bench::new();
        for (name, content) in files {
            bench.file(name, content);
        }
        let ended = bench.run(typed);
        assert!(
            bench
                .files()
                .iter()
                .all(|name| !name.ends_with(".plan") || files.iter().any(|(file, _)| file == name)),
            "{title}: {:?}",
            bench.files()
        );
        Self {
            // What is listed above the error belongs to it.
            said: cleaned(&ended.stderr),
            ..Self::of(title, shows, typed, &ended)
        }
    }

    pub(crate) fn text(&self) -> String {
        let typed = match &*self.typed {
            "" => String::new(),
            typed => format!("`fleetpurge {typed}`\n\n"),
        };
        let devices = self
            .devices
            .as_ref()
            .map_or_else(String::new, |devices| format!("{devices} "));
        format!(
            "### {}\n\n{typed}{devices}Exit code {}.\n\n```text\n{}\n```\n",
            self.title, self.exit, self.said
        )
    }
}

/// The error, or the last paragraph of a run that had begun.
fn end_of(stderr: &str) -> &str {
    let error = stderr.rfind("\nerror: ").map_or(0, |at| at + 1);
    let paragraph = stderr.trim_end().rfind("\n\n").map_or(0, |at| at + 2);
    if stderr[error..].starts_with("error: ") {
        &stderr[error..]
    } else {
        &stderr[paragraph..]
    }
}

/// Without what differs from run to run.
fn cleaned(said: &str) -> String {
    let mut said = said.trim_end().replace(env!("CARGO_TARGET_TMPDIR"), "FOLDER");
    for (pattern, word) in [
        (r"127\.0\.0\.1:\d+", "HOST"),
        (
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
            "ID",
        ),
        (r"\b[0-9a-f]{64}\b", "DIGEST"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
        (r"held by \S+@\S+, process \d+", "held by NAME@MACHINE, process NUMBER"),
        (r"/tmp/\.tmp\w+", "FOLDER"),
    ] {
        said = Regex::new(pattern).unwrap().replace_all(&said, word).into_owned();
    }
    said
}
