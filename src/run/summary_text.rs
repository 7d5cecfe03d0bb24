//! summary.txt: the account of the fund in one screen, for people.

use std::fmt::Write as _;

use crate::base::aligned::{AlignedRow, WIDTH, entry, in_columns, in_lines};
use crate::base::diagnostics::{OrBug, quotable, shown_whole};
use crate::base::money::{Currency, group};
use crate::base::styled_text::{StyledText, TextStyle};
use crate::run::control_totals::ControlFacts;
use crate::run::summary::{FlaggedFacts, PoolFacts, Summary, TaxFacts};

/// Prints the account.
pub(crate) fn text(summary: &Summary) -> StyledText {
    let mut page = TextPage {
        text: StyledText::default(),
        currency: currency(summary),
    };
    page.title(summary);
    page.waterfall(summary);
    page.pools(summary);
    page.payments(summary);
    page.claims(summary);
    page.tax(summary);
    page.notes(summary);
    page.text
}

fn currency(summary: &Summary) -> Currency {
    Currency::from_code(&summary.settlement.currency).or_bug("the currency is unknown")
}

struct TextPage {
    text: StyledText,
    currency: Currency,
}

impl TextPage {
    fn line(&mut self, line: &str) {
        self.text += line.trim_end();
        self.text += "\n";
    }

    /// What these lines are.
    fn marked(&mut self, mark: TextStyle, lines: impl FnOnce(&mut Self)) {
        let start = self.text.end();
        lines(self);
        self.text.mark(start..self.text.end(), mark);
    }

    /// A label, and an amount or count flush right.
    fn entry(&mut self, label: &str, amount: &str) {
        self.line(&entry(label, amount));
    }

    /// An entry that the others add up to, or begin from.
    fn total(&mut self, label: &str, amount: &str) {
        let amount = group(amount);
        self.marked(TextStyle::Heading, |page| page.entry(label, &amount));
    }

    fn rule(&mut self) {
        self.entry("", &"-".repeat(20));
    }

    /// A heading above entries.
    fn heading(&mut self, heading: &str) {
        self.line("");
        self.marked(TextStyle::Heading, |page| page.line(heading));
    }

    /// A table, with its heading first.
    fn table(&mut self, rows: &[AlignedRow], label: usize, least: &[usize]) {
        let lines = in_columns(rows, label, least);
        let (heading, others) = lines.split_at(lines.len().min(1));
        self.heading(&heading.concat());
        for line in others {
            self.line(line);
        }
    }

    /// A paragraph whose label is something.
    fn noted(&mut self, mark: TextStyle, label: &str, text: &str) {
        let start = self.text.end();
        self.paragraph(label, text);
        self.text.mark(start..start + label.len(), mark);
    }

    /// Text in lines of the page's width, the later ones indented.
    fn paragraph(&mut self, label: &str, text: &str) {
        let first = if label.is_empty() {
            String::new()
        } else {
            format!("{label} ")
        };
        for line in in_lines(&first, "   ", WIDTH, text.split_whitespace()).lines() {
            self.line(line);
        }
    }

    fn title(&mut self, summary: &Summary) {
        let name = &summary.settlement.name;
        self.marked(TextStyle::Heading, |page| page.paragraph("", name));
        if let Some(docket) = &summary.settlement.docket {
            self.paragraph("", docket);
        }
        if let Some(draft) = &summary.settlement.draft {
            self.line("");
            let label = "DRAFT, not to be paid on:";
            self.marked(TextStyle::Doubtful, |page| page.paragraph(label, draft));
        }
        self.line("");
    }

    fn waterfall(&mut self, summary: &Summary) {
        let fund = &summary.fund;
        self.total("Settlement fund", &fund.amount);
        if !is_zero(&fund.interest) {
            self.entry("Interest", &group(&fund.interest));
        }
        for deduction in &fund.deductions {
            self.entry(&deduction.label(), &negative(&deduction.amount));
        }
        self.rule();
        self.total("Net fund for the class", &fund.net);
        self.entry("  payouts", &negative(&summary.payouts.total));
        self.entry(
            "  held for claims in dispute",
            &negative(&summary.held.total),
        );
        self.rule();
        let residual = summary.residual.label();
        self.total(&residual, &summary.residual.amount);
        self.text += &format!("Amounts in {}. ", self.currency.code());
        let unit = self.currency.minor_unit();
        let verdict = format!("Every {unit} and every row is accounted for.");
        self.marked(TextStyle::Good, |page| page.line(&verdict));
    }

    fn pools(&mut self, summary: &Summary) {
        for pool in &summary.pools {
            self.heading(&format!("Pool \"{}\"", pool.name));
            self.entry("  available", &group(&pool.available));
            self.entry("  participants", &group(&pool.participants));
            if let Some(shares) = &pool.shares {
                self.entry("  shares", &group(shares));
            }
            if let Some(awards) = &pool.awards {
                self.entry("  awards", &group(awards));
            }
            self.rate(pool);
            if pool.dropped > 0 {
                self.entry("  dropped as too small", &group(&pool.dropped));
            }
            if summary.pools.len() > 1 {
                self.entry("  paid", &group(&pool.paid));
                self.entry("  held", &group(&pool.held));
                self.entry("  left for the pools after it", &group(&pool.left));
            }
        }
    }

    fn rate(&mut self, pool: &PoolFacts) {
        let unit = pool.unit();
        if let (Some(rate), Some(exact)) = (&pool.rate, &pool.rate_exact) {
            self.entry(&format!("  rate per {unit}"), &group(rate));
            if exact.contains('/') {
                self.entry("  exactly", exact);
            }
        }
        if let Some(unit_rate) = &pool.unit_rate {
            self.entry("  paid per share", &group(unit_rate));
        }
    }

    fn payments(&mut self, summary: &Summary) {
        let payouts = &summary.payouts;
        let heading = ["paid", "smallest", "median", "largest"].map(str::to_owned);
        let mut rows = vec![("Payments".to_owned(), heading.to_vec())];
        let amount =
            |amount: &Option<String>| amount.as_deref().map_or_else(|| "-".to_owned(), group);
        let mut row = |label: &str, count: u64, sizes: [&Option<String>; 3]| {
            let mut cells = vec![group(&count)];
            cells.extend(sizes.map(amount));
            rows.push((format!("  {label}"), cells));
        };
        row(
            "everyone",
            payouts.count,
            [&payouts.smallest, &payouts.median, &payouts.largest],
        );
        for subclass in &summary.subclasses {
            row(
                &subclass.name,
                subclass.paid,
                [&subclass.smallest, &subclass.median, &subclass.largest],
            );
        }
        self.table(&rows, 20, &[10, 14, 14, 14]);
    }

    fn claims(&mut self, summary: &Summary) {
        let claims = &summary.claims;
        self.heading("Claims");
        self.entry("  rows read", &group(&claims.rows));
        if claims.claimants != claims.rows {
            self.entry("  claimants", &group(&claims.claimants));
        }
        self.entry("  paid", &group(&claims.paid));
        self.entry("  held", &group(&claims.held));
        self.entry("  rows not paid", &group(&claims.unpaid_rows));
        for reason in &claims.unpaid_reasons {
            self.entry(
                &format!("    {}", shown_whole(&reason.reason)),
                &group(&reason.rows),
            );
        }
    }

    /// Which payouts are flagged for tax.
    fn tax(&mut self, summary: &Summary) {
        let Some(tax) = &summary.tax else {
            return;
        };
        let heading = ["payouts", "total"].map(str::to_owned).to_vec();
        let mut rows = vec![("Tax flags, no tax advice".to_owned(), heading)];
        for (label, facts) in tax_rows(tax) {
            let cells = vec![group(&facts.count), group(&facts.total)];
            rows.push((format!("  {label}"), cells));
        }
        self.table(&rows, 42, &[14, 22]);
    }

    /// Whether figures that came with the data were there to be met.
    fn controls(&mut self, summary: &Summary) {
        let names: Vec<String> = summary
            .inputs
            .iter()
            .map(|file| match file.name.as_str() {
                "-" => "standard input".to_owned(),
                name => quotable(name),
            })
            .collect();
        self.paragraph("Claims:", &names.join(", "));
        match &summary.control_totals {
            None => self.noted(TextStyle::Doubtful, "Control totals:", "none were given."),
            Some(totals) => {
                let (mark, label) = if totals.iter().all(|total| total.met) {
                    (TextStyle::Good, "Control totals, all met:")
                } else {
                    (TextStyle::Bad, "Control totals, NOT all met:")
                };
                self.noted(mark, label, &control_names(totals));
            }
        }
    }

    fn notes(&mut self, summary: &Summary) {
        const SHOWN: usize = 6;
        for unmatched in &summary.unmatched {
            let mut shown: Vec<String> = unmatched
                .values
                .iter()
                .take(SHOWN)
                .map(|value| {
                    let text = if value.value.is_empty() {
                        "(blank)".to_owned()
                    } else {
                        quotable(&value.value)
                    };
                    format!("{text} {}", group(&value.rows))
                })
                .collect();
            if unmatched.different > SHOWN {
                shown.push(format!("and {} others", unmatched.different - SHOWN));
            }
            self.line("");
            let label = format!(
                "Column \"{}\", values that no text of the plan matched:",
                quotable(&unmatched.column)
            );
            self.paragraph(&label, &shown.join(", "));
        }
        for warning in &summary.warnings {
            self.line("");
            self.noted(TextStyle::Doubtful, "Warning:", warning);
        }
        self.line("");
        self.controls(summary);
        let mut plan = String::new();
        // Writing to a string cannot fail.
        let _ = write!(
            plan,
            "Plan: {}, SHA-256 {}",
            quotable(&summary.plan.source),
            summary.plan.sha256
        );
        self.paragraph("", &plan);
        if let Some(members) = summary.class.members {
            self.line(&format!("Class: {} members", group(&members)));
        }
    }
}

/// What is counted and summed for tax, each under its name.
pub(crate) fn tax_rows(tax: &TaxFacts) -> [(String, &FlaggedFacts); 3] {
    let threshold = group(&tax.threshold);
    [
        (format!("at or over {threshold}"), &tax.at_or_over),
        (
            "of these, without a valid number".to_owned(),
            &tax.at_or_over_without_number,
        ),
        (
            "of all, without a valid number".to_owned(),
            &tax.without_number,
        ),
    ]
}

fn control_names(totals: &[ControlFacts]) -> String {
    let names: Vec<String> = totals.iter().map(|total| quotable(&total.name)).collect();
    names.join(", ")
}

/// Whether an amount is nothing.
pub(crate) fn is_zero(amount: &str) -> bool {
    amount.chars().all(|c| c == '0' || c == '.')
}

fn negative(amount: &str) -> String {
    if is_zero(amount) {
        group(amount)
    } else {
        format!("-{}", group(amount))
    }
}
