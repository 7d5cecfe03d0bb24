//! The fund and its deductions in plain English.

use rust_decimal::Decimal;

use crate::base::money::{Money, group};
use crate::plan::english::{
    DeductionDescription, DescriptionSection, EnglishWriter, Quantity, percent_base,
};
use crate::plan::fund::fixed_deduction;
use crate::plan::{DeductionRounding, DeductionRule, FundAmount, PercentBase, sourced};

impl EnglishWriter<'_> {
    /// The amounts of the deductions, as far as the plan alone decides them.
    pub(super) fn deducted(&self) -> Vec<Option<Money>> {
        let Some(account) = &self.plan.account else {
            let deductions = self.plan.deductions.iter();
            return deductions.map(fixed_deduction).collect();
        };
        let deductions = account.deductions.iter();
        deductions.map(|deduction| Some(deduction.amount)).collect()
    }

    /// `$1,000.00`, or `what is claimed, between $500.00 and $1,000.00`.
    fn fund_amount(&self) -> String {
        let currency = self.plan.settlement.currency;
        let (at_least, at_most) = match self.plan.fund.amount {
            FundAmount::Fixed(amount) if self.plan.fund.prior => {
                return self.fund_after(amount);
            }
            FundAmount::Fixed(amount) => return currency.grouped(amount),
            FundAmount::AsClaimed { at_least, at_most } => (at_least, at_most),
        };
        let money = |amount: Money| currency.grouped(amount);
        let within = match (at_least, at_most) {
            (None, None) => String::new(),
            (Some(least), None) => format!(", but at least {}", money(least)),
            (None, Some(most)) => format!(", but at most {}", money(most)),
            (Some(least), Some(most)) => {
                format!(", between {} and {}", money(least), money(most))
            }
        };
        format!(
            "what is claimed{within}: the deductions and all awards within the limits of their pools"
        )
    }

    /// A fund that begins with what a reconciliation left.
    fn fund_after(&self, amount: Money) -> String {
        let currency = self.plan.settlement.currency;
        let mut text = match &self.plan.prior {
            Some(ledger) => format!(
                "what earlier distributions left by {}, {}",
                ledger.name,
                currency.grouped(ledger.left)
            ),
            None => {
                "what earlier distributions left: everything that is neither cashed, outstanding nor spent".to_owned()
            }
        };
        if amount > Money::ZERO {
            let amount = currency.grouped(amount);
            text += &format!(", plus {amount} that was paid in since");
        }
        text
    }

    pub(super) fn fund(
        &self,
        deductions: &[DeductionDescription],
        amounts: &[Option<Money>],
    ) -> DescriptionSection {
        let currency = self.plan.settlement.currency;
        let interest = self.plan.fund.interest;
        let mut fund = format!("The fund is {}", self.fund_amount());
        if interest.0 > 0 {
            fund += &format!(" plus interest of {}", currency.grouped(interest));
        }
        fund = sourced(&fund, self.plan.sources.fund.as_deref());
        fund += if deductions.is_empty() {
            ". There are no deductions."
        } else {
            ". The following amounts are deducted, in this order:"
        };
        let mut sentences = vec![fund];
        let numbered = deductions.iter().zip(amounts).zip(1..);
        for ((description, amount), number) in numbered {
            let kind = if description.kind == "other" {
                String::new()
            } else {
                format!(" [{}]", description.kind)
            };
            let rule = match amount.map(|amount| currency.grouped(amount)) {
                Some(amount) if description.rule == amount => amount,
                Some(amount) => format!("{}: {amount}", description.rule),
                None => description.rule.clone(),
            };
            sentences.push(format!(
                "{number}. {}{kind}: {}.",
                description.name,
                sourced(&rule, description.source.as_deref())
            ));
        }
        if let Some(account) = &self.plan.account {
            sentences.push(format!(
                "The net settlement fund is {}.",
                currency.grouped(account.net)
            ));
        }
        let class = &self.plan.class;
        for (what, number) in [
            ("Class members", class.members),
            (
                "Notices sent and not returned as undeliverable",
                class.notices,
            ),
            ("Class members who excluded themselves", class.opt_outs),
            ("Objections filed", class.objections),
        ] {
            sentences.extend(number.map(|number| format!("{what}: {}.", group(&number))));
        }
        DescriptionSection {
            title: "Fund".to_owned(),
            sentences,
        }
    }

    pub(super) fn deduction(&self, rule: &DeductionRule) -> String {
        let currency = self.plan.settlement.currency;
        let of = |base: &PercentBase| percent_base(*base, self.plan.fund);
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
            DeductionRule::Each { each, count: 1 } => currency.grouped(*each),
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
                    .map(|bracket| (bracket.to, format!("{} of", bracket.part.written)))
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

    /// `10% of the first $1,000.00, 17.5% of the next, up to $10,000.00, and 30% of
    /// the remainder`
    pub(super) fn brackets(
        &self,
        brackets: &[(Option<Decimal>, String)],
        counts: Quantity,
    ) -> String {
        let mut parts = Vec::new();
        for (position, (to, rate)) in brackets.iter().enumerate() {
            parts.push(match to {
                Some(to) if position == 0 => {
                    format!("{rate} the first {}", self.number(*to, counts))
                }
                Some(to) => format!("{rate} the next, up to {}", self.number(*to, counts)),
                None if position == 0 => format!("{rate} the entire amount"),
                None => format!("and {rate} the remainder"),
            });
        }
        match &parts[..] {
            [one, two] => format!("{one} {two}"),
            _ => parts.join(", "),
        }
    }
}
