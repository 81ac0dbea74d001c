//! Adds the limits of the spec to what `schemars` generates.
//!
//! The generator checks a string's length where it makes a type of its own for it, and drops the limits of arrays
//! altogether; its derived `JsonSchema` says neither. With an attribute on the field, the schema of a generated type is
//! that of the spec.

use std::collections::BTreeMap;

use serde_json::Value;
use syn::{Attribute, Field, Fields, Ident, Item, ItemStruct, LitStr, Meta, Token, Type, parse_quote};

/// Adds `#[schemars(..)]` attributes to the fields of the types in `mod types`, for the limits in `components.schemas`.
pub(crate) fn annotate(file: &mut syn::File, spec: &Value) {
    let Some(Value::Object(schemas)) = spec.pointer("/components/schemas") else {
        return;
    };
    let types = file.items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_mut().map(|(_, items)| items),
        _ => None,
    });
    let mut structs: BTreeMap<Ident, &mut ItemStruct> = types
        .into_iter()
        .flatten()
        .filter_map(|item| match item {
            Item::Struct(item) => Some((item.ident.clone(), item)),
            _ => None,
        })
        .collect();
    for (name, schema) in schemas {
        for (type_name, attribute) in annotate_fields(&mut structs, name, schema) {
            if let Some(ItemStruct {
                fields: Fields::Unnamed(fields),
                ..
            }) = structs.get_mut(&type_name)
            {
                fields
                    .unnamed
                    .iter_mut()
                    .for_each(|field| field.attrs.push(attribute.clone()));
            }
        }
    }
}

/// Annotates the fields of one struct. A limit of a field whose type is the generator's own belongs to that type, as a
/// schema that refers to another has no limits: those are given back.
fn annotate_fields(
    structs: &mut BTreeMap<Ident, &mut ItemStruct>,
    name: &str,
    schema: &Value,
) -> Vec<(Ident, Attribute)> {
    let own_types: Vec<Ident> = structs.keys().cloned().collect();
    let mut elsewhere = Vec::new();
    let Some((_, item)) = structs.iter_mut().find(|(ident, _)| *ident == name) else {
        return elsewhere;
    };
    for field in &mut item.fields {
        let property = wire_name(field).and_then(|name| schema.get("properties")?.get(name));
        let Some(attribute) = property.and_then(limits) else {
            continue;
        };
        match type_name(&field.ty) {
            Some(own) if own_types.contains(own) => elsewhere.push((own.clone(), attribute)),
            _ => field.attrs.push(attribute),
        }
    }
    elsewhere
}

fn limits(property: &Value) -> Option<Attribute> {
    let limit = |of_string: &str, of_array: &str| {
        let limit = property.get(of_string).or_else(|| property.get(of_array))?;
        usize::try_from(limit.as_u64()?).ok()
    };
    match (limit("minLength", "minItems"), limit("maxLength", "maxItems")) {
        (Some(min), Some(max)) => {
            Some(parse_quote!(#[cfg_attr(feature = "schemars", schemars(length(min = #min, max = #max)))]))
        }
        (Some(min), None) => Some(parse_quote!(#[cfg_attr(feature = "schemars", schemars(length(min = #min)))])),
        (None, Some(max)) => Some(parse_quote!(#[cfg_attr(feature = "schemars", schemars(length(max = #max)))])),
        (None, None) => None,
    }
}

/// What a field is called on the wire.
fn wire_name(field: &Field) -> Option<String> {
    let mut name = field.ident.as_ref()?.to_string();
    for attribute in field
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        let Meta::List(list) = &attribute.meta else { continue };
        // What this does not understand is of no interest: the name stays.
        let _ = list.parse_nested_meta(|meta| {
            if meta.input.peek(Token![=]) {
                let value = meta.value()?.parse::<LitStr>()?;
                if meta.path.is_ident("rename") {
                    name = value.value();
                }
            }
            Ok(())
        });
    }
    Some(name)
}

fn type_name(r#type: &Type) -> Option<&Ident> {
    match r#type {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_on_the_wire_is_found_wherever_serde_is_told() {
        let fields: syn::FieldsNamed = parse_quote!({
            pub plain: u8,
            #[serde(default, rename = "first", skip_serializing_if = "f")]
            pub behind_a_flag: u8,
            #[serde(default)]
            #[serde(rename = "second")]
            pub in_a_further_attribute: u8
        });
        let names: Vec<_> = fields.named.iter().filter_map(wire_name).collect();
        assert_eq!(names, ["plain", "first", "second"]);
    }
}
