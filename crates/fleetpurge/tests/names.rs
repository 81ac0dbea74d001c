//! The name of a plan is a file name, even if SQLite or a shell gives such a text another meaning.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::fs;

use common::{Service, over_both};
use rig::Rig;

over_both!(
    a_name_that_sqlite_takes_for_something_else_is_the_name_of_a_file,
    a_dash_is_no_plan_and_no_file_to_write_to,
);

fn a_name_that_sqlite_takes_for_something_else_is_the_name_of_a_file(service: Service) {
    for name in [
        "file:x.plan",
        "file:x.plan?mode=memory",
        "file:///x.plan",
        "file:folder/x.plan",
        ":memory:",
        "x%41.plan",
        "-x.plan",
        "a b.plan",
    ] {
        let rig = Rig::new(service, 3, "");
        let folder = rig.bench.path("");
        for parent in ["file:", "file:folder"] {
            fs::create_dir(folder.join(parent)).unwrap();
        }
        let run = |arguments: &[&str]| {
            let mut command = rig.bench.command("");
            common::ended(service.credentials(&mut command).args(arguments))
        };
        let out = format!("--out={name}");
        run(&[
            "plan",
            "devices.csv",
            &out,
            "--service",
            service.word(),
            "--base-url",
            rig.simulator.url(),
        ])
        .exits(0);
        let plan = folder.join(name);
        assert!(plan.is_file(), "{name}: {:?}", rig.bench.files());
        let confirm = format!("{}/3", rig.tenant());
        run(&["status", "--format=json", "--", name]).exits(0);
        run(&["apply", "--confirm", &confirm, "--limit=1", "--", name]).exits(6);
        run(&["apply", "--confirm", &confirm, "--", name]).exits(0);
        let report = run(&["report", "--format=ndjson", "--", name]).exits(0).stdout;
        assert_eq!(report.matches("\"scheduled\"").count(), 3, "{name}");
        rig.bench.file("empty.csv", service.csv(&service.devices(5)[3..]));
        let verified = run(&["verify", "--inventory=empty.csv", "--allow-no-overlap", "--", name]);
        assert!(verified.code == 0 || verified.code == 2, "{name}: {}", verified.stderr);
        if service == Service::Ubidots {
            let backed_up = run(&["backup", "--out=saved", "--", name]);
            assert!(backed_up.stderr.contains(name), "{name}: {}", backed_up.stderr);
        }
        // Nothing went anywhere else.
        let mut left: Vec<String> = rig.bench.files();
        left.retain(|file| {
            ![
                "devices.csv",
                "devices.plan",
                "empty.csv",
                "saved",
                "file:",
                "file:folder",
            ]
            .contains(&file.as_str())
        });
        let expected = if name.contains('/') {
            Vec::new()
        } else {
            vec![name.to_owned()]
        };
        left.retain(|file| !file.ends_with(".backup.json") && !file.ends_with(".backup"));
        assert_eq!(left, expected, "{name}");
        assert_eq!(rig.request_count(), 1, "{name}");
    }
}

fn a_dash_is_no_plan_and_no_file_to_write_to(service: Service) {
    let rig = Rig::new(service, 3, "");
    let before = rig.bench.files();
    for line in [
        format!(
            "plan devices.csv --out - --service {} --base-url {}",
            service.word(),
            rig.simulator.url()
        ),
        "apply -".to_owned(),
        "status -".to_owned(),
        "report -".to_owned(),
        "verify - --inventory devices.csv".to_owned(),
        "backup -".to_owned(),
        "report devices.plan --out -".to_owned(),
        "select --service ubidots --all --out -".to_owned(),
    ] {
        rig.run(&line).exits(2).says(&["standard", "./-", "nothing"]);
    }
    rig.bench.command("").arg("status").arg("").output().unwrap();
    assert_eq!(rig.bench.files(), before);
    assert_eq!(rig.request_count(), 0);
}
