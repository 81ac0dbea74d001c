//! The next command to type, quoted so that it can be pasted.

use std::path::Path;

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
    let plan = plan.to_string_lossy();
    let mut arguments = vec![verb, plan.as_ref()];
    arguments.extend(rest);
    command(&arguments)
}

/// What was typed, to be typed again. No argument of this tool is a secret.
pub(crate) fn same_command() -> String {
    same_command_with(&[])
}

/// What was typed with these flags set so, whatever they were before.
pub(crate) fn same_command_with(flags: &[(&str, Option<&str>)]) -> String {
    let typed: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let arguments = with_flags(&typed, flags);
    command(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn with_flags(typed: &[String], flags: &[(&str, Option<&str>)]) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut typed = typed.iter();
    while let Some(argument) = typed.next() {
        let (name, joined) = match argument.split_once('=') {
            Some((name, _)) => (name, true),
            None => (argument.as_str(), false),
        };
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
    format!("'{}'", argument.replace('\'', r"'\''"))
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

    #[test]
    fn a_flag_that_was_typed_is_replaced_and_not_repeated() {
        let table: [(&str, &str); 4] = [
            ("apply a.plan", "apply a.plan --confirm x/1"),
            ("apply --confirm y a.plan", "apply a.plan --confirm x/1"),
            ("apply a.plan --confirm=y", "apply a.plan --confirm x/1"),
            (
                "apply a.plan --limit 1 --confirm y",
                "apply a.plan --limit 1 --confirm x/1",
            ),
        ];
        for (typed, expected) in table {
            let typed: Vec<String> = typed.split(' ').map(str::to_owned).collect();
            assert_eq!(with_flags(&typed, &[("--confirm", Some("x/1"))]).join(" "), expected);
        }
    }
}
