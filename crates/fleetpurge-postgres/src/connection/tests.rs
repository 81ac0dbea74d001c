//! Against a server that says a few bytes of the protocol.

use std::ffi::OsString;
use std::io;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::url::DatabaseUrl;

/// What the server does with a connection.
#[derive(Clone)]
enum Manner {
    Says(Vec<u8>),
    HasNoTls,
    HasTls(Arc<ServerConfig>),
    BreaksOffTls,
    HangsUp,
    IsSilent,
}

/// The address of a server that does this with each connection.
async fn server(manner: Manner) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, manner.clone()));
        }
    });
    address
}

async fn serve(mut stream: TcpStream, manner: Manner) -> io::Result<()> {
    if matches!(manner, Manner::HangsUp) {
        // What is not read when the socket is closed makes the system reset the connection.
        return stream.readable().await;
    }
    message(&mut stream).await?;
    match manner {
        Manner::Says(bytes) => stream.write_all(&bytes).await?,
        Manner::HasNoTls => stream.write_all(b"N").await?,
        Manner::BreaksOffTls => stream.write_all(b"S").await?,
        Manner::IsSilent => std::future::pending().await,
        Manner::HangsUp => {}
        Manner::HasTls(config) => {
            stream.write_all(b"S").await?;
            let mut stream = TlsAcceptor::from(config).accept(stream).await?;
            message(&mut stream).await?;
            stream.write_all(&refusal("3D000")).await?;
            stream.shutdown().await?;
        }
    }
    Ok(())
}

/// A message of a start: its length, and the rest.
async fn message<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<()> {
    let length = stream.read_u32().await?;
    let mut rest = vec![0; usize::try_from(length).unwrap() - 4];
    stream.read_exact(&mut rest).await?;
    Ok(())
}

/// An `ErrorResponse` with this code.
fn refusal(sqlstate: &str) -> Vec<u8> {
    let fields = format!("SFATAL\0VFATAL\0C{sqlstate}\0Mno\0\0");
    let length = u32::try_from(fields.len() + 4).unwrap();
    [b"E", &length.to_be_bytes()[..], fields.as_bytes()].concat()
}

async fn failure(url: &str, variables: &[(&str, &str)]) -> Error {
    let url: DatabaseUrl = url.parse().unwrap();
    let settings = Settings::resolve(&url, |name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| OsString::from(value))
    });
    settings
        .unwrap()
        .connect()
        .await
        .expect_err("the server lets nobody in")
}

#[tokio::test]
async fn an_error_says_where_and_whether_another_try_may_help() {
    let asks = |how: u32| [b"R", &8_u32.to_be_bytes()[..], &how.to_be_bytes()[..]].concat();
    for (manner, mode, kind, lost) in [
        (Manner::Says(refusal("28P01")), "disable", ErrorKind::Login, false),
        (Manner::Says(refusal("3D000")), "disable", ErrorKind::NoDatabase, false),
        (
            Manner::Says(refusal("42501")),
            "disable",
            ErrorKind::NotPermitted,
            false,
        ),
        (Manner::Says(refusal("57P03")), "disable", ErrorKind::Lost, true),
        (Manner::Says(refusal("53300")), "disable", ErrorKind::Unreachable, true),
        (Manner::Says(refusal("XX000")), "disable", ErrorKind::Server, false),
        // A password, and Kerberos.
        (Manner::Says(asks(3)), "disable", ErrorKind::Login, false),
        (Manner::Says(asks(7)), "disable", ErrorKind::Login, false),
        (Manner::Says(Vec::new()), "disable", ErrorKind::Lost, true),
        (Manner::HangsUp, "disable", ErrorKind::Lost, true),
        (Manner::HasNoTls, "require", ErrorKind::Tls, false),
        (Manner::BreaksOffTls, "require", ErrorKind::Lost, true),
        (Manner::IsSilent, "disable", ErrorKind::Timeout, true),
    ] {
        let address = server(manner).await;
        let url = format!("postgresql://ops@{address}/fleet?sslmode={mode}&connect_timeout=1");
        let error = failure(&url, &[]).await;
        assert_eq!((error.kind(), error.is_lost()), (kind, lost), "{error:?}");
        assert!(error.to_string().contains(&address), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_passed_over_and_one_that_refuses_is_not() {
    let refuses = server(Manner::Says(refusal("28P01"))).await;
    let starts = server(Manner::Says(refusal("57P03"))).await;
    let has_none = server(Manner::Says(refusal("3D000"))).await;
    for (hosts, kind) in [
        (format!("127.0.0.1:1,{starts},{refuses}"), ErrorKind::Login),
        (format!("{refuses},{has_none}"), ErrorKind::Login),
        (format!("{starts},127.0.0.1:1"), ErrorKind::Unreachable),
    ] {
        let error = failure(&format!("postgresql://ops@{hosts}/fleet"), &[]).await;
        assert_eq!(error.kind(), kind, "{hosts}: {error:?}");
    }
}

#[tokio::test]
async fn no_error_shows_a_password() {
    for manner in [
        Manner::Says(refusal("28P01")),
        Manner::Says(vec![b'R', 0, 0, 0, 8, 0, 0, 0, 3]),
        Manner::HasNoTls,
    ] {
        let url = format!("postgresql://ops@{}/fleet", server(manner).await);
        let error = failure(&url, &[("PGPASSWORD", "PROBE")]).await;
        assert!(!format!("{error} {error:?} {error:#?}").contains("PROBE"));
    }
}

/// An authority, and a server with its certificate for `localhost`.
struct Authority {
    folder: TempDir,
    server: Arc<ServerConfig>,
}

impl Authority {
    fn new() -> Self {
        let authority_key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&authority_key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        let issuer = rcgen::Issuer::new(params, authority_key);
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let leaf = params.signed_by(&key, &issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![leaf.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .unwrap();
        Self {
            folder,
            server: Arc::new(server),
        }
    }

    fn file(&self) -> String {
        self.folder
            .path()
            .join("ca.pem")
            .into_os_string()
            .into_string()
            .unwrap()
    }
}

#[tokio::test]
async fn the_mode_says_what_the_certificate_has_to_prove() {
    let (authority, other) = (Authority::new(), Authority::new());
    let address = server(Manner::HasTls(Arc::clone(&authority.server))).await;
    let by_name = address.replace("127.0.0.1", "localhost");
    let (ours, others) = (authority.file(), other.file());
    // The server has no such database: it is asked only after TLS was made.
    let (passes, refused) = (ErrorKind::NoDatabase, ErrorKind::Tls);
    for (host, mode, roots, kind) in [
        (&by_name, "verify-full", Some(&ours), passes),
        (&address, "verify-full", Some(&ours), refused),
        (&by_name, "verify-full", Some(&others), refused),
        (&by_name, "verify-full", None, refused),
        (&by_name, "verify-ca", Some(&ours), passes),
        (&address, "verify-ca", Some(&ours), passes),
        (&address, "verify-ca", Some(&others), refused),
        (&by_name, "verify-ca", Some(&others), refused),
        (&address, "require", None, passes),
        (&address, "require", Some(&ours), passes),
        (&address, "require", Some(&others), refused),
    ] {
        let url = format!("postgresql://ops@{host}/fleet?sslmode={mode}");
        let roots = roots.map(|roots| ("PGSSLROOTCERT", roots.as_str()));
        let error = failure(&url, roots.as_slice()).await;
        assert_eq!(error.kind(), kind, "{url} {roots:?}: {error:?}");
    }
    // Not said, but certificates are named: as `verify-full`, also with this machine.
    let error = failure(
        &format!("postgresql://ops@{address}/fleet"),
        &[("PGSSLROOTCERT", &ours)],
    )
    .await;
    assert_eq!(error.kind(), refused, "{error:?}");
}
