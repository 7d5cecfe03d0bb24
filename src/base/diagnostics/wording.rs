//! Safe display of texts from files, and lists of them.

use crate::base::money::group;

/// Maximum number of characters quoted from a cell.
const QUOTED: usize = 60;

/// `1 row`, `2,000 rows`.
pub(crate) fn count<N>(number: N, one: &str, many: &str) -> String
where
    N: Copy + ToString + PartialEq + From<u8>,
{
    let noun = if number == N::from(1) { one } else { many };
    format!("{} {noun}", group(&number))
}

/// Escapes control and direction characters, so that no cell can move the cursor of
/// a terminal.
pub(crate) fn shown_whole(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars() {
        if is_unprintable(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Like [`shown_whole`], but truncates long texts.
pub(crate) fn quotable(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => shown_whole(text.get(..end).unwrap_or(text)) + "…",
        None => shown_whole(text),
    }
}

/// The text in backticks, safe to show; `blank` for a blank text.
pub(crate) fn literal(text: &str) -> String {
    if text.is_empty() {
        "blank".to_owned()
    } else {
        format!("`{}`", quotable(text))
    }
}

/// Like [`literal`], but never truncated, for what people file.
pub(crate) fn whole_literal(text: &str) -> String {
    if text.is_empty() {
        literal(text)
    } else {
        format!("`{}`", shown_whole(text))
    }
}

/// Like [`literal`], for the beginning of a sentence about the text.
pub(crate) fn subject(text: &str) -> String {
    if text.is_empty() {
        "a blank".to_owned()
    } else {
        literal(text)
    }
}

/// `a`, `b` or `c`, each in backticks; long lists are truncated.
pub(crate) fn alternatives<S: AsRef<str>>(texts: &[S]) -> String {
    enumerated(texts, "or")
}

/// `a`, `b` and `c`, each in backticks; long lists are truncated.
pub(crate) fn listing<S: AsRef<str>>(texts: &[S]) -> String {
    enumerated(texts, "and")
}

fn enumerated<S: AsRef<str>>(texts: &[S], word: &str) -> String {
    const LISTED: usize = 8;
    let mut listed: Vec<String> = texts
        .iter()
        .take(LISTED)
        .map(|t| literal(t.as_ref()))
        .collect();
    if texts.len() > LISTED {
        listed.push(count(texts.len() - LISTED, "other", "others"));
    }
    match listed.pop() {
        None => "nothing".to_owned(),
        Some(last) if listed.is_empty() => last,
        Some(last) => format!("{} {word} {last}", listed.join(", ")),
    }
}

/// The candidate most similar to the text, if similar enough to suggest.
pub(crate) fn nearest<'a>(
    text: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let folded = text.to_lowercase();
    let length = folded.chars().count();
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| {
            let (longer, shorter) = (length.max(candidate.chars().count()), candidate.len());
            // Codes of two letters are all alike.
            let is_code = shorter <= 2 && length <= 2 && *distance > 0;
            *distance <= 1 + longer / 4
                && *distance < longer
                && !is_code
                && !is_opposite(&folded, &candidate.to_lowercase())
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// True if one of two words is the opposite of the other: `not approved`, `ineligible`.
fn is_opposite(one: &str, other: &str) -> bool {
    const PREFIXES: [&str; 9] = ["un", "in", "im", "il", "ir", "dis", "non", "not", "no"];
    let negates = |longer: &str, word: &str| {
        let before = longer.strip_suffix(word);
        let before = before.map(|before| before.trim_end_matches([' ', '-', '_']));
        before.is_some_and(|before| PREFIXES.contains(&before))
    };
    negates(one, other) || negates(other, one)
}

/// The candidate of which the text is a misspelling: it is the only one that differs in
/// no more than a letter, of at least five, or in two that changed places.
pub(crate) fn mistyped<'a>(
    text: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    const SHORTEST: usize = 5;
    let folded = text.trim().to_lowercase();
    // A mark such as `*` or `?` may mean something.
    let is_marked = |candidate: &str| {
        let mut marks = folded.chars().filter(|c| !c.is_alphanumeric() && *c != ' ');
        marks.any(|mark| !candidate.contains(mark))
    };
    let is_near = |candidate: &&str| {
        candidate.chars().count() >= SHORTEST
            && !is_marked(candidate)
            && strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()) <= 1
    };
    let mut near = candidates.into_iter().filter(is_near);
    near.next().filter(|_| near.next().is_none())
}

/// The most similar name, or all names: `did you mean x?`, or `there are a, b and
/// c` with the words given.
pub(crate) fn did_you_mean<S: AsRef<str>>(text: &str, known: &[S], there_are: &str) -> String {
    match nearest(text, known.iter().map(AsRef::as_ref)) {
        Some(near) => format!("did you mean {}?", literal(near)),
        None => format!("{there_are} {}", listing(known)),
    }
}

/// True if a character is invisible or affects the placement of the text after it.
pub(crate) fn is_unprintable(character: char) -> bool {
    character.is_control()
        || (character.is_whitespace() && character != ' ')
        || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The replacement of a character when a line is shown as it is.
pub(super) fn printable(character: char) -> char {
    if character == '\t' {
        ' '
    } else if is_unprintable(character) {
        '\u{fffd}'
    } else {
        character
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_separators_and_the_form_of_the_noun() {
        assert_eq!(count(0_u64, "row", "rows"), "0 rows");
        assert_eq!(count(1_usize, "row", "rows"), "1 row");
        assert_eq!(count(1_234_567_u64, "row", "rows"), "1,234,567 rows");
        let letters: Vec<String> = ('a'..='j').map(String::from).collect();
        assert!(listing(letters.get(..9).unwrap()).ends_with("`h` and 1 other"));
        assert!(listing(&letters).ends_with("`h` and 2 others"));
    }

    #[test]
    fn a_cell_cannot_move_the_cursor() {
        assert_eq!(quotable("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(quotable(&"x".repeat(80)).chars().count(), QUOTED + 1);
    }

    #[test]
    fn the_nearest_name_is_suggested_only_when_it_is_near() {
        let known = ["amount", "percent", "fraction"];
        assert_eq!(nearest("percnt", known), Some("percent"));
        assert_eq!(nearest("Amount", known), Some("amount"));
        assert_eq!(nearest("bananas", known), None);
    }

    #[test]
    fn a_misspelling_has_one_meaning() {
        let known = ["approved", "approves", "denied", "IL"];
        assert_eq!(mistyped("Deneid", known), Some("denied"));
        assert_eq!(mistyped("approve", known), None);
        assert_eq!(mistyped("IN", known), None);
        assert_eq!(mistyped("dened!", known), None);
    }

    #[test]
    fn no_word_is_suggested_for_its_opposite() {
        let known = || ["approved", "eligible", "valid", "paid"].into_iter();
        for opposite in [
            "not approved",
            "unapproved",
            "ineligible",
            "invalid",
            "unpaid",
        ] {
            assert_eq!(nearest(opposite, known()), None, "{opposite}");
        }
        assert_eq!(nearest("aproved", known()), Some("approved"));
        assert_eq!(mistyped("approved*", known()), None);
        assert_eq!(nearest("XX", ["TX", "CA"]), None);
    }
}
