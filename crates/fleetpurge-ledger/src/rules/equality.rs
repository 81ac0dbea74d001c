//! When an entry of a protect list and a text of a row are equal for a person.
//!
//! A match too many keeps a device that should go, which can be corrected; a match too few deletes a device that should
//! stay. So texts that look alike, and equal UUIDs, match for either service.

use std::borrow::Cow;

use fleetpurge_text::is_ignorable;
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

/// What an entry and a uid or name have in common if they are the same: equal UUIDs in whatever spelling, else the text
/// without regard to case, to outer space, to kinds of space, to invisible characters, and to how an accent is encoded.
pub(crate) fn protect_key(text: &str) -> String {
    let folded = folded(&visible(text));
    uuid_of(&folded).unwrap_or(folded)
}

/// What the spellings of one name have in common, where a name is never taken for a UUID.
pub(crate) fn name_key(name: &str) -> String {
    folded(&visible(name))
}

/// A text without what surrounds it unseen: space of any kind, control characters, a byte order mark.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || is_ignorable(c))
}

/// What of a text can be seen, in normalization form C.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    let text = trimmed(text);
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_control()) {
        return Cow::Borrowed(text);
    }
    let seen = text
        .chars()
        .filter(|c| !is_ignorable(*c))
        .map(|c| if c.is_whitespace() { ' ' } else { c });
    Cow::Owned(seen.nfc().collect())
}

/// Full case folding, of which `str::to_lowercase` is only a part: `Straße` and `STRASSE`, either sigma, and the four
/// letters i of Turkish are the same.
pub(crate) fn folded(visible: &str) -> String {
    if visible.is_ascii() {
        return visible.to_ascii_lowercase();
    }
    let cased = visible
        .chars()
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase);
    let mut folded = String::with_capacity(visible.len());
    for c in cased {
        // What is left of a capital dotted i.
        if !(c == '\u{307}' && folded.ends_with('i')) {
            folded.push(c);
        }
    }
    folded.nfc().collect()
}

/// The UUID that a folded text is, in its one spelling: 32 hexadecimal digits with or without dashes, braces, `urn:uuid:`.
fn uuid_of(folded: &str) -> Option<String> {
    let text = folded.strip_prefix("urn:").unwrap_or(folded);
    let text = text.strip_prefix("uuid:").unwrap_or(text);
    let inner = |open, close| text.strip_prefix(open)?.strip_suffix(close);
    let text = inner('{', '}').or_else(|| inner('(', ')')).unwrap_or(text);
    if !text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()) {
        return None;
    }
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    (digits.len() == 32)
        .then(|| Uuid::try_parse(&digits).ok())
        .flatten()
        .map(|uuid| uuid.to_string())
}

/// What is left of a name without what people add to it: a domain before or after it, a remark, separators, accents.
///
/// Two names with equal skeletons are worth a hint, and never a match. `None` for what leaves too little to go by.
pub(crate) fn skeleton(text: &str) -> Option<String> {
    const REMARK: [char; 8] = ['|', '#', '(', ',', ';', '@', '=', '"'];
    let visible = visible(text);
    if uuid_of(&folded(&visible)).is_some() {
        return None;
    }
    let name = visible.trim_start_matches(['"', '\'', '~']);
    let name = name.split(REMARK).next().unwrap_or_default();
    let name = name.rsplit(['\\', '/']).next().unwrap_or_default();
    let name = match name.split_once('.') {
        // An address is no host within a domain.
        Some((host, _)) if host.chars().any(char::is_alphabetic) => host,
        _ => name,
    };
    let bare: String = name.nfkd().filter(|c| c.is_alphanumeric()).collect();
    let skeleton = folded(&bare);
    (!skeleton.is_empty()).then_some(skeleton)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

    #[test]
    fn protection_matches_what_looks_the_same_and_nothing_else() {
        for (entry, field, same) in [
            ("SERVER-1", " server-1\t", true),
            ("SERVER-1", "server-11", false),
            ("ÄRZTE", "ärzte", true),
            ("BÜRO", "BU\u{308}RO", true),
            ("BÜRO", "BURO", false),
            ("e\u{323}\u{302}", "ệ", true),
            ("STRASSE", "Straße", true),
            ("STRAẞE", "Straße", true),
            ("ΟΔΟΣ", "οδος", true),
            ("οδοσ", "οδος", true),
            ("ISTANBUL", "istanbul", true),
            ("İSTANBUL", "istanbul", true),
            ("ISTANBUL", "ıstanbul", true),
            ("I\u{307}STANBUL", "ıstanbul", true),
            ("\u{212a}elvin", "KELVIN", true),
            ("\u{a0}pc\u{3000}", "PC", true),
            ("pc\u{a0}1", "PC 1", true),
            ("\u{feff}p\u{200b}c\u{ad}", "PC", true),
            ("\u{85}\u{1}pc", "PC", true),
            ("pc  1", "pc 1", false),
            ("PC\u{2011}1", "PC-1", false),
            ("PC-1.corp.example", "PC-1", false),
            (r"CORP\PC-1", "PC-1", false),
            ("ＰＣ", "PC", false),
        ] {
            assert_eq!(protect_key(entry) == protect_key(field), same, "{entry:?} {field:?}");
        }
    }

    #[test]
    fn every_spelling_of_a_uuid_is_that_uuid() {
        let bare = UUID.replace('-', "");
        for (text, is_uuid) in [
            (UUID.to_owned(), true),
            (UUID.to_uppercase(), true),
            (format!(" {{{UUID}}} "), true),
            (format!("({UUID})"), true),
            (format!("{{{bare}}}"), true),
            (bare.to_uppercase(), true),
            (format!("urn:uuid:{UUID}"), true),
            (format!("URN:UUID:{}", UUID.to_uppercase()), true),
            (format!("uuid:{bare}"), true),
            (format!("\u{feff}{UUID}"), true),
            (format!("{UUID}0"), false),
            (format!("{{{UUID}"), false),
            (format!("x{UUID}"), false),
        ] {
            assert_eq!(protect_key(&text) == UUID, is_uuid, "{text:?}");
        }
    }

    #[test]
    fn no_letter_is_told_from_itself_in_another_case_or_form() {
        for letter in (char::MIN..=char::MAX).filter(|c| c.is_alphanumeric()) {
            let text = letter.to_string();
            let others: [String; 5] = [
                text.to_uppercase(),
                text.to_lowercase(),
                text.to_uppercase().to_lowercase(),
                text.nfd().collect(),
                text.to_uppercase().nfd().collect(),
            ];
            if others.iter().all(|other| *other == text) {
                continue;
            }
            let key = protect_key(&text);
            for other in others.iter().chain([&key]) {
                assert_eq!(protect_key(other), key, "{letter:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_hint_looks_past_domains_remarks_and_separators() {
        for (text, name) in [
            ("PC-1.corp.example", "pc-1"),
            (r"CORP\PC-1", "PC-1"),
            ("PC\u{2011}1", "PC-1"),
            ("PC-1|boss", "PC-1"),
            ("PC-1 (boss)", "PC-1"),
            ("PC_1$", "PC-1"),
            ("ＰＣ-1", "PC-1"),
            ("BURO", "Büro"),
            ("\"PC-1\"", "PC-1"),
            ("~PC-1", "PC-1"),
            ("Stra\u{df}e", "STRASSE"),
        ] {
            assert_eq!(skeleton(text), skeleton(name), "{text:?} {name:?}");
            assert!(skeleton(text).is_some());
        }
        for (text, name) in [("PC-1", "PC-10"), ("10.0.0.1", "10.0.0.2")] {
            assert_ne!(skeleton(text), skeleton(name), "{text:?} {name:?}");
        }
        for text in ["", " - ", "|x", UUID, "***"] {
            assert_eq!(skeleton(text), None, "{text:?}");
        }
    }

    #[test]
    fn names_are_the_same_after_composition_case_and_outer_space() {
        for (one, other, same) in [
            ("PC-1", "pc-1", true),
            (" PC-1\t", "PC-1", true),
            ("\u{a0}PC-1\u{2003}", "PC-1", true),
            ("B\u{dc}RO", "bu\u{308}ro", true),
            ("\u{c5}", "\u{212b}", true),
            ("\u{130}", "I\u{307}", true),
            ("PC-1", "PC-11", false),
            ("PC 1", "PC-1", false),
            ("", " ", true),
        ] {
            assert_eq!(name_key(one) == name_key(other), same, "{one:?} {other:?}");
        }
    }
}
