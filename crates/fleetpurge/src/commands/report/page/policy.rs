//! What the page may do: run its own script and use its own style, told by their hashes, and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The script of the page. In a script element nothing is escaped: it must not have `</script` or `<!--`.
pub(super) const SCRIPT: &str = include_str!("page.js");

/// The style of the page. Likewise, for `</style`.
pub(super) const STYLE: &str = include_str!("page.css");

/// The page's Content-Security-Policy.
pub(super) fn policy() -> String {
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
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
        for text in [SCRIPT, STYLE].map(str::to_ascii_lowercase) {
            for part in [
                "</script", "</style", "<!--", "http:", "https:", "url(", "@import", "\r",
            ] {
                assert!(!text.contains(part), "{part}");
            }
        }
    }

    #[test]
    fn the_script_never_makes_html_of_text() {
        for part in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
        ] {
            assert!(!SCRIPT.contains(part), "{part}");
        }
    }
}
