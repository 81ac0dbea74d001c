//! TLS: whom the client trusts, and how it identifies itself.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls_platform_verifier::Verifier;
use secrecy::{ExposeSecret, SecretSlice};

use crate::error::Error;

/// Certificates that are trusted beside those of the machine.
#[derive(Clone)]
pub(crate) enum Root {
    Der(Vec<u8>),
    Pem(Vec<u8>),
}

/// A PEM text with a certificate chain and its private key.
#[derive(Clone)]
pub(crate) struct Identity(pub(crate) SecretSlice<u8>);

/// The machine's own trust, as its administrators set it up, the added certificates, and the client's own certificate.
pub(crate) fn config(roots: &[Root], identity: Option<&Identity>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = roots.iter().map(certificates).collect::<Result<Vec<_>, _>>()?;
    let verifier = Verifier::new_with_extra_roots(roots.into_iter().flatten(), Arc::clone(&provider))
        .map_err(|error| unusable("the trusted certificates cannot be used").with_source(error))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable("no protocol version is available").with_source(error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match identity {
        None => config.with_no_client_auth(),
        Some(identity) => {
            let (chain, key) = identity.parse()?;
            config.with_client_auth_cert(chain, key).map_err(|error| {
                Error::configuration("`client_identity_pem`: the certificate and the private key cannot be used")
                    .with_source(error)
            })?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(root: &Root) -> Result<Vec<CertificateDer<'static>>, Error> {
    let pem = match root {
        Root::Der(der) => return Ok(vec![CertificateDer::from(der.clone())]),
        Root::Pem(pem) => pem,
    };
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| malformed("root_certificates_pem", error))?;
    if certificates.is_empty() {
        return Err(Error::configuration(
            "`root_certificates_pem`: the text contains no certificate (BEGIN CERTIFICATE)",
        ));
    }
    Ok(certificates)
}

impl Identity {
    fn parse(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Error> {
        let pem = self.0.expose_secret();
        let chain = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| malformed("client_identity_pem", error))?;
        if chain.is_empty() {
            return Err(Error::configuration(
                "`client_identity_pem`: the text contains no certificate (BEGIN CERTIFICATE)",
            ));
        }
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|error| match error {
            pem::Error::NoItemsFound => Error::configuration(
                "`client_identity_pem`: the text contains no private key (BEGIN PRIVATE KEY); an encrypted key cannot be used",
            ),
            error => malformed("client_identity_pem", error),
        })?;
        Ok((chain, key))
    }
}

fn malformed(setting: &str, error: pem::Error) -> Error {
    Error::configuration(format!("`{setting}`: the text is not valid PEM")).with_source(error)
}

fn unusable(what: &str) -> Error {
    Error::configuration(format!("TLS could not be set up: {what}"))
}
