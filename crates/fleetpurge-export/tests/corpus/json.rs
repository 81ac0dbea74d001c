//! JSON.

use crate::cases::{check, nexthink, reads, refuses, text, ubidots, utf16};

#[test]
fn json_is_read_with_its_keys_as_columns() {
    let both = text(r#"{"uid":"<U1>","name":"PC-1"},{"uid":"<U2>","name":"PC-2"}"#);
    let lines = both.replace("},{", "}\n{");
    let numbered = [(1, "<U1>", "PC-1"), (2, "<U2>", "PC-2")];
    check(&[
        reads("NDJSON", nexthink(), &lines, &numbered),
        reads(
            "NDJSON with a blank line",
            nexthink(),
            lines.replace('\n', "\n\n"),
            &[numbered[0], (3, "<U2>", "PC-2")],
        ),
        reads("NDJSON with a mark", nexthink(), format!("\u{feff}{lines}"), &numbered),
        refuses(
            "two objects on a line",
            nexthink(),
            lines.replace('\n', " "),
            "list, line 1: two values stand on one line",
        ),
        reads("an array", nexthink(), format!("[{both}]"), &numbered),
        reads(
            "an array over lines",
            nexthink(),
            format!(" [\n {both}\n]\n"),
            &numbered,
        ),
        reads(
            "the request body",
            nexthink(),
            format!(r#"{{"devices":[{both}]}}"#),
            &numbered,
        ),
        refuses(
            "a cut array",
            nexthink(),
            format!("[{both}"),
            "list, element 3: this is not valid JSON: the array does not end",
        ),
        refuses(
            "a cut object",
            nexthink(),
            &lines[..lines.len() - 3],
            "list, line 2: this is not valid JSON: it ends too early",
        ),
        refuses("a comma too many", nexthink(), format!("[{both},]"), "list, element 3"),
        refuses(
            "text after the array",
            nexthink(),
            format!("[{both}] x"),
            "list, line 1: this is not valid JSON: text follows",
        ),
        refuses(
            "a number as a name",
            nexthink(),
            r#"[{"uid":"a","name":17}]"#,
            "list, element 1, column `name`: `17` is no text",
        ),
        refuses(
            "a number as a uid",
            nexthink(),
            "{\"uid\":\"a\",\"name\":\"b\"}\n{\"uid\":1e3,\"name\":\"b\"}",
            "list, line 2, column `uid`: `1000.0` is no text",
        ),
        reads("a null", nexthink(), r#"[{"uid":"a","name":null}]"#, &[(1, "a", "")]),
        reads(
            "a key less",
            nexthink(),
            r#"[{"uid":"a","name":"b"},{"uid":"c"}]"#,
            &[(1, "a", "b"), (2, "c", "")],
        ),
        reads(
            "nested values beside",
            nexthink(),
            r#"[{"uid":"a","tags":["x"],"name":"b,\"c"}]"#,
            &[(1, "a", "b,\"c")],
        ),
        refuses(
            "a key twice",
            nexthink(),
            r#"[{"uid":"a","name":"b","uid":"c"}]"#,
            "list, element 1: the key `uid` stands here twice",
        ),
        refuses(
            "another UID later",
            nexthink(),
            r#"[{"uid":"a","name":"b"},{"uid":"a","collector.uid":"c","name":"b"}]"#,
            "list, element 2: the key `collector.uid` is not in the first",
        ),
        refuses(
            "both UIDs as keys",
            nexthink(),
            r#"[{"uid":"a","collectorUid":"c","name":"b"}]"#,
            "list, element 1, column `uid`: more than one column",
        ),
        refuses(
            "a break in a name",
            nexthink(),
            r#"[{"uid":"a","name":"b\nc"}]"#,
            "list, element 1, column `name`: the text has a line break",
        ),
        refuses(
            "texts without names",
            nexthink(),
            r#"["a"]"#,
            "list, element 1: a text stands here where an object is needed",
        ),
        refuses(
            "an array in an array",
            nexthink(),
            format!("[[{both}]]"),
            "list, element 1: `[{\"uid\":",
        ),
        refuses(
            "objects below other objects",
            nexthink(),
            format!(r#"{{"data":{{"devices":[{both}]}}}}"#),
            "list, line 1, column `uid`: the header has no column `uid`; its columns are `data`",
        ),
        reads(
            "an array with a mark",
            nexthink(),
            format!("\u{feff}[{both}]"),
            &numbered,
        ),
        reads(
            "keys in another order",
            nexthink(),
            r#"[{"uid":"a","name":"b"},{"name":"d","os":7,"uid":"c"}]"#,
            &[(1, "a", "b"), (2, "c", "d")],
        ),
        reads(
            "objects over several lines",
            nexthink(),
            "{\n\"uid\":\"a\",\n\"name\":\"b\"\n}\n{\n\"uid\":\"c\",\n\"name\":\"d\"\n}\n",
            &[(1, "a", "b"), (5, "c", "d")],
        ),
        refuses(
            "a key twice in NDJSON",
            nexthink(),
            "{\"uid\":\"a\",\"name\":\"b\"}\n{\"uid\":\"a\",\"name\":\"b\",\"name\":\"c\"}\n",
            "list, line 2: the key `name` stands here twice",
        ),
        refuses(
            "a text among objects of Ubidots",
            ubidots(),
            r#"[{"id":"a","label":"b"},"c"]"#,
            "list, element 2: a text stands here, and the first element is an object",
        ),
        refuses(
            "NDJSON that is cut within a text, told by the line where its object begins",
            nexthink(),
            "{\"uid\":\"a\",\"name\":\"b\"}\n{\"uid\":\"c\",\"name\":\"d\n",
            "list, line 2: this is not valid JSON: it ends too early",
        ),
        refuses(
            "a broken object of several lines",
            nexthink(),
            "{\"uid\":\"a\",\"name\":\"b\"}\n{\n\"uid\":\"c\",\n\"name\":1e\n}\n",
            "list, line 2: this is not valid JSON: invalid number",
        ),
        refuses(
            "a broken first object of several lines",
            nexthink(),
            "\n{\n\"uid\":\"c\",\n\"name\":1e\n}\n",
            "list, line 2: this is not valid JSON: invalid number",
        ),
        refuses(
            "a number under a key of two lines",
            nexthink(),
            r#"[{"device\nuid":"a","device\nname":1}]"#,
            "list, element 1, column `device\\nname`: `1` is no text",
        ),
        refuses(
            "a name of two lines under a key of two lines",
            nexthink(),
            r#"[{"device\nuid":"a","device\nname":"b"},{"device\nuid":"a","device\nname":"b\nc"}]"#,
            "list, element 2, column `device\\nname`: the text has a line break or a NUL",
        ),
        refuses(
            "another key of two lines",
            nexthink(),
            r#"[{"uid":"a","name":"b"},{"uid":"c","device\nname":"d"}]"#,
            "list, element 2: the key `device\\nname` is not in the first object, and may name a device, too",
        ),
        refuses("numbers", nexthink(), "[1]", "list, element 1: `1` is no device"),
        refuses("an empty array", nexthink(), "[]", "list: the file is empty"),
        reads(
            "ids of Ubidots",
            ubidots(),
            text(r#"["<ID1>", "<ID2>"]"#),
            &[(1, "<ID1>", ""), (2, "<ID2>", "")],
        ),
        reads(
            "one id of Ubidots",
            ubidots(),
            text(r#"{"id": "<ID1>"}"#),
            &[(1, "<ID1>", "")],
        ),
        reads(
            "all of a listing",
            ubidots(),
            text(r#"{"count":1,"next":null,"results":[{"id":"<ID1>","label":"p"}]}"#),
            &[(1, "<ID1>", "p")],
        ),
        refuses(
            "a page of a listing",
            ubidots(),
            r#"{"next":"http://x/?page=2","results":[{"id":"a"}]}"#,
            "list, line 1: this is one page of a longer list",
        ),
        refuses(
            "a page of a listing, told at its end",
            ubidots(),
            r#"{"results":[{"id":"a"}],"next":"http://x/?page=2"}"#,
            "list, line 1: this is one page of a longer list",
        ),
        reads(
            "JSON in UTF-16",
            nexthink(),
            utf16(&format!("\u{feff}[{both}]"), u16::to_le_bytes),
            &numbered,
        ),
    ]);
}
