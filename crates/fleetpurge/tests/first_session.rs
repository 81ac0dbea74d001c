//! The first session of the README, by the letter: its commands are read from the page, and so is what they print.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Bench, Simulate, ended, stable};

/// Where the README says that its tenant to practise with is.
const ADDRESS: &str = "127.0.0.1:8080";

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The commands of the session, each with what it prints.
fn session() -> Vec<(String, String)> {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    let (_, rest) = readme.split_once("\n## A first session\n").unwrap();
    let section = rest.split("\n## ").next().unwrap();
    let blocks = section.split("```console\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap());
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in blocks.flat_map(str::lines) {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), String::new())),
            (None, Some((_, printed))) => {
                printed.push_str(line);
                printed.push('\n');
            }
            (None, None) => panic!("{line}: no command prints this"),
        }
    }
    commands
}

/// What a block for PowerShell sets in the environment: `$env:NAME = "value"`.
fn set_by_powershell(block: &str) -> Vec<(String, String)> {
    let lines = block.lines().filter_map(|line| line.strip_prefix("$env:"));
    let sets = lines.map(|line| line.split(" #").next().unwrap().split_once(" = ").unwrap());
    sets.map(|(name, value)| (name.to_owned(), value.trim().trim_matches('"').to_owned()))
        .collect()
}

/// What a block for a shell exports: `export NAME=value NAME=value`.
fn exported(block: &str) -> Vec<(String, String)> {
    let lines = block.lines().filter_map(|line| line.strip_prefix("$ export "));
    let sets = lines.flat_map(|line| line.split(" #").next().unwrap().split_whitespace());
    sets.map(|set| set.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn the_lines_for_powershell_set_what_those_for_a_shell_set() {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    let blocks = readme.split("\n```").skip(1).step_by(2);
    let mut before = "";
    let mut compared = 0;
    for block in blocks {
        let sets = exported(before);
        if !sets.is_empty() {
            let powershell = block.strip_prefix("powershell\n").unwrap_or_default();
            assert_eq!(set_by_powershell(powershell), sets, "{before}");
            compared += 1;
        }
        before = block;
    }
    assert!(exported(before).is_empty(), "{before}");
    assert_eq!(compared, 3);
}

#[test]
fn three_commands_lead_from_the_spreadsheet_to_the_report() {
    let bench = Bench::new();
    fs::create_dir(bench.path("docs")).unwrap();
    fs::copy(workspace().join("docs/laptops.xlsx"), bench.path("docs/laptops.xlsx")).unwrap();
    let simulate = Simulate::start();
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut tried = Vec::new();
    for (command, printed) in session() {
        let command = command.split(" #").next().unwrap().trim_end().to_owned();
        if let Some(set) = command.strip_prefix("export ") {
            let set = set.split_whitespace().map(|one| one.split_once('=').unwrap());
            variables.extend(set.map(|(name, value)| (name.to_owned(), value.to_owned())));
            continue;
        }
        let line = command.strip_prefix("fleetpurge ").unwrap();
        if line.starts_with("simulate") {
            assert!(line.ends_with("--port 8080"), "{line}");
            continue;
        }
        let line = line.replace(ADDRESS, simulate.address());
        let mut process = bench.command(&line);
        process.envs(variables.iter().map(|(name, value)| (name, value)));
        let ended = ended(&mut process);
        let found = format!("{}{}", ended.stderr, ended.stdout);
        assert_eq!(steady(&found), steady(&printed), "{command}");
        tried.push(line.split(' ').next().unwrap().to_owned());
    }
    assert_eq!(tried, ["plan", "apply", "report"]);
    let page = fs::read_to_string(bench.path("laptops.html")).unwrap();
    for part in ["NB-00417", "row ", " of sheet `Retired`", "repeats row 2"] {
        assert!(page.contains(part), "{part}");
    }
    let received: Vec<String> = simulate
        .requests()
        .into_iter()
        .flatten()
        .map(|(_, name)| name)
        .collect();
    assert_eq!(
        received,
        ["NB-00417", "NB-00422", "NB-00431", "NB-00450", "NB-00466", "NB-00471"]
    );
}

/// What a command prints, without what differs from run to run.
fn steady(text: &str) -> String {
    let text = stable(text);
    let lines = text.lines().map(|line| match line.split_once(" after ") {
        Some((before, _)) => before.to_owned(),
        None => line.to_owned(),
    });
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
