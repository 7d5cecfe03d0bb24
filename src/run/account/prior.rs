//! The money that earlier distributions left, in a run that divides it.

use crate::base::dates;
use crate::base::diagnostics::{OrBug as _, count};
use crate::plan::Plan;
use crate::run::account::view::Detail::{Everywhere, Full};
use crate::run::account::view::{AccountSection, Figure, FigureSource, RowRole};
use crate::run::summary::Summary;

/// The parts of what is left, as people read them.
const PARTS: [(&str, &str); 9] = [
    ("void", "Payouts that are void, or were never issued"),
    ("held", "Held for claims that were pending"),
    ("reserve", "Reserve"),
    ("residual", "Residual"),
    ("refunded", "Refunded since"),
    ("received", "Received since"),
    ("spent", "Spent since"),
    ("late", "Cashed after they were brought forward"),
    ("over", "Paid more than once"),
];

pub(super) fn left(plan: &Plan, summary: &Summary) -> Vec<AccountSection> {
    let Some(prior) = &summary.prior else {
        return Vec::new();
    };
    let currency = plan.settlement.currency;
    let on = dates::iso_date(&prior.on).or_bug("the day of a reconciliation is no day");
    let title = format!(
        "Left by earlier distributions on {}",
        plan.settlement.locale.date(on)
    );
    let columns = [(Everywhere, currency.code())];
    let mut section = AccountSection::new(Everywhere, title, &columns);
    for (key, amount) in &prior.left.0 {
        let is_zero = amount.bytes().all(|byte| matches!(byte, b'0' | b'.'));
        let figure = [Figure::Amount(amount.clone())];
        let words = PARTS.iter().find(|(known, _)| known == key);
        match words {
            Some((_, words)) if !is_zero => {
                section.entry(*words, figure);
            }
            Some(_) => {}
            None => {
                section
                    .row(RowRole::Total, "Brought forward", figure)
                    .of(FigureSource::Above);
            }
        }
    }
    section.note(
        Everywhere,
        format!(
            "By {}, a reconciliation of {}.",
            prior.reconciliation,
            count(prior.round, "distribution", "distributions")
        ),
    );
    section.note(Full, format!("Its seal is {}.", prior.seal));
    vec![section]
}
