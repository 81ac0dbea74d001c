//! `reqwest` alone, with one body.

use std::sync::Arc;

use anyhow::ensure;
use bytes::Bytes;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::arguments::{Arguments, pem, share_out};
use crate::api::Api;
use crate::made_up;

pub(super) async fn send(arguments: &Arguments) -> anyhow::Result<u64> {
    let batch = arguments.service.batch();
    let body = Bytes::from(made_up::body(arguments.service, 0..batch));
    let (url, token, bulk) = match arguments.service {
        Api::Nexthink => (
            "/api/v1/data-management/device/deletions",
            ("authorization", "Bearer bench"),
            false,
        ),
        Api::Ubidots => ("/api/v2.0/devices/_/bulk/delete/", ("x-auth-token", "bench"), true),
    };
    let url = format!("{}{url}", arguments.url);
    let client = client(arguments)?;
    share_out(arguments, move |_| {
        let mut request = client
            .post(&url)
            .header(token.0, token.1)
            .header("content-type", "application/json")
            .body(body.clone());
        if bulk {
            request = request.header("x-bulk-operation", "True");
        }
        async move {
            let reply = request.send().await?;
            ensure!(reply.status().is_success(), "{}", reply.status());
            reply.bytes().await?;
            Ok(batch)
        }
    })
    .await
}

fn client(arguments: &Arguments) -> anyhow::Result<reqwest::Client> {
    let mut roots = rustls::RootCertStore::empty();
    if let Some(pem) = pem(arguments.ca.as_deref())? {
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            roots.add(certificate?)?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .tcp_nodelay(true)
        .build()?)
}
