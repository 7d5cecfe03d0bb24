//! Workbooks as other programs write them, each in its own way.

use super::{PLAN, compute, header, job, number, row, text, warnings};
use crate::package::{packed, packed_as, relationships, sheet, with_rows, workbook};
use crate::support::Job;

/// A plan that compares days.
const BY_DAY: &str = r#"[settlement]
name = "Example"

[fund]
amount = 1000

[claims]
status = "status"
pay    = ["approved"]

[column.loss]
format = "YYYY-MM-DD"

[[exclude]]
reason = "late"
when   = { loss = { from = 2024-06-01 } }

[[pool]]
name   = "class"
shares = 1
"#;

fn run(workbook: &[u8], plan: &str) -> Job {
    let job = job(workbook);
    job.write("plan.toml", plan);
    let said = job.payout(&compute(&[]));
    assert_eq!(said.status, 0, "{}", said.stderr);
    job
}

/// The ids that are paid, and how much.
fn paid(job: &Job) -> String {
    let payouts = job.read("payouts/payouts.csv");
    let lines = payouts.lines().skip(1);
    let pairs = lines.map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        format!("{} {}", cells[0], cells.last().unwrap())
    });
    pairs.collect::<Vec<_>>().join(", ")
}

/// A workbook with this element about its calculation.
fn calculated(calculation: &str, rows: &str) -> Vec<u8> {
    let end = format!("{calculation}</workbook>");
    let book = workbook(&[("Claims", "")]).replace("</workbook>", &end);
    packed(&[
        ("xl/workbook.xml", book),
        ("xl/worksheets/sheet1.xml", sheet(rows)),
    ])
}

#[test]
fn parts_may_be_named_with_backslashes_or_a_slash_in_front() {
    let rows = header() + &row(2, "a", &number("B2", "5"));
    let links = relationships(&[("worksheet", "worksheets\\sheet1.xml")]);
    let parts = [
        ("xl/worksheets/sheet1.xml", sheet(&rows)),
        ("xl/_rels/workbook.xml.rels", links),
    ];
    let backslashes = packed_as(&parts, |name| name.replace('/', "\\"));
    assert_eq!(paid(&run(&backslashes, PLAN)), "a 5.00");
    let parts = [("xl/worksheets/sheet1.xml", sheet(&rows))];
    let in_front = packed_as(&parts, |name| format!("/{name}"));
    assert_eq!(paid(&run(&in_front, PLAN)), "a 5.00");
}

#[test]
fn cells_of_any_kind_without_a_value_are_blank() {
    let mut rows = header();
    for (at, kind) in (2..).zip(["s", "b", "d", "n", "str", "inlineStr"]) {
        let cell = format!("<c r=\"B{at}\" t=\"{kind}\"><v/></c>");
        rows += &row(at, &format!("c{at}"), &cell);
    }
    rows += &row(8, "a", &number("B8", "5"));
    assert_eq!(paid(&run(&with_rows(&rows), PLAN)), "a 5.00");
}

#[test]
fn gnumeric_writes_more_digits_than_a_number_has() {
    let rows = header()
        + &row(2, "a", &number("B2", "123.459999999999999993"))
        + &row(3, "b", &number("B3", "0.100000000000000000001"))
        + &row(4, "c", &number("B4", "-0.0000000000000000000"));
    assert_eq!(paid(&run(&with_rows(&rows), PLAN)), "a 123.46, b 0.10");
}

#[test]
fn values_of_formulas_are_read_unless_they_may_be_outdated_or_unknown() {
    let on_opening = "<calcPr calcId=\"124519\" fullCalcOnLoad=\"1\"/>";
    let forced = "<calcPr forceFullCalc=\"true\"/>";
    let not_completed = "<calcPr calcMode=\"manual\" calcCompleted=\"0\" calcOnSave=\"0\"/>";
    let by_hand = "<calcPr calcMode=\"manual\" calcOnSave=\"false\"/>";
    let saved = "<calcPr calcMode=\"manual\" calcId=\"191029\"/>";
    let completed = "<calcPr calcMode=\"manual\" calcOnSave=\"0\" calcCompleted=\"1\"/>";
    let unknown = "may never have been calculated";
    let outdated = "was not calculated before the workbook was saved";
    let value = "<v>5</v>";
    let text = |value: &str| format!("<c r=\"B3\" t=\"str\"><f>\"\"</f><v>{value}</v></c>");
    for (calculation, cell, refused) in [
        ("", value, None),
        ("", "<v>0</v>", None),
        ("", "<v/>", Some("the formula has no value")),
        ("", "", Some("the formula has no value")),
        (on_opening, value, None),
        (on_opening, "<v>0</v>", Some(unknown)),
        (on_opening, "<v>0.00</v>", Some(unknown)),
        (on_opening, "<v>0E0</v>", Some(unknown)),
        (on_opening, &text(""), Some(unknown)),
        (on_opening, "", Some("the formula has no value")),
        (forced, value, None),
        (forced, "<v>0</v>", Some(unknown)),
        (not_completed, value, Some(outdated)),
        (by_hand, value, Some(outdated)),
        (saved, "<v>0</v>", None),
        (completed, value, None),
        ("", &text(""), None),
    ] {
        let cell = match cell.starts_with("<c") {
            true => cell.to_owned(),
            false => format!("<c r=\"B3\"><f>2*2.5</f>{cell}</c>"),
        };
        let rows = header() + &row(2, "a", &number("B2", "7")) + &row(3, "b", &cell);
        let job = job(&calculated(calculation, &rows));
        let said = job.payout(&compute(&[]));
        let words = said.stderr.as_str();
        match refused {
            None => assert_eq!((said.status, words), (0, ""), "{calculation} {cell}"),
            Some(why) => {
                assert_eq!(said.status, 2, "{calculation} {cell}");
                assert!(words.contains("cell B3"), "{words}");
                assert!(words.contains(why), "{words}");
            }
        }
    }
}

#[test]
fn formulas_that_are_all_0_are_warned_of() {
    let formula = |at: u32, value: &str| {
        let cell = format!("<c r=\"B{at}\"><f>2*D{at}</f><v>{value}</v></c>");
        row(at, &format!("c{at}"), &cell)
    };
    let claim = row(2, "a", &number("B2", "7"));
    let warned = |rows: &str| warnings(&run(&with_rows(&(header() + &claim + rows)), PLAN));
    assert_eq!(warned(&formula(3, "0")), [""; 0]);
    assert_eq!(warned(&(formula(3, "0") + &formula(4, "5"))), [""; 0]);
    assert_eq!(
        warned(&(formula(3, "0") + &formula(4, "0.0"))),
        [
            "in claims.xlsx, all 2 formulas of column `loss` have the value 0; if that is wrong, recalculate everything in the spreadsheet (Ctrl+Alt+F9 in Excel, Ctrl+Shift+F9 in LibreOffice) and save the file"
        ]
    );
}

#[test]
fn formulas_in_columns_that_nothing_reads_cannot_change_a_payment() {
    for calculation in [
        "<calcPr fullCalcOnLoad=\"1\"/>",
        "<calcPr calcMode=\"manual\" calcCompleted=\"0\"/>",
        "",
    ] {
        for value in ["<v>0</v>", "<v/>", "", "<v>7</v>"] {
            let more = format!("<c r=\"D2\"><f>B2*2</f>{value}</c></row>");
            let header = header().replace("</row>", &(text("D1", "note") + "</row>"));
            let claim = row(2, "a", &number("B2", "5")).replace("</row>", &more);
            let job = run(&calculated(calculation, &(header + &claim)), PLAN);
            assert_eq!(paid(&job), "a 5.00", "{calculation} {value}");
            assert_eq!(warnings(&job), [""; 0]);
        }
    }
}

#[test]
fn a_cell_that_has_its_value_from_the_formula_of_another_is_one_with_a_formula() {
    let array = "<c r=\"B2\"><f t=\"array\" ref=\"B2:B3\">D2:D3*2</f><v>5</v></c>";
    let rows = |second: &str| {
        header()
            + &row(2, "a", array)
            + &row(3, "b", &number("B3", second))
            + &row(4, "c", &number("B4", "0"))
    };
    let calculation = "<calcPr fullCalcOnLoad=\"1\"/>";
    let job = run(&calculated(calculation, &rows("7")), PLAN);
    assert_eq!(paid(&job), "a 5.00, b 7.00");
    let job = self::job(&calculated(calculation, &rows("0")));
    let said = job.payout(&compute(&[]));
    assert_eq!(said.status, 2, "{}", said.stderr);
    assert!(said.stderr.contains("cell B3 "), "{}", said.stderr);
    assert!(!said.stderr.contains("cell B4 "), "{}", said.stderr);
}

#[test]
fn the_index_of_a_table_and_notes_next_to_it_are_not_read() {
    // The first column and the one before the last have no name.
    let shifted = |cells: &str| {
        let cells = cells.replace("\"C", "\"D").replace("\"B", "\"C");
        cells.replace("r=\"A", "r=\"B")
    };
    let indexed = |at: u32, id: &str, loss: &str| {
        let cells = shifted(&row(at, id, &number(&format!("B{at}"), loss)));
        let index = number(&format!("A{at}"), &(at - 2).to_string());
        cells.replacen("<c ", &format!("{index}<c "), 1)
    };
    let note = |at: &str, words: &str| text(at, words) + "</row>";
    let rows = shifted(&header())
        + &indexed(2, "x", "5").replace("</row>", &note("F2", "do not pay x"))
        + &indexed(3, "y", "7").replace("</row>", &note("F3", ""))
        + &format!("<row r=\"4\">{}</row>", text("F4", "Total of both"))
        + &indexed(5, "z", "8")
        + "<row r=\"7\"><c r=\"F7\"><f>SUM(C2:C5)</f><v>20</v></c></row>";
    let job = run(&with_rows(&rows), PLAN);
    assert_eq!(paid(&job), "x 5.00, y 7.00, z 8.00");
    assert_eq!(
        warnings(&job),
        [
            "in claims.xlsx, 2 columns have cells but no name in the header, and are not read (first cell: A2)"
        ]
    );
    let summary = job.read("payouts/summary.json");
    assert!(summary.contains("\"rows\": 3"), "{summary}");
}

#[test]
fn error_values_in_columns_that_nothing_reads_are_warned_of() {
    let header = header().replace("</row>", &(text("D1", "looked up") + "</row>"));
    let with = |at: u32, cell: &str| {
        let claim = row(at, &format!("c{at}"), &number(&format!("B{at}"), "5"));
        claim.replace("</row>", &format!("{cell}</row>"))
    };
    let rows = header
        + &with(
            2,
            "<c r=\"D2\" t=\"e\"><f>VLOOKUP(A2,X:Y,2,0)</f><v>#N/A</v></c>",
        )
        + &with(3, &text("D3", "#N/A"));
    let job = run(&with_rows(&rows), PLAN);
    assert_eq!(paid(&job), "c2 5.00, c3 5.00");
    assert_eq!(
        warnings(&job),
        ["in claims.xlsx, 2 cells have error values in columns that are not read (first: D2)"]
    );
}

#[test]
fn merged_cells_matter_in_columns_that_are_read() {
    let more = |cells: &str| text("D1", "region") + cells + "</row>";
    let rows = header().replace("</row>", &more(""))
        + &row(2, "a", &number("B2", "5")).replace("</row>", &(text("D2", "North") + "</row>"))
        + &row(3, "b", &number("B3", "7"));
    let merged = |area: &str| {
        let end = format!("</sheetData><mergeCells><mergeCell ref=\"{area}\"/></mergeCells>");
        let sheet = sheet(&rows).replace("</sheetData>", &end);
        packed(&[("xl/worksheets/sheet1.xml", sheet)])
    };
    assert_eq!(paid(&run(&merged("D2:D3"), PLAN)), "a 5.00, b 7.00");
    for area in ["C2:D2", "A2:A3", "B1:D1"] {
        let said = job(&merged(area)).payout(&compute(&[]));
        let words = format!("the cells {area} are merged");
        assert!(said.stderr.contains(&words), "{}", said.stderr);
    }
}

#[test]
fn of_moments_the_day_counts_whatever_their_form() {
    let cells = [
        ("<c r=\"B2\" s=\"3\"><v>45443.506944537</v></c>", true),
        ("<c r=\"B3\" s=\"3\"><v>45443.99999</v></c>", true),
        ("<c r=\"B4\" s=\"3\"><v>45444.00001</v></c>", false),
        (
            "<c r=\"B5\" s=\"1\" t=\"d\"><v>2024-05-31T00:00:00.000Z</v></c>",
            true,
        ),
        ("<c r=\"B6\" t=\"d\"><v>2024-06-01T00:00:00Z</v></c>", false),
        (
            "<c r=\"B7\" t=\"d\"><v>2024-05-31T23:59:59.999</v></c>",
            true,
        ),
        ("<c r=\"B8\" s=\"1\"><v>45443</v></c>", true),
        ("<c r=\"B9\" s=\"3\"><v>45444</v></c>", false),
    ];
    let mut rows = header();
    for (at, (cell, _)) in (2..).zip(cells) {
        rows += &row(at, &format!("c{at}"), cell);
    }
    let on_time = (2..).zip(cells).filter(|(_, (_, on_time))| *on_time);
    let expected: Vec<String> = on_time.map(|(at, _)| format!("c{at} 200.00")).collect();
    for form in ["YYYY-MM-DD", "MM/DD/YYYY", "DD/MM/YYYY"] {
        let plan = BY_DAY.replace("YYYY-MM-DD", form);
        let job = run(&with_rows(&rows), &plan);
        assert_eq!(paid(&job), expected.join(", "), "{form}");
    }
}

#[test]
fn a_plan_that_compares_moments_is_given_moments() {
    let plan = BY_DAY.replace("from = 2024-06-01", "from = 2024-06-01T00:00:00-05:00");
    let rows = header()
        + &row(
            2,
            "a",
            "<c r=\"B2\" t=\"d\"><v>2024-06-01T00:00:00Z</v></c>",
        )
        + &row(
            3,
            "b",
            "<c r=\"B3\" t=\"d\"><v>2024-06-01T05:00:00.000Z</v></c>",
        );
    assert_eq!(paid(&run(&with_rows(&rows), &plan)), "a 1000.00");
}

#[test]
fn a_moment_of_another_time_zone_is_no_day() {
    for moment in ["2024-06-01T04:00:00Z", "2024-06-01T00:00:00+02:00"] {
        let cell = format!("<c r=\"B2\" t=\"d\"><v>{moment}</v></c>");
        let job = job(&with_rows(&(header() + &row(2, "a", &cell))));
        job.write("plan.toml", BY_DAY);
        let said = job.payout(&compute(&[]));
        assert_eq!(said.status, 2);
        let words = "cell B2 (column \"loss\"): `2024-06-01T0";
        assert!(said.stderr.contains(words), "{}", said.stderr);
        let words = "has a UTC offset, but the plan compares dates without one";
        assert!(said.stderr.contains(words), "{}", said.stderr);
    }
}

#[test]
fn a_note_that_is_moved_up_is_a_claim() {
    let alone =
        |at: u32, words: &str| format!("<row r=\"{at}\">{}</row>", text(&format!("A{at}"), words));
    let all = "status = \"status\"\npay    = [\"approved\"]\n";
    let plan = PLAN.replace(all, "status = false\n");
    let note = |at| alone(at, "Privileged and confidential");
    let claim = |at: u32| row(at, &format!("c{at}"), &number(&format!("B{at}"), "5"));
    for below in [
        header() + &claim(2) + &claim(3) + &note(4),
        header() + &claim(2) + &claim(3) + &note(5) + &alone(6, "Total") + &alone(9, "Rows: 2"),
    ] {
        let job = job(&with_rows(&below));
        job.write("plan.toml", &plan);
        let said = job.payout(&compute(&[]));
        assert_eq!(said.status, 2);
        let words = "looks like a note below the table";
        assert!(said.stderr.contains(words), "{}", said.stderr);
    }
    let above = header() + &claim(2) + &note(3) + &claim(4);
    assert_eq!(paid(&run(&with_rows(&above), &plan)), "c2 5.00, c4 5.00");
}
