//! The recipient of the residual, payment methods and the minimum over all pools.

use crate::plan::columns::Columns;
use crate::plan::condition::ConditionReader;
use crate::plan::kinds::{ColumnName, Table, Words};
use crate::plan::pool::{DropKeys, drop_rule};
use crate::plan::table::keys;
use crate::plan::{DropMethod, MinimumPayment, messages};

keys! {
    struct ResidualKeys<'p>: "[residual]", "residual" {
        to: Words, Or("the plan does not say"), "the recipient of what is left";
        source: Words, Or("none"), "the sentence of the order that it carries out, which people read in brackets";
    }

    struct PaymentKeys<'p>: "[payment]", "payment" {
        method: ColumnName, Or("payments are not counted by method"), "the column of payment methods, by which the summary counts payments";
        drop: Table<DropKeys<'p>>, Or("no claimant is dropped"), "which payments from all pools together are too small to be made";
        source: Words, Or("none"), "the sentence of the order that it carries out, which people read in brackets";
    }
}

/// Reads the minimum over all pools.
pub(super) fn read_payment_drop(
    keys: &PaymentKeys<'_>,
    subclasses: &[&str],
    columns: &mut Columns,
) -> Option<MinimumPayment> {
    if !keys.method.is_present() && !keys.drop.is_present() {
        return keys.toml.place.problem(messages::payment_empty()).none();
    }
    let mut reader = ConditionReader {
        columns,
        subclasses: Some(subclasses),
        of_rows: false,
    };
    let written = keys.drop.value.as_ref()?;
    let rule = drop_rule(written, &mut reader)?;
    if rule.method == DropMethod::SmallestFirst {
        let method = written.method.at.as_ref()?;
        let message = messages::smallest_first_over_all_pools();
        return method.problem(message).none();
    }
    Some(rule)
}
