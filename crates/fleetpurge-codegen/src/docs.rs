//! The documentation of the client's methods. The generator ends each with an example that is not compiled, because it
//! lacks a client; the builder that the method returns says the same.

use syn::{Attribute, Expr, ExprLit, ImplItem, Item, Lit, LitStr, Meta};

const OPENING: &str = "\n```ignore\n";
const CLOSING: &str = "\n```";

/// Takes these examples out.
pub(crate) fn without_ignored_examples(file: &mut syn::File) {
    for item in &mut file.items {
        let Item::Impl(item) = item else { continue };
        for item in &mut item.items {
            if let ImplItem::Fn(method) = item {
                method.attrs.iter_mut().for_each(shorten);
            }
        }
    }
}

fn shorten(attribute: &mut Attribute) {
    let Meta::NameValue(doc) = &mut attribute.meta else {
        return;
    };
    if let Expr::Lit(ExprLit {
        lit: Lit::Str(text), ..
    }) = &mut doc.value
        && doc.path.is_ident("doc")
        && let Some(shorter) = without_example(&text.value())
    {
        *text = LitStr::new(&shorter, text.span());
    }
}

fn without_example(text: &str) -> Option<String> {
    let (before, rest) = text.split_once(OPENING)?;
    let (_, after) = rest.split_once(CLOSING)?;
    Some(format!("{before}{after}"))
}
