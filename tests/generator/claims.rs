//! A random claims file for a plan.

use super::Dice;
use super::plan::{Sketch, Status};

/// Header and cells, before they are written as CSV.
pub(super) struct Sheet {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

const NOTES: [&str; 5] = [
    "",
    "nothing",
    "a, b; c",
    "she said \"no\"\nand left",
    "\u{1f642} = -1",
];

impl Sheet {
    pub(super) fn fill(dice: &mut Dice, sketch: &Sketch, rows: usize) -> Sheet {
        let mut header = vec![sketch.id.to_string()];
        header.extend(sketch.status.iter().map(|status| status.column.to_string()));
        header.extend(sketch.columns.iter().map(|column| column.name.to_string()));
        header.extend(dice.chance(20).then(|| "notes".to_string()));
        let mut sheet = Sheet {
            header,
            rows: Vec::new(),
        };
        for number in 0..rows {
            sheet.add_row(dice, sketch, number);
        }
        for _ in 0..dice.below(3) {
            sheet.swap_columns(dice);
        }
        sheet
    }

    fn add_row(&mut self, dice: &mut Dice, sketch: &Sketch, number: usize) {
        let again = sketch.sum && !self.rows.is_empty() && dice.chance(50);
        let earlier = again.then(|| dice.pick(&self.rows).clone());
        let mut row = vec![
            earlier
                .as_ref()
                .map_or_else(|| id(dice, number), |earlier| earlier[0].clone()),
        ];
        row.extend(
            sketch
                .status
                .as_ref()
                .map(|status| status.cell(dice, earlier.as_ref().map(|earlier| &earlier[1]))),
        );
        for column in &sketch.columns {
            let same = earlier
                .as_ref()
                .filter(|_| !sketch.added.contains(column.name));
            let cell = same.map_or_else(|| column.cell(dice), |earlier| earlier[row.len()].clone());
            row.push(cell);
        }
        if row.len() < self.header.len() {
            row.push(dice.pick(&NOTES).to_string());
        }
        self.rows.push(row);
    }

    /// The order of columns means nothing.
    fn swap_columns(&mut self, dice: &mut Dice) {
        let width = self.header.len() as u64;
        let (one, other) = (dice.below(width) as usize, dice.below(width) as usize);
        self.header.swap(one, other);
        self.rows.iter_mut().for_each(|row| row.swap(one, other));
    }

    pub(super) fn place(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|name| name == column)
    }

    /// With all the freedom that CSV leaves: line ends, quotes, empty lines, a mark.
    pub(super) fn csv(&self, dice: &mut Dice) -> String {
        let end = if dice.chance(20) { "\r\n" } else { "\n" };
        let mut text = if dice.chance(4) {
            "\u{feff}".to_string()
        } else {
            String::new()
        };
        let header: Vec<String> = self.header.iter().map(|name| quoted(name, false)).collect();
        text += &(header.join(",") + end);
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|cell| written(dice, cell)).collect();
            text += &(cells.join(",") + end);
            if dice.chance(1) {
                text += end;
            }
        }
        if dice.chance(5) {
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
        }
        text
    }
}

/// A cell, sometimes with white space around it, sometimes in needless quotes.
fn written(dice: &mut Dice, cell: &str) -> String {
    let mut cell = cell.to_string();
    if dice.chance(3) {
        cell = match dice.below(4) {
            0 => format!(" {cell}"),
            1 => format!("{cell}  "),
            2 => format!("\u{a0}{cell} "),
            _ => format!(" {cell} "),
        };
    }
    let needless = dice.chance(4);
    quoted(&cell, needless || cell.is_empty() && dice.chance(10))
}

fn quoted(cell: &str, needless: bool) -> String {
    if needless || cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_string()
    }
}

/// No two numbers give the same id, and their order is not that of the rows.
fn id(dice: &mut Dice, number: usize) -> String {
    let letter = *dice.pick(&["C", "c", "X", "é", "李", "0"]);
    match dice.below(20) {
        0 => format!("{letter},{number}"),
        1 => format!("{letter} \"{number}\""),
        2 => format!("{letter} {number}"),
        3 => format!("{}-{number}", letter.repeat(40)),
        _ => format!("{letter}{number:04}"),
    }
}

impl Status {
    /// A value of the status column; rows of one claimant are payable or held like the first.
    fn cell(&self, dice: &mut Dice, earlier: Option<&String>) -> String {
        let denied = !self.deny.is_empty() && dice.chance(15);
        let held = !self.hold.is_empty() && dice.chance(20);
        let earlier_fate = earlier.filter(|value| !self.deny.contains(&value.as_str()));
        match earlier_fate {
            _ if denied => dice.pick(&self.deny).to_string(),
            Some(value) => value.clone(),
            None if earlier.is_some() => dice.pick(&self.pay).to_string(),
            None if held => dice.pick(&self.hold).to_string(),
            None => dice.pick(&self.pay).to_string(),
        }
    }
}
