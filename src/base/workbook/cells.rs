//! Cells of a sheet as XML.

use crate::base::workbook::styles::CellStyle;

/// The maximum length of the text of a cell, in UTF-16 code units.
pub(crate) const LONGEST_TEXT: usize = 32_767;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CellValue {
    Blank,
    /// Text that is never interpreted.
    Text(String),
    /// A number, as its digits.
    Number(String),
    /// A formula and its result.
    Formula(String, String),
}

/// Appends a row of cells; the first is in column A.
pub(crate) fn push_row(xml: &mut String, row: u64, cells: &[(CellValue, CellStyle)]) {
    push_start(xml, row);
    for (column, cell) in cells.iter().enumerate() {
        let (value, style) = cell;
        push_cell(xml, (column, row), value, *style);
    }
    push_end(xml);
}

pub(crate) fn push_start(xml: &mut String, row: u64) {
    xml.push_str(&format!("<row r=\"{row}\">"));
}

pub(crate) fn push_end(xml: &mut String) {
    xml.push_str("</row>\n");
}

fn push_cell(xml: &mut String, place: (usize, u64), value: &CellValue, style: CellStyle) {
    match value {
        CellValue::Blank => {}
        CellValue::Text(text) => push_text(xml, place, text, style),
        CellValue::Number(digits) => push_number(xml, place, digits, style),
        CellValue::Formula(formula, result) => {
            push_open(xml, place, style);
            xml.push_str("><f>");
            push_escaped(xml, formula);
            xml.push_str("</f><v>");
            xml.push_str(result);
            xml.push_str("</v></c>");
        }
    }
}

pub(crate) fn push_text(xml: &mut String, place: (usize, u64), text: &str, style: CellStyle) {
    push_open(xml, place, style);
    xml.push_str(" t=\"inlineStr\"><is><t");
    if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
        xml.push_str(" xml:space=\"preserve\"");
    }
    xml.push('>');
    push_literal(xml, text);
    xml.push_str("</t></is></c>");
}

pub(crate) fn push_number(xml: &mut String, place: (usize, u64), digits: &str, style: CellStyle) {
    push_open(xml, place, style);
    xml.push_str("><v>");
    xml.push_str(digits);
    xml.push_str("</v></c>");
}

fn push_open(xml: &mut String, (column, row): (usize, u64), style: CellStyle) {
    xml.push_str("<c r=\"");
    push_letters(xml, column);
    xml.push_str(&format!("{row}\" s=\"{}\"", style.number()));
}

/// The letters of a column, counted from 0.
pub(crate) fn letters(column: usize) -> String {
    let mut text = String::new();
    push_letters(&mut text, column);
    text
}

fn push_letters(text: &mut String, column: usize) {
    if column >= 26 {
        push_letters(text, column / 26 - 1);
    }
    let letter = u8::try_from(column % 26).map_or(b'A', |place| b'A' + place);
    text.push(char::from(letter));
}

/// Appends text, escaped for XML.
pub(crate) fn push_escaped(xml: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            plain => xml.push(plain),
        }
    }
}

/// True for a character that no cell can hold.
pub(crate) fn is_no_character(c: char) -> bool {
    c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// Appends the text of a cell. A spreadsheet reads `_x0041_` as `A`; its first
/// character is escaped in the same way, so that the text stays as it is.
fn push_literal(xml: &mut String, text: &str) {
    let mut rest = text;
    while let Some(place) = rest.find("_x") {
        let (before, after) = rest.split_at(place);
        push_escaped(xml, before);
        xml.push_str(if is_escape(after) { "_x005F_" } else { "_" });
        rest = after.get(1..).unwrap_or_default();
    }
    push_escaped(xml, rest);
}

/// True if a text begins like `_x0041_`.
fn is_escape(text: &str) -> bool {
    let digits = text.get(2..6);
    digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        && text.get(6..7) == Some("_")
}

/// The number of decimals.
pub(crate) fn decimals(number: &str) -> usize {
    let (_, decimals) = number.split_once('.').unwrap_or((number, ""));
    decimals.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_their_letters() {
        let all = [0, 25, 26, 51, 52, 701, 702, 16_383].map(letters);
        assert_eq!(all, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD"]);
    }

    #[test]
    fn texts_stay_what_they_are() {
        let written = |text| {
            let mut xml = String::new();
            push_literal(&mut xml, text);
            xml
        };
        assert_eq!(written("a_x0041_b"), "a_x005F_x0041_b");
        assert_eq!(written("_x_x00e9_"), "_x_x005F_x00e9_");
        assert_eq!(written("_xyz <&> é"), "_xyz &lt;&amp;&gt; é");
        assert_eq!(written("_x12é_"), "_x12é_");
    }
}
