//! A table written as a workbook, in one of the many ways to write it.

use crate::generator::dice::Dice;
use crate::package::{packed, sheet};

/// A workbook that says the same as these records, their header first. Ids are
/// never dates.
pub(super) fn workbook_of(records: &[Vec<String>], id: &str, dice: &mut Dice) -> Vec<u8> {
    let mut writer = Writer {
        shared: Vec::new(),
        prefix: if dice.chance(50) { "x:" } else { "" },
    };
    let ids = records[0].iter().position(|name| name == id);
    let (mut row, left) = (dice.below(3), dice.below(3) as usize);
    let mut rows = String::new();
    for (number, record) in records.iter().enumerate() {
        row += if dice.chance(10) { 3 } else { 1 };
        let cells: String = record
            .iter()
            .enumerate()
            .map(|(column, text)| {
                let reference = format!("{}{row}", char::from(b'A' + (left + column) as u8));
                let may_be_value = number > 0;
                let may_be_date = may_be_value && Some(column) != ids;
                writer.cell(&reference, text, (may_be_value, may_be_date), dice)
            })
            .collect();
        let x = writer.prefix;
        rows += &format!("<{x}row r=\"{row}\">{cells}</{x}row>");
    }
    let x = writer.prefix;
    let sheet = if x.is_empty() {
        sheet(&rows)
    } else {
        format!("<x:worksheet xmlns:x=\"y\"><x:sheetData>{rows}</x:sheetData></x:worksheet>")
    };
    let strings: Vec<String> = writer
        .shared
        .iter()
        .map(|text| format!("<si>{text}</si>"))
        .collect();
    let strings = strings.concat();
    packed(&[
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", format!("<sst>{strings}</sst>")),
    ])
}

struct Writer {
    shared: Vec<String>,
    /// What stands before the names of elements.
    prefix: &'static str,
}

impl Writer {
    fn cell(
        &mut self,
        at: &str,
        text: &str,
        (value, date): (bool, bool),
        dice: &mut Dice,
    ) -> String {
        let x = self.prefix;
        if text.is_empty() {
            return if dice.chance(50) {
                String::new()
            } else {
                format!("<{x}c r=\"{at}\" s=\"1\"/>")
            };
        }
        let serial = serial(text).filter(|_| date && dice.chance(70));
        let (format, number) = match serial {
            Some(serial) => ("1", Some(serial)),
            None if value && dice.chance(60) => number(text),
            None => ("0", None),
        };
        if let Some(number) = number {
            return format!("<{x}c r=\"{at}\" s=\"{format}\"><{x}v>{number}</{x}v></{x}c>");
        }
        if dice.chance(50) {
            self.shared.push(letters(text, "", dice));
            let number = self.shared.len() - 1;
            return format!("<{x}c r=\"{at}\" t=\"s\"><{x}v>{number}</{x}v></{x}c>");
        }
        let text = letters(text, x, dice);
        format!("<{x}c r=\"{at}\" t=\"inlineStr\"><{x}is>{text}</{x}is></{x}c>")
    }
}

/// A text as a whole, or in two runs, and perhaps how it is pronounced.
fn letters(text: &str, x: &str, dice: &mut Dice) -> String {
    let one = |text: &str| format!("<{x}t xml:space=\"preserve\">{}</{x}t>", escaped(text));
    let half = text.chars().count() / 2;
    if half == 0 || dice.chance(70) {
        return one(text);
    }
    let (first, second): (String, String) = (
        text.chars().take(half).collect(),
        text.chars().skip(half).collect(),
    );
    format!(
        "<{x}r>{}</{x}r><{x}r><{x}rPr/>{}</{x}r><{x}rPh sb=\"0\" eb=\"1\"><{x}t>ph</{x}t></{x}rPh>",
        one(&first),
        one(&second)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('\r', "_x000D_")
}

/// The format and the digits of a number cell that reads as this text.
fn number(text: &str) -> (&'static str, Option<String>) {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits(text) && text.len() == 5 {
        let value: u64 = text.parse().unwrap();
        return ("2", Some(value.to_string()));
    }
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    let good = digits(whole)
        && digits(rest)
        && text.len() < 15
        && (whole == "0" || !whole.starts_with('0'));
    ("0", good.then(|| text.to_owned()))
}

/// The number of the day that this text names.
fn serial(text: &str) -> Option<String> {
    let date = payout::internals::base::dates::iso_date(text)?;
    let first = jiff::civil::date(1899, 12, 30);
    let days = date.since((jiff::Unit::Day, first)).ok()?.get_days();
    (days > 60).then(|| days.to_string())
}
