//! From the fund to the net settlement fund: amount + interest − deductions, in
//! order.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::Zero;
use rust_decimal::Decimal;

use crate::base::decimal;
use crate::base::diagnostics::{OrBug as _, PlanProblem};
use crate::base::exact::Exact;
use crate::base::money::{Currency, Money};
use crate::plan::{
    Deduction, DeductionKind, DeductionRounding, DeductionRule, FeeBracket, Fund, FundAmount,
    FundLimit, MoneyRounding, PercentBase, Plan, messages,
};

/// The fund, its deductions, and the net settlement fund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundAccount {
    /// The amount that a reconciliation left, if the plan divides it.
    pub brought_forward: Option<Money>,
    /// The amount paid in.
    pub amount: Money,
    /// If the amount is what is claimed, the limit that applies to it.
    pub as_claimed: Option<FundLimit>,
    pub interest: Money,
    /// Computed deductions, in plan order.
    pub deductions: Vec<DeductionAmount>,
    /// The net settlement fund; never negative.
    pub net: Money,
}

/// A computed deduction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeductionAmount {
    pub name: String,
    pub kind: DeductionKind,
    pub amount: Money,
}

impl FundAccount {
    /// All that there is before deductions.
    pub fn gross(&self) -> Option<Money> {
        let brought_forward = self.brought_forward.unwrap_or(Money::ZERO);
        brought_forward.plus(self.amount)?.plus(self.interest)
    }

    pub fn deducted(&self) -> Option<Money> {
        let amounts = self.deductions.iter().map(|deduction| deduction.amount);
        amounts.sum()
    }
}

/// The account of a fund, if it is known before the claims. Deductions of more than the
/// upper limit of a fund that is what is claimed are a problem of the plan.
pub(crate) fn known_account(
    fund: Fund,
    deductions: &[Deduction],
    currency: Currency,
) -> Result<Option<FundAccount>, PlanProblem> {
    match fund.amount {
        FundAmount::Fixed(_) if fund.prior => Ok(None),
        FundAmount::Fixed(amount) => {
            account((None, amount, fund.interest), deductions, currency).map(Some)
        }
        FundAmount::AsClaimed { at_most: None, .. } => Ok(None),
        FundAmount::AsClaimed {
            at_most: Some(most),
            ..
        } => account((None, most, fund.interest), deductions, currency).map(|_| None),
    }
}

/// The account of a fund that begins with what a reconciliation left.
pub(crate) fn account_after(
    fund: Fund,
    brought_forward: Money,
    deductions: &[Deduction],
    currency: Currency,
) -> Result<FundAccount, PlanProblem> {
    let FundAmount::Fixed(amount) = fund.amount else {
        None.or_bug("a fund that is what is claimed begins with what is left")
    };
    let parts = (Some(brought_forward), amount, fund.interest);
    account(parts, deductions, currency)
}

/// The amount of a deduction, if it does not depend on the fund.
pub(crate) fn fixed_deduction(deduction: &Deduction) -> Option<Money> {
    match &deduction.rule {
        DeductionRule::Amount(amount) => Some(*amount),
        DeductionRule::Each { each, count } => each.times(*count),
        DeductionRule::Part { .. } | DeductionRule::Brackets { .. } => None,
    }
}

/// The account of a fund that is what is claimed.
pub(crate) fn account_as_claimed(plan: &Plan, claimed: Money) -> Result<FundAccount, PlanProblem> {
    let FundAmount::AsClaimed { at_least, at_most } = plan.fund.amount else {
        None.or_bug("the fund is not what is claimed")
    };
    let amounts = plan.deductions.iter().map(fixed_deduction);
    let amounts: Option<Vec<Money>> = amounts.collect();
    let deducted: Option<Money> = amounts.and_then(|amounts| amounts.into_iter().sum());
    let wanted = deducted.and_then(|deducted| deducted.plus(claimed));
    let wanted = wanted.ok_or_else(|| PlanProblem::new(&(0..0), messages::amount_too_large()))?;
    let (amount, limit) = match (at_least, at_most) {
        (Some(least), _) if wanted < least => (least, FundLimit::AtLeast),
        (_, Some(most)) if wanted > most => (most, FundLimit::AtMost),
        _ => (wanted, FundLimit::Between),
    };
    let currency = plan.settlement.currency;
    let parts = (None, amount, plan.fund.interest);
    let account = account(parts, &plan.deductions, currency)?;
    Ok(FundAccount {
        as_claimed: Some(limit),
        ..account
    })
}

/// Computes the deductions of a fund: what was left before, what was paid in, and
/// interest. A deduction that exceeds the balance is a problem of the plan.
fn account(
    (brought_forward, paid_in, interest): (Option<Money>, Money, Money),
    deductions: &[Deduction],
    currency: Currency,
) -> Result<FundAccount, PlanProblem> {
    let too_large = |span| PlanProblem::new(span, messages::amount_too_large());
    let gross = brought_forward.unwrap_or(Money::ZERO).plus(paid_in);
    let gross = gross.and_then(|sum| sum.plus(interest));
    let gross = gross.ok_or_else(|| too_large(&(0..0)))?;
    let mut remaining = gross;
    let mut worked_out = Vec::new();
    for deduction in deductions {
        let amount = amount(&deduction.rule, paid_in, gross, remaining, currency)
            .ok_or_else(|| too_large(&deduction.span))?;
        remaining = match remaining.minus(amount) {
            Some(left) if left >= Money::ZERO => left,
            _ => return Err(overspent(deduction, amount, remaining, currency)),
        };
        worked_out.push(DeductionAmount {
            name: deduction.name.clone(),
            kind: deduction.kind,
            amount,
        });
    }
    Ok(FundAccount {
        brought_forward,
        amount: paid_in,
        as_claimed: None,
        interest,
        deductions: worked_out,
        net: remaining,
    })
}

fn overspent(deduction: &Deduction, amount: Money, left: Money, currency: Currency) -> PlanProblem {
    let (amount, left) = (currency.grouped(amount), currency.grouped(left));
    let message = messages::deduction_overspends(&deduction.name, &amount, &left);
    PlanProblem::new(&deduction.span, message)
}

/// The amount of one deduction, in whole minor units.
fn amount(
    rule: &DeductionRule,
    paid_in: Money,
    gross: Money,
    remaining: Money,
    currency: Currency,
) -> Option<Money> {
    let base = |of: PercentBase| match of {
        PercentBase::Amount => paid_in,
        PercentBase::Gross => gross,
        PercentBase::Remaining => remaining,
    };
    match rule {
        DeductionRule::Amount(amount) => Some(*amount),
        DeductionRule::Each { each, count } => each.times(*count),
        DeductionRule::Part { part, of, round } => {
            rounded(&(&part.ratio * BigInt::from(base(*of).0)), *round)
        }
        DeductionRule::Brackets {
            brackets,
            of,
            round,
        } => rounded(&marginal(brackets, base(*of), currency), *round),
    }
}

/// Marginal brackets of a base, in minor units: each part counts at its own rate.
pub(crate) fn marginal(brackets: &[FeeBracket], base: Money, currency: Currency) -> Ratio<BigInt> {
    let base = Ratio::from_integer(BigInt::from(base.0));
    let mut start = Ratio::zero();
    let mut total = Ratio::zero();
    for bracket in brackets {
        let end = match bracket.to {
            Some(to) => minor_units(to, currency).min(base.clone()),
            None => base.clone(),
        };
        if end > start {
            total += (&end - &start) * &bracket.part.ratio;
            start = end;
        }
    }
    total
}

/// An amount in currency as an exact count of minor units.
pub(crate) fn minor_units(amount: Decimal, currency: Currency) -> Ratio<BigInt> {
    let power = |exponent: u32| BigInt::from(10).pow(exponent);
    Ratio::new(
        BigInt::from(amount.mantissa()) * power(currency.decimals()),
        power(amount.scale()),
    )
}

/// Rounds a deduction as the plan says.
pub(crate) fn rounded(exact: &Ratio<BigInt>, round: DeductionRounding) -> Option<Money> {
    let (numerator, denominator) = (exact.numer(), exact.denom());
    let units = match round {
        DeductionRounding::Down => numerator.div_floor(denominator),
        DeductionRounding::Up => numerator.div_ceil(denominator),
        // Half up: floor(x + 1/2).
        DeductionRounding::Nearest => {
            let doubled: BigInt = numerator * 2_u32 + denominator;
            doubled.div_floor(&(denominator * 2_u32))
        }
    };
    Money::from_big(&units)
}

/// Rounds minor units as the plan says.
pub(crate) fn rounded_exact(units: &Exact, round: DeductionRounding) -> Option<Money> {
    let half = Decimal::new(5, 1);
    let of_decimal = |number: Decimal| match round {
        DeductionRounding::Down => Some(decimal::units(number, 0)?.0),
        DeductionRounding::Up => Some(decimal::units(number, 0)?.1),
        // Half up: floor(x + 1/2).
        DeductionRounding::Nearest => Some(decimal::units(decimal::sum(number, half)?, 0)?.0),
    };
    if let Exact::Decimal(number) = units
        && let Some(rounded) = of_decimal(*number)
    {
        return Some(Money(rounded));
    }
    rounded(&units.ratio(), round)
}

/// A part of an amount, for the money of a pool.
pub(crate) fn part_of(part: &Ratio<BigInt>, of: Money, round: MoneyRounding) -> Option<Money> {
    let round = match round {
        MoneyRounding::Down => DeductionRounding::Down,
        MoneyRounding::Nearest => DeductionRounding::Nearest,
    };
    rounded(&(part * BigInt::from(of.0)), round)
}

/// A sum of decimals as text.
pub(crate) fn decimal_text(number: &Ratio<BigInt>) -> String {
    crate::base::money::ratio_text(number, 0)
}

pub(crate) fn fraction(number: Decimal) -> Ratio<BigInt> {
    exact_ratio(number, 0)
}

pub(crate) fn percent(number: Decimal) -> Ratio<BigInt> {
    exact_ratio(number, 2)
}

fn exact_ratio(number: Decimal, further: u32) -> Ratio<BigInt> {
    Ratio::new(
        decimal::at_scale(number, number.scale()),
        BigInt::from(10).pow(number.scale() + further),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thirds(round: DeductionRounding) -> Option<Money> {
        rounded(&Ratio::new(BigInt::from(200), BigInt::from(3)), round)
    }

    #[test]
    fn deductions_round_as_named() {
        assert_eq!(thirds(DeductionRounding::Nearest), Some(Money(67)));
        assert_eq!(thirds(DeductionRounding::Down), Some(Money(66)));
        assert_eq!(thirds(DeductionRounding::Up), Some(Money(67)));
        let half = Ratio::new(BigInt::from(5), BigInt::from(2));
        assert_eq!(rounded(&half, DeductionRounding::Nearest), Some(Money(3)));
    }

    #[test]
    fn decimals_are_rounded_as_fractions_are() {
        let rules = [
            DeductionRounding::Nearest,
            DeductionRounding::Down,
            DeductionRounding::Up,
        ];
        let longest = "79228162514264337593543950335";
        for text in [
            "0",
            "0.4",
            "0.5",
            "2.5",
            "2.4999999999999999999999999",
            longest,
        ] {
            let number = Exact::from(decimal::parse(text).unwrap_or(Decimal::MAX));
            for rule in rules {
                let of_fraction = rounded(&number.ratio(), rule);
                assert_eq!(rounded_exact(&number, rule), of_fraction, "{text}");
            }
        }
    }

    #[test]
    fn a_percentage_is_an_exact_fraction() {
        let fee = percent(decimal::parse("33.33").expect("a number"));
        assert_eq!(
            part_of(&fee, Money(9_200_000_000), MoneyRounding::Down),
            Some(Money(3_066_360_000))
        );
    }

    #[test]
    fn the_money_of_a_pool_is_rounded_down_or_half_up() {
        let half = Ratio::new(BigInt::from(1), BigInt::from(2));
        let of_money = |money, round| part_of(&half, Money(money), round);
        assert_eq!(of_money(101, MoneyRounding::Down), Some(Money(50)));
        assert_eq!(of_money(101, MoneyRounding::Nearest), Some(Money(51)));
        assert_eq!(of_money(100, MoneyRounding::Nearest), Some(Money(50)));
    }
}
