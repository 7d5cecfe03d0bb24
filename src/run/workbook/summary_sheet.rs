//! The first sheet: the accounting of the fund as in summary.txt, with live formulas
//! over the rows on the other sheets.

use anyhow::Result;

use crate::base::diagnostics::{Problem, quotable};
use crate::base::money::Money;
use crate::run::summary::{PoolFacts, Summary};
use crate::run::summary_text::{balance_label, is_zero, labeled_rate, tax_rows, unpaid_label};
use crate::run::workbook::cells::{self, CellValue};
use crate::run::workbook::formula;
use crate::run::workbook::styles::CellStyle;
use crate::run::workbook::summary_cells::{
    BLANK, FIGURES, StyledCell, amount, computed, computed_total, count, fault, figure, negative,
    number, text,
};
use crate::run::workbook::table::{HINT, WorkbookTable};
use crate::run::workbook::workbook_input::WorkbookInput;
use crate::run::workbook::worksheet::Worksheet;

/// The minimum and maximum width of the label column, in characters.
const LABELS: (usize, usize) = (44, 70);

/// The width of a line across all columns, in characters.
const LINE: usize = 110;

/// The number of columns.
const COLUMNS: usize = 7;

/// Builds the sheet.
pub(super) fn sheet(maker: WorkbookInput<'_>, tables: [&WorkbookTable<'_>; 3]) -> Result<String> {
    let mut page = SummarySheet {
        maker,
        summary: maker.summary,
        tables,
        decimals: maker.plan.settlement.currency.decimals(),
        xml: String::new(),
        row: 0,
        widths: vec![FIGURES; COLUMNS],
    };
    if let Some(labels) = page.widths.first_mut() {
        *labels = LABELS.0;
    }
    page.title();
    let waterfall = page.waterfall()?;
    page.proof(&waterfall)?;
    page.pools()?;
    page.payments()?;
    page.tax()?;
    page.claims()?;
    page.controls()?;
    page.sources()?;
    let worksheet = Worksheet {
        name: "Summary",
        widths: &page.widths,
        table: None,
        draft: maker.summary.settlement.draft.is_some(),
    };
    Ok(worksheet.start() + &page.xml + &worksheet.end())
}

/// The cells of the waterfall.
struct Waterfall {
    /// From the fund to the last deduction.
    net: String,
    /// Payments and holds.
    out: String,
    residual: String,
}

struct SummarySheet<'a> {
    maker: WorkbookInput<'a>,
    summary: &'a Summary,
    tables: [&'a WorkbookTable<'a>; 3],
    decimals: u32,
    xml: String,
    /// The last row written.
    row: u64,
    widths: Vec<usize>,
}

impl SummarySheet<'_> {
    fn line(&mut self, cells: &[StyledCell]) -> Result<()> {
        self.row += 1;
        for (column, (value, _)) in cells.iter().enumerate() {
            if let Some(fault) = fault(value) {
                let message = match cells.first() {
                    Some((CellValue::Text(label), _)) if column > 0 => {
                        format!("the summary, \"{}\": {fault}", label.trim())
                    }
                    _ => format!("the summary: {fault}"),
                };
                return Err(Problem::new(message, HINT).into());
            }
            self.widen(column, value);
        }
        cells::push_row(&mut self.xml, self.row, cells);
        Ok(())
    }

    /// Widens a column to fit a cell next to others.
    fn widen(&mut self, column: usize, value: &CellValue) {
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

    fn blank(&mut self) {
        self.row += 1;
    }

    /// A label and the cells next to it.
    fn entry(&mut self, label: &str, cells: Vec<StyledCell>) -> Result<()> {
        self.labelled(label, CellStyle::Text, cells)
    }

    /// The same, styled as a total.
    fn total(&mut self, label: &str, cells: Vec<StyledCell>) -> Result<()> {
        self.labelled(label, CellStyle::TotalLabel, cells)
    }

    fn labelled(&mut self, label: &str, style: CellStyle, cells: Vec<StyledCell>) -> Result<()> {
        let mut all = vec![text(label, style)];
        all.extend(cells);
        self.line(&all)
    }

    /// A heading above entries, with the headings of their figures.
    fn heading(&mut self, label: &str, figures: &[&str]) -> Result<()> {
        self.blank();
        let figures = figures
            .iter()
            .map(|name| text(name, CellStyle::HeadingOfNumbers));
        self.labelled(label, CellStyle::Heading, figures.collect())
    }

    /// Text on as many lines as necessary, across all columns.
    fn paragraph(&mut self, words: &str, style: CellStyle) {
        for line in textwrap::wrap(words, LINE) {
            // No line reaches this length, and a plan has no characters that a
            // spreadsheet cannot hold.
            self.row += 1;
            cells::push_row(&mut self.xml, self.row, &[text(&line, style)]);
        }
    }

    fn title(&mut self) {
        let settlement = &self.summary.settlement;
        self.paragraph(&settlement.name, CellStyle::Title);
        if let Some(docket) = &settlement.docket {
            self.paragraph(docket, CellStyle::Note);
        }
        if let Some(draft) = &settlement.draft {
            self.blank();
            let words = format!("DRAFT – not for payment: {draft}");
            self.paragraph(&words, CellStyle::Draft);
        }
    }

    /// From the fund to the residual.
    fn waterfall(&mut self) -> Result<Waterfall> {
        let summary = self.summary;
        let fund = &summary.fund;
        self.heading("The fund", &[&summary.settlement.currency])?;
        let first = self.row + 1;
        self.entry("Settlement fund", vec![amount(&fund.amount)])?;
        if !is_zero(&fund.interest) {
            self.entry("Interest", vec![amount(&fund.interest)])?;
        }
        for deduction in &fund.deductions {
            self.entry(
                &deduction.label(),
                vec![amount(&negative(&deduction.amount))],
            )?;
        }
        let net = format!("B{first}:B{}", self.row);
        let sum = formula::sum(std::slice::from_ref(&net), self.decimals);
        self.total("Net settlement fund", vec![computed_total(sum, &fund.net)])?;
        let first = self.row + 1;
        let [payouts, held, _] = self.tables;
        for (label, table, total) in [
            ("  payments", payouts, &summary.payouts.total),
            (
                "  held: claims pending determination",
                held,
                &summary.held.total,
            ),
        ] {
            let sum = format!("-{}", self.sum(table, table.payout()));
            self.entry(label, vec![computed(sum, &negative(total))])?;
        }
        let out = format!("B{first}:B{}", self.row);
        let label = summary.residual.label();
        let residual = &summary.residual.amount;
        let style = CellStyle::Total(cells::decimals(residual));
        self.total(&label, vec![number(residual, style)])?;
        let residual = format!("B{}", self.row);
        Ok(Waterfall { net, out, residual })
    }

    /// The formula of the sum of a column.
    fn sum(&self, table: &WorkbookTable<'_>, column: Option<usize>) -> String {
        let ranges = column.map(|column| table.ranges(column));
        formula::sum(&ranges.unwrap_or_default(), self.decimals)
    }

    /// Zero, as an amount.
    fn nothing(&self) -> String {
        self.maker.plan.settlement.currency.text(Money::ZERO)
    }

    /// Compares the sheets with the run.
    fn proof(&mut self, waterfall: &Waterfall) -> Result<()> {
        let summary = self.summary;
        let figures = ["from the sheets", "from the run", "difference"];
        self.heading("Tie-out", &figures)?;
        let Waterfall { net, out, residual } = waterfall;
        let spent = formula::sum(&[net.clone(), out.clone()], self.decimals);
        let left = formula::difference(&spent, residual, self.decimals);
        let zero = self.nothing();
        let label = "Fund + interest − deductions − payments − held − residual";
        self.compared(label, left, &zero, self.decimals)?;
        let [payouts, held, unpaid] = self.tables;
        for (label, table, total) in [
            ("Total payments", payouts, &summary.payouts.total),
            ("Total held", held, &summary.held.total),
        ] {
            let sum = self.sum(table, table.payout());
            self.compared(label, sum, total, self.decimals)?;
        }
        if summary.pools.len() > 1 {
            for (number, pool) in summary.pools.iter().enumerate() {
                for (what, table, total) in
                    [("paid", payouts, &pool.paid), ("held", held, &pool.held)]
                {
                    let sum = self.sum(table, table.payout_of(number));
                    let label = format!("Pool \"{}\", {what}", pool.name);
                    self.compared(&label, sum, total, self.decimals)?;
                }
            }
        }
        for (label, table) in [
            ("Rows paid", payouts),
            ("Rows held", held),
            ("Rows not paid", unpaid),
        ] {
            let count = formula::count(&table.ranges(0));
            self.compared(label, count, &table.rows.to_string(), 0)?;
        }
        let unit = self.maker.plan.settlement.currency.minor_unit();
        let words = format!(
            "Every difference must be 0. Amounts are added in units of one {unit}, which a \
             spreadsheet computes exactly."
        );
        self.paragraph(&words, CellStyle::Note);
        Ok(())
    }

    fn compared(&mut self, label: &str, sum: String, known: &str, decimals: u32) -> Result<()> {
        let row = self.row + 1;
        let difference = formula::difference(&format!("B{row}"), &format!("C{row}"), decimals);
        let none = if decimals == 0 {
            "0".to_owned()
        } else {
            self.nothing()
        };
        let style = CellStyle::Number(cells::decimals(known));
        let formula = |formula: String, result: &str| {
            let value = CellValue::Formula(formula, result.to_owned());
            (value, style)
        };
        let cells = vec![
            formula(sum, known),
            number(known, style),
            formula(difference, &none),
        ];
        self.entry(label, cells)
    }

    fn pools(&mut self) -> Result<()> {
        let summary = self.summary;
        for (number, pool) in summary.pools.iter().enumerate() {
            self.heading(&format!("Pool \"{}\"", pool.name), &[""])?;
            self.entry("  available", vec![amount(&pool.available)])?;
            self.entry("  participants", vec![count(pool.participants)])?;
            if let Some(shares) = &pool.shares {
                self.entry("  shares", vec![amount(shares)])?;
            }
            if let Some(awards) = &pool.awards {
                self.entry("  awards", vec![amount(awards)])?;
            }
            self.rate(pool)?;
            if pool.dropped > 0 {
                self.entry("  below minimum payment", vec![count(pool.dropped)])?;
            }
            self.entry("  paid", vec![amount(&pool.paid)])?;
            self.entry("  held", vec![amount(&pool.held)])?;
            if summary.pools.len() > 1 {
                let label = balance_label(number, summary.pools.len());
                self.entry(&format!("  {label}"), vec![amount(&pool.left)])?;
            }
        }
        Ok(())
    }

    /// The exact rate as text, because a spreadsheet number cannot hold it.
    fn rate(&mut self, pool: &PoolFacts) -> Result<()> {
        if let (Some(rate), Some(exact)) = (&pool.rate, &pool.rate_exact) {
            let (label, rate) = labeled_rate(pool, rate);
            self.entry(&format!("  {label}"), vec![figure(&rate)])?;
            if exact.contains('/') {
                self.entry("  exact fraction", vec![figure(exact)])?;
            }
        }
        if let Some(unit_rate) = &pool.unit_rate {
            self.entry("  paid per share", vec![amount(unit_rate)])?;
        }
        Ok(())
    }

    fn payments(&mut self) -> Result<()> {
        let payouts = &self.summary.payouts;
        let sizes = ["count", "total", "smallest", "median", "average", "largest"];
        self.heading("Payments", &sizes)?;
        let size = |size: &Option<String>| match size {
            Some(size) => amount(size),
            None => text("-", CellStyle::TextOfNumbers),
        };
        let cells = vec![
            count(payouts.count),
            amount(&payouts.total),
            size(&payouts.smallest),
            size(&payouts.median),
            size(&payouts.average),
            size(&payouts.largest),
        ];
        self.entry("  all claimants", cells)?;
        for subclass in &self.summary.subclasses {
            let cells = vec![
                count(subclass.paid),
                amount(&subclass.total),
                size(&subclass.smallest),
                size(&subclass.median),
                BLANK,
                size(&subclass.largest),
            ];
            self.entry(&format!("  {}", subclass.name), cells)?;
        }
        let Some(methods) = &payouts.by_method else {
            return Ok(());
        };
        self.heading("Methods of payment", &["payments", "total"])?;
        for facts in methods {
            let method = match facts.method.as_str() {
                "" => "not stated".to_owned(),
                method => quotable(method),
            };
            let cells = vec![count(facts.count), amount(&facts.total)];
            self.entry(&format!("  {method}"), cells)?;
        }
        Ok(())
    }

    /// The tax flags, if the plan has a threshold.
    fn tax(&mut self) -> Result<()> {
        let Some(tax) = &self.summary.tax else {
            return Ok(());
        };
        self.heading("Tax flags (not tax advice)", &["payments", "total"])?;
        for (label, facts) in tax_rows(tax) {
            let cells = vec![count(facts.count), amount(&facts.total)];
            self.entry(&format!("  {label}"), cells)?;
        }
        Ok(())
    }

    fn claims(&mut self) -> Result<()> {
        let claims = &self.summary.claims;
        self.heading("Claims", &[""])?;
        self.entry("  claim rows read", vec![count(claims.rows)])?;
        if claims.claimants != claims.rows {
            self.entry("  claimants", vec![count(claims.claimants)])?;
        }
        self.entry("  paid", vec![count(claims.paid)])?;
        self.entry("  held", vec![count(claims.held)])?;
        self.entry(
            &format!("  {}", unpaid_label(claims)),
            vec![count(claims.unpaid_rows)],
        )?;
        for reason in &claims.unpaid_reasons {
            let label = format!("    {}", quotable(&reason.reason));
            self.entry(&label, vec![count(reason.rows)])?;
        }
        if let Some(members) = self.summary.class.members {
            self.entry("  class members", vec![count(members)])?;
        }
        Ok(())
    }

    /// The control totals and the warnings.
    fn controls(&mut self) -> Result<()> {
        match &self.summary.control_totals {
            None => {
                self.heading("Control totals", &[""])?;
                self.entry("  none provided", Vec::new())?;
            }
            Some(totals) => {
                self.heading("Control totals", &["expected", "found", "met"])?;
                for total in totals {
                    let met = if total.met { "yes" } else { "NO" };
                    let cells = [&total.expected, &total.found, met];
                    let label = format!("  {}", quotable(&total.name));
                    self.entry(&label, cells.map(figure).to_vec())?;
                }
            }
        }
        if !self.summary.warnings.is_empty() {
            self.heading("Warnings", &[])?;
        }
        for warning in &self.summary.warnings {
            self.paragraph(warning, CellStyle::Text);
        }
        Ok(())
    }

    /// The inputs and the program.
    fn sources(&mut self) -> Result<()> {
        self.heading("Inputs", &["rows"])?;
        // A digest extends across the following columns.
        let digest = |digest: &str| text(&format!("SHA-256 {digest}"), CellStyle::TextAfterNumbers);
        for file in self.maker.claims {
            let name = match file.name.as_str() {
                "-" => "standard input".to_owned(),
                name => quotable(name),
            };
            let cells = vec![count(file.rows), digest(&file.sha256)];
            self.entry(&format!("  {name}"), cells)?;
        }
        let plan = &self.summary.plan;
        let label = format!("  plan: {}", quotable(&plan.source));
        self.entry(&label, vec![BLANK, digest(&plan.sha256)])?;
        self.blank();
        let words = format!(
            "Generated by payout {}. The run's manifest.json lists the SHA-256 of every file of \
             the run; payout check recomputes the run from the claims.",
            self.maker.version
        );
        self.paragraph(&words, CellStyle::Note);
        Ok(())
    }
}
