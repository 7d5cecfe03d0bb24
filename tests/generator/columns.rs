//! The columns that a claims file may have, and their cells.

use super::dice::{Dice, decimal};

pub(super) const EARLIER: &str = "paid_earlier";

#[derive(Clone)]
pub(super) struct Column {
    pub name: &'static str,
    pub kind: Kind,
    /// How many cells in a hundred are blank.
    pub blanks: u64,
    /// Cells that occur often, so that there are ties and that bounds are hit.
    pub favorites: Vec<String>,
    /// The plan lists the values that may occur.
    pub listed: bool,
    pub thousands: bool,
    pub prefix: bool,
    pub format: Option<&'static str>,
    /// The plan reads `N/A` as a blank.
    pub mapped: bool,
    /// The plan ignores case.
    pub any_case: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// An amount with this range of units and decimals.
    Amount {
        most: u128,
        places: usize,
    },
    Day,
    Instant,
    /// Taxpayer numbers, good and bad; any cell may stand there.
    TaxpayerNumber,
}

const STATES: [&str; 5] = ["IL", "CA", "WI", "D.C.", "Île-de-France"];
const TIERS: [&str; 4] = ["A", "B", "Gold", "ß"];
const KINDS: [&str; 5] = [
    "class, member",
    "say \"yes\"",
    "line one\nline two",
    "plain",
    "naïve  twice",
];
const DAYS: [&str; 8] = [
    "2020-02-29",
    "2020-12-31",
    "2021-01-01",
    "2021-01-02",
    "2021-09-30",
    "2021-10-01",
    "2022-03-01",
    "2022-12-11",
];
const INSTANTS: [&str; 7] = [
    "2022-03-01T05:59:59+14:00",
    "2022-03-01T23:59:58-06:00",
    "2022-03-02T05:59:59Z",
    "2022-03-01T23:59:59-06:00",
    "2022-03-01T23:59:59.5-06:00",
    "2022-03-02T06:00:00Z",
    "2022-03-02T11:30:00+05:30",
];

const NUMBERS: [&str; 14] = [
    "234-56-7891",
    "234567891",
    "23-4567891",
    "987-65-4321",
    "912-93-3456",
    "000-12-3456",
    "666123456",
    "701234567",
    "70-1234567",
    "120034567",
    "123-45-6789",
    "99-9999999",
    "2345678",
    "applied for",
];

/// Some columns; `typical` is what a claimant may expect to receive, in minor units.
pub(super) fn some(dice: &mut Dice, typical: u128, places: usize) -> Vec<Column> {
    let money = typical.saturating_mul(*dice.pick(&[1, 2, 4, 20])).max(10);
    let fine = if dice.chance(15) { places + 1 } else { places };
    let long = Kind::Amount {
        most: 10u128.pow(dice.between(18, 28) as u32),
        places: dice.below(15) as usize,
    };
    let all = [
        ("state", Kind::Text),
        ("tier", Kind::Text),
        ("Kind of claim", Kind::Text),
        (
            "months",
            Kind::Amount {
                most: 24,
                places: 0,
            },
        ),
        (
            "points",
            Kind::Amount {
                most: 30_000,
                places: 4,
            },
        ),
        (
            "loss",
            Kind::Amount {
                most: money * if fine > places { 10 } else { 1 },
                places: fine,
            },
        ),
        (
            "Überweisung",
            Kind::Amount {
                most: money,
                places,
            },
        ),
        ("long", long),
        ("submitted", Kind::Day),
        ("filed at", Kind::Instant),
    ];
    let mut columns = Vec::new();
    for (name, kind) in all {
        let rare = name == "long";
        if dice.chance(if rare { 4 } else { 60 }) {
            columns.push(Column::new(dice, name, kind));
        }
    }
    columns
}

impl Column {
    fn new(dice: &mut Dice, name: &'static str, kind: Kind) -> Column {
        let favorites = match kind {
            Kind::Text if name == "state" => STATES.map(String::from).to_vec(),
            Kind::Text if name == "tier" => TIERS.map(String::from).to_vec(),
            Kind::Text => KINDS.map(String::from).to_vec(),
            Kind::Day => DAYS.map(String::from).to_vec(),
            Kind::Instant => INSTANTS.map(String::from).to_vec(),
            Kind::Amount { most, places } => (0..5).map(|_| amount(dice, most, places)).collect(),
            Kind::TaxpayerNumber => NUMBERS.map(String::from).to_vec(),
        };
        let is_amount = matches!(kind, Kind::Amount { .. });
        let formats = ["YYYY-MM-DD", "MM/DD/YYYY", "DD/MM/YYYY"];
        let blanks = if dice.chance(40) {
            dice.between(5, 40)
        } else {
            0
        };
        let listed = kind == Kind::Text && dice.chance(25);
        let is_number = matches!(kind, Kind::TaxpayerNumber);
        Column {
            name,
            kind,
            blanks,
            favorites,
            mapped: blanks > 0 && !is_number && dice.chance(30),
            any_case: listed && dice.chance(50),
            listed,
            thousands: is_amount && dice.chance(30),
            prefix: is_amount && dice.chance(25),
            format: (kind == Kind::Day && dice.chance(50)).then(|| *dice.pick(&formats)),
        }
    }

    /// The column of taxpayer numbers.
    pub(super) fn of_numbers(dice: &mut Dice) -> Column {
        Column::new(dice, "tin", Kind::TaxpayerNumber)
    }

    /// The column of earlier payments, which are small beside the threshold
    /// or large.
    pub(super) fn of_earlier_payments(dice: &mut Dice, threshold: u128, places: usize) -> Column {
        let most = threshold.saturating_mul(*dice.pick(&[1, 2])).max(10);
        let kind = Kind::Amount { most, places };
        Column::new(dice, EARLIER, kind)
    }

    pub(super) fn is_amount(&self) -> bool {
        matches!(self.kind, Kind::Amount { .. })
    }

    /// The column's table in the plan, where it needs one.
    pub(super) fn rules(&self) -> Option<Vec<(&'static str, String)>> {
        let mut rules = Vec::new();
        if self.listed {
            let mut values = self.favorites.clone();
            values.extend((self.blanks > 0).then(String::new));
            let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            rules.push(("values", format!("[{}]", values.join(", "))));
        }
        if self.mapped {
            let map = "{ \"N/A\" = \"\", \"not given\" = \"\" }";
            rules.push(("map", map.to_owned()));
        }
        if self.any_case {
            rules.push(("ignore_case", "true".to_owned()));
        }
        rules.extend(self.thousands.then(|| ("thousands", quoted(","))));
        rules.extend(self.prefix.then(|| ("prefix", quoted("$"))));
        rules.extend(self.format.map(|format| ("format", quoted(format))));
        (!rules.is_empty()).then_some(rules)
    }

    pub(super) fn cell(&self, dice: &mut Dice) -> String {
        if dice.chance(self.blanks) {
            let blank = if self.mapped && dice.chance(40) {
                "N/A"
            } else {
                ""
            };
            return blank.to_owned();
        }
        let favorite = dice.pick(&self.favorites).clone();
        if self.any_case && dice.chance(40) {
            return favorite.to_uppercase();
        }
        match self.kind {
            Kind::Text | Kind::Instant => favorite,
            Kind::TaxpayerNumber if dice.chance(50) => favorite,
            Kind::TaxpayerNumber => number(dice),
            Kind::Amount { most, places } => {
                let plain = if dice.chance(50) {
                    favorite
                } else {
                    amount(dice, most, places)
                };
                self.dressed(dice, plain)
            }
            Kind::Day if self.format.is_none() && dice.chance(15) => {
                format!("{favorite}T{:02}:{:02}:59", dice.below(24), dice.below(60))
            }
            Kind::Day => self.written(&favorite),
        }
    }

    /// An amount with separators and prefix, where the column allows them.
    fn dressed(&self, dice: &mut Dice, plain: String) -> String {
        let mut dressed = plain;
        if self.thousands && dice.chance(70) {
            let units = dressed.split('.').next().unwrap_or_default().len();
            for place in (1..units)
                .rev()
                .filter(|place| (units - place).is_multiple_of(3))
            {
                dressed.insert(place, ',');
            }
        }
        if self.prefix && dice.chance(50) {
            dressed.insert(0, '$');
        }
        dressed
    }

    /// A date in the form of the column.
    fn written(&self, day: &str) -> String {
        let (year, month, day) = (&day[..4], &day[5..7], &day[8..]);
        match self.format {
            Some("MM/DD/YYYY") => format!("{month}/{day}/{year}"),
            Some("DD/MM/YYYY") => format!("{day}/{month}/{year}"),
            _ => format!("{year}-{month}-{day}"),
        }
    }
}

/// Nine digits in one of the forms of a taxpayer number.
fn number(dice: &mut Dice) -> String {
    let digits = format!("{:09}", dice.below(1_000_000_000));
    match dice.below(3) {
        0 => digits,
        1 => format!("{}-{}-{}", &digits[..3], &digits[3..5], &digits[5..]),
        _ => format!("{}-{}", &digits[..2], &digits[2..]),
    }
}

fn amount(dice: &mut Dice, most: u128, places: usize) -> String {
    let units = if dice.chance(8) {
        0
    } else {
        dice.below_wide(most + 1)
    };
    if dice.chance(20) {
        decimal(units / 10u128.pow(places as u32), 0)
    } else {
        decimal(units, places)
    }
}

/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        text.replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n")
    )
}
