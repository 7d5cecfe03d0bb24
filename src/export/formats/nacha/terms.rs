//! The settings and dates of ACH files.

use anyhow::Result;

use crate::base::dates::{self, Date};
use crate::base::diagnostics::{Bug, Message, literal};
use crate::export::banking_day::{self, ClosedDay};
use crate::export::formats::nacha::entry::check_account;
use crate::export::layout::{Layout, Setting, date_text};
use crate::export::{messages, routing_number};

/// The file ID modifiers that distinguish files of a day, in order.
pub(super) const MODIFIERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

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

/// The requirement for the value of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SettingRule {
    Optional,
    Required,
    /// A routing number, or blank.
    Bank,
    RequiredBank,
    /// An account number, or blank.
    Account,
}

/// The settings with their maximum lengths.
const SETTINGS: [(&str, usize, SettingRule); 15] = [
    ("destination", 9, SettingRule::RequiredBank),
    ("destination_name", 23, SettingRule::Required),
    ("origin", 10, SettingRule::Required),
    ("origin_name", 23, SettingRule::Optional),
    ("company_name", 16, SettingRule::Required),
    ("company_id", 10, SettingRule::Optional),
    ("description", 10, SettingRule::Optional),
    ("odfi", 9, SettingRule::Bank),
    ("created", 6, SettingRule::Optional),
    ("time", 4, SettingRule::Optional),
    ("modifier", 1, SettingRule::Optional),
    ("first_batch", 7, SettingRule::Optional),
    ("first_trace", 7, SettingRule::Optional),
    ("offset_routing", 9, SettingRule::Bank),
    ("offset_account", 17, SettingRule::Account),
];

/// True if the format reads a setting.
pub(super) fn has_setting(name: &str) -> bool {
    SETTINGS.iter().any(|(setting, ..)| *setting == name)
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AchTerms<'a> {
    /// Immediate Destination and its name.
    pub destination: [&'a str; 2],
    /// Immediate Origin and its name.
    pub origin: [&'a str; 2],
    /// Company Name and Company Identification.
    pub company: [&'a str; 2],
    /// Company Entry Description.
    pub description: &'a str,
    /// Originating DFI Identification: the first eight digits of the routing number.
    pub bank: &'a str,
    /// Effective Entry Date, YYMMDD.
    pub date: String,
    /// File Creation Date and Time, YYMMDD and HHMM.
    pub created: String,
    /// The index of the first file's modifier in `MODIFIERS`.
    pub modifier: usize,
    /// The number of the first batch.
    pub first_batch: u64,
    /// The number of the first entry.
    pub first_trace: u64,
    /// The routing number and the account of the debit that balances a file.
    pub offset: Option<[&'a str; 2]>,
}

impl<'a> AchTerms<'a> {
    /// Reads the terms from the settings of a layout.
    pub(super) fn of(layout: &'a Layout) -> Result<Self> {
        let [
            destination,
            destination_name,
            origin,
            origin_name,
            rest @ ..,
        ] = settings(layout)?;
        let [
            company_name,
            company_id,
            description,
            odfi,
            created,
            time,
            rest @ ..,
        ] = rest;
        let [
            modifier,
            first_batch,
            first_trace,
            offset_routing,
            offset_account,
        ] = rest;
        let or = |setting: &'a Setting, other: &'a Setting| match setting.value.as_str() {
            "" => other.value.as_str(),
            value => value,
        };
        let date = layout.date()?;
        check_date(date)?;
        check_description(description)?;
        let bank = or(odfi, destination).get(..8);
        let offset = [offset_routing, offset_account].map(|setting| setting.value.as_str());
        Ok(Self {
            destination: [&destination.value, &destination_name.value],
            origin: [&origin.value, or(origin_name, company_name)],
            company: [&company_name.value, or(company_id, origin)],
            description: &description.value,
            bank: bank.ok_or_else(|| Bug::new("a routing number has fewer than eight digits"))?,
            date: date_text("YYMMDD", date),
            created: check_created(created, date)? + check_time(time)?,
            modifier: modifier_place(modifier)?,
            first_batch: start(first_batch)?,
            first_trace: start(first_trace)?,
            offset: match offset {
                ["", ""] => None,
                ["", _] | [_, ""] => return Err(messages::half_an_offset().into()),
                offset => Some(offset),
            },
        })
    }

    /// Destination, origin, and date of creation, as in a file
    /// (`AchFileFacts::day`).
    pub(super) fn day(&self) -> String {
        let ([destination, _], [origin, _]) = (self.destination, self.origin);
        let created = self.created.get(..6).unwrap_or_default();
        format!(" {destination}{origin:>10}{created}")
    }

    /// Checks that the texts of records have no other characters.
    pub(super) fn check_ascii(&self, layout: &Layout) -> Result<(), Message> {
        let ([_, destination], [origin, origin_name]) = (self.destination, self.origin);
        let [company, id] = self.company;
        let texts = [
            origin,
            destination,
            origin_name,
            company,
            id,
            self.description,
        ]
        .concat();
        match texts.chars().find(|c| !(' '..='~').contains(c)) {
            None => Ok(()),
            Some(c) => Err(layout.problem(messages::ach_setting_not_ascii(c))),
        }
    }
}

/// The settings in the order of `SETTINGS`, which are present and fit.
pub(super) fn settings(layout: &Layout) -> Result<[&Setting; SETTINGS.len()]> {
    let mut settings = Vec::with_capacity(SETTINGS.len());
    for (name, most, rule) in SETTINGS {
        let setting = layout.setting(name);
        let missing = || messages::ach_setting_missing(&layout.shown(), name);
        let setting = setting.ok_or_else(missing)?;
        let (value, shown) = (setting.value.as_str(), literal(name));
        let refuse = |message: Message| Err(message.hint(setting.correction()).into());
        if value.chars().count() > most {
            return refuse(messages::ach_setting_too_long(&shown, most));
        }
        match (rule, value) {
            (SettingRule::Required | SettingRule::RequiredBank, "") => {
                return refuse(messages::ach_setting_blank(&shown));
            }
            (_, "") | (SettingRule::Required | SettingRule::Optional, _) => {}
            (SettingRule::Bank | SettingRule::RequiredBank, _) => {
                if let Err(fault) = routing_number::check(value) {
                    return refuse(messages::setting_no_routing_number(setting, &fault));
                }
            }
            (SettingRule::Account, _) => check_account(value)
                .map_err(|fault| fault.within(&format!("the setting {shown}: ")))?,
        }
        settings.push(setting);
    }
    let missing = |_| Bug::new("a setting of an ACH layout is missing").into();
    settings.try_into().map_err(missing)
}

/// Payments settle on banking days.
fn check_date(date: Date) -> Result<(), Message> {
    let shown = literal(&date.to_string());
    if !YEARS.contains(&date.year()) {
        let (first, last) = (YEARS.start(), YEARS.end());
        return Err(messages::year_out_of_range(&shown, *first, *last));
    }
    let closed = match banking_day::closed(date) {
        None => return Ok(()),
        Some(ClosedDay::Weekend(day)) => format!("a {day}, when ACH payments do not settle"),
        Some(ClosedDay::Holiday(name)) => format!("a Federal Reserve holiday, {name}"),
    };
    let hint = match banking_day::after(date) {
        Some(next) => format!("the next banking day is `--date {next}`"),
        None => "choose a banking day".to_owned(),
    };
    Err(messages::not_a_banking_day(&shown, &closed).hint(hint))
}

/// Descriptions are compared without spaces and regardless of case.
fn check_description(setting: &Setting) -> Result<(), Message> {
    let plain = setting.value.replace(' ', "").to_ascii_uppercase();
    if !RESERVED.contains(&plain.as_str()) {
        return Ok(());
    }
    Err(messages::description_reserved(setting))
}

/// The creation date in the file: the banking day before the payment, or the date
/// provided if it is shortly before the payment. A mistyped year would give the file
/// the identity of a file of that year.
fn check_created(setting: &Setting, date: Date) -> Result<String> {
    let given = setting.value.as_str();
    let before = banking_day::before(date);
    let before = before.ok_or_else(|| Bug::new("no banking day precedes a date"))?;
    let before = date_text("YYMMDD", before);
    if given.is_empty() {
        return Ok(before);
    }
    let part = |range| given.get(range).unwrap_or_default();
    let day = format!("20{}-{}-{}", part(0..2), part(2..4), part(4..given.len()));
    let message = match dates::iso_date(&day) {
        None => messages::created_is_no_date(setting, &before),
        Some(day) if day > date => messages::created_after_payment(setting, date, &before),
        Some(day) if (date - day).get_days() > MOST_DAYS => {
            messages::created_too_early(setting, MOST_DAYS, date, &before)
        }
        Some(_) => return Ok(given.to_owned()),
    };
    Err(message.into())
}

fn check_time(setting: &Setting) -> Result<&str, Message> {
    let time = setting.value.as_str();
    let is_plain = time.len() == 4 && time.bytes().all(|byte| byte.is_ascii_digit());
    let number = time.parse().ok().filter(|_| is_plain);
    if number.is_some_and(|number: u16| number / 100 < 24 && number % 100 < 60) {
        return Ok(time);
    }
    Err(messages::not_a_time(setting))
}

/// The index of a modifier.
fn modifier_place(setting: &Setting) -> Result<usize, Message> {
    let text = setting.value.as_str();
    let place = MODIFIERS.find(text).filter(|_| text.len() == 1);
    place.ok_or_else(messages::not_a_modifier)
}

/// The number at which batches or entries start.
fn start(setting: &Setting) -> Result<u64, Message> {
    let number = setting.value.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| messages::not_a_first_number(setting, LARGEST_NUMBER))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::formats::nacha::tests::layout;

    fn created(date: &str, settings: &[(&str, &str)]) -> Option<String> {
        let layout = layout(date, settings).ok()?;
        Some(AchTerms::of(&layout).unwrap().created)
    }

    #[test]
    fn a_file_is_created_on_the_banking_day_before_unless_another_day_is_set() {
        for (date, day) in [
            ("2026-12-01", "261130"),
            ("2026-11-30", "261127"),
            ("2026-11-27", "261125"),
            ("2026-12-28", "261224"),
            ("2027-01-04", "261231"),
        ] {
            assert_eq!(created(date, &[]), Some(format!("{day}0000")), "{date}");
        }
        // The day of the payment is for payments on the same day.
        for (given, is_good) in [
            ("261201", true),
            ("261101", true),
            ("261031", false),
            ("261202", false),
            ("251201", false),
            ("261301", false),
            ("26120", false),
            ("2612é", false),
        ] {
            let expected = is_good.then(|| format!("{given}0000"));
            let settings = [("created", given)];
            assert_eq!(created("2026-12-01", &settings), expected, "{given}");
        }
    }

    #[test]
    fn a_time_has_hours_and_minutes() {
        for time in ["0000", "0930", "2359"] {
            let expected = format!("261130{time}");
            assert_eq!(created("2026-12-01", &[("time", time)]), Some(expected));
        }
        for time in ["2400", "0960", "930", "+930", "09:3"] {
            assert_eq!(created("2026-12-01", &[("time", time)]), None, "{time}");
        }
    }

    #[test]
    fn settings_have_defaults_from_other_settings() {
        let layout = layout("2026-12-01", &[]).unwrap();
        let terms = AchTerms::of(&layout).unwrap();
        assert_eq!(terms.origin, ["1234567890", "SETTLEMENT FUND"]);
        assert_eq!(terms.company, ["SETTLEMENT FUND", "1234567890"]);
        assert_eq!((terms.bank, terms.offset), ("09100001", None));
        assert_eq!(terms.date, "261201");
        assert_eq!(terms.day(), " 0910000191234567890261130");
    }

    #[test]
    fn payments_are_refused_on_days_without_settlement() {
        for (date, closed) in [
            ("2026-12-05", "a Saturday, when ACH payments do not settle"),
            ("2026-12-25", "a Federal Reserve holiday, Christmas Day"),
            ("2041-01-02", "not in the years 2015 to 2040"),
        ] {
            let error = layout(date, &[]).unwrap_err().to_string();
            assert!(error.contains(closed), "{error}");
        }
    }
}
