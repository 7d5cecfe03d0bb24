//! ACH files of direct deposits in the format of the Nacha Operating Rules: records of
//! 94 characters, in blocks of ten.
//!
//! | record | what it is |
//! |---|---|
//! | 1 | the file: who sends it to whom, and when |
//! | 5 | the batch: who pays, what for, and on which day |
//! | 6 | an entry: bank, account, amount, claimant |
//! | 8 | the batch once more: entries, hash, totals |
//! | 9 | the file once more: batches, blocks, entries, hash, totals |
//!
//! A file has one batch. Batches and entries are counted over all files. The hash
//! is the sum of the first eight digits of the routing numbers, of which the last
//! ten digits are kept.

mod file_facts;
pub(crate) mod layout_rules;
mod settings;

use anyhow::Result;

use crate::base::diagnostics::{Bug, Problem, literal};
use crate::base::money::{Currency, Money};
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportContext, ExportPayee, FileLimits, PaymentBatch};
use crate::export::layout::{AchTerms, AmountFormat, FieldAlign, FieldFault, FieldPadding, Layout};
use crate::export::nacha::file_facts::WIDTH;
pub(crate) use crate::export::nacha::file_facts::{AchClash, AchFileFacts};
use crate::export::nacha::layout_rules::{
    CHECKING, NachaCheck, check_account, check_routing, check_type, within,
};
pub(crate) use crate::export::nacha::settings::{LARGEST_NUMBER, MODIFIERS};
use crate::export::row_files::{of_layout, of_payment, text};

/// Records per block.
const BLOCK: usize = 10;

/// The maximum number of entries in a batch, limited by a count of six digits.
const MOST_ENTRIES: u64 = 999_999;

/// The maximum amount of an entry, in ten digits.
const LARGEST_ENTRY: Money = Money(9_999_999_999);

/// The maximum total, in twelve digits.
const LARGEST_TOTAL: Money = Money(999_999_999_999);

/// The account that receives an entry.
struct EntryDetail<'a> {
    code: &'a str,
    routing: &'a str,
    account: &'a str,
    amount: Money,
    identification: &'a str,
    name: &'a str,
}

/// The sums of a batch.
#[derive(Default)]
struct BatchSums {
    entries: u64,
    hash: u64,
    credits: Money,
    debits: Money,
}

/// The limits of a file.
pub(crate) fn limits(context: &ExportContext<'_>) -> Result<FileLimits> {
    let layout = context.layout;
    let currency = context.plan.settlement.currency;
    if currency != Currency::USD {
        let message = format!(
            "ACH files are in US dollars, but the settlement is in {}",
            currency.code()
        );
        let hint = "use the layout of a bank that pays in this currency";
        return Err(Problem::new(message, hint).into());
    }
    let offset = terms(layout)?.offset.is_some();
    let of_form = FileLimits {
        rows: Some(MOST_ENTRIES - u64::from(offset)),
        // The debit that balances a file is an entry, too.
        total: Some(if offset { LARGEST_ENTRY } else { LARGEST_TOTAL }),
        largest: Some(LARGEST_ENTRY),
    };
    Ok(FileLimits::of(layout).and(of_form))
}

fn terms(layout: &Layout) -> Result<&AchTerms, Bug> {
    let terms = layout.ach.as_ref();
    terms.ok_or_else(|| Bug::new("an ACH layout has no terms"))
}

/// The trace number of a payment: the bank, and the position of the entry among all
/// files.
pub(crate) fn trace(context: &ExportContext<'_>, payee: &ExportPayee<'_>) -> Result<String> {
    let terms = terms(context.layout)?;
    trace_number(terms, payee.number, payee.file)
}

/// The trace number of an entry after this number of payments and, in balanced files,
/// after the debits of earlier files.
fn trace_number(terms: &AchTerms, payment: u64, file: u64) -> Result<String> {
    let debits = if terms.offset.is_some() { file - 1 } else { 0 };
    let number = terms.first_trace.checked_add(payment - 1 + debits);
    let number = number.filter(|number| *number <= LARGEST_NUMBER);
    let number = number.ok_or_else(|| counted_out("trace", "first_trace"))?;
    Ok(format!("{}{number:07}", terms.bank))
}

fn counted_out(what: &str, setting: &str) -> Problem {
    Problem::new(
        format!("the {what} numbers would exceed {LARGEST_NUMBER}"),
        format!("start at a smaller number: `--set {setting}=…`"),
    )
}

pub(crate) fn file(
    context: &ExportContext<'_>,
    batch: &PaymentBatch<'_>,
    problems: &mut ProblemList,
) -> Result<Vec<u8>> {
    let terms = terms(context.layout)?;
    let class = if terms.offset.is_some() { "200" } else { "220" };
    let number = terms.first_batch.checked_add(batch.number - 1);
    let number = number.filter(|number| *number <= LARGEST_NUMBER);
    let number = number.ok_or_else(|| counted_out("batch", "first_batch"))?;
    let mut records = RecordWriter {
        context,
        terms,
        class,
        batch: format!("{number:07}"),
        list: Vec::new(),
    };
    records.file_header(batch.number)?;
    records.batch_header()?;
    let mut sums = BatchSums::default();
    for payee in context.payees(batch) {
        let payee = payee?;
        records.payment(&payee, &mut sums, problems)?;
    }
    // A payment too large for an entry, and therefore for the debit, was reported
    // before.
    if let Some([routing, account]) = &terms.offset
        && batch.total <= LARGEST_ENTRY
    {
        let [company, _] = &terms.company;
        let debit = EntryDetail {
            code: "27",
            routing,
            account,
            amount: batch.total,
            identification: "",
            name: company,
        };
        let before = batch.before + u64::try_from(batch.payments.len())?;
        records.entry(&debit, &trace_number(terms, before + 1, batch.number)?)?;
        sums.add(records.written()?, &debit, false)?;
    }
    if problems.is_empty() && sums.credits != batch.total {
        return Err(Bug::new("the entries of a batch do not add up to its total").into());
    }
    records.controls(&sums)?;
    let bytes = records.finish();
    if problems.is_empty() && AchFileFacts::read(&bytes).is_none() {
        return Err(Bug::new("a written ACH file cannot be read back").into());
    }
    Ok(bytes)
}

impl BatchSums {
    /// Adds an entry with the amount as written.
    fn add(&mut self, written: Money, entry: &EntryDetail<'_>, credit: bool) -> Result<()> {
        if written != entry.amount {
            return Err(Bug::new("a written payout differs from the payout").into());
        }
        let bank = entry
            .routing
            .get(..8)
            .and_then(|bank| bank.parse::<u64>().ok());
        self.hash +=
            bank.ok_or_else(|| Bug::new("a routing number has fewer than eight digits"))?;
        self.entries += 1;
        let side = if credit {
            &mut self.credits
        } else {
            &mut self.debits
        };
        let sum = side.plus(written);
        *side = sum.ok_or_else(|| Bug::new("the sum of a batch is too large"))?;
        Ok(())
    }
}

/// Writes the records of a file.
struct RecordWriter<'a> {
    context: &'a ExportContext<'a>,
    terms: &'a AchTerms,
    /// The service class code of the batch.
    class: &'a str,
    batch: String,
    list: Vec<String>,
}

impl RecordWriter<'_> {
    fn file_header(&mut self, number: u64) -> Result<()> {
        let [destination, destination_name] = &self.terms.destination;
        let [origin, origin_name] = &self.terms.origin;
        let [day, time] = &self.terms.created;
        self.add(&[
            "1",
            "01",
            &format!(" {destination}"),
            &right(origin, 10, ' '),
            day,
            time,
            modifier(self.terms, number)?,
            "094",
            "10",
            "1",
            &left(destination_name, 23),
            &left(origin_name, 23),
            &left("", 8),
        ])
    }

    fn batch_header(&mut self) -> Result<()> {
        let [company, id] = &self.terms.company;
        let batch = self.batch.clone();
        self.add(&[
            "5",
            self.class,
            &left(company, 16),
            &left("", 20),
            &left(id, 10),
            "PPD",
            &left(&self.terms.description, 10),
            &left("", 6),
            &self.terms.date,
            &left("", 3),
            "1",
            &self.terms.bank,
            &batch,
        ])
    }

    /// Writes the entry of a payment; a text that does not fit is reported.
    fn payment(
        &mut self,
        payee: &ExportPayee<'_>,
        sums: &mut BatchSums,
        problems: &mut ProblemList,
    ) -> Result<()> {
        let context = self.context;
        let mut of_field = |name: &str, check: Option<NachaCheck>| -> Result<Option<String>> {
            let field = context.layout.field(name);
            let field = field.ok_or_else(|| Bug::new("an ACH layout lacks a column"))?;
            let mut fit = of_payment(context, field, payee)?;
            // A text that is not truncated must fit as it is.
            if name != "payee" {
                let whole = text(context, field, payee)?;
                fit = whole.and_then(|whole| within(field, &whole)).and(fit);
            }
            let fit = fit.and_then(|text| {
                within(field, &text)?;
                check.map_or(Ok(()), |check| check(&text)).map(|()| text)
            });
            Ok(fit
                .map_err(|fault| problems.add(context.fault(field, payee, fault)))
                .ok())
        };
        let texts = (
            of_field("routing", Some(check_routing))?,
            of_field("account", Some(check_account))?,
            of_field("account_type", Some(check_type))?,
            of_field("identification", None)?,
            of_field("payee", None)?,
        );
        let (Some(routing), Some(account), Some(kind), Some(identification), Some(name)) = texts
        else {
            return Ok(());
        };
        // A larger amount was reported before.
        if payee.payout > LARGEST_ENTRY {
            return Ok(());
        }
        let credit = EntryDetail {
            code: if kind == CHECKING { "22" } else { "32" },
            routing: &routing,
            account: &account,
            amount: payee.payout,
            identification: &identification,
            name: &name,
        };
        self.entry(&credit, &trace(context, payee)?)?;
        sums.add(self.written()?, &credit, true)
    }

    fn entry(&mut self, entry: &EntryDetail<'_>, trace: &str) -> Result<()> {
        self.add(&[
            "6",
            entry.code,
            entry.routing,
            &left(entry.account, 17),
            &cents(entry.amount, 10),
            &left(entry.identification, 15),
            &left(entry.name, 22),
            "  ",
            "0",
            trace,
        ])
    }

    /// The amount of the last entry, read back from its record.
    fn written(&self) -> Result<Money> {
        let amount = self.list.last().and_then(|record| record.get(29..39));
        let amount = amount.and_then(|amount| AmountFormat::Minor.read(amount, Currency::USD));
        amount.ok_or_else(|| Bug::new("a written payout cannot be read back").into())
    }

    fn controls(&mut self, sums: &BatchSums) -> Result<()> {
        let [_, company] = &self.terms.company;
        let batch = self.batch.clone();
        let hash = sums.hash % 10_000_000_000;
        let hash = format!("{hash:010}");
        let (debits, credits) = (cents(sums.debits, 12), cents(sums.credits, 12));
        self.add(&[
            "8",
            self.class,
            &format!("{:06}", sums.entries),
            &hash,
            &debits,
            &credits,
            &left(company, 10),
            &left("", 19),
            &left("", 6),
            &self.terms.bank,
            &batch,
        ])?;
        let blocks = (self.list.len() + 1).div_ceil(BLOCK);
        self.add(&[
            "9",
            "000001",
            &format!("{blocks:06}"),
            &format!("{:08}", sums.entries),
            &hash,
            &debits,
            &credits,
            &left("", 39),
        ])
    }

    /// Adds a record, which must have the prescribed width.
    fn add(&mut self, parts: &[&str]) -> Result<()> {
        let record: String = parts.concat();
        if let Some(c) = record.chars().find(|c| !(' '..='~').contains(c)) {
            let fault = FieldFault::new(
                format!("a setting contains `{c}`, but ACH files are limited to ASCII"),
                "write the settings in plain letters",
            );
            return Err(of_layout(self.context, &fault).into());
        }
        if record.len() != WIDTH {
            return Err(Bug::new("a record does not have 94 characters").into());
        }
        self.list.push(record);
        Ok(())
    }

    /// Fills the last block and returns the file.
    fn finish(mut self) -> Vec<u8> {
        while !self.list.len().is_multiple_of(BLOCK) {
            self.list.push("9".repeat(WIDTH));
        }
        let line_end = self.context.layout.file.line_end;
        let mut bytes = Vec::with_capacity(self.list.len() * (WIDTH + line_end.len()));
        for record in self.list {
            bytes.extend_from_slice(record.as_bytes());
            bytes.extend_from_slice(line_end.as_bytes());
        }
        bytes
    }
}

/// The modifier that distinguishes a file from others of the day.
fn modifier(terms: &AchTerms, number: u64) -> Result<&'static str> {
    let place = terms.modifier + usize::try_from(number - 1)?;
    let modifier = MODIFIERS.get(place..=place);
    let refuse = || {
        let first = MODIFIERS.get(terms.modifier..=terms.modifier);
        let message = format!(
            "no modifier is left for file {number}: the first file has {}, and the last modifier is `9`",
            literal(first.unwrap_or("none"))
        );
        Problem::new(
            message,
            "start at an earlier unused modifier (`--set modifier=…`), or export in parts with `--when`",
        )
    };
    Ok(modifier.ok_or_else(refuse)?)
}

fn cents(amount: Money, width: usize) -> String {
    right(&amount.0.to_string(), width, '0')
}

fn left(text: &str, width: usize) -> String {
    let align = FieldAlign::Left;
    FieldPadding { align, with: ' ' }.up(text, width)
}

fn right(text: &str, width: usize, filling: char) -> String {
    let fill = FieldPadding {
        align: FieldAlign::Right,
        with: filling,
    };
    fill.up(text, width)
}
