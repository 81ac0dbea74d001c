//! `fleetpurge serve`, asked over sockets: who is let in, what is seen of a run, and that it disturbs none.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;
mod serving;

use std::fs;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use common::{Bench, Service, csv, devices, over_both};
use rig::{FOR_EVER_MS, Rig, kill, until};
use serde_json::json;
use serving::Serving;

over_both!(
    an_apply_runs_to_its_end_while_its_page_is_read_all_the_time,
    the_progress_of_a_run_is_told_as_it_happens_and_so_is_its_death,
);

fn planned() -> Bench {
    let bench = Bench::new();
    bench.file("devices.csv", csv(&devices(3)));
    bench
        .run("plan devices.csv --out devices.plan --instance acme --region eu")
        .exits(0);
    bench
}

#[test]
fn the_address_comes_first_and_one_signal_ends_it_with_0() {
    let bench = planned();
    let before = bench.files();
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut serving = Serving::start(&bench, "serve devices.plan");
        let token = serving.path().trim_matches('/').to_owned();
        assert_eq!(token.len(), 32, "{token}");
        serving.says("read-only");
        let page = serving.page();
        page.has_status(200);
        assert!(
            page.body.contains("Nothing was sent yet. The plan may send 3"),
            "{}",
            page.body
        );
        assert!(page.body.contains("PC-2") && page.body.contains("No apply has begun."));
        // A browser that is still there keeps nothing alive, and is told.
        let mut events = serving.events();
        events.until(&["No apply has begun."]);
        serving.signal(signal);
        events.until(&["event: end", "fleetpurge serve has ended"]);
        let said = serving.exits(0);
        assert!(!said.contains(&token) && !said.contains("next:"), "{said}");
    }
    assert_eq!(bench.files(), before);
}

#[test]
fn who_does_not_know_the_address_learns_nothing() {
    let bench = planned();
    let serving = Serving::start(&bench, "serve devices.plan");
    let (path, host) = (serving.path().to_owned(), serving.address().to_owned());
    let wrong = format!("/{}/", "x".repeat(32));
    let longer = format!("{}x/", path.trim_end_matches('/'));
    let table: [(&str, &str, &str, u16); 14] = [
        ("GET", "/", &host, 404),
        ("GET", &wrong, &host, 404),
        ("GET", &longer, &host, 404),
        ("GET", &path[..path.len() - 3], &host, 404),
        ("GET", "/events", &host, 404),
        ("GET", &format!("{wrong}events"), &host, 404),
        ("GET", &format!("{path}devices.plan"), &host, 404),
        ("GET", "/favicon.ico", &host, 404),
        ("GET", &path, "evil.example", 403),
        ("GET", &path, "evil.example:80", 403),
        ("GET", &format!("{path}events"), "evil.example", 403),
        ("POST", &path, &host, 405),
        ("DELETE", &path, &host, 405),
        ("PUT", "/", &host, 405),
    ];
    for (method, path, host, status) in table {
        let reply = serving.ask(method, path, host);
        reply.has_status(status);
        let all = format!("{}\n{}", reply.head, reply.body);
        for secret in [
            "acme",
            "PC-",
            "devices",
            "plan",
            "fleetpurge",
            serving.path().trim_matches('/'),
        ] {
            assert!(!all.contains(secret), "{method} {path}: {secret}: {all}");
        }
        assert_eq!(
            reply.head.contains("\r\nallow: get, head"),
            status == 405,
            "{}",
            reply.head
        );
        stays_private(&reply.head);
    }
    // Without a host, and with two.
    serving.raw(&format!("GET {path} HTTP/1.0\r\n\r\n")).has_status(403);
    serving
        .raw(&format!(
            "GET {path} HTTP/1.0\r\nHost: {host}\r\nHost: evil.example\r\n\r\n"
        ))
        .has_status(403);
    let page = serving.page();
    page.has_status(200);
    stays_private(&page.head);
    let head = serving.ask("HEAD", &path, &host);
    head.has_status(200);
    assert_eq!(head.body, "");
    // The other names of this machine are its own.
    serving.ask("GET", &path, "localhost:9").has_status(200);
}

#[track_caller]
fn stays_private(head: &str) {
    for header in [
        "cache-control: no-store",
        "referrer-policy: no-referrer",
        "x-content-type-options: nosniff",
        "x-frame-options: deny",
        "content-security-policy: default-src 'none'; script-src 'sha256-",
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ] {
        assert!(head.contains(header), "{header}: {head}");
    }
    assert!(!head.contains("access-control") && !head.contains("no-cache"), "{head}");
}

#[test]
fn what_cannot_be_served_is_said() {
    let bench = planned();
    bench
        .run("serve other.plan")
        .exits(1)
        .says(&["other.plan", "there is no plan"]);
    bench.run("serve devices.csv").exits(1).says(&["devices.csv"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let ended = bench
        .run(&format!("serve devices.plan --port {port}"))
        .exits(1)
        .says(&[&format!("port {port}"), "--port"]);
    assert_eq!(ended.next(), "fleetpurge serve devices.plan --port 0");
    drop(taken);
    let serving = Serving::start(&bench, &format!("serve devices.plan --port {port}"));
    assert_eq!(serving.address(), format!("127.0.0.1:{port}"));
}

/// What the service has received of an apply.
fn bodies(rig: &Rig) -> Vec<Vec<u8>> {
    rig.simulator
        .requests()
        .iter()
        .map(|request| request.body.to_vec())
        .collect()
}

fn an_apply_runs_to_its_end_while_its_page_is_read_all_the_time(service: Service) {
    let count = 12 * service.batch();
    let alone = Rig::new(service, count, "--concurrency 1");
    alone.apply().exits(0);
    let rig = Rig::new(service, count, "--concurrency 1");
    let serving = Serving::start(&rig.bench, "serve devices.plan");
    let (has_ended, pages) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let _events = serving.events();
                while !has_ended.load(Ordering::Relaxed) {
                    serving.page().has_status(200);
                    pages.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        until("pages are read", || pages.load(Ordering::Relaxed) > 1);
        let ended = rig.apply();
        let read = pages.load(Ordering::Relaxed);
        until("pages are read after it", || pages.load(Ordering::Relaxed) > read + 1);
        has_ended.store(true, Ordering::Relaxed);
        ended.exits(0);
    });
    assert_eq!(bodies(&rig), bodies(&alone));
    let counts = rig.holds_every_promise(&[], "while its page is read");
    assert_eq!(counts["scheduled"], count as u64);
    let page = serving.page();
    assert!(page.body.contains("that the plan may send are scheduled for deletion."));
    assert!(page.body.contains("with exit code 0."));
}

fn the_progress_of_a_run_is_told_as_it_happens_and_so_is_its_death(service: Service) {
    let batch = service.batch();
    let rig = Rig::new(service, 8 * batch, "--concurrency 1 --timeout 3600");
    let serving = Serving::start(&rig.bench, "serve devices.plan");
    // Each of several browsers is told.
    let mut browsers = [serving.events(), serving.events()];
    for browser in &mut browsers {
        browser.until(&["data-state=\"waiting\"", "Nothing was sent yet."]);
    }
    rig.faults(json!([{"when": {"request": "4-"}, "then": {"delay_reply_ms": FOR_EVER_MS}}]));
    let mut child = rig.start();
    rig.received(4);
    let done = format!("max=\"{}\" value=\"{}\"", 8 * batch, 3 * batch);
    let process = format!("is under way in process {}, begun", child.id());
    let in_flight = format!("{batch} in flight");
    for browser in &mut browsers {
        browser.until(&["data-state=\"under-way\"", &done, &process, &in_flight, "37.5 %"]);
    }
    kill(&mut child);
    for browser in &mut browsers {
        browser.until(&[
            "data-state=\"died\"",
            "died: no process holds the plan.",
            "devices were in flight: the answer is lost.",
        ]);
    }
    // One that comes now sees the same.
    serving.events().until(&["data-state=\"died\""]);
    rig.resume("after a death").exits(4);
    for browser in &mut browsers {
        let last = browser.until(&["data-state=\"ended\"", "with exit code 4"]);
        assert!(!last.contains("<progress"), "{last}");
    }
}

#[test]
fn a_plan_that_is_moved_removed_or_replaced_is_said_to_be() {
    let bench = planned();
    let serving = Serving::start(&bench, "serve devices.plan");
    let mut events = serving.events();
    events.until(&["No apply has begun."]);
    let (plan, aside) = (bench.path("devices.plan"), bench.path("aside.plan"));

    fs::rename(&plan, &aside).unwrap();
    events.until(&["event: absent", "devices.plan was moved or removed."]);
    let page = serving.page();
    page.has_status(503);
    assert!(page.body.contains("was moved or removed.") && !page.body.contains("PC-1"));
    stays_private(&page.head);

    // Back in its place it is the same plan.
    fs::rename(&aside, &plan).unwrap();
    events.until(&["No apply has begun."]);
    serving.page().has_status(200);

    // Another plan, and a copy of the same: neither is the file that was served.
    bench.file("others.csv", csv(&devices(2)));
    bench
        .run("plan others.csv --out others.plan --instance other --region eu")
        .exits(0);
    fs::copy(&plan, bench.path("copy.plan")).unwrap();
    fs::rename(&plan, &aside).unwrap();
    for other in ["others.plan", "copy.plan"] {
        events.until(&["event: absent", "was moved or removed."]);
        fs::rename(bench.path(other), &plan).unwrap();
        events.until(&["event: absent", "devices.plan was replaced"]);
        let page = serving.page();
        page.has_status(503);
        assert!(
            !page.body.contains("other\"") && page.body.contains("was replaced"),
            "{}",
            page.body
        );
        fs::remove_file(&plan).unwrap();
    }
    // Garbage under the same inode is no plan.
    fs::rename(&aside, &plan).unwrap();
    events.until(&["No apply has begun."]);
    fs::write(&plan, "garbage").unwrap();
    events.until(&["event: absent", "devices.plan cannot be read"]);
}

#[test]
fn a_browser_that_goes_away_is_noticed() {
    let bench = planned();
    let mut serving = Serving::start(&bench, "serve devices.plan -v");
    let mut first = serving.events();
    first.until(&["No apply has begun."]);
    let second = serving.events();
    serving.says("browsers=2");
    drop(second);
    serving.says("a browser has gone away browsers=1");
    drop(first);
    serving.says("a browser has gone away browsers=0");
    // The next one is told what is so now.
    bench.run("report devices.plan").exits(0);
    serving.events().until(&["No apply has begun."]);
    serving.signal("-INT");
    let said = serving.exits(0);
    assert!(!said.contains("http://127"), "the address is in the log: {said}");
}

/// The sockets of a process, as Linux lists them.
#[cfg(target_os = "linux")]
#[test]
fn it_has_no_socket_of_the_network_but_the_one_that_it_listens_on() {
    let bench = planned();
    let serving = Serving::start(&bench, "serve devices.plan");
    serving.page().has_status(200);
    let of_process: Vec<String> = fs::read_dir(format!("/proc/{}/fd", serving.id()))
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.unwrap().path()).ok())
        .filter_map(|link| {
            let link = link.to_str()?;
            Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
        })
        .collect();
    let mut listening = Vec::new();
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        let Ok(text) = fs::read_to_string(format!("/proc/net/{table}")) else {
            continue;
        };
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // State 06 and above: a connection that has ended.
            if of_process.iter().any(|inode| inode == fields[9]) && fields[3] <= "0A" && fields[3] != "08" {
                listening.push((table, fields[1].to_owned(), fields[3].to_owned()));
            }
        }
    }
    let port: u16 = serving.address().split_once(':').unwrap().1.parse().unwrap();
    assert_eq!(listening, [("tcp", format!("0100007F:{port:04X}"), "0A".to_owned())]);
}

#[test]
fn a_plan_of_too_many_rows_for_a_page_is_shown_without_them() {
    let bench = Bench::new();
    bench.file("devices.csv", csv(&devices(250_001)));
    bench
        .run("plan devices.csv --out devices.plan --max-devices 300000 --instance acme --region eu")
        .exits(0);
    let serving = Serving::start(&bench, "serve devices.plan");
    let page = serving.page();
    page.has_status(200);
    assert!(page.body.contains("250\u{a0}001 rows, more than a browser can show"));
    assert!(!page.body.contains("PC-1"));
}
