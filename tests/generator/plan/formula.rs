//! Formulas and conditions.

use super::columns::{Kind, quoted};
use super::{Column, Dice, Purpose, Sketch, decimal, key, number};

impl Sketch {
    pub(super) fn formula(&mut self, dice: &mut Dice, purpose: Purpose) -> String {
        if dice.chance(if matches!(purpose, Purpose::Shares | Purpose::Award) {
            15
        } else {
            50
        }) {
            return self.constant(dice, purpose);
        }
        let mut steps = Vec::new();
        for index in 0..*dice.pick(&[1, 1, 2, 3, 4]) {
            steps.push(self.step(dice, purpose, index));
        }
        let subtracts = steps.iter().any(|step| step.contains("subtract"));
        let may_be_negative = subtracts || !self.values.is_empty();
        if may_be_negative && !dice.chance(6) {
            steps.push("{ at_least = 0 }".to_string());
        }
        let is_fraction = |step: &String| step.contains('/') || step.contains("divide");
        if steps.iter().any(is_fraction) || !self.values.is_empty() || dice.chance(5) {
            let verb = *dice.pick(&["round", "round", "round_down", "round_up"]);
            let unit = *dice.pick(&["0.01", "0.01", "0.001", "1", "0.25"]);
            steps.push(format!("{{ {verb} = {} }}", number(dice, unit)));
        }
        format!("[\n  {},\n]", steps.join(",\n  "))
    }

    fn step(&mut self, dice: &mut Dice, purpose: Purpose, index: usize) -> String {
        let verbs = [
            "add", "add", "subtract", "times", "at_least", "at_most", "divide",
        ];
        let verb = if index == 0 {
            "add"
        } else {
            *dice.pick(&verbs)
        };
        let operand = match verb {
            "times" if dice.chance(20) => "\"1/3\"".to_owned(),
            "times" | "divide" => {
                let factor = *dice.pick(&["2", "0.5", "0.25", "1.125", "3"]);
                number(dice, factor)
            }
            _ => self.operand(dice, purpose),
        };
        let mut step = format!("{verb} = {operand}");
        if dice.chance(if index == 0 { 10 } else { 50 }) {
            let when = self.condition(dice, true);
            step += &format!(", when = {when}");
        }
        if dice.chance(20) {
            step += &format!(", label = \"step {index}\"");
        }
        format!("{{ {step} }}")
    }

    fn operand(&mut self, dice: &mut Dice, purpose: Purpose) -> String {
        let wants_money = !matches!(purpose, Purpose::Shares);
        if matches!(purpose, Purpose::AtLeast | Purpose::AtMost) && dice.chance(50) {
            let factor = *dice.pick(if purpose == Purpose::AtLeast {
                &["0.01", "0.05"]
            } else {
                &["0.75", "1"]
            });
            return format!("{{ award = {} }}", number(dice, factor));
        }
        let may_read_values = !matches!(purpose, Purpose::AtLeast | Purpose::Less);
        if may_read_values
            && dice.chance(30)
            && let Some(operand) = self.value_operand(dice)
        {
            return operand;
        }
        let small = wants_money && purpose != Purpose::Award;
        let fits = |column: &&Column| match column.kind {
            Kind::Amount { .. } if small => column.name == "months" && purpose != Purpose::AtLeast,
            Kind::Amount { .. } => true,
            Kind::Text => !wants_money,
            _ => false,
        };
        let columns: Vec<Column> = self.columns.iter().filter(fits).cloned().collect();
        if columns.is_empty() || dice.chance(25) {
            return self.constant(dice, purpose);
        }
        let column = dice.pick(&columns).clone();
        if column.is_amount() {
            self.amount_operand(dice, &column)
        } else {
            table_operand(dice, &column)
        }
    }

    fn amount_operand(&mut self, dice: &mut Dice, column: &Column) -> String {
        self.added.insert(column.name);
        let mut operand = format!("column = {}", quoted(column.name));
        if dice.chance(30) {
            let most = dice.pick(&column.favorites).clone();
            operand += &format!(", up_to = {}", number(dice, &most));
        }
        if dice.chance(20) {
            let Kind::Amount { most, places } = column.kind else {
                return operand;
            };
            let limit = most / 10u128.pow(places as u32) * 10u128.pow(self.places as u32);
            operand += &format!(
                ", brackets = {}",
                self.brackets(dice, "rate", limit, &["0.10", "0.175", "1", "2"])
            );
        }
        if dice.chance(30) {
            let factor = *dice.pick(&["0.25", "1.5", "0.1", "2"]);
            operand += &format!(", times = {}", number(dice, factor));
        }
        if column.blanks > 0 && !dice.chance(3) || dice.chance(5) {
            let blank = *dice.pick(&["0", "0", "1", "2.5"]);
            operand += &format!(", blank = {}", number(dice, blank));
        }
        format!("{{ {operand} }}")
    }

    /// Marginal brackets below a limit in minor units.
    pub(super) fn brackets(
        &mut self,
        dice: &mut Dice,
        rate: &str,
        limit: u128,
        rates: &[&str],
    ) -> String {
        let mut brackets = Vec::new();
        let mut to = 0;
        for _ in 0..dice.below(3) {
            to += 1 + dice.below_wide(limit / 2 + 1);
            let end = decimal(to, self.places);
            let bracket_rate = *dice.pick(rates);
            brackets.push(format!(
                "{{ to = {}, {rate} = {} }}",
                number(dice, &end),
                number(dice, bracket_rate)
            ));
        }
        let bracket_rate = *dice.pick(rates);
        brackets.push(format!("{{ {rate} = {} }}", number(dice, bracket_rate)));
        format!("[ {} ]", brackets.join(", "))
    }

    pub(super) fn constant(&mut self, dice: &mut Dice, purpose: Purpose) -> String {
        let typical = self.typical;
        let units = match purpose {
            Purpose::Shares => {
                let shares = *dice.pick(&["1", "1", "2", "6", "0.5", "0.25", "3.14159", "1000"]);
                return number(dice, shares);
            }
            Purpose::Award => 1 + dice.below_wide(typical * 4),
            Purpose::AtLeast => dice.below_wide(typical / 10 + 1).min(typical / 2),
            Purpose::AtMost => typical / 2 + 1 + dice.below_wide(typical * 6),
            Purpose::Less => dice.below_wide(typical + 1),
        };
        if dice.chance(10) {
            let finer = decimal(units * 10 + u128::from(dice.below(10)), self.places + 1);
            return number(dice, &finer);
        }
        self.money(dice, units)
    }

    /// A condition on one or two columns or subclasses.
    pub(super) fn condition(&mut self, dice: &mut Dice, with_in: bool) -> String {
        let mut entries = Vec::new();
        if with_in && !self.subclasses.is_empty() && dice.chance(50) {
            let keys = dice.some(&self.subclasses);
            let keys: Vec<String> = keys.iter().map(|key| quoted(key)).collect();
            entries.push(match keys.as_slice() {
                [key] => format!("in = {key}"),
                _ => format!("in = [{}]", keys.join(", ")),
            });
        }
        if with_in && dice.chance(15) {
            entries.extend(self.range_of_value(dice, false));
        }
        let columns = self.columns.clone();
        let first = dice.below(columns.len().max(1) as u64) as usize;
        if entries.is_empty() || dice.chance(20) {
            if let Some(column) = columns.get(first) {
                entries.push(matcher(dice, column));
            }
            if let Some(column) = columns.get(first + 1).filter(|_| dice.chance(25)) {
                let place = dice.below(entries.len() as u64 + 1) as usize;
                entries.insert(place, matcher(dice, column));
            }
        }
        if entries.is_empty() {
            entries.push(format!("{} = {{ blank = false }}", key(self.id)));
        }
        format!("{{ {} }}", entries.join(", "))
    }
}

fn matcher(dice: &mut Dice, column: &Column) -> String {
    let matcher = match column.kind {
        _ if dice.chance(if column.blanks > 0 { 20 } else { 2 }) => {
            format!("{{ blank = {} }}", dice.chance(40))
        }
        Kind::Text => text_matcher(dice, column),
        _ => range(dice, column),
    };
    format!("{} = {matcher}", key(column.name))
}

fn table_operand(dice: &mut Dice, column: &Column) -> String {
    let mut texts = column.favorites.clone();
    texts.extend((column.blanks > 0).then(String::new));
    let numbers = ["1", "5", "0.5", "0", "2.125"];
    let mut entries = Vec::new();
    for text in texts {
        let worth = *dice.pick(&numbers);
        entries.push(format!("{} = {}", quoted(&text), number(dice, worth)));
    }
    format!(
        "{{ column = {}, table = {{ {} }} }}",
        quoted(column.name),
        entries.join(", ")
    )
}

fn range(dice: &mut Dice, column: &Column) -> String {
    let mut ends = [
        dice.pick(&column.favorites).clone(),
        dice.pick(&column.favorites).clone(),
    ];
    match column.kind {
        // These are in order as they stand.
        Kind::Instant => {
            let place = |end: &String| column.favorites.iter().position(|favorite| favorite == end);
            ends.sort_by_key(place);
        }
        Kind::Day => ends.sort(),
        _ => {
            ends.sort_by_key(|end| scaled(end));
            ends = ends.map(|end| number(dice, &end));
        }
    }
    let [from, to] = ends;
    let mut entries = match dice.below(3) {
        0 => vec![format!("from = {from}")],
        1 => vec![format!("to = {to}")],
        _ => vec![format!("from = {from}"), format!("to = {to}")],
    };
    if column.blanks > 0 && !dice.chance(3) || dice.chance(5) {
        entries.push(format!("blank = {}", dice.chance(50)));
    }
    format!("{{ {} }}", entries.join(", "))
}

/// A number that orders decimals as their values do.
fn scaled(digits: &str) -> (usize, String) {
    let (units, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    (units.len(), format!("{units}.{decimals:0<28}"))
}

fn text_matcher(dice: &mut Dice, column: &Column) -> String {
    let mut texts = column.favorites.clone();
    texts.extend((column.blanks > 0 && dice.chance(20)).then(String::new));
    let one = quoted(dice.pick::<String>(&texts));
    let some: Vec<String> = dice.some(&texts).iter().map(|text| quoted(text)).collect();
    let some = some.join(", ");
    match dice.below(4) {
        0 => one,
        1 => format!("[{some}]"),
        2 => format!("{{ not = {one} }}"),
        _ => format!("{{ not = [{some}] }}"),
    }
}
