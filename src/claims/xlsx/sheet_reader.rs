//! Reads a sheet: its rows of cells are passed to a [`ClaimsTable`].

use anyhow::Result;

use crate::claims::xlsx::cell_address::{COLUMNS, CellAddress, CellArea, ROWS};
use crate::claims::xlsx::claims_table::ClaimsTable;
use crate::claims::xlsx::shared_strings::{RichText, unescape};
use crate::claims::xlsx::sheet_cell::{CellType, ColumnSpan, SheetCell};
use crate::claims::xlsx::xml::{ElementName, XmlElement, XmlNode, XmlReader, is_true};

/// Reads a sheet to its end.
pub(super) fn read(xml: &mut XmlReader<'_>, table: &mut ClaimsTable<'_>) -> Result<()> {
    let mut rows = RowPlace::default();
    let mut inside = false;
    loop {
        match xml.next()? {
            XmlNode::Start(element) => match element.name {
                ElementName::Row if inside => {
                    let row = rows.begin_row(&element);
                    let (row, hidden) = row.map_err(|fault| xml.damaged(&fault))?;
                    table.begin_row(row, hidden);
                }
                ElementName::C if inside => {
                    let place = rows.begin_cell(&element);
                    let place = place.map_err(|fault| xml.damaged(&fault))?;
                    let array = rest_of_cell(xml, place, &mut rows.cell)?;
                    rows.take_array(place, array);
                    if rows.cell.has_value || rows.cell.has_formula {
                        table.cell(place, &mut rows.cell)?;
                    }
                }
                ElementName::SheetData => inside = true,
                ElementName::Col => table.columns(&columns(&element)),
                ElementName::MergeCell => {
                    let area = element.attribute("ref");
                    let area = area.as_deref().and_then(CellArea::read);
                    let area = area.ok_or_else(|| xml.damaged("merges cells that do not exist"))?;
                    table.merged(area);
                }
                _ => {}
            },
            XmlNode::End(ElementName::Row) if inside => table.end_row()?,
            XmlNode::End(ElementName::SheetData) => inside = false,
            XmlNode::EndOfPart => return Ok(()),
            _ => {}
        }
    }
}

/// True if any cell of a sheet has a value.
pub(super) fn holds_data(xml: &mut XmlReader<'_>) -> Result<bool> {
    loop {
        match xml.next()? {
            XmlNode::Start(element)
                if matches!(
                    element.name,
                    ElementName::V | ElementName::Is | ElementName::F
                ) =>
            {
                return Ok(true);
            }
            XmlNode::End(ElementName::SheetData) | XmlNode::EndOfPart => return Ok(false),
            _ => {}
        }
    }
}

fn columns(element: &XmlElement<'_>) -> ColumnSpan {
    let number = |name| element.attribute(name)?.parse().ok();
    ColumnSpan {
        first: number("min").unwrap_or(0),
        last: number("max").unwrap_or(0),
        hidden: element
            .attribute("hidden")
            .is_some_and(|value| is_true(&value)),
    }
}

/// The current position in the rows.
#[derive(Debug, Default)]
struct RowPlace {
    row: u32,
    column: u32,
    cell: SheetCell,
    /// Areas of array formulas, which are written in their first cell.
    arrays: Vec<CellArea>,
}

impl RowPlace {
    /// Records the area of an array formula that starts here. Returns true if the
    /// cell is in the area of another.
    fn take_array(&mut self, place: CellAddress, array: Option<CellArea>) {
        self.arrays
            .extend(array.filter(|area| area.first != area.last));
        let mut arrays = self.arrays.iter();
        self.cell.has_formula |= arrays.any(|area| area.holds(place.row, Some(place.column)));
    }

    /// The number of a row that begins, and whether it is hidden.
    fn begin_row(&mut self, element: &XmlElement<'_>) -> Result<(u32, bool), String> {
        let (mut written, mut hidden) = (None, false);
        let good = element.each(|name, value| match name {
            "r" => written = Some(value.parse().ok()),
            "hidden" => hidden = is_true(value),
            _ => {}
        });
        let good = good.is_some();
        let number = match written {
            Some(number) => number.filter(|_| good),
            None => good.then_some(self.row + 1),
        };
        let number = number
            .filter(|number| (1..=ROWS).contains(number))
            .ok_or_else(|| format!("has an invalid row number after row {}", self.row))?;
        if number <= self.row {
            return Err(format!("has row {number} after row {}", self.row));
        }
        (self.row, self.column) = (number, 0);
        self.arrays.retain(|area| area.last.row >= number);
        Ok((number, hidden))
    }

    /// The address of a cell that begins.
    fn begin_cell(&mut self, element: &XmlElement<'_>) -> Result<CellAddress, String> {
        self.cell.clear();
        let cell = &mut self.cell;
        let mut place = Some(CellAddress {
            column: self.column + 1,
            row: self.row,
        });
        let mut known = true;
        let good = element.each(|name, value| match name {
            "r" => place = CellAddress::read(value),
            "s" => match value.parse() {
                Ok(format) => cell.format = format,
                Err(_) => known = false,
            },
            "t" => match kind(value) {
                Some(kind) => cell.kind = kind,
                None => known = false,
            },
            _ => {}
        });
        let place = place
            .filter(|place| good.is_some() && place.column <= COLUMNS)
            .ok_or_else(|| format!("has an invalid cell address in row {}", self.row))?;
        if !known {
            return Err(format!("has a cell {} of an unknown type", place.name()));
        }
        if place.row != self.row || place.column <= self.column {
            return Err(format!("has cell {} twice or out of order", place.name()));
        }
        self.column = place.column;
        Ok(place)
    }
}

fn kind(written: &str) -> Option<CellType> {
    Some(match written {
        "n" => CellType::Number,
        "s" => CellType::Shared,
        "inlineStr" => CellType::Inline,
        "str" => CellType::Text,
        "d" => CellType::Date,
        "b" => CellType::Boolean,
        "e" => CellType::Error,
        _ => return None,
    })
}

/// Reads the rest of a cell: its value and its formula, each at most once and
/// directly in it. Returns the area of the formula, if it has one.
fn rest_of_cell(
    xml: &mut XmlReader<'_>,
    place: CellAddress,
    cell: &mut SheetCell,
) -> Result<Option<CellArea>> {
    let mut array = None;
    let mut text = RichText::default();
    let mut child = ElementName::Other;
    let mut depth = 0;
    loop {
        match xml.next()? {
            XmlNode::Start(element) if depth > 0 => {
                depth += 1;
                text.start(element.name);
            }
            XmlNode::Start(element) => {
                (depth, child) = (1, element.name);
                let again = match child {
                    ElementName::V | ElementName::Is => {
                        std::mem::replace(&mut cell.has_value, true)
                    }
                    ElementName::F => std::mem::replace(&mut cell.has_formula, true),
                    _ => false,
                };
                // Cells that only share a formula say so themselves.
                if child == ElementName::F
                    && element.attribute("t").is_some_and(|kind| kind != "shared")
                {
                    let area = element.attribute("ref");
                    array = area.as_deref().and_then(CellArea::read);
                }
                if again {
                    let what = format!("has cell {} with two values or formulas", place.name());
                    return Err(xml.damaged(&what));
                }
            }
            XmlNode::End(_) if depth == 0 => break,
            XmlNode::End(name) => {
                depth -= 1;
                text.end(name);
            }
            XmlNode::Text(letters) => match (child, depth) {
                (ElementName::V, 1) => cell.value.push_str(&letters),
                (ElementName::F, 1) => cell.formula.push_str(&letters),
                (ElementName::Is, _) if text.is_text() => cell.value.push_str(&letters),
                _ => {}
            },
            XmlNode::EndOfPart => return Err(xml.damaged("is truncated")),
        }
    }
    match cell.kind {
        CellType::Inline | CellType::Text => unescape(&mut cell.value),
        _ => trim(&mut cell.value),
    }
    Ok(array)
}

/// Removes white space around a value that is not text.
fn trim(value: &mut String) {
    let trimmed = value.trim_ascii();
    if trimmed.len() < value.len() {
        *value = trimmed.to_owned();
    }
}
