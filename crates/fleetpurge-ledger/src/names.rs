//! When two names are the same name to a person. Pure.

use unicode_normalization::UnicodeNormalization;

/// What the spellings of one name have in common: composed or decomposed characters, case and outer space do not count.
pub(crate) fn name_key(name: &str) -> String {
    let composed: String = name.trim().nfc().collect();
    // The lower case of a composed character may be decomposed.
    composed.to_lowercase().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
