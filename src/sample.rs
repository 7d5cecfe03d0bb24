//! Made-up claims for a plan, to try it with: the same for the same seed.
//!
//! Beside the columns that the plan reads there are a name, an e-mail address
//! and a state, with commas, quotes and letters beyond ASCII, as real files
//! have them.

use std::io::{self, Write};

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::exact;
use crate::plan::column::{Column, Reader};
use crate::plan::condition::{Condition, Entry, Matcher, Range};
use crate::plan::format::DateForm;
use crate::plan::formula::{Formula, Operand, Reading};
use crate::plan::{ColumnId, Measure, Plan, Rows, StatusMeaning, StatusRule};

/// How many bytes are gathered before they are written.
const BLOCK: usize = 1 << 18;

/// Of a thousand claims with a status, so many are payable and so many held.
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

const STATES: [&str; 12] = [
    "CA", "TX", "FL", "NY", "PA", "IL", "OH", "GA", "NC", "MI", "NJ", "WA",
];

/// Numbers that look random and follow from a seed: the `SplitMix64` generator
/// (Steele, Lea and Flood, 2014), which is public domain.
#[derive(Debug, Clone)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below the limit, or 0 for a limit of 0.
    fn below(&mut self, limit: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(limit);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let number = self.below(u64::try_from(from.len()).unwrap_or(0));
        from.get(usize::try_from(number).unwrap_or(0))
    }
}

/// How the cells of a column are made up.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Maker {
    Id,
    Name,
    Email,
    State,
    /// One of these cells, already quoted where needed; the first is the most
    /// frequent.
    Texts(Vec<String>),
    Status {
        pay: Vec<String>,
        hold: Vec<String>,
        deny: Vec<String>,
    },
    /// From 1 to so much, in so many decimals.
    Number {
        most: u64,
        decimals: u32,
    },
    /// A taxpayer number that is nobody's, or none.
    TaxpayerNumber,
    /// What was paid earlier in the year: mostly nothing, at most this many
    /// whole units of the currency.
    Earlier {
        most: u64,
    },
    /// So many days, from this one on.
    Date {
        first: Date,
        days: u64,
        instant: bool,
        form: DateForm,
    },
}

/// Writes a header and so many made-up rows.
pub fn write(plan: &Plan, rows: u64, seed: u64, out: &mut impl Write) -> io::Result<()> {
    let columns = columns(plan);
    let mut block = Vec::with_capacity(BLOCK + 4096);
    for (number, (name, _)) in columns.iter().enumerate() {
        if number > 0 {
            block.push(b',');
        }
        block.extend_from_slice(cell(name).as_bytes());
    }
    block.push(b'\n');
    let mut random = Random(seed);
    let mut claimant = 0;
    for row in 0..rows {
        // Where rows are added up, a claimant has three on average.
        if row == 0 || plan.claims.rows == Rows::Unique || random.below(3) == 0 {
            claimant += 1;
        }
        let person = Random(seed ^ claimant).next();
        for (number, (_, maker)) in columns.iter().enumerate() {
            if number > 0 {
                block.push(b',');
            }
            maker.push(&mut block, claimant, person, &mut random);
        }
        block.push(b'\n');
        if block.len() >= BLOCK {
            out.write_all(&block)?;
            block.clear();
        }
    }
    out.write_all(&block)?;
    out.flush()
}

impl Maker {
    /// Appends a cell. What belongs to the person is the same in all rows of a
    /// claimant; the rest is drawn anew.
    fn push(&self, out: &mut Vec<u8>, claimant: u64, person: u64, random: &mut Random) {
        match self {
            Self::Id => {
                out.push(b'C');
                push_number(out, claimant, 9);
            }
            Self::Name => push_name(out, person),
            Self::Email => {
                out.extend_from_slice(b"claimant");
                push_number(out, claimant, 1);
                out.extend_from_slice(b"@example.com");
            }
            Self::State => {
                let state = Random(person).pick(&STATES).copied().unwrap_or_default();
                out.extend_from_slice(state.as_bytes());
            }
            Self::Texts(texts) => {
                // Half are the first text; the others share the rest.
                let mut random = Random(person ^ 0x7465_7874);
                let first = random.below(2) == 0;
                let text = if first {
                    texts.first()
                } else {
                    random.pick(texts)
                };
                out.extend_from_slice(text.map_or("", String::as_str).as_bytes());
            }
            Self::Status { pay, hold, deny } => {
                let list = match Random(person ^ 0x7374_6174).below(1000) {
                    draw if draw < PAYABLE => pay,
                    draw if draw < PAYABLE + HELD && !hold.is_empty() => hold,
                    _ if !deny.is_empty() => deny,
                    _ => pay,
                };
                let text = Random(person ^ 0x7573)
                    .pick(list)
                    .map_or("", String::as_str);
                out.extend_from_slice(text.as_bytes());
            }
            Self::Number { most, decimals } => {
                let unit = 10_u64.pow(*decimals);
                let number = unit + random.below(most.saturating_mul(unit));
                push_number(out, number / unit, 1);
                if *decimals > 0 {
                    out.push(b'.');
                    push_number(out, number % unit, *decimals);
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

fn push_name(out: &mut Vec<u8>, person: u64) {
    let mut random = Random(person ^ 0x6e61_6d65);
    let first = random.pick(&FIRST_NAMES).copied().unwrap_or_default();
    let last = random.pick(&LAST_NAMES).copied().unwrap_or_default();
    let name = match random.below(40) {
        0 => format!("\"{last}, {first}\""),
        1 => format!(
            "\"{first} \"\"{}\"\" {last}\"",
            first.get(..1).unwrap_or("X")
        ),
        _ => {
            out.extend_from_slice(first.as_bytes());
            out.push(b' ');
            out.extend_from_slice(last.as_bytes());
            return;
        }
    };
    out.extend_from_slice(name.as_bytes());
}

/// One of the ten numbers that the Social Security Administration has set aside
/// for advertisements, which are nobody's; sometimes none, or what is no number.
fn push_taxpayer_number(out: &mut Vec<u8>, person: u64) {
    let mut random = Random(person ^ 0x0074_696e);
    match random.below(20) {
        0 => {}
        1 => out.extend_from_slice(b"000-00-0000"),
        _ => {
            out.extend_from_slice(b"987-65-432");
            push_number(out, random.below(10), 1);
        }
    }
}

fn push_number(out: &mut Vec<u8>, number: u64, width: u32) {
    let mut digits = [b'0'; 20];
    let mut rest = number;
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        used += 1;
        if rest == 0 && used >= width {
            break;
        }
    }
    let start = digits.len() - usize::try_from(used).unwrap_or(0);
    out.extend_from_slice(digits.get(start..).unwrap_or_default());
}

fn random_day(first: Date, days: u64, random: &mut Random) -> Date {
    let later = i64::try_from(random.below(days)).unwrap_or(0);
    first
        .checked_add(jiff::Span::new().days(later))
        .unwrap_or(first)
}

fn push_date(out: &mut Vec<u8>, date: Date, form: DateForm) {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let text = match form {
        DateForm::Iso => date.to_string(),
        DateForm::MonthFirst => format!("{month:02}/{day:02}/{year:04}"),
        DateForm::DayFirst => format!("{day:02}/{month:02}/{year:04}"),
    };
    out.extend_from_slice(text.as_bytes());
}

fn push_time(out: &mut Vec<u8>, random: &mut Random) {
    out.push(b'T');
    push_number(out, random.below(24), 2);
    out.push(b':');
    push_number(out, random.below(60), 2);
    out.extend_from_slice(b":00Z");
}

/// The columns of a made-up file, in order.
fn columns(plan: &Plan) -> Vec<(String, Maker)> {
    let mut columns = Vec::new();
    let usual = [
        ("name", Maker::Name),
        ("email", Maker::Email),
        ("state", Maker::State),
    ];
    for (id, column) in plan.columns.iter() {
        let usual = usual
            .iter()
            .find(|(name, _)| column.reader == Reader::Statements && *name == column.name);
        let maker = usual.map_or_else(|| maker(plan, id, column), |(_, maker)| maker.clone());
        columns.push((column.name.clone(), maker));
    }
    let mut place = 1;
    for (name, maker) in usual {
        if !columns.iter().any(|(known, _)| known == name) {
            columns.insert(place, (name.to_owned(), maker));
            place += 1;
        }
    }
    columns
}

fn maker(plan: &Plan, id: ColumnId, column: &Column) -> Maker {
    if id == plan.claims.id {
        return Maker::Id;
    }
    if plan.unshown_column() == Some(id) {
        return Maker::TaxpayerNumber;
    }
    if let StatusRule::Column { column, meanings } = &plan.claims.status
        && *column == id
    {
        let list = |wanted| {
            let of = meanings
                .iter()
                .filter(move |(_, meaning)| *meaning == wanted);
            of.map(|(text, _)| cell(text)).collect()
        };
        return Maker::Status {
            pay: list(StatusMeaning::Pay),
            hold: list(StatusMeaning::Hold),
            deny: list(StatusMeaning::Deny),
        };
    }
    if let Some(values) = &column.values {
        // The last value listed is often the blank or the ordinary one.
        return Maker::Texts(values.iter().rev().map(|text| cell(text)).collect());
    }
    if let Some(table) = table_of(plan, id) {
        return Maker::Texts(table);
    }
    if let Some(maker) =
        conditions(plan).find_map(|condition| date_of(condition, id, column.format.dates))
    {
        return maker;
    }
    if let Some(maker) = number_of(plan, id) {
        return maker;
    }
    if let Some(maker) = earlier_payments(plan, id) {
        return maker;
    }
    let other = if column.name == "state" {
        "TX"
    } else {
        "other"
    };
    let mut texts = vec![other.to_owned()];
    texts.extend(column.texts.iter().map(|text| cell(text)));
    Maker::Texts(texts)
}

/// Amounts up to the threshold from which payouts are flagged for tax.
fn earlier_payments(plan: &Plan, id: ColumnId) -> Option<Maker> {
    let tax = plan.tax.as_ref()?;
    tax.earlier
        .as_ref()
        .filter(|earlier| earlier.column == id)?;
    let unit = exact::power_of_ten(plan.settlement.currency.decimals())?;
    let most = u64::try_from(tax.threshold.0 / unit).unwrap_or(u64::MAX);
    Some(Maker::Earlier { most: most.max(1) })
}

/// The texts of a formula's table over a column.
fn table_of(plan: &Plan, id: ColumnId) -> Option<Vec<String>> {
    let mut steps = plan
        .pools
        .iter()
        .flat_map(crate::plan::Pool::formulas)
        .flat_map(Formula::steps);
    steps.find_map(|step| match &step.operand {
        Operand::Cell(operand) if operand.column == id => match &operand.reading {
            Reading::Table(table) => Some(table.iter().map(|(text, _)| cell(text)).collect()),
            Reading::Number { .. } => None,
        },
        _ => None,
    })
}

/// Amounts in currency for awards, whole numbers for shares.
fn number_of(plan: &Plan, id: ColumnId) -> Option<Maker> {
    for pool in &plan.pools {
        let mut columns = pool.formulas().flat_map(Formula::number_columns);
        if columns.any(|column| column == id) {
            return Some(match pool.measure {
                Measure::Award => Maker::Number {
                    most: 2000,
                    decimals: plan.settlement.currency.decimals(),
                },
                Measure::Shares => Maker::Number {
                    most: 60,
                    decimals: 0,
                },
            });
        }
    }
    conditions(plan).find_map(|condition| {
        condition.entries.iter().find_map(|entry| match entry {
            Entry::Cell(column, Matcher::Number(range, _)) if *column == id => {
                let bound = range.to.or(range.from).unwrap_or(Decimal::ONE);
                let most = u64::try_from(bound.trunc().mantissa()).unwrap_or(100);
                Some(Maker::Number {
                    most: most.saturating_mul(2).clamp(10, 1_000_000),
                    decimals: 0,
                })
            }
            _ => None,
        })
    })
}

/// Days around the bounds of a date condition.
fn date_of(condition: &Condition, id: ColumnId, form: DateForm) -> Option<Maker> {
    const AROUND: i64 = 180;
    let around = |from: Option<Date>, to: Option<Date>, instant: bool| {
        let before = from
            .or(to)?
            .checked_sub(jiff::Span::new().days(AROUND))
            .ok()?;
        let after = to
            .or(from)?
            .checked_add(jiff::Span::new().days(AROUND))
            .ok()?;
        let days = before.until(after).ok()?.get_days();
        Some(Maker::Date {
            first: before,
            days: u64::try_from(days).ok()?,
            instant,
            form,
        })
    };
    condition.entries.iter().find_map(|entry| match entry {
        Entry::Cell(column, Matcher::Date(Range { from, to, .. }, _)) if *column == id => {
            around(*from, *to, false)
        }
        Entry::Cell(column, Matcher::Instant(Range { from, to, .. }, _)) if *column == id => {
            let date = |instant: jiff::Timestamp| jiff::tz::Offset::UTC.to_datetime(instant).date();
            around(from.map(date), to.map(date), true)
        }
        _ => None,
    })
}

fn conditions(plan: &Plan) -> impl Iterator<Item = &Condition> {
    let excludes = plan.excludes.iter().map(|exclude| &exclude.when);
    let subclasses = plan.subclasses.iter().map(|subclass| &subclass.when);
    let pools = plan.pools.iter().map(|pool| &pool.when);
    let drops = plan
        .pools
        .iter()
        .filter_map(|pool| pool.drop.as_ref())
        .map(|drop| &drop.when);
    let steps = plan
        .pools
        .iter()
        .flat_map(crate::plan::Pool::formulas)
        .flat_map(Formula::steps);
    excludes
        .chain(subclasses)
        .chain(pools)
        .chain(drops)
        .chain(steps.map(|step| &step.when))
}

/// A text as a CSV cell, quoted where needed.
fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
