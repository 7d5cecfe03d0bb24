//! The portions of a payout: how much of it is what, and to whom it is paid.

use std::cell::RefCell;
use std::collections::BTreeMap;

use anyhow::Result;
use num_bigint::BigInt;
use num_rational::Ratio;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::allocate::Claims;
use crate::allocate::trace::StepFacts;
use crate::allocate::trace::step_text::{StepText, money, quotable_line, steps_text};
use crate::allocate::trace::values::{ClaimRow, StepRecorder, ValueExplainer};
use crate::base::diagnostics::{Bug, OrBug};
use crate::base::exact::Exact;
use crate::base::money::Money;
use crate::claims::claim_list::ClaimListRow;
use crate::claims::problem_list::ProblemList;
use crate::plan::cell::{CellFault, Cells, PaidFacts};
use crate::plan::claim_view::ClaimView;
use crate::plan::english::{EnglishWriter, Quantity, wrapped};
use crate::plan::formula::FormulaTrace;
use crate::plan::portion::{Portion, PortionBase, PortionTerm};
use crate::plan::{ColumnId, Plan, fund, sourced};
use crate::run::messages;

/// A portion of one payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PortionShare {
    pub amount: Money,
    /// The amount for which the payout does not suffice.
    pub missing: Money,
    /// The payee instead of the claimant, if the amount is more than 0.
    pub payee: Option<String>,
}

/// Divides a payout, or a hold, into its portions; `payments` are those from each pool.
pub(crate) fn divide(
    plan: &Plan,
    payments: &[Money],
    payout: Money,
    cells: &impl Cells,
    trace: &mut impl FormulaTrace,
) -> Result<Vec<PortionShare>, CellFault> {
    let known = RefCell::default();
    let claim = ClaimView::new(plan, cells, &known);
    let paid = paid_by_pools(plan, payments);
    let claim = PaidFacts {
        facts: &claim,
        paid: &paid,
    };
    let too_large = || CellFault::from(messages::portion_too_large());
    let mut left = payout;
    let mut shares = Vec::new();
    for portion in &plan.portions {
        let base = |of: PortionBase| match of {
            PortionBase::Payout => payout,
            PortionBase::Remaining => left,
            PortionBase::Pool(pool) => payments.get(pool).copied().unwrap_or_default(),
        };
        let exact = |of: PortionBase| whole(base(of), 0);
        let currency = plan.settlement.currency;
        let exact = match portion.term(&claim, trace)? {
            PortionTerm::Part(part, of) => part.times(&exact(of)),
            PortionTerm::Brackets(brackets, of) => {
                fund::marginal(brackets, base(of), currency).into()
            }
            PortionTerm::Amount(amount) => {
                let units_of_one = 10_i64.pow(currency.decimals());
                Exact::from(amount).times(&units_of_one.into())
            }
            PortionTerm::Rest => exact(PortionBase::Remaining),
        };
        let wanted = fund::rounded_exact(&exact, portion.round).ok_or_else(too_large)?;
        let amount = wanted.min(left);
        let difference = |of: Money, less: Money| of.minus(less).ok_or_else(too_large);
        let missing = difference(wanted, amount)?;
        left = difference(left, amount)?;
        shares.push(PortionShare {
            payee: payee(portion, amount, cells)?,
            amount,
            missing,
        });
    }
    Ok(shares)
}

/// The payments from the pools, in currency.
fn paid_by_pools(plan: &Plan, payments: &[Money]) -> Vec<Exact> {
    let decimals = plan.settlement.currency.decimals();
    let payments = payments.iter().copied();
    payments.map(|payment| whole(payment, decimals)).collect()
}

/// Money as a number with these decimals.
fn whole(money: Money, decimals: u32) -> Exact {
    match Decimal::try_from_i128_with_scale(money.0, decimals) {
        Ok(number) => number.into(),
        // More digits than a decimal has.
        Err(_) => Ratio::new(BigInt::from(money.0), BigInt::from(10).pow(decimals)).into(),
    }
}

fn payee(
    portion: &Portion,
    amount: Money,
    cells: &impl Cells,
) -> Result<Option<String>, CellFault> {
    let payee = portion.payee(cells).filter(|_| amount > Money::ZERO);
    if payee == Some("") {
        let message = messages::payee_blank(&portion.name);
        return Err(match portion.payee_column() {
            Some(column) => CellFault::at(column, message),
            None => message.into(),
        });
    }
    Ok(payee.map(str::to_owned))
}

/// The portions of the payout of a row.
pub(super) fn of_row(
    plan: &Plan,
    claims: &Claims,
    row: &ClaimListRow<'_>,
    payments: &[Money],
    payout: Money,
) -> Result<Vec<PortionShare>> {
    if plan.portions.is_empty() {
        return Ok(Vec::new());
    }
    let cells = claims.claim_cells(row.number)?;
    divide(plan, payments, payout, &cells, &mut ()).map_err(|fault| {
        let name = |column: ColumnId| (plan.columns.name(column), cells.text(column));
        let problem = claims.problem(row.number, row.id_text(), fault.column.map(name), fault);
        let problems = ProblemList::new(None).map(|mut problems| {
            problems.add(problem);
            problems.finish()
        });
        let error = problems.and_then(|finished| finished).err();
        error.unwrap_or_else(|| Bug::new("a problem was not recorded").into())
    })
}

/// The amount that tax flags look at.
pub(super) fn taxed(plan: &Plan, payout: Money, shares: &[PortionShare]) -> Money {
    let portion = plan.tax.as_ref().and_then(|tax| tax.portion);
    let share = portion.map(|portion| shares.get(portion).or_bug("a portion is missing"));
    share.map_or(payout, |share| share.amount)
}

/// A number of payouts, and a sum.
pub(crate) type CountAndSum = (u64, Money);

/// Counts and sums of a portion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PortionTally {
    /// In payouts.csv, where it is more than 0.
    pub paid: CountAndSum,
    /// The same in held.csv.
    pub held: CountAndSum,
    /// In both, where the payout did not suffice, and what was missing.
    pub cut: CountAndSum,
    /// By payee, in payouts.csv.
    pub payees: BTreeMap<String, CountAndSum>,
}

fn count(of: &mut CountAndSum, amount: Money) -> Result<()> {
    if amount > Money::ZERO {
        of.0 += 1;
        add(&mut of.1, amount)?;
    }
    Ok(())
}

fn add(sum: &mut Money, amount: Money) -> Result<()> {
    let total = sum.plus(amount);
    *sum = total.ok_or_else(|| Bug::new("a sum of portions has more than 128 bits"))?;
    Ok(())
}

fn join(of: &mut CountAndSum, more: CountAndSum) -> Result<()> {
    of.0 += more.0;
    add(&mut of.1, more.1)
}

impl PortionTally {
    pub(super) fn add(&mut self, share: &PortionShare, held: bool) -> Result<()> {
        let list = if held { &mut self.held } else { &mut self.paid };
        count(list, share.amount)?;
        count(&mut self.cut, share.missing)?;
        if let Some(payee) = share.payee.as_ref().filter(|_| !held) {
            if !self.payees.contains_key(payee) {
                self.payees.insert(payee.clone(), CountAndSum::default());
            }
            let of_payee = self.payees.get_mut(payee).or_bug("a payee is missing");
            count(of_payee, share.amount)?;
        }
        Ok(())
    }

    pub(super) fn join(&mut self, other: &Self) -> Result<()> {
        join(&mut self.paid, other.paid)?;
        join(&mut self.held, other.held)?;
        join(&mut self.cut, other.cut)?;
        for (payee, more) in &other.payees {
            join(self.payees.entry(payee.clone()).or_default(), *more)?;
        }
        Ok(())
    }
}

/// The payment to the claimant: the portions that have no payee of their own.
pub(crate) fn own(plan: &Plan, amounts: &[Money]) -> Option<Money> {
    let amounts = plan.portions.iter().zip(amounts);
    let own = amounts.filter(|(portion, _)| portion.to.is_none());
    own.map(|(_, amount)| *amount).sum()
}

/// Proves that the portions of all payouts are the payouts.
pub(super) fn prove(portions: &[PortionTally], paid: Money, held: Money) -> Result<(), Bug> {
    let sum = |of: fn(&PortionTally) -> Money| -> Option<Money> { portions.iter().map(of).sum() };
    if sum(|one| one.paid.1) == Some(paid) && sum(|one| one.held.1) == Some(held) {
        return Ok(());
    }
    Err(Bug::new(
        "the portions of the payouts do not add up to the payouts",
    ))
}

/// A portion of a claimant's payout, explained.
#[derive(Debug, Clone, Serialize)]
pub struct PortionSteps {
    pub name: String,
    /// The sentence of the order that the portion carries out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The computation in words.
    pub rule: String,
    /// The cell of its percentage.
    pub cell: Option<String>,
    /// The computation of its amount.
    pub steps: Vec<StepFacts>,
    pub amount: String,
    /// The amount for which the payout does not suffice.
    pub missing: Option<String>,
    /// The payee instead of the claimant.
    pub to: Option<String>,
}

/// Explains the portions of a payout.
pub(crate) fn explained(
    plan: &Plan,
    payments: &[Money],
    payout: Money,
    cells: &impl Cells,
    rows: &[ClaimRow<'_>],
) -> Result<Vec<PortionSteps>, CellFault> {
    let values = ValueExplainer::new(plan, rows);
    let known = RefCell::default();
    let claim = ClaimView::new(plan, cells, &known);
    let paid = paid_by_pools(plan, payments);
    let claim = PaidFacts {
        facts: &claim,
        paid: &paid,
    };
    let mut recorder = StepRecorder::new(&values, Quantity::Money, &claim);
    let shares = divide(plan, payments, payout, cells, &mut recorder)?;
    let mut formulas = recorder.into_steps()?.into_iter();
    let writer = EnglishWriter::new(plan);
    let money = |amount: Money| plan.settlement.currency.text(amount);
    let steps = |(portion, share): (&Portion, PortionShare)| PortionSteps {
        name: portion.name.clone(),
        source: portion.source.clone(),
        rule: writer.portion(portion),
        cell: portion.percent_column().map(|column| {
            let name = plan.columns.name(column);
            match cells.cell(column) {
                "" => format!("{name} (blank)"),
                cell => format!("{name} = \"{cell}\""),
            }
        }),
        steps: portion
            .formula()
            .and_then(|_| formulas.next())
            .unwrap_or_default(),
        amount: money(share.amount),
        missing: (share.missing > Money::ZERO).then(|| money(share.missing)),
        to: share.payee,
    };
    Ok(plan.portions.iter().zip(shares).map(steps).collect())
}

/// The portions as text, without a heading.
pub(crate) fn text(portions: &[PortionSteps], step_text: StepText<'_>) -> String {
    let mut page = String::new();
    for portion in portions {
        let amount = |digits: &str| money(digits, step_text.currency);
        let name = sourced(&portion.name, portion.source.as_deref());
        let cell = portion.cell.as_ref();
        let cell = cell.map_or_else(String::new, |cell| format!(" ({cell})"));
        let to = portion.to.as_ref();
        let to = to.map_or_else(String::new, |to| format!(", paid to {to}"));
        let missing = portion
            .missing
            .as_ref()
            .map_or_else(String::new, |missing| {
                format!("; {} more is not covered by the payment", amount(missing))
            });
        let rule = &portion.rule;
        let line = format!(
            "{name}: {}{to}{missing}. Rule: {rule}{cell}.",
            amount(&portion.amount)
        );
        page += &wrapped("  ", &quotable_line(&line));
        if portion.steps.len() > 1 || portion.steps.iter().any(|step| step.cell.is_some()) {
            page += &steps_text(&portion.steps, "amount", step_text);
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    struct TestCells<'a>(&'a [&'a str]);

    impl Cells for TestCells<'_> {
        fn cell(&self, column: ColumnId) -> &str {
            self.0[column.0]
        }
    }

    /// The portions in minor units, and what is missing; the id is the first cell.
    fn portions(tables: &str, payments: &[i128], cells: &[&str]) -> Vec<(i128, i128)> {
        let plan = format!(
            "[settlement]\nname = \"S\"\n[fund]\namount = 1\n[[pool]]\nname = \"p\"\nshares = 1\n[[pool]]\nname = \"q\"\nshares = 1\n{tables}"
        );
        let plan = Plan::from_text("plan.toml", &plan).unwrap();
        let payments: Vec<Money> = payments.iter().copied().map(Money).collect();
        let payout = payments.iter().copied().sum::<Option<Money>>().unwrap();
        let shares = divide(&plan, &payments, payout, &TestCells(cells), &mut ()).unwrap();
        let shares = shares.iter();
        shares.map(|one| (one.amount.0, one.missing.0)).collect()
    }

    #[test]
    fn portions_are_rounded_as_named_and_together_the_payout() {
        let tables = |round: &str| {
            format!(
                "[[portion]]\nname = \"a\"\nfraction = \"1/3\"\nround = \"{round}\"\n[[portion]]\nname = \"b\"\n"
            )
        };
        let divided = |round| portions(&tables(round), &[100, 100], &["x"]);
        assert_eq!(divided("nearest"), [(67, 0), (133, 0)]);
        assert_eq!(divided("down"), [(66, 0), (134, 0)]);
        assert_eq!(divided("up"), [(67, 0), (133, 0)]);
    }

    #[test]
    fn bases_are_the_payout_the_balance_and_the_payment_from_a_pool() {
        let tables = "[[portion]]\nname = \"a\"\npercent = 50\nof = { pool = \"q\" }\n[[portion]]\nname = \"b\"\npercent = 50\nof = \"remaining\"\n[[portion]]\nname = \"c\"\npercent = 10\n[[portion]]\nname = \"d\"\n";
        assert_eq!(
            portions(tables, &[1000, 200], &["x"]),
            [(100, 0), (550, 0), (120, 0), (430, 0)]
        );
    }

    #[test]
    fn a_portion_never_exceeds_the_balance() {
        let tables = "[[portion]]\nname = \"a\"\npercent = { column = \"f\", blank = 50 }\n[[portion]]\nname = \"b\"\namount = [ { add = { column = \"l\" } } ]\n[[portion]]\nname = \"c\"\n";
        let divided = |f, l| portions(tables, &[1000, 0], &["x", f, l]);
        assert_eq!(divided("40", "7"), [(400, 0), (600, 100), (0, 0)]);
        assert_eq!(divided("", "0.005"), [(500, 0), (1, 0), (499, 0)]);
        assert_eq!(divided("100", "1"), [(1000, 0), (0, 100), (0, 0)]);
    }

    #[test]
    fn brackets_count_each_layer_of_the_base() {
        let tables = "[[portion]]\nname = \"a\"\nbrackets = [ { to = 5, percent = 40 }, { percent = 10 } ]\n[[portion]]\nname = \"b\"\n";
        assert_eq!(portions(tables, &[1000, 0], &["x"]), [(250, 0), (750, 0)]);
    }
}
