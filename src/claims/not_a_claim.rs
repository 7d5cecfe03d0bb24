//! Rows below a table that are no claims: notes, record counts, marks of the end
//! of a file.
//!
//! Only rows at the end of a file are judged, after which no other row stands, and
//! one sign is never enough: any text can be an id. Rows that are refused for
//! another reason (without an id, or with one that names a total) are passed over.

use std::collections::BTreeSet;

use super::usable_id;
use crate::diagnostic::literal;

/// How many rows at the end of a file are looked at.
pub const LAST_ROWS: usize = 20;

/// What to do about such a row.
const HINT: &str = "remove the row; if it is a claim, move it up, above another claim";

/// A row at the end of a file.
#[derive(Debug, Clone, Default)]
pub struct LastRow<'r> {
    /// Its id, without white space around it.
    pub id: &'r str,
    /// Its other cells, of all columns of the file, that are not blank.
    pub others: Vec<&'r str>,
    /// Whether an empty row stands right above it.
    pub after_gap: bool,
}

/// What is known of the rows above those at the end.
#[derive(Debug, Clone, Copy)]
pub struct Above {
    /// Whether an id has white space in it.
    pub spaces: bool,
    /// The fewest cells next to the id that a row has and that are not blank.
    pub fewest: usize,
}

/// A row that is no claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoClaim {
    /// Its place among the rows at the end.
    pub place: usize,
    /// Why it is none.
    pub problem: String,
    /// What to do.
    pub hint: &'static str,
}

impl Default for Above {
    /// What is known of no rows.
    fn default() -> Self {
        Self {
            spaces: false,
            fewest: usize::MAX,
        }
    }
}

impl Above {
    /// Takes a row in, with the number of its other cells that are not blank.
    pub fn add(&mut self, id: &str, others: usize) {
        if is_claim(id) {
            self.spaces |= has_spaces(id);
            self.fewest = self.fewest.min(others);
        }
    }
}

/// Which of the last rows of a file are no claims. `rows` is how many rows stand
/// above them; what else is known of those is asked only where it matters, so
/// that it may cost something.
pub fn at_the_end(last: &[LastRow<'_>], rows: u64, above: impl FnOnce() -> Above) -> Vec<NoClaim> {
    let mut firsts = (1..last.len()).filter(|first| notes_from(*first, last, rows, None).is_some());
    let Some(first) = firsts.next() else {
        return Vec::new();
    };
    let above = above();
    let mut found = (first..last.len()).map(|first| notes_from(first, last, rows, Some(above)));
    found.find_map(|notes| notes).unwrap_or_default()
}

/// The rows from this one on, if all of them are notes below the table that ends
/// there. Without facts of the rows above, as if nothing there spoke against it.
fn notes_from(
    first: usize,
    last: &[LastRow<'_>],
    rows: u64,
    above: Option<Above>,
) -> Option<Vec<NoClaim>> {
    let (table, below) = last.split_at_checked(first)?;
    let mut facts = above.unwrap_or_default();
    for row in table {
        facts.add(row.id, row.others.len());
    }
    let claims = table.iter().map(|row| row.id);
    let table = Table {
        ids: claims.filter(|id| is_claim(id)).collect(),
        facts,
        // Rows that are refused anyway may have been counted or not.
        rows: rows.checked_add(u64::try_from(first).ok()?)?,
    };
    if table.ids.is_empty() {
        return None;
    }
    let mut notes = Vec::new();
    // A table ends in fewer notes than it has rows, unless they are plainly such.
    let mut room = table.rows;
    let mut gap = false;
    for (place, row) in (first..).zip(below) {
        // All that stands below an empty row may be another table.
        gap |= row.after_gap;
        if !is_claim(row.id) {
            continue;
        }
        let signs = Signs {
            gap,
            ..Signs::of(row, &table)
        };
        if !signs.are_enough() {
            return None;
        }
        room = room.checked_sub(u64::from(!(signs.alone || signs.gap && signs.few)))?;
        notes.push(NoClaim {
            place,
            problem: signs.problem(row),
            hint: HINT,
        });
    }
    (!notes.is_empty()).then_some(notes)
}

/// Whether a row with this id is not refused anyway.
fn is_claim(id: &str) -> bool {
    usable_id::fault(id, "").is_none()
}

fn has_spaces(id: &str) -> bool {
    id.contains(char::is_whitespace)
}

/// The rows above those that may be notes.
struct Table<'r> {
    /// Their ids, as far as they stand among the last rows; there are some.
    ids: Vec<&'r str>,
    facts: Above,
    rows: u64,
}

/// What speaks for a note.
#[derive(Debug, Clone, Copy, Default)]
struct Signs {
    /// No other cell is filled.
    bare: bool,
    /// No other cell is filled, while every row above has some.
    alone: bool,
    /// No more than half of the other cells are filled that every row above has.
    few: bool,
    /// It stands below an empty row, and so does every note above it.
    gap: bool,
    /// The id has words, while all ids above are of one piece.
    words: bool,
    /// The id has no digit, while all ids above have some; or signs that none has.
    unlike: bool,
    /// The id begins with a word of notes.
    mark: bool,
    /// The id begins with words of notes that are nothing else.
    phrase: bool,
    /// A number in the row is that of the rows above.
    counts: bool,
}

impl Signs {
    fn of(row: &LastRow<'_>, table: &Table<'_>) -> Self {
        let (others, fewest) = (row.others.len(), table.facts.fewest);
        let (mark, phrase) = begins_like_a_note(row.id, &table.ids);
        // Next to a single id that is the only cell of its row, any name looks odd.
        let telling = fewest > 0 || table.rows > 1;
        let count = table.rows.to_string();
        let counts = |text: &str| {
            // Ids are often numbered, but not in words of their own.
            let mut pieces = text.split(|letter: char| letter.is_whitespace() || letter == '=');
            pieces.any(|piece| piece.trim_matches(['(', ')', '.', ',']) == count)
        };
        Self {
            bare: others == 0,
            alone: others == 0 && fewest > 0,
            few: others > 0 && others <= fewest / 2,
            gap: false,
            words: telling && !table.facts.spaces && has_new_words(row.id, &table.ids),
            unlike: is_unlike(row.id, &table.ids),
            mark,
            phrase,
            counts: counts(row.id) || row.others.iter().any(|cell| *cell == count),
        }
    }

    fn are_enough(self) -> bool {
        self.bare && (self.words || self.phrase || self.unlike && (self.mark || self.gap))
            || self.alone && (self.gap || self.unlike || self.mark || self.counts)
            || self.few && (self.words || self.mark || self.unlike && (self.gap || self.counts))
            || self.counts && (self.words || self.mark)
            || self.gap && self.words
    }

    fn problem(self, row: &LastRow<'_>) -> String {
        let signs = [
            (self.bare, "no other cell of its row is filled"),
            (self.few, "most other cells of its row are blank"),
            (self.gap, "it stands below an empty row"),
            (self.words, "it has spaces, and no id above has any"),
            (
                self.unlike && !self.words,
                "it is not written like the ids above",
            ),
            (self.mark, "it begins as notes do"),
            (self.counts, "its number is the number of rows above"),
        ];
        let signs: Vec<&str> = signs
            .into_iter()
            .filter_map(|(holds, words)| holds.then_some(words))
            .collect();
        format!(
            "{} looks like a note below the table, not like a claimant: {}",
            literal(row.id),
            signs.join("; ")
        )
    }
}

/// Whether an id is made of words of which no id above knows anything: those are
/// codes, or this one is a whole sentence.
fn has_new_words(id: &str, ids: &[&str]) -> bool {
    let is_code = |id: &&str| id.contains(|letter: char| letter == '@' || letter.is_numeric());
    let words: BTreeSet<String> = words(id).collect();
    let count = id.split_whitespace().count();
    let is_new = |word: &String| {
        let known = |id: &&str| id.to_lowercase().starts_with(word.as_str());
        word.chars().count() > 2 && word.chars().all(char::is_alphabetic) && !ids.iter().any(known)
    };
    count > 1 && words.iter().any(is_new) && (count > 3 || ids.iter().all(is_code))
}

/// Whether an id is written as none of those above is.
fn is_unlike(id: &str, ids: &[&str]) -> bool {
    let has_digit = |id: &str| id.contains(char::is_numeric);
    let is_odd = |letter: char| {
        matches!(letter, ':' | '*' | '=' | '|' | '©') && !ids.iter().any(|id| id.contains(letter))
    };
    !has_digit(id) && ids.iter().all(|id| has_digit(id))
        || id.contains(is_odd)
        || (id.starts_with('(') && !ids.iter().any(|id| id.starts_with('(')))
        || !id.contains(char::is_alphanumeric)
}

/// Whether an id begins with a word that notes below tables begin with, and
/// whether with words that are nothing else. Ids above begin differently.
fn begins_like_a_note(id: &str, ids: &[&str]) -> (bool, bool) {
    const MARKS: &str = "confidential copyright count disclaimer eof exported footer generated \
                         notes printed records report rows trailer";
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

/// The words of an id, in lower case and without signs around them.
fn words(id: &str) -> impl Iterator<Item = String> {
    let bare = |word: &str| {
        word.trim_matches(|letter: char| !letter.is_alphanumeric())
            .to_lowercase()
    };
    id.split(|letter: char| letter.is_whitespace() || matches!(letter, ':' | '=' | '_'))
        .map(bare)
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ids of rows that are no claims, of a file that is written as rows of
    /// cells with `|` between them. An empty line is an empty row.
    fn notes(file: &str) -> Vec<&str> {
        notes_below(file, 0, Above::default())
    }

    fn notes_below<'f>(file: &'f str, rows: u64, above: Above) -> Vec<&'f str> {
        let mut last: Vec<LastRow<'f>> = Vec::new();
        let mut after_gap = false;
        for line in file.lines().map(str::trim) {
            let mut cells = line.split('|').map(str::trim);
            if !line.is_empty() {
                last.push(LastRow {
                    id: cells.next().unwrap_or_default(),
                    others: cells.filter(|cell| !cell.is_empty()).collect(),
                    after_gap,
                });
            }
            after_gap = line.is_empty();
        }
        let found = at_the_end(&last, rows, || above);
        found.iter().map(|note| last[note.place].id).collect()
    }

    #[test]
    fn notes_below_a_table_are_no_claims() {
        for note in [
            "Records: 1234",
            "Records: 2",
            "End of report",
            "Confidential - do not distribute",
            "Generated on 2024-05-31",
            "*** END OF FILE ***",
            "(2 rows affected)",
            "2 rows selected.",
            "Prepared by Epiq",
            "EOF",
            "Settlement Administrator: Epiq",
            "Fin del informe",
        ] {
            for claims in ["A-1|5|x\nA-2|7|y\n", "1001|5|x\n1002|7|y\n"] {
                assert_eq!(notes(&format!("{claims}{note}")), [note], "{note}");
                assert_eq!(notes(&format!("{claims}\n{note}")), [note], "{note}");
            }
        }
    }

    #[test]
    fn of_several_notes_each_is_found_and_none_before_a_claim() {
        let file = "A-1|5\nA-2|7\n\nRecords: 2\n|x\nTotal|12\nGenerated on 2024-05-31";
        assert_eq!(notes(file), ["Records: 2", "Generated on 2024-05-31"]);
        assert_eq!(notes(&format!("{file}\nA-3|5")), [""; 0]);
        // One claim of such a kind among the others is enough to doubt it.
        let file = "A-1|5\nJane Doe|\nA-2|7\nEnd of report";
        assert_eq!(notes(file), ["End of report"]);
        let file = "A-1|5\nJane Doe|\nA-2|7\nJohn Roe";
        assert_eq!(notes(file), [""; 0]);
    }

    #[test]
    fn a_record_count_may_have_its_number_in_another_cell() {
        assert_eq!(notes("A-1|5\nA-2|7\nRecord count|2"), ["Record count"]);
        assert_eq!(notes("A-1|5\nA-2|7\nTRAILER|2"), ["TRAILER"]);
        assert_eq!(notes("A-1|5|x\nA-2|7|y\nTRL|2"), ["TRL"]);
        assert_eq!(notes("A-1|5\nA-2|7\nTRAILER|3"), [""; 0]);
        assert_eq!(notes("A-1|5\nA-2|7\n2"), ["2"]);
        let file = "A-1|5|IL|x\nA-2|7|CA|x\nRecord count|1234";
        assert_eq!(notes(file), ["Record count"]);
        let above = Above {
            spaces: false,
            fewest: 1,
        };
        assert_eq!(
            notes_below("A-1|5\nRows in file|1234", 1233, above),
            ["Rows in file"]
        );
    }

    #[test]
    fn another_table_below_is_one_of_notes() {
        let file = "A-1|IL|x|5\nA-2|CA|y|7\n\nState|Claims\nIL|1\nCA|1";
        assert_eq!(notes(file), ["State", "IL", "CA"]);
    }

    #[test]
    fn a_file_with_no_column_but_that_of_ids_ends_in_notes_too() {
        for ids in [
            "A-1\nA-2\n",
            "jane@example.com\njohn@example.com\n",
            "2021-000123\n2021-000124\n",
        ] {
            for note in [
                "End of report",
                "Records: 2",
                "Confidential - do not distribute",
            ] {
                assert_eq!(notes(&format!("{ids}{note}")), [note]);
            }
        }
        assert_eq!(
            notes("Jane Doe\nJohn Roe\nEnd of report"),
            ["End of report"]
        );
        assert_eq!(notes("Jane Doe\nJohn Roe\nRecords: 2"), ["Records: 2"]);
        assert_eq!(notes("A-1\nA-2\n\nEND"), ["END"]);
    }

    #[test]
    fn ids_of_any_shape_are_claims() {
        let shapes = [
            ["Doe, Jane", "O'Brien, Pat", "de la Cruz, María José"],
            ["Jane Doe", "Cher", "Mary Ann van der Berg Smith Jr."],
            ["Cher", "Madonna", "Jane Doe"],
            ["Acme", "Globex", "Initech Corp"],
            [
                "jane@example.com",
                "j.roe+2@example.org",
                "info@example.net",
            ],
            ["A 17", "A 18", "B 3"],
            ["A16", "A17", "A 18"],
            ["TTK-07731966", "TTK-07731967", "TTK 07731968"],
            [
                "0193e7a0-8f6b-7c2e",
                "deadbeef-cafe-babe",
                "0193e7a0-8f6b-7c30",
            ],
            ["2021-000123", "2021-000124", "2022-000001"],
            ["1", "2", "3"],
            ["Record Stores Inc.", "End Zone LLC", "Page, Jane"],
        ];
        for [one, two, three] in shapes {
            for file in [
                format!("{one}\n{two}\n{three}"),
                format!("{one}|5\n{two}|7\n{three}|9"),
                format!("{one}|5\n{two}|7\n{three}|"),
                format!("{one}|5|x\n{two}|7|\n{three}||x"),
                format!("{one}\n{two}\n\n{three}"),
                format!("{one}|\n{two}|\n{three}|5"),
            ] {
                assert_eq!(notes(&file), [""; 0], "{file}");
            }
        }
    }

    #[test]
    fn a_name_among_codes_is_a_claim_if_its_row_is_like_the_others() {
        assert_eq!(notes("A-1|5|x\nA-2|7|y\nJane Doe|9|x"), [""; 0]);
        assert_eq!(notes("A-1|5|x\nA-2|7|y\n\nA-3|9|x"), [""; 0]);
        assert_eq!(notes("A-1|5|x\nA-2|7|y\nA-3"), [""; 0]);
        assert_eq!(notes("A-1|5|x\nA-2|7|y\nSmith|9|x"), [""; 0]);
    }

    #[test]
    fn what_stands_far_above_counts_and_is_asked_only_where_it_matters() {
        let last = "A-1|5\nA-2|7\nEnd and Sons";
        let above = |spaces, fewest| Above { spaces, fewest };
        assert_eq!(notes_below(last, 100, above(false, 1)), ["End and Sons"]);
        assert_eq!(notes_below(last, 100, above(true, 1)), ["End and Sons"]);
        assert_eq!(
            notes_below("A-1|5\nJane Doe", 9, above(false, 0)),
            ["Jane Doe"]
        );
        assert_eq!(notes_below("A-1|5\nJane X 1", 9, above(true, 0)), [""; 0]);

        let last: Vec<LastRow<'_>> = ["A-1", "A-2"]
            .map(|id| LastRow {
                id,
                others: vec!["5"],
                after_gap: false,
            })
            .into();
        let asked = || -> Above { unreachable!("nothing seems to be a note") };
        assert_eq!(at_the_end(&last, 10_000_000, asked), []);
        assert_eq!(at_the_end(&[], 0, asked), []);
    }

    #[test]
    fn the_first_rows_of_a_file_are_never_notes() {
        assert_eq!(notes("End of report"), [""; 0]);
        assert_eq!(notes("A-1\nJane Doe\nJohn Roe\nJim Poe"), [""; 0]);
    }

    #[test]
    fn why_is_said_in_plain_words() {
        let row = |id, others: &[&'static str], after_gap| LastRow {
            id,
            others: others.to_vec(),
            after_gap,
        };
        let last = [
            row("A-1", &["5"], false),
            row("A-2", &["7"], false),
            row("Records: 2", &[], true),
        ];
        let found = at_the_end(&last, 0, Above::default);
        assert_eq!(
            found[0].problem,
            "`Records: 2` looks like a note below the table, not like a claimant: \
             no other cell of its row is filled; it stands below an empty row; \
             it has spaces, and no id above has any; it begins as notes do; \
             its number is the number of rows above"
        );
        assert_eq!(found[0].hint, HINT);
    }
}
