//! The settings and dates of ACH files.

use anyhow::Result;

use crate::base::dates::{self, Date};
use crate::base::diagnostics::{Bug, Problem, literal};
use crate::export::banking_day::{self, ClosedDay};
use crate::export::layout::{FieldFault, Layout, date_text};

/// The file ID modifiers that distinguish files of a day, in order.
pub(super) const MODIFIERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// The hint for a missing part.
pub(super) const BASE: &str = "add `base = \"nacha-ppd\"`";

/// The largest batch or trace number, in seven digits.
pub(super) const LARGEST_NUMBER: u64 = 9_999_999;

/// The valid years of a payment date: the file has two digits of the year.
const YEARS: std::ops::RangeInclusive<i16> = 2015..=2040;

/// The maximum number of days between the creation date in the file and the payment.
const MOST_DAYS: i32 = 30;

/// Descriptions that the Nacha Operating Rules reserve for other kinds of entries,
/// without spaces.
const RESERVED: [&str; 9] = [
    "REVERSAL",
    "RECLAIM",
    "NONSETTLED",
    "RETRYPYMT",
    "RETURNFEE",
    "ACCTVERIFY",
    "AUTOENROLL",
    "REDEPCHECK",
    "HCCLAIMPMT",
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AchTerms {
    /// Immediate Destination and its name.
    pub destination: [String; 2],
    /// Immediate Origin and its name.
    pub origin: [String; 2],
    /// Company Name and Company Identification.
    pub company: [String; 2],
    /// Company Entry Description.
    pub description: String,
    /// Originating DFI Identification: the first eight digits of the routing number.
    pub bank: String,
    /// Effective Entry Date, YYMMDD.
    pub date: String,
    /// File Creation Date and Time, YYMMDD and HHMM.
    pub created: [String; 2],
    /// The index of the first file's modifier in `MODIFIERS`.
    pub modifier: usize,
    /// The number of the first batch.
    pub first_batch: u64,
    /// The number of the first entry.
    pub first_trace: u64,
    /// The routing number and the account of the debit that balances a file.
    pub offset: Option<[String; 2]>,
}

impl AchTerms {
    /// Reads the terms from a layout with valid settings.
    pub(super) fn of(layout: &Layout) -> Result<Self> {
        let text = |name: &str| -> Result<String> {
            let setting = layout.setting(name);
            let setting = setting.ok_or_else(|| Bug::new("an ACH layout lacks a setting"))?;
            Ok(setting.value.clone())
        };
        let or = |name: &str, other: &str| match text(name) {
            Ok(blank) if blank.is_empty() => text(other),
            text => text,
        };
        let date = layout.date()?;
        check_date(date)?;
        check_description(&text("description")?)?;
        let bank = or("odfi", "destination")?;
        let bank = bank.get(..8).map(str::to_owned);
        let offset = [text("offset_routing")?, text("offset_account")?];
        Ok(Self {
            destination: [text("destination")?, text("destination_name")?],
            origin: [text("origin")?, or("origin_name", "company_name")?],
            company: [text("company_name")?, or("company_id", "origin")?],
            description: text("description")?,
            bank: bank.ok_or_else(|| Bug::new("a routing number has fewer than eight digits"))?,
            date: date_text("YYMMDD", date),
            created: [created(&text("created")?, date)?, time(text("time")?)?],
            modifier: modifier(&text("modifier")?)?,
            first_batch: first("first_batch", &text("first_batch")?)?,
            first_trace: first("first_trace", &text("first_trace")?)?,
            offset: match offset.iter().filter(|text| text.is_empty()).count() {
                0 => Some(offset),
                2 => None,
                _ => return Err(half_an_offset().into()),
            },
        })
    }

    /// Destination, origin, and date of creation, as in a file
    /// (`AchFileFacts::day`).
    pub(super) fn day(&self) -> String {
        let ([destination, _], [origin, _]) = (&self.destination, &self.origin);
        let [created, _] = &self.created;
        format!(" {destination}{origin:>10}{created}")
    }

    /// Checks that the texts of records have no other characters.
    pub(super) fn check_ascii(&self) -> Result<(), FieldFault> {
        let names = [&self.origin[..], &self.destination[1..], &self.company[..]].concat();
        let mut characters = names
            .iter()
            .chain([&self.description])
            .flat_map(|text| text.chars());
        match characters.find(|c| !(' '..='~').contains(c)) {
            None => Ok(()),
            Some(c) => Err(FieldFault::new(
                format!("a setting contains `{c}`, but ACH files are limited to ASCII"),
                "write the settings in plain letters",
            )),
        }
    }
}

fn half_an_offset() -> Problem {
    Problem::new(
        "only one of `offset_routing` and `offset_account` is set",
        "set both for a balanced file, or neither for credits only",
    )
}

/// Payments settle on banking days.
fn check_date(date: Date) -> Result<(), Problem> {
    let shown = literal(&date.to_string());
    if !YEARS.contains(&date.year()) {
        let (first, last) = (YEARS.start(), YEARS.end());
        let message = format!("the payment date {shown} is not in the years {first} to {last}");
        return Err(Problem::new(message, "check the year of `--date`"));
    }
    let Some(closed) = banking_day::closed(date) else {
        return Ok(());
    };
    let message = match closed {
        ClosedDay::Weekend(day) => {
            format!("the payment date {shown} is a {day}, when ACH payments do not settle")
        }
        ClosedDay::Holiday(name) => {
            format!("the payment date {shown} is a Federal Reserve holiday, {name}")
        }
    };
    let next = banking_day::after(date).map(|next| format!("--date {next}"));
    let hint = match next {
        Some(next) => format!("the next banking day is `{next}`"),
        None => "choose a banking day".to_owned(),
    };
    Err(Problem::new(message, hint))
}

/// Descriptions are compared without spaces and regardless of case.
fn check_description(text: &str) -> Result<(), Problem> {
    let plain = text.replace(' ', "").to_ascii_uppercase();
    if !RESERVED.contains(&plain.as_str()) {
        return Ok(());
    }
    let message = format!(
        "the setting `description` is {}, which the Nacha Operating Rules reserve for other kinds of entries",
        literal(text)
    );
    let hint = "describe what the payment is for, like `SETTLEMENT`";
    Err(Problem::new(message, hint))
}

/// The creation date in the file: the banking day before the payment, or the date
/// provided if it is shortly before the payment. A mistyped year would give the file
/// the identity of a file of that year.
fn created(given: &str, date: Date) -> Result<String> {
    let before = banking_day::before(date);
    let before = before.ok_or_else(|| Bug::new("no banking day precedes a date"))?;
    let before = date_text("YYMMDD", before);
    if given.is_empty() {
        return Ok(before);
    }
    let day = |text: &str| {
        let (year, rest) = text.split_at_checked(2)?;
        let (month, day) = rest.split_at_checked(2)?;
        dates::iso_date(&format!("20{year}-{month}-{day}"))
    };
    let refuse = |what: String, hint: String| {
        let message = format!("the setting `created` is {}, {what}", literal(given));
        Err(Problem::new(message, hint).into())
    };
    let omit = format!("omit `created` to use {before}, the prior banking day");
    match day(given) {
        None => refuse(
            "which is not a date".to_owned(),
            format!("write it as YYMMDD, like {before}"),
        ),
        Some(day) if day > date => refuse(
            format!("after the payment date, {date}"),
            format!("the creation date must not be after the payment date; {omit}"),
        ),
        Some(day) if (date - day).get_days() > MOST_DAYS => refuse(
            format!("more than {MOST_DAYS} days before the payment date, {date}"),
            format!("check the year; {omit}"),
        ),
        Some(_) => Ok(given.to_owned()),
    }
}

fn time(time: String) -> Result<String> {
    let parts = time.split_at_checked(2);
    let parts = parts
        .and_then(|(hour, minute)| Some((hour.parse::<u8>().ok()?, minute.parse::<u8>().ok()?)));
    let plain = time.len() == 4 && time.bytes().all(|byte| byte.is_ascii_digit());
    if plain && parts.is_some_and(|(hour, minute)| hour < 24 && minute < 60) {
        return Ok(time);
    }
    let message = format!(
        "the setting `time` is {}, which is not a time of day",
        literal(&time)
    );
    Err(Problem::new(message, "write it as HHMM, like 0930").into())
}

/// The index of a modifier.
fn modifier(text: &str) -> Result<usize> {
    let place = MODIFIERS.find(text).filter(|_| text.len() == 1);
    let refuse = || {
        let message = "the setting `modifier` is not one of A to Z or 0 to 9";
        Problem::new(message, "write `A` for the first file of a day")
    };
    Ok(place.ok_or_else(refuse)?)
}

/// The number at which batches or entries start.
fn first(name: &str, text: &str) -> Result<u64> {
    let number = text.parse().ok().filter(|number| *number > 0);
    let refuse = || {
        let message = format!(
            "the setting {} is {}, which is not a number to start at",
            literal(name),
            literal(text)
        );
        let hint = format!("write a number from 1 to {LARGEST_NUMBER}");
        Problem::new(message, hint)
    };
    Ok(number.ok_or_else(refuse)?)
}
