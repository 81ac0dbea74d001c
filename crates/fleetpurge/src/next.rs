//! The next command to type, quoted so that it can be pasted.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::Path;

use clap::{CommandFactory as _, Parser as _};

use crate::args::{Cli, Command};
use crate::exit::Exit;

/// A command of this tool.
pub(crate) fn command(arguments: &[&str]) -> String {
    let mut text = String::from("fleetpurge");
    for argument in arguments {
        text.push(' ');
        text.push_str(&quoted(argument));
    }
    text
}

/// A command of this tool over a plan.
pub(crate) fn over(verb: &str, plan: &Path, rest: &[&str]) -> String {
    let plan = text(plan.as_os_str());
    let mut arguments = vec![verb, &*plan];
    arguments.extend(rest);
    command(&arguments)
}

/// A path as an argument of [`command`] or [`same_command_with`]. A byte of it that is no text gets a character of its
/// own, which [`quoted`] turns back.
pub(crate) fn argument(path: &Path) -> Cow<'_, str> {
    text(path.as_os_str())
}

/// What stands for the bytes from 0 to 255 where they are no text: 256 characters of private use, which no name has.
const BYTES: u32 = 0x0010_fe00;

#[cfg(unix)]
fn text(name: &OsStr) -> Cow<'_, str> {
    use std::os::unix::ffi::OsStrExt as _;

    if let Some(text) = name.to_str() {
        return Cow::Borrowed(text);
    }
    let mut text = String::new();
    for chunk in name.as_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(
            chunk
                .invalid()
                .iter()
                .filter_map(|byte| char::from_u32(BYTES + u32::from(*byte))),
        );
    }
    Cow::Owned(text)
}

#[cfg(not(unix))]
fn text(name: &OsStr) -> Cow<'_, str> {
    name.to_string_lossy()
}

fn is_byte(c: char) -> bool {
    (BYTES..BYTES + 256).contains(&u32::from(c))
}

/// Flags by which a person decides what a refusal left open. A suggestion never has one: pasted by a script, it would
/// pass the refusal without anybody deciding. The second says whether a value follows.
const DECISIONS: [(&str, bool); 10] = [
    ("--confirm", true),
    ("--max-devices", true),
    ("--token-url", true),
    ("--retry", true),
    ("--skip-conflicts", false),
    ("--resend-unknown", false),
    ("--accept-missing", true),
    ("--force", false),
    ("--max-age", true),
    ("--stale-ok", false),
];

/// The same for flags that lift a check: `--allow-unmatched-protect` and its kind.
const LIFTS: &str = "--allow-";

/// The command that was typed, without the flags that decide something. For an end after which the same command goes on;
/// after any other, [`after`] puts [`instead`] in its place. No argument of this tool is a secret.
pub(crate) fn same_command() -> String {
    same_command_with(&[])
}

/// The same with these flags set so, whatever they were before.
pub(crate) fn same_command_with(flags: &[(&str, Option<&str>)]) -> String {
    let arguments = with_flags(&undecided(&typed()), flags);
    command(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What is suggested where nobody knows better: how far the plan is, or what the command can be given.
pub(crate) fn instead() -> String {
    instead_of(&typed())
}

/// A shell command that sets environment variables; the values are left to the person.
pub(crate) fn set_variables(names: &[&str]) -> String {
    if cfg!(windows) {
        let set: Vec<String> = names.iter().map(|name| format!("$env:{name} = \"...\"")).collect();
        set.join("; ")
    } else {
        let set: Vec<String> = names.iter().map(|name| format!("{name}=...")).collect();
        format!("export {}", set.join(" "))
    }
}

/// A command of the system over a file.
pub(crate) fn system(words: &[&str], file: &Path) -> String {
    let mut text = words.join(" ");
    text.push(' ');
    text.push_str(&quoted(&argument(file)));
    text
}

/// What is printed after an end with this exit code: the suggestion, unless it repeats what has just failed, or decides
/// what a person has to decide.
pub(crate) fn after(exit: Exit, suggestion: &str) -> String {
    judged(exit, suggestion, &typed())
}

fn judged(exit: Exit, suggestion: &str, typed: &[String]) -> String {
    let suggested: Vec<String> = suggestion.split(' ').skip(1).map(str::to_owned).collect();
    if !suggestion.starts_with("fleetpurge ") {
        return suggestion.to_owned();
    }
    let decides = undecided(&suggested).len() < suggested.len();
    if !decides && (exit.resumes() || !repeats(exit, &suggested, typed)) {
        return suggestion.to_owned();
    }
    instead_of(typed)
}

/// Whether the same words would fail again. A refusal may suggest what was typed without the flag that was refused.
fn repeats(exit: Exit, suggested: &[String], typed: &[String]) -> bool {
    let suggested = words(suggested);
    let is_suggested = |typed: &[String]| suggested == words(&as_printed(typed));
    is_suggested(typed) || (exit != Exit::REFUSED && is_suggested(&undecided(typed)))
}

/// Quoted as a suggestion is, and cut where a suggestion is cut.
fn as_printed(typed: &[String]) -> Vec<String> {
    let quoted: Vec<String> = typed.iter().map(|argument| quoted(argument)).collect();
    quoted.join(" ").split(' ').map(str::to_owned).collect()
}

/// The words of a command in any order: where a flag stands, and how much is logged, makes it no other command.
fn words(arguments: &[String]) -> Vec<&str> {
    let is_loudness = |word: &&str| *word == "--verbose" || word.strip_prefix('-').is_some_and(is_all_v);
    let mut words: Vec<&str> = arguments
        .iter()
        .flat_map(|argument| match argument.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => vec![flag, value],
            _ => vec![argument.as_str()],
        })
        .filter(|word| !is_loudness(word))
        .collect();
    words.sort_unstable();
    words
}

fn is_all_v(flags: &str) -> bool {
    !flags.is_empty() && flags.bytes().all(|flag| flag == b'v')
}

/// Without the flags that decide something, and without their values.
fn undecided(typed: &[String]) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut typed = typed.iter();
    while let Some(argument) = typed.next() {
        let (name, joined) = flag(argument);
        match DECISIONS.iter().find(|(decision, _)| *decision == name) {
            Some((_, true)) if !joined => {
                typed.next();
            }
            Some(_) => {}
            None if name.starts_with(LIFTS) => {}
            None => arguments.push(argument.clone()),
        }
    }
    arguments
}

fn instead_of(typed: &[String]) -> String {
    let words = std::iter::once("fleetpurge").chain(typed.iter().map(String::as_str));
    match Cli::try_parse_from(words).map(|cli| cli.command) {
        Ok(Command::Apply(args)) => over("status", &args.plan, &[]),
        Ok(Command::Backup(args)) => over("status", &args.plan, &[]),
        Ok(Command::Report(args)) => over("status", &args.plan, &[]),
        Ok(Command::Serve(args)) => over("status", &args.plan, &[]),
        _ => help_of(typed.iter().find(|word| !word.starts_with('-')).map(String::as_str)),
    }
}

/// The command that shows the help of a subcommand.
pub(crate) fn help_of(subcommand: Option<&str>) -> String {
    let cli = Cli::command();
    match subcommand.filter(|name| cli.find_subcommand(name).is_some()) {
        Some(name) => command(&[name, "--help"]),
        None => command(&["--help"]),
    }
}

/// Whether this is what was typed.
pub(crate) fn is_typed(subcommand: &str) -> bool {
    typed().iter().find(|word| !word.starts_with('-')).map(String::as_str) == Some(subcommand)
}

fn typed() -> Vec<String> {
    std::env::args_os()
        .skip(1)
        .map(|argument| text(&argument).into_owned())
        .collect()
}

/// The name of a flag, and whether its value is joined to it.
fn flag(argument: &str) -> (&str, bool) {
    match argument.split_once('=') {
        Some((name, _)) => (name, true),
        None => (argument, false),
    }
}

fn with_flags(typed: &[String], flags: &[(&str, Option<&str>)]) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut typed = typed.iter();
    while let Some(argument) = typed.next() {
        let (name, joined) = flag(argument);
        match flags.iter().find(|(flag, _)| *flag == name) {
            Some((_, Some(_))) if !joined => {
                typed.next();
            }
            Some(_) => {}
            None => arguments.push(argument.clone()),
        }
    }
    for (flag, value) in flags {
        arguments.push((*flag).to_owned());
        arguments.extend(value.map(str::to_owned));
    }
    arguments
}

/// As a POSIX shell takes it for one word.
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_owned();
    }
    if cfg!(windows) {
        return format!("\"{}\"", argument.replace('"', "\"\""));
    }
    if argument.contains(is_byte) {
        return bytes_quoted(argument);
    }
    format!("'{}'", argument.replace('\'', r"'\''"))
}

/// As bash, ksh and zsh take it for one word: POSIX has had this since 2024, and nothing else for what is no text.
fn bytes_quoted(argument: &str) -> String {
    let mut quoted = String::from("$'");
    for c in argument.chars() {
        match c {
            c if is_byte(c) => quoted.push_str(&format!("\\x{:02x}", u32::from(c) - BYTES)),
            '\'' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_command_can_be_pasted() {
        assert_eq!(command(&["apply", "a.plan"]), "fleetpurge apply a.plan");
        assert_eq!(command(&["apply", "my plan"]), "fleetpurge apply 'my plan'");
        assert_eq!(command(&["apply", "it's"]), r"fleetpurge apply 'it'\''s'");
        assert_eq!(command(&["apply", ""]), "fleetpurge apply ''");
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_no_text_can_be_pasted_too() {
        use std::os::unix::ffi::OsStrExt as _;

        for (name, expected) in [
            (b"a.plan".as_slice(), "a.plan"),
            (b"b\xff.plan", r"$'b\xff.plan'"),
            (b"\xc3\xa9t\xe9", "$'\u{e9}t\\xe9'"),
            (b"it's \\\xfe1\n", r"$'it\'s \\\xfe1\n'"),
        ] {
            assert_eq!(quoted(&argument(Path::new(OsStr::from_bytes(name)))), expected);
        }
    }

    fn split(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_flag_that_was_typed_is_replaced_and_not_repeated() {
        let table: [(&str, &str); 4] = [
            ("backup a.plan", "backup a.plan --out b"),
            ("backup --out a a.plan", "backup a.plan --out b"),
            ("backup a.plan --out=a", "backup a.plan --out b"),
            ("backup a.plan --rate 1 --out a", "backup a.plan --rate 1 --out b"),
        ];
        for (typed, expected) in table {
            assert_eq!(with_flags(&split(typed), &[("--out", Some("b"))]).join(" "), expected);
        }
    }

    #[test]
    fn what_was_typed_is_suggested_without_what_decides() {
        let table: [(&str, &str); 5] = [
            ("apply a.plan --confirm x/1 --limit 2", "apply a.plan --limit 2"),
            ("apply --confirm=x/1 a.plan --retry=failed", "apply a.plan"),
            ("apply a.plan --resend-unknown --token-url u", "apply a.plan"),
            ("plan a.csv --max-devices 9 --skip-conflicts --force", "plan a.csv"),
            (
                "plan a.csv --allow-unmatched-protect --protect k",
                "plan a.csv --protect k",
            ),
        ];
        for (typed, expected) in table {
            assert_eq!(undecided(&split(typed)).join(" "), expected);
        }
    }

    #[test]
    fn neither_what_has_failed_nor_what_decides_is_suggested() {
        let table = [
            // The same words, in whatever order and however loud.
            ("apply a.plan", Exit::ERROR, "apply a.plan", "status a.plan"),
            (
                "apply --limit=2 a.plan -vv",
                Exit::ERROR,
                "apply a.plan --limit 2",
                "status a.plan",
            ),
            // Without the confirmation it is refused, or fails as before.
            (
                "apply a.plan --confirm x/1",
                Exit::ERROR,
                "apply a.plan",
                "status a.plan",
            ),
            (
                "apply a.plan --confirm x/1",
                Exit::REFUSED,
                "apply a.plan",
                "apply a.plan",
            ),
            ("apply a.plan", Exit::REFUSED, "apply a.plan", "status a.plan"),
            (
                "apply a.plan",
                Exit::REFUSED,
                "apply a.plan --confirm x/1",
                "status a.plan",
            ),
            (
                "apply a.plan",
                Exit::REFUSED,
                "apply a.plan --token-url=u",
                "status a.plan",
            ),
            // After these the same command goes on.
            ("apply a.plan", Exit::STOPPED, "apply a.plan", "apply a.plan"),
            ("apply a.plan", Exit::INTERRUPTED, "apply a.plan", "apply a.plan"),
            (
                "apply a.plan",
                Exit::STOPPED,
                "apply a.plan --confirm x/1",
                "status a.plan",
            ),
            ("backup a.plan", Exit::ERROR, "backup a.plan", "status a.plan"),
            (
                "report a.plan --out b",
                Exit::ERROR,
                "report a.plan --out b",
                "status a.plan",
            ),
            ("status a.plan", Exit::ERROR, "status a.plan", "status --help"),
            (
                "verify a.plan --live",
                Exit::SOME_BAD,
                "verify a.plan --live",
                "verify --help",
            ),
            ("plan a.csv --out b", Exit::ERROR, "plan a.csv --out b", "plan --help"),
            (
                "plan a.csv --out b",
                Exit::ERROR,
                "plan a.csv --out b --force",
                "plan --help",
            ),
            (
                "plan a.csv --out b",
                Exit::REFUSED,
                "plan a.csv --allow-x --out b",
                "plan --help",
            ),
            ("-v nonsense", Exit::USAGE, "-v nonsense", "--help"),
        ];
        for (typed, exit, suggested, expected) in table {
            let told = judged(exit, &format!("fleetpurge {suggested}"), &split(typed));
            assert_eq!(told, format!("fleetpurge {expected}"), "{typed}, {exit:?}, {suggested}");
        }
        let typed = split("apply a.plan");
        assert_eq!(judged(Exit::ERROR, "chmod 600 --force", &typed), "chmod 600 --force");
        #[cfg(unix)]
        {
            let typed = ["apply", "my plan", "--confirm", "x/1"].map(str::to_owned);
            let told = judged(Exit::ERROR, "fleetpurge apply 'my plan'", &typed);
            assert_eq!(told, "fleetpurge status 'my plan'");
        }
    }
}
