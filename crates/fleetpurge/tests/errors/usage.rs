//! Commands that were typed wrong.

use crate::entry::{Entry, Section};

pub(crate) fn sections() -> Vec<Section> {
    vec![Section {
        title: "Typing a command",
        about: "Nothing is read and nothing is sent.",
        entries: [
            ("A command that is none", "purge devices.csv"),
            ("A flag that is none", "apply acme.plan --yes"),
            ("A value that is none", "apply acme.plan --concurrency many"),
            ("No tenant", "plan devices.csv --out acme.plan"),
            (
                "A region that is none",
                "plan devices.csv --instance acme --region mars --out acme.plan",
            ),
            (
                "An address without TLS",
                "plan devices.csv --base-url http://acme.example --out acme.plan",
            ),
            (
                "A profile that is none",
                "plan devices.csv --profile prod --out acme.plan",
            ),
        ]
        .into_iter()
        .map(|(title, line)| Entry::local(title, &[], &[("devices.csv", b"uid,name\n")], line))
        .collect(),
    }]
}
