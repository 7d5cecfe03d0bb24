//! ACH files of direct deposits, in the form of the Nacha Operating Rules:
//! records of 94 characters, in blocks of ten.
//!
//! | record | what it is |
//! |---|---|
//! | 1 | the file: who sends it to whom, and when |
//! | 5 | the batch: who pays, what for, and on which day |
//! | 6 | an entry: bank, account, amount, claimant |
//! | 8 | the batch once more: entries, hash, totals |
//! | 9 | the file once more: batches, blocks, entries, hash, totals |
//!
//! A file has one batch. The hash is the sum of the first eight digits of the
//! routing numbers, of which the last ten digits are kept.

mod form;

use anyhow::Result;

pub use form::check_layout;
use form::{CHECKING, Check, check_account, check_routing, check_type, within};

use super::layout::{Align, Amount, Fill, Layout, Misfit, date_text};
use super::maker::{Batch, Limits, Maker, Payee};
use super::table::{of_layout, of_payment};
use crate::calendar;
use crate::claims::problems::Problems;
use crate::diagnostic::{Bug, Refusal, literal};
use crate::money::{Currency, Money};

/// How many characters a record has.
const WIDTH: usize = 94;

/// How many records a block has.
const BLOCK: usize = 10;

/// How many entries a batch can count, in six digits.
const MOST_ENTRIES: u64 = 999_999;

/// The largest amount of an entry, in ten digits.
const LARGEST_ENTRY: Money = Money(9_999_999_999);

/// The largest total, in twelve digits.
const LARGEST_TOTAL: Money = Money(999_999_999_999);

/// What files of a day may be told apart by, in order.
const MODIFIERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// The account that an entry goes to.
struct Entry<'a> {
    code: &'a str,
    routing: &'a str,
    account: &'a str,
    amount: Money,
    identification: &'a str,
    name: &'a str,
}

/// What the entries of a batch come to.
#[derive(Default)]
struct Sums {
    entries: u64,
    hash: u64,
    credits: Money,
    debits: Money,
}

/// What a file can hold.
pub fn limits(maker: &Maker<'_>) -> Result<Limits> {
    let layout = maker.layout;
    let currency = maker.plan.settlement.currency;
    if currency != Currency::USD {
        let message = format!(
            "an ACH file is in US dollars, but the settlement is in {}",
            currency.code()
        );
        let hint = "use a layout of a bank that pays in this currency";
        return Err(Refusal::new(message, hint).into());
    }
    let offset = is_balanced(layout)?;
    let of_form = Limits {
        rows: Some(MOST_ENTRIES - u64::from(offset)),
        // The debit that balances a file is an entry, too.
        total: Some(if offset { LARGEST_ENTRY } else { LARGEST_TOTAL }),
        largest: Some(LARGEST_ENTRY),
    };
    Ok(Limits::of(layout).and(of_form))
}

/// Whether a debit balances the file.
fn is_balanced(layout: &Layout) -> Result<bool> {
    let given = ["offset_routing", "offset_account"].map(|name| !layout.setting(name).is_empty());
    match given {
        [true, true] => Ok(true),
        [false, false] => Ok(false),
        _ => {
            let message = "of offset_routing and offset_account, only one is given";
            Err(Refusal::new(
                message,
                "give both for a balanced file, or none for credits only",
            )
            .into())
        }
    }
}

/// The number by which an entry can be traced: the bank, and the place of the
/// entry in its file.
pub fn trace(maker: &Maker<'_>, entry: u64) -> String {
    format!("{}{entry:07}", odfi(maker.layout))
}

/// The first eight digits of the routing number of the bank that originates.
fn odfi(layout: &Layout) -> &str {
    let number = match layout.setting("odfi") {
        "" => layout.setting("destination"),
        number => number,
    };
    number.get(..8).unwrap_or_default()
}

/// The bytes of a file.
pub fn file(maker: &Maker<'_>, batch: &Batch<'_>, problems: &mut Problems) -> Result<Vec<u8>> {
    let layout = maker.layout;
    let balanced = is_balanced(layout)?;
    let class = if balanced { "200" } else { "220" };
    let mut records = Records {
        maker,
        list: Vec::new(),
    };
    records.file_header(batch.number)?;
    records.batch_header(class)?;
    let mut sums = Sums::default();
    for payee in maker.payees(batch) {
        let payee = payee?;
        records.payment(&payee, &mut sums, problems)?;
    }
    if balanced {
        let company = layout.setting("company_name");
        let debit = Entry {
            code: "27",
            routing: layout.setting("offset_routing"),
            account: layout.setting("offset_account"),
            amount: batch.total,
            identification: "",
            name: company,
        };
        let entry = u64::try_from(batch.payments.len())? + 1;
        records.entry(&debit, entry)?;
        sums.add(records.written()?, &debit, false)?;
    }
    if problems.is_empty() && sums.credits != batch.total {
        return Err(Bug::new("the entries of a batch are not its total").into());
    }
    records.controls(class, &sums)?;
    Ok(records.finish())
}

impl Sums {
    /// Adds an entry, whose amount is the one that was written.
    fn add(&mut self, written: Money, entry: &Entry<'_>, credit: bool) -> Result<()> {
        if written != entry.amount {
            return Err(Bug::new("a payout as written is not the payout").into());
        }
        let bank = entry
            .routing
            .get(..8)
            .and_then(|bank| bank.parse::<u64>().ok());
        self.hash += bank.ok_or_else(|| Bug::new("a routing number has no eight digits"))?;
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

/// The records of a file in the making.
struct Records<'a> {
    maker: &'a Maker<'a>,
    list: Vec<String>,
}

impl Records<'_> {
    fn file_header(&mut self, number: u64) -> Result<()> {
        let layout = self.maker.layout;
        let origin = match layout.setting("origin_name") {
            "" => layout.setting("company_name"),
            name => name,
        };
        let destination = format!(" {}", layout.setting("destination"));
        self.add(&[
            "1",
            "01",
            &destination,
            &right(layout.setting("origin"), 10, ' '),
            &self.created()?,
            &self.time()?,
            &modifier(layout, number)?,
            "094",
            "10",
            "1",
            &left(layout.setting("destination_name"), 23),
            &left(origin, 23),
            &left("", 8),
        ])
    }

    /// The day that the file names as its creation.
    fn created(&self) -> Result<String> {
        let layout = self.maker.layout;
        let day = |text: &str| {
            let (year, rest) = text.split_at_checked(2)?;
            let (month, day) = rest.split_at_checked(2)?;
            calendar::iso_date(&format!("20{year}-{month}-{day}"))
        };
        match layout.setting("created") {
            "" => Ok(layout
                .date
                .map_or_else(String::new, |date| date_text("YYMMDD", date))),
            created if day(created).is_some() => Ok(created.to_owned()),
            created => {
                let message = format!(
                    "the setting `created` is {}, which is no day",
                    literal(created)
                );
                Err(Refusal::new(message, "write it as YYMMDD, like 261201").into())
            }
        }
    }

    fn time(&self) -> Result<String> {
        let time = self.maker.layout.setting("time");
        let parts = time.split_at_checked(2);
        let parts = parts.and_then(|(hour, minute)| {
            Some((hour.parse::<u8>().ok()?, minute.parse::<u8>().ok()?))
        });
        if time.len() == 4 && parts.is_some_and(|(hour, minute)| hour < 24 && minute < 60) {
            return Ok(time.to_owned());
        }
        let message = format!(
            "the setting `time` is {}, which is no time of day",
            literal(time)
        );
        Err(Refusal::new(message, "write it as HHMM, like 0930").into())
    }

    fn batch_header(&mut self, class: &str) -> Result<()> {
        let layout = self.maker.layout;
        let day = layout
            .date
            .map_or_else(String::new, |date| date_text("YYMMDD", date));
        self.add(&[
            "5",
            class,
            &left(layout.setting("company_name"), 16),
            &left("", 20),
            &left(company_id(layout), 10),
            "PPD",
            &left(layout.setting("description"), 10),
            &left("", 6),
            &day,
            &left("", 3),
            "1",
            odfi(layout),
            "0000001",
        ])
    }

    /// The entry of a payment; what does not fit is noted.
    fn payment(
        &mut self,
        payee: &Payee<'_>,
        sums: &mut Sums,
        problems: &mut Problems,
    ) -> Result<()> {
        let mut misfits = false;
        let mut text = |name: &str, check: Option<Check>| {
            let Some(field) = self.maker.layout.field(name) else {
                return String::new();
            };
            let text = of_payment(self.maker, field, payee);
            let text = text.and_then(|text| within(name, &text).map(|()| text));
            let text =
                text.and_then(|text| check.map_or(Ok(()), |check| check(&text)).map(|()| text));
            text.unwrap_or_else(|misfit| {
                misfits = true;
                problems.add(self.maker.misfit(field, payee, misfit));
                String::new()
            })
        };
        let routing = text("routing", Some(check_routing));
        let account = text("account", Some(check_account));
        let kind = text("account_type", Some(check_type));
        let identification = text("identification", None);
        let name = text("payee", None);
        // An amount of more digits has been noted.
        if misfits || payee.payout > LARGEST_ENTRY {
            return Ok(());
        }
        let credit = Entry {
            code: if kind == CHECKING { "22" } else { "32" },
            routing: &routing,
            account: &account,
            amount: payee.payout,
            identification: &identification,
            name: &name,
        };
        self.entry(&credit, payee.in_file)?;
        sums.add(self.written()?, &credit, true)
    }

    fn entry(&mut self, entry: &Entry<'_>, number: u64) -> Result<()> {
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
            &trace(self.maker, number),
        ])
    }

    /// The amount of the last entry, from its record as it stands.
    fn written(&self) -> Result<Money> {
        let amount = self.list.last().and_then(|record| record.get(29..39));
        let amount = amount.and_then(|amount| Amount::Minor.read(amount, Currency::USD));
        amount.ok_or_else(|| Bug::new("a payout as written cannot be read").into())
    }

    fn controls(&mut self, class: &str, sums: &Sums) -> Result<()> {
        let layout = self.maker.layout;
        let hash = sums.hash % 10_000_000_000;
        let hash = format!("{hash:010}");
        let (debits, credits) = (cents(sums.debits, 12), cents(sums.credits, 12));
        self.add(&[
            "8",
            class,
            &format!("{:06}", sums.entries),
            &hash,
            &debits,
            &credits,
            &left(company_id(layout), 10),
            &left("", 19),
            &left("", 6),
            odfi(layout),
            "0000001",
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

    /// Adds a record, which must be as wide as it has to be.
    fn add(&mut self, parts: &[&str]) -> Result<()> {
        let record: String = parts.concat();
        if let Some(c) = record.chars().find(|c| !(' '..='~').contains(c)) {
            let misfit = Misfit {
                problem: format!("a setting has `{c}`, but ACH files are in ASCII"),
                hint: "write the settings in plain letters".to_owned(),
            };
            return Err(of_layout(self.maker, &misfit).into());
        }
        if record.len() != WIDTH {
            return Err(Bug::new("a record does not have 94 characters").into());
        }
        self.list.push(record);
        Ok(())
    }

    /// The file, with its last block filled up.
    fn finish(mut self) -> Vec<u8> {
        while !self.list.len().is_multiple_of(BLOCK) {
            self.list.push("9".repeat(WIDTH));
        }
        let line_end = self.maker.layout.file.line_end;
        let mut bytes = Vec::with_capacity(self.list.len() * (WIDTH + line_end.len()));
        for record in self.list {
            bytes.extend_from_slice(record.as_bytes());
            bytes.extend_from_slice(line_end.as_bytes());
        }
        bytes
    }
}

fn company_id(layout: &Layout) -> &str {
    match layout.setting("company_id") {
        "" => layout.setting("origin"),
        id => id,
    }
}

/// What tells a file from others of the day.
fn modifier(layout: &Layout, number: u64) -> Result<String> {
    let first = MODIFIERS.find(layout.setting("modifier"));
    let first = first.filter(|_| layout.setting("modifier").len() == 1);
    let Some(first) = first else {
        let message = "the setting `modifier` is not one of A to Z or 0 to 9";
        return Err(Refusal::new(message, "for the first file of a day, write A").into());
    };
    let place = first + usize::try_from(number - 1)?;
    let modifier = MODIFIERS.get(place..=place);
    modifier.map(str::to_owned).ok_or_else(|| {
        let message = format!(
            "there is no letter or digit for file {number}: the first one has {}",
            literal(layout.setting("modifier"))
        );
        Refusal::new(
            message,
            "let a file have more payments, or export in parts with `when`",
        )
        .into()
    })
}

fn cents(amount: Money, width: usize) -> String {
    right(&amount.0.to_string(), width, '0')
}

fn left(text: &str, width: usize) -> String {
    let align = Align::Left;
    Fill { align, with: ' ' }.up(text, width)
}

fn right(text: &str, width: usize, filling: char) -> String {
    let fill = Fill {
        align: Align::Right,
        with: filling,
    };
    fill.up(text, width)
}
