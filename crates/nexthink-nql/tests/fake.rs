//! A client of a fake service.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use nexthink_data_management::{Client as Nexthink, Credentials, Device, Endpoints, OutcomeKind, Receipt};
use nexthink_nql::{Client, Parameters, QueryId};

fn answer(devices: &[Device]) -> Result<Receipt, nexthink_data_management::Error> {
    Ok(Receipt::fake(
        devices.iter().map(|device| (device.clone(), OutcomeKind::Scheduled)),
    ))
}

/// The fake answers for deletions alone. Whatever else is asked for must not leave for a real service: a test would then
/// ask production.
#[tokio::test]
async fn an_export_of_a_fake_service_fails_and_opens_no_socket() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    silent.set_nonblocking(true).unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let endpoints = Endpoints::at(&url, None).unwrap();
    let with_url = Nexthink::builder(endpoints, Credentials::token("secret"))
        .fake(answer)
        .build()
        .unwrap();
    for fake in [Nexthink::fake(answer), with_url] {
        let export = Client::of(&fake)
            .export(&QueryId::new("#all").unwrap(), &Parameters::default())
            .await;
        let error = export.unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string);
        assert!(
            source.as_deref().is_some_and(|source| source.contains("a fake client")),
            "{error:?}"
        );
        assert!(silent.accept().is_err(), "nobody has connected");
        let receipt = fake.delete_devices(&[Device::new("uid", "PC-1")]).await.unwrap();
        assert_eq!(receipt.scheduled(), 1);
    }
}
