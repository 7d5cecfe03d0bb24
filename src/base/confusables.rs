//! Texts that look alike to a reader.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

/// Folds case and Unicode normalization forms: é is one character or two.
pub(crate) fn fold(text: &str) -> String {
    UniCase::new(text).to_folded_case().nfc().collect()
}

/// True if a character is invisible or looks like a space.
pub(crate) fn is_hidden(character: char) -> bool {
    is_invisible(character) || (character.is_whitespace() && character != ' ')
}

/// True if a character is invisible and has no width.
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
