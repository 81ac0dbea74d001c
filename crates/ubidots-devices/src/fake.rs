//! A client without a service, for tests of programs.

use fleetpurge_engine::{Entry, EntryStatus, Trail};

use crate::account::Account;
use crate::classify::task_detail;
use crate::client::Client;
use crate::credentials::Credentials;
use crate::key::DeviceKey;
use crate::receipt::Receipt;
use fleetpurge_http::error::Error;

/// For tests.
impl Receipt {
    /// A receipt that says that a task of this id deletes these devices.
    ///
    /// # Panics
    ///
    /// For a task id that is blank: the client refuses such a reply.
    #[expect(clippy::expect_used, reason = "a mistake of the test that calls it")]
    pub fn fake(keys: impl IntoIterator<Item = DeviceKey>, task_id: &str) -> Self {
        let keys: Vec<DeviceKey> = keys.into_iter().collect();
        let detail = task_detail(task_id).expect("a task id is not blank");
        let entry = Entry {
            detail: Some(detail),
            ..Entry::of(EntryStatus::Scheduled)
        };
        let entries = vec![entry; keys.len()];
        Self::of(
            keys,
            fleetpurge_engine::Receipt {
                entries,
                anomalies: Vec::new(),
                trail: Trail::default(),
            },
        )
    }
}

impl Client {
    /// A client whose service is `answer`: it gets the keys of each deletion. No socket is opened and no token needed for
    /// deletions; requests that read, such as lists, are not faked and fail.
    ///
    /// All else is as it is with the service: the checks of [`delete_devices`](Self::delete_devices), and the batches, tries,
    /// waits and stops of a run. A device that the receipt does not name is `unknown`. For a service that speaks HTTP, with
    /// faults by a script, there is the crate `fleetpurge-simulator`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use ubidots_devices::{Client, Receipt};
    ///
    /// let client = Client::fake(|keys| Ok(Receipt::fake(keys.to_vec(), "task-1")));
    /// let receipt = client.delete_devices(&["~second-device".parse().unwrap()]).await.unwrap();
    /// assert_eq!(receipt.task_id(), "task-1");
    /// # }
    /// ```
    #[expect(
        clippy::missing_panics_doc,
        reason = "its settings are valid: the example builds one"
    )]
    #[expect(clippy::expect_used, reason = "as above")]
    pub fn fake(answer: impl Fn(&[DeviceKey]) -> Result<Receipt, Error> + Send + Sync + 'static) -> Self {
        Self::builder(Account::industrial(), Credentials::token("fake"))
            // Without TLS to set up.
            .transport(fleetpurge_http::fake::NoService)
            .fake(answer)
            .build()
            .expect("the settings are valid")
    }
}
