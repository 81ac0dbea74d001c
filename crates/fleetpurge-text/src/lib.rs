#![doc = include_str!("../README.md")]

mod counted;

pub use counted::Counted;

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

/// Whether Unicode says to ignore the character where it has no meaning (`Default_Ignorable_Code_Point`): zero-width
/// characters, soft hyphens, direction marks, variation selectors, tags.
///
/// ```
/// use fleetpurge_text::is_ignorable;
///
/// assert!(is_ignorable('\u{200b}'));
/// assert!(!is_ignorable(' ') && !is_ignorable('\n') && !is_ignorable('\u{301}'));
/// ```
#[must_use]
pub fn is_ignorable(c: char) -> bool {
    !c.is_ascii() && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether the character has no mark of its own, or changes where others stand: what is [ignorable](is_ignorable), control
/// characters, separators of lines and paragraphs, and marks of annotations. Space is not among them.
///
/// ```
/// use fleetpurge_text::is_invisible;
///
/// assert!(['\u{200b}', '\u{202e}', '\u{1b}', '\u{2028}', '\u{feff}'].into_iter().all(is_invisible));
/// assert!([' ', '\u{a0}', 'a', '\u{301}'].into_iter().all(|c| !is_invisible(c)));
/// ```
#[must_use]
pub fn is_invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}') || is_ignorable(c)
}

/// Whether the character chooses between forms of the character before it, as for emoji.
#[must_use]
pub const fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_no_mark_is_invisible_in_every_block() {
        for c in [
            '\u{0}',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{17b4}',
            '\u{17b5}',
            '\u{180b}',
            '\u{180f}',
            '\u{200b}',
            '\u{200f}',
            '\u{2028}',
            '\u{202e}',
            '\u{2060}',
            '\u{2065}',
            '\u{206f}',
            '\u{3164}',
            '\u{fe00}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{fffb}',
            '\u{1bca0}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0020}',
            '\u{e0100}',
            '\u{e0fff}',
        ] {
            assert!(is_invisible(c), "{c:?}");
        }
    }

    #[test]
    fn what_leaves_a_mark_or_is_space_is_visible() {
        for c in [
            ' ',
            '\u{a0}',
            '\u{3000}',
            'a',
            '\u{e9}',
            '\u{301}',
            '\u{600}',
            '\u{1f4bb}',
            '\u{fffd}',
            '\u{2010}',
        ] {
            assert!(!is_invisible(c), "{c:?}");
        }
    }

    #[test]
    fn variation_selectors_are_ignorable() {
        for c in ['\u{180b}', '\u{180f}', '\u{fe00}', '\u{fe0f}', '\u{e0100}', '\u{e01ef}'] {
            assert!(is_variation_selector(c) && is_ignorable(c), "{c:?}");
        }
        assert!(!is_variation_selector('\u{200d}'));
    }
}
