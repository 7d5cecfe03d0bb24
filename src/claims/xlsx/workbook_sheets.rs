//! The sheets of a workbook, and the choice of the one with the claims.

use anyhow::Result;

use crate::base::diagnostics::{listing, literal, nearest};
use crate::claims::xlsx::package::{Relationship, WorkbookPackage};
use crate::claims::xlsx::sheet_cell::FormulaValues;
use crate::claims::xlsx::xml::{ElementName, XmlElement, XmlNode, XmlReader, is_true};
use crate::claims::xlsx::{WorkbookNames, messages, sheet_reader};

pub(super) struct WorkbookTabs {
    list: Vec<Tab>,
    relationships: Vec<Relationship>,
    /// True if days are counted from 1904.
    pub from_1904: bool,
    /// The state of formula values.
    pub formulas: FormulaValues,
}

/// Reads the element that describes the calculation.
fn formula_values(calculation: &XmlElement<'_>) -> FormulaValues {
    let text = |name| calculation.attribute(name);
    let is = |name| text(name).is_some_and(|value| is_true(&value));
    let is_not = |name| text(name).is_some_and(|value| !is_true(&value));
    let by_hand = text("calcMode").as_deref() == Some("manual") && is_not("calcOnSave");
    if is_not("calcCompleted") || (by_hand && !is("calcCompleted")) {
        FormulaValues::Outdated
    } else if is("fullCalcOnLoad") || is("forceFullCalc") {
        FormulaValues::OnOpening
    } else {
        FormulaValues::Calculated
    }
}

pub(super) struct Tab {
    pub name: String,
    hidden: bool,
    /// The id of its relationship.
    relation: String,
    /// The part with its cells; a chart has none.
    part: Option<String>,
}

impl Tab {
    /// True if any of its cells has a value.
    fn holds_data(&self, package: &WorkbookPackage, file: &str) -> Result<bool> {
        let part = self.part.as_deref().unwrap_or_default();
        let mut xml = package.part(part)?.ok_or_else(|| self.missing(file))?;
        sheet_reader::holds_data(&mut xml)
    }

    /// Reads its cells.
    pub(super) fn read_ahead(
        &self,
        package: &WorkbookPackage,
        file: &str,
        read: impl FnOnce(&mut XmlReader<'_>) -> Result<()>,
    ) -> Result<()> {
        let part = self.part.as_deref().unwrap_or_default();
        let done = package.part_ahead(part, read)?;
        done.ok_or_else(|| self.missing(file))
    }

    fn missing(&self, file: &str) -> anyhow::Error {
        let what = format!("the sheet {} is missing", literal(&self.name));
        messages::damaged(file, &what).into()
    }
}

impl WorkbookTabs {
    /// Reads the list of sheets in the workbook.
    pub(super) fn read(package: &WorkbookPackage, file: &str) -> Result<Self> {
        let roots = package.relationships("")?;
        let root = roots.iter().find(|root| root.kind == "officeDocument");
        let part = root.map_or("xl/workbook.xml", |root| &root.part);
        let relationships = package.relationships(part)?;
        let xml = package.part(part)?;
        let mut xml = xml.ok_or_else(|| messages::no_workbook_inside(file))?;
        let mut tabs = Self {
            list: Vec::new(),
            relationships,
            from_1904: false,
            formulas: FormulaValues::default(),
        };
        loop {
            match xml.next()? {
                XmlNode::Start(element) if element.name == ElementName::Sheet => {
                    let text = |name| element.attribute(name).unwrap_or_default();
                    let relation = text("id");
                    let leads = |known: &&Relationship| known.id == relation;
                    let found = tabs.relationships.iter().find(leads);
                    let found = found.filter(|found| found.kind == "worksheet");
                    tabs.list.push(Tab {
                        name: text("name"),
                        hidden: matches!(text("state").as_str(), "hidden" | "veryHidden"),
                        part: found.map(|found| found.part.clone()),
                        relation,
                    });
                }
                XmlNode::Start(element) if element.name == ElementName::WorkbookPr => {
                    let value = element.attribute("date1904");
                    tabs.from_1904 = value.is_some_and(|value| is_true(&value));
                }
                XmlNode::Start(element) if element.name == ElementName::CalcPr => {
                    tabs.formulas = formula_values(&element);
                }
                XmlNode::EndOfPart => break,
                _ => {}
            }
        }
        for tab in &tabs.list {
            if tabs
                .relationships
                .iter()
                .all(|known| known.id != tab.relation)
            {
                let what = format!("the sheet {} has no part", literal(&tab.name));
                return Err(messages::damaged(file, &what).into());
            }
        }
        Ok(tabs)
    }

    /// The part of the workbook with this kind of relationship.
    pub(super) fn part_of(&self, kind: &str) -> Option<&str> {
        let found = self.relationships.iter().find(|known| known.kind == kind)?;
        Some(&found.part)
    }

    /// The sheet with this name, or the first visible one.
    pub(super) fn choose(&self, name: Option<&str>, file: &str) -> Result<&Tab> {
        let Some(name) = name else {
            let mut visible = self.list.iter().filter(|tab| !tab.hidden);
            let first = visible.find(|tab| tab.part.is_some());
            let none = || messages::no_visible_sheet(file).hint(self.hint());
            return Ok(first.ok_or_else(none)?);
        };
        match self.list.iter().find(|tab| tab.name == name) {
            Some(tab) if tab.part.is_some() => Ok(tab),
            Some(_) => {
                let message = messages::sheet_is_chart(file, &literal(name));
                Err(message.hint(self.hint()).into())
            }
            None => {
                let message = messages::sheet_missing(file, &literal(name));
                let hint = match nearest(name, self.names().iter().map(String::as_str)) {
                    Some(near) => format!("did you mean {}? {}", literal(near), self.hint()),
                    None => self.hint(),
                };
                Err(message.hint(hint).into())
            }
        }
    }

    fn names(&self) -> Vec<String> {
        let with_cells = self.list.iter().filter(|tab| tab.part.is_some());
        with_cells.map(|tab| tab.name.clone()).collect()
    }

    /// Lists the sheets to choose from.
    pub(super) fn hint(&self) -> String {
        format!(
            "`--sheet` accepts one of the sheets {}",
            listing(&self.names())
        )
    }

    /// Describes which row of which sheet is the header, and which other sheets
    /// there are.
    pub(super) fn header(&self, read: &Tab, row: u32) -> String {
        let name = literal(&read.name);
        let header = format!("row {row} of the sheet {name} is read as the header");
        match self.names().len() {
            1 => header,
            _ => format!("{header}; {}", self.hint()),
        }
    }

    /// A warning if other sheets than the one that was read contain data.
    pub(super) fn others_warning(
        &self,
        read: &Tab,
        package: &WorkbookPackage,
        names: WorkbookNames<'_>,
    ) -> Result<Option<String>> {
        let mut others = 0;
        for tab in &self.list {
            if tab.relation == read.relation || tab.part.is_none() {
                continue;
            }
            if tab.holds_data(package, names.shown)? {
                others += 1;
            }
        }
        Ok((others > 0).then(|| {
            format!(
                "in {}, the sheet {} was read, but {} data, too (use `--sheet` to choose another)",
                names.name,
                literal(&read.name),
                match others {
                    1 => "another sheet has".to_owned(),
                    others => format!("{others} other sheets have"),
                }
            )
        }))
    }
}
