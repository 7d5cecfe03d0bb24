//! Named values, for each row and for each claim.

use super::{Column, Dice, Purpose, Sketch, key, number, quoted};

/// A value that the plan has already named.
#[derive(Clone, Copy)]
pub(super) struct Value {
    pub name: &'static str,
    pub per_row: bool,
}

impl Sketch {
    /// Some values, and a column that only values per row read: its cells may differ from
    /// row to row.
    pub(super) fn values(&mut self, dice: &mut Dice) -> Option<Column> {
        let amounts: Vec<usize> = (0..self.columns.len())
            .filter(|&index| self.columns[index].is_amount() && self.columns[index].name != "long")
            .collect();
        let of_rows =
            (!amounts.is_empty()).then(|| self.columns.remove(*dice.pick::<usize>(&amounts)));
        for name in ["weighted", "base-amount", "capped"] {
            if !dice.chance(35) {
                continue;
            }
            let of_row = of_rows.as_ref().filter(|_| dice.chance(60));
            let mut lines = vec![format!("\n[value.{name}]")];
            if dice.chance(50) {
                lines.push(format!("name = \"The {name} value\""));
            }
            if let Some(column) = of_row {
                lines.push("per = \"row\"".to_owned());
                if dice.chance(40) {
                    lines.push(format!("when = {}", self.condition(dice, false)));
                }
                lines.push(format!("steps = {}", self.steps_of_row(dice, column)));
            } else {
                if dice.chance(30) {
                    lines.push(format!("when = {}", self.condition(dice, true)));
                }
                let purpose = *dice.pick(&[Purpose::Shares, Purpose::Award]);
                lines.push(format!("steps = {}", self.formula(dice, purpose)));
            }
            self.line(&lines.join("\n"));
            let per_row = of_row.is_some();
            self.values.push(Value { name, per_row });
        }
        of_rows
    }

    fn steps_of_row(&mut self, dice: &mut Dice, column: &Column) -> String {
        let mut operand = format!("column = {}, blank = 0", quoted(column.name));
        if dice.chance(30) {
            let most = dice.pick(&column.favorites).clone();
            operand += &format!(", up_to = {}", number(dice, &most));
        }
        let mut steps = vec![format!("{{ add = {{ {operand} }} }}")];
        let other = self.values.iter().rfind(|value| value.per_row);
        if let Some(other) = other.filter(|_| dice.chance(40)) {
            steps.push(format!("{{ add = {{ column = \"{}\" }} }}", other.name));
        }
        let step = *dice.pick(&[
            "times = 2",
            "times = \"2/3\"",
            "divide = 7",
            "divide = \"3/2\"",
            "subtract = 1",
            "at_most = 1000",
            "round_down = 5",
        ]);
        let when = self.condition(dice, false);
        steps.push(format!("{{ {step}, when = {when} }}"));
        if !dice.chance(3) {
            steps.push("{ at_least = 0 }".to_owned());
            let unit = *dice.pick(&["0.01", "0.5", "1", "0.001"]);
            let verb = *dice.pick(&["round", "round_down", "round_up"]);
            steps.push(format!("{{ {verb} = {unit} }}"));
        }
        format!("[ {} ]", steps.join(", "))
    }

    /// A range of a value that a condition may read.
    pub(super) fn range_of_value(&self, dice: &mut Dice, of_rows: bool) -> Option<String> {
        let values = self.values.iter();
        let values: Vec<Value> = values
            .filter(|value| value.per_row || !of_rows)
            .copied()
            .collect();
        if values.is_empty() {
            return None;
        }
        let name = key(dice.pick(&values).name);
        let end = *dice.pick(&["0", "1", "2.5", "10", "1000"]);
        let side = *dice.pick(&["from", "to"]);
        Some(format!("{name} = {{ {side} = {} }}", number(dice, end)))
    }

    /// A value as an operand.
    pub(super) fn value_operand(&self, dice: &mut Dice) -> Option<String> {
        if self.values.is_empty() {
            return None;
        }
        let mut operand = format!("column = \"{}\"", dice.pick(&self.values).name);
        if dice.chance(20) {
            operand += ", up_to = 1000";
        }
        if dice.chance(20) {
            let factor = *dice.pick(&["0.25", "\"1/3\"", "2"]);
            operand += &format!(", times = {factor}");
        }
        Some(format!("{{ {operand} }}"))
    }
}
