//! One thing wrong, which should be refused wherever it matters.

use super::columns::{EARLIER, Kind};
use super::plan::Sketch;
use super::{Dice, Sheet};

/// What follows from what was put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// It is refused, whatever else there is.
    Refused,
    /// It may be refused for a reason that `verify.py` does not know.
    Unlike,
}

pub(super) fn put_in(
    dice: &mut Dice,
    sketch: &Sketch,
    plan: &mut String,
    sheet: &mut Sheet,
) -> Option<Defect> {
    match dice.below(10) {
        0 => spoil_id(dice, sketch, sheet),
        1 => spoil_status(dice, sketch, sheet),
        2 => Some(spoil_header(dice, sheet)),
        3 => overdraw(dice, plan),
        4 => spoil_plan(dice, plan),
        _ => spoil_cell(dice, sketch, sheet),
    }
}

fn spoil_id(dice: &mut Dice, sketch: &Sketch, sheet: &mut Sheet) -> Option<Defect> {
    let place = sheet.place(sketch.id).expect("ids have a column");
    let another = dice.pick(&sheet.rows)[place].clone();
    let bad = ["", "=1+1", "@x", "-7", "+7", "a\nb", " "];
    if dice.chance(30) {
        set(dice, sheet, place, another);
        return None;
    }
    let bad = dice.pick(&bad).to_string();
    set(dice, sheet, place, bad);
    Some(Defect::Refused)
}

fn spoil_status(dice: &mut Dice, sketch: &Sketch, sheet: &mut Sheet) -> Option<Defect> {
    let status = sketch.status.as_ref()?;
    let place = sheet.place(status.column).expect("the status has a column");
    let bad = dice
        .pick(&["Approved", "unknown", "pend ing", ""])
        .to_string();
    set(dice, sheet, place, bad);
    None
}

fn spoil_header(dice: &mut Dice, sheet: &mut Sheet) -> Defect {
    let place = dice.below(sheet.header.len() as u64) as usize;
    sheet.header[place] = dice.pick(&["something else", "status", "loss"]).to_string();
    Defect::Unlike
}

fn spoil_cell(dice: &mut Dice, sketch: &Sketch, sheet: &mut Sheet) -> Option<Defect> {
    if sketch.columns.is_empty() {
        return None;
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
    // Earlier payments are read even of claimants who receive nothing.
    let unlike = column.kind == Kind::Text || column.name == EARLIER;
    unlike.then_some(Defect::Unlike)
}

fn set(dice: &mut Dice, sheet: &mut Sheet, place: usize, cell: String) {
    let row = dice.below(sheet.rows.len() as u64) as usize;
    sheet.rows[row][place] = cell;
}

/// Takes more than there is, unless rounding makes it all that there is.
fn overdraw(dice: &mut Dice, plan: &mut String) -> Option<Defect> {
    let deduction = "[[deduction]]\nname = \"more than all\"\npercent = 100.01\nof = \"gross\"\n";
    let pool = "[[pool]]\nname = \"first\"\nshares = 1\npercent = 100.5\n";
    let (part, before) = *dice.pick(&[(deduction, "[fund]\n"), (pool, "[[pool]]\n")]);
    *plan = plan.replacen(before, &format!("{part}{before}"), 1);
    None
}

fn spoil_plan(dice: &mut Dice, plan: &mut String) -> Option<Defect> {
    let (old, new) = *dice.pick(&[
        ("[fund]\n", "[fund]\nsurprise = 1\n"),
        ("[fund]\namount = ", "[fund]\namount = -"),
        ("[fund]\namount = ", "[fund]\namount = 1e"),
        (
            "[fund]\n",
            "[[deduction]]\nname = \"two\"\npercent = 1\namount = 1\nof = \"gross\"\n[fund]\n",
        ),
        ("[[pool]]\n", "[[pool]]\nshare = 1\n"),
        ("[[pool]]\n", "[[pool]]\npercent = 1\namount = 1\n"),
        ("round = \"", "round = \"up"),
        ("add = ", "plus = "),
        ("{ add = ", "{ subtract = 1, add = "),
        ("\"IL\"", "\"IL\", \"il\""),
        ("[settlement]\n", "[settlement]\ncurrency = \"XYZ\"\n"),
        ("in = ", "within = "),
    ]);
    let found = plan.contains(old);
    *plan = plan.replacen(old, new, 1);
    found.then_some(Defect::Refused)
}
