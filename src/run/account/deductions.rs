//! The deductions by kind, as courts require them after a distribution.

use crate::base::diagnostics::OrBug;
use crate::base::money::{Currency, Money};
use crate::plan::fund::{DeductionAmount, FundAccount};
use crate::plan::{Deduction, DeductionKind, DeductionRule, Fund, PercentBase, Plan, english};
use crate::run::account::proportions::percent;
use crate::run::account::view::{AccountSection, Figure, RowRole};

/// The kinds in order, each with its name for several deductions or for none.
const KINDS: [(DeductionKind, &str); 10] = [
    (DeductionKind::Fees, "Attorneys' fees"),
    (DeductionKind::Costs, "Litigation expenses"),
    (DeductionKind::Service, "Service awards"),
    (DeductionKind::Administration, "Notice and administration"),
    (DeductionKind::Tax, "Taxes"),
    (DeductionKind::Reserve, "Reserves"),
    (DeductionKind::CyPres, "Cy pres payments"),
    (DeductionKind::Escheat, "Escheated to a state"),
    (DeductionKind::Reversion, "Returned to the defendant"),
    (DeductionKind::Other, "Other deductions"),
];

/// A deduction, and the bases that its percentage may be of.
struct Deducted<'a> {
    rule: &'a Deduction,
    amount: &'a DeductionAmount,
    /// The balance after the preceding deductions.
    remaining: Money,
}

/// Adds a row for each deduction, in the plan's words. Courts ask for the first four kinds
/// even if there are none.
pub(super) fn add(section: &mut AccountSection, plan: &Plan, account: &FundAccount) {
    let deducted = deducted(plan, account);
    let currency = plan.settlement.currency;
    let amount = |amount: Money| Figure::Amount(currency.text(amount));
    let of_fund = |sum: Money| Figure::Text(share_of_fund(sum, account, plan.fund));
    for (kind, name) in KINDS {
        let of_kind = deducted.iter().filter(|one| one.amount.kind == kind);
        let of_kind: Vec<&Deducted<'_>> = of_kind.collect();
        let figures = |one: &Deducted<'_>| {
            let share = Figure::Text(one.share(account, plan.fund, currency));
            [amount(one.amount.amount), share]
        };
        match of_kind.as_slice() {
            [] => {
                use DeductionKind::{Administration, Costs, Fees, Service};
                if matches!(kind, Fees | Costs | Service | Administration) {
                    section.entry(name, [amount(Money::ZERO), of_fund(Money::ZERO)]);
                }
            }
            [one] => {
                section.entry(label(one.amount), figures(one));
            }
            several => {
                let sum: Option<Money> = several.iter().map(|one| one.amount.amount).sum();
                let sum = sum.or_bug("the deductions of a kind have no sum");
                section.entry(name, [amount(sum), of_fund(sum)]);
                for one in several {
                    section.row(RowRole::Part, &one.amount.name, figures(one));
                }
            }
        }
    }
}

/// The name in the plan; a reserve is not spent, which its name may not say.
pub(super) fn label(deduction: &DeductionAmount) -> String {
    match deduction.kind {
        DeductionKind::Reserve => format!("Reserve: {}", deduction.name),
        _ => deduction.name.clone(),
    }
}

fn deducted<'a>(plan: &'a Plan, account: &'a FundAccount) -> Vec<Deducted<'a>> {
    let mut left = account.gross().or_bug("fund and interest have no sum");
    let rules = plan.deductions.iter().zip(&account.deductions);
    let deducted = rules.map(|(rule, amount)| {
        let remaining = left;
        let less = left.minus(amount.amount);
        left = less.or_bug("a deduction is more than 128 bits");
        Deducted {
            rule,
            amount,
            remaining,
        }
    });
    deducted.collect()
}

impl Deducted<'_> {
    /// The percentage of the base that the plan names, and that of the fund:
    /// `33.33% of the balance after the preceding deductions, $91,000.00; 30.33% of the
    /// fund`.
    fn share(&self, account: &FundAccount, fund: Fund, currency: Currency) -> String {
        let of_fund = share_of_fund(self.amount.amount, account, fund);
        let (part, base) = match &self.rule.rule {
            DeductionRule::Amount(_) | DeductionRule::Each { .. } => return of_fund,
            DeductionRule::Part { part, of, .. } => (part.written.clone(), *of),
            DeductionRule::Brackets { of, .. } => {
                let base = self.base(*of, account);
                let part = percent(self.amount.amount.0, base.0);
                (format!("on a sliding scale {part}"), *of)
            }
        };
        let words = english::percent_base(base, fund);
        let of_base = match base {
            PercentBase::Remaining => {
                format!("{part} {words}, {}", currency.grouped(self.remaining))
            }
            PercentBase::Amount | PercentBase::Gross => format!("{part} {words}"),
        };
        let is_fund = Some(self.base(base, account)) == account.gross();
        if is_fund && part.ends_with('%') {
            of_base
        } else {
            format!("{of_base}; {of_fund}")
        }
    }

    fn base(&self, base: PercentBase, account: &FundAccount) -> Money {
        match base {
            PercentBase::Amount => account.amount,
            PercentBase::Gross => account.gross().or_bug("fund and interest have no sum"),
            PercentBase::Remaining => self.remaining,
        }
    }
}

/// `30.12% of the fund`, or of the fund with its interest.
fn share_of_fund(amount: Money, account: &FundAccount, fund: Fund) -> String {
    let gross = account.gross().or_bug("fund and interest have no sum");
    let base = if account.interest > Money::ZERO || fund.prior {
        PercentBase::Gross
    } else {
        PercentBase::Amount
    };
    let words = english::percent_base(base, fund);
    format!("{} {words}", percent(amount.0, gross.0))
}
