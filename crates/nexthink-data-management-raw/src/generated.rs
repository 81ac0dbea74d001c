// @generated with progenitor 0.15.1, typify 0.8.0, prettyplease 0.3.0, from (sha256)
//   78ccb17af1fa3f0ca639bbe91c252c3a5fcd4f4f48b25b19032aa6ff1f164ce7 openapi/data-management.json
//   077dacc0404cc7b722b98da981dd504f66e19799c5fcfe8f662ff8f2aeaeba54 openapi/data-management.overlay.json
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
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct DeviceDeletionRequest {
        ///Non-empty list of devices to delete. The maximum number of devices per request is 100 (configurable per deployment). Split larger deletions into multiple requests.
        #[cfg_attr(feature = "schemars", schemars(length(min = 1usize, max = 100usize)))]
        pub devices: ::std::vec::Vec<DeviceEntry>,
    }
    impl DeviceDeletionRequest {
        pub fn builder() -> builder::DeviceDeletionRequest {
            Default::default()
        }
    }
    ///Scheduling result for the deletion batch.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct DeviceDeletionResponse {
        ///Per-device scheduling outcome, in the same order as the request.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub devices: ::std::vec::Vec<DeviceStatus>,
        ///Number of devices successfully queued for deletion.
        #[serde(
            rename = "scheduledCount",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub scheduled_count: ::std::option::Option<i64>,
        ///Overall batch status. Always `ACCEPTED` for a `202` response.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub status: ::std::option::Option<::std::string::String>,
    }
    impl DeviceDeletionResponse {
        pub fn builder() -> builder::DeviceDeletionResponse {
            Default::default()
        }
    }
    ///Identifies a single device for deletion.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct DeviceEntry {
        ///Name of the device as reported by the Nexthink Collector. Must not be blank.
        pub name: DeviceEntryName,
        ///UID of the device as reported by the Nexthink Collector. Must be a valid UUID. A malformed value results in a per-device `INVALID` status rather than failing the whole batch.
        pub uid: ::std::string::String,
    }
    impl DeviceEntry {
        pub fn builder() -> builder::DeviceEntry {
            Default::default()
        }
    }
    ///Name of the device as reported by the Nexthink Collector. Must not be blank.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct DeviceEntryName(
        #[cfg_attr(feature = "schemars", schemars(length(min = 1usize)))]
        ::std::string::String,
    );
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
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    impl DeviceStatus {
        pub fn builder() -> builder::DeviceStatus {
            Default::default()
        }
    }
    ///Error details returned with 4xx and 5xx responses.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ErrorResponse {
        ///Stable machine-readable error code identifying the failure reason.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub code: ::std::option::Option<::std::string::String>,
        ///Human-readable description of the error.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub message: ::std::option::Option<::std::string::String>,
    }
    impl ErrorResponse {
        pub fn builder() -> builder::ErrorResponse {
            Default::default()
        }
    }
    /// Types for composing complex structures.
    pub mod builder {
        #[derive(Clone, Debug)]
        pub struct DeviceDeletionRequest {
            devices: ::std::result::Result<
                ::std::vec::Vec<super::DeviceEntry>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for DeviceDeletionRequest {
            fn default() -> Self {
                Self {
                    devices: Err("no value supplied for devices".to_string()),
                }
            }
        }
        impl DeviceDeletionRequest {
            pub fn devices<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::DeviceEntry>>,
                T::Error: ::std::fmt::Display,
            {
                self.devices = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for devices: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<DeviceDeletionRequest>
        for super::DeviceDeletionRequest {
            type Error = super::error::ConversionError;
            fn try_from(
                value: DeviceDeletionRequest,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { devices: value.devices? })
            }
        }
        impl ::std::convert::From<super::DeviceDeletionRequest>
        for DeviceDeletionRequest {
            fn from(value: super::DeviceDeletionRequest) -> Self {
                Self { devices: Ok(value.devices) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct DeviceDeletionResponse {
            devices: ::std::result::Result<
                ::std::vec::Vec<super::DeviceStatus>,
                ::std::string::String,
            >,
            scheduled_count: ::std::result::Result<
                ::std::option::Option<i64>,
                ::std::string::String,
            >,
            status: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for DeviceDeletionResponse {
            fn default() -> Self {
                Self {
                    devices: Ok(Default::default()),
                    scheduled_count: Ok(Default::default()),
                    status: Ok(Default::default()),
                }
            }
        }
        impl DeviceDeletionResponse {
            pub fn devices<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::DeviceStatus>>,
                T::Error: ::std::fmt::Display,
            {
                self.devices = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for devices: {e}")
                    });
                self
            }
            pub fn scheduled_count<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<i64>>,
                T::Error: ::std::fmt::Display,
            {
                self.scheduled_count = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for scheduled_count: {e}"
                        )
                    });
                self
            }
            pub fn status<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.status = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for status: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<DeviceDeletionResponse>
        for super::DeviceDeletionResponse {
            type Error = super::error::ConversionError;
            fn try_from(
                value: DeviceDeletionResponse,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    devices: value.devices?,
                    scheduled_count: value.scheduled_count?,
                    status: value.status?,
                })
            }
        }
        impl ::std::convert::From<super::DeviceDeletionResponse>
        for DeviceDeletionResponse {
            fn from(value: super::DeviceDeletionResponse) -> Self {
                Self {
                    devices: Ok(value.devices),
                    scheduled_count: Ok(value.scheduled_count),
                    status: Ok(value.status),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct DeviceEntry {
            name: ::std::result::Result<super::DeviceEntryName, ::std::string::String>,
            uid: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for DeviceEntry {
            fn default() -> Self {
                Self {
                    name: Err("no value supplied for name".to_string()),
                    uid: Err("no value supplied for uid".to_string()),
                }
            }
        }
        impl DeviceEntry {
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::DeviceEntryName>,
                T::Error: ::std::fmt::Display,
            {
                self.name = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for name: {e}")
                    });
                self
            }
            pub fn uid<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.uid = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for uid: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<DeviceEntry> for super::DeviceEntry {
            type Error = super::error::ConversionError;
            fn try_from(
                value: DeviceEntry,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    name: value.name?,
                    uid: value.uid?,
                })
            }
        }
        impl ::std::convert::From<super::DeviceEntry> for DeviceEntry {
            fn from(value: super::DeviceEntry) -> Self {
                Self {
                    name: Ok(value.name),
                    uid: Ok(value.uid),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct DeviceStatus {
            name: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            status: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            uid: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for DeviceStatus {
            fn default() -> Self {
                Self {
                    name: Ok(Default::default()),
                    status: Ok(Default::default()),
                    uid: Ok(Default::default()),
                }
            }
        }
        impl DeviceStatus {
            pub fn name<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.name = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for name: {e}")
                    });
                self
            }
            pub fn status<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.status = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for status: {e}")
                    });
                self
            }
            pub fn uid<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.uid = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for uid: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<DeviceStatus> for super::DeviceStatus {
            type Error = super::error::ConversionError;
            fn try_from(
                value: DeviceStatus,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    name: value.name?,
                    status: value.status?,
                    uid: value.uid?,
                })
            }
        }
        impl ::std::convert::From<super::DeviceStatus> for DeviceStatus {
            fn from(value: super::DeviceStatus) -> Self {
                Self {
                    name: Ok(value.name),
                    status: Ok(value.status),
                    uid: Ok(value.uid),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct ErrorResponse {
            code: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            message: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for ErrorResponse {
            fn default() -> Self {
                Self {
                    code: Ok(Default::default()),
                    message: Ok(Default::default()),
                }
            }
        }
        impl ErrorResponse {
            pub fn code<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.code = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for code: {e}")
                    });
                self
            }
            pub fn message<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.message = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for message: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<ErrorResponse> for super::ErrorResponse {
            type Error = super::error::ConversionError;
            fn try_from(
                value: ErrorResponse,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    code: value.code?,
                    message: value.message?,
                })
            }
        }
        impl ::std::convert::From<super::ErrorResponse> for ErrorResponse {
            fn from(value: super::ErrorResponse) -> Self {
                Self {
                    code: Ok(value.code),
                    message: Ok(value.message),
                }
            }
        }
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
- `body`: The batch of devices to delete.*/
    pub fn delete_devices(&self) -> builder::DeleteDevices<'_> {
        builder::DeleteDevices::new(self)
    }
}
/// Types for composing operation parameters.
#[allow(clippy::all)]
#[rustfmt::skip]
pub mod builder {
    use super::types;
    #[allow(unused_imports)]
    use super::{
        encode_path, ByteStream, ClientInfo, ClientHooks, Error, OperationInfo,
        RequestBuilderExt, ResponseValue,
    };
    /**Builder for [`Client::delete_devices`]

[`Client::delete_devices`]: super::Client::delete_devices*/
    #[derive(Debug, Clone)]
    pub struct DeleteDevices<'a> {
        client: &'a super::Client,
        x_request_id: Result<Option<::uuid::Uuid>, String>,
        body: Result<types::builder::DeviceDeletionRequest, String>,
    }
    impl<'a> DeleteDevices<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                x_request_id: Ok(None),
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn x_request_id<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::uuid::Uuid>,
        {
            self.x_request_id = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: uuid :: Uuid` for x_request_id failed".to_string()
                });
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::DeviceDeletionRequest>,
            <V as std::convert::TryInto<
                types::DeviceDeletionRequest,
            >>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| {
                    format!(
                        "conversion to `DeviceDeletionRequest` for body failed: {}", s
                    )
                });
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(
                types::builder::DeviceDeletionRequest,
            ) -> types::builder::DeviceDeletionRequest,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/api/v1/data-management/device/deletions`
        pub async fn send(
            self,
        ) -> Result<
            ResponseValue<types::DeviceDeletionResponse>,
            Error<types::ErrorResponse>,
        > {
            let Self { client, x_request_id, body } = self;
            let x_request_id = x_request_id.map_err(Error::InvalidRequest)?;
            let body = body
                .and_then(|v| {
                    types::DeviceDeletionRequest::try_from(v).map_err(|e| e.to_string())
                })
                .map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/api/v1/data-management/device/deletions", client.baseurl,
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            if let Some(value) = x_request_id {
                header_map.append("x-request-id", value.to_string().try_into()?);
            }
            #[allow(unused_mut)]
            let mut request = client
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
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                202u16 => ResponseValue::from_response(response).await,
                400u16 => {
                    Err(
                        Error::ErrorResponse(
                            ResponseValue::from_response(response).await?,
                        ),
                    )
                }
                403u16 => {
                    Err(
                        Error::ErrorResponse(
                            ResponseValue::from_response(response).await?,
                        ),
                    )
                }
                500u16 => {
                    Err(
                        Error::ErrorResponse(
                            ResponseValue::from_response(response).await?,
                        ),
                    )
                }
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        ///Sends a `POST` request to `/api/v1/data-management/device/deletions`
        ///
        /// The body is sent as it is, whatever was set before, and the reply is returned as it came: neither is held against
        /// the spec.
        pub async fn send_encoded(
            self,
            body: impl Into<::reqwest::Body>,
        ) -> Result<::reqwest::Response, Error<()>> {
            let Self { client, x_request_id, body: _ } = self;
            let x_request_id = x_request_id.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/api/v1/data-management/device/deletions", client.baseurl,
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            if let Some(value) = x_request_id {
                header_map.append("x-request-id", value.to_string().try_into()?);
            }
            #[allow(unused_mut)]
            let mut request = client
                .client
                .post(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .header(
                    ::reqwest::header::CONTENT_TYPE,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .body(body)
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "delete_devices",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            Ok(response)
        }
    }
}
/// Items consumers will typically use such as the Client.
#[rustfmt::skip]
pub mod prelude {
    pub use self::super::Client;
}
/// The schemas of the types that the spec names.
#[cfg(feature = "schemars")]
#[rustfmt::skip]
pub mod schemas {
    /// Each type's name in the spec, and its schema.
    pub fn all() -> ::std::vec::Vec<(&'static str, schemars::Schema)> {
        ::std::vec![
            ("DeviceDeletionRequest",
            schemars::schema_for!(super::types::DeviceDeletionRequest)),
            ("DeviceDeletionResponse",
            schemars::schema_for!(super::types::DeviceDeletionResponse)), ("DeviceEntry",
            schemars::schema_for!(super::types::DeviceEntry)), ("DeviceStatus",
            schemars::schema_for!(super::types::DeviceStatus)), ("ErrorResponse",
            schemars::schema_for!(super::types::ErrorResponse))
        ]
    }
}
