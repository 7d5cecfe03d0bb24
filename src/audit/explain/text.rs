//! An explanation as text that can be read to a claimant over the telephone.

use std::path::Path;

use crate::allocate::trace::step_text::{StepText, lots_text, pool_text, quotable_line, together};
use crate::audit::explain::{Explanation, ReadAs, RowFacts, TaxSteps};
use crate::base::diagnostics::quotable;
use crate::base::money::{Currency, group};
use crate::base::styled_text::{StyledText, TextStyle};
use crate::claims::input::is_workbook;
use crate::plan::DRAFT;
use crate::plan::english::{pool_title, wrapped};
use crate::run::portions;

/// The number of lots that are shown.
const SHOWN_LOTS: usize = 20;

/// The explanation as text, within 80 columns.
pub fn text(explanation: &Explanation) -> StyledText {
    let mut page = StyledText::default();
    let id = quotable(&explanation.claimant_id);
    let currency = explanation.currency;
    let payout = explanation
        .payout
        .as_ref()
        .map_or_else(String::new, |payout| amount(payout, currency));
    let headline = match explanation.outcome {
        "paid" => format!("Claimant {id} receives {payout}."),
        "held" => format!("Claimant {id}: {payout} is held pending determination."),
        _ => format!("Claimant {id} receives no payment."),
    };
    page.add(TextStyle::Heading, &wrapped("", &headline));
    if let Some(draft) = &explanation.draft {
        let words = format!("{DRAFT}: {draft}");
        page.add(TextStyle::Doubtful, &wrapped("", &words));
    }
    let step_text = StepText {
        currency,
        plan_lines: true,
    };
    add_claim(&mut page, explanation);
    if let Some(trades) = &explanation.trades {
        page += "\n";
        page.add(TextStyle::Heading, "Trades\n");
        page += &lots_text(trades, SHOWN_LOTS, step_text);
    }
    for pool in &explanation.pools {
        page += "\n";
        page.add(
            TextStyle::Heading,
            &wrapped("", &pool_title(&pool.name, pool.source.as_deref())),
        );
        page += &pool_text(pool, step_text);
    }
    if let Some(payout) = &explanation.payout {
        let sum = together(&explanation.pools, payout, currency);
        page.add(TextStyle::Heading, &sum);
    }
    if !explanation.portions.is_empty() {
        page += "\n";
        page.add(TextStyle::Heading, "Portions of the payment\n");
        page += &portions::text(&explanation.portions, step_text);
    }
    if let Some(tax) = &explanation.tax {
        page += "\n";
        page.add(TextStyle::Heading, "Tax flag (not tax advice)\n");
        page += &wrapped("  ", &tax_text(tax, currency));
    }
    page
}

/// The rows of the claim, and its subclasses.
fn add_claim(page: &mut StyledText, explanation: &Explanation) {
    *page += "\n";
    page.add(TextStyle::Heading, "The claim\n");
    for row in &explanation.rows {
        let unpaid = row
            .unpaid
            .as_ref()
            .map_or_else(String::new, |reason| format!("; not paid: {reason}"));
        let status = quotable_line(&row.claim_status);
        let words = format!("Row {} ({}): {status}{unpaid}.", row.row, place_of(row));
        *page += &wrapped("  ", &words);
        for read in &row.read_as {
            *page += &wrapped("    ", &read_as(read));
        }
    }
    for subclass in &explanation.subclasses {
        *page += &wrapped("  ", &format!("Subclass: {subclass}."));
    }
}

/// `claims.csv, line 12`, or `claims.xlsx, row 12 of the sheet`.
fn place_of(row: &RowFacts) -> String {
    let name = match row.file.as_str() {
        "-" => "standard input".to_owned(),
        name => quotable(name),
    };
    if is_workbook(Path::new(&row.file)) {
        format!("{name}, row {} of the sheet", row.line)
    } else {
        format!("{name}, line {}", row.line)
    }
}

/// `Column "status": "Yes" is read as "approved" (map).`
fn read_as(read: &ReadAs) -> String {
    let shown = |text: &str| match text {
        "" => "a blank".to_owned(),
        text => format!("\"{}\"", quotable(text)),
    };
    let (cell, text) = (shown(&read.cell), shown(&read.text));
    let column = quotable(&read.column);
    format!(
        "Column \"{column}\": {cell} is read as {text} ({}).",
        read.by
    )
}

/// An amount for people: `$1,234.56`, or `JPY 1,234`.
fn amount(text: &str, currency: &str) -> String {
    let money = Currency::from_code(currency).and_then(|currency| {
        let units = text
            .parse()
            .ok()
            .and_then(|amount| currency.exact(amount))?;
        Some(currency.grouped(units))
    });
    money.unwrap_or_else(|| format!("{} {currency}", group(text)))
}

/// The tax flag and its reason, without the taxpayer number.
fn tax_text(tax: &TaxSteps, currency: &str) -> String {
    let threshold = amount(&tax.threshold, currency);
    let with = tax.earlier.as_ref().map_or_else(String::new, |earlier| {
        format!(
            ", with {} paid earlier in the year,",
            amount(earlier, currency)
        )
    });
    let reaches = if tax.at_or_over {
        "is at or over"
    } else {
        "is below"
    };
    let number = if tax.valid_number {
        "The taxpayer number has a valid form."
    } else {
        "There is no valid taxpayer number."
    };
    let what = tax.portion.as_ref();
    let what = what.map_or_else(
        || "payout".to_owned(),
        |portion| format!("portion \"{portion}\""),
    );
    format!("The {what}{with} {reaches} the threshold of {threshold}. {number}")
}
