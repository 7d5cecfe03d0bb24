//! summary.txt: the accounting of the fund on one screen, for people.

use std::fmt::Write as _;

use crate::base::diagnostics::{OrBug, quotable, shown_whole};
use crate::base::money::{Currency, group};
use crate::base::styled_text::{StyledText, TextStyle};
use crate::base::text_columns::{AlignedRow, WIDTH, entry, in_columns, in_lines};
use crate::run::control_totals_check::ControlFacts;
use crate::run::summary::{ClaimFacts, PaymentSum, PoolFacts, Summary, TaxFacts};

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

    /// Applies a style to the lines that a function adds.
    fn marked(&mut self, mark: TextStyle, lines: impl FnOnce(&mut Self)) {
        let start = self.text.end();
        lines(self);
        self.text.mark(start..self.text.end(), mark);
    }

    /// A label, with a right-aligned amount or count.
    fn entry(&mut self, label: &str, amount: &str) {
        self.line(&entry(label, amount));
    }

    /// An entry that is a total or the starting amount.
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

    /// A table; the first row is its heading.
    fn table(&mut self, rows: &[AlignedRow], label: usize, least: &[usize]) {
        let lines = in_columns(rows, label, least);
        let (heading, others) = lines.split_at(lines.len().min(1));
        self.heading(&heading.concat());
        for line in others {
            self.line(line);
        }
    }

    /// A paragraph with a styled label.
    fn noted(&mut self, mark: TextStyle, label: &str, text: &str) {
        let start = self.text.end();
        self.paragraph(label, text);
        self.text.mark(start..start + label.len(), mark);
    }

    /// Text wrapped to the width of the page, with a hanging indent.
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
            let label = "DRAFT – not for payment:";
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
        self.total("Net settlement fund", &fund.net);
        self.entry("  payments", &negative(&summary.payouts.total));
        self.entry(
            "  held: claims pending determination",
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
        for (number, pool) in summary.pools.iter().enumerate() {
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
                self.entry("  below minimum payment", &group(&pool.dropped));
            }
            if summary.pools.len() > 1 {
                self.entry("  paid", &group(&pool.paid));
                self.entry("  held", &group(&pool.held));
                let label = balance_label(number, summary.pools.len());
                self.entry(&format!("  {label}"), &group(&pool.left));
            }
        }
    }

    fn rate(&mut self, pool: &PoolFacts) {
        if let (Some(rate), Some(exact)) = (&pool.rate, &pool.rate_exact) {
            let (label, rate) = labeled_rate(pool, rate);
            self.entry(&format!("  {label}"), &rate);
            if exact.contains('/') {
                self.entry("  exact fraction", exact);
            }
        }
        if let Some(unit_rate) = &pool.unit_rate {
            self.entry("  paid per share", &group(unit_rate));
        }
    }

    fn payments(&mut self, summary: &Summary) {
        let payouts = &summary.payouts;
        let heading = ["count", "smallest", "median", "largest"].map(str::to_owned);
        let mut rows = vec![("Payments".to_owned(), heading.to_vec())];
        let amount =
            |amount: &Option<String>| amount.as_deref().map_or_else(|| "-".to_owned(), group);
        let mut row = |label: &str, count: u64, sizes: [&Option<String>; 3]| {
            let mut cells = vec![group(&count)];
            cells.extend(sizes.map(amount));
            rows.push((format!("  {label}"), cells));
        };
        row(
            "all claimants",
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
        self.entry("  claim rows read", &group(&claims.rows));
        if claims.claimants != claims.rows {
            self.entry("  claimants", &group(&claims.claimants));
        }
        self.entry("  paid", &group(&claims.paid));
        self.entry("  held", &group(&claims.held));
        self.entry(
            &format!("  {}", unpaid_label(claims)),
            &group(&claims.unpaid_rows),
        );
        for reason in &claims.unpaid_reasons {
            self.entry(
                &format!("    {}", shown_whole(&reason.reason)),
                &group(&reason.rows),
            );
        }
    }

    /// The table of tax flags.
    fn tax(&mut self, summary: &Summary) {
        let Some(tax) = &summary.tax else {
            return;
        };
        let heading = ["payments", "total"].map(str::to_owned).to_vec();
        let mut rows = vec![("Tax flags (not tax advice)".to_owned(), heading)];
        for (label, facts) in tax_rows(tax) {
            let cells = vec![group(&facts.count), group(&facts.total)];
            rows.push((format!("  {label}"), cells));
        }
        self.table(&rows, 42, &[14, 22]);
    }

    /// The claims files and the control totals.
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
            None => self.noted(TextStyle::Doubtful, "Control totals:", "none provided"),
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
                "Values in column \"{}\" not referenced by the plan:",
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

/// The label of the amount that a pool neither pays nor holds.
pub(crate) fn balance_label(pool: usize, pools: usize) -> &'static str {
    if pool + 1 < pools {
        "balance to subsequent pools"
    } else {
        "balance to residual"
    }
}

/// The rate of a pool with its label: an amount per share, or for awards a pro rata
/// percentage.
pub(crate) fn labeled_rate(pool: &PoolFacts, rate: &str) -> (&'static str, String) {
    if pool.shares.is_some() {
        ("rate per share", group(rate))
    } else {
        ("pro rata percentage", group(&times_100(rate)) + "%")
    }
}

/// A decimal with its point moved two places to the right.
fn times_100(decimal: &str) -> String {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let moved = fraction.len().min(2);
    let (tens, rest) = fraction.split_at_checked(moved).unwrap_or((fraction, ""));
    let whole = format!("{whole}{tens:0<2}");
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if rest.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{rest}")
    }
}

/// The label of the number of unpaid rows: each row is a claim, unless a claimant has
/// several rows.
pub(crate) fn unpaid_label(claims: &ClaimFacts) -> &'static str {
    if claims.claimants == claims.rows {
        "claims not paid"
    } else {
        "rows not paid"
    }
}

/// The text with a capital first letter.
pub(crate) fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

/// The tax counts and sums with their labels.
pub(crate) fn tax_rows(tax: &TaxFacts) -> [(String, &PaymentSum); 3] {
    let threshold = group(&tax.threshold);
    [
        (format!("at or over {threshold}"), &tax.at_or_over),
        (
            "of these, no valid taxpayer number".to_owned(),
            &tax.at_or_over_without_number,
        ),
        (
            "of all, no valid taxpayer number".to_owned(),
            &tax.without_number,
        ),
    ]
}

fn control_names(totals: &[ControlFacts]) -> String {
    let names: Vec<String> = totals.iter().map(|total| quotable(&total.name)).collect();
    names.join(", ")
}

/// True if an amount is zero.
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
