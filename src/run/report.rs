//! report.html: the account as a page, in one file that loads nothing and contains no
//! personal data. The template is `templates/report.html`.

use askama::Template;

use crate::base::diagnostics::OrBug;
use crate::base::money::Currency;
use crate::base::styled_text::TextStyle;
use crate::plan::{Choice as _, Plan};
use crate::run::account::{Account, AccountSection, Figure, Medium, RowRole};
use crate::run::summary::Summary;

/// The longest number that is never broken, in characters; an amount of 13 digits before
/// the point is shorter.
const UNBROKEN: usize = 24;

/// The width in characters from which a table does not fit on a page in small print, or on
/// a small screen.
const WIDER_THAN_PAPER: usize = 119;
const WIDER_THAN_TABLET: usize = 61;

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    /// The kind of the report.
    kind: String,
    account: Account,
}

/// Builds the report of a run.
pub(crate) fn html(plan: &Plan, summary: &Summary) -> String {
    let account = Account::new(plan, summary, Medium::Page);
    render("Settlement payouts", account)
}

/// Builds the page of another account.
pub(crate) fn page(kind: &str, account: Account) -> String {
    render(kind, account.shown_in(Medium::Page))
}

fn render(kind: &str, account: Account) -> String {
    let kind = kind.to_owned();
    let page = ReportPage { kind, account }.render();
    page.ok().or_bug("the report cannot be rendered") + "\n"
}

/// The classes of a section in the style sheet: its tone, and the layout of its table.
fn classes(section: &AccountSection, currency: Currency) -> [&'static str; 2] {
    let tone = match section.tone {
        TextStyle::Heading => "plain",
        TextStyle::Good => "good",
        TextStyle::Doubtful => "doubtful",
        TextStyle::Bad => "bad",
    };
    let mut figures = section.rows.iter().flat_map(|row| &row.figures);
    let layout = if figures.any(|figure| matches!(figure, Figure::Bar(_))) {
        "charted"
    } else if section.headings.len() <= 1 {
        "single"
    } else {
        match width(section, currency) {
            WIDER_THAN_PAPER.. => "list",
            WIDER_THAN_TABLET.. => "stacked wide",
            _ => "stacked",
        }
    };
    [tone, layout]
}

/// The width of a text of several words, in characters; longer ones are wrapped.
const WRAPPED: usize = 24;

/// The width that a table needs, in characters.
fn width(section: &AccountSection, currency: Currency) -> usize {
    let column = |place: usize, heading: &str| {
        let figures = section.rows.iter().filter_map(|row| row.figures.get(place));
        let widths = figures.map(|figure| match figure {
            Figure::Text(text) if text.contains(' ') => longest_word(text).max(WRAPPED),
            Figure::Digest(_) => WRAPPED,
            figure => figure_width(figure, currency),
        });
        widths.fold(longest_word(heading), usize::max)
    };
    let headings = section.headings.iter().enumerate();
    let columns: usize = headings.map(|(place, (_, name))| column(place, name)).sum();
    columns + section.headings.len() * 4 / 3 + label_width(section)
}

/// The width of the labels of a table, in characters.
fn label_width(section: &AccountSection) -> usize {
    let labels = section.rows.iter().map(|row| row.label.chars().count());
    labels.max().unwrap_or(0).min(WRAPPED)
}

fn longest_word(text: &str) -> usize {
    let words = text.split(' ').map(|word| word.chars().count());
    words.max().unwrap_or(0)
}

fn figure_width(figure: &Figure, currency: Currency) -> usize {
    figure.text(Some(currency)).chars().count()
}

/// The number of characters of the longest key figure.
fn longest_figure(section: &AccountSection, currency: Currency) -> usize {
    let figures = section.rows.iter().flat_map(|row| &row.figures);
    let widths = figures.map(|figure| figure_width(figure, currency));
    widths.max().unwrap_or(0)
}

/// A text in pieces; true for amounts and other numbers, which stay in one line. The sign
/// of a paragraph stays with its number.
fn pieces(text: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((word, after)) = rest.split_once(' ') {
        pieces.push((word, is_number(word)));
        let space = if word.ends_with(['¶', '§']) {
            "\u{a0}"
        } else {
            " "
        };
        pieces.push((space, false));
        rest = after;
    }
    pieces.push((rest, is_number(rest)));
    pieces
}

/// True for a short word with separators between digits.
fn is_number(word: &str) -> bool {
    let separated = word.as_bytes().windows(3).any(|part| {
        matches!(part, [before, b',' | b'.', after] if before.is_ascii_digit() && after.is_ascii_digit())
    });
    separated && word.chars().count() <= UNBROKEN
}

/// A text as the content of a string of a style sheet.
fn in_style_sheet(text: &str) -> String {
    let characters = text.chars().map(|character| match character {
        plain if plain.is_ascii_alphanumeric() || plain == ' ' => plain.to_string(),
        other => format!("\\{:x} ", u32::from(other)),
    });
    characters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_stay_in_one_line() {
        let text = "at most $1,234,567,890,123.45, or 2 of 3 on May 4, 2026.";
        let pieces = pieces(text);
        let kept: Vec<&str> = pieces
            .iter()
            .filter(|(_, is)| *is)
            .map(|(p, _)| *p)
            .collect();
        assert_eq!(kept, ["$1,234,567,890,123.45,"]);
        let all: String = pieces.into_iter().map(|(piece, _)| piece).collect();
        assert_eq!(all, text);
    }

    #[test]
    fn signs_of_paragraphs_stay_with_their_numbers() {
        let text = "The fund is $5 [Order ¶ 8], § 2 (a).";
        let all: String = pieces(text).into_iter().map(|(piece, _)| piece).collect();
        assert_eq!(all, "The fund is $5 [Order ¶\u{a0}8], §\u{a0}2 (a).");
    }

    #[test]
    fn a_name_cannot_end_a_string_of_a_style_sheet() {
        let name = "Doe v. \"A\\B\" </style>é";
        let escaped = "Doe v\\2e  \\22 A\\5c B\\22  \\3c \\2f style\\3e \\e9 ";
        assert_eq!(in_style_sheet(name), escaped);
    }
}
