//! Tables that change no payment: the recipient of the residual, payment methods,
//! statements and tax flags.

use crate::base::money::Currency;
use crate::plan::column::{ColumnUse, Columns, column_name};
use crate::plan::document::{ProblemCollector, TomlTable, TomlValue, given};
use crate::plan::tax::{self, TaxRules};
use crate::plan::typed_values::optional_words;
use crate::plan::{ColumnId, StatementRules};

/// The tables, if the plan has them.
pub(super) struct SideTableDrafts<'p> {
    residual: Option<TomlValue<'p>>,
    payment: Option<TomlValue<'p>>,
    statement: Option<TomlValue<'p>>,
    tax: Option<TomlValue<'p>>,
}

pub(super) struct SideTables {
    pub residual_to: Option<String>,
    pub payment_method: Option<ColumnId>,
    pub statement: StatementRules,
    pub tax: Option<TaxRules>,
}

impl<'p> SideTableDrafts<'p> {
    /// Takes the tables out of the plan.
    pub(super) fn take(root: &mut TomlTable<'p>) -> Self {
        Self {
            residual: root.take("residual"),
            payment: root.take("payment"),
            statement: root.take("statement"),
            tax: root.take("tax"),
        }
    }

    /// Reads the tables, after everything else that names columns.
    pub(super) fn read(
        &self,
        currency: Currency,
        columns: &mut Columns,
        problems: &mut ProblemCollector,
    ) -> Option<SideTables> {
        let residual = self.residual.as_ref();
        let residual_to = residual.map_or(Some(None), |value| read_residual(value, problems));
        let payment = self.payment.as_ref();
        let payment_method = given(payment.map(|value| read_payment(value, columns, problems)));
        let statement = self.statement.as_ref();
        let statement = given(statement.map(|value| read_statement(value, columns, problems)));
        // Tax comes last, because its columns may not be used elsewhere.
        let tax = self.tax.as_ref();
        let tax = given(tax.map(|value| tax::read(value, currency, columns, problems)));
        Some(SideTables {
            residual_to: residual_to?,
            payment_method: payment_method?,
            statement: statement?.unwrap_or_default(),
            tax: tax?,
        })
    }
}

impl SideTables {
    /// Warns that tax flags support only US taxpayer numbers.
    pub(super) fn warning(&self, currency: Currency) -> Option<String> {
        (self.tax.is_some() && currency != Currency::USD).then(|| {
            format!(
                "[tax] validates US taxpayer numbers, but the currency is {}",
                currency.code()
            )
        })
    }
}

fn read_residual(value: &TomlValue<'_>, problems: &mut ProblemCollector) -> Option<Option<String>> {
    let mut table = value.table("[residual]", problems)?;
    let to = optional_words(&mut table, "to", problems);
    table.finish(problems);
    to
}

fn read_payment(
    value: &TomlValue<'_>,
    columns: &mut Columns,
    problems: &mut ProblemCollector,
) -> Option<ColumnId> {
    let mut table = value.table("[payment]", problems)?;
    let method = table.require("method", problems);
    table.finish(problems);
    let name = column_name(&method?, problems)?;
    Some(columns.beside_rules(&name, ColumnUse::Payments))
}

fn read_statement(
    value: &TomlValue<'_>,
    columns: &mut Columns,
    problems: &mut ProblemCollector,
) -> Option<StatementRules> {
    let mut table = value.table("[statement]", problems)?;
    let names = table.take("columns");
    let text = optional_words(&mut table, "text", problems);
    table.finish(problems);
    let mut shown = Vec::new();
    for name in names.map_or(Some(Vec::new()), |names| names.list_of_texts(problems))? {
        let id = columns.beside_rules(&column_name(&name, problems)?, ColumnUse::Statements);
        if shown.contains(&id) {
            problems.add(&name.span, "`columns` lists a column twice");
            return None;
        }
        shown.push(id);
    }
    Some(StatementRules {
        columns: shown,
        text: text?,
    })
}
