//! The prompt and a closed window, on a real terminal.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::io::{Read as _, Write as _};
use std::process::{Child, Command};
use std::time::Duration;

use common::{Service, over_both};
use pty_process::Size;
use pty_process::blocking::{Pty, open};
use rig::{FOR_EVER_MS, Rig, until};
use serde_json::json;

over_both!(
    an_interrupt_at_the_prompt_ends_with_the_next_command_and_sends_nothing,
    the_end_of_input_at_the_prompt_is_a_refusal,
    the_right_answer_goes_on_and_an_interrupt_after_it_is_heard,
    a_second_interrupt_ends_at_once_and_the_next_apply_resumes,
    what_is_asked_can_be_read_in_a_narrow_terminal,
    nothing_is_coloured_if_the_environment_says_so,
    a_window_that_is_closed_ends_the_run_with_everything_recorded,
);

/// A command whose only terminal this is.
struct Terminal {
    pty: Pty,
    child: Child,
    shown: String,
}

impl Terminal {
    fn start(real: &Command) -> Self {
        Self::start_at(real, 200)
    }

    fn start_at(real: &Command, columns: u16) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(Size::new(24, columns)).unwrap();
        let mut command = pty_process::blocking::Command::new(real.get_program()).args(real.get_args());
        for (name, value) in real.get_envs() {
            command = match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let child = command
            .current_dir(real.get_current_dir().unwrap())
            .env("TERM", "xterm")
            .spawn(pts)
            .unwrap();
        Self {
            pty,
            child,
            shown: String::new(),
        }
    }

    /// Reads on until it has shown that.
    #[track_caller]
    fn shows(&mut self, part: &str) {
        while !self.shown.contains(part) {
            assert!(self.read(), "{part:?} was never shown: {}", self.shown);
        }
    }

    /// Whether there was anything more. Linux calls the end an error.
    fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        match self.pty.read(&mut bytes) {
            Ok(0) | Err(_) => false,
            Ok(count) => {
                self.shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
                true
            }
        }
    }

    fn types(&mut self, keys: &str) {
        self.pty.write_all(keys.as_bytes()).unwrap();
    }

    fn signal(&self, name: &str) {
        common::signal(self.child.id(), name);
    }

    #[track_caller]
    fn exits(mut self, code: i32) -> String {
        while self.read() {}
        assert_eq!(self.child.wait().unwrap().code(), Some(code), "{}", self.shown);
        self.shown
    }
}

/// Without `--confirm`.
fn asking(rig: &Rig) -> Command {
    let mut command = rig.bench.command("apply devices.plan --concurrency 1");
    rig.service.credentials(&mut command);
    command
}

/// Nothing was sent, nobody holds the plan, nothing lies beside it, and the same plan can be applied.
#[track_caller]
fn is_untouched(rig: &Rig, what: &str) {
    assert_eq!(rig.request_count(), 0, "{what}");
    assert_eq!(rig.simulator.counts().token_requests, 0, "{what}");
    assert_eq!(rig.bench.files(), ["devices.csv", "devices.plan"], "{what}");
    assert_eq!(rig.bench.status()["attempts"], 0, "{what}");
}

fn an_interrupt_at_the_prompt_ends_with_the_next_command_and_sends_nothing(service: Service) {
    let rig = Rig::new(service, 3, "");
    for what in ["Ctrl-C", "Ctrl-C in the middle of the answer", "-INT", "-TERM", "-HUP"] {
        let mut terminal = Terminal::start(&asking(&rig));
        terminal.shows("to go on: ");
        match what {
            "Ctrl-C" => terminal.types("\u{3}"),
            "Ctrl-C in the middle of the answer" => terminal.types("127.0\u{3}"),
            signal => terminal.signal(signal),
        }
        let shown = terminal.exits(130);
        assert!(
            shown.contains("interrupted. This run sent nothing and deleted nothing"),
            "{shown}"
        );
        assert!(
            shown.ends_with("\r\nnext: fleetpurge apply devices.plan\r\n"),
            "{shown}"
        );
        // On a line of its own.
        assert!(shown.contains("\r\nerror: interrupted"), "{shown}");
        is_untouched(&rig, what);
    }
    rig.apply().exits(0);
}

fn the_end_of_input_at_the_prompt_is_a_refusal(service: Service) {
    let rig = Rig::new(service, 3, "");
    for keys in ["\u{4}", "\n", "yes\n"] {
        let mut terminal = Terminal::start(&asking(&rig));
        terminal.shows("to go on: ");
        terminal.types(keys);
        let shown = terminal.exits(6);
        assert!(shown.contains("next: fleetpurge apply devices.plan"), "{shown}");
        is_untouched(&rig, keys);
    }
}

fn the_right_answer_goes_on_and_an_interrupt_after_it_is_heard(service: Service) {
    let batch = service.batch() as u64;
    let rig = Rig::with(service, 3 * service.batch(), "", |builder| {
        builder.latency(Duration::from_millis(1500))
    });
    let answer = format!("{}/{}\n", rig.tenant(), rig.devices.len());
    let mut terminal = Terminal::start(&asking(&rig));
    terminal.shows("to go on: ");
    terminal.types(&answer);
    rig.received(1);
    terminal.types("\u{3}");
    terminal.shows("Interrupted: nothing more is sent");
    let shown = terminal.exits(130);
    assert!(shown.contains("next: fleetpurge apply devices.plan"), "{shown}");
    let counts = rig.holds_every_promise(&[], "interrupted");
    assert_eq!((counts["scheduled"], counts["pending"]), (batch, 2 * batch));
}

fn a_second_interrupt_ends_at_once_and_the_next_apply_resumes(service: Service) {
    let batch = service.batch() as u64;
    let rig = Rig::new(service, 2 * service.batch(), "");
    rig.faults(json!([{"then": {"delay_reply_ms": FOR_EVER_MS}}]));
    let answer = format!("{}/{}\n", rig.tenant(), rig.devices.len());
    let mut terminal = Terminal::start(&asking(&rig));
    terminal.shows("to go on: ");
    terminal.types(&answer);
    rig.received(1);
    terminal.types("\u{3}");
    terminal.shows("Press Ctrl-C again");
    terminal.types("\u{3}");
    let shown = terminal.exits(130);
    assert!(shown.contains("Stopped immediately."), "{shown}");
    assert!(shown.contains("next: fleetpurge apply devices.plan"), "{shown}");
    let status = rig.bench.status();
    assert_eq!(
        (&status["unknown"], &status["pending"]),
        (&json!(batch), &json!(batch)),
        "what was in flight may have been deleted"
    );
    // It is not sent again.
    rig.no_faults();
    let mut terminal = Terminal::start(&asking(&rig));
    terminal.shows(&format!("Type {}/{batch} to go on: ", rig.tenant()));
    terminal.types(&format!("{}/{batch}\n", rig.tenant()));
    let shown = terminal.exits(4);
    assert!(shown.contains(&format!("{batch} devices are unknown")), "{shown}");
    assert_eq!(rig.request_count(), 2);
}

/// The question, and what is read before it, in a terminal of 80 and of 40 columns.
fn what_is_asked_can_be_read_in_a_narrow_terminal(service: Service) {
    let rig = Rig::new(service, 5, "");
    let name = |at: usize| format!("`{}`", rig.devices[at].1);
    let names = format!("{}, {}, {} and 2 more", name(0), name(1), name(2));
    for columns in [80, 40] {
        let mut terminal = Terminal::start_at(&asking(&rig), columns);
        terminal.shows("to go on: ");
        terminal.types("no\n");
        let shown = terminal.exits(6);
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            names.as_str(),
            "made 0 seconds ago",
            rig.simulator.url(),
            "It cannot be undone.",
        ] {
            assert!(words(&shown).contains(part), "{columns}: {part}: {shown}");
        }
        for line in shown
            .lines()
            .filter(|line| !line.contains("to go on: ") && !line.starts_with("next: "))
        {
            // A word that is longer than a line is left whole.
            let line = line.trim_end();
            let fits = line.chars().count() <= usize::from(columns);
            assert!(fits || !line.trim_start().contains(' '), "{columns}: {line:?}");
        }
    }
    is_untouched(&rig, "narrow");
}

fn nothing_is_coloured_if_the_environment_says_so(service: Service) {
    let rig = Rig::new(service, 3, "");
    let coloured = |value: Option<&str>| {
        let mut command = rig.command();
        command.arg("-v");
        match value {
            Some(value) => command.env("NO_COLOR", value),
            None => command.env_remove("NO_COLOR"),
        };
        // Of the service's own answers, nothing is needed: the plan is refused.
        command.args(["--limit", "1"]);
        let shown = Terminal::start(&command).exits(6);
        let mut help = Command::new(rig.command().get_program());
        help.args(["apply", "--help"]).current_dir(rig.bench.path(""));
        match value {
            Some(value) => help.env("NO_COLOR", value),
            None => help.env_remove("NO_COLOR"),
        };
        let help = Terminal::start(&help).exits(0);
        [shown, help].map(|text| text.contains("\u{1b}[") && text.contains('m'))
    };
    let [_, help] = coloured(None);
    assert!(help, "clap colours its help");
    assert_eq!(coloured(Some("1")), [false, false]);
    // A pipe is no terminal, whatever the environment says.
    let mut command = rig.command();
    command.args(["-v", "--limit", "1"]).env_remove("NO_COLOR");
    let piped = common::ended(&mut command).exits(6);
    assert!(
        !piped.stderr.contains('\u{1b}') && !piped.stdout.contains('\u{1b}'),
        "{}",
        piped.stderr
    );
}

/// The session gets SIGHUP, and whatever is written to the terminal from then on is an error.
fn a_window_that_is_closed_ends_the_run_with_everything_recorded(service: Service) {
    let batch = service.batch() as u64;
    for flags in ["", "-vv"] {
        let rig = Rig::with(service, 4 * service.batch(), "--concurrency 1", |builder| {
            builder.latency(Duration::from_millis(1500))
        });
        let mut command = rig.command();
        command.args(flags.split_whitespace());
        let terminal = Terminal::start(&command);
        rig.received(1);
        let Terminal { pty, mut child, .. } = terminal;
        drop(pty);
        until("it ends", || child.try_wait().unwrap().is_some());
        assert_eq!(child.wait().unwrap().code(), Some(130), "{flags}");
        let counts = rig.holds_every_promise(&[], flags);
        assert_eq!((counts["scheduled"], counts["pending"]), (batch, 3 * batch), "{flags}");
        assert_eq!(rig.request_count(), 1);
    }
}
