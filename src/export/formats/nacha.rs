//! ACH files of direct deposits in the format of the Nacha Operating Rules: records of
//! 94 characters, in blocks of ten. A file has one batch. Batches and entries are
//! counted over all files.

mod entry;
mod file_facts;
mod layout_rules;
mod numbering;
mod records;
mod terms;

use anyhow::Result;

use crate::base::diagnostics::{Bug, Problem};
use crate::base::money::{Currency, Money};
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportContext, ExportFile, PaymentBatch};
use crate::export::formats::nacha::entry::{AchEntry, EntryKind};
use crate::export::formats::nacha::file_facts::AchFileFacts;
use crate::export::formats::nacha::records::AchFile;
use crate::export::formats::nacha::terms::AchTerms;
use crate::export::layout::{FileFacts, FileLimits, Layout, PaymentFormat, PaymentNumbers};

/// The maximum number of entries in a batch, limited by a count of six digits.
const MOST_ENTRIES: u64 = 999_999;

/// The maximum amount of an entry, in ten digits.
const LARGEST_ENTRY: Money = Money(9_999_999_999);

/// The maximum total, in twelve digits.
const LARGEST_TOTAL: Money = Money(999_999_999_999);

#[derive(Debug)]
pub(super) struct Nacha;

impl PaymentFormat for Nacha {
    fn word(&self) -> &'static str {
        "nacha"
    }

    fn needs_date(&self) -> bool {
        true
    }

    fn reads_setting(&self, name: &str) -> bool {
        layout_rules::has_setting(name)
    }

    fn unread_setting(&self, name: &str) -> String {
        format!("an ACH layout allows only the settings of `nacha-ppd`; remove [setting.{name}]")
    }

    fn check(&self, layout: &Layout) -> Result<()> {
        layout.check_rows()?;
        layout_rules::check(layout)?;
        AchTerms::of(layout).map(drop)
    }

    fn limits(&self, context: &ExportContext<'_>) -> Result<FileLimits> {
        let currency = context.plan.settlement.currency;
        if currency != Currency::USD {
            let message = format!(
                "ACH files are in US dollars, but the settlement is in {}",
                currency.code()
            );
            let hint = "use the layout of a bank that pays in this currency";
            return Err(Problem::new(message, hint).into());
        }
        let offset = AchTerms::of(context.layout)?.offset.is_some();
        let of_format = FileLimits {
            rows: Some(MOST_ENTRIES - u64::from(offset)),
            // The debit that balances a file is an entry, too.
            total: Some(if offset { LARGEST_ENTRY } else { LARGEST_TOTAL }),
            largest: Some(LARGEST_ENTRY),
        };
        Ok(context.layout.file.limits.and(of_format))
    }

    fn numbers(&self, layout: &Layout) -> Result<Option<PaymentNumbers>> {
        AchTerms::of(layout).map(|terms| Some(terms.traces()))
    }

    fn files(
        &self,
        context: &ExportContext<'_>,
        batch: &PaymentBatch<'_>,
        problems: &mut ProblemList,
    ) -> Result<Vec<ExportFile>> {
        let layout = context.layout;
        let terms = AchTerms::of(layout)?;
        terms
            .check_ascii()
            .map_err(|fault| layout.problem(&fault))?;
        let mut file = AchFile::new(&terms, batch.number, layout.file.line_end)?;
        for payee in context.payees(batch) {
            let payee = payee?;
            let entry = AchEntry::of(context, &payee, problems)?;
            // A larger amount was reported before.
            if let Some(entry) = entry.filter(|entry| entry.amount <= LARGEST_ENTRY) {
                file.add(&entry, &context.number_of(&payee)?)?;
            }
        }
        // A payment too large for an entry, and therefore for the debit, was reported
        // before.
        if let Some([routing, account]) = &terms.offset
            && batch.total <= LARGEST_ENTRY
        {
            let [company, _] = &terms.company;
            let debit = AchEntry {
                kind: EntryKind::CheckingDebit,
                routing: routing.clone(),
                account: account.clone(),
                amount: batch.total,
                identification: String::new(),
                name: company.clone(),
            };
            let payments = batch.before + u64::try_from(batch.payments.len())?;
            let trace = terms.traces().text(payments + 1, batch.number)?;
            file.add(&debit, &trace)?;
        }
        if problems.is_empty() && file.credits() != batch.total {
            return Err(Bug::new("the entries of a batch do not add up to its total").into());
        }
        let bytes = file.finish()?;
        if problems.is_empty() && AchFileFacts::read(&bytes).is_none() {
            return Err(Bug::new("a written ACH file cannot be read back").into());
        }
        Ok(vec![ExportFile::new(&batch.name, bytes)])
    }

    fn continues_numbers(&self) -> bool {
        true
    }

    fn facts(&self, bytes: &[u8]) -> Option<Box<dyn FileFacts>> {
        Some(Box::new(AchFileFacts::read(bytes)?))
    }

    fn go_on(
        &self,
        layout: &Layout,
        earlier: &[&dyn FileFacts],
    ) -> Result<Vec<(&'static str, String)>> {
        numbering::go_on(layout, earlier)
    }
}
