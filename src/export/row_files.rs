//! Files of rows, delimited or of fixed width, with optional records about the file
//! before and after the rows.

use anyhow::Result;
use csv::{QuoteStyle, Terminator, WriterBuilder};

use crate::base::diagnostics::{Bug, Problem, literal};
use crate::base::money::{Currency, Money};
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportContext, ExportPayee, PaymentBatch};
use crate::export::layout::{
    AmountFormat, Field, FieldCheck, FieldFault, FieldValue, FileRules, LayoutFormat, QuoteRule,
};
use crate::export::{damaged_cells, recipient};

pub(crate) fn file(
    context: &ExportContext<'_>,
    batch: &PaymentBatch<'_>,
    problems: &mut ProblemList,
) -> Result<Vec<u8>> {
    let layout = context.layout;
    let mut lines = RecordLines::new(&layout.file);
    if layout.file.header {
        let names: Result<Vec<String>, FieldFault> = layout
            .fields
            .iter()
            .map(|field| name(field, &layout.file))
            .collect();
        let names = names.map_err(|fault| of_layout(context, &fault))?;
        lines.add_about_file(context, names)?;
    }
    for record in &layout.before {
        lines.add_about_file(context, of_file(context, record, batch)?)?;
    }
    for payee in context.payees(batch) {
        let payee = payee?;
        let mut texts = Vec::new();
        for field in &layout.fields {
            match of_payment(context, field, &payee)?.and_then(|text| lines.takes(text)) {
                Ok(text) => texts.push(text),
                Err(fault) => problems.add(context.fault(field, &payee, fault)),
            }
        }
        if texts.len() < layout.fields.len() {
            continue;
        }
        lines.add(&texts)?;
    }
    for record in &layout.after {
        lines.add_about_file(context, of_file(context, record, batch)?)?;
    }
    let bytes = lines.finish()?;
    if problems.is_empty() {
        prove(context, batch, &bytes)?;
    }
    Ok(bytes)
}

/// Proves from the written file that it pays the right amounts, row by row.
fn prove(context: &ExportContext<'_>, batch: &PaymentBatch<'_>, bytes: &[u8]) -> Result<()> {
    let layout = context.layout;
    let records = records(&layout.file, &layout.fields, bytes)?;
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

/// The records of a file, read back.
fn records(file: &FileRules, fields: &[Field], bytes: &[u8]) -> Result<Vec<Vec<String>>> {
    if let LayoutFormat::Delimited { delimiter, quote } = file.form {
        let mut builder = csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true);
        builder
            .delimiter(delimiter)
            .quoting(quote != QuoteRule::Never);
        let mut reader = builder.from_reader(bytes);
        let records = reader.records().map(|record| {
            let record = record?;
            Ok(record.iter().map(str::to_owned).collect())
        });
        return records.collect();
    }
    let text = std::str::from_utf8(bytes)?;
    let widths: Option<Vec<usize>> = fields.iter().map(|field| field.width).collect();
    let widths = widths.ok_or_else(|| Bug::new("a field of fixed width has no width"))?;
    let record = |line: &str| {
        let mut characters = line.chars();
        let mut texts = Vec::with_capacity(widths.len());
        for width in &widths {
            texts.push(characters.by_ref().take(*width).collect());
        }
        texts
    };
    Ok(text.split_terminator(file.line_end).map(record).collect())
}

/// The content of a payment's field, fitted to the format.
pub(crate) fn of_payment(
    context: &ExportContext<'_>,
    field: &Field,
    payee: &ExportPayee<'_>,
) -> Result<Result<String, FieldFault>> {
    let text = text(context, field, payee)?;
    Ok(text.and_then(|text| field.fit(&text, &context.layout.file)))
}

/// The content of a payment's field.
pub(crate) fn text(
    context: &ExportContext<'_>,
    field: &Field,
    payee: &ExportPayee<'_>,
) -> Result<Result<String, FieldFault>> {
    let currency = context.plan.settlement.currency;
    Ok(match &field.value {
        FieldValue::Text(text) => Ok(text.clone()),
        FieldValue::Column(column) => {
            let cell = payee.cells.text(*column);
            good(cell, context.plan.columns.name(*column), field.check).map(|()| cell.to_owned())
        }
        FieldValue::Id => Ok(payee.id.to_owned()),
        FieldValue::Payout(_) if field.whole => whole(payee.payout, currency),
        FieldValue::Payout(amount) => Ok(amount.text(payee.payout, currency)),
        FieldValue::Number(first) => number(*first, payee.number),
        FieldValue::Count | FieldValue::Total(_) | FieldValue::File => {
            return Err(Bug::new("a row has a field about a file").into());
        }
    })
}

/// Checks that a cell has a value, and that it passes the layout's validation.
fn good(cell: &str, column: &str, check: Option<FieldCheck>) -> Result<(), FieldFault> {
    if let Some(fault) = damaged_cells::of(cell, column) {
        return Err(fault);
    }
    match check {
        Some(FieldCheck::Recipient { venmo }) if !cell.is_empty() => recipient::check(cell, venmo),
        _ => Ok(()),
    }
}

/// A payout without decimals.
fn whole(payout: Money, currency: Currency) -> Result<String, FieldFault> {
    let text = currency.text(payout);
    let Some((whole, decimals)) = text.split_once('.') else {
        return Ok(text);
    };
    if decimals.bytes().all(|digit| digit == b'0') {
        return Ok(whole.to_owned());
    }
    Err(FieldFault::new(
        format!(
            "the payout is {text} {code}, but the receiver accepts {code} only in whole amounts",
            code = currency.code()
        ),
        "leave this claimant out with `--when`, or `when` in the layout, and pay the claimant in another way",
    ))
}

/// Checks the fields that are the same in every row: a text that does not fit is a
/// problem of the layout, not of each claimant.
pub(crate) fn check_constants(context: &ExportContext<'_>) -> Result<()> {
    let lines = RecordLines::new(&context.layout.file);
    for field in &context.layout.fields {
        let FieldValue::Text(text) = &field.value else {
            continue;
        };
        let fit = field.fit(text, &context.layout.file);
        let fit = fit.and_then(|text| lines.takes(text));
        fit.map_err(|fault| of_layout(context, &fault))?;
    }
    Ok(())
}

/// The sequence number of a payment.
fn number(first: u64, payment: u64) -> Result<String, FieldFault> {
    let number = first.checked_add(payment - 1);
    let number = number.map(|number| number.to_string());
    number.ok_or_else(|| {
        FieldFault::new(
            "the sequence number is too large",
            "start at a smaller number",
        )
    })
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
        fit.map_err(|fault| of_layout(context, &fault).into())
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
        fill: crate::export::layout::FieldPadding {
            align: crate::export::layout::FieldAlign::Left,
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

/// The error for a problem with the layout or with its settings.
pub(crate) fn of_layout(context: &ExportContext<'_>, fault: &FieldFault) -> Problem {
    let name = literal(&context.layout.name);
    Problem::new(
        format!("in the layout {name}: {}", fault.problem),
        fault.hint.clone(),
    )
}

/// Writes lines.
struct RecordLines {
    form: LayoutFormat,
    line_end: &'static str,
    fixed: Vec<u8>,
    delimited: csv::Writer<Vec<u8>>,
}

impl RecordLines {
    fn new(file: &FileRules) -> Self {
        let mut builder = WriterBuilder::new();
        builder.flexible(true);
        builder.terminator(match file.line_end {
            "\n" => Terminator::Any(b'\n'),
            _ => Terminator::CRLF,
        });
        if let LayoutFormat::Delimited { delimiter, quote } = file.form {
            builder.delimiter(delimiter);
            builder.quote_style(match quote {
                QuoteRule::Needed => QuoteStyle::Necessary,
                QuoteRule::Always => QuoteStyle::Always,
                QuoteRule::Never => QuoteStyle::Never,
            });
        }
        Self {
            form: file.form,
            line_end: file.line_end,
            fixed: Vec::new(),
            delimited: builder.from_writer(Vec::new()),
        }
    }

    /// Checks that a line can contain a text.
    fn takes(&self, text: String) -> Result<String, FieldFault> {
        let LayoutFormat::Delimited {
            delimiter,
            quote: QuoteRule::Never,
        } = self.form
        else {
            return Ok(text);
        };
        if !text.contains([char::from(delimiter), '"']) {
            return Ok(text);
        }
        Err(FieldFault::new(
            format!(
                "{} needs quotes, but the layout does not write quotes",
                literal(&text)
            ),
            "remove quotes and separators, or allow quotes in the layout: `quote = \"needed\"`",
        ))
    }

    /// Adds a line about the file.
    fn add_about_file(&mut self, context: &ExportContext<'_>, texts: Vec<String>) -> Result<()> {
        let taken: Result<Vec<String>, FieldFault> =
            texts.into_iter().map(|text| self.takes(text)).collect();
        self.add(&taken.map_err(|fault| of_layout(context, &fault))?)
    }

    fn add(&mut self, texts: &[String]) -> Result<()> {
        if self.form == LayoutFormat::Fixed {
            for text in texts {
                self.fixed.extend_from_slice(text.as_bytes());
            }
            self.fixed.extend_from_slice(self.line_end.as_bytes());
        } else {
            self.delimited.write_record(texts)?;
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<u8>> {
        if self.form == LayoutFormat::Fixed {
            return Ok(self.fixed);
        }
        let bytes = self.delimited.into_inner();
        bytes.map_err(|error| Bug::new(error.to_string()).into())
    }
}
