//! Text in aligned columns for people. Columns grow with their cells: cells never
//! run into each other and are never truncated.

use textwrap::core::display_width;

/// Usual width of a line. Wider cells make a line longer.
pub(crate) const WIDTH: usize = 78;

/// Minimum space between two columns.
const GAP: usize = 1;

/// A label, and the right-aligned cells after it.
pub(crate) type AlignedRow = (String, Vec<String>);

/// Width of a column that fits all of these cells, including the space before it.
pub(crate) fn column(rows: &[AlignedRow]) -> usize {
    let cells = rows.iter().flat_map(|(_, cells)| cells);
    cells
        .map(|cell| display_width(cell) + GAP)
        .max()
        .unwrap_or(GAP)
}

/// The lines of a table, one per row. `least` holds the minimum widths of the
/// columns, including the space before each. A label that does not fit has a line
/// of its own, or several.
pub(crate) fn in_columns(rows: &[AlignedRow], label: usize, least: &[usize]) -> Vec<String> {
    let mut widths = least.to_vec();
    for (_, cells) in rows {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = (*width).max(display_width(cell) + GAP);
        }
    }
    let room = WIDTH.saturating_sub(widths.iter().sum()).max(label);
    let labels = rows.iter().map(|(label, _)| display_width(label));
    let fitting = labels.filter(|width| *width <= room);
    let label = fitting.fold(label, usize::max);
    rows.iter().map(|row| line(row, label, &widths)).collect()
}

/// A label, with an amount aligned to the end of the line.
pub(crate) fn entry(label: &str, amount: &str) -> String {
    let cell = 2 + display_width(amount);
    let row = (label.to_owned(), vec![amount.to_owned()]);
    line(&row, WIDTH.saturating_sub(cell), &[cell])
}

fn line((label, cells): &AlignedRow, room: usize, widths: &[usize]) -> String {
    let mut text = label.clone();
    let mut end = display_width(label);
    if end > room && !cells.is_empty() {
        text = own_lines(label);
        end = 0;
    }
    let mut column = room;
    for (cell, width) in cells.iter().zip(widths) {
        column += width;
        let start = column.saturating_sub(display_width(cell));
        text.push_str(&" ".repeat(start.saturating_sub(end)));
        text.push_str(cell);
        end = column;
    }
    text.truncate(text.trim_end().len());
    text
}

/// A label that is too long for the line of its cells, in lines of its own.
fn own_lines(label: &str) -> String {
    let words = label.trim_start();
    let indent = " ".repeat(label.len() - words.len());
    in_lines(&indent, &format!("{indent}  "), WIDTH, words.split(' '))
}

/// Wraps words into lines of at most `width` characters, except for longer words.
/// The first line and the others have their own prefix.
pub(crate) fn in_lines<'w>(
    first: &str,
    later: &str,
    width: usize,
    words: impl Iterator<Item = &'w str>,
) -> String {
    let (mut lines, mut line, mut has_words) = (String::new(), first.to_owned(), false);
    for word in words {
        if has_words && line.chars().count() + 1 + word.chars().count() > width {
            lines = lines + &line + "\n";
            later.clone_into(&mut line);
            has_words = false;
        }
        if has_words {
            line.push(' ');
        }
        line += word;
        has_words = true;
    }
    lines + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(label: &str, cells: &[&str]) -> AlignedRow {
        let cells = cells.iter().map(|cell| (*cell).to_owned());
        (label.to_owned(), cells.collect())
    }

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let rows = [
            row("", &["old", "new"]),
            row("paid", &["1.00", ""]),
            row("held", &["190,000,000.00", "-2,000,000,000,000.00"]),
        ];
        let expected = [
            "                old                   new",
            "paid           1.00",
            "held 190,000,000.00 -2,000,000,000,000.00",
        ];
        assert_eq!(in_columns(&rows, 4, &[8, 8]), expected);
    }

    #[test]
    fn a_long_label_takes_what_room_there_is_or_a_line_of_its_own() {
        let long = "x".repeat(WIDTH - 8);
        let rows = [row("ab", &["1"]), row("abcdef", &["2"]), row(&long, &["3"])];
        let alone = format!("{long}\n              3");
        let expected = ["ab            1", "abcdef        2", &alone];
        assert_eq!(in_columns(&rows, 4, &[9]), expected);
        assert_eq!(in_columns(&rows[1..2], 4, &[9]), ["abcdef        2"]);
    }

    #[test]
    fn a_label_longer_than_a_line_is_wrapped() {
        let long = "word ".repeat(20);
        let rows = [row(&format!("  {}", long.trim()), &["1"])];
        let expected = format!(
            "  {}\n    {}\n             1",
            "word ".repeat(15).trim(),
            "word ".repeat(5).trim()
        );
        assert_eq!(in_columns(&rows, 4, &[10]), [expected]);
    }

    #[test]
    fn an_entry_ends_where_the_line_does_or_stands_below_its_label() {
        assert_eq!(entry("Fund", "1.00").len(), WIDTH);
        let (label, digits) = ("x".repeat(WIDTH - 5), "9".repeat(WIDTH + 1));
        assert_eq!(entry(&label, "123"), format!("{label}  123"));
        let longer = entry(&format!("{label}x"), "123");
        assert_eq!(longer, format!("{label}x\n{:>WIDTH$}", "123"));
        assert_eq!(entry("exactly", &digits), format!("exactly\n  {digits}"));
    }

    #[test]
    fn characters_count_by_their_width() {
        let rows = [row("和解", &["1"]), row("abcd", &["2"])];
        assert_eq!(in_columns(&rows, 4, &[4]), ["和解   1", "abcd   2"]);
    }
}
