// @generated with progenitor 0.15.1, typify 0.8.0, prettyplease 0.3.0, from (sha256)
//   fcaa2c8d0a48011a6dfaedd81c4f0a9be4895bb12ef7db663c7a61ce8de85799 openapi/ubidots-devices.json
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
    ///`BulkOperation`
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Copy,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd,
        schemars::JsonSchema
    )]
    pub enum BulkOperation {
        True,
    }
    impl ::std::fmt::Display for BulkOperation {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::True => f.write_str("True"),
            }
        }
    }
    impl ::std::str::FromStr for BulkOperation {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "True" => Ok(Self::True),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for BulkOperation {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for BulkOperation {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    ///A device. What is not named here is kept as it comes; so is `lastActivity`: Unix milliseconds, or null where the device never sent anything. A field that is missing must not be taken for null, and a generated type would.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        schemars::JsonSchema
    )]
    pub struct Device {
        pub id: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub label: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tags: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///A device's id: 24 hexadecimal digits.
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
    pub struct DeviceId(::std::string::String);
    impl ::std::ops::Deref for DeviceId {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<DeviceId> for ::std::string::String {
        fn from(value: DeviceId) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for DeviceId {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[0-9a-fA-F]{24}$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^[0-9a-fA-F]{24}$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for DeviceId {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for DeviceId {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for DeviceId {
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
    ///A device's id in an object, as `fields=id` lists it.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        schemars::JsonSchema
    )]
    pub struct DeviceIdObject {
        pub id: DeviceId,
    }
    ///A device, in one of three ways.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        schemars::JsonSchema
    )]
    #[serde(untagged)]
    pub enum DeviceKey {
        Id(DeviceId),
        Label(DeviceLabel),
        IdObject(DeviceIdObject),
    }
    impl ::std::convert::From<DeviceId> for DeviceKey {
        fn from(value: DeviceId) -> Self {
            Self::Id(value)
        }
    }
    impl ::std::convert::From<DeviceLabel> for DeviceKey {
        fn from(value: DeviceLabel) -> Self {
            Self::Label(value)
        }
    }
    impl ::std::convert::From<DeviceIdObject> for DeviceKey {
        fn from(value: DeviceIdObject) -> Self {
            Self::IdObject(value)
        }
    }
    ///The devices to delete. What an empty list does is not known: it must never be sent.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        schemars::JsonSchema
    )]
    #[serde(transparent)]
    pub struct DeviceKeyList(pub ::std::vec::Vec<DeviceKey>);
    impl ::std::ops::Deref for DeviceKeyList {
        type Target = ::std::vec::Vec<DeviceKey>;
        fn deref(&self) -> &::std::vec::Vec<DeviceKey> {
            &self.0
        }
    }
    impl ::std::convert::From<DeviceKeyList> for ::std::vec::Vec<DeviceKey> {
        fn from(value: DeviceKeyList) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::std::vec::Vec<DeviceKey>> for DeviceKeyList {
        fn from(value: ::std::vec::Vec<DeviceKey>) -> Self {
            Self(value)
        }
    }
    ///`~` and a device's label.
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
    pub struct DeviceLabel(::std::string::String);
    impl ::std::ops::Deref for DeviceLabel {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<DeviceLabel> for ::std::string::String {
        fn from(value: DeviceLabel) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for DeviceLabel {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^~.+$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^~.+$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for DeviceLabel {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for DeviceLabel {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for DeviceLabel {
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
    ///One page of devices.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        schemars::JsonSchema
    )]
    pub struct DevicePage {
        ///The devices on all pages.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub count: ::std::option::Option<i64>,
        ///A URL; null on the last page. Not to be followed: samples show other hosts, and plain http.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next: ::std::option::Option<::std::string::String>,
        pub results: ::std::vec::Vec<Device>,
    }
    ///A device's id, or `~` and its label, as part of a path. Nothing that would lead to another path: not empty, no `_`, no dots alone, no slash.
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
    pub struct DevicePathKey(::std::string::String);
    impl ::std::ops::Deref for DevicePathKey {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<DevicePathKey> for ::std::string::String {
        fn from(value: DevicePathKey) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for DevicePathKey {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^(~[^/?#%\\\\\\s]+|[0-9a-fA-F]{24})$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err(
                    "doesn't match pattern \"^(~[^/?#%\\\\\\s]+|[0-9a-fA-F]{24})$\""
                        .into(),
                );
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for DevicePathKey {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for DevicePathKey {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for DevicePathKey {
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
    ///Why a request was refused.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Default,
        schemars::JsonSchema
    )]
    pub struct ErrorBody {
        ///As 400001, 401001, 401002; absent where X-Bulk-Operation is missing.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub code: ::std::option::Option<i64>,
        ///A string; with code 400001 an object, keyed by field.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub detail: ::std::option::Option<::serde_json::Value>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub message: ::std::option::Option<::std::string::String>,
    }
    ///A token.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        schemars::JsonSchema
    )]
    pub struct IssuedToken {
        pub token: crate::secret::Secret,
    }
    ///An id: 24 hexadecimal digits.
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
    pub struct ObjectId(::std::string::String);
    impl ::std::ops::Deref for ObjectId {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<ObjectId> for ::std::string::String {
        fn from(value: ObjectId) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for ObjectId {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^[0-9a-fA-F]{24}$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^[0-9a-fA-F]{24}$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for ObjectId {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for ObjectId {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for ObjectId {
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
    ///A task has been accepted.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        schemars::JsonSchema
    )]
    pub struct TaskAccepted {
        pub task: TaskRef,
    }
    ///A background task.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        schemars::JsonSchema
    )]
    pub struct TaskRef {
        ///To be shown to people: nothing documented reads it back.
        pub id: ::std::string::String,
    }
    ///One page of values.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        schemars::JsonSchema
    )]
    pub struct ValuePage {
        ///In the documentation's sample `true`, no number.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub count: ::std::option::Option<::serde_json::Value>,
        ///As of a page of devices.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next: ::std::option::Option<::std::string::String>,
        pub results: ::std::vec::Vec<VariableValue>,
    }
    ///A variable. What is not named here is kept as it comes.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        schemars::JsonSchema
    )]
    pub struct Variable {
        pub id: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub label: ::std::option::Option<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///One page of variables.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        schemars::JsonSchema
    )]
    pub struct VariablePage {
        ///The variables on all pages.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub count: ::std::option::Option<i64>,
        ///As of a page of devices.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next: ::std::option::Option<::std::string::String>,
        pub results: ::std::vec::Vec<Variable>,
    }
    ///A stored value, kept as it comes: of what size or kind its numbers are is not known.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        schemars::JsonSchema
    )]
    pub struct VariableValue {
        ///Unix milliseconds.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub timestamp: ::std::option::Option<::serde_json::Value>,
        ///In the documentation a number.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub value: ::std::option::Option<::serde_json::Value>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
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
/**Client for Ubidots, as far as bulk deletion of devices needs it

Written by the fleetpurge project; Ubidots publishes no OpenAPI document that we have found. `version` counts our revisions of this file and is no version of Ubidots. `x-provenance.level` says of every operation, parameter, response and schema on what it rests, the weakest part of it: `documented` is printed in Ubidots' documentation, `official-client` is taken from code that Ubidots publishes, `observed` is seen in what third parties send and receive, `inferred` is reasoned and shown nowhere. None of it has been tried against the live service.

Version: 1*/
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
        "1"
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
    /**Have a token for an API key

Such a token lives six hours.

Sends a `POST` request to `/api/v1.6/auth/token`

*/
    pub async fn create_token<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::IssuedToken>, Error<types::ErrorBody>> {
        let url = format!("{}/api/v1.6/auth/token", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_token",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List the stored values of a variable, a page at a time

Sends a `GET` request to `/api/v1.6/variables/{variable_id}/values`

Arguments:
- `variable_id`: The variable's id.
- `end`: Up to this time, in Unix milliseconds.
- `page`: The page, from 1.
- `page_size`: Entries a page: 50 by default, of variables 200. A server may give fewer than it was asked for, without a word.
- `start`: From this time on, in Unix milliseconds.
*/
    pub async fn list_variable_values<'a>(
        &'a self,
        variable_id: &'a types::ObjectId,
        end: Option<i64>,
        page: Option<::std::num::NonZeroU64>,
        page_size: Option<::std::num::NonZeroU64>,
        start: Option<i64>,
    ) -> Result<ResponseValue<types::ValuePage>, Error<types::ErrorBody>> {
        let url = format!(
            "{}/api/v1.6/variables/{}/values", self.baseurl, encode_path(& variable_id
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("end", &end))
            .query(&progenitor_client::QueryParam::new("page", &page))
            .query(&progenitor_client::QueryParam::new("page_size", &page_size))
            .query(&progenitor_client::QueryParam::new("start", &start))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_variable_values",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List devices, a page at a time

The server is likely to ignore a filter that it does not know and to list every device: hold each device of a reply against the filter. Deleting while paging shifts the pages.

Sends a `GET` request to `/api/v2.0/devices/`

Arguments:
- `fields`: The fields wanted, separated by commas; `id` must be among them.
- `label_startswith`: A prefix of the label, case-sensitive.
- `last_activity_isnull`: `true`: devices that never sent anything.
- `last_activity_lt`: Last activity before this time, in Unix milliseconds.
- `page`: The page, from 1.
- `page_size`: Entries a page: 50 by default, of variables 200. A server may give fewer than it was asked for, without a word.
- `sort_by`: `label`, `name` or `created_at`; with a leading `-` in descending order.
- `tags_contains`: Tags, separated by commas; a device has all of them.
*/
    pub async fn list_devices<'a>(
        &'a self,
        fields: Option<&'a str>,
        label_startswith: Option<&'a str>,
        last_activity_isnull: Option<bool>,
        last_activity_lt: Option<i64>,
        page: Option<::std::num::NonZeroU64>,
        page_size: Option<::std::num::NonZeroU64>,
        sort_by: Option<&'a str>,
        tags_contains: Option<&'a str>,
    ) -> Result<ResponseValue<types::DevicePage>, Error<types::ErrorBody>> {
        let url = format!("{}/api/v2.0/devices/", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("fields", &fields))
            .query(
                &progenitor_client::QueryParam::new(
                    "label__startswith",
                    &label_startswith,
                ),
            )
            .query(
                &progenitor_client::QueryParam::new(
                    "lastActivity__isnull",
                    &last_activity_isnull,
                ),
            )
            .query(
                &progenitor_client::QueryParam::new(
                    "lastActivity__lt",
                    &last_activity_lt,
                ),
            )
            .query(&progenitor_client::QueryParam::new("page", &page))
            .query(&progenitor_client::QueryParam::new("page_size", &page_size))
            .query(&progenitor_client::QueryParam::new("sort_by", &sort_by))
            .query(&progenitor_client::QueryParam::new("tags__contains", &tags_contains))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_devices",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Delete devices, asynchronously and for good

The literal `_` addresses the collection. A reply names a background task, which nothing documented reads back: what has become of the devices shows in reading them.

Sends a `POST` request to `/api/v2.0/devices/_/bulk/delete/`

Arguments:
- `x_bulk_operation`: Says that many devices are meant.
- `body`
*/
    pub async fn bulk_delete_devices<'a>(
        &'a self,
        x_bulk_operation: types::BulkOperation,
        body: &'a types::DeviceKeyList,
    ) -> Result<ResponseValue<types::TaskAccepted>, Error<types::ErrorBody>> {
        let url = format!("{}/api/v2.0/devices/_/bulk/delete/", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        header_map.append("X-Bulk-Operation", x_bulk_operation.to_string().try_into()?);
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
            operation_id: "bulk_delete_devices",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200..=299 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Get one device

Sends a `GET` request to `/api/v2.0/devices/{device_key}/`

Arguments:
- `device_key`: The device's id, or `~` and its label.
- `fields`: The fields wanted, separated by commas; `id` must be among them.
*/
    pub async fn get_device<'a>(
        &'a self,
        device_key: &'a types::DevicePathKey,
        fields: Option<&'a str>,
    ) -> Result<ResponseValue<types::Device>, Error<types::ErrorBody>> {
        let url = format!(
            "{}/api/v2.0/devices/{}/", self.baseurl, encode_path(& device_key
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("fields", &fields))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "get_device",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**List the variables of a device, a page at a time

Sends a `GET` request to `/api/v2.0/devices/{device_key}/variables/`

Arguments:
- `device_key`: The device's id, or `~` and its label.
- `fields`: The fields wanted, separated by commas; `id` must be among them.
- `page`: The page, from 1.
- `page_size`: Entries a page: 50 by default, of variables 200. A server may give fewer than it was asked for, without a word.
*/
    pub async fn list_device_variables<'a>(
        &'a self,
        device_key: &'a types::DevicePathKey,
        fields: Option<&'a str>,
        page: Option<::std::num::NonZeroU64>,
        page_size: Option<::std::num::NonZeroU64>,
    ) -> Result<ResponseValue<types::VariablePage>, Error<types::ErrorBody>> {
        let url = format!(
            "{}/api/v2.0/devices/{}/variables/", self.baseurl, encode_path(& device_key
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("fields", &fields))
            .query(&progenitor_client::QueryParam::new("page", &page))
            .query(&progenitor_client::QueryParam::new("page_size", &page_size))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_device_variables",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            400u16..=499u16 => {
                Err(Error::ErrorResponse(ResponseValue::from_response(response).await?))
            }
            500u16..=599u16 => {
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
