//! The account of a run: the fund, the pools, payments, claims and controls, as rows
//! with their words.
//!
//! Content is decided here and nowhere else. summary.txt, report.html and the first
//! sheet of the workbook print the same account in the same words; a row added here is
//! in all of them.

mod controls;
mod deductions;
mod fund;
mod payments;
mod prior;
mod proportions;
mod view;

use crate::plan::Plan;
use crate::plan::english;
pub(crate) use crate::run::account::payments::rate_text;
pub(crate) use crate::run::account::proportions::{percent, times_100};
pub(crate) use crate::run::account::view::{
    Account, AccountSection, Detail, Figure, FigureSource, Medium, RowRole,
};
use crate::run::summary::Summary;

impl Account {
    /// The account as one medium shows it.
    pub(crate) fn new(plan: &Plan, summary: &Summary, medium: Medium) -> Self {
        let rules = english::describe(plan).sections;
        let parts = [
            controls::draft(summary),
            vec![fund::verdict(plan, summary)],
            vec![fund::key_figures(summary)],
            prior::left(plan, summary),
            vec![fund::sources_and_uses(plan, summary)],
            payments::pools(plan, summary, &rules),
            payments::minimum_in_all(summary),
            vec![payments::sizes(summary)],
            payments::portions(summary),
            payments::methods(summary),
            vec![payments::by_amount(plan, summary)],
            vec![controls::claims(summary)],
            controls::trades(summary),
            vec![fund::post_distribution(plan, summary)],
            payments::tax(plan, summary),
            payments::flags(summary),
            controls::rules(&rules, summary),
            controls::corrections(summary),
            controls::mapped(summary),
            controls::unmatched(summary),
            controls::warnings(summary, medium),
            vec![controls::control_totals(summary)],
            vec![controls::claims_files(summary)],
            vec![controls::plan(summary)],
        ];
        Self {
            name: summary.settlement.name.clone(),
            docket: summary.settlement.docket.clone(),
            as_of: plan.settlement.as_of_text(),
            currency: plan.settlement.currency,
            locale: plan.settlement.locale,
            sections: parts.into_iter().flatten().collect(),
        }
        .shown_in(medium)
    }
}
