//! The portions of payouts in plain English.

use rust_decimal::Decimal;

use crate::base::decimal;
use crate::plan::english::{DescriptionSection, EnglishWriter, Quantity};
use crate::plan::portion::{Payee, Portion, PortionBase, PortionRule};
use crate::plan::{DeductionRounding, sourced};

impl EnglishWriter<'_> {
    pub(super) fn portions(&self) -> Option<DescriptionSection> {
        let portions = &self.plan.portions;
        let sentence = |(number, portion): (usize, &Portion)| {
            let rule = self.portion(portion);
            let payee = match &portion.to {
                None => String::new(),
                Some(Payee::Named(name)) => format!(", paid to {name}"),
                Some(Payee::Cell(column)) => {
                    format!(", paid to the payee in {}", self.column(*column))
                }
            };
            let rule = format!("{number}. {}: {rule}{payee}", portion.name);
            sourced(&rule, portion.source.as_deref()) + "."
        };
        let mut sentences = vec![
            "Each payment, whether paid or held, is divided into these portions, in this order; no portion exceeds the balance of the payment:".to_owned(),
        ];
        sentences.extend((1..).zip(portions).map(sentence));
        (!portions.is_empty()).then(|| DescriptionSection {
            title: "Portions of payments".to_owned(),
            sentences,
        })
    }

    /// The computation of a portion.
    pub(crate) fn portion(&self, portion: &Portion) -> String {
        let unit = self.plan.settlement.currency.minor_unit();
        let round = match portion.round {
            DeductionRounding::Nearest => "to the nearest",
            DeductionRounding::Down => "down to the",
            DeductionRounding::Up => "up to the",
        };
        let amount = match &portion.rule {
            PortionRule::Rest => return "the remainder".to_owned(),
            PortionRule::Part { part, of, .. } => format!("{} of {}", part.written, self.base(*of)),
            PortionRule::Cell { cell, of } => {
                let blank = cell.blank.map_or_else(String::new, |blank| {
                    format!(" (a blank counts as {})", decimal::text(blank))
                });
                let column = self.column(cell.column);
                format!("the percentage in {column}{blank} of {}", self.base(*of))
            }
            PortionRule::Brackets { brackets, of } => {
                let rates: Vec<(Option<Decimal>, String)> = brackets
                    .iter()
                    .map(|bracket| (bracket.to, format!("{} of", bracket.part.written)))
                    .collect();
                let brackets = self.brackets(&rates, Quantity::Money);
                format!("{brackets} of {}", self.base(*of))
            }
            PortionRule::Amount(formula) => self.formula(formula, Quantity::Money),
        };
        format!("{amount}, rounded {round} {unit}")
    }

    fn base(&self, base: PortionBase) -> String {
        match base {
            PortionBase::Payout => "the payment".to_owned(),
            PortionBase::Remaining => "the balance after the preceding portions".to_owned(),
            PortionBase::Pool(pool) => {
                let pool = self.plan.pools.get(pool);
                let name = pool.map_or("", |pool| pool.name.as_str());
                format!("the payment from pool \"{name}\"")
            }
        }
    }
}
