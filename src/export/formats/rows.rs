//! Files with a row for each payment, and optional records about the file before and
//! after the rows.

use anyhow::Result;

use crate::base::diagnostics::Bug;
use crate::base::money::Money;
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportContext, ExportFile, PaymentBatch};
use crate::export::field_text::of_payment;
use crate::export::layout::{
    AmountFormat, Field, FieldAlign, FieldFault, FieldPadding, FieldValue, FileRules, Layout,
};

/// The lines of a file.
pub(super) trait RowLines: Sized {
    fn new(file: &FileRules) -> Self;

    /// Adds a line of fields.
    fn add(&mut self, texts: &[String]) -> Result<()>;

    fn finish(self) -> Result<Vec<u8>>;

    /// The fields of every line, read back.
    fn read(layout: &Layout, bytes: &[u8]) -> Result<Vec<Vec<String>>>;
}

pub(super) fn files<L: RowLines>(
    context: &ExportContext<'_>,
    batch: &PaymentBatch<'_>,
    problems: &mut ProblemList,
) -> Result<Vec<ExportFile>> {
    let layout = context.layout;
    let mut lines = L::new(&layout.file);
    if layout.file.header {
        let names = layout.fields.iter().map(|field| name(field, &layout.file));
        let names: Result<Vec<String>, FieldFault> = names.collect();
        lines.add(&names.map_err(|fault| layout.problem(&fault))?)?;
    }
    for record in &layout.before {
        lines.add(&of_file(context, record, batch)?)?;
    }
    for payee in context.payees(batch) {
        let payee = payee?;
        let mut texts = Vec::with_capacity(layout.fields.len());
        for field in &layout.fields {
            match of_payment(context, field, &payee)? {
                Ok(text) => texts.push(text),
                Err(fault) => problems.add(context.fault(field, &payee, fault)),
            }
        }
        if texts.len() == layout.fields.len() {
            lines.add(&texts)?;
        }
    }
    for record in &layout.after {
        lines.add(&of_file(context, record, batch)?)?;
    }
    let bytes = lines.finish()?;
    if problems.is_empty() {
        prove(context, batch, &L::read(layout, &bytes)?)?;
    }
    Ok(vec![ExportFile::new(&batch.name, bytes)])
}

/// Proves from the written file that it pays the right amounts, row by row.
fn prove(
    context: &ExportContext<'_>,
    batch: &PaymentBatch<'_>,
    records: &[Vec<String>],
) -> Result<()> {
    let layout = context.layout;
    let before = usize::from(layout.file.header) + layout.before.len();
    let rows = records.len().checked_sub(before + layout.after.len());
    if rows != Some(batch.payments.len()) {
        return Err(Bug::new("a file does not have one row per payment").into());
    }
    let mut total = Money::ZERO;
    for (record, payment) in records.iter().skip(before).zip(batch.payments) {
        if !pays(context, record, payment.payout) {
            return Err(Bug::new("a written payout differs from the payout").into());
        }
        let sum = total.plus(payment.payout);
        total = sum.ok_or_else(|| Bug::new("the sum of a file is too large"))?;
    }
    if total != batch.total {
        return Err(Bug::new("the payouts of a file do not add up to its total").into());
    }
    Ok(())
}

/// The fields of a record about a file.
fn of_file(
    context: &ExportContext<'_>,
    record: &[Field],
    batch: &PaymentBatch<'_>,
) -> Result<Vec<String>> {
    let currency = context.plan.settlement.currency;
    let texts = record.iter().map(|field| {
        let text = match &field.value {
            FieldValue::Count => batch.payments.len().to_string(),
            FieldValue::Total(amount) => amount.text(batch.total, currency),
            FieldValue::File => batch.number.to_string(),
            FieldValue::Text(text) => text.clone(),
            _ => return Err(Bug::new("a record about a file has a field of a row").into()),
        };
        let fit = field.fit(&text, &context.layout.file);
        fit.map_err(|fault| context.layout.problem(&fault).into())
    });
    texts.collect()
}

/// A column name for the header.
fn name(field: &Field, file: &FileRules) -> Result<String, FieldFault> {
    let of_name = Field {
        value: FieldValue::Text(field.name.clone()),
        length: None,
        cut: false,
        blank: None,
        spaces: true,
        fill: FieldPadding {
            align: FieldAlign::Left,
            with: ' ',
        },
        ..field.clone()
    };
    of_name.fit(&field.name, file)
}

/// True if a written row pays this amount in every field that contains the payout.
fn pays(context: &ExportContext<'_>, texts: &[String], payout: Money) -> bool {
    let currency = context.plan.settlement.currency;
    let fields = &context.layout.fields;
    let mut cells = fields.iter().zip(texts);
    let is_whole = fields.len() == texts.len();
    is_whole
        && cells.all(|(field, text)| {
            let FieldValue::Payout(amount) = field.value else {
                return true;
            };
            let text = match field.fill.with {
                '0' => text,
                other => text.trim_matches(other),
            };
            AmountFormat::read(amount, text, currency) == Some(payout)
        })
}
