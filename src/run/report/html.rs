//! HTML, escaped: whatever a plan or a file name holds stays text.

use crate::base::diagnostics::is_unprintable;

/// A text as it stands between tags or in an attribute. Characters that change
/// the direction of writing or cannot be seen are written out.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            hidden if is_unprintable(hidden) => escaped.extend(hidden.escape_unicode()),
            plain => escaped.push(plain),
        }
    }
    escaped
}

/// A figure, which may be broken after the commas between its groups.
pub(super) fn figure(text: &str) -> String {
    escape(text).replace(',', ",<wbr>")
}

/// A table, row by row. The first column names the row; others hold figures,
/// flush right, unless they are wide.
#[derive(Debug)]
pub(super) struct HtmlTable {
    html: String,
    headings: Vec<String>,
}

/// A cell of a table.
#[derive(Debug, Clone)]
pub(super) enum HtmlCell {
    /// Words.
    Text(String),
    Figure(String),
    /// A strip of a chart, drawn to the figures beside it.
    Chart(ChartBar),
}

/// A strip of a chart: where it begins and how long it is, in ten-thousandths
/// of the chart.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChartBar {
    /// Where it begins.
    pub start: i128,
    /// How long it is.
    pub length: i128,
    /// How it is coloured: a class of the style sheet.
    pub colour: &'static str,
    /// Whether there is anything at all, however little.
    pub shown: bool,
}

impl HtmlTable {
    /// A table with this caption and these headings; an empty heading is one
    /// of a chart.
    pub(super) fn new(caption: &str, headings: &[&str]) -> Self {
        let mut html = format!(
            "<table>\n<caption>{}</caption>\n<thead><tr>",
            escape(caption)
        );
        for (place, heading) in headings.iter().enumerate() {
            let class = match (place, heading.is_empty()) {
                (_, true) => " class=\"chart\" aria-hidden=\"true\"",
                (0, false) => "",
                _ => " class=\"figure\"",
            };
            let (tag, scope) = if heading.is_empty() {
                ("td", "")
            } else {
                ("th", " scope=\"col\"")
            };
            html += &format!("<{tag}{scope}{class}>{}</{tag}>", escape(heading));
        }
        html += "</tr></thead>\n<tbody>\n";
        Self {
            html,
            headings: headings.iter().map(|heading| escape(heading)).collect(),
        }
    }

    /// Adds a row of figures.
    pub(super) fn figures<const N: usize>(&mut self, class: &str, name: &str, cells: [String; N]) {
        self.row(class, name, &cells.map(HtmlCell::Figure));
    }

    /// A row; `class` sets it off where it is not empty.
    pub(super) fn row(&mut self, class: &str, name: &str, cells: &[HtmlCell]) {
        self.html += &if class.is_empty() {
            "<tr>".to_owned()
        } else {
            format!("<tr class=\"{class}\">")
        };
        self.html += &format!("<th scope=\"row\">{}</th>", escape(name));
        for (cell, heading) in cells.iter().zip(self.headings.iter().skip(1)) {
            self.html += &match cell {
                HtmlCell::Text(text) => {
                    format!("\n<td data-of=\"{heading}\">{}</td>", escape(text))
                }
                HtmlCell::Figure(text) => format!(
                    "\n<td class=\"figure\" data-of=\"{heading}\">{}</td>",
                    figure(text)
                ),
                HtmlCell::Chart(strip) => strip.html(),
            };
        }
        self.html += "</tr>\n";
    }

    /// The table, finished. It scrolls by itself where the screen is narrow.
    pub(super) fn html(self) -> String {
        format!(
            "<div class=\"table\">\n{}</tbody>\n</table>\n</div>\n",
            self.html
        )
    }
}

impl ChartBar {
    /// The strip as a cell. The figures stand beside it, so that readers of
    /// screens may pass over it.
    fn html(&self) -> String {
        let length = if self.shown { self.length.max(30) } else { 0 };
        let start = self.start.min(10_000 - length).max(0);
        format!(
            "\n<td class=\"chart\" aria-hidden=\"true\"><svg viewBox=\"0 0 10000 100\" \
             preserveAspectRatio=\"none\"><rect class=\"track\" width=\"10000\" height=\"100\"/>\
             <rect class=\"{}\" x=\"{start}\" width=\"{length}\" height=\"100\"/></svg></td>",
            self.colour
        )
    }
}

/// A part of the page.
pub(super) fn section(title: &str, class: &str, content: &str) -> String {
    let class = if class.is_empty() {
        String::new()
    } else {
        format!(" class=\"{class}\"")
    };
    format!("<section{class}>\n<h2>{title}</h2>\n{content}</section>\n")
}

/// Sentences, one under the other.
pub(super) fn list(sentences: &[String]) -> String {
    let items = sentences
        .iter()
        .map(|sentence| format!("<li>{}</li>\n", escape(sentence)));
    format!("<ul>\n{}</ul>\n", items.collect::<String>())
}
