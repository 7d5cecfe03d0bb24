//! Generates single cells.

use jiff::civil::Date;

use crate::plan::cell_reading::DateFormat;

/// Per thousand claims with a status: the number payable and the number held.
const PAYABLE: u64 = 930;
const HELD: u64 = 30;

const FIRST_NAMES: [&str; 16] = [
    "Maria", "James", "Zoë", "José", "Aisha", "Wei", "Olga", "Søren", "Chloé", "Dmitri", "Grace",
    "Håkon", "Ngozi", "Liam", "Yuki", "Ana",
];

const LAST_NAMES: [&str; 16] = [
    "Smith",
    "García",
    "Nguyen",
    "O'Neil",
    "Müller",
    "Kowalski",
    "Okafor",
    "Lee",
    "Dubois",
    "Johnson",
    "Šimek",
    "Patel",
    "Rossi",
    "Andersson",
    "Brown",
    "Yılmaz",
];

pub(super) const STATES: [&str; 12] = [
    "CA", "TX", "FL", "NY", "PA", "IL", "OH", "GA", "NC", "MI", "NJ", "WA",
];

/// A deterministic pseudorandom generator: `SplitMix64` (Steele, Lea and Flood, 2014),
/// which is in the public domain.
#[derive(Debug, Clone)]
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below the limit, or 0 if the limit is 0.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(limit);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let number = self.below(u64::try_from(from.len()).unwrap_or(0));
        from.get(usize::try_from(number).unwrap_or(0))
    }
}

/// The generator for the cells of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CellGenerator {
    Id,
    /// An id that the plan also reads as a number.
    NumberedId,
    Name,
    Email,
    State,
    /// One of these texts; the first is the most frequent.
    Texts(Vec<String>),
    Status {
        pay: Vec<String>,
        hold: Vec<String>,
        deny: Vec<String>,
    },
    /// From 1 to a limit, with a number of decimals.
    Number {
        most: u64,
        decimals: u32,
    },
    /// A taxpayer number that was never issued to anyone, or none.
    TaxpayerNumber,
    /// Amounts paid earlier in the year: usually 0, at most this number of whole units
    /// of the currency.
    Earlier {
        most: u64,
    },
    /// A range of days that begins with this date.
    Date {
        first: Date,
        days: u64,
        instant: bool,
        form: DateFormat,
    },
}

impl CellGenerator {
    /// Appends a cell. Personal details are the same in all rows of a claimant; the
    /// other cells are drawn for each row.
    pub(super) fn push(&self, out: &mut String, claimant: u64, person: u64, random: &mut Random) {
        match self {
            Self::Id => {
                out.push('C');
                push_number(out, claimant, 9);
            }
            Self::NumberedId => push_number(out, claimant, 1),
            Self::Name => push_name(out, person),
            Self::Email => {
                out.push_str("claimant");
                push_number(out, claimant, 1);
                out.push_str("@example.com");
            }
            Self::State => {
                let state = Random(person).pick(&STATES).copied().unwrap_or_default();
                out.push_str(state);
            }
            Self::Texts(texts) => {
                // Half of the cells have the first text; the others share the rest.
                let mut random = Random(person ^ 0x7465_7874);
                let first = random.below(2) == 0;
                let text = if first {
                    texts.first()
                } else {
                    random.pick(texts)
                };
                out.push_str(text.map_or("", String::as_str));
            }
            Self::Status { pay, hold, deny } => {
                let list = match Random(person ^ 0x7374_6174).below(1000) {
                    number if number < PAYABLE => pay,
                    number if number < PAYABLE + HELD && !hold.is_empty() => hold,
                    _ if !deny.is_empty() => deny,
                    _ => pay,
                };
                let text = Random(person ^ 0x7573)
                    .pick(list)
                    .map_or("", String::as_str);
                out.push_str(text);
            }
            Self::Number { most, decimals } => {
                let width = usize::try_from(*decimals).unwrap_or(0);
                let unit = 10_u64.pow(*decimals);
                let number = unit + random.below(most.saturating_mul(unit));
                push_number(out, number / unit, 1);
                if *decimals > 0 {
                    out.push('.');
                    push_number(out, number % unit, width);
                }
            }
            Self::TaxpayerNumber => push_taxpayer_number(out, person),
            Self::Earlier { most } => {
                let mut random = Random(person ^ 0x7061_6964);
                let amount = match random.below(4) {
                    0 => 1 + random.below(*most),
                    _ => 0,
                };
                push_number(out, amount, 1);
            }
            Self::Date {
                first,
                days,
                instant,
                form,
            } => {
                push_date(out, random_day(*first, *days, random), *form);
                if *instant {
                    push_time(out, random);
                }
            }
        }
    }
}

fn push_name(out: &mut String, person: u64) {
    let mut random = Random(person ^ 0x6e61_6d65);
    let first = random.pick(&FIRST_NAMES).copied().unwrap_or_default();
    let last = random.pick(&LAST_NAMES).copied().unwrap_or_default();
    match random.below(40) {
        0 => *out += &format!("{last}, {first}"),
        1 => *out += &format!("{first} \"{}\" {last}", first.get(..1).unwrap_or("X")),
        _ => *out += &format!("{first} {last}"),
    }
}

/// One of the ten numbers that the Social Security Administration reserves for
/// advertisements and never issues; sometimes a blank, or a text that is not a taxpayer
/// number.
fn push_taxpayer_number(out: &mut String, person: u64) {
    let mut random = Random(person ^ 0x0074_696e);
    match random.below(20) {
        0 => {}
        1 => out.push_str("000-00-0000"),
        _ => {
            out.push_str("987-65-432");
            push_number(out, random.below(10), 1);
        }
    }
}

fn push_number(out: &mut String, number: u64, width: usize) {
    let digits = itoa::Buffer::new().format(number).len();
    (digits..width).for_each(|_| out.push('0'));
    out.push_str(itoa::Buffer::new().format(number));
}

fn random_day(first: Date, days: u64, random: &mut Random) -> Date {
    let later = i64::try_from(random.below(days)).unwrap_or(0);
    first
        .checked_add(jiff::Span::new().days(later))
        .unwrap_or(first)
}

fn push_date(out: &mut String, date: Date, form: DateFormat) {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let text = match form {
        DateFormat::Iso => date.to_string(),
        DateFormat::MonthFirst => format!("{month:02}/{day:02}/{year:04}"),
        DateFormat::DayFirst => format!("{day:02}/{month:02}/{year:04}"),
    };
    out.push_str(&text);
}

fn push_time(out: &mut String, random: &mut Random) {
    out.push('T');
    push_number(out, random.below(24), 2);
    out.push(':');
    push_number(out, random.below(60), 2);
    out.push_str(":00Z");
}
