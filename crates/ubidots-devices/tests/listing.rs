//! Lists of devices: whole and only of what is meant, or an error.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` values are made for the call")]

mod support;

use fleetpurge_simulator::{PageTraps, Simulator, UbidotsDevice};
use serde_json::{Value, json};
use support::*;
use ubidots_devices::{Client, Device, DeviceId, Error, ErrorKind, Filter, LastActivity, Listing};

/// All pages of a list, and the list.
async fn list(client: &Client, filter: Filter) -> Result<(Vec<Device>, Listing), Error> {
    let mut listing = client.devices(filter);
    let mut devices = Vec::new();
    while let Some(page) = listing.next_page().await? {
        devices.extend(page);
    }
    Ok((devices, listing))
}

/// The error at the end of a list, which is no end: whoever asks on gets no whole list of it.
async fn unwhole(client: &Client, filter: Filter) -> String {
    let mut listing = client.devices(filter);
    let error = loop {
        match listing.next_page().await {
            Ok(page) => assert!(page.is_some(), "a list that is not whole has come to its end"),
            Err(error) => break error,
        }
    };
    assert_sure(&error, ErrorKind::AmbiguousReply, "a list");
    let again = listing.next_page().await;
    assert!(again.is_err(), "{error}, and then: {again:?}");
    error.to_string()
}

fn all() -> Filter {
    Filter::default()
}

fn entry(n: usize) -> Value {
    json!({"id": id(n).as_str(), "label": format!("lab-{n}"), "name": "x", "tags": [], "lastActivity": null})
}

/// A page as the script has it; `next` is where no client should look.
fn page(count: Value, has_next: bool, entries: &[Value]) -> Value {
    let next = has_next.then_some("https://elsewhere.invalid/api/v2.0/devices/?page=7");
    json!({"reply": {"status": 200, "json": {"count": count, "next": next, "previous": null, "results": entries}}})
}

/// A service that has these pages, and a 404 beyond.
async fn scripted(pages: Vec<Value>) -> Simulator {
    let mut rules: Vec<Value> = (1..).zip(pages).map(|(n, page)| reads(json!(n), page)).collect();
    rules.push(reads(
        json!("1-"),
        json!({"reply": {"status": 404, "json": {"detail": "Invalid page."}}}),
    ));
    faulty(rules.into()).await
}

fn found(devices: &[Device]) -> Vec<usize> {
    devices.iter().map(|device| position(device.id.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_read_page_by_page_with_the_token_in_its_header() {
    let simulator = trapped(fleet(450), PageTraps::new()).await;
    let (devices, listing) = list(&client(&simulator), all()).await.unwrap();
    assert_eq!(found(&devices), (0..450).collect::<Vec<_>>());
    assert_eq!((listing.listed(), listing.filter_was_ignored()), (450, false));
    let fields = "id%2Clabel%2Cname%2Ctags%2ClastActivity";
    let target = |page| format!("/api/v2.0/devices/?fields={fields}&page={page}&page_size=200&sort_by=created_at");
    assert_eq!(read(&simulator), [target(1), target(2), target(3)]);
    for request in simulator.reads() {
        assert_eq!(request.header("x-auth-token"), Some(TOKEN));
        assert_eq!(
            (request.header("api-version"), request.header("x-bulk-operation")),
            (None, None)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_pages_are_asked_for_than_there_are() {
    for (devices, expected) in [(0, "1"), (1, "1"), (200, "1"), (201, "1 2"), (400, "1 2")] {
        let simulator = trapped(fleet(devices), PageTraps::new()).await;
        let (listed, _) = list(&client(&simulator), all()).await.unwrap();
        assert_eq!(listed.len(), devices);
        assert_eq!(pages(&simulator), expected, "{devices}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_the_next_page_is_never_followed() {
    let elsewhere = faulty(json!([])).await;
    for links in [elsewhere.url(), "http://industrial.ubidots.com"] {
        let simulator = trapped(fleet(450), PageTraps::new().links_to(links)).await;
        let (devices, _) = list(&client(&simulator), all()).await.unwrap();
        assert_eq!((devices.len(), &*pages(&simulator)), (450, "1 2 3"));
    }
    assert_eq!(elsewhere.counts().connections, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_silently_shorter_ends_nothing() {
    for traps in [PageTraps::new(), PageTraps::new().empty_beyond_end()] {
        let simulator = trapped(fleet(120), traps.page_size_max(50)).await;
        let (devices, _) = list(&client(&simulator), all()).await.unwrap();
        assert_eq!((devices.len(), &*pages(&simulator)), (120, "1 2 3"));
    }
    // Nor does it where no further page is announced, and the count says that there is more.
    let simulator = scripted(vec![
        page(json!(2), false, &[entry(0)]),
        page(json!(2), false, &[entry(1)]),
    ])
    .await;
    let (devices, _) = list(&client(&simulator), all()).await.unwrap();
    assert_eq!((devices.len(), &*pages(&simulator)), (2, "1 2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_ends_with_its_last_page_an_empty_one_or_a_404() {
    let none = Value::Null;
    for (rest, expected) in [
        (vec![page(none.clone(), false, &[entry(1)])], "1 2"),
        (
            vec![page(none.clone(), true, &[entry(1)]), page(none.clone(), true, &[])],
            "1 2 3",
        ),
        (vec![page(none.clone(), true, &[entry(1)])], "1 2 3"),
        (vec![page(json!(2), true, &[entry(1)])], "1 2 3"),
    ] {
        let mut pages_of = vec![page(none.clone(), true, &[entry(0)])];
        pages_of.extend(rest);
        let simulator = scripted(pages_of).await;
        let (devices, _) = list(&client(&simulator), all()).await.unwrap();
        assert_eq!((found(&devices), &*pages(&simulator)), (vec![0, 1], expected));
    }
    // On the first page a 404 is no end: there may be no such list.
    let simulator = scripted(vec![]).await;
    let error = list(&client(&simulator), all()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Refused, Some(404)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_not_whole_is_an_error_and_stays_one() {
    let count = "the service counts";
    let changed = "the list changed while it was read";
    for (traps, why) in [
        (PageTraps::new().count_off_by(1), count),
        (PageTraps::new().count_off_by(-1), count),
        (PageTraps::new().count_off_by(1).empty_beyond_end(), count),
        (PageTraps::new().count_off_by(-1).empty_beyond_end(), count),
        (PageTraps::new().device_on_two_pages(), changed),
        (PageTraps::new().shift_after_page(1), changed),
        (PageTraps::new().shift_after_page(2), changed),
    ] {
        let simulator = trapped(fleet(450), traps.clone()).await;
        let error = unwhole(&client(&simulator), all()).await;
        assert!(
            error.starts_with("the list of devices is not whole: ") && error.contains(why),
            "{traps:?}: {error}"
        );
    }
    let mut upper = entry(0);
    upper["id"] = json!(id(0).as_str().to_uppercase());
    let simulator = scripted(vec![page(json!(2), false, &[entry(0), upper])]).await;
    assert!(unwhole(&client(&simulator), all()).await.contains("came twice"));
}

/// What a device is that a filter does not mean: label, tags, last activity.
fn account() -> Vec<UbidotsDevice> {
    let device = |n: usize, label: &str| UbidotsDevice::new(id(n).as_str(), label);
    vec![
        device(0, "lab-0").tag("old").tag("lab").last_activity(1_000),
        device(1, "lab-1").tag("old").last_activity(2_000),
        device(2, "Lab-2").tag("lab").tag("older"),
        device(3, "lab 3").tag("old").tag("lab").last_activity(3_000),
        device(4, "hall-4"),
    ]
}

/// A filter, the devices that it means, and the parameters that it is asked with.
type Row = (Filter, Vec<usize>, &'static [(&'static str, &'static str)]);

fn filters() -> Vec<Row> {
    let mut table: Vec<Row> = Vec::new();
    let mut add = |set: &dyn Fn(&mut Filter), meant: &[usize], asked| {
        let mut filter = Filter::default();
        set(&mut filter);
        table.push((filter, meant.to_vec(), asked));
    };
    add(
        &|filter| filter.label_prefix = Some("lab-".to_owned()),
        &[0, 1],
        &[("label__startswith", "lab-")],
    );
    add(
        &|filter| filter.label_prefix = Some("lab ".to_owned()),
        &[3],
        &[("label__startswith", "lab+")],
    );
    add(
        &|filter| filter.tags = vec!["old".to_owned()],
        &[0, 1, 3],
        &[("tags__contains", "old")],
    );
    add(
        &|filter| filter.tags = vec!["lab".to_owned(), "old".to_owned()],
        &[0, 3],
        &[("tags__contains", "lab%2Cold")],
    );
    add(
        &|filter| filter.inactive_since = Some("1970-01-01T00:00:02Z".parse().unwrap()),
        &[0],
        &[("lastActivity__lt", "2000")],
    );
    // The service knows milliseconds only, and must not be asked for less than is meant.
    add(
        &|filter| filter.inactive_since = Some("1970-01-01T00:00:02.0000001Z".parse().unwrap()),
        &[0, 1],
        &[("lastActivity__lt", "2001")],
    );
    add(
        &|filter| filter.never_active = true,
        &[2, 4],
        &[("lastActivity__isnull", "true")],
    );
    table
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_is_asked_of_the_service() {
    let simulator = trapped(account(), PageTraps::new()).await;
    for (filter, meant, parameters) in filters() {
        let (devices, listing) = list(&client(&simulator), filter.clone()).await.unwrap();
        assert_eq!(found(&devices), meant, "{filter:?}");
        assert_eq!(
            (listing.listed(), listing.filter_was_ignored()),
            (meant.len() as u64, false),
            "{filter:?}"
        );
        for (name, value) in parameters {
            assert_eq!(
                asked(&simulator, name).last().unwrap().as_deref(),
                Some(*value),
                "{filter:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_the_service_ignores_is_held_against_each_device_and_told() {
    for traps in [
        PageTraps::new().ignore_filters(),
        PageTraps::new().ignore_filters().page_size_max(2),
    ] {
        let simulator = trapped(account(), traps).await;
        for (filter, meant, _) in filters() {
            let (devices, listing) = list(&client(&simulator), filter.clone()).await.unwrap();
            assert_eq!(found(&devices), meant, "{filter:?}");
            assert_eq!(
                (listing.listed(), listing.filter_was_ignored()),
                (5, true),
                "{filter:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_service_was_not_asked_it_has_not_ignored() {
    // It knows no "or", and a comma separates tags.
    let mut either = Filter::default();
    either.never_active = true;
    either.inactive_since = Some("1970-01-01T00:00:02Z".parse().unwrap());
    let mut comma = Filter::default();
    comma.tags = vec!["a,b".to_owned()];
    let mut devices = account();
    devices.push(
        UbidotsDevice::new(id(5).as_str(), "lab-5")
            .tag("a,b")
            .last_activity(9_000),
    );
    for (filter, meant) in [(either, vec![0, 2, 4]), (comma, vec![5])] {
        let simulator = trapped(devices.clone(), PageTraps::new()).await;
        let (devices, listing) = list(&client(&simulator), filter.clone()).await.unwrap();
        assert_eq!(found(&devices), meant, "{filter:?}");
        assert_eq!(
            (listing.listed(), listing.filter_was_ignored()),
            (6, false),
            "{filter:?}"
        );
        // What it was asked beside that, it may still ignore.
        let simulator = trapped(account(), PageTraps::new().ignore_filters()).await;
        let mut more = filter;
        more.label_prefix = Some("lab-".to_owned());
        let (_, listing) = list(&client(&simulator), more.clone()).await.unwrap();
        assert!(listing.filter_was_ignored(), "{more:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_of_which_too_little_is_said_is_an_error_and_no_selection() {
    let filters: Vec<Filter> = filters().into_iter().map(|(filter, ..)| filter).collect();
    let (label, tags, inactive, never) = (&filters[0], &filters[2], &filters[4], &filters[6]);
    for (field, wrong, filter) in [
        ("label", None, label),
        ("label", Some(json!(null)), label),
        ("tags", None, tags),
        ("tags", Some(json!(null)), tags),
        ("lastActivity", None, inactive),
        ("lastActivity", Some(json!("soon")), inactive),
        ("lastActivity", None, never),
        ("lastActivity", Some(json!("1000")), never),
    ] {
        let fine = json!({"id": id(0).as_str(), "label": "lab-0", "tags": ["old"], "lastActivity": 1});
        let mut silent = json!({"id": id(1).as_str(), "label": "lab-1", "tags": ["old"], "lastActivity": 1});
        match wrong {
            None => drop(silent.as_object_mut().unwrap().remove(field)),
            Some(value) => silent[field] = value,
        }
        let first = page(json!(3), true, &[fine.clone(), silent.clone()]);
        let only = page(json!(2), false, &[fine, silent.clone()]);
        for pages in [vec![first, page(json!(3), false, &[entry(2)])], vec![only]] {
            let simulator = scripted(pages).await;
            let error = unwhole(&client(&simulator), filter.clone()).await;
            let expected = format!("the service does not say {field} of the device {}", id(1));
            assert!(error.starts_with(&expected), "{silent}: {error}");
        }
        // Without a filter nothing needs to be said but the id.
        let simulator = scripted(vec![page(json!(1), false, &[silent])]).await;
        assert_eq!(list(&client(&simulator), all()).await.unwrap().0.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_no_list_of_devices_is_an_error() {
    for body in [
        json!({"count": 0}),
        json!({"count": 0, "results": null}),
        json!([entry(0)]),
        json!({"count": 1, "results": [{"label": "lab-0"}]}),
        json!({"count": 1, "results": [{"id": 5}]}),
        json!({"count": 1, "results": [{"id": "lab-0"}]}),
        json!({"count": 1, "results": [{"id": ""}]}),
    ] {
        let simulator = faulty(json!([reads(
            json!("1-"),
            json!({"reply": {"status": 200, "json": body}})
        )]))
        .await;
        unwhole(&client(&simulator), all()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_has_what_the_service_says_of_it() {
    let mut said = entry(0);
    said["lastActivity"] = json!(1_643_775_074_171_i64);
    said["variablesNumber"] = json!(3);
    let simulator = scripted(vec![page(json!(2), false, &[said.clone(), entry(1)])]).await;
    let (devices, _) = list(&client(&simulator), all()).await.unwrap();
    let device = &devices[0];
    assert_eq!(device.id, DeviceId::new(id(0).as_str()).unwrap());
    assert_eq!(
        (device.label.as_deref(), device.name.as_deref()),
        (Some("lab-0"), Some("x"))
    );
    assert_eq!(device.tags.as_deref(), Some(&[][..]));
    let at = "2022-02-02T04:11:14.171Z".parse().unwrap();
    assert_eq!(
        (device.last_activity, devices[1].last_activity),
        (LastActivity::At(at), LastActivity::Never)
    );
    assert_eq!(Value::Object(device.json.clone()), said);
}
