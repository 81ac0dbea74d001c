//! TLS by `rustls` with ring: whom the client trusts, and how it identifies itself.

mod channel_binding;
mod stream;
mod verifier;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use secrecy::{ExposeSecret as _, SecretSlice};

use self::verifier::{AnyCertificate, AnyName};
use crate::error::{Error, ErrorKind};
use crate::ssl_mode::SslMode;

/// What a connection is encrypted with.
#[derive(Clone)]
pub(crate) struct Tls(Arc<ClientConfig>);

impl Tls {
    /// `roots` is a PEM file; without one, the machine's own trust. `identity` is a certificate and its key.
    pub(crate) fn new(mode: SslMode, roots: Option<&Path>, identity: Option<(&Path, &Path)>) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = verifier(mode, roots, &provider)?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = match identity {
            None => config.with_no_client_auth(),
            Some((certificate, key)) => config
                .with_client_auth_cert(certificates(certificate)?, private_key(key)?)
                .map_err(|error| {
                    Error::setting(format!(
                        "the client certificate {} and the private key {} cannot be used together",
                        certificate.display(),
                        key.display()
                    ))
                    .with_source(error)
                })?,
        };
        // <https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL>
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(Self(Arc::new(config)))
    }
}

fn verifier(
    mode: SslMode,
    roots: Option<&Path>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let Some(path) = roots else {
        if mode == SslMode::Require {
            return Ok(Arc::new(AnyCertificate(Arc::clone(provider))));
        }
        return Ok(Arc::new(Verifier::new(Arc::clone(provider)).map_err(unusable)?));
    };
    let mut store = RootCertStore::empty();
    for certificate in certificates(path)? {
        store.add(certificate).map_err(|error| {
            Error::setting(format!("a certificate in {} cannot be trusted", path.display())).with_source(error)
        })?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
        .build()
        .map_err(unusable)?;
    if mode == SslMode::VerifyCa {
        return Ok(Arc::new(AnyName(verifier)));
    }
    Ok(verifier)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let text = fs::read(path).map_err(|error| unreadable("certificate", path, error))?;
    let certificates = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| malformed(path, error))?;
    if certificates.is_empty() {
        return Err(Error::setting(format!(
            "the file {} contains no certificate (BEGIN CERTIFICATE): name a PEM file",
            path.display()
        )));
    }
    Ok(certificates)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    refuse_if_others_can_read(path)?;
    let text = SecretSlice::from(fs::read(path).map_err(|error| unreadable("private key", path, error))?);
    PrivateKeyDer::from_pem_slice(text.expose_secret()).map_err(|error| match error {
        pem::Error::NoItemsFound => Error::setting(format!(
            "the file {} contains no private key (BEGIN PRIVATE KEY); an encrypted key cannot be used",
            path.display()
        )),
        error => malformed(path, error),
    })
}

/// As libpq: the group may read a key of root's, so that root can give it to a service.
#[cfg(unix)]
fn refuse_if_others_can_read(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt as _;

    let metadata = fs::metadata(path).map_err(|error| unreadable("private key", path, error))?;
    let forbidden = if metadata.uid() == 0 { 0o037 } else { 0o077 };
    if metadata.mode() & forbidden == 0 {
        return Ok(());
    }
    Err(Error::setting(format!(
        "the private key {} can be read or written by other users: run `chmod 600` on it",
        path.display()
    )))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
fn refuse_if_others_can_read(_: &Path) -> Result<(), Error> {
    Ok(())
}

fn unreadable(what: &str, path: &Path, error: std::io::Error) -> Error {
    Error::setting(format!("the {what} {} cannot be read", path.display())).with_source(error)
}

/// Without the PEM parser's words, which may repeat a line of a private key.
fn malformed(path: &Path, _: pem::Error) -> Error {
    Error::setting(format!("the file {} is not valid PEM", path.display()))
}

fn unusable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(
        ErrorKind::Tls,
        "TLS cannot be set up with the certificates of this machine: name those to trust in `sslrootcert`",
    )
    .with_source(error)
}
