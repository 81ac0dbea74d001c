//! What CONTRIBUTING.md says of a new spec and of a new operation, done on a copy of the workspace.
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

mod support;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A copy of the workspace.
struct Copy(PathBuf);

impl Copy {
    fn path(&self) -> &Path {
        &self.0
    }
}

/// A copy of the workspace as it stands, without what is built. It is always in the same place, and its files are as old as
/// the originals, so that cargo builds again only what has changed since the last time.
fn copy(name: &str) -> Copy {
    let copy = Copy(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
    if copy.path().exists() {
        fs::remove_dir_all(copy.path()).unwrap();
    }
    fs::create_dir(copy.path()).unwrap();
    for entry in [
        "Cargo.toml",
        "Cargo.lock",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "crates",
        "openapi",
        "schemas",
        "xtask",
    ] {
        copy_to(&root().join(entry), &copy.path().join(entry));
    }
    copy
}

fn copy_to(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::copy(from, to).unwrap();
        let written = fs::metadata(from).unwrap().modified().unwrap();
        File::options()
            .append(true)
            .open(to)
            .unwrap()
            .set_modified(written)
            .unwrap();
        return;
    }
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        if name != "target" {
            copy_to(&from.join(&name), &to.join(&name));
        }
    }
}

/// Runs a task in the copy: whether it ended well, and all that it printed.
fn xtask(copy: &Copy, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .current_dir(copy.path())
        .env("CARGO_MANIFEST_DIR", copy.path().join("xtask"))
        .args(arguments);
    output(&mut command)
}

/// Builds in the copy, without a network, and in a folder of its own: cargo names what it builds by the place of a package
/// within its workspace, so that the copy's crates would take the place of the workspace's own.
fn cargo(copy: &Copy, arguments: &[&str]) -> (bool, String) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-operation-target");
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(copy.path())
        .env("CARGO_TARGET_DIR", target)
        .args(arguments)
        .arg("--offline");
    // What cargo tells this test of its own package. The build script of `ring` looks at it: with it, all that is built on
    // `ring` would be built again here, and once more by the next build of the workspace.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*name);
        }
    }
    output(&mut command)
}

fn output(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.success(), text.concat())
}

fn read(copy: &Copy, path: &str) -> String {
    fs::read_to_string(copy.path().join(path)).unwrap()
}

fn spec(operation: &Value) -> String {
    let schedule = json!({"type": "object", "required": ["id", "from", "day"], "properties": {
        "id": {"type": "string", "format": "uuid"},
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time", "x-note": "open if missing", "minLength": 20},
        "at": {"type": "string", "format": "date-time", "default": "2026-01-01T00:00:00Z"},
        "day": {"type": "string", "format": "date"},
        "except": {"type": "array", "items": {"type": "string", "format": "date", "nullable": true}}
    }});
    let done = json!({"type": "object", "properties": {
        "state": {"type": "string", "enum": ["DONE"]},
        "other": {"type": "string", "not": {"enum": ["A"]}},
        "either": {"oneOf": [{"type": "string", "enum": ["A"]}, {"type": "string", "format": "uuid"}]},
        "count": {"type": "integer", "format": "uint64"},
        "key": {"type": "string", "format": "password"}
    }});
    let spec = json!({
        "openapi": "3.0.3", "info": {"title": "Made up", "version": "1"}, "paths": {"/schedules": {"post": operation}},
        "components": {"schemas": {"Schedule": schedule, "Done": done}}
    });
    spec.to_string()
}

fn content(schema: &str) -> Value {
    let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
    json!({"description": "", "content": {"application/json": {"schema": schema}}})
}

const TYPES: &str = r##"//! The generated types, used.
#![allow(clippy::unwrap_used)]

use made_up_raw::types;
use serde_json::json;

#[test]
fn a_reply_that_says_more_is_read_and_its_secret_is_not_shown() {
    let reply = json!({
        "state": "BRAND_NEW", "other": "A", "either": "neither", "count": u64::MAX, "key": "s3cret", "more": [1]
    });
    let done: types::Done = serde_json::from_value(reply).unwrap();
    assert_eq!((done.state.as_deref(), done.other.as_deref()), (Some("BRAND_NEW"), Some("A")));
    assert_eq!((done.either.as_ref().unwrap().to_string().as_str(), done.count), ("neither", Some(u64::MAX)));
    assert!(done.key.is_some());
    assert!(!format!("{done:?}").contains("s3cret"), "{done:?}");
}

#[test]
fn a_request_has_its_dates_as_they_were_given() {
    let written = json!({
        "id": "00000000-0000-0000-0000-000000000007", "from": "2026-11-26T15:00:00.123456789Z",
        "to": "2026-11-26T16:00:00Z", "at": "2026-01-01T00:00:00Z", "day": "2026-02-28", "except": ["2026-03-01", null]
    });
    let schedule: types::Schedule = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(serde_json::to_value(schedule).unwrap(), written);
}
"##;

#[test]
fn a_new_spec_is_one_command_and_its_crate_compiles() {
    let copy = copy("new_spec");
    let operation = json!({
        "operationId": "makeSchedule",
        "parameters": [{"name": "at", "in": "query", "schema": {"type": "string", "format": "date"}}],
        "requestBody": {"required": true, "content": content("Schedule")["content"].clone()},
        "responses": {"200": content("Done"), "400": content("Done"), "401": {"description": "no body"}}
    });
    fs::write(copy.path().join("made-up.json"), spec(&operation)).unwrap();
    let (is_done, printed) = xtask(
        &copy,
        &[
            "regen",
            "--new",
            "made-up",
            "made-up.json",
            "--page",
            "https://example.com/made-up",
        ],
    );
    assert!(is_done, "{printed}");
    for expected in [
        "dropped  made-up.json: /paths/~1schedules/post/responses/401",
        "dropped  made-up.json: /components/schemas/Done/properties/state/enum",
        "written  crates/made-up-raw/src/hooks.rs",
        "Next: `cargo check -p made-up-raw`",
    ] {
        assert!(printed.contains(expected), "{expected} is missing in {printed}");
    }
    assert!(read(&copy, "openapi/sources.toml").ends_with(&format!(
        "sha256 = \"{}\"\n",
        fleetpurge_codegen::sources::sha256(&spec(&operation))
    )));
    let (is_current, printed) = xtask(&copy, &["regen", "--check"]);
    assert!(
        is_current && printed.contains("current  crates/made-up-raw/src/generated.rs"),
        "{printed}"
    );
    let tests = copy.path().join("crates/made-up-raw/tests");
    fs::create_dir(&tests).unwrap();
    fs::write(tests.join("types.rs"), TYPES).unwrap();
    let (passes, printed) = cargo(
        &copy,
        &["test", "-p", "made-up-raw", "--features", "schemars", "--test", "types"],
    );
    assert!(passes && printed.contains("2 passed"), "{printed}");
    // It keeps the rules of the workspace, too.
    let (is_sound, printed) = xtask(&copy, &["structure"]);
    assert!(is_sound, "{printed}");
    support::packages::check(copy.path());

    let (is_done, printed) = xtask(&copy, &["regen", "--new", "made-up", "made-up.json"]);
    assert!(
        !is_done && printed.contains("there is a [[spec]] made-up already"),
        "{printed}"
    );
}

#[test]
fn a_new_spec_of_which_no_client_can_be_made_leaves_everything_as_it_was() {
    let copy = copy("no_client");
    fs::create_dir_all(copy.path().join("crates/taken-raw/src")).unwrap();
    fs::write(copy.path().join("crates/taken-raw/src/lib.rs"), "//! Not to be lost.").unwrap();
    let before = (read(&copy, "Cargo.toml"), read(&copy, "openapi/sources.toml"));
    let two_bodies =
        json!({"operationId": "makeSchedule", "responses": {"400": content("Done"), "500": content("Schedule")}});
    fs::write(copy.path().join("bad.json"), spec(&two_bodies)).unwrap();
    fs::write(
        copy.path().join("good.json"),
        spec(&json!({"operationId": "a", "responses": {"200": content("Done")}})),
    )
    .unwrap();
    for (name, file, why) in [
        ("made-up", "bad.json", "makeSchedule (POST /schedules)"),
        ("made-up", "missing.json", "missing.json cannot be read"),
        ("Made_Up", "good.json", "cannot be the name of a spec"),
        (
            "data-management",
            "good.json",
            "there is a [[spec]] data-management already",
        ),
        // The crate's folder is not ours to overwrite.
        ("taken", "good.json", "is there already; nothing was written"),
    ] {
        let (is_done, printed) = xtask(&copy, &["regen", "--new", name, file]);
        assert!(!is_done && printed.contains(why), "{name} {file}: {printed}");
        assert_eq!((read(&copy, "Cargo.toml"), read(&copy, "openapi/sources.toml")), before);
        assert!(!copy.path().join("openapi/made-up.json").exists());
    }
}

/// The made-up `GET ../deletions/{id}` of CONTRIBUTING.md.
fn with_the_new_operation(spec: &str) -> String {
    let mut spec: Value = serde_json::from_str(spec).unwrap();
    let error = spec["paths"]["/api/v1/data-management/device/deletions"]["post"]["responses"]["400"].clone();
    spec["paths"]["/api/v1/data-management/device/deletions/{id}"] = json!({"get": {
        "operationId": "read_deletion",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}}],
        "responses": {
            "200": {"description": "The deletion.", "content": {"application/json": {"schema": {"type": "object", "properties": {
                "id": {"type": "string", "format": "uuid"},
                "state": {"type": "string", "enum": ["RUNNING", "DONE"]}
            }}}}},
            "401": {"description": "no body"},
            "404": error
        }
    }});
    spec.to_string()
}

const CALL: &str = r##"//! The new operation, by the raw client of the facade.
#![allow(clippy::unwrap_used)]

mod support;

use nexthink_data_management::{Endpoints, Uuid};
use fleetpurge_testing::raw::{Raw, read_request, reply_with, write};
use support::*;

#[tokio::test]
async fn a_deletion_is_read_by_its_id() {
    let raw = Raw::bind().await;
    let client = with_token(Endpoints::at(&raw.url, None).unwrap()).build().unwrap();
    let served = tokio::spawn(async move {
        let mut stream = raw.accept().await;
        let request = read_request(&mut stream).await.unwrap();
        let reply = r#"{"id": "an id of another shape", "state": "BRAND_NEW", "more": [1]}"#;
        write(&mut stream, &reply_with("200 OK", "application/json", reply)).await;
        request
    });
    let id = Uuid::from_u128(7);
    let reply = client.raw().read_deletion().id(id).send().await.unwrap();
    assert_eq!(reply.state.as_deref(), Some("BRAND_NEW"));
    let request = served.await.unwrap();
    assert!(request.head.starts_with(&format!("GET /api/v1/data-management/device/deletions/{id} ")));
    assert_eq!(request.headers("authorization"), [format!("Bearer {TOKEN}")]);
}
"##;

#[test]
fn a_new_operation_is_accepted_generated_and_called() {
    let copy = copy("new_operation");
    let published = with_the_new_operation(&read(&copy, "openapi/data-management.json"));
    fs::write(copy.path().join("published.json"), published).unwrap();
    let (_, printed) = xtask(&copy, &["drift", "--accept", "published.json"]);
    assert!(printed.contains("deletions/{id}"), "{printed}");
    let (is_done, printed) = xtask(&copy, &["regen"]);
    assert!(is_done, "{printed}");
    for expected in [
        "deletions~1{id}/get/responses/401",
        "schema/properties/state/enum",
        "written  crates/nexthink-data-management-raw/src/generated.rs",
    ] {
        assert!(printed.contains(expected), "{expected} is missing in {printed}");
    }
    let test = copy
        .path()
        .join("crates/nexthink-data-management/tests/new_operation.rs");
    fs::write(test, CALL).unwrap();
    let (passes, printed) = cargo(
        &copy,
        &["test", "-p", "nexthink-data-management", "--test", "new_operation"],
    );
    assert!(passes && printed.contains("1 passed"), "{printed}");
}

#[test]
fn a_format_that_is_new_to_a_crate_is_generated_and_the_missing_dependency_is_named() {
    let copy = copy("new_format");
    let mut spec: Value = serde_json::from_str(&read(&copy, "openapi/data-management.json")).unwrap();
    let post = &mut spec["paths"]["/api/v1/data-management/device/deletions"]["post"];
    let since = json!({"name": "since", "in": "query", "schema": {"type": "string", "format": "date"}});
    post["parameters"].as_array_mut().unwrap().push(since);
    fs::write(copy.path().join("published.json"), spec.to_string()).unwrap();
    xtask(&copy, &["drift", "--accept", "published.json"]);
    let line = "jiff = { workspace = true, features = [\"serde\"] }";
    let manifests = ["raw", "buildtime"].map(|of| format!("crates/nexthink-data-management-{of}/Cargo.toml"));
    for (arguments, first) in [(&["regen"][..], "written"), (&["regen", "--check"], "current")] {
        let (is_done, printed) = xtask(&copy, arguments);
        assert!(!is_done, "{printed}");
        assert!(printed.contains(&format!(
            "{first}  crates/nexthink-data-management-raw/src/generated.rs"
        )));
        for manifest in &manifests {
            assert!(printed.contains(&format!("{manifest}: {line}")), "{printed}");
        }
        assert!(!printed.contains("ubidots-devices-raw/Cargo.toml"), "{printed}");
    }
    for manifest in manifests {
        let text = read(&copy, &manifest).replace("[dependencies]\n", &format!("[dependencies]\n{line}\n"));
        fs::write(copy.path().join(manifest), text).unwrap();
    }
    let (is_done, printed) = xtask(&copy, &["regen", "--check"]);
    assert!(is_done, "{printed}");
}
