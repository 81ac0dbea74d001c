//! What is read from a list of Ubidots devices, and what is refused.
#![allow(clippy::unwrap_used, reason = "in a helper, too, it is the message")]

use std::io::Cursor;

use fleetpurge_export::{Error, ErrorKind, Headers, ReadOptions, Rows};

const ID: &str = "5f1d7f4e4763e75a1b2c3d4e";

fn rows(text: &str) -> Result<Rows, Error> {
    ReadOptions::new()
        .headers(Headers::Ubidots)
        .read("devices.csv", Cursor::new(text.to_owned().into_bytes()))
}

fn read(text: &str) -> Vec<(String, String)> {
    rows(text)
        .unwrap()
        .map(|row| row.map(|row| (row.uid, row.name)).unwrap())
        .collect()
}

#[test]
fn ids_and_labels_are_read_character_for_character() {
    let id = ID.to_owned();
    let shouted = ID.to_uppercase();
    for (what, text, expected) in [
        ("both", format!("id,label\n{ID},pump\n"), vec![(id.as_str(), "pump")]),
        (
            "ids alone",
            format!("id\n{ID}\n{shouted}\n"),
            vec![(&id, ""), (&shouted, "")],
        ),
        (
            "labels alone",
            "label\npump\n Pump \n".to_owned(),
            vec![("", "pump"), ("", " Pump ")],
        ),
        (
            "a display name is no label",
            format!("name;id\nHall 3;{ID}\n"),
            vec![(&id, "")],
        ),
        (
            "keys as the API takes them",
            format!("key\n~pump\n{ID}\n"),
            vec![("~pump", ""), (&id, "")],
        ),
        (
            "an object in quotes",
            format!("id,label\n\"{{\"\"id\"\": \"\"{ID}\"\"}}\",pump\n"),
            vec![(&format!("{{\"id\": \"{ID}\"}}"), "pump")],
        ),
        (
            "an object of two in a list of one column",
            format!("id\n\"{{\"\"id\"\":\"\"{ID}\"\",\"\"x\"\":1}}\"\n"),
            vec![(&format!("{{\"id\":\"{ID}\",\"x\":1}}"), "")],
        ),
        (
            "blank cells",
            "id,label\n,\n,pump\n".to_owned(),
            vec![("", ""), ("", "pump")],
        ),
    ] {
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(id, label)| (id.to_owned(), label.to_owned()))
            .collect();
        assert_eq!(read(&text), expected, "{what}");
    }
}

#[test]
fn the_columns_in_use_are_reported_and_one_may_be_absent() {
    for (text, columns) in [
        ("Device ID,name,API label\n", (Some("Device ID"), Some("API label"))),
        ("device_key\n", (Some("device_key"), None)),
        ("name\tdevice.label\n", (None, Some("device.label"))),
    ] {
        let rows = rows(text).unwrap();
        assert_eq!((rows.uid_column(), rows.name_column()), columns);
    }
    let options = ReadOptions::new()
        .headers(Headers::Ubidots)
        .uid_column("serial")
        .name_column("name");
    let mut rows = options.read("devices.csv", &b"serial,id,name\na,b,c\n"[..]).unwrap();
    let row = rows.next().unwrap().unwrap();
    assert_eq!((row.uid.as_str(), row.name.as_str()), ("a", "c"));
}

#[test]
fn a_header_that_leaves_a_doubt_is_refused_with_the_way_out() {
    #[rustfmt::skip]
    let table = [
        ("name,os\n", ErrorKind::MissingColumn,
         "devices.csv, line 1: the header has no column `id` or `label`; its columns are `name`, `os`",
         "`name` is what people call a device, and several may share it; export the ids or labels too, or name their column with --uid-column or --name-column"),
        ("5f1d7f4e4763e75a1b2c3d4e,a\n", ErrorKind::MissingColumn,
         "devices.csv, line 1: the header has no column `id` or `label`; its columns are `5f1d7f4e4763e75a1b2c3d4e`, `a`",
         "name the column of the ids with --uid-column or that of the labels with --name-column, or add a header row that has one"),
        ("id,key,label\n", ErrorKind::AmbiguousColumn,
         "devices.csv, line 1, column `id`: more than one column could be the id: `id`, `key`",
         "name it with --uid-column, e.g. --uid-column 'id'"),
        ("label,api_label\n", ErrorKind::AmbiguousColumn,
         "devices.csv, line 1, column `label`: more than one column could be the label: `label`, `api_label`",
         "name it with --name-column, e.g. --name-column 'label'"),
        ("", ErrorKind::Empty, "devices.csv: the file is empty",
         "export the list again: its first line names the columns, `id` or `label` among them"),
    ];
    for (text, kind, message, advice) in table {
        let error = rows(text).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
        assert_eq!(error.advice(), advice);
    }
}
