use super::*;
use crate::error::ErrorKind;

fn parsed(text: &str) -> DatabaseUrl {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn a_url_is_written_as_it_is_read() {
    for (text, written) in [
        ("postgresql://", "postgresql://"),
        ("postgresql:///fleet", "postgresql:///fleet"),
        ("POSTGRES://db.example", "postgresql://db.example"),
        (
            "postgresql://ops@db.example:5433/fleet?plan=acme-2026-11",
            "postgresql://ops@db.example:5433/fleet?plan=acme-2026-11",
        ),
        (
            "postgresql://db.example/fleet?plan=a%20b%26c%25",
            "postgresql://db.example/fleet?plan=a%20b%26c%25",
        ),
        (
            "postgresql://h1:5432,h2,[::1]:5433/fleet",
            "postgresql://h1:5432,h2,[::1]:5433/fleet",
        ),
        (
            "postgresql://h1,h2/fleet?port=5433",
            "postgresql:///fleet?host=h1,h2&port=5433",
        ),
        (
            "postgresql:///fleet?host=h1,h2&port=5433,",
            "postgresql://h1:5433,h2/fleet",
        ),
        ("postgresql://:5433/fleet", "postgresql:///fleet?port=5433"),
        (
            "postgresql://%2Frun%2Fpostgresql/fleet",
            "postgresql:///fleet?host=/run/postgresql",
        ),
        (
            "postgresql://%2Frun%2Fpg:5433/fleet?user=o%40s",
            "postgresql://o%40s@/fleet?host=/run/pg&port=5433",
        ),
        (
            "postgresql://db/?dbname=a%2Fb&sslmode=require",
            "postgresql://db/a%2Fb?sslmode=require",
        ),
        (
            "postgresql://db/x?plan=p&sslrootcert=/etc/ca%20.pem&application_name=n",
            "postgresql://db/x?application_name=n&sslrootcert=/etc/ca%20.pem&plan=p",
        ),
    ] {
        let url = parsed(text);
        assert_eq!(url.to_string(), written, "{text}");
        assert_eq!(parsed(written), url, "{text}");
    }
}

#[test]
fn a_plan_is_encoded_and_taken_out_again() {
    let url = parsed("postgresql://db/fleet?sslmode=require");
    for plan in ["acme", "a&b=c#d?e", "Ü/%2F +", "plan=", "a,b", "@:"] {
        let with = url.with_plan(plan);
        assert_eq!(parsed(&with.to_string()).plan(), Some(plan));
        assert_eq!(with.without_plan(), url);
    }
    assert_eq!(url.with_plan("a").with_plan("b").plan(), Some("b"));
}

#[test]
fn a_password_is_refused_with_what_to_do_and_never_shown() {
    for text in [
        "postgresql://ops:PROBE@db.example/fleet",
        "postgresql://ops:PRO@BE@db.example/fleet",
        "postgresql://ops:PRO/BE@db.example/fleet",
        "postgresql://ops:PRO?BE=PROBE@db.example/fleet",
        "postgresql://ops:12?PROBE=1@db.example/fleet",
        "postgresql://ops:@db.example/fleet",
        "postgresql://db.example/fleet?password=PROBE",
        "postgresql://db.example/fleet?passfile=PROBE",
    ] {
        let error = text.parse::<DatabaseUrl>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Url);
        let said = format!("{error} {error:?}");
        assert!(
            said.contains("PGPASSFILE") && said.contains("PGPASSWORD"),
            "{text}: {said}"
        );
        assert!(!said.contains("PRO") && !said.contains("BE"), "{text}: {said}");
    }
    // Nor where the `@` is missing.
    let error = "postgresql://ops:PROBE".parse::<DatabaseUrl>().unwrap_err();
    assert!(!format!("{error:?}").contains("PROBE"));
}

#[test]
fn what_is_malformed_is_refused_by_name() {
    for (text, part) in [
        ("mysql://db/fleet", "postgresql://"),
        ("postgresql:/db/fleet", "postgresql://"),
        ("postgresql://db/fleet?plan=", "`plan`"),
        ("postgresql://db/fleet?plan=a&plan=b", "`plan` twice"),
        (
            "postgresql://db/fleet?sslmode=require&sslmode=disable",
            "`sslmode` twice",
        ),
        ("postgresql://db/fleet?dbname=other", "`dbname` twice"),
        ("postgresql://ops@db/fleet?user=other", "`user` twice"),
        ("postgresql://db/fleet?host=other", "`host` twice"),
        ("postgresql://db:5432/fleet?port=5433", "`port` twice"),
        ("postgresql://db/fleet?options=-c%20fsync", "`options`"),
        ("postgresql://db/fleet?SSLMODE=require", "`SSLMODE`"),
        ("postgresql://db/fleet?plan", "NAME=VALUE"),
        ("postgresql://db/a/b", "%2F"),
        ("postgresql://db:0/fleet", "port"),
        ("postgresql://db:+5/fleet", "port"),
        ("postgresql://db:65536/fleet", "port"),
        ("postgresql://::1/fleet", "port"),
        ("postgresql://[::1/fleet", "brackets"),
        ("postgresql://[db]/fleet", "brackets"),
        ("postgresql://[::1]5432/fleet", "brackets"),
        ("postgresql://a,,b/fleet", "commas"),
        ("postgresql://a,b/fleet?port=1,2,3", "3 ports for 2 hosts"),
        ("postgresql://a b/fleet", "host"),
        ("postgresql://db/%zz", "the database"),
        ("postgresql://db/%f", "the database"),
        ("postgresql://db/%ff", "the database"),
        ("postgresql://db/fleet?plan=%00", "`plan`"),
    ] {
        let error = text.parse::<DatabaseUrl>().expect_err(text);
        assert_eq!(error.kind(), ErrorKind::Url, "{text}");
        assert!(error.to_string().contains(part), "{text}: {error}");
    }
}

#[test]
fn the_scheme_tells_a_url_from_a_file() {
    for (text, is_one) in [
        ("postgresql://db", true),
        ("Postgres://db", true),
        ("postgresql:db", false),
        ("plans/postgresql://x", false),
        ("C:\\plans\\a.plan", false),
    ] {
        assert_eq!(DatabaseUrl::is_one(text), is_one, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn what_is_read_is_read_again_as_the_same(rest in "[a-c@:/?&=%,.\\[\\]A-F0-9 é]{0,24}", plan in ".{1,8}") {
        let plan = plan.replace('\0', "0");
        if let Ok(url) = format!("postgresql://{rest}").parse::<DatabaseUrl>() {
            let url = url.with_plan(&plan);
            proptest::prop_assert_eq!(parsed(&url.to_string()), url);
        }
    }

    #[test]
    fn parts_of_any_text_are_written_and_read(
        user in ".{1,8}",
        database in ".{1,8}",
        hosts in proptest::collection::vec("[a-z./:%é]{1,6}|::1", 0..3),
    ) {
        let text = |text: &str| utf8_percent_encode(&text.replace('\0', "0"), ENCODED).to_string();
        let hosts: Vec<String> = hosts.iter().map(|host| text(host)).collect();
        let url = format!("postgresql://{}@{}/{}", text(&user), hosts.join(","), text(&database));
        if let Ok(url) = url.parse::<DatabaseUrl>() {
            proptest::prop_assert_eq!(parsed(&url.to_string()), url);
        }
    }
}
