//! Detects rows below a table that are not claims: notes, record counts,
//! end-of-file marks.
//!
//! Only rows at the very end of a file are considered, and one sign is never
//! enough, because any text can be an id. Rows that are rejected for another reason
//! (without an id, or with one that names a total) are skipped.

mod signs;

use crate::base::diagnostics::{Message, literal};
use crate::claims::ids::validity;
use crate::claims::messages;
use crate::claims::notes_below::signs::{NoteSigns, TableShape, begins_like_a_note, words};

/// Number of rows at the end of a file that are kept for examination.
pub(crate) const KEPT_ROWS: usize = 1000;

/// Number of rows examined first; most files have fewer notes.
const FIRST_LOOK: usize = 20;

/// A row at the end of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastRow<'r> {
    /// The id, without surrounding white space.
    pub id: &'r str,
    /// The other cells of the row that are not blank, including columns that the
    /// plan does not read.
    pub others: Vec<&'r str>,
    /// True if the row directly above is empty.
    pub after_gap: bool,
}

/// Facts about the rows above those at the end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowsAbove {
    /// True if an id contains white space.
    pub spaces: bool,
    /// The minimum number of nonblank cells other than the id in a row.
    pub fewest: usize,
}

/// A row that is not a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotAClaim {
    /// The index among the rows at the end.
    pub place: usize,
    /// The reason why it is not a claim.
    pub message: Message,
}

impl Default for RowsAbove {
    /// Facts about no rows.
    fn default() -> Self {
        Self {
            spaces: false,
            fewest: usize::MAX,
        }
    }
}

impl RowsAbove {
    /// Adds a row; `others` is the number of its other nonblank cells.
    pub(crate) fn add(&mut self, id: &str, others: usize) {
        if is_claim(id) {
            self.spaces |= has_spaces(id);
            self.fewest = self.fewest.min(others);
        }
    }
}

/// Finds the last rows of a file that are not claims. `rows` is the number of rows
/// above them, and `above` has facts about those.
pub(crate) fn at_the_end(last: &[LastRow<'_>], rows: u64, above: RowsAbove) -> Vec<NotAClaim> {
    if rows == 0 && last.len() <= EMPTY_ROWS {
        let notes = last.iter().filter(|row| row.others.is_empty());
        let notes: Vec<_> = notes.filter(|row| says_that_nothing_is(row.id)).collect();
        if notes.len() == last.len() {
            return (0..).zip(notes).map(of_nothing).collect();
        }
    }
    let first = last.len().saturating_sub(FIRST_LOOK);
    let (before, looked_at) = last.split_at_checked(first).unwrap_or_default();
    let rows_above = rows + u64::try_from(first).unwrap_or(0);
    let mut found = look(looked_at, rows_above, || with(above, before));
    for note in &mut found {
        note.place += first;
    }
    // Notes at the very top of the examined rows may continue above.
    let all_seen = found
        .first()
        .map_or(first == 0, |note| note.place > first + 1);
    if all_seen || !is_note_below(last, rows, above) {
        return found;
    }
    look(last, rows, || above)
}

/// The same facts, including more rows.
fn with(above: RowsAbove, rows: &[LastRow<'_>]) -> RowsAbove {
    let mut facts = above;
    for row in rows {
        facts.add(row.id, row.others.len());
    }
    facts
}

/// True if the last row seems to be a note below the first half of the others.
fn is_note_below(last: &[LastRow<'_>], rows: u64, above: RowsAbove) -> bool {
    let (table, below) = last.split_at_checked(last.len() / 2).unwrap_or_default();
    let ids = table.iter().map(|row| row.id).filter(|id| is_claim(id));
    let table = TableShape {
        ids: ids.collect(),
        facts: with(above, table),
        rows,
    };
    let gap = below.iter().any(|row| row.after_gap);
    let last = below.last();
    last.is_some_and(|row| NoteSigns::of(row, gap, &table).are_enough())
}

/// Finds notes among these rows; `above` is called only if it matters.
fn look(last: &[LastRow<'_>], rows: u64, above: impl FnOnce() -> RowsAbove) -> Vec<NotAClaim> {
    let mut firsts = (1..last.len()).filter(|first| notes_from(*first, last, rows, None).is_some());
    let Some(first) = firsts.next() else {
        return Vec::new();
    };
    let above = above();
    let mut found = (first..last.len()).map(|first| notes_from(first, last, rows, Some(above)));
    found.find_map(|notes| notes).unwrap_or_default()
}

/// A file with at most this many rows may contain only a note that it is empty.
const EMPTY_ROWS: usize = 3;

/// `No records found`, `(0 rows)`, `End of report`.
fn says_that_nothing_is(id: &str) -> bool {
    const NOTHING: [&str; 3] = ["no", "0", "zero"];
    const THINGS: [&str; 13] = [
        "claim",
        "claims",
        "data",
        "entries",
        "items",
        "matches",
        "record",
        "records",
        "result",
        "results",
        "row",
        "rows",
        "transactions",
    ];
    let mut words = words(id);
    let first = words.next().unwrap_or_default();
    let second = words.next().unwrap_or_default();
    NOTHING.contains(&first.as_str()) && THINGS.contains(&second.as_str())
        || begins_like_a_note(id, &[]).1
}

fn of_nothing((place, row): (usize, &LastRow<'_>)) -> NotAClaim {
    NotAClaim {
        place,
        message: messages::note_of_empty_export(&literal(row.id)),
    }
}

/// The rows from this one on, if all of them are notes below the table that ends
/// there. Without facts about the rows above, assumes that they do not contradict.
fn notes_from(
    first: usize,
    last: &[LastRow<'_>],
    rows: u64,
    above: Option<RowsAbove>,
) -> Option<Vec<NotAClaim>> {
    let (table, below) = last.split_at_checked(first)?;
    let mut facts = above.unwrap_or_default();
    for row in table {
        facts.add(row.id, row.others.len());
    }
    let claims = table.iter().map(|row| row.id);
    let table = TableShape {
        ids: claims.filter(|id| is_claim(id)).collect(),
        facts,
        // Rejected rows may or may not have been counted.
        rows: rows.checked_add(u64::try_from(first).ok()?)?,
    };
    if table.ids.is_empty() {
        return None;
    }
    let mut notes = Vec::new();
    // A table has more rows than notes, unless the notes are obvious.
    let mut room = table.rows;
    let mut gap = false;
    for (place, row) in (first..).zip(below) {
        // Rows below an empty row may be another table.
        gap |= row.after_gap;
        if !is_claim(row.id) {
            continue;
        }
        let signs = NoteSigns::of(row, gap, &table);
        if !signs.are_enough() {
            return None;
        }
        room = room.checked_sub(u64::from(!(signs.alone || signs.gap && signs.few)))?;
        notes.push(NotAClaim {
            place,
            message: messages::note_below(&literal(row.id), &signs.words()),
        });
    }
    (!notes.is_empty()).then_some(notes)
}

/// True if a row with this id is not rejected anyway.
fn is_claim(id: &str) -> bool {
    validity::fault(id, "").is_none()
}

fn has_spaces(id: &str) -> bool {
    id.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ids of rows that are not claims, in a file written as rows of cells
    /// separated by `|`. An empty line is an empty row.
    fn notes(file: &str) -> Vec<&str> {
        notes_below(file, 0, RowsAbove::default())
    }

    fn notes_below<'f>(file: &'f str, rows: u64, above: RowsAbove) -> Vec<&'f str> {
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
        let found = at_the_end(&last, rows, above);
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
        // One claim with such an id among the others is enough for doubt.
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
        assert_eq!(notes("A-1|5\nA-2|7\nTRAILER|3"), ["TRAILER"]);
        assert_eq!(notes("A-1|5|x\nA-2|7|y\n9|0002"), ["9"]);
        assert_eq!(
            notes("A-1|5|x\nA-2|7|y\nRun Date:|5/31/2024|z"),
            ["Run Date:"]
        );
        assert_eq!(notes("A-1|5\nA-2|7\n2"), ["2"]);
        let file = "A-1|5|IL|x\nA-2|7|CA|x\nRecord count|1234";
        assert_eq!(notes(file), ["Record count"]);
        let above = RowsAbove {
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
        let above = |spaces, fewest| RowsAbove { spaces, fewest };
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
        assert_eq!(at_the_end(&last, 10_000_000, RowsAbove::default()), []);
        assert_eq!(at_the_end(&[], 0, RowsAbove::default()), []);
    }

    #[test]
    fn more_notes_than_are_looked_at_first_are_found_too() {
        let lines =
            |count: usize, line: fn(usize) -> String| (0..count).map(line).collect::<String>();
        let claims = lines(300, |n| format!("C-{n:04}|x|5\n"));
        for (gap, count) in [("", 19), ("", 20), ("", 140), ("\n", 20), ("\n", 60)] {
            let below = lines(count, |n| format!("Note {n} to the report\n"));
            let found = notes(&format!("{claims}{gap}{below}")).len();
            assert_eq!(found, count, "{count} {gap:?}");
            let table = lines(count, |n| format!("State {n}|{n}\n"));
            let found = notes(&format!("{claims}\n{table}")).len();
            assert_eq!(found, count, "{count}");
        }
        assert_eq!(notes(&claims), [""; 0]);
    }

    #[test]
    fn a_file_with_nothing_but_a_note_has_no_claims() {
        for note in [
            "(0 rows)",
            "No records found",
            "No data",
            "no rows selected",
            "*** End of report ***",
        ] {
            assert_eq!(notes(note), [note]);
        }
        for id in ["Jane Doe", "A-1", "No. 17", "0-rows", "NoData-1"] {
            assert_eq!(notes(id), [""; 0]);
        }
    }

    #[test]
    fn the_first_rows_of_a_file_are_never_notes() {
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
        let found = at_the_end(&last, 0, RowsAbove::default());
        assert_eq!(
            found[0].message.text,
            "`Records: 2` looks like a note below the table, not like a claimant id \
             (no other cell of its row is filled; it is below an empty row; \
             it has spaces, but no id above does; it begins like a note; \
             its number equals the number of rows above)"
        );
        assert_eq!(found[0].message.code, "C275");
    }
}
