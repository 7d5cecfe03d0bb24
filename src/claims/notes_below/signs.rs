//! Signs that a row below a table is a note and not a claim.

use std::collections::BTreeSet;

use crate::claims::ids::validity::names_total;
use crate::claims::notes_below::{LastRow, RowsAbove};

/// The rows above those that may be notes.
pub(super) struct TableShape<'r> {
    /// Their ids, as far as they are among the last rows; never empty.
    pub(super) ids: Vec<&'r str>,
    pub(super) facts: RowsAbove,
    pub(super) rows: u64,
}

/// Signs of a note.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct NoteSigns {
    /// No other cell is filled.
    bare: bool,
    /// No other cell is filled, although every row above has some.
    pub(super) alone: bool,
    /// At most half as many other cells are filled as in every row above.
    pub(super) few: bool,
    /// The row is below an empty row, as is every note above it.
    pub(super) gap: bool,
    /// The id has several words, while all ids above have one.
    words: bool,
    /// The id has no digit, while all ids above do; or it has characters that no
    /// other id has.
    unlike: bool,
    /// The id begins with a word that is typical for notes.
    mark: bool,
    /// The id begins with words that occur only in notes.
    phrase: bool,
    /// A number in the row is the number of rows above.
    counts: bool,
    /// Another cell names a total.
    total: bool,
}

impl NoteSigns {
    pub(super) fn of(row: &LastRow<'_>, gap: bool, table: &TableShape<'_>) -> Self {
        let (others, fewest) = (row.others.len(), table.facts.fewest);
        let (mark, phrase) = begins_like_a_note(row.id, &table.ids);
        // Compared with a single id that is the only cell of its row, any name
        // looks unusual.
        let telling = fewest > 0 || table.rows > 1;
        let count = table.rows.to_string();
        let is_count = |text: &str| text.trim_start_matches('0') == count;
        let counts = |text: &str| {
            // Ids are often numbered, but not with new words.
            let mut pieces = text.split(|letter: char| letter.is_whitespace() || letter == '=');
            pieces.any(|piece| is_count(piece.trim_matches(['(', ')', '.', ','])))
        };
        let label = row.id.ends_with(':') && !table.ids.iter().any(|id| id.contains(':'));
        Self {
            bare: others == 0,
            alone: others == 0 && fewest > 0,
            few: others > 0 && others <= fewest / 2,
            gap,
            words: telling && !table.facts.spaces && has_new_words(row.id, &table.ids),
            unlike: is_unlike(row.id, &table.ids),
            mark: mark || label,
            phrase,
            total: row.others.iter().any(|cell| names_total(cell)),
            counts: counts(row.id) || row.others.iter().any(|cell| is_count(cell)),
        }
    }

    pub(super) fn are_enough(self) -> bool {
        self.bare && (self.words || self.phrase || self.unlike && (self.mark || self.gap))
            || self.alone && (self.gap || self.unlike || self.mark || self.counts)
            || self.few && (self.words || self.mark || self.unlike && (self.gap || self.counts))
            || self.counts && (self.words || self.mark)
            || self.unlike && self.mark
            || self.total && (self.unlike || self.few)
            || self.gap && self.words
    }

    /// The signs in words.
    pub(super) fn words(self) -> String {
        let signs = [
            (self.bare, "no other cell of its row is filled"),
            (self.few, "most other cells of its row are blank"),
            (self.gap, "it is below an empty row"),
            (self.words, "it has spaces, but no id above does"),
            (
                self.unlike && !self.words,
                "it does not look like the ids above",
            ),
            (self.mark, "it begins like a note"),
            (self.total, "another of its cells names a total"),
            (self.counts, "its number equals the number of rows above"),
        ];
        let signs: Vec<&str> = signs
            .into_iter()
            .filter_map(|(holds, words)| holds.then_some(words))
            .collect();
        signs.join("; ")
    }
}

/// True if an id consists of words that no id above contains, unless those are
/// words themselves and this is not a sentence.
fn has_new_words(id: &str, ids: &[&str]) -> bool {
    let is_code = |id: &&str| id.contains(|letter: char| letter == '@' || letter.is_numeric());
    let words: BTreeSet<String> = words(id).collect();
    let count = id.split_whitespace().count();
    let is_new = |word: &String| {
        let known = |id: &&str| id.to_lowercase().starts_with(word.as_str());
        word.starts_with(char::is_alphabetic)
            && word.chars().count() > 2
            && word.chars().all(char::is_alphanumeric)
            && !ids.iter().any(known)
    };
    count > 1 && words.iter().any(is_new) && (count > 3 || ids.iter().all(is_code))
}

/// True if an id differs in form from all ids above.
fn is_unlike(id: &str, ids: &[&str]) -> bool {
    let has_digit = |id: &str| id.contains(char::is_numeric);
    let is_odd = |letter: char| {
        matches!(letter, ':' | '*' | '=' | '|' | '©') && !ids.iter().any(|id| id.contains(letter))
    };
    let has_letter = |id: &str| id.contains(char::is_alphabetic);
    !has_digit(id) && ids.iter().all(|id| has_digit(id))
        || !has_letter(id) && ids.iter().all(|id| has_letter(id))
        || id.contains(is_odd)
        || (id.starts_with('(') && !ids.iter().any(|id| id.starts_with('(')))
        || !id.contains(char::is_alphanumeric)
}

/// True, and true, if an id begins with a word that is typical for notes, and with
/// words that occur only in notes. Ids above must begin differently.
pub(super) fn begins_like_a_note(id: &str, ids: &[&str]) -> (bool, bool) {
    const MARKS: &str = "confidential copyright count disclaimer eof exported footer generated \
                         notes printed records report rows trailer trl accrual approved \
                         checksum database filters query run source status user version";
    const PHRASES: &str = "as of,claim count,created on,do not,end of,exported on,generated at,\
                           generated by,generated on,number of,prepared by,printed on,\
                           record count,report date,report generated,row count,run date";
    let words: Vec<String> = words(id).take(2).collect();
    let first = words.first().map_or("", String::as_str);
    if ids.iter().any(|id| id.to_lowercase().starts_with(first)) {
        return (false, false);
    }
    let both = words.join(" ");
    let phrase = PHRASES.split(',').any(|phrase| phrase == both);
    let mark = MARKS.split_whitespace().any(|mark| mark == first);
    (mark || phrase, phrase)
}

/// The words of an id, in lower case and without surrounding punctuation.
pub(super) fn words(id: &str) -> impl Iterator<Item = String> {
    let bare = |word: &str| {
        word.trim_matches(|letter: char| !letter.is_alphanumeric())
            .to_lowercase()
    };
    id.split(|letter: char| letter.is_whitespace() || matches!(letter, ':' | '=' | '_'))
        .map(bare)
        .filter(|word| !word.is_empty())
}
