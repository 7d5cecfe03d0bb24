//! One thing wrong, which should be refused wherever it matters.

use super::columns::Kind;
use super::plan::Sketch;
use super::{Dice, Sheet};

pub(super) fn put_in(dice: &mut Dice, sketch: &Sketch, plan: &mut String, sheet: &mut Sheet) {
    match dice.below(10) {
        0 => spoil_id(dice, sketch, sheet),
        1 => spoil_status(dice, sketch, sheet),
        2 => spoil_header(dice, sheet),
        3..=4 => spoil_plan(dice, plan),
        _ => spoil_cell(dice, sketch, sheet),
    }
}

fn spoil_id(dice: &mut Dice, sketch: &Sketch, sheet: &mut Sheet) {
    let place = sheet.place(sketch.id).expect("ids have a column");
    let another = dice.pick(&sheet.rows)[place].clone();
    let bad = ["", "=1+1", "@x", "-7", "+7", "a\nb", " "];
    let bad = if dice.chance(30) {
        another
    } else {
        dice.pick(&bad).to_string()
    };
    set(dice, sheet, place, bad);
}

fn spoil_status(dice: &mut Dice, sketch: &Sketch, sheet: &mut Sheet) {
    let Some(status) = &sketch.status else { return };
    let place = sheet.place(status.column).expect("the status has a column");
    let bad = dice
        .pick(&["Approved", "unknown", "pend ing", ""])
        .to_string();
    set(dice, sheet, place, bad);
}

fn spoil_header(dice: &mut Dice, sheet: &mut Sheet) {
    let place = dice.below(sheet.header.len() as u64) as usize;
    sheet.header[place] = dice.pick(&["something else", "status", "loss"]).to_string();
}

fn spoil_cell(dice: &mut Dice, sketch: &Sketch, sheet: &mut Sheet) {
    if sketch.columns.is_empty() {
        return;
    }
    let column = dice.pick(&sketch.columns);
    let place = sheet.place(column.name).expect("the column is there");
    let favorite = dice.pick(&column.favorites).clone();
    let spaced = || format!("{} {}", &favorite[..1], &favorite[1..]);
    let bad = match column.kind {
        Kind::Text if favorite.is_char_boundary(1) && dice.chance(50) => spaced(),
        Kind::Text if dice.chance(70) => favorite.to_lowercase(),
        Kind::Text => "ss".to_string(),
        Kind::Amount { .. } => {
            let long = "12345678901234567890123456789";
            let cells = [
                "1,000", "$5", "-3", "+3", "1e3", ".5", "5.", "n/a", "(5)", long, "1_000", "",
                "12,34.5", "５",
            ];
            dice.pick(&cells).to_string()
        }
        // Whatever stands there is no error, but rows that differ may be.
        Kind::TaxpayerNumber => "no number".to_string(),
        Kind::Day => dice
            .pick(&[
                "2021-02-30",
                "2021-1-5",
                "1/5/2021",
                "2021-01-01T10:00:00Z",
                "13/13/2021",
            ])
            .to_string(),
        Kind::Instant => dice
            .pick(&[
                "2022-03-01",
                "2022-03-01T10:00:00",
                "yesterday",
                "2022-03-01T25:00:00Z",
            ])
            .to_string(),
    };
    set(dice, sheet, place, bad);
}

fn set(dice: &mut Dice, sheet: &mut Sheet, place: usize, cell: String) {
    let row = dice.below(sheet.rows.len() as u64) as usize;
    sheet.rows[row][place] = cell;
}

fn spoil_plan(dice: &mut Dice, plan: &mut String) {
    let (old, new) = *dice.pick(&[
        ("[fund]\n", "[fund]\nsurprise = 1\n"),
        ("[fund]\namount = ", "[fund]\namount = -"),
        ("[fund]\namount = ", "[fund]\namount = 1e"),
        (
            "[fund]\n",
            "[[deduction]]\nname = \"more than all\"\npercent = 100.01\nof = \"gross\"\n[fund]\n",
        ),
        (
            "[fund]\n",
            "[[deduction]]\nname = \"two\"\npercent = 1\namount = 1\nof = \"gross\"\n[fund]\n",
        ),
        ("[[pool]]\n", "[[pool]]\nshare = 1\n"),
        ("[[pool]]\n", "[[pool]]\npercent = 1\namount = 1\n"),
        (
            "[[pool]]\n",
            "[[pool]]\nname = \"first\"\nshares = 1\npercent = 100.5\n[[pool]]\n",
        ),
        ("round = \"", "round = \"up"),
        ("add = ", "plus = "),
        ("{ add = ", "{ subtract = 1, add = "),
        ("\"IL\"", "\"IL\", \"il\""),
        ("[settlement]\n", "[settlement]\ncurrency = \"XYZ\"\n"),
        ("in = ", "within = "),
    ]);
    *plan = plan.replacen(old, new, 1);
}
