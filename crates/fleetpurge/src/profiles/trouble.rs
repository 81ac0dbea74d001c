//! Says which line and key of a configuration file is wrong, and never what a secret is.

use fleetpurge_records::Profile;

/// Flags that a person may look for in a profile. What they decide, or lift, is decided anew for each plan.
const DECISIONS: [&str; 10] = [
    "confirm",
    "limit",
    "retry",
    "resend_unknown",
    "accept_missing",
    "allow_unmatched_protect",
    "allow_no_overlap",
    "skip_conflicts",
    "include_hidden",
    "force",
];

/// `line 3, key `rat`: ...`.
pub(super) fn told(error: &toml::de::Error, text: &str) -> String {
    let Some(span) = error.span() else {
        return error.message().to_owned();
    };
    let at = span.start.min(text.len());
    let before = text.get(..at).unwrap_or_default();
    let number = before.matches('\n').count() + 1;
    let line = text.lines().nth(number - 1).unwrap_or_default();
    let message = error.message();
    if let Some((key, rest)) = message
        .strip_prefix("unknown field `")
        .and_then(|rest| rest.split_once('`'))
    {
        return format!("line {number}, key `{key}`: {}", unknown(key, rest));
    }
    match key_of(line) {
        Some(key) if Profile::SECRETS.contains(&key) => {
            format!("line {number}, key `{key}`: a secret is one text in quotes")
        }
        Some(key) => format!("line {number}, key `{key}`: {}", without_value(message)),
        None => format!("line {number}: {}", without_value(message)),
    }
}

/// The message without the value that was found: it may be a secret at the wrong key.
fn without_value(message: &str) -> &str {
    let shows = message.starts_with("invalid type: ") || message.starts_with("invalid value: ");
    match message.rfind("expected ").filter(|_| shows) {
        Some(at) => &message[at..],
        None => message,
    }
}

/// The key of a line, if it has one. What follows it is not told: it may be a secret.
fn key_of(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    let key = key.trim().trim_matches(['"', '\'']);
    let key = key.rsplit('.').next().unwrap_or(key);
    (!key.is_empty() && !key.starts_with(['#', '['])).then_some(key)
}

fn unknown(key: &str, rest: &str) -> String {
    if DECISIONS.contains(&key.replace('-', "_").as_str()) {
        return format!(
            "a profile does not decide this: it is given on the command line, for one plan (--{})",
            key.replace('_', "-")
        );
    }
    format!("there is no such key{rest}")
}

#[cfg(test)]
mod tests {
    use fleetpurge_records::Config;

    use super::*;

    #[test]
    fn an_error_names_line_and_key_and_shows_no_secret() {
        let table = [
            (
                "[profile.a]\nrat = 3",
                "line 2, key `rat`: there is no such key, expected one of",
            ),
            ("profiles = 1", "line 1, key `profiles`: there is no such key, expected"),
            (
                "[profile.a]\nregion = \"mars\"",
                "line 2, key `region`: \"mars\" is none of us, eu, pac, meta",
            ),
            ("[profile.a]\n\ntimeout = 0", "line 3, key `timeout`: "),
            ("[profile.a]\ntimeout = \"30\"", "line 2, key `timeout`: expected "),
            (
                "[profile.a]\nrate = 0",
                "line 2, key `rate`: a number of requests per second",
            ),
            (
                "[profile.a]\nrate = nan",
                "line 2, key `rate`: a number of requests per second",
            ),
            (
                "[profile.a]\nconcurrency = 0",
                "line 2, key `concurrency`: a number from 1, or \"auto\"",
            ),
            (
                "[profile.a]\nmax_devices = 10001",
                "line 2, key `max_devices`: a number from 1 to 10000",
            ),
            (
                "[profile.a]\nuid_validation = \"permissive\"",
                "line 2, key `uid_validation`: ",
            ),
            (
                "[profile.a]\nresend_unknown = true",
                "line 2, key `resend_unknown`: a profile does not decide this",
            ),
            (
                "[profile.a]\nskip-conflicts = true",
                "line 2, key `skip-conflicts`: a profile does not decide this",
            ),
            (
                "[profile.a]\nclient_secret = 4711",
                "line 2, key `client_secret`: a secret is one text in quotes",
            ),
            (
                "[profile.a]\ntoken = 4711",
                "line 2, key `token`: a secret is one text in quotes",
            ),
            (
                "[profile.a]\napi_key = s4711",
                "line 2, key `api_key`: a secret is one text in quotes",
            ),
            (
                "profile.a.token = 4711",
                "line 1, key `token`: a secret is one text in quotes",
            ),
            (
                "profile = { a = { rat = 1 } }",
                "line 1, key `rat`: there is no such key",
            ),
            (
                "profile = { a = { token = 4711 } }",
                "line 1, key `profile`: expected a string",
            ),
            ("[profile.a]\n[profile.a]", "line 2: "),
            ("[profile.a", "line 1: "),
        ];
        for (text, expected) in table {
            let error = toml::from_str::<Config>(text).unwrap_err();
            let told = told(&error, text);
            assert!(told.starts_with(expected), "{text}\n{told}");
            assert!(!told.contains("4711"), "{told}");
        }
    }
}
