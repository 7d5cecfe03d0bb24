//! Finds the payment that a row of outcomes is about: the one that fits every cell that
//! the row has.

use anyhow::Result;

use crate::base::dates::Date;
use crate::base::diagnostics::{Message, listing, literal, nearest};
use crate::base::money::{Currency, Money};
use crate::claims::problem_list::ProblemList;
use crate::plan::Choice as _;
use crate::plan::column::fold;
use crate::reconcile::book::{Book, PaymentIndex, comparable};
use crate::reconcile::chain::grouped;
use crate::reconcile::facts::{Facts, OutcomeWord};
use crate::reconcile::messages;
use crate::reconcile::outcomes::{OutcomeCell, OutcomeFile, OutcomeRow};

/// Above this number of payments, an id that is similar to an unknown one is not looked
/// for.
const MOST_SEARCHED: u32 = 100_000;

/// What a row says of a payment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fact {
    pub payment: u32,
    pub date: Date,
    pub word: OutcomeWord,
    /// How much came back, if it is a refund.
    pub refund: Option<Money>,
    /// The position of the file in the facts, and the row.
    pub place: Option<(u16, u32)>,
}

/// The payments that rows can be about.
pub(crate) struct Matcher<'b> {
    pub book: &'b Book,
    pub index: &'b PaymentIndex,
    /// The names of the exports.
    pub exports: &'b [String],
    pub facts: &'b Facts,
    pub currency: Currency,
    /// Numbers that pay no claimant, as they are compared.
    pub others: &'b [String],
}

impl Matcher<'_> {
    /// Reads the rows of a file, and adds what they say.
    pub(crate) fn file(
        &self,
        place: u16,
        file: &OutcomeFile<'_>,
        facts: &mut Vec<Fact>,
        problems: &mut ProblemList,
    ) -> Result<RowSums> {
        let mut sums = RowSums::default();
        let mut broken = None;
        file.each_row(self.currency, problems, |row, problems| {
            sums.rows += 1;
            sums.total = sums.total.and_then(|total| total.plus(row.amount));
            if self.is_other(file, row.number) {
                return;
            }
            match self.fact(file, &row) {
                Ok(payment) => {
                    let date = row.date.filter(|_| row.word != OutcomeWord::Outstanding);
                    let is_refund = row.word == OutcomeWord::Refunded;
                    facts.extend(date.map(|date| Fact {
                        payment,
                        date,
                        word: row.word,
                        refund: is_refund.then_some(row.amount),
                        place: Some((place, row.row)),
                    }));
                }
                Err((cell, message)) => match file.problem_at(row.row, cell, message) {
                    Ok(problem) => problems.add(problem),
                    Err(error) => broken = Some(error),
                },
            }
        })?;
        broken.map_or(Ok(sums), Err)
    }

    /// True for the number of a check that pays no claimant.
    fn is_other(&self, file: &OutcomeFile<'_>, number: &str) -> bool {
        let number = comparable(number);
        let its = file.source.others.iter().map(|other| comparable(other));
        !number.is_empty()
            && (its.into_iter().any(|other| other == number)
                || self.others.iter().any(|other| other == number))
    }

    /// The payment of a row, if the row fits it.
    fn fact(
        &self,
        file: &OutcomeFile<'_>,
        row: &OutcomeRow<'_>,
    ) -> Result<u32, (OutcomeCell, Message)> {
        let payment = self.payment(file, row)?;
        self.check_amount(payment, row)
            .map_err(|message| (OutcomeCell::Amount, message))?;
        self.check_date(payment, row)
            .map_err(|message| (OutcomeCell::Date, message))?;
        Ok(payment)
    }

    fn payment(
        &self,
        file: &OutcomeFile<'_>,
        row: &OutcomeRow<'_>,
    ) -> Result<u32, (OutcomeCell, Message)> {
        let export = file.source.export.as_deref();
        let is_of_export = |payment: &u32| {
            let place = usize::from(self.book.payment(*payment).export);
            export.is_none_or(|export| self.exports.get(place).is_some_and(|name| name == export))
        };
        let claimant = Some(row.id).filter(|id| !id.is_empty());
        let found: Vec<u32> = if row.number.is_empty() {
            let claimant = self.book.claimants.find(row.id);
            let payments = claimant.map(|claimant| self.index.of_claimant(claimant));
            let payments = payments.unwrap_or_default().iter().copied();
            payments.filter(is_of_export).collect()
        } else {
            let payments = self.index.of_number(self.book, row.number).into_iter();
            let of_number: Vec<u32> = payments.filter(is_of_export).collect();
            if of_number.is_empty() {
                return Err((OutcomeCell::Number, self.number_unknown(row.number)));
            }
            let is_its =
                |payment: &u32| claimant.is_none_or(|id| self.book.claimant_of(*payment) == id);
            let its: Vec<u32> = of_number.iter().copied().filter(is_its).collect();
            if let (true, Some(first), Some(id)) = (its.is_empty(), of_number.first(), claimant) {
                let (name, of) = (self.name(*first), literal(self.book.claimant_of(*first)));
                let message = messages::number_of_another(&name, &of, &literal(id));
                return Err((OutcomeCell::Number, message));
            }
            its
        };
        match found.as_slice() {
            [] => Err((OutcomeCell::Id, self.id_unpaid(row.id))),
            [one] => Ok(*one),
            several => {
                let cell = match row.number {
                    "" => OutcomeCell::Id,
                    _ => OutcomeCell::Number,
                };
                Err((cell, self.several(several)))
            }
        }
    }

    fn check_amount(&self, payment: u32, row: &OutcomeRow<'_>) -> Result<(), Message> {
        let issued = self.book.amount(payment);
        let text = |money| grouped(self.currency, money);
        if row.word == OutcomeWord::Refunded {
            if row.amount == Money::ZERO {
                return Err(messages::nothing_refunded());
            }
            if row.amount > issued {
                return Err(messages::refund_above_payment(
                    &text(row.amount),
                    &text(issued),
                ));
            }
            return Ok(());
        }
        if row.amount != issued {
            let name = self.name(payment);
            return Err(messages::amount_differs(
                &name,
                &text(issued),
                &text(row.amount),
            ));
        }
        Ok(())
    }

    fn check_date(&self, payment: u32, row: &OutcomeRow<'_>) -> Result<(), Message> {
        let Some(date) = row.date else { return Ok(()) };
        if date > self.facts.on {
            let (date, on) = (date.to_string(), self.facts.on.to_string());
            return Err(messages::date_after_facts(&date, &on));
        }
        let issued = self.book.export(payment).issued;
        match issued.filter(|issued| date < *issued) {
            None => Ok(()),
            Some(issued) => Err(messages::date_before_issue(
                row.word.word(),
                &date.to_string(),
                &issued.to_string(),
            )),
        }
    }

    fn number_unknown(&self, number: &str) -> Message {
        let hint = match number_ranges(self.book) {
            None => "no payment of the chain has a number".to_owned(),
            Some(ranges) => {
                format!("numbers of this chain: {ranges}; what pays no claimant goes into `others`")
            }
        };
        messages::number_unknown(&literal(number)).hint(hint)
    }

    fn id_unpaid(&self, id: &str) -> Message {
        let message = messages::id_unpaid(&literal(id));
        if self.book.claimants.find(id).is_some() {
            return message.hint(
                "the claimant is in the chain, but no export that the row can be about pays it"
                    .to_owned(),
            );
        }
        let count = self.book.claimants.len();
        let ids = || (0..count.min(MOST_SEARCHED)).map(|place| self.book.claimants.id(place));
        let same = ids().find(|other| fold(other) == fold(id));
        let near = same.or_else(|| nearest(id, ids()));
        let hint = near.map(|near| format!("did you mean {}?", literal(near)));
        message.hint(hint).suggest(same.map(str::to_owned))
    }

    fn several(&self, payments: &[u32]) -> Message {
        let name = |payment: &u32| {
            let place = usize::from(self.book.payment(*payment).export);
            self.exports.get(place).map_or("", String::as_str)
        };
        let mut names: Vec<&str> = payments.iter().map(name).collect();
        names.dedup();
        let first = payments.first().copied().unwrap_or_default();
        let of = literal(self.book.claimant_of(first));
        let exports: Vec<&str> = names.clone();
        let hint = names.first().map_or_else(String::new, |name| {
            format!("name the export of the file: `export = \"{name}\"`")
        });
        let count = match payments.len() {
            2 => "two".to_owned(),
            more => more.to_string(),
        };
        messages::several_payments(&count, &of, &plain_listing(&exports)).hint(hint)
    }

    /// A payment in a sentence.
    fn name(&self, payment: u32) -> String {
        name_of(self.book, self.exports, payment)
    }
}

/// Names in a sentence, without marks.
fn plain_listing(names: &[&str]) -> String {
    listing(names).replace('`', "")
}

/// A payment in a sentence: `check 1001`, or `the payment of paypal-1`.
pub(crate) fn name_of(book: &Book, exports: &[String], payment: u32) -> String {
    let number = book.numbers.get(payment);
    let export = book.payment(payment).export;
    if number.is_empty() {
        let name = exports.get(usize::from(export)).map_or("", String::as_str);
        return format!("the payment of {name}");
    }
    if book.export(payment).is_check {
        format!("check {number}")
    } else {
        format!("payment {number}")
    }
}

/// The counted rows of a file, and the sum of their amounts.
#[derive(Debug)]
pub(crate) struct RowSums {
    pub rows: u64,
    /// `None` if it is too large.
    pub total: Option<Money>,
}

impl Default for RowSums {
    fn default() -> Self {
        Self {
            rows: 0,
            total: Some(Money::ZERO),
        }
    }
}

/// The numbers of payments as ranges: `1001 to 1006, 1101`.
fn number_ranges(book: &Book) -> Option<String> {
    const MOST: usize = 10;
    let places = 0..book.numbers.len();
    let mut numbers: Vec<u64> = places
        .filter_map(|place| book.numbers.get(place).parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, end)) if number == *end + 1 => *end = number,
            _ => ranges.push((number, number)),
        }
    }
    let count = ranges.len();
    let shown = ranges.iter().take(MOST).map(|(first, last)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first} to {last}")
        }
    });
    let mut shown: Vec<String> = shown.collect();
    if count > MOST {
        shown.push("…".to_owned());
    }
    (!shown.is_empty()).then(|| shown.join(", "))
}
