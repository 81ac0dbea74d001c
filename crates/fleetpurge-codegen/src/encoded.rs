//! A second way to send what has a body of JSON: encoded already, and without decoding the reply.
//!
//! The generated `send` takes a copy of every value of its body and returns a copy of every value of the reply. A caller
//! that has both at hand saves them with `send_encoded`, which is the same request otherwise: `send` is copied, without its
//! body and what follows the reply.

use syn::{Block, Expr, ExprMethodCall, FieldPat, ImplItem, ImplItemFn, Item, Member, Pat, Stmt, parse_quote};

/// Adds `send_encoded` to every builder whose `send` has a body of JSON.
pub(crate) fn add(file: &mut syn::File) {
    let builders = file.items.iter_mut().filter_map(|item| match item {
        Item::Mod(module) if module.ident == "builder" => module.content.as_mut().map(|(_, items)| items),
        _ => None,
    });
    for item in builders.flatten() {
        let Item::Impl(builder) = item else { continue };
        let encoded: Vec<ImplItem> = builder
            .items
            .iter()
            .filter_map(|item| match item {
                ImplItem::Fn(method) if method.sig.ident == "send" => encoded(method).map(ImplItem::Fn),
                _ => None,
            })
            .collect();
        builder.items.extend(encoded);
    }
}

/// The same method for a body that is encoded already, if there is a body of JSON.
fn encoded(send: &ImplItemFn) -> Option<ImplItemFn> {
    let mut stmts = Vec::new();
    let mut has_body = false;
    for stmt in &send.block.stmts {
        let mut stmt = stmt.clone();
        if let Stmt::Local(local) = &mut stmt {
            if let Pat::Struct(fields) = &mut local.pat {
                fields.fields.iter_mut().for_each(without_body);
            }
            // How the body is made of its parts.
            if matches!(&local.pat, Pat::Ident(name) if name.ident == "body") {
                continue;
            }
            if let Some(init) = &mut local.init {
                has_body |= takes_encoded(&mut init.expr);
            }
        }
        stmts.push(stmt);
    }
    if !has_body {
        return None;
    }
    // In the place of what the reply means.
    stmts.pop();
    stmts.push(Stmt::Expr(parse_quote!(Ok(response)), None));
    let about: Vec<_> = send
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .collect();
    let block = Block {
        stmts,
        ..send.block.clone()
    };
    Some(parse_quote! {
        #(#about)*
        ///
        /// The body is sent as it is, whatever was set before, and the reply is returned as it came: neither is held against
        /// the spec.
        pub async fn send_encoded(
            self,
            body: impl Into<::reqwest::Body>,
        ) -> Result<::reqwest::Response, Error<()>> #block
    })
}

fn without_body(field: &mut FieldPat) {
    if matches!(&field.member, Member::Named(name) if name == "body") {
        field.colon_token = Some(Default::default());
        *field.pat = parse_quote!(_);
    }
}

/// Takes the body of a chain of calls as it is, where the chain encodes it as JSON.
fn takes_encoded(expr: &mut Expr) -> bool {
    let Expr::MethodCall(call) = expr else {
        // `.build()?`
        return match expr {
            Expr::Try(tried) => takes_encoded(&mut tried.expr),
            _ => false,
        };
    };
    if call.method != "json" {
        return takes_encoded(&mut call.receiver);
    }
    let ExprMethodCall { receiver, .. } = call;
    *expr = parse_quote! {
        #receiver
            .header(
                ::reqwest::header::CONTENT_TYPE,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .body(body)
    };
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_send(chain: &Expr) -> syn::File {
        parse_quote! {
            pub mod builder {
                impl<'a> Delete<'a> {
                    /// Sends a `POST` request
                    pub async fn send(self) -> Result<ResponseValue<types::Reply>, Error<types::Wrong>> {
                        let Self { client, body } = self;
                        let body = body.and_then(checked)?;
                        let mut request = #chain;
                        let result = client.exec(request).await;
                        let response = result?;
                        match response.status().as_u16() {
                            202u16 => ResponseValue::from_response(response).await,
                            _ => Err(Error::UnexpectedResponse(response)),
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_body_of_json_may_be_sent_encoded_and_the_rest_of_the_request_is_the_same() {
        let mut file = with_send(&parse_quote!(
            client.post(url).header(ACCEPT, json).json(&body).headers(map).build()?
        ));
        add(&mut file);
        let written = prettyplease::unparse(&file);
        let (_, added) = written.split_once("send_encoded").unwrap();
        for kept in [
            "client.exec(request)",
            ".headers(map)",
            ".header(ACCEPT, json)",
            ".body(body)",
            "Ok(response)",
        ] {
            assert!(added.contains(kept), "{kept}: {added}");
        }
        for gone in [".json(", "checked", "ResponseValue", "return"] {
            assert!(!added.contains(gone), "{gone}: {added}");
        }
    }

    #[test]
    fn what_has_no_body_of_json_has_one_way_to_be_sent() {
        let mut file = with_send(&parse_quote!(client.get(url).headers(map).build()?));
        let before = prettyplease::unparse(&file);
        add(&mut file);
        assert_eq!(prettyplease::unparse(&file), before);
    }
}
