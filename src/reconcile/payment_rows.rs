//! payments.csv, and the rows that only later reconciliations read.

use anyhow::Result;

use crate::base::csv_text::push_cell;
use crate::base::dates::Date;
use crate::base::money::{Currency, Money};
use crate::plan::Choice as _;
use crate::reconcile::account::ChecksMailed;
use crate::reconcile::book::{Book, Payout};
use crate::reconcile::chain::Chain;
use crate::reconcile::output::RowWriter;
use crate::reconcile::saved::{UNISSUED, place};
use crate::reconcile::states::History;
use crate::reconcile::tally::Tally;

/// The writing of payments.csv.
struct PaymentRows<'a, 'o> {
    book: &'a Book,
    chain: &'a Chain,
    currency: Currency,
    file: &'a mut RowWriter<'o>,
    line: String,
}

/// Writes every payment, run after run and export after export; at the end of each run its
/// payouts that are in no export. Returns the checks that were mailed.
pub(crate) fn write(
    book: &Book,
    chain: &Chain,
    tally: &Tally,
    currency: Currency,
    file: &mut RowWriter<'_>,
) -> Result<ChecksMailed> {
    let portion = if book.has_portions() { "portion," } else { "" };
    file.line(&format!(
        "claimant_id,{portion}run,export,number,issued,amount,status,date,refunded\n"
    ))?;
    let mut rows = PaymentRows {
        book,
        chain,
        currency,
        file,
        line: String::new(),
    };
    let mut checks = ChecksMailed::default();
    for run in (0_u16..).take(chain.runs.len()) {
        for export in book.exports.iter().filter(|export| export.run == run) {
            for payment in export.first..export.end {
                rows.payment(payment)?;
                let whole = book.payment(payment);
                if export.is_check && !whole.is_part {
                    checks.all.add(book.amount(payment));
                    if !whole.is_live() {
                        checks.back.add(book.amount(payment));
                    }
                }
            }
        }
        let places = 0..place(book.payouts.len());
        for payout in places.filter(|payout| book.payout(*payout).run == run) {
            if tally.state(payout).payments == 0 {
                rows.unissued(book.payout(payout))?;
            }
        }
    }
    Ok(checks)
}

/// The number of whole payments of each export.
pub(crate) fn by_export(book: &Book) -> Vec<u64> {
    let exports = book.exports.iter().map(|export| {
        let payments = export.first..export.end;
        let whole = payments.filter(|payment| !book.payment(*payment).is_part);
        whole.map(|_| 1_u64).sum()
    });
    exports.collect()
}

impl PaymentRows<'_, '_> {
    fn begin(&mut self, payout: &Payout) {
        self.line.clear();
        push_cell(&mut self.line, self.book.claimants.id(payout.claimant));
        if self.book.has_portions() {
            let name = self.book.portions.get(usize::from(payout.portion));
            self.cell(name.map_or("", String::as_str));
        }
        let run = self.chain.runs.get(usize::from(payout.run));
        self.cell(run.map_or("", |run| run.name.as_str()));
    }

    fn cell(&mut self, cell: &str) {
        self.line.push(',');
        push_cell(&mut self.line, cell);
    }

    fn date(&mut self, date: Option<Date>) {
        self.line.push(',');
        if let Some(date) = date {
            self.line.push_str(&date.to_string());
        }
    }

    fn money(&mut self, money: Money) {
        let text = self.currency.text(money);
        self.cell(&text);
    }

    fn end(&mut self) -> Result<()> {
        self.line.push('\n');
        self.file.line(&self.line)
    }

    fn payment(&mut self, payment: u32) -> Result<()> {
        let book = self.book;
        let of = book.payment(payment);
        let payout = *book.payout(of.payout);
        self.begin(&payout);
        let names = self.chain.paying().nth(usize::from(of.export));
        self.cell(names.map_or("", |export| export.name.as_str()));
        self.cell(book.numbers.get(payment));
        self.date(book.export(payment).issued);
        self.money(payout.amount);
        self.cell(of.state.word());
        self.date(of.date);
        self.money(book.refund(payment));
        self.end()
    }

    fn unissued(&mut self, payout: &Payout) -> Result<()> {
        self.begin(payout);
        self.line.push_str(",,,");
        self.money(payout.amount);
        self.cell(UNISSUED);
        self.date(None);
        self.money(Money::ZERO);
        self.end()
    }
}

/// Writes the payouts whose money was brought forward into a later run.
pub(crate) fn write_lapsed(
    book: &Book,
    chain: &Chain,
    currency: Currency,
    file: &mut RowWriter<'_>,
) -> Result<()> {
    let portion = if book.has_portions() { "portion," } else { "" };
    file.line(&format!("claimant_id,{portion}run,amount\n"))?;
    let mut rows = PaymentRows {
        book,
        chain,
        currency,
        file,
        line: String::new(),
    };
    for payout in book.payouts.iter().filter(|payout| payout.lapsed) {
        rows.begin(payout);
        rows.money(payout.amount);
        rows.end()?;
    }
    Ok(())
}

/// Writes all that is known of payments of which several things are known. A payment is
/// named by its position among the payments of payments.csv.
pub(crate) fn write_history(
    book: &Book,
    history: &History,
    currency: Currency,
    file: &mut RowWriter<'_>,
) -> Result<()> {
    file.line("payment,date,status,refunded\n")?;
    for (number, payment) in (1_u64..).zip(book.in_order()) {
        for fact in history.get(&payment).into_iter().flatten() {
            let refund = currency.text(fact.refund.unwrap_or(Money::ZERO));
            let (date, word) = (fact.date, fact.word.word());
            file.line(&format!("{number},{date},{word},{refund}\n"))?;
        }
    }
    Ok(())
}
