//! `cargo xtask drift` from the outside: exit codes, both formats, files and URLs, and what `--accept` leaves behind.
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::thread;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

const PAGE: &str = include_str!("../../crates/fleetpurge-codegen/tests/data/schedule-device-deletions.md");

/// A workspace of its own with our `openapi/`, and the page in it, edited.
fn workspace(edits: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi");
    for folder in ["openapi", "xtask", "crates/nexthink-data-management-raw/src"] {
        fs::create_dir_all(root.path().join(folder)).unwrap();
    }
    for entry in fs::read_dir(ours).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), root.path().join("openapi").join(entry.file_name())).unwrap();
    }
    fs::write(root.path().join("page.md"), edited(edits)).unwrap();
    root
}

fn edited(edits: &[(&str, &str)]) -> String {
    let mut page = PAGE.to_owned();
    for (from, to) in edits {
        assert!(page.contains(from), "the page does not hold {from}");
        page = page.replace(from, to);
    }
    page
}

fn xtask(root: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .current_dir(root.path())
        .env("CARGO_MANIFEST_DIR", root.path().join("xtask"))
        .args(arguments);
    command
}

fn stdout(command: &mut Command) -> String {
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

const LOWER_LIMIT: (&str, &str) = (r#""maxItems":100"#, r#""maxItems":50"#);
const NEW_CODE: (&str, &str) = (r#""EMPTY_TENANT","#, r#""EMPTY_TENANT","THROTTLED","#);
const NEW_WORDS: (&str, &str) = ("Must not be blank.", "It must not be blank.");

#[test]
fn the_exit_code_says_how_bad_it_is() {
    for (edits, code) in [
        (&[][..], 0),
        (&[NEW_WORDS][..], 0),
        (&[NEW_CODE, NEW_WORDS][..], 3),
        (&[LOWER_LIMIT, NEW_CODE, NEW_WORDS][..], 4),
        (&[("\"info\":{", "\"info\":{,")][..], 1),
        (&[("\"openapi\"", "\"api\"")][..], 1),
    ] {
        let root = workspace(edits);
        for format in ["text", "json"] {
            xtask(&root, &["drift", "page.md", "--format", format])
                .assert()
                .code(code);
        }
    }
}

#[test]
fn text_is_for_a_person() {
    let root = workspace(&[LOWER_LIMIT, NEW_CODE, NEW_WORDS]);
    insta::assert_snapshot!(stdout(&mut xtask(&root, &["drift", "page.md"])), @r#"
    breaking  $.components.schemas.DeviceDeletionRequest.properties.devices.maxItems
              a tighter upper limit in a request: 100 -> 50
    widening  $.components.schemas.ErrorResponse.properties.code.enum
              a further value: "THROTTLED"
    wording   $.components.schemas.DeviceEntry.properties.name.description
              other words: …  Collector. Must not be blank." -> …  Collector. It must not be blank."

    1 breaking, 1 widening, 1 wording against openapi/data-management.json
    "#);
    let root = workspace(&[]);
    insta::assert_snapshot!(stdout(&mut xtask(&root, &["drift", "page.md"])), @"no change against openapi/data-management.json");
}

#[test]
fn json_is_for_a_program() {
    let root = workspace(&[LOWER_LIMIT, NEW_CODE, NEW_WORDS]);
    insta::assert_snapshot!(stdout(&mut xtask(&root, &["drift", "page.md", "--format", "json"])), @r#"
    {
      "class": "breaking",
      "spec": "openapi/data-management.json",
      "published": [
        "page.md"
      ],
      "changes": [
        {
          "path": "$.components.schemas.DeviceDeletionRequest.properties.devices.maxItems",
          "class": "breaking",
          "what": "a tighter upper limit in a request",
          "old": 100,
          "new": 50
        },
        {
          "path": "$.components.schemas.ErrorResponse.properties.code.enum",
          "class": "widening",
          "what": "a further value",
          "new": "THROTTLED"
        },
        {
          "path": "$.components.schemas.DeviceEntry.properties.name.description",
          "class": "wording",
          "what": "other words",
          "old": "Name of the device as reported by the Nexthink Collector. Must not be blank.",
          "new": "Name of the device as reported by the Nexthink Collector. It must not be blank."
        }
      ]
    }
    "#);
    let root = workspace(&[]);
    let report: Value =
        serde_json::from_str(&stdout(&mut xtask(&root, &["drift", "page.md", "--format", "json"]))).unwrap();
    assert_eq!(report["class"], "none");
    assert_eq!(report["changes"], Value::Array(Vec::new()));
}

#[test]
fn a_page_that_cannot_be_understood_is_never_no_change() {
    let root = workspace(&[("\"openapi\"", "\"api\"")]);
    let output = xtask(&root, &["drift", "page.md"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("what is published cannot be understood"), "{stderr}");
    assert!(stderr.contains("page.md holds no OpenAPI document"), "{stderr}");
    xtask(&root, &["drift", "absent.md"]).assert().code(1);
    xtask(&root, &["drift"]).assert().code(2);
}

#[test]
fn accepting_writes_spec_and_pin_and_regen_goes_on_from_there() {
    let root = workspace(&[LOWER_LIMIT]);
    xtask(&root, &["regen"]).assert().success();
    xtask(&root, &["drift", "page.md", "--accept"]).assert().code(4);
    // The spec is the new one, and its pin is true: nothing has changed against it.
    xtask(&root, &["drift", "page.md"]).assert().code(0);
    xtask(&root, &["regen", "--check"]).assert().code(1);
    xtask(&root, &["regen"]).assert().success();
    xtask(&root, &["regen", "--check"]).assert().success();
    let spec = fs::read_to_string(root.path().join("openapi/data-management.json")).unwrap();
    assert!(spec.contains("\"maxItems\": 50"), "{spec}");
    let sources = fs::read_to_string(root.path().join("openapi/sources.toml")).unwrap();
    assert!(
        sources.contains("schedule-device-deletions.md"),
        "a file has no URL: {sources}"
    );
    assert!(sources.starts_with('#'), "the comments stay");
}

#[test]
fn accepting_what_the_overlay_no_longer_fits_is_told_by_regen() {
    let root = workspace(&[(
        r#","format":"uuid"},"name":{"description":"Name "#,
        r#"},"name":{"description":"Name "#,
    )]);
    xtask(&root, &["drift", "page.md", "--accept"]).assert().code(3);
    let output = xtask(&root, &["regen"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("action 1 matches nothing"), "{stderr}");
}

#[test]
fn a_spec_edited_by_hand_is_refused_before_anything_is_compared() {
    let root = workspace(&[]);
    let spec = root.path().join("openapi/data-management.json");
    let text = fs::read_to_string(&spec).unwrap();
    fs::write(&spec, text.replace("100", "50")).unwrap();
    for arguments in [&["drift", "page.md"][..], &["regen"][..], &["regen", "--check"][..]] {
        let output = xtask(&root, arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains("never edited by hand"), "{stderr}");
    }
}

#[test]
fn of_a_spec_that_we_write_nothing_is_published_and_that_is_never_no_change() {
    let root = workspace(&[]);
    let openapi = root.path().join("openapi");
    let before = fs::read_to_string(openapi.join("ubidots-devices.json")).unwrap();
    for arguments in [
        &["drift", "--spec", "ubidots-devices"][..],
        &["drift", "--spec", "ubidots-devices", "page.md", "--accept"],
    ] {
        let output = xtask(&root, arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(
            stderr.contains("nothing is published to compare openapi/ubidots-devices.json with: it is written by us"),
            "{stderr}"
        );
    }
    assert_eq!(
        fs::read_to_string(openapi.join("ubidots-devices.json")).unwrap(),
        before
    );
    let output = xtask(&root, &["drift", "--spec", "data-management"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("is missing"));
}

#[test]
fn a_spec_that_we_write_is_edited_in_place_and_regen_tells_what_is_stale() {
    let root = workspace(&[]);
    xtask(&root, &["regen"]).assert().success();
    let spec = root.path().join("openapi/ubidots-devices.json");
    let text = fs::read_to_string(&spec).unwrap();
    fs::write(
        &spec,
        text.replace("The page, from 1.", "The page, of which 1 is the first."),
    )
    .unwrap();
    let output = xtask(&root, &["regen", "--check"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let diff = String::from_utf8(output.stdout).unwrap();
    assert!(diff.contains("+- `page`: The page, of which 1 is the first."), "{diff}");
    xtask(&root, &["regen"]).assert().success();
    xtask(&root, &["regen", "--check"]).assert().success();
}

/// Serves one reply on a loopback port.
fn serve(reply: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/page.md", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let _ = connection.read(&mut request).unwrap();
        connection.write_all(reply.as_bytes()).unwrap();
    });
    url
}

fn http(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn a_url_is_fetched_and_becomes_the_page_of_an_accepted_spec() {
    let root = workspace(&[]);
    let url = serve(http("200 OK", &edited(&[NEW_CODE])));
    xtask(&root, &["drift", &url, "--accept"]).assert().code(3);
    let sources = fs::read_to_string(root.path().join("openapi/sources.toml")).unwrap();
    assert!(sources.contains(&url), "{sources}");
}

#[test]
fn a_url_that_gives_no_page_is_an_error() {
    let root = workspace(&[]);
    let cut = http("200 OK", PAGE);
    for reply in [http("404 Not Found", PAGE), cut[..cut.len() / 2].to_owned()] {
        let url = serve(reply);
        let output = xtask(&root, &["drift", &url]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
    }
    let output = xtask(&root, &["drift", "http://docs.example.com/page.md"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("is not https"));
}
