//! An explanation as people read it, over the telephone if need be.

use crate::allocate::trace::text::{StepText, pool_text, quotable_line, together};
use crate::audit::explain::{Explanation, TaxSteps};
use crate::base::diagnostics::quotable;
use crate::base::money::group;
use crate::base::styled_text::{StyledText, TextStyle};
use crate::plan::english::wrapped;

/// The explanation as text, within 80 columns.
pub(crate) fn text(explanation: &Explanation) -> StyledText {
    let mut page = StyledText::default();
    let id = quotable(&explanation.claimant_id);
    let currency = explanation.currency;
    let amount = |amount: &Option<String>| amount.as_deref().map_or_else(String::new, group);
    let headline = match explanation.outcome {
        "paid" => format!(
            "Claimant {id} is paid {} {currency}.",
            amount(&explanation.payout)
        ),
        "held" => format!(
            "Claimant {id}: {} {currency} is held, because the claim is in dispute.",
            amount(&explanation.payout)
        ),
        _ => format!("Claimant {id} is paid nothing."),
    };
    page.add(TextStyle::Heading, &wrapped("", &headline));
    if let Some(draft) = &explanation.draft {
        let words = format!("DRAFT, not to be paid on: {draft}");
        page.add(TextStyle::Doubtful, &wrapped("", &words));
    }
    page += "\n";
    page.add(TextStyle::Heading, "The claim\n");
    for row in &explanation.rows {
        let unpaid = row
            .unpaid
            .as_ref()
            .map_or_else(String::new, |reason| format!("; not paid: {reason}"));
        page += &wrapped(
            "  ",
            &format!(
                "Row {} of the claims file: {}{unpaid}.",
                row.row,
                quotable_line(&row.claim_status)
            ),
        );
    }
    for subclass in &explanation.subclasses {
        page += &wrapped("  ", &format!("In the {subclass}."));
    }
    for pool in &explanation.pools {
        page += "\n";
        let title = format!("Pool \"{}\"", pool.name);
        page.add(TextStyle::Heading, &wrapped("", &title));
        let step_text = StepText {
            currency,
            plan_lines: true,
        };
        page += &pool_text(pool, step_text);
    }
    if let Some(payout) = &explanation.payout {
        let sum = together(&explanation.pools, payout, currency);
        page.add(TextStyle::Heading, &sum);
    }
    if let Some(tax) = &explanation.tax {
        page += "\n";
        page.add(TextStyle::Heading, "Tax flag, no tax advice\n");
        page += &wrapped("  ", &tax_text(tax, currency));
    }
    page
}

/// What is flagged, and why; the taxpayer number is not told.
fn tax_text(tax: &TaxSteps, currency: &str) -> String {
    let threshold = group(&tax.threshold);
    let with = tax.earlier.as_ref().map_or_else(String::new, |earlier| {
        format!(
            ", with {} {currency} paid earlier in the year,",
            group(earlier)
        )
    });
    let reaches = if tax.at_or_over {
        "is at or over"
    } else {
        "is below"
    };
    let number = if tax.valid_number {
        "The taxpayer number could be valid."
    } else {
        "There is no valid taxpayer number."
    };
    format!("The payout{with} {reaches} the threshold of {threshold} {currency}. {number}")
}
