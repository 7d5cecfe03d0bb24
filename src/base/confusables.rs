//! Texts that look the same to whoever reads them.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

/// The text without case and in one form of Unicode: é is one character or two.
pub(crate) fn fold(text: &str) -> String {
    UniCase::new(text).to_folded_case().nfc().collect()
}

/// Whether a character cannot be told from nothing, or from a space.
pub(crate) fn is_hidden(character: char) -> bool {
    is_invisible(character) || (character.is_whitespace() && character != ' ')
}

/// Whether a character cannot be seen at all and takes no room.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_form_are_folded() {
        assert_eq!(fold("STRASSE"), fold("straße"));
        assert_eq!(fold("Jose\u{301}"), fold("JOS\u{c9}"));
        assert_ne!(fold("a b"), fold("ab"));
    }
}
