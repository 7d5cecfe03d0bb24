use super::*;
use crate::allocate::pool::PaymentLimits;
use crate::claims::classifier::{ClaimOutcome, marks_of};
use crate::claims::status::ClaimStatus;

const PLAN: &str = r#"
    [settlement]
    name = "Two pools"
    [fund]
    amount = 1000
    [claims]
    status = false
    [[pool]]
    name = "first"
    amount = 500
    award = [{ add = { column = "a" } }]
    [[pool]]
    name = "second"
    award = [{ add = { column = "b" } }]
"#;

/// A class for a row: some rows are unpaid, all others have different
/// entitlements.
fn outcome(plan: &Plan, row: u32) -> RowOutcome {
    let mut outcome = RowOutcome::default();
    if row % 50_000 == 7 {
        outcome.outside(plan, ClaimStatus::Denied(0));
        return outcome;
    }
    let weight = |number: u32| PoolEntitlement {
        weight: Decimal::from(number),
        limits: PaymentLimits {
            at_most: (number % 40_000 != 3).then_some(Money(90_000)),
            at_least: Money(i128::from(number % 3)),
            ..PaymentLimits::NONE
        },
    };
    outcome.group.subclasses = vec![usize::from(row % 3 == 1)];
    outcome.pool_entitlements = vec![weight(row + 1), weight(1)];
    outcome
}

#[test]
fn kinds_are_kept_as_they_came_also_when_none_is_looked_for_any_more() {
    let plan = Plan::from_text("plan.toml", PLAN).expect("a plan");
    let rows = u32::try_from(2 * LOOKED_FOR + 10).expect("few");
    let mut entitlements = EntitlementClasses::new(&plan);
    let mut classes = Vec::new();
    let batch = 3 * rows / 16;
    let mut new = NewClasses::default();
    for first in (0..rows).step_by(usize::try_from(batch).expect("few")) {
        for row in first..rows.min(first + batch) {
            new.push(&outcome(&plan, row));
        }
        classes.extend(entitlements.enter_all(new.take()));
    }
    assert!(entitlements.index.is_none(), "nothing is looked for");
    assert_eq!(classes.len(), index(rows));
    for (row, &class) in (0..).zip(&classes) {
        let expected = outcome(&plan, row);
        assert_eq!(entitlements.group_of(class), &expected.group, "{row}");
        let pool_entitlements = (0..2).map(|pool| entitlements.pool_entitlement(class, pool));
        assert!(pool_entitlements.eq(expected.pool_entitlements), "{row}");
    }
    let counts = entitlements
        .classes()
        .map(|class| entitlements.count(class));
    assert_eq!(counts.sum::<u64>(), u64::from(rows));
}

#[test]
fn a_class_that_lacks_something_is_never_paid_nothing() {
    let plan = Plan::from_text("plan.toml", PLAN).expect("a plan");
    let whole = || {
        let mut entitlements = EntitlementClasses::new(&plan);
        let mut new = NewClasses::default();
        (0..5).for_each(|row| assert_eq!(new.push(&outcome(&plan, row)), row));
        (entitlements.enter_all(new), entitlements).1
    };
    assert_eq!(whole().prove(), Ok(()));
    let breaks: [fn(&mut EntitlementClasses); 5] = [
        |broken| broken.pools[1].weights = CompactColumn::of(Decimal::ONE, 4),
        |broken| broken.pools[0].at_most = CompactColumn::of(Money(3), 4),
        |broken| broken.counts = CompactColumn::of(1, 4),
        |broken| broken.group_of = CompactColumn::of(0, 4),
        |broken| broken.groups.clear(),
    ];
    for broken in breaks {
        let mut entitlements = whole();
        broken(&mut entitlements);
        assert!(entitlements.prove().is_err());
    }
    // Rows of classes other than the counted ones, including a nonexistent
    // class, and no rows.
    let entitlements = whole();
    assert_eq!(
        entitlements.prove_rows(marks_of([4, 3, 2, 0, 1].into_iter())),
        Ok(())
    );
    for classes in [
        &[0, 0, 1, 2, 3][..],
        &[0, 1, 2, 3],
        &[0, 1, 2, 3, 4, 0],
        &[0, 2, 2, 2, 4],
        &[0, 1, 2, 3, 5],
        &[0, 1, 2, 3, u32::MAX],
    ] {
        let proved = entitlements.prove_rows(marks_of(classes.iter().copied()));
        assert!(proved.is_err(), "{classes:?}");
    }
}
