//! Tables that change no payment: the recipient of the residual, payment methods and
//! statements.

use crate::plan::column::{ColumnUse, Columns};
use crate::plan::kinds::{ColumnName, ColumnNames, Words};
use crate::plan::table::keys;
use crate::plan::{StatementRules, messages};

keys! {
    struct ResidualKeys<'p>: "[residual]", "residual" {
        to: Words, Or("the plan does not say"), "the recipient of what is left";
    }

    struct PaymentKeys<'p>: "[payment]", "payment" {
        method: ColumnName, Required, "the column of payment methods, by which the summary counts payments";
    }

    struct StatementKeys<'p>: "[statement]", "statement" {
        columns: ColumnNames, Or("none"), "the columns of the claims file whose cells are shown";
        text: Words, Or("none"), "the paragraph at the end";
    }
}

pub(super) fn read_statement(keys: &StatementKeys<'_>, columns: &mut Columns) -> StatementRules {
    let mut shown = Vec::new();
    for (name, place) in keys.columns.value.iter().flatten() {
        let id = columns.beside_rules(name, ColumnUse::Statements);
        if shown.contains(&id) {
            place.problem(messages::statement_column_repeated()).add();
        }
        shown.push(id);
    }
    StatementRules {
        columns: shown,
        text: keys.text.value.clone(),
    }
}
