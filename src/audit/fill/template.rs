//! Templates: text with places in braces.
//!
//! `{payouts.total}` is a place, `{{` and `}}` are braces. `{settlement.docket|none}` is
//! `none` if the run does not state the figure. Names with dots stand in quotes, in which
//! a quote is doubled. A figure of several lines is a list where its place begins an entry
//! of a list (`- {fund.deductions}`), and otherwise one line.

use std::ops::Range;

use crate::audit::fill::places::{PlacePath, Places, written};
use crate::audit::messages;
use crate::base::diagnostics::{Message, PlanProblem, literal};

/// The parts of HTML that are not text. Nothing is filled in there.
const NOT_TEXT: [(&str, &str); 3] = [
    ("<style", "</style"),
    ("<script", "</script"),
    ("<!--", "-->"),
];

/// True if a file's name says that it is HTML.
pub(crate) fn is_html(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let ending = ending.unwrap_or_default().to_ascii_lowercase();
    ["html", "htm", "xhtml"].contains(&ending.as_str())
}

/// The text with its places filled; or every place that cannot be.
pub(crate) fn filled(
    text: &str,
    is_html: bool,
    places: &Places,
) -> Result<String, Vec<PlanProblem>> {
    let mut filler = TemplateFiller {
        text,
        is_html,
        places,
        filled: String::new(),
        problems: Vec::new(),
    };
    let mut at = 0;
    while let Some(next) = filler.step(at) {
        at = next;
    }
    if filler.problems.is_empty() {
        Ok(filler.filled)
    } else {
        Err(filler.problems)
    }
}

struct TemplateFiller<'t> {
    text: &'t str,
    is_html: bool,
    places: &'t Places,
    filled: String,
    problems: Vec<PlanProblem>,
}

impl<'t> TemplateFiller<'t> {
    fn rest(&self, at: usize) -> &'t str {
        self.text.get(at..).unwrap_or_default()
    }

    /// Copies the text up to the next brace and handles it; returns the place after it,
    /// or `None` at the end.
    fn step(&mut self, at: usize) -> Option<usize> {
        let rest = self.rest(at);
        let special = |c: char| matches!(c, '{' | '}') || (self.is_html && c == '<');
        let Some(length) = rest.find(special) else {
            self.filled += rest;
            return None;
        };
        self.filled += rest.get(..length).unwrap_or_default();
        let (at, rest) = (at + length, self.rest(at + length));
        if rest.starts_with('<') {
            let length = not_text(rest);
            self.filled += rest.get(..length).unwrap_or_default();
            return Some(at + length);
        }
        for (doubled, brace) in [("{{", '{'), ("}}", '}')] {
            if rest.starts_with(doubled) {
                self.filled.push(brace);
                return Some(at + doubled.len());
            }
        }
        if rest.starts_with('}') {
            self.problem(&(at..at + 1), messages::brace_alone());
            return Some(at + 1);
        }
        let Some(length) = end_of_place(rest) else {
            self.problem(&(at..at + 1), messages::place_not_closed());
            return Some(at + 1);
        };
        self.place(at..at + length);
        Some(at + length)
    }

    fn problem(&mut self, span: &Range<usize>, message: Message) {
        self.problems.push(PlanProblem::new(span, message));
    }

    fn place(&mut self, span: Range<usize>) {
        let inside = self.text.get(span.start + 1..span.end - 1);
        let inside = inside.unwrap_or_default();
        let (place, or) = match outside_quotes(inside, '|') {
            Some(bar) => {
                let (place, or) = inside.split_at(bar);
                (place, or.get(1..).map(str::trim))
            }
            None => (inside, None),
        };
        let place = if self.is_html {
            unescaped(place)
        } else {
            place.to_owned()
        };
        let Some(path) = path_of(&place) else {
            self.problem(&span, messages::not_a_place(literal(place.trim())));
            return;
        };
        match (self.places.figure(&path), or) {
            (Ok(Some(figure)), _) if self.is_html => {
                self.filled += &escaped(figure).replace('\n', "<br>\n");
            }
            (Ok(Some(figure)), _) => {
                let between = between_lines(&self.filled);
                self.filled += &figure.replace('\n', &between);
            }
            // In HTML, the template's own text is HTML already.
            (Ok(None), Some(or)) => self.filled += or,
            (Ok(None), None) => self.problem(&span, messages::figure_not_stated(&written(&path))),
            (Err(message), _) => self.problem(&span, message),
        }
    }
}

/// The text between the lines of a figure: the beginning of an entry of a list, if that is
/// what precedes the first line.
fn between_lines(before: &str) -> String {
    let line = before.rsplit_once('\n').map_or(before, |(_, line)| line);
    let marks = line.trim();
    if ["", "-", "*", "+", ">", "•"].contains(&marks) {
        format!("\n{line}")
    } else {
        "; ".to_owned()
    }
}

/// The length of the markup that begins a text.
fn not_text(rest: &str) -> usize {
    let begins = |begin: &str| {
        let start = rest.get(..begin.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(begin))
    };
    let mut kinds = NOT_TEXT.iter();
    let Some((_, end)) = kinds.find(|(begin, _)| begins(begin)) else {
        return 1;
    };
    let lower = rest.to_ascii_lowercase();
    lower.find(end).map_or(rest.len(), |at| at + end.len())
}

/// The length of a place that begins a text, with its braces.
fn end_of_place(rest: &str) -> Option<usize> {
    let inside = rest.get(1..)?;
    let end = outside_quotes(inside, '}')?;
    let opens_again = outside_quotes(inside, '{').is_some_and(|other| other < end);
    (!opens_again).then_some(end + 2)
}

/// The place of a character outside quotes.
fn outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, character)| {
        quoted ^= character == '"';
        (character == wanted && !quoted).then_some(at)
    })
}

/// The names of a place.
fn path_of(place: &str) -> Option<PlacePath> {
    let mut path = Vec::new();
    let mut rest = place.trim();
    loop {
        let end = outside_quotes(rest, '.').unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        path.push(name_of(name.trim())?);
        match after.get(1..) {
            Some(next) => rest = next,
            None => return Some(path),
        }
    }
}

/// A name, without its quotes if it has any.
fn name_of(written: &str) -> Option<String> {
    let Some(quoted) = written.strip_prefix('"') else {
        let words: Vec<&str> = written.split_whitespace().collect();
        let plain = !words.is_empty() && !written.contains('"');
        return plain.then(|| words.join(" "));
    };
    let quoted = quoted.strip_suffix('"')?;
    let single = quoted.replace("\"\"", "");
    (!single.contains('"')).then(|| quoted.replace("\"\"", "\""))
}

const ENTITIES: [(&str, &str); 5] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#39;", "'"),
    ("&amp;", "&"),
];

/// A text as HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::new();
    for character in text.chars() {
        let plain = character.to_string();
        let mut entities = ENTITIES.iter();
        let entity = entities.find(|(_, meaning)| *meaning == plain);
        html += entity.map_or(plain.as_str(), |(entity, _)| entity);
    }
    html
}

/// The text that HTML means.
fn unescaped(html: &str) -> String {
    let replaced = |text: String, (entity, meaning): &(&str, &str)| text.replace(entity, meaning);
    ENTITIES.iter().fold(html.to_owned(), replaced)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::Plan;

    /// The text of a template, or the codes of its problems with their places.
    fn fill(text: &str, is_html: bool) -> Result<String, Vec<(&'static str, Range<usize>)>> {
        let plan = "[settlement]\nname = \"Doe\"\n[fund]\namount = 9\n[claims]\nstatus = false\n\
                    [[pool]]\nname = \"a\"\nshares = 1\n";
        let plan = Plan::from_text("plan.toml", plan).unwrap();
        let summary = json!({"name": "A & \"B\"", "to": null, "a.b": {"c d": 1000}});
        let places = Places::new(&plan, &summary, "5ea1");
        let problem = |problem: PlanProblem| (problem.code, problem.span);
        filled(text, is_html, &places)
            .map_err(|problems| problems.into_iter().map(problem).collect())
    }

    #[test]
    fn places_and_braces() {
        for (text, expected) in [
            ("", ""),
            ("{seal}", "5ea1"),
            ("{{{seal}}}", "{5ea1}"),
            ("{{seal}}", "{seal}"),
            ("{ \"a.b\" . c\n d }", "1,000"),
            ("{to|not stated: \"none\" }.", "not stated: \"none\"."),
            ("{to|}{seal|other}", "5ea1"),
            (
                "<style>{seal}</style> {name}",
                "<style>5ea1</style> A & \"B\"",
            ),
        ] {
            assert_eq!(fill(text, false).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn figures_of_several_lines_are_lists() {
        let list = "Fees: $1.00\nCosts & more: $2.00";
        let plan = "[settlement]\nname = \"Doe\"\n[fund]\namount = 9\n[claims]\nstatus = false\n\
                    [[pool]]\nname = \"a\"\nshares = 1\n";
        let plan = Plan::from_text("plan.toml", plan).unwrap();
        let places = Places::new(&plan, &json!({ "list": list }), "5ea1");
        for (text, is_html, expected) in [
            ("{list}", false, list),
            (
                "a\n  - {list}\nb",
                false,
                "a\n  - Fees: $1.00\n  - Costs & more: $2.00\nb",
            ),
            (
                "Deducted: {list}.",
                false,
                "Deducted: Fees: $1.00; Costs & more: $2.00.",
            ),
            (
                "<p>{list}</p>",
                true,
                "<p>Fees: $1.00<br>\nCosts &amp; more: $2.00</p>",
            ),
        ] {
            assert_eq!(filled(text, is_html, &places).unwrap(), expected);
        }
    }

    #[test]
    fn html_is_escaped_and_only_its_text_is_filled() {
        for (text, expected) in [
            ("<b>{name}</b>", "<b>A &amp; &quot;B&quot;</b>"),
            ("<STYLE>{x}</Style>{seal}", "<STYLE>{x}</Style>5ea1"),
            ("<!-- {x} -->{&quot;a.b&quot;.c d}", "<!-- {x} -->1,000"),
            ("{to|<i>none</i>} < {seal}", "<i>none</i> < 5ea1"),
            ("<script>{", "<script>{"),
        ] {
            assert_eq!(fill(text, true).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn every_problem_has_its_place() {
        let text = "{x} {to} } {} {\"a.b\"x} {seal";
        let expected = vec![
            ("R033", 0..3),
            ("R034", 4..8),
            ("R036", 9..10),
            ("R037", 11..13),
            ("R037", 14..22),
            ("R035", 23..24),
        ];
        assert_eq!(fill(text, false), Err(expected));
    }
}
