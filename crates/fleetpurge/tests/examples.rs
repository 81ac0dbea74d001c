//! Every command line of the help and of the pages is one that the program takes, and can be pasted as it stands.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use common::{Bench, ended, fleetpurge};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The commands of a text: its lines that begin like one, with those that a backslash at the end joins to them.
fn commands(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in text.lines().map(str::trim) {
        let line = line.strip_prefix("$ ").unwrap_or(line);
        if is_open {
            found.last_mut().unwrap().push_str(line);
        } else if line.starts_with("fleetpurge ") {
            found.push(line.to_owned());
        } else {
            continue;
        }
        let command = found.last_mut().unwrap();
        is_open = command.ends_with('\\');
        if is_open {
            command.pop();
        }
    }
    found
}

/// What a shell makes of a line up to the first pipe, redirection or comment; and the file that it reads.
fn words(line: &str) -> (Vec<String>, Option<String>) {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut input = None;
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, '|' | '>' | '#') if word.is_none() => break,
            (None, '<') if word.is_none() => {
                input = rest.as_str().split_whitespace().next().map(str::to_owned);
                break;
            }
            _ => word.get_or_insert_default().push(c),
        }
    }
    assert_eq!(quote, None, "{line}: a quote is open");
    words.extend(word);
    (words.split_off(1), input)
}

/// The commands of the help, by the command whose help it is.
fn of_the_help() -> Vec<(String, String)> {
    let commands_of = |name: &str| {
        let mut command = fleetpurge();
        // However wide the terminal is: the help is broken at a hundred columns.
        command
            .args((!name.is_empty()).then_some(name))
            .arg("--help")
            .env("COLUMNS", "300");
        commands(&ended(&mut command).exits(0).stdout)
    };
    let names = [
        "",
        "select",
        "plan",
        "backup",
        "show",
        "apply",
        "status",
        "report",
        "serve",
        "list",
        "verify",
        "doctor",
        "simulate",
        "demo",
        "schema",
        "help",
        "completions",
    ];
    names
        .iter()
        .flat_map(|name| {
            commands_of(name)
                .into_iter()
                .map(move |line| (format!("{name} --help"), line))
        })
        .collect()
}

/// Those of the blocks of the pages.
fn of_the_pages() -> Vec<(String, String)> {
    let mut pages = vec![workspace().join("README.md"), workspace().join("CONTRIBUTING.md")];
    let docs = fs::read_dir(workspace().join("docs")).unwrap();
    pages.extend(
        docs.map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == "md")),
    );
    let of = |page: &PathBuf| {
        let text = fs::read_to_string(page).unwrap();
        let blocks: Vec<String> = text.split("\n```").skip(1).step_by(2).flat_map(commands).collect();
        let name = page.file_name().unwrap().to_string_lossy().into_owned();
        blocks
            .into_iter()
            .map(move |line| (name.clone(), line))
            .collect::<Vec<_>>()
    };
    pages.iter().flat_map(of).collect()
}

/// A folder with the files that the examples name.
fn bench_for(arguments: &[String]) -> Bench {
    let bench = Bench::new();
    let list = |group: &str| {
        let row = |row: usize| {
            format!(
                "00000000-0000-4000-{group}-{row:012},LAP-{row}{}\n",
                if row == 3 { "-VIP" } else { "" }
            )
        };
        format!("uid,name\n{}", (1..5).map(row).collect::<String>())
    };
    bench.file("devices.csv", list("8000"));
    bench.file("a.csv", list("8000"));
    bench.file("b.csv", list("8001"));
    bench.file("export", list("8000").replace("uid,", "device.uid,"));
    bench.file("vip.txt", "LAP-1\n");
    bench.file("ids.csv", "id,label\n000000000000000000000001,pump-1\n");
    fs::create_dir(bench.path("docs")).unwrap();
    for copy in ["devices.xlsx", "docs/laptops.xlsx"] {
        fs::copy(workspace().join("docs/laptops.xlsx"), bench.path(copy)).unwrap();
    }
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    if arguments[0] == "plan" {
        fs::rename(bench.path("ids.csv"), bench.path("old.csv")).unwrap();
        return bench;
    }
    for plan in ["acme.plan", "old.plan", "laptops.plan"] {
        let list = match (plan, arguments[0].as_str()) {
            ("old.plan", _) | (_, "backup") => "ids.csv --service ubidots",
            _ => "devices.csv --instance acme --region eu",
        };
        if has(plan) {
            bench.run(&format!("plan {list} --out {plan}")).exits(0);
        }
    }
    bench
}

/// Without credentials and without a terminal nothing is sent, and a command that would send something says what it lacks.
#[test]
fn every_example_is_taken_as_it_stands() {
    let mut tried = 0;
    for (place, line) in of_the_help().into_iter().chain(of_the_pages()) {
        let (mut arguments, stdin) = words(&line);
        assert!(!arguments.is_empty(), "{place}: {line}");
        // These run until they are ended, or show what has a test of its own.
        if ["serve", "simulate", "demo"].contains(&arguments[0].as_str()) {
            arguments.push("--help".to_owned());
        }
        let bench = bench_for(&arguments);
        let mut command = bench.command("");
        // What it asks for in the network is not there.
        command.args(&arguments).env("HTTPS_PROXY", "http://127.0.0.1:1");
        command.env("PGHOSTADDR", "127.0.0.1").env("PGPORT", "1");
        if let Some(file) = stdin {
            command.stdin(Stdio::from(fs::File::open(bench.path(&file)).unwrap()));
        }
        let ended = ended(&mut command);
        let lacks = [
            "credentials are missing",
            "no confirmation was given",
            "the confirmation",
            "there is nothing to look for",
            // Where nothing was ever failed or backed up, or what is named is not there.
            "--require-backup",
            "found something wrong",
            "/srv/plans cannot be read",
            "the database cannot be reached",
        ];
        let is_lacking = lacks.iter().any(|lack| ended.stderr.contains(lack));
        assert!(
            ended.code == 0 || (ended.code != 2 && is_lacking),
            "{place}: {line}\n{} {}",
            ended.code,
            ended.stderr
        );
        tried += 1;
    }
    assert!(tried > 70, "{tried}");
}
