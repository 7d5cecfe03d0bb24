//! A random plan, written as TOML.

mod formula;
mod values;

use std::collections::BTreeSet;
use std::fmt::Write;

use super::columns::{self, quoted};
use super::dice::decimal;
use super::{Column, Dice};
use values::Value;

/// The plan as it grows, and what the claims file must know of it.
pub(super) struct Sketch {
    pub toml: String,
    pub id: &'static str,
    pub status: Option<Status>,
    pub sum: bool,
    pub columns: Vec<Column>,
    /// The columns that formulas read as amounts.
    pub added: BTreeSet<&'static str>,
    currency: &'static str,
    /// Decimals of the currency.
    places: usize,
    /// Minor units.
    fund: u128,
    /// At least this much is left after the deductions.
    net: u128,
    /// What a claimant may expect, in minor units.
    typical: u128,
    subclasses: Vec<&'static str>,
    /// The named values so far.
    values: Vec<Value>,
    /// A pool has already taken what it could get.
    drained: bool,
    /// The pools whose payments later ones may read.
    readable: Vec<&'static str>,
}

/// The status column, and the values that occur in it.
pub(super) struct Status {
    pub column: &'static str,
    pub pay: Vec<&'static str>,
    pub hold: Vec<&'static str>,
    pub deny: Vec<&'static str>,
    /// The plan says `status = false`.
    pub ignored: bool,
}

/// The names of pools.
const POOLS: [&str; 3] = ["class", "losses, documented", "Überschuss"];

/// What a formula is for, which says how large its numbers are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Shares,
    Award,
    AtLeast,
    AtMost,
    Less,
}

impl Sketch {
    pub(super) fn new(dice: &mut Dice, rows: usize) -> Sketch {
        let (currency, places) = *dice.pick(&[
            ("USD", 2),
            ("USD", 2),
            ("USD", 2),
            ("JPY", 0),
            ("KWD", 3),
            ("EUR", 2),
        ]);
        let exponent = *dice.pick(&[1, 2, 3, 4, 5, 6, 7, 8, 10, 15]);
        let exponent = if dice.chance(3) { 24 } else { exponent };
        let fund = 1 + dice.below_wide(10u128.pow(exponent));
        let typical = (fund / rows as u128).max(1);
        let keys = ["illinois", "early-birds", "big_losses"];
        Sketch {
            toml: String::new(),
            id: dice.pick::<&str>(&["claimant_id", "claimant_id", "Claim No."]),
            status: Status::some(dice),
            sum: dice.chance(35),
            columns: columns::some(dice, typical, places),
            added: BTreeSet::new(),
            currency,
            places,
            fund,
            net: fund,
            typical,
            subclasses: if dice.chance(65) {
                dice.some(&keys)
            } else {
                Vec::new()
            },
            values: Vec::new(),
            drained: false,
            readable: Vec::new(),
        }
    }

    pub(super) fn write(&mut self, dice: &mut Dice) {
        self.settlement(dice);
        self.fund(dice);
        self.claims(dice);
        self.column_rules();
        let of_rows = if dice.chance(50) {
            self.values(dice)
        } else {
            None
        };
        self.excludes(dice);
        for key in self.subclasses.clone() {
            let when = self.condition(dice, false);
            self.line(&format!(
                "\n[subclass.{key}]\nname = \"The {key} \\u00e9 Subclass\"\nwhen = {when}"
            ));
        }
        let pools = *dice.pick(&[1, 1, 1, 2, 2, 3]);
        for index in 0..pools {
            self.pool(dice, index, index + 1 == pools);
        }
        if dice.chance(20) {
            self.minimum_in_all(dice);
        }
        if dice.chance(30) {
            self.line("\n[residual]\nto = \"as the Court directs\"");
        }
        if dice.chance(25) {
            self.portions(dice, pools);
        }
        if dice.chance(40) {
            self.tax(dice);
        }
        if dice.chance(20) {
            self.unique(dice);
        }
        if let Some(column) = of_rows {
            self.added.insert(column.name);
            self.columns.push(column);
        }
    }

    /// Portions in every way, the last of which is the rest.
    fn portions(&mut self, dice: &mut Dice, pools: usize) {
        let names = ["Fee, of the lawyer", "Lien", "Wages (W-2)"];
        for (index, name) in names.iter().enumerate().skip(dice.below(3) as usize) {
            let mut lines = vec![format!("\n[[portion]]\nname = {}", quoted(name))];
            let amount = dice.chance(35);
            if amount {
                let formula = self.formula(dice, Purpose::Less);
                lines.push(format!("amount = {formula}"));
            } else {
                lines.push(match dice.below(3) {
                    0 => format!("fraction = \"{}\"", dice.pick(&["1/3", "2/7", "1/1"])),
                    1 => {
                        let percent = decimal(u128::from(dice.between(0, 10_000)), 2);
                        format!("percent = {}", number(dice, &percent))
                    }
                    _ => {
                        let brackets =
                            self.brackets(dice, "percent", self.typical, &["33.3", "25", "0.125"]);
                        format!("brackets = {brackets}")
                    }
                });
            }
            if !amount && dice.chance(50) {
                let pool = POOLS[dice.below(pools as u64) as usize];
                let pool = format!("{{ pool = {} }}", quoted(pool));
                let bases = ["\"payout\"".to_owned(), "\"remaining\"".to_owned(), pool];
                lines.push(format!("of = {}", dice.pick(&bases)));
            }
            if dice.chance(50) {
                let rounds = ["nearest", "down", "up"];
                lines.push(format!("round = \"{}\"", dice.pick(&rounds)));
            }
            if dice.chance(40) {
                lines.push(format!("to = \"Payee, number {index}\""));
            }
            self.line(&lines.join("\n"));
        }
        self.line("\n[[portion]]\nname = \"Rest\"\nsource = \"Order \u{a7} 9\"");
    }

    /// Columns in which claimants may well have the same cells.
    fn unique(&mut self, dice: &mut Dice) {
        let names: Vec<String> = self
            .columns
            .iter()
            .map(|column| quoted(column.name))
            .collect();
        if !names.is_empty() {
            let (one, other) = (dice.pick(&names), dice.pick(&names));
            let names = if one == other {
                one.clone()
            } else {
                format!("{one}, {other}")
            };
            self.line(&format!(
                "\n[[unique]]\ncolumns = [{names}]\nduplicates = \"flag\""
            ));
        }
    }

    /// Tax flags, from a sum on that a claimant may well receive.
    fn tax(&mut self, dice: &mut Dice) {
        let threshold = 1 + dice.below_wide(self.typical.saturating_mul(2));
        let written = self.money(dice, threshold);
        self.columns.push(Column::of_numbers(dice));
        let earlier = dice
            .chance(70)
            .then(|| self.earlier_payments(dice, threshold));
        self.line(&format!("\n[tax]\nthreshold = {written}\nnumber = \"tin\""));
        if let Some(earlier) = earlier {
            self.line(&format!("earlier = {earlier}"));
        }
    }

    /// Earlier payments may stand in a column that rules read too.
    fn earlier_payments(&mut self, dice: &mut Dice, threshold: u128) -> String {
        let known = self
            .columns
            .iter()
            .filter(|column| column.is_amount() && !(self.sum && self.added.contains(column.name)));
        let known: Vec<Column> = known.cloned().collect();
        let column = if !known.is_empty() && dice.chance(30) {
            dice.pick(&known).clone()
        } else {
            let column = Column::of_earlier_payments(dice, threshold, self.places);
            self.column_rule(&column);
            self.columns.push(column.clone());
            column
        };
        let name = quoted(column.name);
        if column.blanks > 0 || dice.chance(20) {
            format!("{{ column = {name}, blank = 0.5 }}")
        } else {
            name
        }
    }

    fn line(&mut self, text: &str) {
        writeln!(self.toml, "{text}").expect("a text can always grow");
    }

    fn settlement(&mut self, dice: &mut Dice) {
        self.line("[settlement]\nname = \"In re Example, \\\"quoted\\\"\"");
        if self.currency != "USD" || dice.chance(50) {
            self.line(&format!("currency = \"{}\"", self.currency));
        }
        if dice.chance(20) {
            self.line(
                "docket = \"No. 1:20-cv-04699\"\nas_of = 2026-03-01\ndraft = \"not approved\"",
            );
        }
        if dice.chance(20) {
            self.line("[class]\nmembers = 89_000_000");
        }
    }

    fn fund(&mut self, dice: &mut Dice) {
        let amount = self.money(dice, self.fund);
        self.line(&format!("\n[fund]\namount = {amount}"));
        let interest = if dice.chance(30) {
            1 + dice.below_wide(self.fund / 10 + 1)
        } else {
            0
        };
        if interest > 0 || dice.chance(10) {
            let interest = self.money(dice, interest);
            self.line(&format!("interest = {interest}"));
        }
        for index in 0..*dice.pick(&[0, 1, 1, 2, 3]) {
            self.deduction(dice, index, interest);
        }
    }

    /// Each takes no more than a third of the fund and its interest.
    fn deduction(&mut self, dice: &mut Dice, index: usize, interest: u128) {
        let mut lines = vec![format!(
            "\n[[deduction]]\nname = \"Deduction {index}, one of them\""
        )];
        if dice.chance(60) {
            let kinds = [
                "fees",
                "costs",
                "service",
                "administration",
                "tax",
                "reserve",
                "other",
            ];
            lines.push(format!("kind = \"{}\"", dice.pick(&kinds)));
        }
        let small = (self.fund / 30).max(1);
        let kind = dice.below(6);
        match kind {
            0 => {
                let amount = 1 + dice.below_wide(small);
                lines.push(format!("amount = {}", self.money(dice, amount)));
            }
            1 => {
                let each = 1 + dice.below_wide(small / 4 + 1);
                lines.push(format!(
                    "each = {}\ncount = {}",
                    self.money(dice, each),
                    dice.between(1, 4)
                ));
            }
            2 => lines.push(format!(
                "fraction = \"{}\"",
                dice.pick(&["1/3", "1/4", "2/7", "3/100"])
            )),
            3 => {
                let percent = decimal(u128::from(dice.between(1, 3333)), 2);
                lines.push(format!("percent = {}", number(dice, &percent)));
            }
            _ => lines.push(format!(
                "brackets = {}",
                self.brackets(dice, "percent", self.fund, &["33.3", "25", "0.125"])
            )),
        }
        let base = ["amount", "gross", "remaining"];
        if kind >= 2 && (interest > 0 && !dice.chance(2) || dice.chance(30)) {
            lines.push(format!("of = \"{}\"", dice.pick(&base)));
        }
        if dice.chance(50) {
            lines.push(format!(
                "round = \"{}\"",
                dice.pick(&["nearest", "down", "up"])
            ));
        }
        self.line(&lines.join("\n"));
        let most = if kind < 2 {
            small * 2
        } else {
            (self.fund + interest) / 3 + 1
        };
        self.net = self.net.saturating_sub(most);
        self.typical = (self.typical / 3).max(1);
    }

    fn claims(&mut self, dice: &mut Dice) {
        let mut lines = Vec::new();
        if self.id != "claimant_id" || dice.chance(20) {
            lines.push(format!("id = {}", quoted(self.id)));
        }
        match &self.status {
            Some(status) if status.ignored => lines.push("status = false".to_string()),
            Some(status) => {
                lines.push(format!(
                    "status = \"{}\"\npay = {:?}",
                    status.column, status.pay
                ));
                for (key, values) in [("hold", &status.hold), ("deny", &status.deny)] {
                    lines.extend((!values.is_empty()).then(|| format!("{key} = {values:?}")));
                }
            }
            None if dice.chance(30) => lines.push("status = false".to_string()),
            None => {}
        }
        if self.sum || dice.chance(10) {
            lines.push(format!(
                "rows = \"{}\"",
                if self.sum { "sum" } else { "unique" }
            ));
        }
        if !lines.is_empty() {
            self.line(&format!("\n[claims]\n{}", lines.join("\n")));
        }
    }

    fn column_rules(&mut self) {
        for column in self.columns.clone() {
            self.column_rule(&column);
        }
    }

    fn column_rule(&mut self, column: &Column) {
        let Some(rules) = column.rules() else { return };
        let rules: Vec<String> = rules
            .iter()
            .map(|(key, value)| format!("{key} = {value}"))
            .collect();
        self.line(&format!(
            "\n[column.{}]\n{}",
            key(column.name),
            rules.join("\n")
        ));
    }

    fn excludes(&mut self, dice: &mut Dice) {
        let reasons = [
            "received after the deadline",
            "no member of the class",
            "said \"no\", in writing",
        ];
        for reason in reasons {
            if dice.chance(9) {
                let of_value = self.range_of_value(dice, true).filter(|_| dice.chance(30));
                let when = match of_value {
                    Some(range) => format!("{{ {range} }}"),
                    None => self.condition(dice, false),
                };
                self.line(&format!(
                    "\n[[exclude]]\nreason = {}\nwhen = {when}",
                    quoted(reason)
                ));
            }
        }
    }

    fn pool(&mut self, dice: &mut Dice, index: usize, last: bool) {
        self.line(&format!("\n[[pool]]\nname = {}", quoted(POOLS[index])));
        let drained = self.drained;
        if index > 0 && dice.chance(20) {
            let other = dice.below(index as u64) as usize;
            self.line(&format!("rest_of = {}", quoted(POOLS[other])));
            if dice.chance(50) {
                let most = self.typical.saturating_mul(4).max(1);
                let most = 1 + dice.below_wide(most);
                let most = self.money(dice, most);
                self.line(&format!("up_to = {most}"));
            }
        } else if let Some(money) = self.pool_money(dice, last) {
            self.line(&money);
        }
        if dice.chance(25) {
            let when = self.condition(dice, true);
            self.line(&format!("when = {when}"));
        }
        if dice.chance(12) {
            return self.ties(dice);
        }
        let purpose = if dice.chance(60) {
            Purpose::Shares
        } else {
            Purpose::Award
        };
        let mut formula = self.formula(dice, purpose);
        // The payment of an earlier pool, whose last cents do not go by id.
        let readable: Vec<&str> = self.readable.clone();
        if purpose == Purpose::Award && !readable.is_empty() && dice.chance(30) {
            let pool = quoted(dice.pick::<&str>(&readable));
            let times = *dice.pick(&["", ", times = 2", ", times = 0.5"]);
            let verb = *dice.pick(&["add", "subtract", "at_most", "at_least"]);
            let steps = match formula.strip_suffix("\n]") {
                Some(steps) => steps.to_owned(),
                None => format!("[ {{ add = {formula} }},"),
            };
            formula = format!(
                "{steps}\n  {{ {verb} = {{ pool = {pool}{times} }} }},\n  {{ at_least = 0 }},\n]"
            );
        }
        self.line(&format!(
            "{} = {formula}",
            if purpose == Purpose::Shares {
                "shares"
            } else {
                "award"
            }
        ));
        let dropping = self.limits(dice, purpose, drained);
        if purpose == Purpose::Shares && !dropping && dice.chance(25) {
            self.line("unit = \"share\"");
            self.readable.push(POOLS[index]);
        } else if dice.chance(60) {
            let rounds = [
                "down",
                "largest-remainder",
                "largest-remainder",
                "largest-remainder",
                "nearest",
                "half-even",
            ];
            let round = *dice.pick(&rounds);
            self.line(&format!("round = \"{round}\""));
            if round != "largest-remainder" {
                self.readable.push(POOLS[index]);
            }
        } else {
            self.readable.push(POOLS[index]);
        }
    }

    /// Payments that are exactly between two minor units, if the money suffices: awards less
    /// an offset that has half a unit, or awards that have one and may not be exceeded.
    fn ties(&mut self, dice: &mut Dice) {
        let most = self.typical / 4 + 2;
        let halves = |units| decimal(10 * units + 5, self.places + 1);
        let (award, less) = (dice.below_wide(most), dice.below_wide(most));
        let lines = match dice.chance(70) {
            true => [decimal(most + award, self.places), halves(less)],
            false => [halves(award), "0".to_owned()],
        };
        let (more, when) = (self.money(dice, 1), self.condition(dice, true));
        let [award, less] = lines;
        self.line(&format!(
            "award = [ {{ add = {award} }}, {{ add = {more}, when = {when} }} ]\nless = {less}"
        ));
        let round = *dice.pick(&["nearest", "half-even"]);
        self.line(&format!("round = \"{round}\""));
    }

    /// Fixed amounts and parts of the net fund only as long as they are there.
    fn pool_money(&mut self, dice: &mut Dice, last: bool) -> Option<String> {
        let of = match dice.below(3) {
            0 => "\nof = \"net\"",
            1 => "",
            _ => "\nof = \"remaining\"",
        };
        let of = if self.drained && !dice.chance(2) {
            "\nof = \"remaining\""
        } else {
            of
        };
        let round = *dice.pick(&[
            "",
            "",
            "\nround_money = \"nearest\"",
            "\nround_money = \"down\"",
        ]);
        let choice = dice.below(if last { 12 } else { 5 });
        let drained = self.drained;
        self.drained |= choice >= 3;
        match choice {
            0 if !drained => {
                let amount = dice.below_wide(self.net / 4 + 1);
                Some(format!("amount = {}", self.money(dice, amount)))
            }
            1 => {
                let percent = decimal(u128::from(dice.between(1, 330)), 1);
                Some(format!("percent = {}{of}{round}", number(dice, &percent)))
            }
            2 => Some(format!(
                "fraction = \"{}\"{of}{round}",
                dice.pick(&["1/3", "1/4", "2/7"])
            )),
            3 => {
                let amount = dice.below_wide(self.fund + self.fund / 2 + 1);
                Some(format!("up_to = {}", self.money(dice, amount)))
            }
            _ => None,
        }
    }

    /// Limits and the like; says whether the pool drops small payments.
    fn limits(&mut self, dice: &mut Dice, purpose: Purpose, drained: bool) -> bool {
        let (at_least, at_most, less) = (
            dice.chance(if drained { 4 } else { 20 }),
            dice.chance(30),
            dice.chance(15),
        );
        if at_least {
            let formula = self.formula(dice, Purpose::AtLeast);
            self.line(&format!("at_least = {formula}"));
        }
        if at_most {
            let formula = match at_least {
                true => self.constant(dice, Purpose::AtMost),
                false => self.formula(dice, Purpose::AtMost),
            };
            self.line(&format!("at_most = {formula}"));
        }
        if less {
            let formula = self.formula(dice, Purpose::Less);
            self.line(&format!("less = {formula}"));
        }
        if purpose == Purpose::Award && dice.chance(35) {
            let raise = *dice.pick(&[
                "\"unlimited\"",
                "\"unlimited\"",
                "1",
                "1.5",
                "3",
                "\"12.25\"",
            ]);
            self.line(&format!("raise = {raise}"));
        }
        if purpose == Purpose::Award && dice.chance(10) {
            let reduce = *dice.pick(&["0", "0.01", "0.125", "\"0.5\"", "1"]);
            self.line(&format!("reduce = {reduce}"));
        }
        let limited = at_least || at_most || less;
        let dropping = dice.chance(35);
        if dropping {
            self.dropping(dice, limited);
        }
        dropping
    }

    /// A minimum over all pools.
    fn minimum_in_all(&mut self, dice: &mut Dice) {
        let typical = self.typical * *dice.pick(&[1, 2, 4]) / 2 + 1;
        let limit = 1 + dice.below_wide(typical);
        let limit = self.money(dice, limit);
        let key = *dice.pick(&["below", "at_or_below"]);
        let when = match dice.chance(30) {
            true => format!(", when = {}", self.condition(dice, true)),
            false => String::new(),
        };
        self.line(&format!(
            "\n[payment]\ndrop = {{ {key} = {limit}, method = \"all-at-once\"{when} }}"
        ));
    }

    fn dropping(&mut self, dice: &mut Dice, limited: bool) {
        let typical = self.typical * *dice.pick(&[1, 2, 4]) / 2 + 1;
        let limit = 1 + dice.below_wide(typical);
        let method = if limited || dice.chance(50) {
            "all-at-once"
        } else {
            "smallest-first"
        };
        let key = dice.pick(&["below", "at_or_below"]);
        let mut drop = format!("{key} = {}, method = \"{method}\"", self.money(dice, limit));
        if dice.chance(30) {
            let when = self.condition(dice, true);
            drop += &format!(", when = {when}");
        }
        self.line(&format!("drop = {{ {drop} }}"));
    }

    /// Minor units as an amount in currency.
    fn money(&self, dice: &mut Dice, minor: u128) -> String {
        let amount = decimal(minor, self.places);
        let units = amount
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_string();
        let shorter = self.places > 0 && dice.chance(50) && !units.is_empty();
        number(dice, if shorter { &units } else { &amount })
    }
}

/// A number bare, with underscores, or in quotes.
fn number(dice: &mut Dice, digits: &str) -> String {
    let units = digits.split('.').next().unwrap_or_default().len();
    if dice.chance(20) {
        return format!("\"{digits}\"");
    }
    if units > 3 && dice.chance(30) {
        return format!("{}_{}", &digits[..units - 3], &digits[units - 3..]);
    }
    digits.to_string()
}

/// A TOML key, in quotes where it needs them.
fn key(name: &str) -> String {
    let bare = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if bare { name.to_string() } else { quoted(name) }
}

impl Status {
    fn some(dice: &mut Dice) -> Option<Status> {
        let column = dice.pick(&["status", "Claim Status", "final_STATUS"]);
        let mut hold = vec!["pending"];
        hold.extend(dice.chance(10).then_some(""));
        let mut status = Status {
            column,
            pay: dice.some(&["approved", "paid, in part"]),
            hold: if dice.chance(70) { hold } else { Vec::new() },
            deny: if dice.chance(70) {
                dice.some(&["denied", "withdrawn", "duplicate"])
            } else {
                Vec::new()
            },
            ignored: false,
        };
        match dice.below(10) {
            0 => status.ignored = true,
            1..=3 => return None,
            _ => {}
        }
        Some(status)
    }
}
