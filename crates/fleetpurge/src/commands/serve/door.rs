//! Decides who may see the plan. Pure.
//!
//! A page of the web can have a browser ask this machine for anything. It does not know the token; and if its own name is
//! made to lead to 127.0.0.1 ("DNS rebinding"), the request still has that name as its `Host`.

use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{Method, StatusCode};

use super::token::Token;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Page,
    Events,
}

/// What the request may have. A refusal says nothing of the plan.
pub(super) fn admit(request: &Parts, token: &Token) -> Result<Asked, StatusCode> {
    if !is_addressed_to_this_machine(request) {
        return Err(StatusCode::FORBIDDEN);
    }
    if request.method != Method::GET && request.method != Method::HEAD {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    let path = request.uri.path();
    let path = path.strip_prefix('/').unwrap_or(path);
    let (given, rest) = path.split_once('/').unwrap_or((path, ""));
    if !token.is(given) {
        return Err(StatusCode::NOT_FOUND);
    }
    match rest {
        "" => Ok(Asked::Page),
        "events" => Ok(Asked::Events),
        _ => Err(StatusCode::NOT_FOUND),
    }
}

/// Whether all that the request says of its host is an address of this machine, and something is said. Any port will do:
/// `ssh -L` may have another one at its end.
fn is_addressed_to_this_machine(request: &Parts) -> bool {
    let mut hosts = Vec::new();
    for value in request.headers.get_all(HOST) {
        let Some(authority) = value.to_str().ok().and_then(|text| text.parse::<Authority>().ok()) else {
            return false;
        };
        hosts.push(authority);
    }
    hosts.extend(request.uri.authority().cloned());
    !hosts.is_empty() && hosts.iter().all(is_loopback)
}

fn is_loopback(authority: &Authority) -> bool {
    let host = authority.host();
    !authority.as_str().contains('@')
        && (host == "127.0.0.1" || host == "[::1]" || host.eq_ignore_ascii_case("localhost"))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn asked(token: &Token, method: &str, uri: &str, hosts: &[&str]) -> Result<Asked, u16> {
        let mut request = Request::builder()
            .method(method)
            .uri(uri.replace("TOKEN", token.text()));
        for host in hosts {
            request = request.header(HOST, *host);
        }
        admit(&request.body(()).unwrap().into_parts().0, token).map_err(|status| status.as_u16())
    }

    #[test]
    fn only_who_knows_the_token_is_let_in_and_only_to_read() {
        let token = Token::new().unwrap();
        let table = [
            ("GET", "/TOKEN/", Ok(Asked::Page)),
            ("GET", "/TOKEN", Ok(Asked::Page)),
            ("HEAD", "/TOKEN/", Ok(Asked::Page)),
            ("GET", "/TOKEN/events", Ok(Asked::Events)),
            ("GET", "/TOKEN/?a=b", Ok(Asked::Page)),
            ("GET", "/TOKEN/other", Err(404)),
            ("GET", "/TOKEN/events/", Err(404)),
            ("GET", "/", Err(404)),
            ("GET", "/events", Err(404)),
            ("GET", "/TOKENx/", Err(404)),
            ("GET", "//TOKEN/", Err(404)),
            ("GET", "/?token=TOKEN", Err(404)),
            ("POST", "/TOKEN/", Err(405)),
            ("DELETE", "/TOKEN/", Err(405)),
            ("OPTIONS", "/TOKEN/", Err(405)),
            ("POST", "/", Err(405)),
        ];
        for (method, uri, expected) in table {
            assert_eq!(
                asked(&token, method, uri, &["127.0.0.1:80"]),
                expected,
                "{method} {uri}"
            );
        }
    }

    #[test]
    fn a_request_to_another_name_is_refused_whatever_it_knows() {
        let token = Token::new().unwrap();
        let table: [(&str, &[&str], bool); 16] = [
            ("/TOKEN/", &["127.0.0.1:1234"], true),
            ("/TOKEN/", &["127.0.0.1"], true),
            ("/TOKEN/", &["localhost:1234"], true),
            ("/TOKEN/", &["LocalHost"], true),
            ("/TOKEN/", &["[::1]:1234"], true),
            ("http://127.0.0.1:1/TOKEN/", &[], true),
            ("/TOKEN/", &[], false),
            ("/TOKEN/", &[""], false),
            ("/TOKEN/", &["evil.example"], false),
            ("/TOKEN/", &["evil.example:1234"], false),
            ("/TOKEN/", &["127.0.0.1.evil.example"], false),
            ("/TOKEN/", &["127.0.0.1@evil.example"], false),
            ("/TOKEN/", &["evil@127.0.0.1"], false),
            ("/TOKEN/", &["localhost.", "127.0.0.1"], false),
            ("/TOKEN/", &["127.0.0.1", "evil.example"], false),
            ("http://evil.example/TOKEN/", &["127.0.0.1"], false),
        ];
        for (uri, hosts, is_let_in) in table {
            let expected = if is_let_in { Ok(Asked::Page) } else { Err(403) };
            assert_eq!(asked(&token, "GET", uri, hosts), expected, "{uri} {hosts:?}");
        }
    }
}
