use std::fs;

use super::*;
use crate::base::diagnostics::InvalidPlan;
use crate::plan::cell::{Cells, ValueId};
use crate::plan::formula::Operand;
use crate::plan::parse::load;
use crate::plan::{Plan, PlanSource};

/// A table of a file with a key.
const BY_TIER: &str = "[table.grid]\nfile = \"grid.csv\"\nby = [\"tier\"]\n";
const OF_FILE: &str = "[table.grid]\nfile = \"grid.csv\"\n";
const MILES: &str = r#"{ column = "miles", table = "grid" }"#;
const BOUGHT: &str = r#"{ column = "bought", table = "grid" }"#;
const ALONE: &str = r#"{ table = "grid" }"#;

/// The plan with an operand and the tables that it needs, next to a file.
fn plan_of(operand: &str, tables: &str, file: &str) -> Result<Plan, InvalidPlan> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("grid.csv"), file).unwrap();
    load(&PlanSource {
        folder: folder.path().to_owned(),
        text: format!(
            "[settlement]\nname = \"Tables\"\n[fund]\namount = 1\n{tables}\n[[pool]]\nname = \"a\"\naward = [ {{ add = {operand} }} ]\n"
        ),
        ..PlanSource::default()
    })
}

/// The faults of a plan, without hints.
fn faults(operand: &str, tables: &str, file: &str) -> Vec<String> {
    match plan_of(operand, tables, file) {
        Ok(_) => Vec::new(),
        Err(refused) => refused
            .problems
            .into_iter()
            .map(|one| one.message)
            .collect(),
    }
}

/// The cells of a claim in the order of the plan's columns.
struct Claim(Vec<String>);

impl Cells for Claim {
    fn cell(&self, column: ColumnId) -> &str {
        &self.0[column.0]
    }
}

impl Facts for Claim {
    fn member(&self, _: usize) -> Result<bool, CellFault> {
        Ok(false)
    }

    fn value(&self, _: ValueId) -> Result<Exact, CellFault> {
        Ok(Exact::ZERO)
    }
}

/// The value that each claim looks up, or the fault.
fn found(plan: &Result<Plan, InvalidPlan>, claims: &[&[(&str, &str)]]) -> Vec<String> {
    let plan = match plan {
        Ok(plan) => plan,
        Err(refused) => return vec![refused.to_string()],
    };
    let step = &plan.pools[0].formulas().next().unwrap().steps()[0];
    let Operand::Table(operand) = &step.operand else {
        panic!("{:?}", step.operand);
    };
    let claim = |cells: &&[(&str, &str)]| {
        let cell = |(_, column): (ColumnId, &crate::plan::column::Column)| {
            let mut cells = cells.iter();
            let cell = cells.find(|(name, _)| *name == column.name);
            cell.map_or_else(String::new, |(_, cell)| (*cell).to_owned())
        };
        let claim = Claim(plan.columns.iter().map(cell).collect());
        match operand.value(&claim) {
            Ok(value) => value.written(),
            Err(fault) => fault.message.text,
        }
    };
    claims.iter().map(claim).collect()
}

/// The values that the cells of one column look up.
fn in_bands(operand: &str, tables: &str, column: &str, cells: &[&str]) -> Vec<String> {
    let claims: Vec<[(&str, &str); 1]> = cells.iter().map(|cell| [(column, *cell)]).collect();
    let claims: Vec<&[(&str, &str)]> = claims.iter().map(<[_; 1]>::as_slice).collect();
    found(&plan_of(operand, tables, ""), &claims)
}

/// The values that keys and cells, like `A 2`, look up in a file.
fn in_file(operand: &str, tables: &str, file: &str, claims: &[&str]) -> Vec<String> {
    let split = |claim: &&str| {
        let (tier, cell) = claim.split_once(' ').unwrap();
        [
            ("tier", tier.to_owned()),
            ("miles", cell.to_owned()),
            ("bought", cell.to_owned()),
        ]
    };
    let claims: Vec<[(&str, String); 3]> = claims.iter().map(split).collect();
    let claims: Vec<Vec<(&str, &str)>> = claims
        .iter()
        .map(|cells| cells.iter().map(|(name, cell)| (*name, &**cell)).collect())
        .collect();
    let claims: Vec<&[(&str, &str)]> = claims.iter().map(Vec::as_slice).collect();
    found(&plan_of(operand, tables, file), &claims)
}

#[test]
fn every_number_is_in_one_band() {
    let operand = r#"{ column = "age", table = [ { below = 45, value = 1 }, { to = 45, value = 2 }, { value = "1/3" } ] }"#;
    assert_eq!(
        in_bands(operand, "", "age", &["0", "44.99", "45", "45.00", "45.01"]),
        ["1", "1", "2", "2", "1/3"]
    );
}

#[test]
fn every_day_is_in_one_band() {
    let operand = r#"{ column = "d", table = [ { to = 2018-11-01, value = 3 }, { below = 2018-11-03, value = 2 }, { to = 2018-12-31, value = 1 } ] }"#;
    let days = ["2018-11-01", "2018-11-02", "2018-11-03", "2019-01-01"];
    assert_eq!(
        in_bands(operand, "", "d", &days),
        [
            "3",
            "2",
            "1",
            "the cell is above the last line of the plan's table, which ends with 2018-12-31"
        ]
    );
}

#[test]
fn a_table_may_begin_and_end() {
    let table =
        "[table.grid]\nbands = [ { to = 4, value = 7 }, { below = 6, value = 5 } ]\nfrom = 2\n";
    assert_eq!(
        in_bands(MILES, table, "miles", &["1.99", "2", "4", "5.99", "6", ""]),
        [
            "the cell is below the first line of the table `grid`, which begins with 2",
            "7",
            "7",
            "5",
            "the cell is above the last line of the table `grid`, which ends with 6",
            "the cell is blank, but the table `grid` has no value for a blank",
        ]
    );
}

#[test]
fn the_factor_comes_last_on_a_blank_too() {
    let operand = r#"{ column = "age", table = [ { to = 4, value = 7 }, { value = 1 } ], blank = 5, times = 2 }"#;
    assert_eq!(
        in_bands(operand, "", "age", &["", "4", "5"]),
        ["10", "14", "2"]
    );
    let named = "[table.grid]\nbands = [ { to = 4, value = 7 } ]\nblank = 5\n";
    let operand = r#"{ column = "miles", table = "grid", times = "1/2" }"#;
    assert_eq!(
        in_bands(operand, named, "miles", &["", "4"]),
        ["2.5", "3.5"]
    );
}

#[test]
fn a_named_table_of_texts_has_a_value_for_each() {
    let table = "[table.grid]\ntexts = { A = 5, \"\" = 0.5 }\n";
    let operand = r#"{ column = "tier", table = "grid", times = 3 }"#;
    assert_eq!(
        in_bands(operand, table, "tier", &["A", "", "B"]),
        [
            "15",
            "1.5",
            "`B` is not in the plan's table for this column"
        ]
    );
}

#[test]
fn bands_that_nothing_can_be_in_are_faults() {
    let empty = ["nothing can be in this band"];
    for bands in [
        "{ to = 45, value = 1 }, { below = 45, value = 2 }",
        "{ to = 45, value = 1 }, { to = 45, value = 2 }",
        "{ below = 45, value = 1 }, { below = 45, value = 2 }",
        "{ to = 45, value = 1 }, { to = 44, value = 2 }",
        "{ below = 0, value = 1 }, { value = 2 }",
        "{ below = 2020-01-02, value = 1 }, { to = 2020-01-01, value = 2 }",
        "{ to = 2020-01-01, value = 1 }, { below = 2020-01-02, value = 2 }",
    ] {
        let operand = format!("{{ column = \"x\", table = [ {bands} ] }}");
        assert_eq!(faults(&operand, "", ""), empty, "{bands}");
    }
    for (bands, from) in [
        ("{ below = 2, value = 1 }", "2"),
        ("{ to = 2, value = 1 }", "2.1"),
        ("{ below = 2020-01-01, value = 1 }", "2020-01-01"),
    ] {
        let table = format!("[table.grid]\nbands = [ {bands} ]\nfrom = {from}\n");
        assert_eq!(faults(MILES, &table, ""), empty, "{bands} {from}");
    }
    for bands in [
        "{ to = 0, value = 1 }, { value = 2 }",
        "{ below = 45, value = 1 }, { to = 45, value = 2 }",
        "{ to = 2020-01-01, value = 1 }, { to = 2020-01-02, value = 2 }",
        "{ to = 2020-01-01, value = 1 }, { below = 2020-01-03, value = 2 }",
    ] {
        let operand = format!("{{ column = \"x\", table = [ {bands} ] }}");
        assert!(faults(&operand, "", "").is_empty(), "{bands}");
    }
}

#[test]
fn a_file_has_a_header_of_one_form_in_any_order() {
    let key = |text| format!("the table `grid` has no line for {text}");
    let between = "the cell is in no line of the table `grid`; the next one begins with 4";
    let below = "the cell is below the first line of the table `grid`, which begins with";
    let above = "the cell is above the last line of the table `grid`, which ends with";
    let claims = ["A 0", "A 2", "A 3", "A 4", "A 9", "B 2"];
    let expected = |cells: [&str; 6]| cells.map(str::to_owned);
    for (file, values) in [
        (
            "value,to,tier\n7,2,A\n5,4,A\n3,,A\n1,9,B\n",
            expected(["7", "7", "5", "5", "3", "1"]),
        ),
        (
            "below,value,tier\n,3,A\n4,5,A\n2,7,A\n9,1,B\n",
            expected(["7", "5", "5", "3", "3", "1"]),
        ),
        (
            "tier,from,value\nA,4,3\nB,0,1\nA,2,5\n",
            [&format!("{below} 2"), "5", "5", "3", "3", "1"].map(str::to_owned),
        ),
        (
            "tier,to,from,value\nA,2,0,7\nA,8,4,5\nB,,0,1\n",
            ["7", "7", between, "5", &format!("{above} 8"), "1"].map(str::to_owned),
        ),
        (
            "\u{feff}tier,from,below,value\r\n\r\nA,0,2,7\r\n,,,\r\nA,2,4,5\r\n\"A\",4,, 3 \r\nB,0,9,1\r\n",
            expected(["7", "5", "5", "3", "3", "1"]),
        ),
    ] {
        assert_eq!(in_file(MILES, BY_TIER, file, &claims), values, "{file}");
    }
    assert_eq!(
        in_file(
            ALONE,
            BY_TIER,
            "value,tier\n7,A\n5,\"\"\n",
            &["A ", " ", "B "]
        ),
        ["7", "5", "`B` is not in the plan's table for this column"]
    );
    let two = "[table.grid]\nfile = \"grid.csv\"\nby = [\"miles\", \"tier\"]\n";
    assert_eq!(
        in_file(
            ALONE,
            two,
            "tier,miles,value\nA,1,7\nB,2,5\n",
            &["A 1", "B 2", "A 2"]
        ),
        ["7".to_owned(), "5".to_owned(), key("`2`, `A` together")]
    );
}

#[test]
fn a_file_may_have_days_and_no_key() {
    let file = "from,to,value\n2018-01-01,2018-06-30,2\n2018-07-01,,1.5\n";
    let claims = ["- 2017-12-31", "- 2018-06-30", "- 2018-07-01", "- "];
    assert_eq!(
        in_file(BOUGHT, OF_FILE, file, &claims),
        [
            "the cell is below the first line of the table `grid`, which begins with 2018-01-01",
            "2",
            "1.5",
            "the cell is blank, but the table `grid` has no value for a blank",
        ]
    );
    let with = "[table.grid]\nfile = \"grid.csv\"\nfrom = 2018-01-01\nblank = 0\n";
    let file = "below,value\n2018-07-01,2\n";
    assert_eq!(
        in_file(BOUGHT, with, file, &claims),
        [
            "the cell is below the first line of the table `grid`, which begins with 2018-01-01",
            "2",
            "the cell is above the last line of the table `grid`, which ends with 2018-07-01",
            "0",
        ]
    );
}

#[test]
fn each_line_that_overlaps_is_one_fault_with_its_row() {
    let overlaps = |row: usize, column: &str, other: usize| {
        format!(
            "grid.csv:{row}:{column}: the line overlaps with row {other}, so a cell could be in both"
        )
    };
    let empty =
        |row: usize, column: &str| format!("grid.csv:{row}:{column}: nothing can be in this band");
    let twice = |row: usize, other: usize| {
        format!("grid.csv:{row}:from: the line begins where row {other} does, with the same key")
    };
    for (file, expected) in [
        (
            "tier,from,to,value\nA,0,2,1\nA,2,4,2\n",
            vec![overlaps(2, "from", 1)],
        ),
        (
            "tier,from,to,value\nA,2,4,2\nA,0,2,1\n",
            vec![overlaps(1, "from", 2)],
        ),
        ("tier,from,below,value\nA,0,2,1\nA,2,4,2\n", vec![]),
        (
            "tier,from,below,value\nA,0,,1\nA,2,4,2\n",
            vec![overlaps(2, "from", 1)],
        ),
        (
            "tier,from,to,value\nA,0,9,1\nA,1,2,2\nB,1,2,2\n",
            vec![overlaps(2, "from", 1)],
        ),
        ("tier,from,to,value\nA,2,1,1\n", vec![empty(1, "from")]),
        (
            "tier,from,below,value\nA,2,2,1\nB,2,2,1\n",
            vec![empty(1, "from"), empty(2, "from")],
        ),
        ("tier,from,to,value\nA,2,2,1\n", vec![]),
        ("tier,to,value\nA,2,1\nA,2,2\n", vec![overlaps(2, "to", 1)]),
        (
            "tier,to,value\nA,,1\nA,,2\nA,3,3\n",
            vec![overlaps(2, "to", 1)],
        ),
        ("tier,below,value\nA,0,1\nA,,2\n", vec![empty(1, "below")]),
        ("tier,from,value\nA,1,1\nA,1,2\nB,1,2\n", vec![twice(2, 1)]),
        ("tier,from,value\nA,1,1\nA,2,2\nA,1,2\n", vec![twice(3, 1)]),
    ] {
        assert_eq!(faults(MILES, BY_TIER, file), expected, "{file}");
    }
    let days = "from,to,value\n2018-01-01,2018-06-30,2\n2018-06-30,,1\n";
    assert_eq!(faults(BOUGHT, OF_FILE, days), [overlaps(2, "from", 1)]);
    assert_eq!(
        faults(ALONE, BY_TIER, "tier,value\nA,1\nB,1\nA,1\n"),
        ["grid.csv:3:value: the key is the same as in row 1"]
    );
}

#[test]
fn every_fault_of_a_file_is_reported() {
    let file = "tier,to,value\nA,x,$5\nA,4\na,2018-02-30,1\nB,,7\nb,,1\n";
    assert_eq!(
        faults(MILES, BY_TIER, file),
        [
            "grid.csv:1:value: `$5` has a currency sign",
            "grid.csv:1:to: `x` is not a number",
            "grid.csv:2: the row has 2 cells, but the header has 3",
            "grid.csv:3:to: `2018-02-30` is not a valid date of the form `2021-09-30`",
            "grid.csv:5:tier: `b` and `B` differ only by case or white space, so cells of column `tier` would be ambiguous",
        ]
    );
    let many = format!("tier,to,value\n{}", "A,x,1\n".repeat(2000));
    let faults = faults(MILES, BY_TIER, &many);
    assert_eq!(faults.len(), 1001);
    assert_eq!(
        faults.last().unwrap(),
        "grid.csv has more than 1000 problems; the others are not shown"
    );
}

#[test]
fn a_file_is_read_once_and_has_an_end() {
    let tables = "[table.grid]\nfile = \"grid.csv\"\nby = [\"tier\"]\n[table.again]\nfile = \"grid.csv\"\nby = [\"tier\"]\n";
    let plan = plan_of(ALONE, tables, "tier,value\nA,1\n").unwrap();
    assert_eq!(plan.table_files.len(), 1);
    assert_eq!(plan.warnings, ["nothing in the plan reads [table.again]"]);
    let long = format!("to,value\n{}", "1,1\n".repeat(1_000_001));
    assert_eq!(
        faults(MILES, OF_FILE, &long),
        ["grid.csv has more than 1,000,000 lines"]
    );
}

#[test]
fn keys_are_texts_of_the_plan() {
    let ids = "[table.grid]\nfile = \"grid.csv\"\nby = [\"claimant_id\"]\n";
    let file = "claimant_id,value\nA,1\n";
    assert_eq!(
        faults(ALONE, ids, file),
        ["the key of the table `grid` cannot be the column of claimant ids"]
    );
    // A text that another rule compares with the column.
    let rule = format!("{BY_TIER}[[exclude]]\nreason = \"x\"\nwhen = {{ tier = \"a\" }}\n");
    let file = "tier,value\nA,1\n";
    assert_eq!(
        faults(ALONE, &rule, file),
        [
            "`A` and `a` differ only by case or white space, so cells of column `tier` would be ambiguous"
        ]
    );
}
