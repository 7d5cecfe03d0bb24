//! Entitlements that depend on the payments of earlier pools, when these pools have been
//! divided (plan reference, "What an earlier pool paid").

use anyhow::Result;

use crate::allocate::Claims;
use crate::allocate::classes::{EntitlementClasses, PoolColumns};
use crate::allocate::entitlement::{PoolEntitlement, entitlement_of};
use crate::allocate::open_entitlement::OpenEntitlement;
use crate::allocate::pools::payment_drop::RemovedClaimants;
use crate::base::diagnostics::{ClaimProblem, InvalidClaims};
use crate::base::exact::Exact;
use crate::base::money::{Currency, Money};
use crate::claims::claim_list::ClassId;
use crate::plan::cell::CellFault;
use crate::plan::{Formula, Pool};

/// A claim whose entitlement cannot be computed after earlier pools were divided.
#[derive(Debug)]
pub(super) struct ClassFault {
    class: ClassId,
    fault: CellFault,
}

impl std::error::Error for ClassFault {}

impl std::fmt::Display for ClassFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.fault.message.text)
    }
}

/// The entitlement, where `paid` gives the payment of an earlier pool.
fn resolved(
    open: &OpenEntitlement,
    pool: &Pool,
    currency: Currency,
    paid: &impl Fn(usize) -> Money,
) -> Result<PoolEntitlement, CellFault> {
    let paid = |pool: usize| currency_amount(paid(pool), currency);
    let value = |key: &'static str, _: &Formula, own| {
        if key == "weight" {
            return open.weight.value(own, paid);
        }
        let limits = open.limits.as_ref().map_err(CellFault::clone)?;
        let formula = match key {
            "at_least" => limits.at_least.as_ref(),
            "at_most" => limits.at_most.as_ref(),
            _ => limits.less.as_ref(),
        };
        formula.map_or(Ok(Exact::ZERO), |formula| formula.value(own, paid))
    };
    entitlement_of(pool, currency, value, || {
        let limits = open.limits.as_ref().map_err(CellFault::clone)?;
        Ok(limits.droppable)
    })
}

/// A payment as a number in currency.
fn currency_amount(payment: Money, currency: Currency) -> Exact {
    let units = num_rational::Ratio::new(
        num_bigint::BigInt::from(payment.0),
        num_bigint::BigInt::from(10).pow(currency.decimals()),
    );
    Exact::from(units)
}

/// The entitlements of all classes in a pool that reads earlier ones.
pub(super) fn resolve(
    entitlements: &EntitlementClasses,
    (number, pool): (usize, &Pool),
    removed: Option<&RemovedClaimants>,
    currency: Currency,
    paid: &dyn Fn(usize, ClassId) -> Money,
) -> Result<PoolColumns> {
    let mut columns = PoolColumns::default();
    for class in entitlements.classes() {
        let open = entitlements.open(class, number);
        let out = removed.is_some_and(|removed| removed.has(class));
        let counts = entitlements.count(class) > 0 && !out;
        let entitlement = match open.filter(|_| counts) {
            None => PoolEntitlement::NOTHING,
            Some(open) => resolved(&open, pool, currency, &|pool| paid(pool, class))
                .map_err(|fault| ClassFault { class, fault })?,
        };
        columns.push(entitlement.weight, &entitlement.limits);
    }
    Ok(columns)
}

/// Adds the first row of the class to a fault of a class.
pub(crate) fn with_row(error: anyhow::Error, claims: &Claims) -> anyhow::Error {
    let ClassFault { class, fault } = match error.downcast::<ClassFault>() {
        Ok(fault) => fault,
        Err(error) => return error,
    };
    let mut rows = claims.claim_list.rows();
    let row = rows.find(|row| row.class == class && claims.leads(row.number));
    let claimant_id = row.map(|row| row.id_text().to_owned());
    let row = row.map(|row| u64::from(row.number) + 1);
    let mut before = 0;
    let mut files = claims.files.iter();
    let file = files.find(|file| {
        before += file.rows;
        row.is_some_and(|row| row <= before)
    });
    let problem = ClaimProblem {
        file: file.map(|file| file.shown.clone()).unwrap_or_default(),
        row,
        claimant_id,
        ..fault.into()
    };
    let mut invalid = InvalidClaims::default();
    invalid.several_files = claims.files.len() > 1;
    invalid.add(claims.locate(problem));
    invalid.into()
}
