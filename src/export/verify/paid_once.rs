//! Verifies that the exports of a run pay every payout once.

use std::collections::HashMap;

use anyhow::Result;

use crate::audit::check::differences::CheckFinding;
use crate::base::diagnostics::{OrBug as _, quotable};
use crate::base::money::Money;
use crate::export::layout::LayoutPurpose;
use crate::export::payments::DuePayout;
use crate::export::verify::{CheckFindings, OpenExport};
use crate::export::{PAYMENTS, manifest};
use crate::plan::Plan;
use crate::run::file_names::PAYOUTS;
use crate::run::portions::own;

/// A payment of one of the exports.
struct VerifiedPayment<'a> {
    export: &'a OpenExport,
    listed: manifest::ListedPayment,
}

/// Verifies that the exports pay every payout once. Returns the number of such payouts,
/// and the number of these paid by a check that is only listed as issued.
pub(super) fn each_once(
    paying: &[&OpenExport],
    plan: &Plan,
    payouts: &[DuePayout],
    findings: &CheckFindings,
) -> Result<(u64, u64)> {
    let mut by_id: HashMap<String, Vec<VerifiedPayment<'_>>> = HashMap::new();
    let mut by_check: HashMap<String, (String, Option<usize>)> = HashMap::new();
    for &export in paying {
        for listed in export.listed() {
            if export.layout.pays.is_check() {
                let first = by_check
                    .entry(listed.number.clone())
                    .or_insert_with(|| (listed.id.clone(), export.layout.portion));
                let (first, portion) = first;
                if *first != listed.id || *portion != export.layout.portion {
                    let what = format!("check {}", quotable(&listed.number));
                    let expected = format!("claimant {}, as in another export", quotable(first));
                    let found = format!("claimant {}", quotable(&listed.id));
                    let finding = of_row(export, listed.row, &what, &expected, &found);
                    findings.add(finding.of_claimant(&listed.id))?;
                }
            }
            by_id
                .entry(listed.id.clone())
                .or_default()
                .push(VerifiedPayment { export, listed });
        }
    }
    leave_out_void(paying, plan, &mut by_id);
    let currency = plan.settlement.currency;
    let mut once = 0;
    let mut only_listed = 0;
    for (row, payment) in (1..).zip(payouts) {
        let id = payment.id.as_str();
        let due = currency.text(payment.payout);
        let Some(payees) = by_id.remove(id) else {
            findings.add(CheckFinding {
                row: Some(row),
                ..CheckFinding::of_file(
                    PAYOUTS,
                    &format!("claimant {}", quotable(id)),
                    &format!("one payment of {due}"),
                    "none",
                )
            })?;
            continue;
        };
        let is_right = match payment.portions.as_slice() {
            [] => is_paid(&payees, &due, findings)?,
            _ => portions_paid(&payees, payment, row, plan, findings)?,
        };
        if is_right {
            once += 1;
            let is_list =
                |payee: &VerifiedPayment<'_>| payee.export.layout.pays == LayoutPurpose::Issued;
            only_listed += u64::from(payees.iter().all(is_list));
        }
    }
    let mut others: Vec<VerifiedPayment<'_>> = by_id.into_values().flatten().collect();
    others.sort_by(|one, other| {
        (&one.export.shown, one.listed.row).cmp(&(&other.export.shown, other.listed.row))
    });
    for VerifiedPayment { export, listed } in others {
        let expected = "only claimants in payouts.csv";
        let finding = of_row(export, listed.row, "", expected, &listed.payout);
        findings.add(finding.of_claimant(&listed.id))?;
    }
    Ok((once, only_listed))
}

/// Leaves out payments that a reconciliation has found void and that a later export makes
/// again.
fn leave_out_void(
    paying: &[&OpenExport],
    plan: &Plan,
    by_id: &mut HashMap<String, Vec<VerifiedPayment<'_>>>,
) {
    for again in paying {
        let Some(basis) = &again.basis else { continue };
        let portion = again.layout.portion;
        let name = portion.and_then(|number| plan.portions.get(number));
        let name = name.map(|portion| portion.name.as_str());
        for listed in again.listed() {
            if basis.refusal(&listed.id, name).is_some() {
                continue;
            }
            if let Some(payments) = by_id.get_mut(&listed.id) {
                payments.retain(|payment| {
                    let export = payment.export;
                    export.layout.portion != portion || !basis.has_export(&export.seal)
                });
            }
        }
    }
}

/// Verifies that every portion of a payout is paid once: those that the claimant is paid
/// in one sum or one by one, and those with a payee of their own one by one.
fn portions_paid(
    payees: &[VerifiedPayment<'_>],
    payment: &DuePayout,
    row: u64,
    plan: &Plan,
    findings: &CheckFindings,
) -> Result<bool> {
    let currency = plan.settlement.currency;
    let of = |portion: Option<usize>| -> Vec<&VerifiedPayment<'_>> {
        let payees = payees.iter();
        payees
            .filter(|payee| payee.export.layout.portion == portion)
            .collect()
    };
    let own = own(plan, &payment.portions).or_bug("portions have no sum");
    let in_one_sum = of(None);
    let mut right = is_paid(in_one_sum.iter().copied(), &currency.text(own), findings)?;
    let id = payees.first().map_or("", |payee| payee.listed.id.as_str());
    let portions = plan.portions.iter().zip(&payment.portions).enumerate();
    for (number, (portion, amount)) in portions {
        let alone = of(Some(number));
        let due = currency.text(*amount);
        right &= is_paid(alone.iter().copied(), &due, findings)?;
        let in_sum = portion.to.is_none() && !in_one_sum.is_empty();
        let what = format!("portion {}", quotable(&portion.name));
        if let Some(again) = alone.first().filter(|_| in_sum) {
            right = false;
            let found = "a payment of the portion, and one of all that the claimant is paid";
            let row = again.listed.row;
            let finding = of_row(again.export, row, &what, "one payment", found);
            findings.add(finding.of_claimant(id))?;
        } else if alone.is_empty() && !in_sum && *amount > Money::ZERO {
            right = false;
            let expected = format!("one payment of {due}");
            let finding = CheckFinding {
                row: Some(row),
                ..CheckFinding::of_file(PAYOUTS, &what, &expected, "none")
            };
            findings.add(finding.of_claimant(id))?;
        }
    }
    Ok(right)
}

/// Verifies that a claimant is paid once and receives the right amount.
fn is_paid<'a>(
    payees: impl IntoIterator<Item = &'a VerifiedPayment<'a>>,
    due: &str,
    findings: &CheckFindings,
) -> Result<bool> {
    let mut right = true;
    // Payments, each with a flag for a listing of the same check.
    let mut payments: Vec<(&VerifiedPayment<'_>, bool)> = Vec::new();
    for payee in payees {
        let VerifiedPayment { export, listed } = payee;
        if listed.payout != due {
            right = false;
            let finding = of_row(export, listed.row, "", due, &listed.payout);
            findings.add(finding.of_claimant(&listed.id))?;
        }
        let mut others = payments.iter_mut();
        if let Some((_, has_list)) =
            others.find(|(first, has_list)| !*has_list && first.is_same_check(payee))
        {
            *has_list = true;
            continue;
        }
        if let Some((first, _)) = payments.first() {
            right = false;
            let found = format!(
                "another payment of {}; the first is in {}/{PAYMENTS}, row {}",
                listed.payout, first.export.shown, first.listed.row
            );
            let finding = of_row(export, listed.row, "", "one payment", &found);
            findings.add(finding.of_claimant(&listed.id))?;
        }
        payments.push((payee, false));
    }
    Ok(right)
}

impl VerifiedPayment<'_> {
    /// True if two payments are one check, printed by one export and listed as issued
    /// by the other.
    fn is_same_check(&self, other: &Self) -> bool {
        let pays = self.export.layout.pays;
        pays.is_other_list(other.export.layout.pays)
            && self.export.layout.date == other.export.layout.date
            && self.listed.number == other.listed.number
    }
}

fn of_row(export: &OpenExport, row: u64, what: &str, expected: &str, found: &str) -> CheckFinding {
    let file = format!("{}/{PAYMENTS}", export.shown);
    CheckFinding {
        row: Some(row),
        ..CheckFinding::of_file(&file, what, expected, found)
    }
}
