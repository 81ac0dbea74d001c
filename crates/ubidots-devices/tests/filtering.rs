//! Lists with a filter: sent to the service, and checked for every returned device.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use fleetpurge_simulator::{PageTraps, UbidotsDevice};
use serde_json::json;
use support::lists::*;
use support::*;
use ubidots_devices::{ErrorKind, Filter};

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
async fn a_filter_that_cannot_be_meant_is_refused_and_nothing_is_asked_for() {
    let simulator = trapped(account(), PageTraps::new()).await;
    let client = client(&simulator);
    let future = jiff::Timestamp::now() + std::time::Duration::from_secs(86_400);
    let wrong: [&dyn Fn(&mut Filter); 8] = [
        &|_| {},
        &|filter| filter.label_prefix = Some(String::new()),
        &|filter| filter.label_prefix = Some(" ".to_owned()),
        &|filter| filter.label_prefix = Some("~lab-".to_owned()),
        &|filter| filter.tags = vec!["old".to_owned(), String::new()],
        &|filter| filter.tags = vec!["old\0".to_owned()],
        &|filter| filter.inactive_since = Some(future),
        &|filter| filter.inactive_since = Some(jiff::Timestamp::UNIX_EPOCH),
    ];
    for set in wrong {
        let mut filter = Filter::default();
        set(&mut filter);
        let mut listing = client.devices(filter.clone());
        let error = listing.next_page().await.unwrap_err();
        assert_sure(&error, ErrorKind::InvalidInput, &format!("{filter:?}"));
        // Whoever asks on comes to no end of a list.
        assert!(listing.next_page().await.is_err(), "{filter:?}");
    }
    let mut both = Filter::all();
    both.never_active = true;
    assert!(client.devices(both).next_page().await.is_err());
    assert_eq!(simulator.counts().connections, 0);
}
