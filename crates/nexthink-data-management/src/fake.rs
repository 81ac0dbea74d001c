//! A client without a service, for tests of programs.

use crate::client::Client;
use crate::credentials::Credentials;
use crate::device::Device;
use crate::endpoints::{Endpoints, Instance, Region};
use crate::receipt::Receipt;
use fleetpurge_http::error::Error;

impl Client {
    /// A client whose service is `answer`: it gets the devices of each request. No socket is opened and no token needed.
    /// Requests for anything else, such as those of [`raw`](Self::raw) and the exports of `nexthink-nql`, fail.
    ///
    /// All else is as it is with the service: the checks of [`delete_devices`](Self::delete_devices), and the batches, tries,
    /// waits and stops of a run. A device that the receipt does not name is `unknown`. For a service that speaks HTTP, with
    /// faults by a script, there is the crate `fleetpurge-simulator`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use nexthink_data_management::{Client, Device, Error, ErrorKind, OutcomeKind, Receipt};
    ///
    /// let client = Client::fake(|devices| match devices {
    ///     [one] if one.name == "LAPTOP-1" => Ok(Receipt::fake([(one.clone(), OutcomeKind::Scheduled)])),
    ///     _ => Err(Error::fake(ErrorKind::NoReply)),
    /// });
    /// let receipt = client.delete_devices(&[Device::new("uid-1", "LAPTOP-1")]).await.unwrap();
    /// assert_eq!(receipt.scheduled(), 1);
    /// assert!(client.delete_devices(&[Device::new("uid-2", "LAPTOP-2")]).await.is_err());
    /// # }
    /// ```
    #[expect(
        clippy::missing_panics_doc,
        reason = "its settings are valid: the example builds one"
    )]
    #[expect(clippy::expect_used, reason = "as above")]
    pub fn fake(answer: impl Fn(&[Device]) -> Result<Receipt, Error> + Send + Sync + 'static) -> Self {
        let instance = Instance::new("fake").expect("it is a label");
        Self::builder(Endpoints::of(instance, Region::Eu), Credentials::token("fake"))
            // Without TLS to set up.
            .transport(fleetpurge_http::fake::NoService)
            .fake(answer)
            .build()
            .expect("the settings are valid")
    }
}
