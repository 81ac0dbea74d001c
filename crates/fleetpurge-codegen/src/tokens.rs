//! The call of progenitor, with our settings. A panic of its is an error here.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use quote::quote;
use serde_json::Value;

use crate::formats;

/// Why progenitor made no code.
pub(crate) enum Failed {
    NotOpenApi(serde_json::Error),
    Refused(Box<progenitor::Error>),
    Panicked(String),
}

/// The client that progenitor makes of a spec.
pub(crate) fn tokens(spec: &Value) -> Result<TokenStream, Failed> {
    let parsed = serde_json::from_value(spec.clone()).map_err(Failed::NotOpenApi)?;
    let mut generator = Generator::new(&settings(spec));
    catch_unwind(AssertUnwindSafe(|| generator.generate_tokens(&parsed)))
        .map_err(|panic| Failed::Panicked(panic_message(panic.as_ref()).to_owned()))?
        .map_err(|source| Failed::Refused(Box::new(source)))
}

fn settings(spec: &Value) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        // A parameter that the vendor adds then breaks no caller.
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(fleetpurge_http::exchange::AttemptContext));
    formats::convert(&mut settings, spec);
    settings
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(message), _) => message,
        (None, Some(message)) => message,
        (None, None) => "it did not say why",
    }
}
