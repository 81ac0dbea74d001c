//! What the page may do: run its own scripts and use its own style, told by their hashes, and nothing else. One that is
//! served may also ask where it came from for what is new.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The script of the page. In a script element nothing is escaped: it must not have `</script` or `<!--`.
pub(super) const SCRIPT: &str = include_str!("page.js");

/// The style of the page. Likewise, for `</style`.
pub(super) const STYLE: &str = include_str!("page.css");

/// The second script of a page that is served.
pub(super) const LIVE: &str = include_str!("live.js");

/// Where the page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// In a file.
    Report,
    /// At an address, where it may ask for what is new.
    Served,
}

/// The page's Content-Security-Policy.
pub(super) fn policy(page: Page) -> String {
    let mut scripts = format!("'sha256-{}'", hash(SCRIPT));
    let mut connect = "";
    if page == Page::Served {
        scripts.push_str(&format!(" 'sha256-{}'", hash(LIVE)));
        connect = " connect-src 'self';";
    }
    format!(
        "default-src 'none'; script-src {scripts}; style-src 'sha256-{}';{connect} base-uri 'none'; form-action 'none'",
        hash(STYLE)
    )
}

fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_and_style_end_where_their_elements_do_and_load_nothing() {
        for text in [SCRIPT, LIVE, STYLE].map(str::to_ascii_lowercase) {
            for part in [
                "</script", "</style", "<!--", "http:", "https:", "url(", "@import", "\r",
            ] {
                assert!(!text.contains(part), "{part}");
            }
        }
    }

    #[test]
    fn the_scripts_never_make_html_of_text() {
        for part in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
        ] {
            assert!(!SCRIPT.contains(part) && !LIVE.contains(part), "{part}");
        }
    }
}
