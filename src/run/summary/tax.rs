//! The payouts flagged for tax, according to the rows of payouts.csv.

use anyhow::Result;

use crate::base::diagnostics::Bug;
use crate::base::money::Money;
use crate::plan::{Plan, TaxRules};
use crate::run::payment_statistics::PaymentStatistics;
use crate::run::row_tally::RowTally;
use crate::run::summary::facts::{PaymentSum, TaxFacts};
use crate::run::tax::TaxFlag;

/// The counts and sums, if the plan flags payouts; `sizes` describes all payouts and
/// was computed independently of the rows.
pub(super) fn facts(
    plan: &Plan,
    tally: &RowTally,
    sizes: &PaymentStatistics,
) -> Result<Option<TaxFacts>> {
    let Some(tax) = &plan.tax else {
        return Ok(None);
    };
    // The sizes of portions are not known.
    if tax.portion.is_none() {
        prove(tax, tally, sizes)?;
    }
    let portion = tax.portion.and_then(|number| plan.portions.get(number));
    let currency = plan.settlement.currency;
    let flagged = |is_in: fn(&TaxFlag) -> bool| {
        let (count, total) = together(tally, is_in)?;
        let total = currency.text(total);
        Ok::<_, Bug>(PaymentSum { count, total })
    };
    Ok(Some(TaxFacts {
        threshold: currency.text(tax.threshold),
        portion: portion.map(|portion| portion.name.clone()),
        at_or_over: flagged(|flag| flag.at_or_over)?,
        at_or_over_without_number: flagged(|flag| flag.at_or_over && !flag.valid_number)?,
        without_number: flagged(|flag| !flag.valid_number)?,
    }))
}

/// Proves that every payout that reaches the threshold by itself is flagged and, if
/// there were no earlier payments, that no other payout is.
fn prove(tax: &TaxRules, tally: &RowTally, sizes: &PaymentStatistics) -> Result<(), Bug> {
    let (flagged, _) = together(tally, |flag| flag.at_or_over)?;
    let large = sizes
        .amounts()
        .filter(|(amount, _)| *amount >= tax.threshold);
    let large: u64 = large.map(|(_, count)| count).sum();
    if flagged < large || tax.earlier.is_none() && flagged != large {
        return Err(Bug::new(format!(
            "{large} payouts reach the threshold of [tax] without earlier payments, but {flagged} are flagged"
        )));
    }
    Ok(())
}

/// The number of payouts with such a flag, and their sum.
fn together(tally: &RowTally, is_in: fn(&TaxFlag) -> bool) -> Result<(u64, Money), Bug> {
    let mut sum = (0, Money::ZERO);
    for (_, (rows, total)) in tally.flags.iter().filter(|(flag, _)| is_in(flag)) {
        sum.0 += rows;
        sum.1 = sum
            .1
            .plus(*total)
            .ok_or_else(|| Bug::new("a sum of flagged payouts has more than 128 bits"))?;
    }
    Ok(sum)
}
