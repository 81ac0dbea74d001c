// @generated with progenitor 0.15.1, typify 0.8.0, prettyplease 0.3.0, from (sha256)
//   78ccb17af1fa3f0ca639bbe91c252c3a5fcd4f4f48b25b19032aa6ff1f164ce7 openapi/data-management.json
//   dec94dc93f5379e05189da0a1a7898bab7fbc8d7dd633294f24ccd925bcb1c8f openapi/data-management.overlay.json
// Not edited by hand: `cargo xtask regen` writes this file, `cargo xtask regen --check` compares it.

#[allow(unused_imports)]
#[rustfmt::skip]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
#[rustfmt::skip]
use progenitor_client::{encode_path, ClientHooks, OperationInfo, RequestBuilderExt};
/// Types used as operation parameters and responses.
#[allow(clippy::all)]
#[rustfmt::skip]
pub mod types {
    ///Batch of devices to be deleted from the Nexthink inventory.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        schemars::JsonSchema
    )]
    pub struct DeviceDeletionRequest {
        ///Non-empty list of devices to delete. The maximum number of devices per request is 100 (configurable per deployment). Split larger deletions into multiple requests.
        #[schemars(length(min = 1usize, max = 100usize))]
        pub devices: ::std::vec::Vec<DeviceEntry>,
    }
    ///Scheduling result for the deletion batch.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        schemars::JsonSchema
    )]
    pub struct DeviceDeletionResponse {
        ///Per-device scheduling outcome, in the same order as the request.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub devices: ::std::vec::Vec<DeviceStatus>,
        ///Number of devices successfully queued for deletion.
        #[serde(
            rename = "scheduledCount",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub scheduled_count: ::std::option::Option<i32>,
        ///Overall batch status. Always `ACCEPTED` for a `202` response.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub status: ::std::option::Option<::std::string::String>,
    }
    ///Identifies a single device for deletion.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        schemars::JsonSchema
    )]
    pub struct DeviceEntry {
        ///Name of the device as reported by the Nexthink Collector. Must not be blank.
        pub name: DeviceEntryName,
        ///UID of the device as reported by the Nexthink Collector. Must be a valid UUID. A malformed value results in a per-device `INVALID` status rather than failing the whole batch.
        pub uid: ::std::string::String,
    }
    ///Name of the device as reported by the Nexthink Collector. Must not be blank.
    #[derive(
        ::serde::Serialize,
        Clone,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct DeviceEntryName(#[schemars(length(min = 1usize))] ::std::string::String);
    impl ::std::ops::Deref for DeviceEntryName {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<DeviceEntryName> for ::std::string::String {
        fn from(value: DeviceEntryName) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for DeviceEntryName {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() < 1usize {
                return Err("shorter than 1 characters".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for DeviceEntryName {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for DeviceEntryName {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for DeviceEntryName {
        fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
        where
            D: ::serde::Deserializer<'de>,
        {
            ::std::string::String::deserialize(deserializer)?
                .parse()
                .map_err(|e: self::error::ConversionError| {
                    <D::Error as ::serde::de::Error>::custom(e.to_string())
                })
        }
    }
    ///Scheduling outcome for a single device.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        schemars::JsonSchema
    )]
    pub struct DeviceStatus {
        ///Name of the device as submitted.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        /**Per-device outcome:
- `SCHEDULED` — deletion queued successfully.
- `INVALID` — the UID is malformed; the device was skipped. The rest of the batch proceeds.
- `FAILED` — a downstream error prevented this device from being scheduled.
*/
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub status: ::std::option::Option<::std::string::String>,
        ///UID of the device as submitted.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub uid: ::std::option::Option<::std::string::String>,
    }
    ///Error details returned with 4xx and 5xx responses.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        schemars::JsonSchema
    )]
    pub struct ErrorResponse {
        ///Stable machine-readable error code identifying the failure reason.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub code: ::std::option::Option<::std::string::String>,
        ///Human-readable description of the error.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub message: ::std::option::Option<::std::string::String>,
    }
    /// Error types.
    pub mod error {
        /// Error from a `TryFrom` or `FromStr` implementation.
        pub struct ConversionError(::std::borrow::Cow<'static, str>);
        impl ::std::error::Error for ConversionError {}
        impl ::std::fmt::Display for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl ::std::fmt::Debug for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }
        impl From<&'static str> for ConversionError {
            fn from(value: &'static str) -> Self {
                Self(value.into())
            }
        }
        impl From<String> for ConversionError {
            fn from(value: String) -> Self {
                Self(value.into())
            }
        }
    }
}
#[derive(Clone, Debug)]
/**Client for Data Management API

Version: 1.0.0*/
#[rustfmt::skip]
pub struct Client {
    pub(crate) baseurl: String,
    pub(crate) client: reqwest::Client,
    pub(crate) inner: fleetpurge_http::exchange::AttemptContext,
}
#[rustfmt::skip]
impl Client {
    /// Create a new client.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new(baseurl: &str, inner: fleetpurge_http::exchange::AttemptContext) -> Self {
        #[cfg(not(target_arch = "wasm32"))]
        let client = {
            let dur = ::std::time::Duration::from_secs(15u64);
            reqwest::ClientBuilder::new().connect_timeout(dur).timeout(dur)
        };
        #[cfg(target_arch = "wasm32")]
        let client = reqwest::ClientBuilder::new();
        Self::new_with_client(baseurl, client.build().unwrap(), inner)
    }
    /// Construct a new client with an existing `reqwest::Client`,
    /// allowing more control over its configuration.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new_with_client(
        baseurl: &str,
        client: reqwest::Client,
        inner: fleetpurge_http::exchange::AttemptContext,
    ) -> Self {
        Self {
            baseurl: baseurl.to_string(),
            client,
            inner,
        }
    }
}
#[rustfmt::skip]
impl ClientInfo<fleetpurge_http::exchange::AttemptContext> for Client {
    fn api_version() -> &'static str {
        "1.0.0"
    }
    fn baseurl(&self) -> &str {
        self.baseurl.as_str()
    }
    fn client(&self) -> &reqwest::Client {
        &self.client
    }
    fn inner(&self) -> &fleetpurge_http::exchange::AttemptContext {
        &self.inner
    }
}
#[rustfmt::skip]
const _: () = {
    #[allow(dead_code)]
    fn assert_client_hooks()
    where
        Client: ClientHooks<fleetpurge_http::exchange::AttemptContext>,
    {}
};
#[allow(clippy::all)]
#[rustfmt::skip]
impl Client {
    /**Schedule device deletions

Schedule the deletion of one or more devices from the Nexthink inventory.

Each device must be identified by both its `uid` and `name`. Devices with malformed
UIDs are rejected individually with status `INVALID` without failing the rest of the
batch.

The operation is asynchronous: the API returns `202 Accepted` once the deletions are
queued. Actual removal from the inventory happens in the background.


Sends a `POST` request to `/api/v1/data-management/device/deletions`

Arguments:
- `x_request_id`: Optional client-supplied correlation identifier (UUID). Echoed back in the response `x-request-id` header. If omitted, the server generates one.
- `body`: The batch of devices to delete.
*/
    pub async fn delete_devices<'a>(
        &'a self,
        x_request_id: Option<&'a ::uuid::Uuid>,
        body: &'a types::DeviceDeletionRequest,
    ) -> Result<
        ResponseValue<types::DeviceDeletionResponse>,
        Error<types::ErrorResponse>,
    > {
        let url = format!("{}/api/v1/data-management/device/deletions", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = x_request_id {
            header_map.append("x-request-id", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "delete_devices",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            202u16 => ResponseValue::from_response(response).await,
            400u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            403u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
}
/// Items consumers will typically use such as the Client.
#[rustfmt::skip]
pub mod prelude {
    #[allow(unused_imports)]
    pub use super::Client;
}
