//! What is encrypted, and whom it is trusted for.

use fleetpurge_postgres::ErrorKind;
use fleetpurge_testing::postgres::Server;

use crate::rig::{PASSWORD, connect, refused, rig};

/// What comes of a connection.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Encrypted,
    Plain,
    Refused(ErrorKind),
}

fn end(url: &str, variables: &[(&str, &str)]) -> End {
    match connect(url, variables) {
        Ok(session) if session.is_encrypted() => End::Encrypted,
        Ok(_) => End::Plain,
        Err(error) => End::Refused(error.kind()),
    }
}

pub(crate) fn the_mode_says_what_is_encrypted_and_whom_it_trusts() {
    let rig = rig();
    let (ours, others) = (rig.ours.file(), rig.others.file());
    let (name, address) = ("localhost", "127.0.0.1");
    let untrusted = || End::Refused(ErrorKind::Tls);
    for (host, parameters, expected) in [
        (name, format!("sslmode=verify-full&sslrootcert={ours}"), End::Encrypted),
        (address, format!("sslmode=verify-full&sslrootcert={ours}"), untrusted()),
        (name, format!("sslmode=verify-full&sslrootcert={others}"), untrusted()),
        (name, "sslmode=verify-full".to_owned(), untrusted()),
        (name, "sslmode=verify-full&sslrootcert=system".to_owned(), untrusted()),
        (address, format!("sslmode=verify-ca&sslrootcert={ours}"), End::Encrypted),
        (address, format!("sslmode=verify-ca&sslrootcert={others}"), untrusted()),
        (address, "sslmode=require".to_owned(), End::Encrypted),
        (address, format!("sslmode=require&sslrootcert={ours}"), End::Encrypted),
        (address, format!("sslmode=require&sslrootcert={others}"), untrusted()),
        (name, "sslmode=disable".to_owned(), End::Plain),
        // Nothing is said: this machine needs none, unless certificates are named.
        (name, String::new(), End::Plain),
        (address, String::new(), End::Plain),
        (name, format!("sslrootcert={ours}"), End::Encrypted),
        (address, format!("sslrootcert={ours}"), untrusted()),
    ] {
        let url = format!("postgresql://scram@{host}:{}/postgres?{parameters}", rig.server.port());
        assert_eq!(end(&url, &[("PGPASSWORD", PASSWORD)]), expected, "{url}");
    }
    let url = format!("{}?sslmode=verify-full&sslrootcert={others}", rig.url("scram"));
    let (_, told) = refused(&url, &[("PGPASSWORD", PASSWORD)]);
    for part in ["sslmode", "sslrootcert", &format!("127.0.0.1:{}", rig.server.port())] {
        assert!(told.contains(part), "{told}");
    }
}

pub(crate) fn a_server_without_tls_is_used_without_it_only_if_that_was_said() {
    let database = Server::shared().database();
    let ours = rig().ours.file();
    for parameters in [
        "sslmode=require".to_owned(),
        "sslmode=verify-full".to_owned(),
        format!("sslmode=verify-ca&sslrootcert={ours}"),
        format!("sslrootcert={ours}"),
    ] {
        let (error, told) = refused(&format!("{database}?{parameters}"), &[]);
        assert_eq!(error.kind(), ErrorKind::Tls, "{told}");
        assert!(!error.is_lost(), "{told}");
        assert!(
            told.contains("sslmode") && told.contains("does not support TLS"),
            "{told}"
        );
    }
    assert_eq!(end(&format!("{database}?sslmode=disable"), &[]), End::Plain);
    assert_eq!(end(&database, &[]), End::Plain);
}

pub(crate) fn a_user_who_has_to_encrypt_is_refused_without() {
    let url = rig().url("tls_only");
    assert_eq!(end(&format!("{url}?sslmode=require"), &[]), End::Encrypted);
    let (error, told) = refused(&format!("{url}?sslmode=disable"), &[]);
    assert_eq!(error.kind(), ErrorKind::Login);
    // The server's own words say why.
    assert!(told.contains("no encryption"), "{told}");
}

pub(crate) fn the_certificate_is_for_the_host_and_not_for_its_address() {
    let rig = rig();
    let port = rig.server.port();
    let ours = rig.ours.file();
    let at = |host: &str, address: &str| {
        let url = format!("postgresql://tls_only@{host}:{port}/postgres");
        end(&url, &[("PGHOSTADDR", address), ("PGSSLROOTCERT", &ours)])
    };
    assert_eq!(at("db.example", "127.0.0.1"), End::Encrypted);
    assert_eq!(at("other.example", "127.0.0.1"), End::Refused(ErrorKind::Tls));
}

/// A digest of the certificate that were not the server's would end this login.
pub(crate) fn a_login_is_bound_to_the_certificate() {
    let url = format!("{}?sslmode=require", rig().url("scram"));
    assert_eq!(end(&url, &[("PGPASSWORD", PASSWORD)]), End::Encrypted);
    let (error, _) = refused(&url, &[("PGPASSWORD", crate::rig::WRONG)]);
    assert_eq!(error.kind(), ErrorKind::Login);
}

pub(crate) fn a_client_certificate_is_a_login() {
    let rig = rig();
    let url = format!("{}?sslmode=require", rig.url("certified"));
    let (certificate, key) = rig.ours.certifies("certified");
    assert_eq!(
        end(&format!("{url}&sslcert={certificate}&sslkey={key}"), &[]),
        End::Encrypted
    );
    assert_eq!(
        end(&url, &[("PGSSLCERT", &certificate), ("PGSSLKEY", &key)]),
        End::Encrypted
    );
    // None, of another user, and of an authority that the server does not know.
    let (error, _) = refused(&url, &[]);
    assert_eq!(error.kind(), ErrorKind::Login);
    let (certificate, key) = rig.ours.certifies("somebody");
    let (error, _) = refused(&url, &[("PGSSLCERT", &certificate), ("PGSSLKEY", &key)]);
    assert_eq!(error.kind(), ErrorKind::Login);
    let (certificate, key) = rig.others.certifies("certified");
    let (error, told) = refused(&url, &[("PGSSLCERT", &certificate), ("PGSSLKEY", &key)]);
    assert_eq!(error.kind(), ErrorKind::Tls, "{told}");
    assert!(!error.is_lost(), "{told}");
}
