//! The rules of a pool in plain English.

use rust_decimal::Decimal;

use crate::plan::english::{EnglishWriter, Quantity, percent};
use crate::plan::{
    DropMethod, MinimumPayment, Pool, RoundingUnit, StatusMeaning, StatusRule, WeightKind,
};

impl EnglishWriter<'_> {
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
                let round = if round.is_empty() {
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

    pub(super) fn range(pool: &Pool) -> Vec<String> {
        if pool.measure == WeightKind::Shares {
            return vec!["The pool is divided pro rata by shares.".to_owned()];
        }
        let reduce = pool.range.reduce;
        let unreduced = reduce == Decimal::ONE;
        let mut sentences = Vec::new();
        match pool.range.raise {
            Some(raise) if raise == Decimal::ONE => {
                sentences.push(if unreduced {
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

    pub(super) fn dropping(&self, drop: &MinimumPayment) -> String {
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
