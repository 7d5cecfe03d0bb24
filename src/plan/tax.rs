//! The `[tax]` table: the threshold for tax flags, and the columns read for them.

use rust_decimal::Decimal;

use crate::base::diagnostics::literal;
use crate::base::money::{Currency, Money};
use crate::plan::cell::ColumnId;
use crate::plan::cell_reading::ColumnFormat;
use crate::plan::column::{ColumnUse, Columns, column_name};
use crate::plan::document::{ProblemCollector, Span, TomlValue, given};
use crate::plan::typed_values::money;

/// Rules for tax flags, which change no payment.
#[derive(Debug, Clone)]
pub struct TaxRules {
    /// The threshold, earlier payments included.
    pub threshold: Money,
    /// The column of the taxpayer number. No other rule reads it, because its cells
    /// are never shown.
    pub number: ColumnId,
    pub earlier: Option<EarlierPayments>,
}

/// Payments to a claimant earlier in the year.
#[derive(Debug, Clone)]
pub struct EarlierPayments {
    pub column: ColumnId,
    pub format: ColumnFormat,
    /// The value of a blank cell; without it, a blank cell is a fault.
    pub blank: Option<Decimal>,
}

/// Reads the table, after everything else that names columns.
pub(super) fn read(
    value: &TomlValue<'_>,
    currency: Currency,
    columns: &mut Columns,
    problems: &mut ProblemCollector,
) -> Option<TaxRules> {
    let mut table = value.table("[tax]", problems)?;
    let threshold = table.require("threshold", problems);
    let number = table.require("number", problems);
    let earlier = table.take("earlier");
    table.finish(problems);
    // All keys are read first, so that every problem is reported.
    let threshold = threshold.and_then(|value| read_threshold(&value, currency, problems));
    let earlier = given(earlier.map(|earlier| read_earlier(&earlier, columns, problems)));
    let number = number.and_then(|value| read_number(&value, columns, problems));
    Some(TaxRules {
        threshold: threshold?,
        number: number?,
        earlier: earlier?,
    })
}

fn read_threshold(
    value: &TomlValue<'_>,
    currency: Currency,
    problems: &mut ProblemCollector,
) -> Option<Money> {
    let threshold = money(value, currency, problems)?;
    if threshold == Money::ZERO {
        problems.add(&value.span, "`threshold` of [tax] must be greater than 0");
        return None;
    }
    Some(threshold)
}

/// The column of the taxpayer number may have no other use, because other uses may
/// show its cells.
fn read_number(
    value: &TomlValue<'_>,
    columns: &mut Columns,
    problems: &mut ProblemCollector,
) -> Option<ColumnId> {
    let name = column_name(value, problems)?;
    let before = columns.len();
    let id = columns.beside_rules(&name, ColumnUse::Tax);
    if id.0 < before {
        let message = format!(
            "column {} is used elsewhere in the plan and cannot be the taxpayer number column",
            literal(&name)
        );
        let hint = "taxpayer numbers are never shown, so their column cannot have another use; \
                    put other data in a separate column";
        problems.add_hint(&value.span, message, hint);
        return None;
    }
    Some(id)
}

fn read_earlier(
    value: &TomlValue<'_>,
    columns: &mut Columns,
    problems: &mut ProblemCollector,
) -> Option<EarlierPayments> {
    let (name, blank, span) = if value.is_table() {
        let mut table = value.table("`earlier` of [tax]", problems)?;
        let column = table.require("column", problems);
        let blank = table.take("blank");
        table.finish(problems);
        let blank = given(blank.map(|blank| Some(blank.number(problems)?.value)));
        let column = column?;
        let name = column_name(&column, problems);
        (name?, blank?, column.span.clone())
    } else {
        (column_name(value, problems)?, None, value.span.clone())
    };
    let id = columns.beside_rules(&name, ColumnUse::Tax);
    check_not_added(id, &name, &span, columns, problems)?;
    Some(EarlierPayments {
        column: id,
        format: columns.format(id),
        blank,
    })
}

/// With `rows = "sum"`, earlier payments are per claimant and the same in every
/// row; a formula would add them up.
fn check_not_added(
    id: ColumnId,
    name: &str,
    span: &Span,
    columns: &Columns,
    problems: &mut ProblemCollector,
) -> Option<()> {
    if columns.is_added(id) {
        let message = format!(
            "column {} is added up over a claimant's rows and cannot be the column of earlier payments",
            literal(name)
        );
        let hint = "earlier payments must be the same in every row of a claimant; \
                    put them in a separate column";
        problems.add_hint(span, message, hint);
        return None;
    }
    Some(())
}
