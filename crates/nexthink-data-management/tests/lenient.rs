//! One odd value in a reply makes only its own device unknown.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` values are made for the call")]

mod support;

use std::io::Write as _;

use base64::Engine as _;
use nexthink_data_management::AnomalyKind::{
    self, DisagreeingEntries, ForeignEntry, MissingEntry, OddValue, OtherOverallStatus, RepeatedKey, UnheardOfStatus,
    UnreadableEntry, WrongCount,
};
use nexthink_data_management::{Applied, ErrorKind};
use serde_json::{Value, json};
use support::*;

const FINE: &str = "0..3 scheduled";
const FIRST_OPEN: &str = "0..1 unknown, 1..3 scheduled";

/// The entry of a device, as the service writes it.
fn entry(n: usize) -> String {
    let device = device(n);
    format!(
        r#"{{"uid":"{}","name":"{}","status":"SCHEDULED"}}"#,
        device.uid, device.name
    )
}

/// A 202 for three devices, with this count and these texts instead of the first entry.
fn reply(count: &str, first: &str) -> String {
    format!(
        r#"{{"status":"ACCEPTED","scheduledCount":{count},"devices":[{first},{},{}]}}"#,
        entry(1),
        entry(2)
    )
}

/// A rule that answers with these bytes.
fn answer(status: u16, headers: Value, body: &[u8]) -> Value {
    let body = base64::prelude::BASE64_STANDARD.encode(body);
    json!([{"then": {"applied": true, "reply": {"status": status, "headers": headers, "base64": body}}}])
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_read_of_a_202_stands_and_what_cannot_is_unknown_for_its_device_alone() {
    let (a, b, uid) = (entry(0), entry(1), device(0).uid);
    let (b_uid, c_uid) = (device(1).uid, device(2).uid);
    let with = |fields: &str| reply("2", &format!("{{{fields}}}"));
    let uid_and = |fields: &str| with(&format!(r#""uid":"{uid}",{fields}"#));
    let deep = format!("{}1{}", "[".repeat(3_000), "]".repeat(3_000));
    let twice = |first: &[&str], second: &[&str]| {
        format!(
            r#"{{"status":"ACCEPTED","scheduledCount":3,"devices":[{}],"devices":[{}]}}"#,
            first.join(","),
            second.join(",")
        )
    };
    let all = [entry(0), entry(1), entry(2)];
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let failed = a.replace("SCHEDULED", "FAILED");
    let table: Vec<(String, &str, &[AnomalyKind])> = vec![
        // The count beside the entries.
        (reply("\"3\"", &a), FINE, &[OddValue]),
        (reply("3.0", &a), FINE, &[OddValue]),
        (reply("3e0", &a), FINE, &[OddValue]),
        (reply("300e-2", &a), FINE, &[OddValue]),
        (reply("\" 3\"", &a), FINE, &[WrongCount]),
        (reply("3.5", &a), FINE, &[WrongCount]),
        (reply("9999999999", &a), FINE, &[WrongCount]),
        (reply("999999999999999999999999999", &a), FINE, &[WrongCount]),
        (reply("1e999", &a), FINE, &[WrongCount]),
        (reply("-3", &a), FINE, &[WrongCount]),
        (reply("-0", &a), FINE, &[WrongCount]),
        (reply("null", &a), FINE, &[WrongCount]),
        (reply("true", &a), FINE, &[WrongCount]),
        (reply("{\"n\":3}", &a), FINE, &[WrongCount]),
        (reply("[3]", &a), FINE, &[WrongCount]),
        (reply("3,\"scheduledCount\":3", &a), FINE, &[RepeatedKey]),
        (reply("3,\"scheduledCount\":4", &a), FINE, &[RepeatedKey]),
        (
            reply("3,\"status\":\"PARTIAL\"", &a),
            FINE,
            &[RepeatedKey, OtherOverallStatus],
        ),
        (
            reply("3,\"status\":7", &a).replacen("\"ACCEPTED\"", "7", 1),
            FINE,
            &[RepeatedKey, OtherOverallStatus],
        ),
        // An entry that is none.
        (reply("2", "null"), FIRST_OPEN, &[UnreadableEntry, MissingEntry]),
        (reply("2", "7"), FIRST_OPEN, &[UnreadableEntry, MissingEntry]),
        (
            reply("2", &format!("\"{uid}\"")),
            FIRST_OPEN,
            &[UnreadableEntry, MissingEntry],
        ),
        (
            reply("2", &format!("[{a}]")),
            FIRST_OPEN,
            &[UnreadableEntry, MissingEntry],
        ),
        (reply("2", &deep), FIRST_OPEN, &[UnreadableEntry, MissingEntry]),
        // A typed decoder takes an array for an object, field by field in an order of its own.
        (
            reply("3", &format!(r#"["PC-0","SCHEDULED","{uid}"]"#)),
            FIRST_OPEN,
            &[UnreadableEntry, MissingEntry],
        ),
        (reply("2", "[]"), FIRST_OPEN, &[UnreadableEntry, MissingEntry]),
        (
            reply("2", "[null,null,null]"),
            FIRST_OPEN,
            &[UnreadableEntry, MissingEntry],
        ),
        // A field of an entry.
        (
            with(r#""uid":5,"name":"PC-0","status":"SCHEDULED""#),
            FIRST_OPEN,
            &[UnreadableEntry, MissingEntry],
        ),
        (
            with(&format!(r#""uid":["{uid}"],"name":"PC-0","status":"SCHEDULED""#)),
            FIRST_OPEN,
            &[UnreadableEntry, MissingEntry],
        ),
        (
            with(r#""uid":null,"name":"PC-0","status":"SCHEDULED""#),
            FIRST_OPEN,
            &[ForeignEntry, MissingEntry, WrongCount],
        ),
        (
            uid_and(r#""name":5,"status":"SCHEDULED""#),
            FIRST_OPEN,
            &[UnreadableEntry],
        ),
        (
            uid_and(r#""name":{"text":"PC-0"},"status":"SCHEDULED""#),
            FIRST_OPEN,
            &[UnreadableEntry],
        ),
        (
            uid_and(r#""name":null,"status":"SCHEDULED""#).replace(":2,", ":3,"),
            FINE,
            &[],
        ),
        (
            uid_and(r#""name":"PC-0\ud800","status":"SCHEDULED""#),
            FIRST_OPEN,
            &[UnreadableEntry],
        ),
        (uid_and(r#""name":"PC-0","status":1"#), FIRST_OPEN, &[UnheardOfStatus]),
        (
            uid_and(r#""name":"PC-0","status":true"#),
            FIRST_OPEN,
            &[UnheardOfStatus],
        ),
        (
            uid_and(r#""name":"PC-0","status":["SCHEDULED"]"#),
            FIRST_OPEN,
            &[UnheardOfStatus],
        ),
        (
            uid_and(r#""name":"PC-0","status":null"#),
            FIRST_OPEN,
            &[UnheardOfStatus],
        ),
        // A key that is repeated within an entry.
        (
            a.replace('}', r#","status":"SCHEDULED"}"#)
                .pipe(|first| reply("3", &first)),
            FINE,
            &[RepeatedKey],
        ),
        (
            a.replace('}', r#","status":"\u0053CHEDULED"}"#)
                .pipe(|first| reply("3", &first)),
            FINE,
            &[RepeatedKey],
        ),
        (
            a.replace('}', r#","status":"FAILED"}"#)
                .pipe(|first| reply("2", &first)),
            FIRST_OPEN,
            &[UnreadableEntry],
        ),
        (
            a.replace('}', r#","status":null}"#).pipe(|first| reply("2", &first)),
            FIRST_OPEN,
            &[UnreadableEntry],
        ),
        (
            a.replace('}', r#","name":"PC-9"}"#).pipe(|first| reply("2", &first)),
            FIRST_OPEN,
            &[UnreadableEntry],
        ),
        // Either of the two may be meant.
        (
            a.replace('}', &format!(r#","uid":"{c_uid}"}}"#))
                .pipe(|first| reply("1", &first)),
            "0..1 unknown, 1..2 scheduled, 2..3 unknown",
            &[UnreadableEntry],
        ),
        (
            a.replace('}', r#","x":1,"x":2}"#).pipe(|first| reply("3", &first)),
            FINE,
            &[],
        ),
        // The list twice: what either of them does not say is not claimed.
        (twice(&all, &all), FINE, &[RepeatedKey]),
        (twice(&all, &all[1..]), FIRST_OPEN, &[RepeatedKey, DisagreeingEntries]),
        (
            twice(&[&failed, all[1], all[2]], &all),
            FIRST_OPEN,
            &[RepeatedKey, DisagreeingEntries],
        ),
        // What it says of each device is kept, also where it schedules none.
        (
            reply("\"0\"", &a).replace("SCHEDULED", "QUEUED"),
            "0..3 unknown",
            &[UnheardOfStatus, UnheardOfStatus, UnheardOfStatus, OddValue],
        ),
        (
            reply("0", &a).replace("SCHEDULED", "QUEUED"),
            "0..3 unknown",
            &[UnheardOfStatus, UnheardOfStatus, UnheardOfStatus],
        ),
        // What does not matter.
        (
            reply(&format!("3,\"huge\":1e99999,\"deep\":{deep},\"lone\":\"\\udc00\""), &a),
            FINE,
            &[],
        ),
        (format!("\u{feff}{}", reply("3", &a)), FINE, &[]),
        (format!("\u{feff}\u{feff} \r\n{}", reply("3", &a)), FINE, &[]),
        (format!("{}\n \t", reply("3", &a)), FINE, &[]),
        // A name is no uid, and a position is none.
        (
            with(&format!(r#""uid":"{b_uid}","name":"PC-1","status":"SCHEDULED""#)).replace(&format!(",{b}"), ""),
            FIRST_OPEN,
            &[MissingEntry],
        ),
    ];
    for (body, expected, anomalies) in table {
        let shown: String = body.chars().take(400).collect();
        let simulator = faulty(answer(202, json!({}), body.as_bytes())).await;
        let three = devices(3);
        let receipt = client(&simulator).delete_devices(&three).await;
        let receipt = receipt.unwrap_or_else(|error| panic!("{error}: {shown}"));
        let kinds = receipt.outcomes().iter().map(|of| of.kind.as_str());
        assert_eq!(stretches(kinds), expected, "{shown}");
        let mut found: Vec<_> = receipt.anomalies().iter().map(|anomaly| anomaly.kind).collect();
        found.retain(|kind| anomalies.contains(kind) || *kind != WrongCount);
        assert_eq!(found, anomalies, "{shown}: {:?}", receipt.anomalies());
        let report = run(&client(&simulator), 3).await;
        assert_eq!(outcomes(&report), expected, "{shown}");
        assert_eq!(simulator.requests().len(), 2, "{shown}");
    }
}

trait Pipe: Sized {
    fn pipe<T>(self, next: impl FnOnce(Self) -> T) -> T {
        next(self)
    }
}

impl Pipe for String {}

#[tokio::test(flavor = "multi_thread")]
async fn a_202_of_which_99_of_100_entries_are_clear_schedules_99() {
    let hundred: Vec<String> = (0..100).map(entry).collect();
    for odd in ["null", "[]", r#"{"uid":7}"#] {
        let mut entries = hundred.clone();
        entries[41] = odd.to_owned();
        let body = format!(
            r#"{{"status":"ACCEPTED","scheduledCount":99,"devices":[{}]}}"#,
            entries.join(",")
        );
        let simulator = faulty(answer(202, json!({}), body.as_bytes())).await;
        let report = run(&client(&simulator), 100).await;
        assert_eq!(
            outcomes(&report),
            "0..41 scheduled, 41..42 unknown, 42..100 scheduled",
            "{odd}"
        );
        assert_eq!(named(&simulator), "0..100");
    }
}

/// Bytes that are not UTF-8 cost the device whose name they are in.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_utf_8_costs_its_own_device_alone() {
    let mut body = reply("2", &entry(0).replace("PC-0", "PC-@")).into_bytes();
    let at = body.iter().position(|byte| *byte == b'@').unwrap();
    body[at] = 0xff;
    let simulator = faulty(answer(202, json!({}), &body)).await;
    let three = devices(3);
    let receipt = client(&simulator).delete_devices(&three).await.unwrap();
    assert_eq!(
        stretches(receipt.outcomes().iter().map(|of| of.kind.as_str())),
        FIRST_OPEN
    );
    assert!(
        receipt
            .anomalies()
            .iter()
            .any(|anomaly| anomaly.kind == UnreadableEntry)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_202_in_another_encoding_is_read_where_it_is_known_and_left_open_where_not() {
    let text = reply("3", &entry(0));
    let plain = text.as_bytes();
    let bomed = format!("\u{feff}{text}");
    let read: Vec<(Value, Vec<u8>)> = vec![
        (json!({"content-encoding": "gzip"}), gzip(plain)),
        (json!({"content-encoding": "GZip"}), gzip(plain)),
        (json!({"content-encoding": "x-gzip"}), gzip(plain)),
        (json!({"content-encoding": "identity, gzip"}), gzip(plain)),
        (json!({"content-encoding": "gzip, gzip"}), gzip(&gzip(plain))),
        (json!({}), gzip(plain)),
        (json!({"content-encoding": "gzip"}), gzip(bomed.as_bytes())),
        (json!({"content-encoding": "gzip"}), plain.to_vec()),
        (json!({"content-encoding": "identity"}), plain.to_vec()),
        (json!({"content-type": "text/html"}), plain.to_vec()),
        (json!({"content-type": []}), plain.to_vec()),
        (
            json!({"content-type": "application/json; charset=utf-16"}),
            utf16(&bomed, u16::to_le_bytes),
        ),
        (json!({}), utf16(&bomed, u16::to_be_bytes)),
        (json!({}), utf16(&text, u16::to_le_bytes)),
    ];
    for (headers, body) in read {
        let simulator = faulty(answer(202, headers.clone(), &body)).await;
        let report = run(&client(&simulator), 3).await;
        assert_eq!(outcomes(&report), FINE, "{headers}: {:?}", report.devices[0].outcome);
    }
    let cut = gzip(plain);
    let open: Vec<(Value, Vec<u8>, &str)> = vec![
        (
            json!({"content-encoding": "br"}),
            vec![0x0b, 0x80, 0xff, 0x00],
            "Content-Encoding \"br\"",
        ),
        (
            json!({"content-encoding": "zstd"}),
            vec![0x28, 0xb5, 0x2f, 0xfd],
            "Content-Encoding \"zstd\"",
        ),
        (
            json!({"content-encoding": "deflate"}),
            vec![0x78, 0x9c, 0x01],
            "Content-Encoding \"deflate\"",
        ),
        (
            json!({"content-encoding": "gzip"}),
            cut[..cut.len() - 9].to_vec(),
            "gzip",
        ),
        (json!({}), format!("{text}{text}").into_bytes(), "not JSON"),
        (json!({}), format!("{text},").into_bytes(), "not JSON"),
        (json!({}), text.replace("}]", "},]").into_bytes(), "not JSON"),
        (json!({}), text.replace(":3,", ":NaN,").into_bytes(), "not JSON"),
        (json!({}), format!("[{text}]").into_bytes(), "is not a JSON object"),
        (
            json!({}),
            text.replace("\"devices\":[", "\"devices\":null,\"x\":[").into_bytes(),
            "devices",
        ),
        (
            json!({}),
            format!(r#"{{"devices":{{"{}":{}}}}}"#, device(0).uid, entry(0)).into_bytes(),
            "devices",
        ),
    ];
    for (headers, body, words) in open {
        let simulator = faulty(answer(202, headers.clone(), &body)).await;
        let three = devices(3);
        let error = client(&simulator).delete_devices(&three).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.applied()),
            (ErrorKind::AmbiguousReply, Applied::Maybe),
            "{headers}"
        );
        assert!(error.to_string().contains(words), "{words}: {error}");
        assert!(error.body_head().is_some(), "{words}");
        assert_eq!(simulator.requests().len(), 1, "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_a_reply_holds_for_its_decoded_size() {
    let bomb = gzip(format!("{}{}", reply("3", &entry(0)), " ".repeat(9 << 20)).as_bytes());
    assert!(bomb.len() < 1024 * 1024, "{}", bomb.len());
    let simulator = faulty(answer(202, json!({"content-encoding": "gzip"}), &bomb)).await;
    let three = devices(3);
    let error = client(&simulator).delete_devices(&three).await.unwrap_err();
    assert_eq!(error.applied(), Applied::Maybe);
    assert!(error.to_string().contains("longer than the limit"), "{error}");
}

/// Whether a batch is halved, taken apart or given up hangs on the code of the reply.
#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_a_refusal_is_read_as_leniently() {
    use ErrorKind::{BatchTooLarge, InvalidRequest, Refused};
    let too_many = br#"{"code":"BATCH_SIZE_EXCEEDED","message":"m"}"#;
    let invalid = br#"{"code":"INVALID_REQUEST","message":"m"}"#;
    let bom = |body: &[u8]| [b"\xef\xbb\xbf", body].concat();
    let table: Vec<(Value, Vec<u8>, ErrorKind)> = vec![
        (json!({}), bom(too_many), BatchTooLarge),
        (json!({}), bom(invalid), InvalidRequest),
        (json!({"content-encoding": "gzip"}), gzip(too_many), BatchTooLarge),
        (json!({"content-encoding": "gzip"}), gzip(invalid), InvalidRequest),
        (
            json!({}),
            br#"{"message":"caf\ud800","code":"INVALID_REQUEST","message":5}"#.to_vec(),
            InvalidRequest,
        ),
        (
            json!({}),
            b"{\"message\":\"\xff\",\"code\":\"INVALID_REQUEST\"}".to_vec(),
            InvalidRequest,
        ),
        (
            json!({}),
            br#"{"code":"INVALID_REQUEST","code":"INVALID_REQUEST"}"#.to_vec(),
            InvalidRequest,
        ),
        (
            json!({}),
            br#"{"code":"INVALID_REQUEST","code":"EMPTY_TENANT"}"#.to_vec(),
            Refused,
        ),
        (json!({}), br#"{"code":400}"#.to_vec(), Refused),
        (json!({}), br#"{"code":["INVALID_REQUEST"]}"#.to_vec(), Refused),
    ];
    for (headers, body, kind) in table {
        let simulator = faulty(answer(400, headers, &body)).await;
        let three = devices(3);
        let error = client(&simulator).delete_devices(&three).await.unwrap_err();
        let said = String::from_utf8_lossy(&body).into_owned();
        assert_eq!((error.kind(), error.applied()), (kind, Applied::No), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_read_whatever_is_odd_beside_it() {
    let issued = |rest: &str| format!(r#"{{"access_token":"{TOKEN}"{rest}}}"#).into_bytes();
    let bodies = [
        issued(r#","expires_in":"900""#),
        issued(r#","expires_in":" 900 ""#),
        issued(r#","expires_in":900.0"#),
        issued(r#","expires_in":9e2"#),
        issued(""),
        issued(r#","expires_in":null"#),
        issued(r#","expires_in":-5"#),
        issued(r#","expires_in":0"#),
        issued(r#","expires_in":1e999"#),
        issued(r#","expires_in":"soon""#),
        issued(r#","expires_in":{"seconds":900}"#),
        issued(r#","expires_in":900,"expires_in":900"#),
        issued(r#","token_type":"BEARER","scope":["a"],"x":null"#),
        issued(r#","token_type":null"#),
        issued(&format!(r#","access_token":"{TOKEN}""#)),
        [b"\xef\xbb\xbf".as_slice(), &issued("")].concat(),
        gzip(&issued("")),
    ];
    for body in bodies {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let mut rules = answer(200, json!({}), &body);
        rules[0]["when"] = json!({"endpoint": "token"});
        rules[0]["then"].as_object_mut().unwrap().remove("applied");
        let simulator = faulty(rules).await;
        let client = with_login(&simulator)
            .batch_limit(1.try_into().unwrap())
            .build()
            .unwrap();
        let report = run(&client, 3).await;
        assert_eq!(outcomes(&report), FINE, "{shown}: {:?}", report.stopped);
        assert_eq!(simulator.token_requests().len(), 1, "{shown}");
    }
    for body in [
        issued(r#","access_token":"another""#),
        issued(r#","token_type":5"#),
        br#"{"access_token":["x"]}"#.to_vec(),
    ] {
        let mut rules = answer(200, json!({}), &body);
        rules[0]["when"] = json!({"endpoint": "token"});
        rules[0]["then"].as_object_mut().unwrap().remove("applied");
        let simulator = faulty(rules).await;
        let error = with_login(&simulator)
            .build()
            .unwrap()
            .authenticate()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LoginRefused);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_202_that_names_no_device_in_an_object_claims_nothing() {
    let rows: Vec<String> = devices(2)
        .iter()
        .map(|device| format!(r#"["{}","SCHEDULED","{}"]"#, device.name, device.uid))
        .collect();
    let rows = rows.join(",");
    let one = |list: &str| format!(r#""devices":[{list}]"#);
    let objects = format!("{},{}", entry(0), entry(1));
    let [first, second, third] = ["QUEUED", "HELD", "LOST"].map(|word| one(&objects.replace("SCHEDULED", word)));
    for (body, words) in [
        (
            format!(r#"{{"status":"ACCEPTED","scheduledCount":2,{}}}"#, one(&rows)),
            "is an array",
        ),
        (
            format!(r#"[[{rows}],2,"ACCEPTED"]"#),
            "is not a JSON object but an array",
        ),
        (
            format!(r#"[[{objects}],2,"ACCEPTED"]"#),
            "is not a JSON object but an array",
        ),
        ("[[]]".to_owned(), "is not a JSON object but an array"),
        (
            format!(r#"{{"status":"ACCEPTED",{first},{second},{third}}}"#),
            "repeats its list \"devices\" 3 times with other values",
        ),
    ] {
        let simulator = faulty(answer(202, json!({}), body.as_bytes())).await;
        let error = client(&simulator).delete_devices(&devices(2)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.applied()),
            (ErrorKind::AmbiguousReply, Applied::Maybe),
            "{body}"
        );
        assert!(error.to_string().contains(words), "{body}: {error}");
        let report = run(&client(&simulator), 2).await;
        assert_eq!(outcomes(&report), "0..2 unknown", "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_odd_about_a_reply_is_told_within_bounds() {
    let long = |c: char| c.to_string().repeat(250);
    let foreign = |n: usize| format!(r#"{{"uid":"{}{n}"}}"#, long('f'));
    let many: Vec<String> = (0..1_500).map(foreign).chain([entry(1), entry(2)]).collect();
    let first = entry(0).replace("PC-0", &long('n'));
    let second = entry(1).replace("SCHEDULED", &long('s'));
    let typed = format!(
        r#"{{"status":"{}","scheduledCount":1,"devices":[{first},{second},{}]}}"#,
        long('w'),
        many.join(",")
    );
    // The same, read field by field.
    let lenient = typed.replacen(":1,", ":\"1\",", 1);
    let junk = format!(
        r#"{{"status":"ACCEPTED","scheduledCount":1,"devices":[{}{}]}}"#,
        "7,".repeat(1_500),
        entry(2)
    );
    let words: Vec<String> = (0..1_500)
        .map(|n| entry(0).replace("SCHEDULED", &format!("WORD-{n}")))
        .collect();
    let body = format!(
        r#"{{"status":"ACCEPTED","scheduledCount":2,"devices":[{},{},{}]}}"#,
        words.join(","),
        entry(1),
        entry(2)
    );
    let simulator = faulty(answer(202, json!({}), body.as_bytes())).await;
    let receipt = client(&simulator).delete_devices(&devices(3)).await.unwrap();
    let detail = receipt.outcomes()[0].detail.as_deref().unwrap();
    assert!(detail.ends_with("WORD-8, WORD-9, and 1490 more"), "{detail}");
    for (body, devices_named) in [(typed, true), (lenient, true), (junk, false)] {
        let simulator = faulty(answer(202, json!({}), body.as_bytes())).await;
        let receipt = client(&simulator).delete_devices(&devices(3)).await.unwrap();
        assert_eq!(receipt.anomalies().len(), 1_001);
        let last = &receipt.anomalies()[1_000].detail;
        assert!(last.starts_with("and ") && last.ends_with(" more"), "{last}");
        let details = receipt.outcomes().iter().map(|of| of.detail.as_deref());
        let odd = receipt.anomalies().iter().map(|of| Some(of.detail.as_str()));
        for detail in details.chain(odd).flatten() {
            for c in ['f', 'n', 's', 'w'] {
                assert!(!detail.contains(&c.to_string().repeat(201)), "{detail}");
            }
        }
        if devices_named {
            let kinds = receipt.outcomes().iter().map(|of| of.kind.as_str());
            assert_eq!(stretches(kinds), "0..2 unknown, 2..3 scheduled");
            assert!(
                receipt.outcomes()[0]
                    .detail
                    .as_deref()
                    .unwrap()
                    .contains(&"n".repeat(200))
            );
        }
    }
}
