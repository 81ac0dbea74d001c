//! Every kind of error that a person can meet, from the sources that name them: none may be without an entry.

/// Where kinds are named, and which of them no entry can show, with the reason.
const SOURCES: &[(&str, &str, &[&str])] = &[
    (
        "list",
        include_str!("../../../fleetpurge-export/src/error.rs"),
        // A disk that fails while it is read.
        &["Unreadable"],
    ),
    (
        "plan",
        include_str!("../../../fleetpurge-ledger/src/model/error.rs"),
        &[
            // These need a full or a broken disk, a network file system, or a user who may not write.
            "DiskFull",
            "Io",
            "NetworkFileSystem",
            "ReadOnly",
            // A planning that was killed leaves a file under another name.
            "Unfinished",
            // Of a calling program, and of a verification that is not kept, which is no error.
            "Inconsistent",
            "Closed",
            "Changed",
            // These need a PostgreSQL server: `tests/shared_plans.rs`, and `tests/postgres` of the ledger.
            "NotPermitted",
            "NotDurable",
            "LeaseLost",
        ],
    ),
    (
        "run",
        include_str!("../../../fleetpurge-engine/src/stop.rs"),
        // A full disk; a plan that cannot be read further; an error of this program.
        &["Journal", "Source", "Panicked"],
    ),
    (
        "request",
        include_str!("../../../fleetpurge-engine/src/error_kind.rs"),
        // `apply` names no device that a request cannot have.
        &["InvalidInput"],
    ),
    (
        "query",
        include_str!("../../../nexthink-nql/src/error.rs"),
        // A full disk; a file of more than 2 GiB.
        &["NotCopied", "TooLarge"],
    ),
];

/// The codes that the services document for deletions, and the statuses that mean something of their own.
const CODES: &[&str] = &[
    "BATCH_SIZE_EXCEEDED",
    "INVALID_REQUEST",
    "EMPTY_REQUEST",
    "EMPTY_TENANT",
    "400001",
    "401001",
    "INVALID",
    "FAILED",
    "2xx",
    "3xx",
    "307",
    "401",
    "403",
    "404",
    "408",
    "413",
    "420",
    "429",
    "4xx",
    "500",
    "503",
    "5xx",
];

/// All of them, as `list::NotFound`, and the codes as they are.
pub(crate) fn all() -> Vec<String> {
    let mut all: Vec<String> = CODES.iter().map(|code| (*code).to_owned()).collect();
    for (name, source, excused) in SOURCES {
        let variants = variants(source);
        assert!(variants.len() > 5, "{name}: {variants:?}");
        for excuse in *excused {
            assert!(
                variants.iter().any(|variant| variant == excuse),
                "{name}: there is no {excuse}"
            );
        }
        all.extend(
            variants
                .iter()
                .filter(|variant| !excused.contains(&variant.as_str()))
                .map(|variant| format!("{name}::{variant}")),
        );
    }
    all
}

/// The variants of the first public enum.
fn variants(source: &str) -> Vec<String> {
    let file = syn::parse_file(source).unwrap();
    file.items
        .into_iter()
        .find_map(|item| match item {
            syn::Item::Enum(item) if matches!(item.vis, syn::Visibility::Public(_)) => Some(item),
            _ => None,
        })
        .unwrap()
        .variants
        .iter()
        .map(|variant| variant.ident.to_string())
        .collect()
}
