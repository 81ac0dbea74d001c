//! Devices made up for the tests.

use std::fmt::Write;

/// A device, `(uid, name)`.
pub(super) type Device = (String, String);

/// A well-formed UID of its own for every number.
pub(super) fn uid(number: usize) -> String {
    format!("{number:08x}-5c7a-4b6f-8a57-{number:012x}")
}

/// So many devices with well-formed UIDs, named after their fleet.
pub(super) fn devices(fleet: &str, from: usize, count: usize) -> Vec<Device> {
    (from..from + count)
        .map(|number| (uid(number), format!("{fleet}-{number}")))
        .collect()
}

/// Names as people give them: nothing of them may be lost on the way.
pub(super) fn odd_names() -> Vec<String> {
    [
        "the \"big\" one",
        " outer space ",
        "caf\u{e9}",
        "cafe\u{301}",
        "\u{1f4bb} of Zo\u{eb}",
        "tab\there",
        "line\nbreak",
        "back\\slash \\u0041",
        "\u{202e}turned",
        "<b>&amp;</b>",
        "\u{feff}marked",
        "null",
        "line\u{2028}separator",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The devices as CSV.
pub(super) fn csv(devices: &[Device]) -> String {
    let mut text = "uid,name\n".to_owned();
    for (uid, name) in devices {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{},\"{}\"", uid, name.replace('"', "\"\""));
    }
    text
}
