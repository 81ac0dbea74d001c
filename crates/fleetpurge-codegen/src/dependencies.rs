//! The dependencies of a raw crate: which does a generated client need that not every client needs?

use crate::Error;

/// Each by how generated code names it, and its line in a manifest.
const OPTIONAL: [(&str, &str); 3] = [
    ("::jiff::", "jiff = { workspace = true, features = [\"serde\"] }"),
    ("::regress::", "regress.workspace = true"),
    ("::uuid::", "uuid.workspace = true"),
];

/// The lines of a manifest that this generated source needs.
pub(crate) fn needed_by(generated: &str) -> impl Iterator<Item = &'static str> {
    OPTIONAL
        .iter()
        .filter(move |(named, _)| generated.contains(named))
        .map(|(_, line)| *line)
}

/// Those that the manifest at `path` lacks. Without them the crate does not compile, and the compiler does not say that the
/// spec has a new format.
///
/// # Errors
///
/// When the manifest is not TOML.
pub fn missing(path: &str, manifest: &str, generated: &str) -> Result<Vec<&'static str>, Error> {
    let table: toml::Table = toml::from_str(manifest).map_err(|source| Error::Manifest {
        path: path.to_owned(),
        source: Box::new(source),
    })?;
    let listed = |name: &str| {
        table
            .get("dependencies")
            .is_some_and(|listed| listed.get(name).is_some())
    };
    let name = |line: &&'static str| line.split([' ', '.']).next().unwrap_or(line);
    Ok(needed_by(generated).filter(|line| !listed(name(line))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_code_names_and_the_manifest_does_not_is_missing() {
        let code = "at: ::jiff::Timestamp, id: ::uuid::Uuid";
        let jiff = "jiff = { workspace = true, features = [\"serde\"] }";
        for (manifest, expected) in [
            ("", vec![jiff, "uuid.workspace = true"]),
            ("[dependencies]\nuuid.workspace = true", vec![jiff]),
            ("[dependencies]\njiff = \"0.2\"\nuuid = { version = \"1\" }", vec![]),
            (
                "[dependencies.jiff]\nversion = \"0.2\"\n[dependencies.uuid]\nversion = \"1\"",
                vec![],
            ),
            // For tests alone.
            (
                "[dependencies]\nuuid = \"1\"\n[dev-dependencies]\njiff = \"0.2\"",
                vec![jiff],
            ),
        ] {
            assert_eq!(missing("Cargo.toml", manifest, code).unwrap(), expected, "{manifest}");
        }
        assert!(missing("Cargo.toml", "", "").unwrap().is_empty());
        let error = missing("crates/x/Cargo.toml", "[", code).unwrap_err();
        assert_eq!(error.to_string(), "crates/x/Cargo.toml is not TOML");
    }
}
