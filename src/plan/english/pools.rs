//! The rules of a pool in plain English.

use rust_decimal::Decimal;

use crate::plan::english::{DescriptionSection, EnglishWriter, Quantity, percent};
use crate::plan::formula::{Formula, Operand, Operation};
use crate::plan::{
    DropMethod, FundAmount, MinimumPayment, MoneyRounding, OnlyIf, Pool, PoolMoney, PoolPart,
    PoolParts, RoundingUnit, StatusMeaning, StatusRule, WeightKind,
};

impl EnglishWriter<'_> {
    pub(super) fn pool_money(&self, pool: &Pool) -> String {
        let currency = self.plan.settlement.currency;
        let other = pool
            .rest_of
            .and_then(|other| self.plan.pools.get(other))
            .map(|other| format!("what is left of pool \"{}\"", other.name));
        let net = || "the net settlement fund".to_owned();
        match &pool.money {
            PoolMoney::Rest => format!(
                "Funded with {}.",
                other.unwrap_or_else(|| "the balance of the net settlement fund".to_owned())
            ),
            PoolMoney::Amount(amount) => {
                let from = other.map_or_else(String::new, |other| format!(" from {other}"));
                format!(
                    "Fixed at {}{from}. If less remains, no distribution is computed.",
                    currency.grouped(*amount)
                )
            }
            PoolMoney::UpTo(amount) => {
                let from = other
                    .as_ref()
                    .map_or_else(String::new, |other| format!(" from {other}"));
                format!(
                    "Capped at {}{from}, or the balance remaining if less.",
                    currency.grouped(*amount)
                )
            }
            PoolMoney::Part {
                part,
                of_remaining,
                round,
            } => {
                let (of, if_less) = if *of_remaining {
                    ("the balance of the net settlement fund".to_owned(), "")
                } else {
                    (
                        other.unwrap_or_else(net),
                        " If less remains, no distribution is computed.",
                    )
                };
                let round = match round {
                    MoneyRounding::Down => "down to the",
                    MoneyRounding::Nearest => "to the nearest",
                };
                format!(
                    "Fixed at {} of {of}, rounded {round} {}.{if_less}",
                    part.written,
                    currency.minor_unit()
                )
            }
        }
    }

    /// The parts of a pool, with the percentage that each comes to.
    pub(super) fn parts(&self, by: &PoolParts) -> String {
        let part = |part: &PoolPart| {
            let text = match part.text.as_str() {
                "" => "(blank)".to_owned(),
                text => format!("\"{text}\""),
            };
            format!("{text} {}", part.percent_text())
        };
        let parts: Vec<String> = by.parts.iter().map(part).collect();
        format!(
            "Divided into parts by {}, each rounded down to the {} and divided separately: {}. Every participant must be in one of them.",
            self.column(by.column),
            self.plan.settlement.currency.minor_unit(),
            parts.join(", ")
        )
    }

    pub(super) fn participation(&self, pool: &Pool) -> String {
        let claims = match &self.plan.claims.status {
            StatusRule::Column { meanings, .. } => {
                if meanings.iter().any(|(_, m)| *m == StatusMeaning::Hold) {
                    "approved and held claims"
                } else {
                    "approved claims"
                }
            }
            StatusRule::Unsaid | StatusRule::AllPayable => "claims",
        };
        if pool.when.entries.is_empty() {
            return format!("All {claims} participate.");
        }
        format!("All {claims} {} participate.", self.limited_to(&pool.when))
    }

    pub(super) fn limits(&self, pool: &Pool) -> Vec<String> {
        let unit = self.plan.settlement.currency.minor_unit();
        let offset = match pool.at_least {
            Some(_) => {
                "Amounts already received are subtracted from the pro rata amount, but not below the minimum payment:"
            }
            None => {
                "Amounts already received are subtracted from the pro rata amount, but not below 0:"
            }
        };
        let limits = [
            (&pool.less, offset, ""),
            (
                &pool.at_least,
                "The minimum payment to each participant is",
                ", rounded up",
            ),
            (
                &pool.at_most,
                "The maximum payment to each participant is",
                ", rounded down",
            ),
        ];
        limits
            .into_iter()
            .filter_map(|(formula, words, round)| {
                let formula = formula.as_ref()?;
                let round = if round.is_empty() || self.comes_to_whole_units(formula) {
                    String::new()
                } else {
                    format!("{round} to the {unit}")
                };
                Some(format!(
                    "{words} {}{round}.",
                    self.formula(formula, Quantity::Money)
                ))
            })
            .collect()
    }

    /// True if a formula adds and compares only amounts that need no rounding.
    fn comes_to_whole_units(&self, formula: &Formula) -> bool {
        use Operation::{Add, AtLeast, AtMost, Subtract};
        let decimals = self.plan.settlement.currency.decimals();
        formula.steps().iter().all(|step| {
            let Operand::Number(number) = &step.operand else {
                return false;
            };
            let number = number.decimal().map(|number| number.normalize().scale());
            matches!(step.verb, Add | Subtract | AtLeast | AtMost)
                && number.is_some_and(|scale| scale <= decimals)
        })
    }

    pub(super) fn range(&self, pool: &Pool) -> Vec<String> {
        if pool.measure == WeightKind::Shares {
            return vec!["The pool is divided pro rata by shares.".to_owned()];
        }
        let reduce = pool.range.reduce;
        let unreduced = reduce == Decimal::ONE;
        let mut sentences = Vec::new();
        // Then the fund is what is claimed.
        let unlimited = matches!(
            self.plan.fund.amount,
            FundAmount::AsClaimed { at_most: None, .. }
        );
        match pool.range.raise {
            Some(raise) if raise == Decimal::ONE => {
                sentences.push(if unlimited {
                    "Awards are paid in full.".to_owned()
                } else if unreduced {
                    "Awards are paid in full (no pro rata reduction).".to_owned()
                } else {
                    "Awards are paid in full, or pro rata if they exceed the pool.".to_owned()
                });
                if pool.at_least.is_some() {
                    sentences.push(
                        "A payment exceeds the award only if the minimum payment does.".to_owned(),
                    );
                }
            }
            raise => {
                let limit = raise.map_or_else(
                    || "without limit".to_owned(),
                    |raise| format!("up to {} of the award", percent(raise)),
                );
                sentences.push(format!(
                    "Awards are increased pro rata if the pool exceeds them, {limit}."
                ));
                sentences.push(if unreduced {
                    "Awards are not reduced pro rata.".to_owned()
                } else {
                    "Awards are reduced pro rata if they exceed the pool.".to_owned()
                });
            }
        }
        if unreduced {
            sentences.push("If the pool is insufficient, no distribution is computed.".to_owned());
        } else if !reduce.is_zero() {
            sentences.push(format!(
                "No award is reduced below {} of its amount. If the pool is insufficient for that, no distribution is computed.",
                percent(reduce)
            ));
        }
        sentences
    }

    pub(super) fn rounding(&self, pool: &Pool) -> String {
        let unit = self.plan.settlement.currency.minor_unit();
        if pool.unit == RoundingUnit::Share {
            return format!(
                "The value of one share is rounded down to the {unit} and multiplied by the claimant's shares; the remainder stays in the fund."
            );
        }
        pool.round.sentence(unit)
    }

    /// The minimum over all pools.
    pub(super) fn minimum_in_all(&self) -> Option<DescriptionSection> {
        let drop = self.plan.payment_drop.as_ref()?;
        let (below, condition) = self.small_payments(drop);
        Some(DescriptionSection {
            title: "Minimum payment from all pools together".to_owned(),
            sentences: vec![format!(
                "When the pools have been divided in order, claimants whose payments from all pools, as rounded, would be {below} together are removed from all pools{condition}, all at once. All pools are then divided once more among the others."
            )],
        })
    }

    /// Which payments are too small, and of whom.
    fn small_payments(&self, drop: &MinimumPayment) -> (String, String) {
        let limit = self.plan.settlement.currency.grouped(drop.limit);
        let below = if drop.inclusive {
            format!("{limit} or less")
        } else {
            format!("less than {limit}")
        };
        let condition = if drop.when.entries.is_empty() {
            String::new()
        } else {
            format!(" if {}", self.condition(&drop.when))
        };
        (below, condition)
    }

    /// When a pool is divided at all.
    pub(super) fn only_if(&self, only_if: OnlyIf) -> String {
        let currency = self.plan.settlement.currency;
        let total = only_if.total.map(|total| {
            let total = currency.grouped(total);
            format!("it has at least {total} to divide")
        });
        let each = only_if.each.map(|each| {
            let each = currency.grouped(each);
            format!("every payment from it, before it is rounded, is 0 or at least {each}")
        });
        let conditions: Vec<String> = total.into_iter().chain(each).collect();
        format!(
            "The pool is divided only if {}. Otherwise it pays nothing, and its money remains for the pools after it.",
            conditions.join(" and ")
        )
    }

    pub(super) fn dropping(&self, drop: &MinimumPayment) -> String {
        let (below, condition) = self.small_payments(drop);
        let how = match drop.method {
            DropMethod::AllAtOnce => "all at once; the pool is then divided again among the others",
            DropMethod::SmallestFirst => {
                "smallest first; after each removal, the pool is divided again among the others"
            }
        };
        format!(
            "Claimants whose payment from this pool would be {below} are removed{condition}, {how}."
        )
    }
}
