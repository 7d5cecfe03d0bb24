//! ACH files of direct deposits in the format of the Nacha Operating Rules: records of
//! 94 characters, in blocks of ten. A file has one batch. Batches and entries are
//! counted over all files.

mod entry;
mod file_facts;
mod numbering;
mod records;
mod terms;

use anyhow::Result;

use crate::base::diagnostics::{Bug, literal};
use crate::base::money::{Currency, Money};
use crate::claims::problem_list::ProblemList;
use crate::export::context::{ExportContext, ExportFile, PaymentBatch};
use crate::export::formats::nacha::entry::{AchEntry, EntryColumn, EntryKind};
use crate::export::formats::nacha::file_facts::AchFileFacts;
use crate::export::formats::nacha::records::AchFile;
use crate::export::formats::nacha::terms::AchTerms;
use crate::export::layout::{
    AmountFormat, FieldValue, FileFacts, FileLimits, Layout, PaymentFormat, PaymentNumbers,
};
use crate::export::messages;

/// The maximum number of entries in a batch, limited by a count of six digits.
const MOST_ENTRIES: u64 = 999_999;

/// The maximum amount of an entry, in ten digits.
const LARGEST_ENTRY: Money = Money(9_999_999_999);

/// The maximum total, in twelve digits.
const LARGEST_TOTAL: Money = Money(999_999_999_999);

#[derive(Debug)]
pub(super) struct Nacha;

impl PaymentFormat for Nacha {
    fn needs_date(&self) -> bool {
        true
    }

    fn reads_setting(&self, name: &str) -> bool {
        terms::has_setting(name)
    }

    fn unread_setting(&self, name: &str) -> String {
        format!("an ACH layout allows only the settings of `nacha-ppd`; remove [setting.{name}]")
    }

    fn check(&self, layout: &Layout) -> Result<()> {
        layout.check_rows()?;
        let shown = layout.shown();
        for (column, name, _) in EntryColumn::ALL {
            let (field, name) = (layout.field(name), literal(name));
            let field = field.ok_or_else(|| messages::ach_column_missing(&shown, &name))?;
            if (field.cut || !field.accents) && column != EntryColumn::Payee {
                return Err(messages::ach_column_altered(&shown, &name).into());
            }
            let is_amount = field.value == FieldValue::Payout(AmountFormat::Minor);
            if (column == EntryColumn::Payout) != is_amount {
                return Err(messages::ach_amount_misplaced(&shown, &name).into());
            }
        }
        let names = EntryColumn::ALL.map(|(_, name, _)| name);
        let mut fields = layout.fields.iter().map(|field| &*field.name);
        if let Some(name) = fields.find(|name| !names.contains(name)) {
            return Err(messages::not_an_ach_column(&shown, &literal(name)).into());
        }
        terms::settings(layout)?;
        let file = &layout.file;
        let records = [&layout.before, &layout.after];
        if file.header || !file.ascii || records.iter().any(|records| !records.is_empty()) {
            return Err(messages::not_ach_keys(&shown).into());
        }
        Ok(())
    }

    fn limits(&self, context: &ExportContext<'_>) -> Result<FileLimits> {
        let currency = context.run.plan.settlement.currency;
        if currency != Currency::USD {
            return Err(messages::not_in_dollars(currency.code()).into());
        }
        // The debit that balances a file is an entry, too.
        let (rows, total) = match AchTerms::of(context.layout)?.offset {
            Some(_) => (MOST_ENTRIES - 1, LARGEST_ENTRY),
            None => (MOST_ENTRIES, LARGEST_TOTAL),
        };
        let own = context.layout.file.limits;
        Ok(FileLimits {
            rows: own.rows.into_iter().chain([rows]).min(),
            total: own.total.into_iter().chain([total]).min(),
            largest: own.largest.into_iter().chain([LARGEST_ENTRY]).min(),
        })
    }

    fn numbers(&self, layout: &Layout) -> Result<Option<PaymentNumbers>> {
        AchTerms::of(layout).map(|terms| Some(terms.traces()))
    }

    fn files(
        &self,
        batch: &PaymentBatch<'_>,
        problems: &mut ProblemList,
    ) -> Result<Vec<ExportFile>> {
        let layout = batch.export.layout;
        let terms = AchTerms::of(layout)?;
        terms.check_ascii(layout)?;
        let mut file = AchFile::new(&terms, batch.number, layout.file.line_end)?;
        for payee in batch.payees() {
            let payee = payee?;
            let entry = AchEntry::of(&payee, problems)?;
            // A larger amount was reported before.
            if let Some(entry) = entry.filter(|entry| entry.amount <= LARGEST_ENTRY) {
                file.add(&entry, &payee.payment_number()?)?;
            }
        }
        // A payment too large for an entry, and therefore for the debit, was reported
        // before.
        if let Some([routing, account]) = terms.offset
            && batch.total <= LARGEST_ENTRY
        {
            let [company, _] = terms.company;
            let debit = AchEntry {
                kind: EntryKind::CheckingDebit,
                routing: routing.to_owned(),
                account: account.to_owned(),
                amount: batch.total,
                identification: String::new(),
                name: company.to_owned(),
            };
            let payments = batch.before + u64::try_from(batch.payments.len())?;
            let trace = terms.traces().text(payments + 1, batch.number)?;
            file.add(&debit, &trace)?;
        }
        if problems.is_empty() && file.credits != batch.total {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::find_shipped;
    use crate::export::layout::LayoutChoices;
    use crate::plan::Plan;

    const PLAN: &str =
        "[settlement]\nname = \"S\"\n[fund]\namount = 1\n[[pool]]\nname = \"p\"\nshares = 1\n";

    /// The layout `nacha-ppd` with these settings in addition to the required ones.
    pub(super) fn layout(date: &str, settings: &[(&str, &str)]) -> Result<Layout> {
        let required = [
            ("destination", "091000019"),
            ("destination_name", "First Bank"),
            ("origin", "1234567890"),
            ("company_name", "SETTLEMENT FUND"),
        ];
        let all = required.iter().chain(settings);
        let choices = LayoutChoices {
            date: Some(date.to_owned()),
            settings: all
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
            ..LayoutChoices::default()
        };
        let source = find_shipped("nacha-ppd").unwrap();
        let mut plan = Plan::from_text("plan.toml", PLAN).unwrap();
        Layout::load(&source, &find_shipped, &choices, &mut plan)
    }

    #[test]
    fn payments_have_trace_numbers_of_the_bank_and_debits_take_one_in_each_file() {
        let of = |settings: &[_]| {
            let numbers = layout("2026-12-01", settings).unwrap().numbers.unwrap();
            let text = |payment, file| numbers.text(payment, file).unwrap();
            [text(1, 1), text(3, 1), text(4, 2), text(7, 3)]
        };
        let numbers = |last: [u32; 4]| last.map(|last| format!("09100001{last:07}"));
        assert_eq!(of(&[]), numbers([1, 3, 4, 7]));
        assert_eq!(of(&[("first_trace", "90")]), numbers([90, 92, 93, 96]));
        let offset = [("offset_routing", "021000021"), ("offset_account", "1")];
        assert_eq!(of(&offset), numbers([1, 3, 5, 9]));
        let odfi = layout("2026-12-01", &[("odfi", "021000021")]).unwrap();
        assert_eq!(odfi.numbers.unwrap().text(1, 1).unwrap(), "021000020000001");
    }

    #[test]
    fn trace_numbers_have_seven_digits() {
        let layout = layout("2026-12-01", &[("first_trace", "9999998")]).unwrap();
        let numbers = layout.numbers.unwrap();
        assert_eq!(numbers.text(2, 1).unwrap(), "091000019999999");
        let problem = numbers.text(3, 1).unwrap_err();
        assert_eq!(problem.text, "the trace numbers would exceed 9999999");
        assert!(numbers.text(u64::MAX, 1).is_err());
    }
}
