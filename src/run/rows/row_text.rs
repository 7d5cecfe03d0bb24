//! The text of rows in the three files, and the reasons why rows are not paid.

use anyhow::Result;

use crate::allocate::Claims;
use crate::allocate::pools::{Distribution, PoolOutcome};
use crate::base::copy_few_bytes;
use crate::base::csv_text::push_cell;
use crate::base::decimal;
use crate::base::diagnostics::{Bug, OrBug};
use crate::base::money::{self, Money, push_text};
use crate::claims::claim_list::ClassId;
use crate::claims::status::ClaimStatus;
use crate::plan::{Plan, RowsRule, WeightKind};
use crate::run::rows::{IdCell, RowChunk, add};

/// The reason why a row is not paid; the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum UnpaidReason {
    Excluded(usize),
    Denied(usize),
    /// By the minimum over all pools.
    Removed,
    Dropped(usize),
    /// A pool is not divided.
    NotEconomical(usize),
    NoShares,
    Nothing,
}

/// As many bytes as usually follow the id.
const PADDING: &str = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// The part of a row after the id.
#[derive(Debug, Default)]
pub(super) struct RowBody {
    /// From the comma after the id to the line end, without the number of merged rows
    /// and the tax flag, and padded.
    text: String,
    /// The position of the number of rows.
    rows: usize,
    /// The position of the tax flag.
    tax: usize,
    /// The position after the payout.
    payout_end: usize,
    /// The position of the padding.
    end: usize,
    /// The payout, read back from the text.
    pub payout: Money,
}

impl RowBody {
    /// Appends the text to a row.
    #[inline]
    pub(super) fn push(&self, row: &mut Vec<u8>) {
        copy_few_bytes::push::<{ PADDING.len() }>(row, self.text.as_bytes(), self.end);
    }

    /// The text before the number of rows, between it and the tax flag, from there to the
    /// portions, and after them.
    pub(super) fn parts(&self) -> [&str; 4] {
        let part = |range| self.text.get(range).or_bug("a part of a row is missing");
        [
            part(0..self.rows),
            part(self.rows..self.tax),
            part(self.tax..self.payout_end),
            part(self.payout_end..self.end),
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
    /// The body of a class with an extra unit from these pools.
    pub(super) fn body(&self, class: ClassId, more: &[u32]) -> Result<RowBody> {
        let mut body = RowBody::default();
        self.fill(&mut body, class, more)?;
        Ok(body)
    }

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
            let entitlements = &self.claims.entitlements;
            let weight = self.distribution.weight(entitlements, class, number);
            match pool.measure {
                WeightKind::Shares => text.push_str(&decimal::text(weight)),
                WeightKind::Award => currency.push_award(text, weight),
            }
            text.push(',');
            let payment = payment(outcome, class, number, more)?;
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
        body.payout_end = text.len();
        if let ClaimStatus::Held(status) = self.claims.entitlements.group_of(class).claim_status {
            text.push(',');
            push_cell(text, self.plan.claims.status.text(status));
        }
        text.push('\n');
        body.end = text.len();
        text.push_str(PADDING);
        Ok(())
    }

    /// The payments from the pools of a class with an extra unit from these pools.
    pub(super) fn payments(&self, class: ClassId, more: &[u32]) -> Result<Vec<Money>> {
        let pools = self.distribution.pools.iter().enumerate();
        let payments = pools.map(|(number, outcome)| payment(outcome, class, number, more));
        payments.collect()
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
        if self.distribution.removes(class) {
            return UnpaidReason::Removed;
        }
        let mut pools = self.distribution.pools.iter();
        if let Some(pool) = pools.position(|pool| pool.drops(class)) {
            return UnpaidReason::Dropped(pool);
        }
        let weights = (0..self.plan.pools.len()).map(|pool| {
            let entitlements = &self.claims.entitlements;
            self.distribution.weight(entitlements, class, pool)
        });
        let mut weights = weights.enumerate().filter(|(_, weight)| !weight.is_zero());
        let is_divided = |pool: usize| {
            let outcome = self.distribution.pools.get(pool);
            outcome.or_bug("a pool is missing").not_economical.is_none()
        };
        let Some((first, _)) = weights.next() else {
            return UnpaidReason::NoShares;
        };
        let mut pools = std::iter::once(first).chain(weights.map(|(pool, _)| pool));
        match pools.find(|pool| !is_divided(*pool)) {
            Some(pool) => UnpaidReason::NotEconomical(pool),
            None => UnpaidReason::Nothing,
        }
    }
}

/// The payment from a pool.
fn payment(outcome: &PoolOutcome, class: ClassId, number: usize, more: &[u32]) -> Result<Money> {
    let mut payment = outcome.payment(class);
    if u32::try_from(number).is_ok_and(|number| more.contains(&number)) {
        add(&mut payment, Money(1))?;
    }
    Ok(payment)
}

/// The template for the rows of a class: everything after the id is the same for all of
/// its claimants, except that claimants up to a certain id may receive an extra unit.
#[derive(Debug)]
pub(super) enum RowTemplate<'a> {
    /// Not determined yet.
    Unasked,
    /// The rows differ and need individual formatting.
    Various,
    /// Rows of payouts.csv or of held.csv.
    Paid {
        held: bool,
        line: RowBody,
        /// The text for claimants up to this id, who receive an extra unit.
        more: Option<(&'a [u8], RowBody)>,
    },
}

/// True if the rows of this plan contain nothing that differs between the claimants of
/// a class.
pub(super) fn may_be_ready(plan: &Plan) -> bool {
    plan.claims.rows == RowsRule::Unique
        && plan.tax.is_none()
        && plan.payment_method.is_none()
        && plan.portions.is_empty()
}

impl<'a> RowTemplate<'a> {
    /// The template for the rows of a class.
    pub(super) fn of(class: ClassId, texts: &RowTexts<'a>) -> Result<Self> {
        let claim_status = texts.claims.entitlements.group_of(class).claim_status;
        let nothing = texts.distribution.payout(class) == Some(Money::ZERO);
        if nothing || !claim_status.takes_part() {
            return Ok(Self::Various);
        }
        let mut giving = (0..).zip(&texts.distribution.pools);
        let mut giving = giving
            .by_ref()
            .filter_map(|(number, pool)| Some((number, pool.last_with_one_more(class)?)));
        let more = match (giving.next(), giving.next()) {
            (_, Some(_)) => return Ok(Self::Various),
            (None, None) => None,
            (Some((pool, last)), None) => Some((last, texts.body(class, &[pool])?)),
        };
        Ok(Self::Paid {
            held: matches!(claim_status, ClaimStatus::Held(_)),
            line: texts.body(class, &[])?,
            more,
        })
    }

    /// Writes a row. Returns false if the template is not ready.
    pub(super) fn push(&self, id: IdCell<'_>, chunk: &mut RowChunk) -> Result<bool> {
        let (Self::Paid { held, line, more }, Some(ids)) = (self, id.plain) else {
            return Ok(false);
        };
        let line = match more {
            Some((last, with_more)) if id.id <= *last => with_more,
            _ => line,
        };
        let (text, lines, sum) = chunk.file(*held);
        copy_few_bytes::push::<16>(text, ids, id.id.len());
        line.push(text);
        *lines += 1;
        add(sum, line.payout)?;
        chunk.claim_rows += 1;
        Ok(true)
    }
}

pub(super) fn reason_text(
    plan: &Plan,
    distribution: &Distribution,
    reason: UnpaidReason,
) -> String {
    let currency = plan.settlement.currency;
    match reason {
        UnpaidReason::Excluded(number) => {
            let exclude = plan.excludes.get(number);
            exclude.or_bug("an exclusion is missing").reason.clone()
        }
        UnpaidReason::Denied(number) => format!("status: {}", plan.claims.status.text(number)),
        UnpaidReason::Dropped(number) => {
            let pool = plan.pools.get(number).or_bug("a pool is missing");
            let drop = pool.drop.as_ref().or_bug("a pool has no minimum payment");
            format!("{} in pool \"{}\"", drop.reason(currency), pool.name)
        }
        UnpaidReason::NotEconomical(number) => {
            let pool = plan.pools.get(number).or_bug("a pool is missing");
            let outcome = distribution.pools.get(number);
            let reason = outcome.and_then(|outcome| outcome.not_economical);
            let reason = reason.or_bug("a pool that is divided is not economical");
            reason.reason(&pool.name, currency)
        }
        UnpaidReason::Removed => {
            let drop = plan.payment_drop.as_ref();
            let drop = drop.or_bug("the plan has no minimum over all pools");
            drop.reason_in_all(currency)
        }
        UnpaidReason::NoShares => "no shares in any pool".to_owned(),
        UnpaidReason::Nothing => format!("payout comes to {}", currency.text(Money::ZERO)),
    }
}

/// Reads a payout back from its text.
pub(super) fn read_back(text: &str, decimals: u32) -> Result<Money> {
    money::from_text(text, decimals)
        .ok_or_else(|| Bug::new("a written payout cannot be read back").into())
}
