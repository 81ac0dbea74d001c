//! Where the tenant is reached.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct AddressArgs {
    /// The Nexthink instance, e.g. acme for acme.eu.nexthink.cloud
    #[arg(long, value_name = "NAME", help_heading = "Tenant")]
    pub(crate) instance: Option<String>,

    /// The region of the instance, in upper or lower case
    #[arg(long, value_parser = region(), ignore_case = true, help_heading = "Tenant")]
    pub(crate) region: Option<String>,

    /// The URL of the API, if it is not the usual one of the instance or of Ubidots. http:// is accepted for this
    /// machine only
    #[arg(long, value_name = "URL", help_heading = "Tenant")]
    pub(crate) base_url: Option<String>,

    /// The URL of the token endpoint, if it is not the usual one
    #[arg(long, value_name = "URL", help_heading = "Tenant")]
    pub(crate) token_url: Option<String>,
}

/// A region, in lower case as it stands in host names.
fn region() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(["us", "eu", "pac", "meta"]).map(|region| region.to_ascii_lowercase())
}
