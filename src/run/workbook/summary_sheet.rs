//! The first sheet: the account, with live formulas over the rows on the other sheets,
//! and a comparison of each formula with the figure of the run.

use anyhow::Result;

use crate::base::diagnostics::Bug;
use crate::base::money::Money;
use crate::base::styled_text::TextStyle;
use crate::base::workbook::cells::{self, CellValue, decimals};
use crate::base::workbook::styles::CellStyle;
use crate::base::workbook::worksheet::Worksheet;
use crate::plan::DRAFT;
use crate::run::account::{Account, AccountSection, Figure, FigureSource, Medium, RowRole};
use crate::run::workbook::formula;
use crate::run::workbook::limits;
use crate::run::workbook::table::{WorkbookInput, WorkbookTable};

/// The minimum and maximum width of the label column, in characters.
const LABELS: (usize, usize) = (44, 70);

/// The minimum width of the other columns, and their number.
const FIGURES: usize = 16;
const COLUMNS: usize = 5;

/// The width of a line across all columns, in characters.
const LINE: usize = 110;

/// The content and style of a cell.
type StyledCell = (CellValue, CellStyle);

/// Builds the sheet, and proves that the rows read back match the summary.
pub(super) fn sheet(maker: WorkbookInput<'_>, tables: &[WorkbookTable<'_>]) -> Result<String> {
    let account = Account::new(maker.plan, maker.summary, Medium::Workbook);
    let mut widths = vec![LABELS.0];
    widths.resize(COLUMNS + 1, FIGURES);
    let mut page = SummarySheet {
        tables,
        decimals: account.currency.decimals(),
        xml: String::new(),
        row: 0,
        widths,
        formulas: Vec::new(),
    };
    page.paragraph(&account.name, CellStyle::Title);
    if let Some(docket) = &account.docket {
        page.paragraph(docket, CellStyle::Note);
    }
    if let Some(as_of) = &account.as_of {
        page.paragraph(as_of, CellStyle::Note);
    }
    for section in &account.sections {
        page.section(section)?;
    }
    page.tie_out(&account)?;
    let worksheet = Worksheet {
        name: "Summary",
        widths: &page.widths,
        table: None,
        draft: (maker.summary.settlement.draft.as_ref()).map(|_| DRAFT),
    };
    Ok(worksheet.start() + &page.xml + &worksheet.end())
}

/// A cell with a formula, and the figure of the run.
struct SummaryFormula {
    label: String,
    cell: String,
    digits: String,
    style: CellStyle,
}

struct SummarySheet<'a> {
    tables: &'a [WorkbookTable<'a>],
    decimals: u32,
    xml: String,
    /// The last row written.
    row: u64,
    widths: Vec<usize>,
    formulas: Vec<SummaryFormula>,
}

impl SummarySheet<'_> {
    fn line(&mut self, label: &str, style: CellStyle, figures: Vec<StyledCell>) -> Result<()> {
        self.row += 1;
        let mut line = vec![text(label, style)];
        line.extend(figures);
        for (column, (value, _)) in line.iter().enumerate() {
            if let Some(fault) = limits::fault(value) {
                let place = match column {
                    0 => String::new(),
                    _ => format!(", \"{}\"", label.trim()),
                };
                return Err(fault.within(&format!("the summary{place}: ")).into());
            }
            let needed = match value {
                CellValue::Text(text) if column == 0 => (text.chars().count() + 2).min(LABELS.1),
                CellValue::Blank | CellValue::Text(_) => 0,
                CellValue::Number(number) | CellValue::Formula(_, number) => {
                    WorkbookTable::width_of(number)
                }
            };
            if let Some(width) = self.widths.get_mut(column) {
                *width = needed.max(*width);
            }
        }
        cells::push_row(&mut self.xml, self.row, &line);
        Ok(())
    }

    /// A heading above entries, with the headings of their figures.
    fn heading(&mut self, label: &str, style: CellStyle, figures: &[&str]) -> Result<()> {
        self.row += 1;
        let figures = figures.iter();
        let figures = figures.map(|name| text(name, CellStyle::HeadingOfNumbers));
        self.line(label, style, figures.collect())
    }

    /// Text on as many lines as necessary, across all columns.
    fn paragraph(&mut self, words: &str, style: CellStyle) {
        for line in textwrap::wrap(words, LINE) {
            // No line reaches the maximum length of a cell.
            self.row += 1;
            cells::push_row(&mut self.xml, self.row, &[text(&line, style)]);
        }
    }

    fn section(&mut self, section: &AccountSection) -> Result<()> {
        let headings = section.headings.iter();
        let headings: Vec<&str> = headings.map(|(_, heading)| *heading).collect();
        let style = match section.tone {
            TextStyle::Heading | TextStyle::Good => CellStyle::Heading,
            TextStyle::Doubtful | TextStyle::Bad => CellStyle::Alert,
        };
        self.heading(&section.title, style, &headings)?;
        for (_, sentence) in &section.sentences {
            self.paragraph(sentence, CellStyle::Text);
        }
        let mut addends = Vec::new();
        let mut first = self.row + 1;
        for row in &section.rows {
            let mut figures: Vec<StyledCell> = row
                .figures
                .iter()
                .map(|figure| cell(figure, row.role))
                .collect();
            if let (Some(source), Some((value, style))) = (row.source, figures.first_mut())
                && let CellValue::Number(digits) = value
            {
                if matches!(source, FigureSource::Above) {
                    addends.push(format!("B{first}:B{}", self.row));
                    first = self.row + 2;
                }
                let formula = self.formula(source, digits, &addends)?;
                let digits = std::mem::take(digits);
                *value = CellValue::Formula(formula, digits.clone());
                self.formulas.push(SummaryFormula {
                    label: format!("  {}: {}", section.title, row.label),
                    cell: format!("B{}", self.row + 1),
                    digits,
                    style: *style,
                });
            }
            let (indent, style) = match row.role {
                RowRole::Total => ("", CellStyle::TotalLabel),
                RowRole::Entry | RowRole::Key => ("  ", CellStyle::Text),
                RowRole::Part => ("    ", CellStyle::Text),
            };
            self.line(&format!("{indent}{}", row.label), style, figures)?;
        }
        for (_, note) in &section.notes {
            self.paragraph(note, CellStyle::Note);
        }
        Ok(())
    }

    /// The formula that recomputes a figure from its source.
    fn formula(&self, source: FigureSource, digits: &str, addends: &[String]) -> Result<String> {
        let table = |file: &str| {
            let table = self.tables.iter().find(|table| table.file == file);
            table.ok_or_else(|| Bug::new(format!("{file} is no sheet")))
        };
        let sum = |ranges: &[String]| formula::sum(ranges, self.decimals);
        match source {
            FigureSource::Above => Ok(sum(addends)),
            FigureSource::Rows(file) => {
                let table = table(file)?;
                let found = table.rows;
                if found.to_string() != digits {
                    return Err(Bug::new(format!("{file} has {found} rows, not {digits}")).into());
                }
                Ok(formula::count(&table.ranges(0)))
            }
            FigureSource::Payouts(file, pool) => {
                let table = table(file)?;
                let column = pool.map_or_else(|| table.payout(), |pool| table.payout_of(pool));
                let found = column.map(|column| table.total(column));
                let (sign, total) = match digits.strip_prefix('-') {
                    Some(total) => ("-", total),
                    None => ("", digits),
                };
                if found.as_deref() != Some(total) {
                    let found = found.as_deref().unwrap_or("nothing");
                    let message = format!("{file} adds up to {found}, not {total}");
                    return Err(Bug::new(message).into());
                }
                let ranges = column.map(|column| table.ranges(column));
                Ok(format!("{sign}{}", sum(&ranges.unwrap_or_default())))
            }
        }
    }

    /// Compares the formulas with the figures of the run.
    fn tie_out(&mut self, account: &Account) -> Result<()> {
        let columns = ["From the sheets", "From the run", "Difference"];
        self.heading("Tie-out", CellStyle::Heading, &columns)?;
        for formula in std::mem::take(&mut self.formulas) {
            let (decimals, none, style) = if formula.style == CellStyle::Count {
                (0, "0".to_owned(), CellStyle::Count)
            } else {
                let style = CellStyle::Number(decimals(&formula.digits));
                (self.decimals, account.currency.text(Money::ZERO), style)
            };
            let [one, other] = ["B", "C"].map(|column| format!("{column}{}", self.row + 1));
            let difference = formula::difference(&one, &other, decimals);
            let figures = [
                CellValue::Formula(formula.cell, formula.digits.clone()),
                CellValue::Number(formula.digits),
                CellValue::Formula(difference, none),
            ];
            let figures = figures.map(|value| (value, style));
            self.line(&formula.label, CellStyle::Text, figures.into())?;
        }
        let words = format!(
            "Every difference must be 0. Amounts are added in units of one {}, which a \
             spreadsheet computes exactly.",
            account.currency.minor_unit()
        );
        self.paragraph(&words, CellStyle::Note);
        Ok(())
    }
}

fn text(text: &str, style: CellStyle) -> StyledCell {
    (CellValue::Text(text.to_owned()), style)
}

fn cell(figure: &Figure, role: RowRole) -> StyledCell {
    match figure {
        Figure::Blank | Figure::Bar(_) => (CellValue::Blank, CellStyle::Text),
        Figure::Count(count) => (CellValue::Number(count.to_string()), CellStyle::Count),
        Figure::Amount(digits) | Figure::Number(digits) => {
            let style = match role {
                RowRole::Total => CellStyle::Total(decimals(digits)),
                _ => CellStyle::Number(decimals(digits)),
            };
            (CellValue::Number(digits.clone()), style)
        }
        // A longer text, such as an exact rate, extends across the following columns.
        Figure::Text(words) if words.chars().count() < FIGURES => {
            text(words, CellStyle::TextOfNumbers)
        }
        Figure::Text(words) | Figure::Digest(words) => text(words, CellStyle::TextAfterNumbers),
    }
}
