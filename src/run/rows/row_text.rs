//! The text of rows in the three files, and the reasons why rows are not paid.

use anyhow::Result;

use crate::allocate::Claims;
use crate::allocate::pools::Distribution;
use crate::base::csv_text::push_cell;
use crate::base::decimal;
use crate::base::diagnostics::{Bug, OrBug};
use crate::base::money::{self, Money, push_text};
use crate::claims::claim_list::ClassId;
use crate::claims::status::ClaimStatus;
use crate::plan::{Plan, StatusRule, WeightKind};
use crate::run::rows::add;

/// The reason why a row is not paid; the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum UnpaidReason {
    Excluded(usize),
    Denied(usize),
    Dropped(usize),
    NoShares,
    Nothing,
}

/// The part of a row after the id.
#[derive(Debug, Default)]
pub(super) struct RowBody {
    /// From the comma after the id to the line end, without the number of merged rows
    /// and the tax flag.
    pub text: String,
    /// The position of the number of rows.
    rows: usize,
    /// The position of the tax flag.
    tax: usize,
    /// The payout, read back from the text.
    pub payout: Money,
}

impl RowBody {
    /// The text before the number of rows, between it and the tax flag, and after the
    /// flag.
    pub(super) fn parts(&self) -> [&str; 3] {
        let part = |range| self.text.get(range).or_bug("a part of a row is missing");
        [
            part(0..self.rows),
            part(self.rows..self.tax),
            part(self.tax..self.text.len()),
        ]
    }
}

/// Formats rows.
#[derive(Clone, Copy)]
pub(super) struct RowTexts<'a> {
    pub plan: &'a Plan,
    pub claims: &'a Claims,
    pub distribution: &'a Distribution,
}

impl RowTexts<'_> {
    /// Fills in the body of a class with an extra unit from these pools.
    pub(super) fn fill(&self, body: &mut RowBody, class: ClassId, more: &[u32]) -> Result<()> {
        let currency = self.plan.settlement.currency;
        let several = self.plan.pools.len() > 1;
        let text = &mut body.text;
        text.clear();
        text.push(',');
        self.push_subclasses(text, class);
        text.push(',');
        body.rows = text.len();
        let mut total = Money::ZERO;
        for (number, (pool, outcome)) in self
            .plan
            .pools
            .iter()
            .zip(&self.distribution.pools)
            .enumerate()
        {
            let weight = self.claims.entitlements.weight(class, number);
            match pool.measure {
                WeightKind::Shares => text.push_str(&decimal::text(weight)),
                WeightKind::Award => currency.push_award(text, weight),
            }
            text.push(',');
            let mut payment = outcome.payment(class);
            if u32::try_from(number).is_ok_and(|number| more.contains(&number)) {
                add(&mut payment, Money(1))?;
            }
            add(&mut total, payment)?;
            if several {
                push_text(text, payment, currency.decimals());
                text.push(',');
            }
        }
        body.tax = text.len();
        push_text(text, total, currency.decimals());
        let written = text.get(body.tax..).or_bug("a payout was not written");
        body.payout = read_back(written, currency.decimals())?;
        if let ClaimStatus::Held(status) = self.claims.entitlements.group_of(class).claim_status {
            text.push(',');
            push_cell(text, status_text(self.plan, status));
        }
        text.push('\n');
        Ok(())
    }

    fn push_subclasses(&self, line: &mut String, class: ClassId) {
        let group = self.claims.entitlements.group_of(class);
        let subclass = |&number: &usize| self.plan.subclasses.get(number);
        let subclasses = group.subclasses.iter().map(subclass);
        let mut keys = subclasses.map(|one| one.or_bug("a subclass is missing").key.as_str());
        let (first, second) = (keys.next().unwrap_or_default(), keys.next());
        if let Some(second) = second {
            let joined = [first, second].into_iter().chain(keys).collect::<Vec<_>>();
            push_cell(line, &joined.join(";"));
        } else {
            push_cell(line, first);
        }
    }

    pub(super) fn why_unpaid(&self, class: ClassId, claim_status: ClaimStatus) -> UnpaidReason {
        match claim_status {
            ClaimStatus::Excluded(number) => return UnpaidReason::Excluded(number),
            ClaimStatus::Denied(number) => return UnpaidReason::Denied(number),
            ClaimStatus::Payable | ClaimStatus::Held(_) => {}
        }
        let mut pools = self.distribution.pools.iter();
        if let Some(pool) = pools.position(|pool| pool.drops(class)) {
            return UnpaidReason::Dropped(pool);
        }
        let mut weights =
            (0..self.plan.pools.len()).map(|pool| self.claims.entitlements.weight(class, pool));
        if weights.all(|weight| weight.is_zero()) {
            UnpaidReason::NoShares
        } else {
            UnpaidReason::Nothing
        }
    }
}

fn status_text(plan: &Plan, number: usize) -> &str {
    let meaning = match &plan.claims.status {
        StatusRule::Column { meanings, .. } => meanings.get(number),
        StatusRule::Unsaid | StatusRule::AllPayable => None,
    };
    let (text, _) = meaning.or_bug("a status is missing");
    text
}

pub(super) fn reason_text(plan: &Plan, reason: UnpaidReason) -> String {
    let currency = plan.settlement.currency;
    match reason {
        UnpaidReason::Excluded(number) => {
            let exclude = plan.excludes.get(number);
            exclude.or_bug("an exclusion is missing").reason.clone()
        }
        UnpaidReason::Denied(number) => format!("status: {}", status_text(plan, number)),
        UnpaidReason::Dropped(number) => {
            let pool = plan.pools.get(number).or_bug("a pool is missing");
            let drop = pool.drop.as_ref().or_bug("a pool has no minimum payment");
            let below = if drop.inclusive {
                "at or below"
            } else {
                "below"
            };
            format!(
                "{below} the minimum payment of {} in pool \"{}\"",
                currency.text(drop.limit),
                pool.name
            )
        }
        UnpaidReason::NoShares => "no shares in any pool".to_owned(),
        UnpaidReason::Nothing => format!("payout comes to {}", currency.text(Money::ZERO)),
    }
}

/// Reads a payout back from its text.
fn read_back(text: &str, decimals: u32) -> Result<Money> {
    money::from_text(text, decimals)
        .ok_or_else(|| Bug::new("a written payout cannot be read back").into())
}
