//! HTML with escaping: any text of a plan or a file name stays text.

use crate::base::diagnostics::is_unprintable;

/// Escapes a text for content or attributes. Characters that are invisible or change
/// the text direction are written out.
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

/// A figure that may break after the commas between its groups.
pub(super) fn figure(text: &str) -> String {
    escape(text).replace(',', ",<wbr>")
}

/// A table, built row by row. The first column names the row; the others hold
/// right-aligned figures, unless they are wide.
#[derive(Debug)]
pub(super) struct HtmlTable {
    html: String,
    headings: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) enum HtmlCell {
    Text(String),
    Figure(String),
    /// A bar of a chart, drawn from the figures next to it.
    Chart(ChartBar),
}

/// A bar of a chart: start and length in ten-thousandths of the chart.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChartBar {
    pub start: i128,
    pub length: i128,
    /// The color: a class of the style sheet.
    pub colour: &'static str,
    /// True if the amount is not zero, however small.
    pub shown: bool,
}

impl HtmlTable {
    /// A table with this caption and these headings; an empty heading marks a chart
    /// column.
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

    /// Adds a row; a nonempty `class` sets it off.
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

    /// Finishes the table. It scrolls separately on a narrow screen.
    pub(super) fn html(self) -> String {
        format!(
            "<div class=\"table\">\n{}</tbody>\n</table>\n</div>\n",
            self.html
        )
    }
}

impl ChartBar {
    /// The bar as a cell. Screen readers may skip it, because the figures are next to
    /// it.
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

pub(super) fn section(title: &str, class: &str, content: &str) -> String {
    let class = if class.is_empty() {
        String::new()
    } else {
        format!(" class=\"{class}\"")
    };
    format!("<section{class}>\n<h2>{title}</h2>\n{content}</section>\n")
}

/// Sentences, one per line.
pub(super) fn list(sentences: &[String]) -> String {
    let items = sentences
        .iter()
        .map(|sentence| format!("<li>{}</li>\n", escape(sentence)));
    format!("<ul>\n{}</ul>\n", items.collect::<String>())
}
