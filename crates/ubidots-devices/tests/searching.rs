//! Which of many devices are still in the account: by the list, by id, or not known.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` values are made for the call")]

mod support;

use fleetpurge_simulator::{PageTraps, Simulator};
use serde_json::{Value, json};
use support::lists::{entry, page};
use support::*;
use ubidots_devices::{Asked, Client, DeviceId, Error, ErrorKind, Presence, Search};

/// Looks for these devices: what was asked, and of each `+` present, `-` gone, `?` not known.
async fn search(client: &Client, numbers: &[usize]) -> Result<(Search, String), Error> {
    let ids: Vec<DeviceId> = numbers.iter().map(|&n| id(n)).collect();
    let search = client.search(&ids, |_| ()).await?;
    let mut found = String::new();
    for id in &ids {
        found.push(match search.find(id).await? {
            Presence::Present => '+',
            Presence::Gone => '-',
            Presence::NotKnown(_) => '?',
            other => panic!("{other:?}"),
        });
    }
    Ok((search, found))
}

fn requests(simulator: &Simulator) -> (u64, usize) {
    let by_id = read(simulator).iter().filter(|uri| !uri.contains('?')).count();
    (simulator.counts().reads, by_id)
}

/// Every device by id is answered so.
fn by_id(reply: Value) -> Value {
    json!({"when": {"endpoint": "reads", "request": "2-"}, "then": {"reply": reply}})
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_and_a_device_by_id_say_the_same() {
    // Eleven further pages of 50 devices: for ten devices the ids are cheaper, for eleven the list.
    let traps = || PageTraps::new().page_size_max(50);
    for (wanted, asked, requests_made) in [(10, Asked::ById, (1 + 10, 10)), (11, Asked::List, (12, 0))] {
        let simulator = trapped(fleet(600), traps()).await;
        // The last in the order of labels, so that none is on the first page: `lab-99`, `lab-98` ...
        let numbers: Vec<usize> = (0..wanted).map(|n| 99 - n).collect();
        for n in [99, 97] {
            simulator.remove_ubidots_device(id(n).as_str());
        }
        let (search, found) = search(&client(&simulator), &numbers).await.unwrap();
        assert_eq!(found, format!("-+-{}", "+".repeat(wanted - 3)), "{wanted}");
        assert_eq!((search.asked(), search.counted()), (&asked, Some(598)));
        assert_eq!(requests(&simulator), requests_made);
        assert_eq!(search.requests(), requests_made.0);
        assert_eq!(simulator.requests().len(), 0, "a deletion was sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_in_the_list_is_there_whatever_a_404_by_id_says() {
    for (devices, numbers) in [(3, &[0, 2, 7][..]), (450, &[0, 449, 900])] {
        for reply in [
            json!({"status": 404, "json": {"detail": "Not found."}}),
            json!({"status": 404, "html": "<h1>Not Found</h1>"}),
        ] {
            let rule = json!([{"when": {"endpoint": "reads", "request": "9-"}, "then": {"reply": reply}}]);
            let simulator = trapped(fleet(devices), PageTraps::new()).await;
            simulator.set_faults(script(rule));
            let (_, found) = search(&client(&simulator), numbers).await.unwrap();
            assert_eq!(found, "++-");
        }
    }
    // Also where the ids are asked for, and the first page shows one of them.
    let simulator = trapped(fleet(600), PageTraps::new().page_size_max(50)).await;
    simulator.set_faults(script(json!([by_id(
        json!({"status": 404, "json": {"detail": "Not found."}})
    )])));
    let (search, found) = search(&client(&simulator), &[0, 99]).await.unwrap();
    assert_eq!((search.asked(), &*found), (&Asked::ById, "+-"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_404_in_other_words_than_the_services_own_proves_nothing() {
    for reply in [
        json!({"status": 404}),
        json!({"status": 404, "html": "<h1>404 Not Found</h1><hr>nginx"}),
        json!({"status": 404, "text": "Not found."}),
        json!({"status": 404, "json": {}}),
        json!({"status": 404, "json": []}),
        json!({"status": 404, "json": {"message": "no Route matched with those values"}}),
        json!({"status": 404, "json": {"detail": "Not Found"}}),
        json!({"status": 200, "html": "<h1>Welcome</h1>"}),
        json!({"status": 200, "json": {"id": id(1).as_str()}}),
    ] {
        let simulator = trapped(fleet(600), PageTraps::new().page_size_max(50)).await;
        simulator.set_faults(script(json!([by_id(reply.clone())])));
        let (_, found) = search(&client(&simulator), &[99, 98]).await.unwrap();
        assert_eq!(found, "??", "{reply}");
        let error = client(&simulator).device(&id(99).into()).await.unwrap_err();
        assert_sure(&error, ErrorKind::AmbiguousReply, &reply.to_string());
    }
    // A refusal is none of one device.
    for (reply, kind) in [
        (json!({"status": 403}), ErrorKind::Refused),
        (json!({"status": 410}), ErrorKind::Refused),
        (json!({"status": 302, "headers": {"Location": "/"}}), ErrorKind::Refused),
    ] {
        let simulator = trapped(fleet(600), PageTraps::new().page_size_max(50)).await;
        simulator.set_faults(script(json!([by_id(reply)])));
        assert_eq!(search(&client(&simulator), &[99]).await.unwrap_err().kind(), kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_not_whole_proves_what_is_there_and_the_rest_is_asked_for_by_id() {
    for traps in [
        PageTraps::new().count_off_by(1),
        PageTraps::new().count_off_by(-1),
        PageTraps::new().count_off_by(1).empty_beyond_end(),
        PageTraps::new().device_on_two_pages(),
    ] {
        let simulator = trapped(fleet(450), traps.clone()).await;
        simulator.remove_ubidots_device(id(7).as_str());
        let numbers: Vec<usize> = (0..450).collect();
        let (search, found) = search(&client(&simulator), &numbers).await.unwrap();
        let expected: String = numbers.iter().map(|&n| if n == 7 { '-' } else { '+' }).collect();
        assert_eq!(found, expected, "{traps:?}");
        assert!(
            matches!(search.asked(), Asked::ListAndById { .. }),
            "{:?}",
            search.asked()
        );
        let (reads, by_id) = requests(&simulator);
        assert_eq!(search.requests(), reads);
        assert!((1..=51).contains(&by_id), "{traps:?}: {by_id} by id");
    }
    // An account that changed once is listed once more.
    for page in [1, 2] {
        let simulator = trapped(fleet(450), PageTraps::new().shift_after_page(page)).await;
        let (search, found) = search(&client(&simulator), &[1, 449, 451]).await.unwrap();
        assert_eq!((search.asked(), &*found), (&Asked::List, "++-"), "after page {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_a_count_or_with_a_foreign_404_is_not_whole() {
    // No count: the list ends where `next` does, and that proves nothing of what it lacks.
    let uncounted = page(json!(null), false, &[entry(0)]);
    // A proxy answers for the second page.
    let first = |count| page(count, true, &[entry(0)]);
    let html = json!({"reply": {"status": 404, "html": "<h1>Not Found</h1>"}});
    for rules in [
        json!([reads(json!(1), uncounted)]),
        json!([
            reads(json!([1, 3]), first(json!(3))),
            reads(json!([2, 4]), html.clone())
        ]),
    ] {
        let simulator = trapped(fleet(3), PageTraps::new()).await;
        simulator.set_faults(script(rules));
        let (_, found) = search(&client(&simulator), &[0, 1, 9]).await.unwrap();
        assert_eq!(found, "++-");
    }
    // It is no list for anybody else either.
    let simulator = faulty(json!([reads(json!(1), first(json!(null))), reads(json!("2-"), html)])).await;
    let mut listing = client(&simulator).devices(ubidots_devices::Filter::all());
    listing.next_page().await.unwrap().unwrap();
    assert_sure(
        &listing.next_page().await.unwrap_err(),
        ErrorKind::AmbiguousReply,
        "a list",
    );
    assert!(listing.next_page().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_api_says_nothing_of_any_device() {
    for reply in [
        json!({"status": 404, "json": {"detail": "Not found."}}),
        json!({"status": 404}),
        json!({"status": 200, "html": "<h1>Welcome</h1>"}),
        json!({"status": 200, "json": {"count": 0}}),
        json!({"status": 403}),
    ] {
        let simulator = faulty(json!([reads(json!("1-"), json!({"reply": reply}))])).await;
        assert!(search(&client(&simulator), &[0]).await.is_err(), "{reply}");
        assert_eq!(simulator.counts().reads, 1, "{reply}");
    }
}
