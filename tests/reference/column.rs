//! What the plan says about the columns of the claims file.

use std::collections::BTreeMap;

use super::calendar::DateForm;
use super::document::{Node, Table};
use super::number::{Number, plain};
use super::refused::Refused;

#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Every cell must be one of these.
    pub values: Option<Vec<String>>,
    /// Amounts may have their digits in groups of three, with this between them.
    pub thousands: Option<char>,
    /// May stand before an amount.
    pub prefix: Option<String>,
    pub dates: DateForm,
}

impl Default for Column {
    fn default() -> Column {
        Column {
            values: None,
            thousands: None,
            prefix: None,
            dates: DateForm::Iso,
        }
    }
}

impl Column {
    fn read(mut table: Table) -> Result<Column, Refused> {
        let forms = [
            ("YYYY-MM-DD", DateForm::Iso),
            ("MM/DD/YYYY", DateForm::MonthFirst),
            ("DD/MM/YYYY", DateForm::DayFirst),
        ];
        let column = Column {
            values: table.maybe("values", Node::cell_texts)?,
            thousands: table.maybe("thousands", separator)?,
            prefix: table.maybe("prefix", Node::cell_text)?,
            dates: table.word("format", &forms)?.unwrap_or(DateForm::Iso),
        };
        table.done()?;
        Ok(column)
    }

    /// The amount that a cell of this column shows.
    pub(super) fn amount(&self, cell: &str) -> Option<Number> {
        let bare = self
            .prefix
            .as_deref()
            .and_then(|prefix| cell.strip_prefix(prefix))
            .unwrap_or(cell);
        match self.thousands {
            Some(separator) => plain(&without_groups(bare, separator)?),
            None => plain(bare),
        }
    }
}

fn separator(node: &Node) -> Result<char, Refused> {
    let text = node.text()?;
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(separator), None) if !separator.is_ascii_digit() && separator != '.' => Ok(separator),
        _ => Err(node.refuse("must be one character, no digit and no point")),
    }
}

/// `1,234.56` becomes `1234.56`. After the first group, each has three digits.
fn without_groups(amount: &str, separator: char) -> Option<String> {
    let units = amount.split('.').next().unwrap_or(amount);
    let mut groups = units.split(separator);
    let first = groups.next().unwrap_or_default().len();
    let mut later = groups.peekable();
    if later.peek().is_some() && !(1..=3).contains(&first) || later.any(|group| group.len() != 3) {
        return None;
    }
    Some(format!(
        "{}{}",
        units.replace(separator, ""),
        &amount[units.len()..]
    ))
}

/// The tables `[column.NAME]`.
#[derive(Debug, Default)]
pub(super) struct Columns(BTreeMap<String, Column>);

impl Columns {
    pub(super) fn read(node: Option<Node>) -> Result<Columns, Refused> {
        let mut columns = BTreeMap::new();
        let tables = node.map(|node| node.table()).transpose()?;
        for (name, node) in tables.into_iter().flat_map(Table::rest) {
            columns.insert(name, Column::read(node.table()?)?);
        }
        Ok(Columns(columns))
    }

    pub(super) fn named(&self, name: &str) -> Column {
        self.0.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Column)> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_have_three_digits() {
        let dollars = Column {
            thousands: Some(','),
            prefix: Some("$".to_string()),
            ..Column::default()
        };
        for good in [
            "1,234.56",
            "$1,234.56",
            "1234.56",
            "$12",
            "999",
            "1,234,567",
        ] {
            assert!(dollars.amount(good).is_some(), "{good}");
        }
        for bad in [
            "12,34",
            "1234,567",
            ",123",
            "1,23",
            "1,234.5,6",
            "$",
            "€5",
            "$$5",
            "-5",
            "1,",
            "",
        ] {
            assert!(dollars.amount(bad).is_none(), "{bad}");
        }
        assert!(Column::default().amount("1,234").is_none());
    }
}
