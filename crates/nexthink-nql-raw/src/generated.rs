// @generated with progenitor 0.15.1, typify 0.8.0, prettyplease 0.3.0, from (sha256)
//   982e954049e70b910fd88ccda109bc81b9f07d9bd8bf2fa5c1948253328bbf5f openapi/nql.json
//   67cace5d503db7eeb265fb5ba3e2099134faefdfd3864b9be9219704a1835b0c openapi/nql.overlay.json
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
    ///`ErrorResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ErrorResponse {
        ///Error code
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub code: ::std::option::Option<i64>,
        ///Message with the description of the error.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub message: ::std::option::Option<::std::string::String>,
        ///Source of the error, if any.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub source: ::std::option::Option<::std::string::String>,
    }
    impl ErrorResponse {
        pub fn builder() -> builder::ErrorResponse {
            Default::default()
        }
    }
    ///`NqlApiExportRequest`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct NqlApiExportRequest {
        ///The compression algorithm for the export. If not set, no compression is applied.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub compression: ::std::option::Option<NqlApiExportRequestCompression>,
        ///Key and value of the parameters to be replaced within the NQL query in order to compose a final query for execution. Example: {\"alert_name\": \"my_alert\", \"alert_status\": \"Open\"}"
        #[serde(
            default,
            skip_serializing_if = ":: std :: collections :: HashMap::is_empty"
        )]
        pub parameters: ::std::collections::HashMap<
            ::std::string::String,
            ::std::string::String,
        >,
        ///Identifier of the query which is going to be executed.
        #[serde(rename = "queryId")]
        pub query_id: NqlApiExportRequestQueryId,
    }
    impl NqlApiExportRequest {
        pub fn builder() -> builder::NqlApiExportRequest {
            Default::default()
        }
    }
    ///The compression algorithm for the export. If not set, no compression is applied.
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
        PartialOrd
    )]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub enum NqlApiExportRequestCompression {
        #[serde(rename = "ZSTD")]
        Zstd,
        #[serde(rename = "GZIP")]
        Gzip,
        #[serde(rename = "NONE")]
        None,
    }
    impl ::std::fmt::Display for NqlApiExportRequestCompression {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Zstd => f.write_str("ZSTD"),
                Self::Gzip => f.write_str("GZIP"),
                Self::None => f.write_str("NONE"),
            }
        }
    }
    impl ::std::str::FromStr for NqlApiExportRequestCompression {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            match value {
                "ZSTD" => Ok(Self::Zstd),
                "GZIP" => Ok(Self::Gzip),
                "NONE" => Ok(Self::None),
                _ => Err("invalid value".into()),
            }
        }
    }
    impl ::std::convert::TryFrom<&str> for NqlApiExportRequestCompression {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String>
    for NqlApiExportRequestCompression {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    ///Identifier of the query which is going to be executed.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct NqlApiExportRequestQueryId(
        #[cfg_attr(feature = "schemars", schemars(length(min = 1usize, max = 255usize)))]
        ::std::string::String,
    );
    impl ::std::ops::Deref for NqlApiExportRequestQueryId {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<NqlApiExportRequestQueryId> for ::std::string::String {
        fn from(value: NqlApiExportRequestQueryId) -> Self {
            value.0
        }
    }
    impl ::std::str::FromStr for NqlApiExportRequestQueryId {
        type Err = self::error::ConversionError;
        fn from_str(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if value.chars().count() > 255usize {
                return Err("longer than 255 characters".into());
            }
            if value.chars().count() < 1usize {
                return Err("shorter than 1 characters".into());
            }
            static PATTERN: ::std::sync::LazyLock<::regress::Regex> = ::std::sync::LazyLock::new(||
            { ::regress::Regex::new("^#[a-z0-9_]{2,255}$").unwrap() });
            if PATTERN.find(value).is_none() {
                return Err("doesn't match pattern \"^#[a-z0-9_]{2,255}$\"".into());
            }
            Ok(Self(value.to_string()))
        }
    }
    impl ::std::convert::TryFrom<&str> for NqlApiExportRequestQueryId {
        type Error = self::error::ConversionError;
        fn try_from(
            value: &str,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl ::std::convert::TryFrom<::std::string::String> for NqlApiExportRequestQueryId {
        type Error = self::error::ConversionError;
        fn try_from(
            value: ::std::string::String,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            value.parse()
        }
    }
    impl<'de> ::serde::Deserialize<'de> for NqlApiExportRequestQueryId {
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
    ///`NqlApiExportResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct NqlApiExportResponse {
        ///Export identifier to be used in the "status" operation to know the state of the export and to retrieve the URL of the file with the results.
        #[serde(
            rename = "exportId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub export_id: ::std::option::Option<::std::string::String>,
    }
    impl NqlApiExportResponse {
        pub fn builder() -> builder::NqlApiExportResponse {
            Default::default()
        }
    }
    ///`NqlApiStatusResponse`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct NqlApiStatusResponse {
        ///Message with the description of the error.
        #[serde(
            rename = "errorDescription",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub error_description: ::std::option::Option<::std::string::String>,
        ///URL of the file with the content once the export has been completed.
        #[serde(
            rename = "resultsFileUrl",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub results_file_url: ::std::option::Option<::std::string::String>,
        ///Status of the export
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub status: ::std::option::Option<::std::string::String>,
    }
    impl NqlApiStatusResponse {
        pub fn builder() -> builder::NqlApiStatusResponse {
            Default::default()
        }
    }
    /// Types for composing complex structures.
    pub mod builder {
        #[derive(Clone, Debug)]
        pub struct ErrorResponse {
            code: ::std::result::Result<
                ::std::option::Option<i64>,
                ::std::string::String,
            >,
            message: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            source: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for ErrorResponse {
            fn default() -> Self {
                Self {
                    code: Ok(Default::default()),
                    message: Ok(Default::default()),
                    source: Ok(Default::default()),
                }
            }
        }
        impl ErrorResponse {
            pub fn code<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<i64>>,
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
            pub fn source<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.source = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for source: {e}")
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
                    source: value.source?,
                })
            }
        }
        impl ::std::convert::From<super::ErrorResponse> for ErrorResponse {
            fn from(value: super::ErrorResponse) -> Self {
                Self {
                    code: Ok(value.code),
                    message: Ok(value.message),
                    source: Ok(value.source),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct NqlApiExportRequest {
            compression: ::std::result::Result<
                ::std::option::Option<super::NqlApiExportRequestCompression>,
                ::std::string::String,
            >,
            parameters: ::std::result::Result<
                ::std::collections::HashMap<
                    ::std::string::String,
                    ::std::string::String,
                >,
                ::std::string::String,
            >,
            query_id: ::std::result::Result<
                super::NqlApiExportRequestQueryId,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for NqlApiExportRequest {
            fn default() -> Self {
                Self {
                    compression: Ok(Default::default()),
                    parameters: Ok(Default::default()),
                    query_id: Err("no value supplied for query_id".to_string()),
                }
            }
        }
        impl NqlApiExportRequest {
            pub fn compression<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                    ::std::option::Option<super::NqlApiExportRequestCompression>,
                >,
                T::Error: ::std::fmt::Display,
            {
                self.compression = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for compression: {e}")
                    });
                self
            }
            pub fn parameters<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                    ::std::collections::HashMap<
                        ::std::string::String,
                        ::std::string::String,
                    >,
                >,
                T::Error: ::std::fmt::Display,
            {
                self.parameters = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for parameters: {e}")
                    });
                self
            }
            pub fn query_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::NqlApiExportRequestQueryId>,
                T::Error: ::std::fmt::Display,
            {
                self.query_id = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for query_id: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<NqlApiExportRequest>
        for super::NqlApiExportRequest {
            type Error = super::error::ConversionError;
            fn try_from(
                value: NqlApiExportRequest,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    compression: value.compression?,
                    parameters: value.parameters?,
                    query_id: value.query_id?,
                })
            }
        }
        impl ::std::convert::From<super::NqlApiExportRequest> for NqlApiExportRequest {
            fn from(value: super::NqlApiExportRequest) -> Self {
                Self {
                    compression: Ok(value.compression),
                    parameters: Ok(value.parameters),
                    query_id: Ok(value.query_id),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct NqlApiExportResponse {
            export_id: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for NqlApiExportResponse {
            fn default() -> Self {
                Self {
                    export_id: Ok(Default::default()),
                }
            }
        }
        impl NqlApiExportResponse {
            pub fn export_id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.export_id = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for export_id: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<NqlApiExportResponse>
        for super::NqlApiExportResponse {
            type Error = super::error::ConversionError;
            fn try_from(
                value: NqlApiExportResponse,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    export_id: value.export_id?,
                })
            }
        }
        impl ::std::convert::From<super::NqlApiExportResponse> for NqlApiExportResponse {
            fn from(value: super::NqlApiExportResponse) -> Self {
                Self {
                    export_id: Ok(value.export_id),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct NqlApiStatusResponse {
            error_description: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            results_file_url: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            status: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for NqlApiStatusResponse {
            fn default() -> Self {
                Self {
                    error_description: Ok(Default::default()),
                    results_file_url: Ok(Default::default()),
                    status: Ok(Default::default()),
                }
            }
        }
        impl NqlApiStatusResponse {
            pub fn error_description<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.error_description = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for error_description: {e}"
                        )
                    });
                self
            }
            pub fn results_file_url<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.results_file_url = value
                    .try_into()
                    .map_err(|e| {
                        format!(
                            "error converting supplied value for results_file_url: {e}"
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
        impl ::std::convert::TryFrom<NqlApiStatusResponse>
        for super::NqlApiStatusResponse {
            type Error = super::error::ConversionError;
            fn try_from(
                value: NqlApiStatusResponse,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    error_description: value.error_description?,
                    results_file_url: value.results_file_url?,
                    status: value.status?,
                })
            }
        }
        impl ::std::convert::From<super::NqlApiStatusResponse> for NqlApiStatusResponse {
            fn from(value: super::NqlApiStatusResponse) -> Self {
                Self {
                    error_description: Ok(value.error_description),
                    results_file_url: Ok(value.results_file_url),
                    status: Ok(value.status),
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
/**Client for NQL API

Version: 1.2.0*/
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
        "1.2.0"
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
    /**Export an NQL

Starts the execution of a query that will finish with the export of the results to a file in S3. The service response contains an identifier that can be used in the "status" operation to obtain the URL of the file with the results.

Sends a `GET` request to `/api/v1/nql/export`

Arguments:
- `compression`: The compression algorithm for the export. If not set, no compression is applied. Allowed values: `NONE`, `ZSTD`, `GZIP`.
- `parameters`: Key and value of the parameters to be replaced within the NQL query in order to compose a final query for execution. Example: {\"alert_name\": \"my_alert\", \"alert_status\": \"Open\"}"
- `query_id`: Identifier of the query which is going to be executed.*/
    pub fn export_get(&self) -> builder::ExportGet<'_> {
        builder::ExportGet::new(self)
    }
    /**Export an NQL

Starts the execution of a query that will finish with the export of the results to a file in S3. The service response contains an identifier that can be used in the "status" operation to obtain the URL of the file with the results.

Sends a `POST` request to `/api/v1/nql/export`

Arguments:
- `body`: The configuration of the execution*/
    pub fn export_post(&self) -> builder::ExportPost<'_> {
        builder::ExportPost::new(self)
    }
    /**Status of an export

Retrieve the status of an export given its identifier.

Sends a `GET` request to `/api/v1/nql/status/{exportId}`

Arguments:
- `export_id`: Export identifier*/
    pub fn status(&self) -> builder::Status<'_> {
        builder::Status::new(self)
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
    /**Builder for [`Client::export_get`]

[`Client::export_get`]: super::Client::export_get*/
    #[derive(Debug, Clone)]
    pub struct ExportGet<'a> {
        client: &'a super::Client,
        compression: Result<Option<::std::string::String>, String>,
        parameters: Result<
            Option<
                ::std::collections::HashMap<::std::string::String, ::std::string::String>,
            >,
            String,
        >,
        query_id: Result<::std::string::String, String>,
    }
    impl<'a> ExportGet<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                compression: Ok(None),
                parameters: Ok(None),
                query_id: Err("query_id was not initialized".to_string()),
            }
        }
        pub fn compression<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.compression = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for compression failed"
                        .to_string()
                });
            self
        }
        pub fn parameters<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<
                ::std::collections::HashMap<::std::string::String, ::std::string::String>,
            >,
        {
            self.parameters = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: collections :: HashMap < :: std :: string :: String , :: std :: string :: String >` for parameters failed"
                        .to_string()
                });
            self
        }
        pub fn query_id<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.query_id = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for query_id failed"
                        .to_string()
                });
            self
        }
        ///Sends a `GET` request to `/api/v1/nql/export`
        pub async fn send(
            self,
        ) -> Result<
            ResponseValue<types::NqlApiExportResponse>,
            Error<types::ErrorResponse>,
        > {
            let Self { client, compression, parameters, query_id } = self;
            let compression = compression.map_err(Error::InvalidRequest)?;
            let parameters = parameters.map_err(Error::InvalidRequest)?;
            let query_id = query_id.map_err(Error::InvalidRequest)?;
            let url = format!("{}/api/v1/nql/export", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .query(&progenitor_client::QueryParam::new("compression", &compression))
                .query(&progenitor_client::QueryParam::new("parameters", &parameters))
                .query(&progenitor_client::QueryParam::new("queryId", &query_id))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "export_get",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
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
    }
    /**Builder for [`Client::export_post`]

[`Client::export_post`]: super::Client::export_post*/
    #[derive(Debug, Clone)]
    pub struct ExportPost<'a> {
        client: &'a super::Client,
        body: Result<types::builder::NqlApiExportRequest, String>,
    }
    impl<'a> ExportPost<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                body: Ok(::std::default::Default::default()),
            }
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::NqlApiExportRequest>,
            <V as std::convert::TryInto<
                types::NqlApiExportRequest,
            >>::Error: std::fmt::Display,
        {
            self.body = value
                .try_into()
                .map(From::from)
                .map_err(|s| {
                    format!("conversion to `NqlApiExportRequest` for body failed: {}", s)
                });
            self
        }
        pub fn body_map<F>(mut self, f: F) -> Self
        where
            F: std::ops::FnOnce(
                types::builder::NqlApiExportRequest,
            ) -> types::builder::NqlApiExportRequest,
        {
            self.body = self.body.map(f);
            self
        }
        ///Sends a `POST` request to `/api/v1/nql/export`
        pub async fn send(
            self,
        ) -> Result<
            ResponseValue<types::NqlApiExportResponse>,
            Error<types::ErrorResponse>,
        > {
            let Self { client, body } = self;
            let body = body
                .and_then(|v| {
                    types::NqlApiExportRequest::try_from(v).map_err(|e| e.to_string())
                })
                .map_err(Error::InvalidRequest)?;
            let url = format!("{}/api/v1/nql/export", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
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
                operation_id: "export_post",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
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
        ///Sends a `POST` request to `/api/v1/nql/export`
        ///
        /// The body is sent as it is, whatever was set before, and the reply is returned as it came: neither is held against
        /// the spec.
        pub async fn send_encoded(
            self,
            body: impl Into<::reqwest::Body>,
        ) -> Result<::reqwest::Response, Error<()>> {
            let Self { client, body: _ } = self;
            let url = format!("{}/api/v1/nql/export", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
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
                operation_id: "export_post",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            Ok(response)
        }
    }
    /**Builder for [`Client::status`]

[`Client::status`]: super::Client::status*/
    #[derive(Debug, Clone)]
    pub struct Status<'a> {
        client: &'a super::Client,
        export_id: Result<::std::string::String, String>,
    }
    impl<'a> Status<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                export_id: Err("export_id was not initialized".to_string()),
            }
        }
        pub fn export_id<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.export_id = value
                .try_into()
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for export_id failed"
                        .to_string()
                });
            self
        }
        ///Sends a `GET` request to `/api/v1/nql/status/{exportId}`
        pub async fn send(
            self,
        ) -> Result<
            ResponseValue<types::NqlApiStatusResponse>,
            Error<types::ErrorResponse>,
        > {
            let Self { client, export_id } = self;
            let export_id = export_id.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/api/v1/nql/status/{}", client.baseurl, encode_path(& export_id
                .to_string()),
            );
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            #[allow(unused_mut)]
            let mut request = client
                .client
                .get(url)
                .header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "status",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                206u16 => ResponseValue::from_response(response).await,
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
            ("ErrorResponse", schemars::schema_for!(super::types::ErrorResponse)),
            ("NqlApiExportRequest",
            schemars::schema_for!(super::types::NqlApiExportRequest)),
            ("NqlApiExportResponse",
            schemars::schema_for!(super::types::NqlApiExportResponse)),
            ("NqlApiStatusResponse",
            schemars::schema_for!(super::types::NqlApiStatusResponse))
        ]
    }
}
