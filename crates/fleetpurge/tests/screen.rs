//! The real binary at a terminal of a given size, and what that terminal shows.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use common::{Bench, Service, csv, devices, over_both, uid};
use rig::{FOR_EVER_MS, Rig};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use serde_json::json;

over_both!(
    the_bar_is_one_line_at_any_width_and_names_the_unknown,
    a_terminal_that_is_resized_keeps_the_prompt_and_shows_one_bar,
    a_prompt_accepts_what_it_asks_for_and_nothing_else,
    the_prompt_says_that_the_unknown_may_be_gone_already,
);

const ROWS: u16 = 60;

/// A command at a terminal of its own.
struct Terminal {
    child: Child,
    master: File,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// Every byte so far.
    raw: Vec<u8>,
}

impl Terminal {
    fn start(command: &mut Command, columns: u16) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        resize(&master, columns);
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let slave = OpenOptions::new().read(true).write(true).open(name).unwrap();
        let child = command
            .env_remove("TERM")
            .stdin(Stdio::from(slave.try_clone().unwrap()))
            .stdout(Stdio::from(slave.try_clone().unwrap()))
            .stderr(Stdio::from(slave))
            .spawn()
            .unwrap();
        // Nothing of the terminal is left open here: its end is the end of the command.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let master = File::from(master);
        let mut reading = master.try_clone().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = reading.read(&mut bytes) {
                if sender.send(bytes[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            master,
            output,
            screen: vt100::Parser::new(ROWS, columns, 0),
            raw: Vec::new(),
        }
    }

    fn resize(&mut self, columns: u16) {
        resize(&OwnedFd::from(self.master.try_clone().unwrap()), columns);
        self.screen.screen_mut().set_size(ROWS, columns);
    }

    fn rows(&self) -> Vec<String> {
        let (_, columns) = self.screen.screen().size();
        self.screen.screen().rows(0, columns).collect()
    }

    /// Reads on until the screen shows it so.
    #[track_caller]
    fn until(&mut self, what: &str, so: impl Fn(&Self) -> bool) {
        while !so(self) {
            match self.output.recv_timeout(Duration::from_secs(60)) {
                Ok(bytes) => {
                    self.screen.process(&bytes);
                    self.raw.extend(bytes);
                }
                Err(error) => panic!("{what}: {error}; the screen: {:#?}", self.rows()),
            }
        }
    }

    #[track_caller]
    fn shows(&mut self, part: &str) {
        self.until(part, |terminal| terminal.rows().concat().contains(part));
    }

    /// Reads on until the bar was drawn so many times more.
    #[track_caller]
    fn drawn(&mut self, times: usize) {
        let draws = |terminal: &Self| terminal.raw.windows(4).filter(|window| window == b"\x1b[0J").count();
        let before = draws(self);
        self.until("another drawing", |terminal| draws(terminal) >= before + times);
        // Not in the middle of one.
        self.until("the end of a drawing", |terminal| terminal.raw.ends_with(b"\r"));
    }

    fn types(&mut self, line: &str) {
        self.master.write_all(line.as_bytes()).unwrap();
    }

    /// Everything until it ends.
    fn ended(mut self) -> (i32, String) {
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        while let Ok(bytes) = self.output.recv() {
            self.screen.process(&bytes);
            self.raw.extend(bytes);
        }
        (code, String::from_utf8_lossy(&self.raw).replace("\r\n", "\n"))
    }

    /// The one row that the bar takes, below everything else.
    #[track_caller]
    fn has_one_bar(&self) -> String {
        let rows = self.rows();
        let bars: Vec<usize> = (0..rows.len()).filter(|row| is_bar(&rows[*row])).collect();
        assert_eq!(bars.len(), 1, "{rows:#?}");
        assert!(rows[bars[0] + 1..].iter().all(String::is_empty), "{rows:#?}");
        assert_eq!(
            self.screen.screen().cursor_position(),
            (u16::try_from(bars[0]).unwrap(), 0),
            "{rows:#?}"
        );
        rows[bars[0]].clone()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn resize(terminal: &OwnedFd, columns: u16) {
    let size = Winsize {
        ws_row: ROWS,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(terminal, size).unwrap();
}

/// Whether a row is, or was, one of the bar: it begins with the time, with `DONE/TOTAL` or with a percentage.
fn is_bar(row: &str) -> bool {
    let first = row.split(' ').next().unwrap_or_default();
    let is_count = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    first.starts_with("[0")
        || first.strip_suffix('%').is_some_and(is_count)
        || first
            .split_once('/')
            .is_some_and(|(done, total)| is_count(done) && is_count(total))
}

/// What was written, without the bar.
fn without_bar(said: &str) -> String {
    let mut parts = said.split("\r\x1b[0J");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.split_once('\r').map_or(part, |(_, after)| after));
    }
    text
}

/// An apply of which the first batch is unknown and the next answer never comes.
fn watched(service: Service, columns: u16) -> (Rig, Terminal) {
    let batch = service.batch();
    let rig = Rig::new(service, 2 * batch, "");
    rig.faults(json!([
        {"when": {"request": 1}, "then": {"reply": {"status": 500}}},
        {"when": {"request": "2-"}, "then": {"delay_reply_ms": FOR_EVER_MS}},
    ]));
    let mut command = rig.bench.command("apply devices.plan --concurrency 1 --timeout 3600");
    let mut terminal = Terminal::start(service.credentials(&mut command), columns);
    terminal.shows("to go on: ");
    let answer = format!("{}/{}\n", rig.tenant(), 2 * batch);
    terminal.types(&answer);
    let unknown = format!("{batch} unknown");
    terminal.until("the unknown", |terminal| {
        terminal.rows().iter().any(|row| is_bar(row) && row.contains(&unknown))
    });
    (rig, terminal)
}

fn the_bar_is_one_line_at_any_width_and_names_the_unknown(service: Service) {
    for columns in [100, 80, 40, 20] {
        let (_rig, mut terminal) = watched(service, columns);
        for _ in 0..3 {
            terminal.drawn(1);
            let bar = terminal.has_one_bar();
            assert!(
                bar.contains(&format!("{} unknown", service.batch())),
                "{columns}: {bar}"
            );
            assert!(bar.len() < usize::from(columns), "{columns}: {bar}");
        }
    }
}

fn a_terminal_that_is_resized_keeps_the_prompt_and_shows_one_bar(service: Service) {
    let (_rig, mut terminal) = watched(service, 100);
    for columns in [80, 40, 20, 60, 120] {
        terminal.resize(columns);
        terminal.drawn(3);
        terminal.has_one_bar();
        // A terminal that does not break lines anew shows what fits of the prompt.
        let rows = terminal.rows();
        assert!(rows.iter().any(|row| row.starts_with("Type ")), "{columns}: {rows:#?}");
    }
    // One that does has the rest of a long line below the cursor, which is at its beginning: it is never moved up, and
    // what is cleared is only what follows it.
    let raw = String::from_utf8_lossy(&terminal.raw).into_owned();
    let moves: BTreeSet<char> = raw
        .split("\x1b[")
        .skip(1)
        .map(|sequence| sequence.chars().find(char::is_ascii_alphabetic).unwrap())
        .collect();
    assert_eq!(moves, BTreeSet::from(['J']), "{raw:?}");
    for drawn in raw.split("\r\x1b[0J").skip(1) {
        let drawn = drawn.split("\x1b").next().unwrap();
        assert!(drawn.ends_with('\r') && !drawn.contains('\n'), "{drawn:?}");
    }
}

fn a_prompt_accepts_what_it_asks_for_and_nothing_else(service: Service) {
    let rig = Rig::new(service, 1_300, "");
    rig.apply_with(66, "--limit 66").exits(5);
    let before = rig.request_count();
    let tenant = rig.tenant().to_owned();
    let answers = [
        format!("{tenant}/1300"),
        format!("{tenant}/1,234"),
        format!("{tenant}/1.234"),
        format!("{tenant}/1 234"),
        format!("{tenant}/１２３４"),
        format!("{tenant}/01234"),
        format!("{tenant} 1234"),
        "acme/1234".to_owned(),
        "1234".to_owned(),
        "y".to_owned(),
        "yes".to_owned(),
        String::new(),
    ];
    let ask = || {
        let mut command = rig.bench.command("apply devices.plan");
        let mut terminal = Terminal::start(service.credentials(&mut command), 120);
        terminal.shows(&format!("Type {tenant}/1234 to go on: "));
        terminal
    };
    for answer in answers {
        let mut terminal = ask();
        terminal.types(&format!("{answer}\n"));
        let (code, said) = terminal.ended();
        assert_eq!(code, 6, "{answer:?}: {said}");
        let (_, refusal) = said.split_once("error: ").unwrap();
        let refusal = refusal.replace(&format!("`{answer}`"), "");
        assert!(!refusal.contains(&format!("{tenant}/1234")), "{answer:?}: {refusal}");
        // At a terminal it asks again.
        assert!(
            refusal.ends_with("next: fleetpurge apply devices.plan\n"),
            "{answer:?}: {refusal}"
        );
    }
    assert_eq!(rig.request_count(), before);
    let mut terminal = ask();
    terminal.types(&format!(" {tenant}/1234 \n"));
    let (code, said) = terminal.ended();
    assert_eq!(code, 0, "{said}");
    assert_eq!(rig.count("scheduled"), 1_300);
}

fn the_prompt_says_that_the_unknown_may_be_gone_already(service: Service) {
    let rig = Rig::new(service, 3, "");
    rig.faults(json!([{"then": {"reply": {"status": 500}}}]));
    rig.apply().exits(4);
    rig.no_faults();
    let mut command = rig.bench.command("apply devices.plan --resend-unknown");
    let mut terminal = Terminal::start(service.credentials(&mut command), 200);
    terminal.shows("3 of them are unknown: the service may have deleted them already");
    terminal.shows("to go on: ");
    terminal.types("no\n");
    let (code, said) = terminal.ended();
    assert_eq!(code, 6, "{said}");
    assert!(said.ends_with("next: fleetpurge apply devices.plan\n"), "{said}");
}

#[test]
fn notes_are_broken_between_words_and_what_is_pasted_is_not() {
    let bench = Bench::new();
    let mut rows = devices(9);
    for number in 1..=9 {
        rows.push((uid(number).to_uppercase(), format!("renamed {number}")));
    }
    bench.file("a-name-that-is-longer-than-forty-columns-are.csv", csv(&rows));
    let line = "plan a-name-that-is-longer-than-forty-columns-are.csv --out a.plan --instance acme --region eu";
    let piped = bench.run(line).exits(1).stderr;
    let words: BTreeSet<&str> = piped.split_whitespace().collect();
    for columns in [200, 80, 40, 20] {
        let mut command = bench.command(line);
        let (code, said) = Terminal::start(&mut command, columns).ended();
        assert_eq!(code, 1, "{said}");
        let said = without_bar(&said);
        let shown: BTreeSet<&str> = said.split_whitespace().collect();
        assert_eq!(shown, words, "{columns}");
        for line in said.lines().filter(|line| !line.starts_with("next: ")) {
            let width = usize::from(columns);
            assert!(line.len() <= width || !line.trim().contains(' '), "{columns}: {line}");
        }
        assert!(said.ends_with("next: fleetpurge plan --help\n"), "{columns}: {said}");
    }
}

#[test]
fn the_help_can_be_read_in_a_narrow_terminal() {
    let bench = Bench::new();
    for command in [
        "",
        "select",
        "plan",
        "backup",
        "apply",
        "status",
        "report",
        "show",
        "list",
        "copy",
        "verify",
        "simulate",
        "demo",
        "schema",
        "completions",
    ] {
        let wide: BTreeSet<String> = help(&bench, command, 100)
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        for columns in [80, 60, 40] {
            let help = help(&bench, command, columns);
            let shown: BTreeSet<String> = help.split_whitespace().map(str::to_owned).collect();
            assert_eq!(shown, wide, "{command} at {columns}: a word was broken");
            for line in help.lines() {
                let indent = line.len() - line.trim_start().len();
                assert!(indent <= columns / 2, "{command} at {columns}: {line:?}");
            }
        }
    }
}

fn help(bench: &Bench, command: &str, columns: usize) -> String {
    let mut command = bench.command(&format!("{command} --help"));
    command.env("COLUMNS", columns.to_string());
    common::ended(&mut command).exits(0).stdout
}
