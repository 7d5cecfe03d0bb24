//! A plan told back in plain English, in order, so that counsel can compare it
//! with the order of the court.

mod description;
mod rules;

use rust_decimal::Decimal;

use crate::base::decimal;
use crate::base::money::group;
use crate::plan::column::Column;
pub(crate) use crate::plan::english::description::{
    DeductionDescription, DescriptionSection, PlanDescription, wrapped,
};
use crate::plan::english::rules::either;
use crate::plan::format::DateFormat;
use crate::plan::fund::DeductionAmount;
use crate::plan::{
    ColumnId, DeductionRounding, DeductionRule, DropMethod, PercentBase, Plan, Pool, PoolMoney,
    Rounding, RoundingUnit, RowsRule, StatusMeaning, StatusRule, TaxRules, WeightKind,
};

/// Tells a plan back.
pub(crate) fn describe(plan: &Plan) -> PlanDescription {
    let writer = EnglishWriter::new(plan);
    let currency = plan.settlement.currency;
    let deductions: Vec<DeductionDescription> = plan
        .deductions
        .iter()
        .zip(&plan.account.deductions)
        .map(|(deduction, deducted)| DeductionDescription {
            name: deduction.name.clone(),
            kind: deduction.kind.word(),
            rule: writer.deduction(&deduction.rule),
            amount: currency.text(deducted.amount),
        })
        .collect();
    let mut sections = vec![writer.fund(&deductions), writer.claims()];
    sections.extend(writer.excludes());
    sections.extend(writer.subclasses());
    sections.extend(plan.pools.iter().map(|pool| writer.pool(pool)));
    sections.push(writer.residual());
    sections.extend(writer.statement());
    PlanDescription {
        source: plan.source.name.clone(),
        settlement: plan.settlement.name.clone(),
        docket: plan.settlement.docket.clone(),
        currency: currency.code(),
        draft: plan.settlement.draft.clone(),
        amount: currency.text(plan.account.amount),
        interest: currency.text(plan.account.interest),
        deductions,
        net: currency.text(plan.account.net),
        sections,
        warnings: plan.warnings.clone(),
    }
}

/// Tells parts of a plan.
#[derive(Debug, Clone)]
pub(crate) struct EnglishWriter<'p> {
    plan: &'p Plan,
}

/// What a number in a formula counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantity {
    /// A number without unit.
    Shares,
    /// An amount in currency.
    Money,
}

impl<'p> EnglishWriter<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        Self { plan }
    }

    fn fund(&self, deductions: &[DeductionDescription]) -> DescriptionSection {
        let currency = self.plan.settlement.currency;
        let account = &self.plan.account;
        let mut fund = format!("From the fund of {}", currency.grouped(account.amount));
        if account.interest.0 > 0 {
            fund += &format!(", with interest of {},", currency.grouped(account.interest));
        }
        fund += if deductions.is_empty() {
            " nothing is deducted."
        } else {
            " the following is deducted, in this order:"
        };
        let mut sentences = vec![fund];
        let numbered = deductions.iter().zip(&account.deductions).zip(1..);
        for ((description, DeductionAmount { amount, .. }), number) in numbered {
            let kind = if description.kind == "other" {
                String::new()
            } else {
                format!(" [{}]", description.kind)
            };
            let amount = currency.grouped(*amount);
            let rule = if description.rule == amount {
                String::new()
            } else {
                format!("{}: ", description.rule)
            };
            sentences.push(format!(
                "{number}. {}{kind}: {rule}{amount}.",
                description.name
            ));
        }
        sentences.push(format!(
            "The net fund, for the class, is {}.",
            currency.grouped(account.net)
        ));
        if let Some(members) = self.plan.class.members {
            sentences.push(format!("The class has {} members.", group(&members)));
        }
        DescriptionSection {
            title: "The fund".to_owned(),
            sentences,
        }
    }

    fn deduction(&self, rule: &DeductionRule) -> String {
        let currency = self.plan.settlement.currency;
        let of = |base: &PercentBase| match base {
            PercentBase::Amount if self.plan.account.interest.0 > 0 => {
                "of the fund without interest"
            }
            PercentBase::Amount => "of the fund",
            PercentBase::Gross => "of the fund with interest",
            PercentBase::Remaining => "of what is left by the deductions before",
        };
        let round = |round: &DeductionRounding| {
            let direction = match round {
                DeductionRounding::Nearest => "to the nearest",
                DeductionRounding::Down => "down to the",
                DeductionRounding::Up => "up to the",
            };
            format!("rounded {direction} {}", currency.minor_unit())
        };
        match rule {
            DeductionRule::Amount(amount) => currency.grouped(*amount),
            DeductionRule::Each { each, count } => {
                format!("{} × {}", group(&count), currency.grouped(*each))
            }
            DeductionRule::Part {
                part,
                of: base,
                round: how,
            } => {
                format!("{} {}, {}", part.written, of(base), round(how))
            }
            DeductionRule::Brackets {
                brackets,
                of: base,
                round: how,
            } => {
                let rates: Vec<(Option<Decimal>, String)> = brackets
                    .iter()
                    .map(|bracket| (bracket.to, bracket.part.written.clone()))
                    .collect();
                format!(
                    "{} {}, {}",
                    self.brackets(&rates, Quantity::Money),
                    of(base),
                    round(how)
                )
            }
        }
    }

    /// `10% of the first $1,000.00, 17.5% of the next up to $10,000.00, 30% above`
    fn brackets(&self, brackets: &[(Option<Decimal>, String)], counts: Quantity) -> String {
        let mut parts = Vec::new();
        for (position, (to, rate)) in brackets.iter().enumerate() {
            parts.push(match to {
                Some(to) if position == 0 => {
                    format!("{rate} of the first {}", self.number(*to, counts))
                }
                Some(to) => format!("{rate} of what follows up to {}", self.number(*to, counts)),
                None if position == 0 => format!("{rate} of all"),
                None => format!("{rate} of the rest"),
            });
        }
        parts.join(", ")
    }

    fn claims(&self) -> DescriptionSection {
        let rules = &self.plan.claims;
        let id = self.column(rules.id);
        let mut sentences = vec![match rules.rows {
            RowsRule::Unique => format!(
                "Each row of the claims file is one claim; {id} names the claimant, and no id may occur twice."
            ),
            RowsRule::Sum => {
                format!("The rows of one claimant, whom {id} names, are added up to one claim.")
            }
        }];
        match &rules.status {
            StatusRule::Unsaid | StatusRule::AllPayable => {
                sentences.push("Every row is payable.".to_owned());
            }
            StatusRule::Column { column, meanings } => {
                let mut parts = Vec::new();
                for (wanted, words) in [
                    (StatusMeaning::Pay, "is paid"),
                    (StatusMeaning::Hold, "is computed but held"),
                    (StatusMeaning::Deny, "is not paid"),
                ] {
                    let texts: Vec<&str> = meanings
                        .iter()
                        .filter(|(_, m)| *m == wanted)
                        .map(|(text, _)| text.as_str())
                        .collect();
                    if !texts.is_empty() {
                        parts.push(format!("{} {words}", either(&texts)));
                    }
                }
                sentences.push(format!(
                    "By {}, a claim with {}. Any other status is an error.",
                    self.column(*column),
                    parts.join("; ")
                ));
            }
        }
        let columns = self
            .plan
            .columns
            .iter()
            .filter_map(|(id, column)| self.column_rule(id, column));
        sentences.extend(columns);
        if let Some(column) = self.plan.payment_method {
            let column = self.column(column);
            sentences.push(format!(
                "Payments are counted by method, which is in {column}."
            ));
        }
        sentences.extend(self.plan.tax.as_ref().map(|tax| self.tax(tax)));
        DescriptionSection {
            title: "The claims".to_owned(),
            sentences,
        }
    }

    fn tax(&self, tax: &TaxRules) -> String {
        let threshold = self.plan.settlement.currency.grouped(tax.threshold);
        let with = tax.earlier.as_ref().map_or_else(String::new, |earlier| {
            let column = self.column(earlier.column);
            let blank = earlier.blank.map_or_else(String::new, |blank| {
                format!(" (a blank cell counts as {})", decimal::text(blank))
            });
            format!(", with what was paid earlier in the year by {column}{blank},")
        });
        format!(
            "A payout that{with} comes to {threshold} or more is flagged for tax, and so is a payout without a valid taxpayer number in {}. That changes no payment and is no tax advice.",
            self.column(tax.number)
        )
    }

    fn column_rule(&self, id: ColumnId, column: &Column) -> Option<String> {
        let format = &column.format;
        let mut forms = Vec::new();
        if let Some(separator) = format.thousands {
            forms.push(format!("`{separator}` may separate thousands"));
        }
        if let Some(prefix) = &format.prefix {
            forms.push(format!("`{prefix}` may stand before an amount"));
        }
        if column.same {
            forms.push("all rows of a claimant must agree".to_owned());
        }
        if format.dates != DateFormat::Iso {
            forms.push(format!("dates are written {}", format.dates.word()));
        }
        if let Some(values) = &column.values {
            forms.push(format!("only {} may stand", either(values)));
        }
        (!forms.is_empty()).then(|| format!("In {}, {}.", self.column(id), forms.join(", and ")))
    }

    fn excludes(&self) -> Option<DescriptionSection> {
        let exclude = |exclude: &crate::plan::Exclude| {
            format!(
                "\"{}\": a row where {}.",
                exclude.reason,
                self.row_condition(&exclude.when)
            )
        };
        let sentences: Vec<String> = self.plan.excludes.iter().map(exclude).collect();
        let title =
            "Excluded, whatever the status; the first that fits gives the reason".to_owned();
        (!sentences.is_empty()).then_some(DescriptionSection { title, sentences })
    }

    fn subclasses(&self) -> Option<DescriptionSection> {
        let sentences: Vec<String> = self
            .plan
            .subclasses
            .iter()
            .map(|subclass| {
                format!(
                    "{} (`{}`): every claimant where {}.",
                    subclass.name,
                    subclass.key,
                    self.condition(&subclass.when)
                )
            })
            .collect();
        (!sentences.is_empty()).then_some(DescriptionSection {
            title: "Subclasses".to_owned(),
            sentences,
        })
    }

    fn pool(&self, pool: &Pool) -> DescriptionSection {
        let currency = self.plan.settlement.currency;
        let mut sentences = vec![match &pool.money {
            PoolMoney::Rest => "It has everything that is left of the net fund.".to_owned(),
            PoolMoney::Amount(amount) => {
                format!("It has {}, which must be there.", currency.grouped(*amount))
            }
            PoolMoney::UpTo(amount) => format!(
                "It has up to {}, or what is left.",
                currency.grouped(*amount)
            ),
            PoolMoney::Part { part, of_remaining } => {
                let of = if *of_remaining {
                    "what is left of the net fund"
                } else {
                    "the net fund"
                };
                format!(
                    "It has {} of {of}, rounded down to the {}, which must be there.",
                    part.written,
                    currency.minor_unit()
                )
            }
        }];
        sentences.push(if pool.when.entries.is_empty() {
            "Every payable or held claim takes part.".to_owned()
        } else {
            format!(
                "A payable or held claim takes part where {}.",
                self.condition(&pool.when)
            )
        });
        let (what, counts) = match pool.measure {
            WeightKind::Shares => ("has", Quantity::Shares),
            WeightKind::Award => ("has an award of", Quantity::Money),
        };
        sentences.push(format!(
            "Each claimant {what} {}.",
            self.formula(&pool.weight, counts)
        ));
        sentences.extend(self.limits(pool));
        sentences.extend(Self::range(pool));
        sentences.push(self.rounding(pool));
        if let Some(drop) = &pool.drop {
            sentences.push(self.dropping(drop));
        }
        DescriptionSection {
            title: format!("Pool \"{}\"", pool.name),
            sentences,
        }
    }

    fn limits(&self, pool: &Pool) -> Vec<String> {
        let unit = self.plan.settlement.currency.minor_unit();
        let limits = [
            (
                &pool.less,
                "Already received, and taken off what the rate gives, but never below 0 or the least payment:",
                "",
            ),
            (
                &pool.at_least,
                "Nobody who takes part receives less than",
                ", rounded up",
            ),
            (&pool.at_most, "Nobody receives more than", ", rounded down"),
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

    fn range(pool: &Pool) -> Vec<String> {
        if pool.measure == WeightKind::Shares {
            return vec!["The money is divided in proportion to the shares.".to_owned()];
        }
        let mut sentences = vec!["The money is divided in proportion to the awards.".to_owned()];
        sentences.push(match pool.range.raise {
            None => "Awards are raised without limit until the money is used up.".to_owned(),
            Some(raise) if raise == Decimal::ONE && pool.at_least.is_some() => {
                "Nobody receives more than the award, unless the least payment is more.".to_owned()
            }
            Some(raise) if raise == Decimal::ONE => "Nobody receives more than the award.".to_owned(),
            Some(raise) => format!("If there is more money than the awards take, they are raised, to at most {} times.", decimal::text(raise)),
        });
        if !pool.range.reduce.is_zero() {
            let reduce = decimal::text(pool.range.reduce);
            sentences.push(format!("Awards are reduced to no less than {reduce} times; if the money does not suffice for that, nothing is paid."));
        }
        sentences
    }

    fn rounding(&self, pool: &Pool) -> String {
        let unit = self.plan.settlement.currency.minor_unit();
        if pool.unit == RoundingUnit::Share {
            return format!(
                "Each share's value is rounded down to the {unit}, then multiplied by the claimant's shares; what that leaves stays in the fund."
            );
        }
        match pool.round {
            Rounding::Down => format!(
                "Each payment is rounded down to the {unit}; what that leaves stays in the fund."
            ),
            Rounding::LargestRemainder => format!(
                "Each payment is rounded down to the {unit}; what that leaves goes, one {unit} each, to the largest fractions, among equal ones in the order of ids."
            ),
            Rounding::Nearest => format!(
                "Each payment is rounded to the nearest {unit}; if that takes more than there is, nothing is paid."
            ),
        }
    }

    fn dropping(&self, drop: &crate::plan::MinimumPayment) -> String {
        let limit = self.plan.settlement.currency.grouped(drop.limit);
        let below = if drop.inclusive {
            format!("{limit} or less")
        } else {
            format!("less than {limit}")
        };
        let who = if drop.when.entries.is_empty() {
            String::new()
        } else {
            format!(", where {},", self.condition(&drop.when))
        };
        let how = match drop.method {
            DropMethod::AllAtOnce => "all at once, and the rest share anew",
            DropMethod::SmallestFirst => "the smallest first, and each time the rest share anew",
        };
        format!("Whoever would receive {below}{who} is dropped: {how}.")
    }
}
