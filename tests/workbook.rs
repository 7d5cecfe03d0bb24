//! Claims in workbooks: they are read as the same claims in CSV would be.

mod cells;
mod programs;
mod random;

use random::workbook_of;
use serde_json::Value;

use crate::generator::dice::Dice;
use crate::package::{packed, relationships, sheet, with_rows, workbook, zip};
use crate::random::{hold, sure};
use crate::support::{Job, records};

pub(crate) const PLAN: &str = r#"[settlement]
name = "Example"

[fund]
amount = 1000

[claims]
status = "status"
pay    = ["approved"]

[[pool]]
name  = "class"
award = [ { add = { column = "loss", blank = 0 } } ]
"#;

/// A cell with a text.
fn text(at: &str, text: &str) -> String {
    format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

/// The header that [`PLAN`] reads, in the first row.
fn header() -> String {
    let cells = text("A1", "claimant_id") + &text("B1", "loss") + &text("C1", "status");
    format!("<row r=\"1\">{cells}</row>")
}

/// A row of a claimant with a cell for the loss.
fn row(number: u32, id: &str, loss: &str) -> String {
    let id = text(&format!("A{number}"), id);
    let status = text(&format!("C{number}"), "approved");
    format!("<row r=\"{number}\">{id}{loss}{status}</row>")
}

fn number(at: &str, digits: &str) -> String {
    format!("<c r=\"{at}\"><v>{digits}</v></c>")
}

/// A folder with [`PLAN`] and a workbook.
fn job(workbook: &[u8]) -> Job {
    let job = Job::with(&[("plan.toml", PLAN)]);
    job.write("claims.xlsx", workbook);
    job
}

fn compute<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [
        &["compute", "claims.xlsx", "--plan", "plan.toml", "--quiet"],
        more,
    ]
    .concat()
}

fn warnings(job: &Job) -> Vec<String> {
    let summary: Value = serde_json::from_str(&job.read("payouts/summary.json")).unwrap();
    let warnings = summary["warnings"].as_array().unwrap().iter();
    warnings
        .map(|one| one.as_str().unwrap().to_owned())
        .collect()
}

/// The column of ids of a plan.
fn id_column(plan: &str) -> &str {
    let line = plan.lines().find_map(|line| line.strip_prefix("id "));
    let name = line.and_then(|line| line.split('"').nth(1));
    name.unwrap_or("claimant_id")
}

/// A summary without warnings of cells with many decimals: in a workbook no
/// number has zeros at its end, and places have other names. Other files as they
/// are.
fn without_fine_amounts(file: &str, text: String) -> String {
    if file != "summary.json" {
        return text;
    }
    let mut summary: Value = serde_json::from_str(&text).unwrap();
    let warnings = summary["warnings"].as_array_mut().unwrap();
    warnings.retain(|warning| !warning.as_str().unwrap().contains(" (first: "));
    // The workbook has empty rows.
    summary["claims"]["empty_rows"].take();
    // Cells that differ only in zeros are the same number in a workbook.
    summary["flags"].take();
    summary.to_string()
}

#[test]
fn a_random_table_gives_the_same_run_as_a_workbook_and_as_csv() {
    hold(80, |case| {
        if case.compute().is_err() {
            return Ok(());
        }
        let mut dice = Dice::new(1);
        let records = records(case.claims.trim_start_matches('\u{feff}'));
        let workbook = workbook_of(&records, id_column(&case.plan), &mut dice);
        case.job.write("claims.xlsx", workbook);
        if let Err(refusal) = case.compute_with("claims.xlsx", "xlsx", |_| {}) {
            // Some cells are numbers, and lose zeros that others keep.
            let zeros = refusal.text.contains("for the same claimant");
            return sure(zeros, || {
                format!("the workbook is refused: {}", refusal.text)
            });
        }
        for file in ["payouts.csv", "held.csv", "unpaid.csv", "summary.json"] {
            let read = |run| without_fine_amounts(file, case.job.read(&format!("{run}/{file}")));
            let from_workbook = read("xlsx").replace("claims.xlsx", "claims.csv");
            let from_csv = read("run");
            sure(from_workbook == from_csv, || {
                format!("{file} differs\n{from_workbook}\n--- from CSV\n{from_csv}")
            })?;
        }
        Ok(())
    });
}

#[test]
fn a_run_from_a_workbook_is_checked_and_explained_from_the_sheet_that_was_read() {
    let sheets = workbook(&[
        ("Notes", ""),
        (
            "Claims & more".replace('&', "&amp;").as_str(),
            " state=\"hidden\"",
        ),
    ]);
    let notes = sheet(&format!(
        "<row r=\"1\">{}</row>",
        text("A1", "see the other sheet")
    ));
    let claims = header() + &row(5, "a", &number("B5", "1.1000000000000001")) + &row(7, "b", "");
    let job = job(&packed(&[
        ("xl/workbook.xml", sheets),
        ("xl/worksheets/sheet1.xml", notes),
        ("xl/worksheets/sheet2.xml", sheet(&claims)),
    ]));
    let said = job.payout(&compute(&["--sheet", "Claims & more"]));
    assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    assert_eq!(warnings(&job), [""; 0]);
    let payouts = job.read("payouts/payouts.csv");
    assert_eq!(payouts, "claimant_id,subclass,award,payout\na,,1.10,1.10\n");
    let manifest: Value = serde_json::from_str(&job.read("payouts/manifest.json")).unwrap();
    assert_eq!(manifest["options"]["sheet"], "Claims & more");
    let bytes = std::fs::metadata(job.path("claims.xlsx")).unwrap().len();
    assert_eq!(manifest["inputs"][0]["bytes"], bytes);

    let check = job.payout(&["check", "payouts"]);
    assert_eq!(check.status, 0, "{}{}", check.stdout, check.stderr);
    let explained = job.payout(&["explain", "payouts", "a"]);
    assert!(
        explained.stdout.contains("from loss = \"1.1\""),
        "{}{}",
        explained.stdout,
        explained.stderr
    );
}

#[test]
fn without_a_name_the_first_sheet_that_can_be_seen_is_read_and_others_are_told() {
    let sheets = workbook(&[("Old", " state=\"hidden\""), ("Claims", "")]);
    let claims = header() + &row(2, "a", &number("B2", "5"));
    let parts = |old: &str| {
        packed(&[
            ("xl/workbook.xml", sheets.clone()),
            ("xl/worksheets/sheet1.xml", sheet(old)),
            ("xl/worksheets/sheet2.xml", sheet(&claims)),
        ])
    };
    let with_data = job(&parts(&header()));
    assert_eq!(with_data.payout(&compute(&[])).status, 0);
    let told = "in claims.xlsx, the sheet `Claims` was read, but another sheet has data, too (use `--sheet` to choose another)";
    assert_eq!(warnings(&with_data), [told]);
    let manifest = with_data.read("payouts/manifest.json");
    assert!(!manifest.contains("sheet\""), "{manifest}");
    let without = job(&parts("<row r=\"1\"><c r=\"A1\" s=\"1\"/></row>"));
    assert_eq!(without.payout(&compute(&[])).status, 0);
    assert_eq!(warnings(&without), [""; 0]);
}

#[test]
fn hidden_rows_and_columns_are_read_and_told() {
    let rows = header()
        + &row(2, "a", &number("B2", "5"))
        + &row(3, "b", &number("B3", "5")).replace("<row", "<row hidden=\"1\"")
        + &row(4, "c", &number("B4", "5")).replace("<row", "<row hidden=\"true\"")
        + "<row r=\"9\" hidden=\"1\"/>";
    let columns = "<cols><col min=\"2\" max=\"2\" hidden=\"1\"/><col min=\"9\" max=\"16384\" hidden=\"1\"/></cols>";
    let sheet = sheet(&rows).replace("<sheetData>", &format!("{columns}<sheetData>"));
    let job = job(&packed(&[("xl/worksheets/sheet1.xml", sheet)]));
    assert_eq!(job.payout(&compute(&[])).status, 0);
    assert_eq!(
        warnings(&job),
        [
            "in claims.xlsx, 2 rows are hidden in the spreadsheet but included (first: row 3)",
            "in claims.xlsx, 1 column is hidden in the spreadsheet but read (first: column B)",
        ]
    );
}

#[test]
fn problems_are_listed_by_data_row_and_told_by_cell() {
    let rows = header() + &row(4, "a", &number("B4", "5")) + &row(9, "b", &text("B9", "1,5"));
    let job = job(&with_rows(&rows));
    let said = job.payout(&compute(&["--errors", "errors.csv"]));
    assert_eq!(said.status, 2);
    assert!(
        said.stderr
            .contains("claims.xlsx, cell B9 (column \"loss\"): "),
        "{}",
        said.stderr
    );
    let listed = records(&job.read("errors.csv"));
    assert_eq!(
        listed[1],
        [
            "claims.xlsx",
            "9",
            "B9",
            "2",
            "b",
            "C282",
            "loss",
            "1,5",
            "1.5",
            "the cell has a decimal comma"
        ]
    );
}

#[test]
fn workbooks_and_csv_are_read_as_one() {
    let workbook = with_rows(&(header() + &row(3, "a", &number("B3", "5"))));
    let job = job(&workbook);
    job.write("more.csv", "claimant_id,loss,status\nb,7,approved\n");
    let said = job.payout(&compute(&["more.csv"]));
    assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    assert_eq!(records(&job.read("payouts/payouts.csv")).len(), 3);
    job.write("more.csv", "claimant_id,loss,status\na,7,approved\n");
    let said = job.payout(&compute(&["more.csv", "--force"]));
    let expected = "more.csv:2:claimant_id: the id `a` is already used in cell A3, in claims.xlsx";
    assert!(said.stderr.contains(expected), "{}", said.stderr);
}

#[test]
fn kinds_of_claimant_may_stand_in_a_workbook() {
    let cells = text("A1", "claimant_id")
        + &text("B1", "loss")
        + &text("C1", "status")
        + &text("D1", "count");
    let kind =
        row(2, "small", &number("B2", "5")).replace("</row>", &(number("D2", "1E+2") + "</row>"));
    let job = job(&with_rows(&format!("<row r=\"1\">{cells}</row>{kind}")));
    let said = job.payout(&[
        "project",
        "claims.xlsx",
        "--plan",
        "plan.toml",
        "--sheet",
        "Claims",
    ]);
    assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    assert!(said.stdout.contains("100 class members"), "{}", said.stdout);
}

#[test]
fn days_may_be_counted_from_1904_and_the_styles_may_be_missing() {
    let plan = PLAN.replace(
        "[[pool]]",
        "[[exclude]]\nreason = \"late\"\nwhen = { loss = { from = 2021-10-01 } }\n\n[[pool]]",
    );
    let plan = plan.replace(
        "award = [ { add = { column = \"loss\", blank = 0 } } ]",
        "shares = 1",
    );
    let day = |at, digits| format!("<c r=\"{at}\" s=\"1\"><v>{digits}</v></c>");
    let rows = header() + &row(2, "a", &day("B2", "43007")) + &row(3, "b", &day("B3", "43008"));
    let book =
        workbook(&[("Claims", "")]).replace("<sheets>", "<workbookPr date1904=\"1\"/><sheets>");
    let job = job(&packed(&[
        ("xl/workbook.xml", book),
        ("xl/worksheets/sheet1.xml", sheet(&rows)),
    ]));
    job.write("plan.toml", plan);
    assert_eq!(job.payout(&compute(&[])).status, 0);
    assert_eq!(
        job.read("payouts/unpaid.csv"),
        "claimant_id,row,reason\nb,2,late\n"
    );

    let rows = header() + &row(2, "a", &number("B2", "5"));
    let links = relationships(&[("worksheet", "/xl/worksheets/sheet1.xml")]);
    let parts = [
        ("xl/_rels/workbook.xml.rels", links),
        ("xl/worksheets/sheet1.xml", sheet(&rows)),
    ];
    let without_styles = self::job(&packed(&parts));
    assert_eq!(without_styles.payout(&compute(&[])).status, 0);
}

#[test]
fn a_workbook_that_unpacks_to_far_too_much_is_refused() {
    let spaces = " ".repeat(100 << 20);
    let bomb = format!("<worksheet><sheetData>{spaces}</sheetData></worksheet>");
    let parts: [(&str, &[u8]); 4] = [
        ("_rels/.rels", b"<Relationships/>"),
        ("xl/workbook.xml", &workbook(&[("Claims", "")]).into_bytes()),
        (
            "xl/_rels/workbook.xml.rels",
            &relationships(&[("worksheet", "worksheets/sheet1.xml")]).into_bytes(),
        ),
        ("xl/worksheets/sheet1.xml", bomb.as_bytes()),
    ];
    let job = job(&zip(&parts, true));
    let said = job.payout(&compute(&[]));
    assert_eq!(said.status, 2);
    assert!(
        said.stderr.contains("more than 500 times the size"),
        "{}",
        said.stderr
    );
    assert_eq!(job.names("."), ["claims.xlsx", "plan.toml"]);
}

#[test]
fn a_changed_byte_of_a_part_is_found_by_its_checksum() {
    let mut workbook = with_rows(&(header() + &row(2, "a", &number("B2", "5000"))));
    let at = workbook
        .windows(4)
        .position(|bytes| bytes == b"5000")
        .unwrap();
    workbook[at] = b'6';
    let said = job(&workbook).payout(&compute(&[]));
    assert_eq!(said.status, 2);
    assert!(
        said.stderr.contains("cannot be decompressed"),
        "{}",
        said.stderr
    );
}

#[test]
fn xml_with_anything_wrong_in_it_is_read_or_refused() {
    let cells =
        header() + &row(2, "a&amp;b", &number("B2", "5")) + &row(3, "c", &number("B3", "1E2"));
    let good = sheet(&cells);
    let mut dice = Dice::new(1);
    for turn in 0..150 {
        let mut bytes = good.clone().into_bytes();
        for _ in 0..=dice.below(3) {
            let at = dice.below(bytes.len() as u64) as usize;
            match dice.below(3) {
                0 => bytes[at] = *dice.pick(b"<>&\"'/ =09AZ-.e"),
                1 => drop(bytes.drain(at..(at + 5).min(bytes.len()))),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let text = String::from_utf8(bytes).unwrap();
        let job = job(&packed(&[("xl/worksheets/sheet1.xml", text.clone())]));
        let said = job.payout(&compute(&[]));
        let refused = said.status == 2 && said.stderr.starts_with("error[C");
        assert!(said.status == 0 || refused, "turn {turn}: {said:?}\n{text}");
    }
}

#[test]
fn a_workbook_that_was_cut_or_changed_anywhere_is_refused_or_the_same() {
    let good = with_rows(&(header() + &row(2, "a", &number("B2", "5"))));
    let mut dice = Dice::new(2);
    for turn in 0..100 {
        let mut bytes = good.clone();
        let at = dice.below(bytes.len() as u64) as usize;
        if dice.chance(30) {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1 << dice.below(8);
        }
        let job = job(&bytes);
        let said = job.payout(&compute(&[]));
        if said.status == 0 {
            let payouts = job.read("payouts/payouts.csv");
            assert_eq!(
                payouts, "claimant_id,subclass,award,payout\na,,5.00,5.00\n",
                "turn {turn}"
            );
        } else {
            assert_eq!(said.status, 2, "turn {turn}: {}", said.stderr);
        }
    }
}
