//! JSON Schemas of the generated types, behind the feature `schemars` of the raw crate: only its tests need them, and they
//! would cost every dependent a tenth of its build.

use serde_json::Value;
use syn::{Ident, Item, ItemMod, parse_quote};

/// Derives `JsonSchema` for every generated type.
pub(crate) fn derive_behind_feature(file: &mut syn::File) {
    let Some(types) = types(file) else { return };
    for item in types {
        let attributes = match item {
            Item::Struct(item) => &mut item.attrs,
            Item::Enum(item) => &mut item.attrs,
            _ => continue,
        };
        attributes.push(parse_quote!(#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]));
    }
}

/// Adds a list of the schemas of all types that `components.schemas` names, for a test that compares them with the spec.
pub(crate) fn list(file: &mut syn::File, spec: &Value) {
    let Some(types) = types(file) else { return };
    let idents: Vec<&Ident> = types
        .iter()
        .filter_map(|item| match item {
            Item::Struct(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            _ => None,
        })
        .collect();
    let schemas = spec.pointer("/components/schemas").and_then(Value::as_object);
    // A secret has no type of its own.
    let (names, types): (Vec<&String>, Vec<&Ident>) = schemas
        .into_iter()
        .flatten()
        .filter_map(|(name, _)| {
            let ident = idents
                .iter()
                .find(|ident| letters(&ident.to_string()) == letters(name))?;
            Some((name, *ident))
        })
        .unzip();
    let module: ItemMod = parse_quote! {
        /// The schemas of the types that the spec names.
        #[cfg(feature = "schemars")]
        pub mod schemas {
            /// Each type's name in the spec, and its schema.
            pub fn all() -> ::std::vec::Vec<(&'static str, schemars::Schema)> {
                ::std::vec![#((#names, schemars::schema_for!(super::types::#types))),*]
            }
        }
    };
    file.items.push(Item::Mod(module));
}

/// What a name of the spec and that of its type have in common: of `device-status` the generator makes `DeviceStatus`.
fn letters(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// The items of `mod types`.
fn types(file: &mut syn::File) -> Option<&mut Vec<Item>> {
    file.items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_mut().map(|(_, items)| items),
        _ => None,
    })
}
