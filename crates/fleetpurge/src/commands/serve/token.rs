//! The token in the address: who does not know it sees nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

/// 192 bits.
const BYTES: usize = 24;

/// The token of one `serve`.
#[derive(Debug)]
pub(super) struct Token(SecretString);

impl Token {
    /// From the system's source of random bytes.
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(SecretString::from(URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// For the address.
    pub(super) fn text(&self) -> &str {
        self.0.expose_secret()
    }

    /// Compared in a time that does not say how much of it is right.
    pub(super) fn is(&self, given: &str) -> bool {
        self.text().as_bytes().ct_eq(given.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_itself_and_no_other() {
        let token = Token::new().unwrap();
        let text = token.text().to_owned();
        assert_eq!(text.len(), 32);
        assert!(token.is(&text));
        for other in ["", &text[1..], &format!("{text}x"), Token::new().unwrap().text()] {
            assert!(!token.is(other));
        }
        assert!(!format!("{token:?}").contains(&text));
    }
}
