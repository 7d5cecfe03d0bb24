//! Files with a row for each payment, and optional records about the file before and
//! after the rows.

use anyhow::Result;

use crate::base::diagnostics::{Bug, Message};
use crate::base::money::{Currency, Money};
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportFile, PaymentBatch};
use crate::export::layout::{Field, FieldAlign, FieldPadding, FieldValue, FileRules, Layout};
use crate::export::payments::Payment;

/// Reads the texts of every line from the bytes of a file.
type ReadRows = fn(&Layout, &[u8]) -> Result<Vec<Vec<String>>>;

/// Gives the texts of every line. Cells that do not fit are reported.
pub(super) fn each_line(
    batch: &PaymentBatch<'_>,
    problems: &mut ProblemList,
    give: &mut dyn FnMut(&[String]) -> Result<()>,
) -> Result<()> {
    let layout = batch.export.layout;
    if layout.file.header {
        let names = layout.fields.iter().map(|field| name(field, &layout.file));
        let names: Result<Vec<String>, Message> = names.collect();
        give(&names.map_err(|fault| layout.problem(fault))?)?;
    }
    for record in &layout.before {
        give(&of_file(record, batch)?)?;
    }
    for payee in batch.payees() {
        let payee = payee?;
        let mut texts = Vec::with_capacity(layout.fields.len());
        for field in &layout.fields {
            let text = payee.text(field)?;
            match text.and_then(|text| Ok(field.fit(&text, &layout.file)?)) {
                Ok(text) => texts.push(text),
                Err(fault) => problems.add(payee.problem(field, fault)),
            }
        }
        if texts.len() == layout.fields.len() {
            give(&texts)?;
        }
    }
    for record in &layout.after {
        give(&of_file(record, batch)?)?;
    }
    Ok(())
}

/// The file of a batch, after [`prove`] unless problems were reported.
pub(super) fn proven(
    batch: &PaymentBatch<'_>,
    problems: &ProblemList,
    bytes: Vec<u8>,
    read: ReadRows,
) -> Result<Vec<ExportFile>> {
    if problems.is_empty() {
        prove(batch, &read(batch.export.layout, &bytes)?)?;
    }
    Ok(vec![ExportFile::new(&batch.name, bytes)])
}

/// Proves from the written file that it pays the right amounts, row by row.
fn prove(batch: &PaymentBatch<'_>, records: &[Vec<String>]) -> Result<()> {
    let layout = batch.export.layout;
    let before = usize::from(layout.file.header) + layout.before.len();
    let rows = records.len().checked_sub(before + layout.after.len());
    if rows != Some(batch.payments.len()) {
        return Err(Bug::new("a file does not have one row per payment").into());
    }
    let currency = batch.export.run.plan.settlement.currency;
    let mut rows = records.iter().skip(before).zip(batch.payments);
    if !rows.all(|(record, payment)| pays(&layout.fields, record, payment, currency)) {
        return Err(Bug::new("a written payout differs from the payout").into());
    }
    let total: Option<Money> = batch.payments.iter().map(|payment| payment.payout).sum();
    if total != Some(batch.total) {
        return Err(Bug::new("the payouts of a file do not add up to its total").into());
    }
    Ok(())
}

/// True if a written row pays this amount in every field that contains the payout.
fn pays(fields: &[Field], texts: &[String], payment: &Payment, currency: Currency) -> bool {
    let mut cells = fields.iter().zip(texts);
    fields.len() == texts.len()
        && cells.all(|(field, text)| {
            let (amount, written) = match &field.value {
                FieldValue::Payout(amount) => (Some(payment.payout), amount),
                FieldValue::Portion(portion, amount) => {
                    (payment.portions.get(*portion).copied(), amount)
                }
                _ => return true,
            };
            let text = match field.fill.with {
                '0' => text,
                padding => text.trim_matches(padding),
            };
            amount.is_some() && written.read(text, currency) == amount
        })
}

/// The fields of a record about a file.
fn of_file(record: &[Field], batch: &PaymentBatch<'_>) -> Result<Vec<String>> {
    let layout = batch.export.layout;
    let currency = batch.export.run.plan.settlement.currency;
    let texts = record.iter().map(|field| {
        let text = match &field.value {
            FieldValue::Count => batch.payments.len().to_string(),
            FieldValue::Total(amount) => amount.text(batch.total, currency),
            FieldValue::File => batch.number.to_string(),
            FieldValue::Text(text) => text.clone(),
            _ => return Err(Bug::new("a record about a file has a field of a row").into()),
        };
        let fit = field.fit(&text, &layout.file);
        fit.map_err(|fault| layout.problem(fault).into())
    });
    texts.collect()
}

/// A column name for the header.
fn name(field: &Field, file: &FileRules) -> Result<String, Message> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::layout::AmountFormat;

    #[test]
    fn a_written_payout_is_read_back_without_its_padding() {
        let field = |payout: Option<AmountFormat>, padding| Field {
            name: "f".to_owned(),
            value: payout.map_or(FieldValue::Id, FieldValue::Payout),
            length: None,
            width: None,
            cut: false,
            blank: None,
            optional: false,
            spaces: true,
            accents: true,
            fill: FieldPadding {
                align: FieldAlign::Right,
                with: padding,
            },
            setting: None,
            whole: false,
            check: None,
        };
        let fields = [
            field(Some(AmountFormat::Minor), '0'),
            field(None, ' '),
            field(Some(AmountFormat::Decimal), '*'),
        ];
        for (texts, expected) in [
            (&["00002784", "A", "***27.84"][..], true),
            (&["2784", "7", "27.84"], true),
            (&["00002785", "A", "***27.84"], false),
            (&["00002784", "A", "***27.85"], false),
            (&["00002784", "A", "***27.8"], false),
            (&["00002784", "A"], false),
            (&["", "A", "27.84"], false),
        ] {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            let payment = Payment {
                row: 0,
                payout: Money(2784),
                portions: Vec::new(),
            };
            let found = pays(&fields, &texts, &payment, Currency::USD);
            assert_eq!(found, expected, "{texts:?}");
        }
    }
}
