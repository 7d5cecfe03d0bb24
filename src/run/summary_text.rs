//! summary.txt: the account as text, for people.

use textwrap::core::display_width;

use crate::base::styled_text::{StyledText, TextStyle};
use crate::base::text_columns::{AlignedRow, WIDTH, entry, in_columns};
use crate::plan::Plan;
use crate::plan::english::wrapped;
use crate::run::account::{Account, AccountSection, Medium, RowRole};
use crate::run::summary::Summary;

/// The minimum width of a column of several, and of their labels.
const COLUMN: usize = 14;
const LABEL: usize = 20;

pub(crate) fn text(plan: &Plan, summary: &Summary) -> StyledText {
    let account = Account::new(plan, summary, Medium::Text);
    let mut text = StyledText::default();
    text.add(TextStyle::Heading, &wrapped("", &account.name));
    if let Some(docket) = &account.docket {
        text += &wrapped("", docket);
    }
    if let Some(as_of) = &account.as_of {
        text += &wrapped("", as_of);
    }
    for section in &account.sections {
        text += "\n";
        push(&mut text, section);
    }
    text
}

fn push(text: &mut StyledText, section: &AccountSection) {
    let mut lines = lines(section).into_iter();
    text.add(section.tone, &lines.next().unwrap_or_default());
    for (_, sentence) in &section.sentences {
        *text += &wrapped("  ", sentence);
    }
    for (row, line) in section.rows.iter().zip(lines) {
        if row.role == RowRole::Total {
            text.add(TextStyle::Heading, &line);
        } else {
            *text += &line;
        }
    }
    for (_, note) in &section.notes {
        *text += &wrapped("", note);
    }
}

/// The heading, and the lines of each row.
fn lines(section: &AccountSection) -> Vec<String> {
    let headings = section.headings.iter();
    let headings = headings.map(|(_, heading)| (*heading).to_owned());
    let mut rows: Vec<AlignedRow> = vec![(section.title.clone(), headings.collect())];
    rows.extend(section.rows.iter().map(|row| {
        let indent = match row.role {
            RowRole::Total => "",
            RowRole::Entry | RowRole::Key => "  ",
            RowRole::Part => "    ",
        };
        let figures = row.figures.iter().map(|figure| figure.text(None));
        (format!("{indent}{}", row.label), figures.collect())
    }));
    match section.headings.len() {
        0 | 1 => single_column(section, &rows),
        columns => {
            let width = |place: usize| {
                let cells = rows.iter().filter_map(|(_, cells)| cells.get(place));
                cells.fold(COLUMN, |width, cell| width.max(display_width(cell) + 1))
            };
            let widths: Vec<usize> = (0..columns).map(width).collect();
            let label = WIDTH.saturating_sub(widths.iter().sum()).max(LABEL);
            let lines = in_columns(&rows, label, &widths);
            lines.into_iter().map(|line| line + "\n").collect()
        }
    }
}

/// Each figure ends at the end of its line, with a rule above totals.
fn single_column(section: &AccountSection, rows: &[AlignedRow]) -> Vec<String> {
    let is_total = |place: usize| {
        let row = section.rows.get(place.saturating_sub(1));
        place > 1 && row.is_some_and(|row| row.role == RowRole::Total)
    };
    let lines = rows.iter().enumerate().map(|(place, (label, cells))| {
        if place == 0 && cells.concat().is_empty() {
            return wrapped("", label);
        }
        let rule = if is_total(place) {
            entry("", &"-".repeat(20)) + "\n"
        } else {
            String::new()
        };
        rule + &entry(label, &cells.concat()) + "\n"
    });
    lines.collect()
}
