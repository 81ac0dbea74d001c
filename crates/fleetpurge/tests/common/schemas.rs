//! Holds every record that a test's command prints to its published schema.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

use super::ended::Ended;

static PLAN: LazyLock<Validator> = LazyLock::new(|| committed("plan"));
static STATUS: LazyLock<Validator> = LazyLock::new(|| committed("status"));
static REPORT: LazyLock<Validator> = LazyLock::new(|| committed("report"));
static REPORT_LINE: LazyLock<Validator> = LazyLock::new(|| committed("report-line"));
static SHOW: LazyLock<Validator> = LazyLock::new(|| committed("show"));
static LIST: LazyLock<Validator> = LazyLock::new(|| committed("list"));
static DOCTOR: LazyLock<Validator> = LazyLock::new(|| committed("doctor"));
static VERIFY_LINE: LazyLock<Validator> = LazyLock::new(|| committed("verify-line"));

fn committed(name: &str) -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../schemas")
        .join(name)
        .with_extension("json");
    let schema = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

/// Looks at what a command was asked for, and holds what it has printed, or written to `--out`, to the schema of that.
#[track_caller]
pub(crate) fn hold(command: &Command, ended: &Ended) {
    let arguments: Vec<_> = command
        .get_args()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let (Some(verb), Some(format)) = (arguments.first(), value_of(&arguments, "--format")) else {
        return;
    };
    // What was found is told where devices are still there, or where that is not known, too.
    if ended.code != 0 && !matches!((verb.as_str(), ended.code), ("verify", 3 | 4) | ("doctor", 1)) {
        return;
    }
    let text = || match value_of(&arguments, "--out") {
        Some(file) => {
            let folder = command.get_current_dir().map(PathBuf::from).unwrap_or_default();
            fs::read_to_string(folder.join(file)).unwrap()
        }
        None => ended.stdout.clone(),
    };
    match (verb.as_str(), format) {
        // There, `--out` is the plan.
        ("plan", "json") => fits(&PLAN, &ended.stdout),
        ("status", "json") => fits(&STATUS, &text()),
        ("report", "json") => fits(&REPORT, &text()),
        ("show", "json") => fits(&SHOW, &text()),
        ("list", "json") => fits(&LIST, &text()),
        ("doctor", "json") => fits(&DOCTOR, &text()),
        ("report" | "show", "ndjson") => text().lines().for_each(|line| fits(&REPORT_LINE, line)),
        ("verify", "ndjson") => text().lines().for_each(|line| fits(&VERIFY_LINE, line)),
        _ => {}
    }
}

fn value_of<'a>(arguments: &'a [String], flag: &str) -> Option<&'a str> {
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.split_once('=') {
            Some((name, value)) if name == flag => return Some(value),
            _ if argument == flag => return arguments.next().map(String::as_str),
            _ => {}
        }
    }
    None
}

#[track_caller]
pub(crate) fn fits(schema: &Validator, text: &str) {
    let record: Value = serde_json::from_str(text).unwrap();
    if let Err(error) = schema.validate(&record) {
        panic!("{error} at {:?} in {record}", error.instance_path().to_string());
    }
}
