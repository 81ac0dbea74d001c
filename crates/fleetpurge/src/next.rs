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

/// What was typed and more.
pub(crate) fn same_command_with(more: &[&str]) -> String {
    let typed: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let mut arguments: Vec<&str> = typed.iter().map(String::as_str).collect();
    arguments.extend(more);
    command(&arguments)
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
}
