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
        PartialOrd
    )]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    impl Device {
        pub fn builder() -> builder::Device {
            Default::default()
        }
    }
    ///A device's id: 24 hexadecimal digits.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct DeviceIdObject {
        pub id: DeviceId,
    }
    impl DeviceIdObject {
        pub fn builder() -> builder::DeviceIdObject {
            Default::default()
        }
    }
    ///A device, in one of three ways.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(transparent)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct DevicePage {
        ///The devices on all pages.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub count: ::std::option::Option<i64>,
        ///A URL; null on the last page. Not to be followed: samples show other hosts, and plain http.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next: ::std::option::Option<::std::string::String>,
        pub results: ::std::vec::Vec<Device>,
    }
    impl DevicePage {
        pub fn builder() -> builder::DevicePage {
            Default::default()
        }
    }
    ///A device's id, or `~` and its label, as part of a path. Nothing that would lead to another path: not empty, no `_`, no dots alone, no slash.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    impl ErrorBody {
        pub fn builder() -> builder::ErrorBody {
            Default::default()
        }
    }
    ///A token.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct IssuedToken {
        pub token: fleetpurge_http::secret::Secret,
    }
    impl IssuedToken {
        pub fn builder() -> builder::IssuedToken {
            Default::default()
        }
    }
    ///An id: 24 hexadecimal digits.
    #[derive(::serde::Serialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[serde(transparent)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct TaskAccepted {
        pub task: TaskRef,
    }
    impl TaskAccepted {
        pub fn builder() -> builder::TaskAccepted {
            Default::default()
        }
    }
    ///A background task.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct TaskRef {
        ///To be shown to people: nothing documented reads it back.
        pub id: ::std::string::String,
    }
    impl TaskRef {
        pub fn builder() -> builder::TaskRef {
            Default::default()
        }
    }
    ///One page of values.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct ValuePage {
        ///In the documentation's sample `true`, no number.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub count: ::std::option::Option<::serde_json::Value>,
        ///As of a page of devices.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next: ::std::option::Option<::std::string::String>,
        pub results: ::std::vec::Vec<VariableValue>,
    }
    impl ValuePage {
        pub fn builder() -> builder::ValuePage {
            Default::default()
        }
    }
    ///A variable. What is not named here is kept as it comes.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct Variable {
        pub id: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub label: ::std::option::Option<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    impl Variable {
        pub fn builder() -> builder::Variable {
            Default::default()
        }
    }
    ///One page of variables.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    pub struct VariablePage {
        ///The variables on all pages.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub count: ::std::option::Option<i64>,
        ///As of a page of devices.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next: ::std::option::Option<::std::string::String>,
        pub results: ::std::vec::Vec<Variable>,
    }
    impl VariablePage {
        pub fn builder() -> builder::VariablePage {
            Default::default()
        }
    }
    ///A stored value, kept as it comes: of what size or kind its numbers are is not known.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
    impl VariableValue {
        pub fn builder() -> builder::VariableValue {
            Default::default()
        }
    }
    /// Types for composing complex structures.
    pub mod builder {
        #[derive(Clone, Debug)]
        pub struct Device {
            id: ::std::result::Result<::std::string::String, ::std::string::String>,
            label: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            name: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            tags: ::std::result::Result<
                ::std::option::Option<::std::vec::Vec<::std::string::String>>,
                ::std::string::String,
            >,
            extra: ::std::result::Result<
                ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for Device {
            fn default() -> Self {
                Self {
                    id: Err("no value supplied for id".to_string()),
                    label: Ok(Default::default()),
                    name: Ok(Default::default()),
                    tags: Ok(Default::default()),
                    extra: Err("no value supplied for extra".to_string()),
                }
            }
        }
        impl Device {
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn label<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.label = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for label: {e}")
                    });
                self
            }
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
            pub fn tags<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                    ::std::option::Option<::std::vec::Vec<::std::string::String>>,
                >,
                T::Error: ::std::fmt::Display,
            {
                self.tags = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for tags: {e}")
                    });
                self
            }
            pub fn extra<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >,
                T::Error: ::std::fmt::Display,
            {
                self.extra = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for extra: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Device> for super::Device {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Device,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    id: value.id?,
                    label: value.label?,
                    name: value.name?,
                    tags: value.tags?,
                    extra: value.extra?,
                })
            }
        }
        impl ::std::convert::From<super::Device> for Device {
            fn from(value: super::Device) -> Self {
                Self {
                    id: Ok(value.id),
                    label: Ok(value.label),
                    name: Ok(value.name),
                    tags: Ok(value.tags),
                    extra: Ok(value.extra),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct DeviceIdObject {
            id: ::std::result::Result<super::DeviceId, ::std::string::String>,
        }
        impl ::std::default::Default for DeviceIdObject {
            fn default() -> Self {
                Self {
                    id: Err("no value supplied for id".to_string()),
                }
            }
        }
        impl DeviceIdObject {
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::DeviceId>,
                T::Error: ::std::fmt::Display,
            {
                self.id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<DeviceIdObject> for super::DeviceIdObject {
            type Error = super::error::ConversionError;
            fn try_from(
                value: DeviceIdObject,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { id: value.id? })
            }
        }
        impl ::std::convert::From<super::DeviceIdObject> for DeviceIdObject {
            fn from(value: super::DeviceIdObject) -> Self {
                Self { id: Ok(value.id) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct DevicePage {
            count: ::std::result::Result<
                ::std::option::Option<i64>,
                ::std::string::String,
            >,
            next: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            results: ::std::result::Result<
                ::std::vec::Vec<super::Device>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for DevicePage {
            fn default() -> Self {
                Self {
                    count: Ok(Default::default()),
                    next: Ok(Default::default()),
                    results: Err("no value supplied for results".to_string()),
                }
            }
        }
        impl DevicePage {
            pub fn count<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<i64>>,
                T::Error: ::std::fmt::Display,
            {
                self.count = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for count: {e}")
                    });
                self
            }
            pub fn next<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.next = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for next: {e}")
                    });
                self
            }
            pub fn results<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Device>>,
                T::Error: ::std::fmt::Display,
            {
                self.results = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for results: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<DevicePage> for super::DevicePage {
            type Error = super::error::ConversionError;
            fn try_from(
                value: DevicePage,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    count: value.count?,
                    next: value.next?,
                    results: value.results?,
                })
            }
        }
        impl ::std::convert::From<super::DevicePage> for DevicePage {
            fn from(value: super::DevicePage) -> Self {
                Self {
                    count: Ok(value.count),
                    next: Ok(value.next),
                    results: Ok(value.results),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct ErrorBody {
            code: ::std::result::Result<
                ::std::option::Option<i64>,
                ::std::string::String,
            >,
            detail: ::std::result::Result<
                ::std::option::Option<::serde_json::Value>,
                ::std::string::String,
            >,
            message: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for ErrorBody {
            fn default() -> Self {
                Self {
                    code: Ok(Default::default()),
                    detail: Ok(Default::default()),
                    message: Ok(Default::default()),
                }
            }
        }
        impl ErrorBody {
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
            pub fn detail<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::serde_json::Value>>,
                T::Error: ::std::fmt::Display,
            {
                self.detail = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for detail: {e}")
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
        impl ::std::convert::TryFrom<ErrorBody> for super::ErrorBody {
            type Error = super::error::ConversionError;
            fn try_from(
                value: ErrorBody,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    code: value.code?,
                    detail: value.detail?,
                    message: value.message?,
                })
            }
        }
        impl ::std::convert::From<super::ErrorBody> for ErrorBody {
            fn from(value: super::ErrorBody) -> Self {
                Self {
                    code: Ok(value.code),
                    detail: Ok(value.detail),
                    message: Ok(value.message),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct IssuedToken {
            token: ::std::result::Result<
                fleetpurge_http::secret::Secret,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for IssuedToken {
            fn default() -> Self {
                Self {
                    token: Err("no value supplied for token".to_string()),
                }
            }
        }
        impl IssuedToken {
            pub fn token<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<fleetpurge_http::secret::Secret>,
                T::Error: ::std::fmt::Display,
            {
                self.token = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for token: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<IssuedToken> for super::IssuedToken {
            type Error = super::error::ConversionError;
            fn try_from(
                value: IssuedToken,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { token: value.token? })
            }
        }
        impl ::std::convert::From<super::IssuedToken> for IssuedToken {
            fn from(value: super::IssuedToken) -> Self {
                Self { token: Ok(value.token) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct TaskAccepted {
            task: ::std::result::Result<super::TaskRef, ::std::string::String>,
        }
        impl ::std::default::Default for TaskAccepted {
            fn default() -> Self {
                Self {
                    task: Err("no value supplied for task".to_string()),
                }
            }
        }
        impl TaskAccepted {
            pub fn task<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<super::TaskRef>,
                T::Error: ::std::fmt::Display,
            {
                self.task = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for task: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<TaskAccepted> for super::TaskAccepted {
            type Error = super::error::ConversionError;
            fn try_from(
                value: TaskAccepted,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { task: value.task? })
            }
        }
        impl ::std::convert::From<super::TaskAccepted> for TaskAccepted {
            fn from(value: super::TaskAccepted) -> Self {
                Self { task: Ok(value.task) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct TaskRef {
            id: ::std::result::Result<::std::string::String, ::std::string::String>,
        }
        impl ::std::default::Default for TaskRef {
            fn default() -> Self {
                Self {
                    id: Err("no value supplied for id".to_string()),
                }
            }
        }
        impl TaskRef {
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
        }
        impl ::std::convert::TryFrom<TaskRef> for super::TaskRef {
            type Error = super::error::ConversionError;
            fn try_from(
                value: TaskRef,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self { id: value.id? })
            }
        }
        impl ::std::convert::From<super::TaskRef> for TaskRef {
            fn from(value: super::TaskRef) -> Self {
                Self { id: Ok(value.id) }
            }
        }
        #[derive(Clone, Debug)]
        pub struct ValuePage {
            count: ::std::result::Result<
                ::std::option::Option<::serde_json::Value>,
                ::std::string::String,
            >,
            next: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            results: ::std::result::Result<
                ::std::vec::Vec<super::VariableValue>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for ValuePage {
            fn default() -> Self {
                Self {
                    count: Ok(Default::default()),
                    next: Ok(Default::default()),
                    results: Err("no value supplied for results".to_string()),
                }
            }
        }
        impl ValuePage {
            pub fn count<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::serde_json::Value>>,
                T::Error: ::std::fmt::Display,
            {
                self.count = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for count: {e}")
                    });
                self
            }
            pub fn next<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.next = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for next: {e}")
                    });
                self
            }
            pub fn results<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::VariableValue>>,
                T::Error: ::std::fmt::Display,
            {
                self.results = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for results: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<ValuePage> for super::ValuePage {
            type Error = super::error::ConversionError;
            fn try_from(
                value: ValuePage,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    count: value.count?,
                    next: value.next?,
                    results: value.results?,
                })
            }
        }
        impl ::std::convert::From<super::ValuePage> for ValuePage {
            fn from(value: super::ValuePage) -> Self {
                Self {
                    count: Ok(value.count),
                    next: Ok(value.next),
                    results: Ok(value.results),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct Variable {
            id: ::std::result::Result<::std::string::String, ::std::string::String>,
            label: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            extra: ::std::result::Result<
                ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for Variable {
            fn default() -> Self {
                Self {
                    id: Err("no value supplied for id".to_string()),
                    label: Ok(Default::default()),
                    extra: Err("no value supplied for extra".to_string()),
                }
            }
        }
        impl Variable {
            pub fn id<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::string::String>,
                T::Error: ::std::fmt::Display,
            {
                self.id = value
                    .try_into()
                    .map_err(|e| format!("error converting supplied value for id: {e}"));
                self
            }
            pub fn label<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.label = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for label: {e}")
                    });
                self
            }
            pub fn extra<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >,
                T::Error: ::std::fmt::Display,
            {
                self.extra = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for extra: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<Variable> for super::Variable {
            type Error = super::error::ConversionError;
            fn try_from(
                value: Variable,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    id: value.id?,
                    label: value.label?,
                    extra: value.extra?,
                })
            }
        }
        impl ::std::convert::From<super::Variable> for Variable {
            fn from(value: super::Variable) -> Self {
                Self {
                    id: Ok(value.id),
                    label: Ok(value.label),
                    extra: Ok(value.extra),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct VariablePage {
            count: ::std::result::Result<
                ::std::option::Option<i64>,
                ::std::string::String,
            >,
            next: ::std::result::Result<
                ::std::option::Option<::std::string::String>,
                ::std::string::String,
            >,
            results: ::std::result::Result<
                ::std::vec::Vec<super::Variable>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for VariablePage {
            fn default() -> Self {
                Self {
                    count: Ok(Default::default()),
                    next: Ok(Default::default()),
                    results: Err("no value supplied for results".to_string()),
                }
            }
        }
        impl VariablePage {
            pub fn count<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<i64>>,
                T::Error: ::std::fmt::Display,
            {
                self.count = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for count: {e}")
                    });
                self
            }
            pub fn next<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::std::string::String>>,
                T::Error: ::std::fmt::Display,
            {
                self.next = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for next: {e}")
                    });
                self
            }
            pub fn results<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::vec::Vec<super::Variable>>,
                T::Error: ::std::fmt::Display,
            {
                self.results = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for results: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<VariablePage> for super::VariablePage {
            type Error = super::error::ConversionError;
            fn try_from(
                value: VariablePage,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    count: value.count?,
                    next: value.next?,
                    results: value.results?,
                })
            }
        }
        impl ::std::convert::From<super::VariablePage> for VariablePage {
            fn from(value: super::VariablePage) -> Self {
                Self {
                    count: Ok(value.count),
                    next: Ok(value.next),
                    results: Ok(value.results),
                }
            }
        }
        #[derive(Clone, Debug)]
        pub struct VariableValue {
            timestamp: ::std::result::Result<
                ::std::option::Option<::serde_json::Value>,
                ::std::string::String,
            >,
            value: ::std::result::Result<
                ::std::option::Option<::serde_json::Value>,
                ::std::string::String,
            >,
            extra: ::std::result::Result<
                ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                ::std::string::String,
            >,
        }
        impl ::std::default::Default for VariableValue {
            fn default() -> Self {
                Self {
                    timestamp: Ok(Default::default()),
                    value: Ok(Default::default()),
                    extra: Err("no value supplied for extra".to_string()),
                }
            }
        }
        impl VariableValue {
            pub fn timestamp<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::serde_json::Value>>,
                T::Error: ::std::fmt::Display,
            {
                self.timestamp = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for timestamp: {e}")
                    });
                self
            }
            pub fn value<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<::std::option::Option<::serde_json::Value>>,
                T::Error: ::std::fmt::Display,
            {
                self.value = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for value: {e}")
                    });
                self
            }
            pub fn extra<T>(mut self, value: T) -> Self
            where
                T: ::std::convert::TryInto<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >,
                T::Error: ::std::fmt::Display,
            {
                self.extra = value
                    .try_into()
                    .map_err(|e| {
                        format!("error converting supplied value for extra: {e}")
                    });
                self
            }
        }
        impl ::std::convert::TryFrom<VariableValue> for super::VariableValue {
            type Error = super::error::ConversionError;
            fn try_from(
                value: VariableValue,
            ) -> ::std::result::Result<Self, super::error::ConversionError> {
                Ok(Self {
                    timestamp: value.timestamp?,
                    value: value.value?,
                    extra: value.extra?,
                })
            }
        }
        impl ::std::convert::From<super::VariableValue> for VariableValue {
            fn from(value: super::VariableValue) -> Self {
                Self {
                    timestamp: Ok(value.timestamp),
                    value: Ok(value.value),
                    extra: Ok(value.extra),
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
#[rustfmt::skip]
impl Client {
    /**Have a token for an API key

Such a token lives six hours.

Sends a `POST` request to `/api/v1.6/auth/token`
*/
    pub fn create_token(&self) -> builder::CreateToken<'_> {
        builder::CreateToken::new(self)
    }
    /**List the stored values of a variable, a page at a time

Sends a `GET` request to `/api/v1.6/variables/{variable_id}/values`

Arguments:
- `variable_id`: The variable's id.
- `end`: Up to this time, in Unix milliseconds.
- `page`: The page, from 1.
- `page_size`: Entries a page: 50 by default, of variables 200. A server may give fewer than it was asked for, without a word.
- `start`: From this time on, in Unix milliseconds.*/
    pub fn list_variable_values(&self) -> builder::ListVariableValues<'_> {
        builder::ListVariableValues::new(self)
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
- `tags_contains`: Tags, separated by commas; a device has all of them.*/
    pub fn list_devices(&self) -> builder::ListDevices<'_> {
        builder::ListDevices::new(self)
    }
    /**Delete devices, asynchronously and for good

The literal `_` addresses the collection. A reply names a background task, which nothing documented reads back: what has become of the devices shows in reading them.

Sends a `POST` request to `/api/v2.0/devices/_/bulk/delete/`

Arguments:
- `x_bulk_operation`: Says that many devices are meant.
- `body`*/
    pub fn bulk_delete_devices(&self) -> builder::BulkDeleteDevices<'_> {
        builder::BulkDeleteDevices::new(self)
    }
    /**Get one device

Sends a `GET` request to `/api/v2.0/devices/{device_key}/`

Arguments:
- `device_key`: The device's id, or `~` and its label.
- `fields`: The fields wanted, separated by commas; `id` must be among them.*/
    pub fn get_device(&self) -> builder::GetDevice<'_> {
        builder::GetDevice::new(self)
    }
    /**List the variables of a device, a page at a time

Sends a `GET` request to `/api/v2.0/devices/{device_key}/variables/`

Arguments:
- `device_key`: The device's id, or `~` and its label.
- `fields`: The fields wanted, separated by commas; `id` must be among them.
- `page`: The page, from 1.
- `page_size`: Entries a page: 50 by default, of variables 200. A server may give fewer than it was asked for, without a word.*/
    pub fn list_device_variables(&self) -> builder::ListDeviceVariables<'_> {
        builder::ListDeviceVariables::new(self)
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
    /**Builder for [`Client::create_token`]

[`Client::create_token`]: super::Client::create_token*/
    #[derive(Debug, Clone)]
    pub struct CreateToken<'a> {
        client: &'a super::Client,
    }
    impl<'a> CreateToken<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self { client: client }
        }
        ///Sends a `POST` request to `/api/v1.6/auth/token`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::IssuedToken>, Error<types::ErrorBody>> {
            let Self { client } = self;
            let url = format!("{}/api/v1.6/auth/token", client.baseurl,);
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
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "create_token",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => ResponseValue::from_response(response).await,
                400u16..=499u16 => {
                    Err(
                        Error::ErrorResponse(
                            ResponseValue::from_response(response).await?,
                        ),
                    )
                }
                500u16..=599u16 => {
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
    /**Builder for [`Client::list_variable_values`]

[`Client::list_variable_values`]: super::Client::list_variable_values*/
    #[derive(Debug, Clone)]
    pub struct ListVariableValues<'a> {
        client: &'a super::Client,
        variable_id: Result<types::ObjectId, String>,
        end: Result<Option<i64>, String>,
        page: Result<Option<::std::num::NonZeroU64>, String>,
        page_size: Result<Option<::std::num::NonZeroU64>, String>,
        start: Result<Option<i64>, String>,
    }
    impl<'a> ListVariableValues<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                variable_id: Err("variable_id was not initialized".to_string()),
                end: Ok(None),
                page: Ok(None),
                page_size: Ok(None),
                start: Ok(None),
            }
        }
        pub fn variable_id<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::ObjectId>,
        {
            self.variable_id = value
                .try_into()
                .map_err(|_| {
                    "conversion to `ObjectId` for variable_id failed".to_string()
                });
            self
        }
        pub fn end<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.end = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `i64` for end failed".to_string());
            self
        }
        pub fn page<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::num::NonZeroU64>,
        {
            self.page = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: num :: NonZeroU64` for page failed"
                        .to_string()
                });
            self
        }
        pub fn page_size<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::num::NonZeroU64>,
        {
            self.page_size = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: num :: NonZeroU64` for page_size failed"
                        .to_string()
                });
            self
        }
        pub fn start<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.start = value
                .try_into()
                .map(Some)
                .map_err(|_| "conversion to `i64` for start failed".to_string());
            self
        }
        ///Sends a `GET` request to `/api/v1.6/variables/{variable_id}/values`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::ValuePage>, Error<types::ErrorBody>> {
            let Self { client, variable_id, end, page, page_size, start } = self;
            let variable_id = variable_id.map_err(Error::InvalidRequest)?;
            let end = end.map_err(Error::InvalidRequest)?;
            let page = page.map_err(Error::InvalidRequest)?;
            let page_size = page_size.map_err(Error::InvalidRequest)?;
            let start = start.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/api/v1.6/variables/{}/values", client.baseurl, encode_path(&
                variable_id.to_string()),
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
                .query(&progenitor_client::QueryParam::new("end", &end))
                .query(&progenitor_client::QueryParam::new("page", &page))
                .query(&progenitor_client::QueryParam::new("page_size", &page_size))
                .query(&progenitor_client::QueryParam::new("start", &start))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "list_variable_values",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => {
                    Err(
                        Error::ErrorResponse(
                            ResponseValue::from_response(response).await?,
                        ),
                    )
                }
                500u16..=599u16 => {
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
    /**Builder for [`Client::list_devices`]

[`Client::list_devices`]: super::Client::list_devices*/
    #[derive(Debug, Clone)]
    pub struct ListDevices<'a> {
        client: &'a super::Client,
        fields: Result<Option<::std::string::String>, String>,
        label_startswith: Result<Option<::std::string::String>, String>,
        last_activity_isnull: Result<Option<bool>, String>,
        last_activity_lt: Result<Option<i64>, String>,
        page: Result<Option<::std::num::NonZeroU64>, String>,
        page_size: Result<Option<::std::num::NonZeroU64>, String>,
        sort_by: Result<Option<::std::string::String>, String>,
        tags_contains: Result<Option<::std::string::String>, String>,
    }
    impl<'a> ListDevices<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                fields: Ok(None),
                label_startswith: Ok(None),
                last_activity_isnull: Ok(None),
                last_activity_lt: Ok(None),
                page: Ok(None),
                page_size: Ok(None),
                sort_by: Ok(None),
                tags_contains: Ok(None),
            }
        }
        pub fn fields<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.fields = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for fields failed"
                        .to_string()
                });
            self
        }
        pub fn label_startswith<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.label_startswith = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for label_startswith failed"
                        .to_string()
                });
            self
        }
        pub fn last_activity_isnull<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<bool>,
        {
            self.last_activity_isnull = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `bool` for last_activity_isnull failed".to_string()
                });
            self
        }
        pub fn last_activity_lt<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<i64>,
        {
            self.last_activity_lt = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `i64` for last_activity_lt failed".to_string()
                });
            self
        }
        pub fn page<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::num::NonZeroU64>,
        {
            self.page = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: num :: NonZeroU64` for page failed"
                        .to_string()
                });
            self
        }
        pub fn page_size<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::num::NonZeroU64>,
        {
            self.page_size = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: num :: NonZeroU64` for page_size failed"
                        .to_string()
                });
            self
        }
        pub fn sort_by<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.sort_by = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for sort_by failed"
                        .to_string()
                });
            self
        }
        pub fn tags_contains<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.tags_contains = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for tags_contains failed"
                        .to_string()
                });
            self
        }
        ///Sends a `GET` request to `/api/v2.0/devices/`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::DevicePage>, Error<types::ErrorBody>> {
            let Self {
                client,
                fields,
                label_startswith,
                last_activity_isnull,
                last_activity_lt,
                page,
                page_size,
                sort_by,
                tags_contains,
            } = self;
            let fields = fields.map_err(Error::InvalidRequest)?;
            let label_startswith = label_startswith.map_err(Error::InvalidRequest)?;
            let last_activity_isnull = last_activity_isnull
                .map_err(Error::InvalidRequest)?;
            let last_activity_lt = last_activity_lt.map_err(Error::InvalidRequest)?;
            let page = page.map_err(Error::InvalidRequest)?;
            let page_size = page_size.map_err(Error::InvalidRequest)?;
            let sort_by = sort_by.map_err(Error::InvalidRequest)?;
            let tags_contains = tags_contains.map_err(Error::InvalidRequest)?;
            let url = format!("{}/api/v2.0/devices/", client.baseurl,);
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
                .query(
                    &progenitor_client::QueryParam::new("tags__contains", &tags_contains),
                )
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "list_devices",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => {
                    Err(
                        Error::ErrorResponse(
                            ResponseValue::from_response(response).await?,
                        ),
                    )
                }
                500u16..=599u16 => {
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
    /**Builder for [`Client::bulk_delete_devices`]

[`Client::bulk_delete_devices`]: super::Client::bulk_delete_devices*/
    #[derive(Debug, Clone)]
    pub struct BulkDeleteDevices<'a> {
        client: &'a super::Client,
        x_bulk_operation: Result<types::BulkOperation, String>,
        body: Result<types::DeviceKeyList, String>,
    }
    impl<'a> BulkDeleteDevices<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                x_bulk_operation: Err(
                    "x_bulk_operation was not initialized".to_string(),
                ),
                body: Err("body was not initialized".to_string()),
            }
        }
        pub fn x_bulk_operation<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::BulkOperation>,
        {
            self.x_bulk_operation = value
                .try_into()
                .map_err(|_| {
                    "conversion to `BulkOperation` for x_bulk_operation failed"
                        .to_string()
                });
            self
        }
        pub fn body<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::DeviceKeyList>,
        {
            self.body = value
                .try_into()
                .map_err(|_| {
                    "conversion to `DeviceKeyList` for body failed".to_string()
                });
            self
        }
        ///Sends a `POST` request to `/api/v2.0/devices/_/bulk/delete/`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::TaskAccepted>, Error<types::ErrorBody>> {
            let Self { client, x_bulk_operation, body } = self;
            let x_bulk_operation = x_bulk_operation.map_err(Error::InvalidRequest)?;
            let body = body.map_err(Error::InvalidRequest)?;
            let url = format!("{}/api/v2.0/devices/_/bulk/delete/", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            header_map
                .append("X-Bulk-Operation", x_bulk_operation.to_string().try_into()?);
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
                operation_id: "bulk_delete_devices",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200..=299 => ResponseValue::from_response(response).await,
                400u16..=499u16 => {
                    Err(
                        Error::ErrorResponse(
                            ResponseValue::from_response(response).await?,
                        ),
                    )
                }
                500u16..=599u16 => {
                    Err(
                        Error::ErrorResponse(
                            ResponseValue::from_response(response).await?,
                        ),
                    )
                }
                _ => Err(Error::UnexpectedResponse(response)),
            }
        }
        ///Sends a `POST` request to `/api/v2.0/devices/_/bulk/delete/`
        ///
        /// The body is sent as it is, whatever was set before, and the reply is returned as it came: neither is held against
        /// the spec.
        pub async fn send_encoded(
            self,
            body: impl Into<::reqwest::Body>,
        ) -> Result<::reqwest::Response, Error<()>> {
            let Self { client, x_bulk_operation, body: _ } = self;
            let x_bulk_operation = x_bulk_operation.map_err(Error::InvalidRequest)?;
            let url = format!("{}/api/v2.0/devices/_/bulk/delete/", client.baseurl,);
            let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
            header_map
                .append(
                    ::reqwest::header::HeaderName::from_static("api-version"),
                    ::reqwest::header::HeaderValue::from_static(
                        super::Client::api_version(),
                    ),
                );
            header_map
                .append("X-Bulk-Operation", x_bulk_operation.to_string().try_into()?);
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
                operation_id: "bulk_delete_devices",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            Ok(response)
        }
    }
    /**Builder for [`Client::get_device`]

[`Client::get_device`]: super::Client::get_device*/
    #[derive(Debug, Clone)]
    pub struct GetDevice<'a> {
        client: &'a super::Client,
        device_key: Result<types::DevicePathKey, String>,
        fields: Result<Option<::std::string::String>, String>,
    }
    impl<'a> GetDevice<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                device_key: Err("device_key was not initialized".to_string()),
                fields: Ok(None),
            }
        }
        pub fn device_key<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::DevicePathKey>,
        {
            self.device_key = value
                .try_into()
                .map_err(|_| {
                    "conversion to `DevicePathKey` for device_key failed".to_string()
                });
            self
        }
        pub fn fields<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.fields = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for fields failed"
                        .to_string()
                });
            self
        }
        ///Sends a `GET` request to `/api/v2.0/devices/{device_key}/`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::Device>, Error<types::ErrorBody>> {
            let Self { client, device_key, fields } = self;
            let device_key = device_key.map_err(Error::InvalidRequest)?;
            let fields = fields.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/api/v2.0/devices/{}/", client.baseurl, encode_path(& device_key
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
                .query(&progenitor_client::QueryParam::new("fields", &fields))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "get_device",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => {
                    Err(
                        Error::ErrorResponse(
                            ResponseValue::from_response(response).await?,
                        ),
                    )
                }
                500u16..=599u16 => {
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
    /**Builder for [`Client::list_device_variables`]

[`Client::list_device_variables`]: super::Client::list_device_variables*/
    #[derive(Debug, Clone)]
    pub struct ListDeviceVariables<'a> {
        client: &'a super::Client,
        device_key: Result<types::DevicePathKey, String>,
        fields: Result<Option<::std::string::String>, String>,
        page: Result<Option<::std::num::NonZeroU64>, String>,
        page_size: Result<Option<::std::num::NonZeroU64>, String>,
    }
    impl<'a> ListDeviceVariables<'a> {
        pub fn new(client: &'a super::Client) -> Self {
            Self {
                client: client,
                device_key: Err("device_key was not initialized".to_string()),
                fields: Ok(None),
                page: Ok(None),
                page_size: Ok(None),
            }
        }
        pub fn device_key<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<types::DevicePathKey>,
        {
            self.device_key = value
                .try_into()
                .map_err(|_| {
                    "conversion to `DevicePathKey` for device_key failed".to_string()
                });
            self
        }
        pub fn fields<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::string::String>,
        {
            self.fields = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: string :: String` for fields failed"
                        .to_string()
                });
            self
        }
        pub fn page<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::num::NonZeroU64>,
        {
            self.page = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: num :: NonZeroU64` for page failed"
                        .to_string()
                });
            self
        }
        pub fn page_size<V>(mut self, value: V) -> Self
        where
            V: std::convert::TryInto<::std::num::NonZeroU64>,
        {
            self.page_size = value
                .try_into()
                .map(Some)
                .map_err(|_| {
                    "conversion to `:: std :: num :: NonZeroU64` for page_size failed"
                        .to_string()
                });
            self
        }
        ///Sends a `GET` request to `/api/v2.0/devices/{device_key}/variables/`
        pub async fn send(
            self,
        ) -> Result<ResponseValue<types::VariablePage>, Error<types::ErrorBody>> {
            let Self { client, device_key, fields, page, page_size } = self;
            let device_key = device_key.map_err(Error::InvalidRequest)?;
            let fields = fields.map_err(Error::InvalidRequest)?;
            let page = page.map_err(Error::InvalidRequest)?;
            let page_size = page_size.map_err(Error::InvalidRequest)?;
            let url = format!(
                "{}/api/v2.0/devices/{}/variables/", client.baseurl, encode_path(&
                device_key.to_string()),
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
                .query(&progenitor_client::QueryParam::new("fields", &fields))
                .query(&progenitor_client::QueryParam::new("page", &page))
                .query(&progenitor_client::QueryParam::new("page_size", &page_size))
                .headers(header_map)
                .build()?;
            let info = OperationInfo {
                operation_id: "list_device_variables",
            };
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
            match response.status().as_u16() {
                200u16 => ResponseValue::from_response(response).await,
                400u16..=499u16 => {
                    Err(
                        Error::ErrorResponse(
                            ResponseValue::from_response(response).await?,
                        ),
                    )
                }
                500u16..=599u16 => {
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
            ("BulkOperation", schemars::schema_for!(super::types::BulkOperation)),
            ("Device", schemars::schema_for!(super::types::Device)), ("DeviceId",
            schemars::schema_for!(super::types::DeviceId)), ("DeviceIdObject",
            schemars::schema_for!(super::types::DeviceIdObject)), ("DeviceKey",
            schemars::schema_for!(super::types::DeviceKey)), ("DeviceKeyList",
            schemars::schema_for!(super::types::DeviceKeyList)), ("DeviceLabel",
            schemars::schema_for!(super::types::DeviceLabel)), ("DevicePage",
            schemars::schema_for!(super::types::DevicePage)), ("DevicePathKey",
            schemars::schema_for!(super::types::DevicePathKey)), ("ErrorBody",
            schemars::schema_for!(super::types::ErrorBody)), ("IssuedToken",
            schemars::schema_for!(super::types::IssuedToken)), ("ObjectId",
            schemars::schema_for!(super::types::ObjectId)), ("TaskAccepted",
            schemars::schema_for!(super::types::TaskAccepted)), ("TaskRef",
            schemars::schema_for!(super::types::TaskRef)), ("ValuePage",
            schemars::schema_for!(super::types::ValuePage)), ("Variable",
            schemars::schema_for!(super::types::Variable)), ("VariablePage",
            schemars::schema_for!(super::types::VariablePage)), ("VariableValue",
            schemars::schema_for!(super::types::VariableValue))
        ]
    }
}
