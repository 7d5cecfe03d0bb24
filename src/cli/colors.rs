//! Color and terminal width, applied only when text is printed and never to text that
//! is kept.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

use crate::base::diagnostics::without_error_word;
use crate::base::styled_text::{StyledText, TextStyle};

const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();

/// Labels that begin a line on standard error, besides that of an error.
const LABELS: [(&str, Style); 2] = [
    ("warning:", AnsiColor::Yellow.on_default()),
    ("hint:", HINT),
];

/// Renders the styles as terminal colors.
pub(super) fn painted(marked: &StyledText) -> String {
    let mut text = String::new();
    for (mark, piece) in marked.pieces() {
        match mark {
            None => text.push_str(piece),
            Some(mark) => paint(&mut text, style(mark), piece),
        }
    }
    text
}

fn style(mark: TextStyle) -> Style {
    match mark {
        TextStyle::Heading => BOLD,
        TextStyle::Good => GOOD,
        TextStyle::Doubtful => DOUBTFUL,
        TextStyle::Bad => BAD,
    }
}

/// Styles each line separately, without its indent and line end: a pager shows lines,
/// and may begin with any of them.
fn paint(text: &mut String, style: Style, piece: &str) {
    for line in piece.split_inclusive('\n') {
        let words = line.trim();
        let indent = line.len() - line.trim_start().len();
        let end = line.get(indent + words.len()..).unwrap_or_default();
        text.push_str(line.get(..indent).unwrap_or_default());
        if !words.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{style}{words}{style:#}");
        }
        text.push_str(end);
    }
}

/// The label of a line, with its code if it is that of an error: `error[C111]:`.
fn label_of(line: &str) -> Option<(&str, Style)> {
    if let Some(message) = without_error_word(line) {
        let label = line.strip_suffix(message)?.trim_end();
        return Some((label, BAD));
    }
    LABELS
        .into_iter()
        .find(|(label, _)| line.starts_with(label))
}

/// Colors the labels and carets of lines for standard error.
pub(super) fn labelled(text: &str) -> String {
    let mut all = String::new();
    for line in text.split_inclusive('\n') {
        let (style, part) = if let Some((label, style)) = label_of(line) {
            (style, 0..label.len())
        } else if let Some(start) = caret(line) {
            (BAD, start..line.len())
        } else {
            (Style::new(), 0..0)
        };
        all.push_str(line.get(..part.start).unwrap_or_default());
        paint(&mut all, style, line.get(part.clone()).unwrap_or_default());
        all.push_str(line.get(part.end..).unwrap_or_default());
    }
    all
}

/// The position of the carets of an excerpt. Quoted lines have numbers; the line with
/// the carets has none.
fn caret(line: &str) -> Option<usize> {
    let below = line.trim_start().strip_prefix('|')?.trim_start();
    below.starts_with('^').then(|| line.len() - below.len())
}

/// True if a line belongs to an excerpt: `12 | …`, or `   | …` below it.
fn is_excerpt(line: &str) -> bool {
    line.trim_start_matches([' ', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
        .starts_with('|')
}

/// Wraps lines for standard error to the width of the terminal, between words only.
/// Continuation lines are indented to the text, not to the label.
pub(super) fn wrapped(text: &str, width: usize) -> String {
    let mut all = String::new();
    for line in text.split_inclusive('\n') {
        if is_excerpt(line) {
            all.push_str(line);
            continue;
        }
        let words = line.trim_end_matches('\n');
        let (first, words) = label_of(words)
            .and_then(|(label, _)| Some((format!("{label} "), words.strip_prefix(label)?)))
            .unwrap_or_else(|| {
                let indent = words.len() - words.trim_start().len();
                (" ".repeat(indent), words)
            });
        let labelled = !first.trim().is_empty();
        // A code in the label would indent too far.
        let later = if labelled {
            first.len().min(7)
        } else {
            first.len() + 2
        };
        let later = " ".repeat(later);
        let options = Options::new(width)
            .initial_indent(&first)
            .subsequent_indent(&later)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation)
            .wrap_algorithm(WrapAlgorithm::FirstFit);
        all += &textwrap::fill(words.trim_start(), options);
        all.push_str(if line.ends_with('\n') { "\n" } else { "" });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERROR: &str = "\
error[C101]: plan.toml:5:10: `amount`: `-1` has a sign or parentheses
  |
5 | amount = -1 # a rather long remark
  |          ^^
hint: write digits, or digits, a point and digits
  rows: expected 4, found 3 of them
";

    #[test]
    fn lines_are_broken_between_words_and_never_in_an_excerpt() {
        assert_eq!(
            wrapped(ERROR, 30),
            "\
error[C101]: plan.toml:5:10:
       `amount`: `-1` has a
       sign or parentheses
  |
5 | amount = -1 # a rather long remark
  |          ^^
hint: write digits, or digits,
      a point and digits
  rows: expected 4, found 3 of
    them
"
        );
        assert_eq!(wrapped(ERROR, 80), ERROR);
        let long = "error[C001]: a/very/long/path/that/must/not/be/broken is a folder";
        let path = "error[C001]: a/very/long/path/that/must/not/be/broken\n       is a folder";
        assert_eq!(wrapped(long, 20), path);
    }

    #[test]
    fn labels_and_carets_are_coloured_and_nothing_else() {
        assert_eq!(
            labelled(ERROR),
            "\
\u{1b}[1m\u{1b}[31merror[C101]:\u{1b}[0m plan.toml:5:10: `amount`: `-1` has a sign or parentheses
  |
5 | amount = -1 # a rather long remark
  |          \u{1b}[1m\u{1b}[31m^^\u{1b}[0m
\u{1b}[36mhint:\u{1b}[0m write digits, or digits, a point and digits
  rows: expected 4, found 3 of them
"
        );
        let quoted = "5 | ^error: x\n";
        assert_eq!(labelled(quoted), quoted);
    }

    #[test]
    fn a_mark_over_several_lines_is_put_on_each() {
        let mut marked = StyledText::default();
        marked.add(TextStyle::Good, "one\n  two\n\n");
        assert_eq!(
            painted(&marked),
            "\u{1b}[32mone\u{1b}[0m\n  \u{1b}[32mtwo\u{1b}[0m\n\n"
        );
    }
}
