//! What cells of workbooks are read as, where programs write them in their own
//! ways.

use super::{PLAN, compute, header, job, number, row, text};
use crate::package::{packed, sheet, with_rows, workbook};
use crate::support::{Job, records};

/// A plan that pays by a column of texts.
const BY_TEXT: &str = r#"[settlement]
name = "Example"

[fund]
amount = 1000

[claims]
status = "status"
pay    = ["approved"]

[[pool]]
name   = "class"
shares = [ { add = 1 }, { add = 9, when = { loss = "00123" } } ]
"#;

fn paid(job: &Job, more: &[&str]) -> String {
    let said = job.payout(&compute(more));
    assert_eq!(said.status, 0, "{}", said.stderr);
    let payouts = job.read("payouts/payouts.csv");
    payouts.split_once('\n').unwrap().1.to_owned()
}

/// A row whose id is a number.
fn numbered(at: u32, id: &str, loss: &str) -> String {
    let id = number(&format!("A{at}"), id);
    let status = text(&format!("C{at}"), "approved");
    format!(
        "<row r=\"{at}\">{id}{}{status}</row>",
        number(&format!("B{at}"), loss)
    )
}

fn formula(at: &str, formula: &str, value: &str) -> String {
    format!("<c r=\"{at}\"><f>{formula}</f><v>{value}</v></c>")
}

#[test]
fn whole_numbers_are_the_same_however_they_are_written() {
    let rows = header()
        + &numbered(2, "12345.0", "5.0")
        + &numbered(3, "1.2345678E7", "7.50")
        + &numbered(4, "123456789012345.", "2");
    let paid = paid(&job(&with_rows(&rows)), &[]);
    assert_eq!(
        paid,
        "12345,,5.00,5.00\n12345678,,7.50,7.50\n123456789012345,,2.00,2.00\n"
    );
    let zip = "<c r=\"B2\" s=\"2\"><v>123.0</v></c>";
    let rows = header() + &row(2, "a", zip) + &row(3, "b", &number("B3", "123"));
    let job = job(&with_rows(&rows));
    job.write("plan.toml", BY_TEXT);
    assert_eq!(self::paid(&job, &[]), "a,,10,909.09\nb,,1,90.90\n");
}

#[test]
fn xml_that_is_written_in_an_unusual_way_is_read() {
    let rows = header()
        + "<row xmlns:r=\"urn:r\" r=\"&#50;\" x:r=\"9\">"
        + "<c xmlns:r=\"urn:r\" xmlns:t=\"urn:t\" r=\"A&#x32;\" x:t=\"e\" t=\"inlineStr\"><is><t>a</t></is></c>"
        + "<c r=\"B2\"><v> 5\n</v><extLst><ext><v>7</v><f>SUM(B1:B9)</f></ext></extLst></c>"
        + &text("C2", "approved")
        + "</row>";
    let sheet = sheet(&rows);
    let sheet =
        format!("<?xml version=\"1.0\" encoding=\"utf8\"?>\n{sheet}\n<!-- written by hand -->\n");
    let job = job(&packed(&[("xl/worksheets/sheet1.xml", sheet)]));
    assert_eq!(paid(&job, &[]), "a,,5.00,5.00\n");
}

#[test]
fn rows_that_only_look_like_totals_are_claims() {
    let named = |at: u32, id: &str, loss: &str, name: &str| {
        let cells = number(&format!("B{at}"), loss) + &text(&format!("C{at}"), "approved");
        let id = text(&format!("A{at}"), id);
        let name = text(&format!("D{at}"), name);
        let running = formula(&format!("E{at}"), &format!("SUM(B$2:B{at})"), "1");
        let before = formula(&format!("F{at}"), &format!("SUM(B$1:B{})", at - 1), "1");
        let twice = formula(
            &format!("G{at}"),
            &format!("COUNTIF(A$1:A{},A{at})", at - 1),
            "0",
        );
        let within = formula(&format!("H{at}"), &format!("SUM(B{at}:B{at})"), "1");
        format!("<row r=\"{at}\">{id}{cells}{name}{running}{before}{twice}{within}</row>")
    };
    let header = header().replace(
        "</row>",
        &(["D1", "E1", "F1", "G1", "H1"]
            .map(|at| text(at, at))
            .concat()
            + "</row>"),
    );
    let rows = header
        + &named(2, "SUM-001", "1", "Sumner")
        + &named(3, "SUM-002", "1", "Total Wine LLC")
        + &named(4, "SUM-003", "1", "Ann")
        + &named(5, "SUM-004", "3", "Total Wine LLC");
    assert_eq!(
        paid(&job(&with_rows(&rows)), &[]),
        "SUM-001,,1.00,1.00\nSUM-002,,1.00,1.00\nSUM-003,,1.00,1.00\nSUM-004,,3.00,3.00\n"
    );
}

#[test]
fn formats_that_add_characters_are_harmless_around_amounts() {
    let labelled = "<c r=\"B2\" s=\"7\"><v>5</v></c>";
    let job = job(&with_rows(&(header() + &row(2, "a", labelled))));
    assert_eq!(paid(&job, &[]), "a,,5.00,5.00\n");
}

#[test]
fn amounts_may_be_compared_with_words_that_their_format_does_not_show() {
    let plan = PLAN.to_owned() + "\n[[exclude]]\nreason = \"none\"\nwhen = { loss = \"none\" }\n";
    let grouped = "<c r=\"B2\" s=\"10\"><v>1234.5</v></c>";
    let rows = header() + &row(2, "a", grouped) + &row(3, "b", &text("B3", "none"));
    let job = job(&with_rows(&rows));
    job.write("plan.toml", &plan);
    assert_eq!(paid(&job, &[]), "a,,1234.50,1000.00\n");
    let worded = "<c r=\"B2\" s=\"11\"><v>1</v></c>";
    let job = self::job(&with_rows(&(header() + &row(2, "a", worded))));
    job.write("plan.toml", &plan);
    let said = job.payout(&compute(&[]));
    assert_eq!(said.status, 2);
    assert!(said.stderr.contains("differently"), "{}", said.stderr);
}

#[test]
fn formulas_are_read_where_they_were_calculated() {
    let rows = header() + &row(2, "a", &formula("B2", "2*2.5", "5"));
    let calculated = |attribute: &str| {
        let book = workbook(&[("Claims", "")]);
        let end = format!("<calcPr calcId=\"1\"{attribute}/></workbook>");
        let book = book.replace("</workbook>", &end);
        job(&packed(&[
            ("xl/workbook.xml", book),
            ("xl/worksheets/sheet1.xml", sheet(&rows)),
        ]))
    };
    assert_eq!(paid(&calculated(""), &[]), "a,,5.00,5.00\n");
    let zero = " fullCalcOnLoad=\"0\"";
    assert_eq!(paid(&calculated(zero), &[]), "a,,5.00,5.00\n");
    let on_opening = " fullCalcOnLoad=\"1\"";
    assert_eq!(paid(&calculated(on_opening), &[]), "a,,5.00,5.00\n");
}

#[test]
fn midnight_is_its_date_and_an_offset_stays() {
    let plan = |form: &str| {
        format!(
            "{}\n[column.loss]\nformat = \"{form}\"\n\n[[exclude]]\nreason = \"late\"\nwhen = {{ loss = {{ from = 2021-10-01 }} }}\n",
            PLAN.replace(
                "award = [ { add = { column = \"loss\", blank = 0 } } ]",
                "shares = 1"
            )
        )
    };
    let rows = header()
        + &row(2, "a", "<c r=\"B2\" s=\"3\"><v>44469</v></c>")
        + &row(3, "b", "<c r=\"B3\" t=\"d\"><v>2021-10-01T00:00:00</v></c>")
        + &row(4, "c", "<c r=\"B4\" t=\"d\"><v>2021-10-02 00:00:00</v></c>");
    for form in ["MM/DD/YYYY", "DD/MM/YYYY", "YYYY-MM-DD"] {
        let job = job(&with_rows(&rows));
        job.write("plan.toml", plan(form));
        assert_eq!(paid(&job, &[]), "a,,1,1000.00\n", "{form}");
    }
    let moment = "<c r=\"B2\" t=\"d\"><v>2021-09-30T23:00:00.000Z</v></c>";
    let job = job(&with_rows(&(header() + &row(2, "a", moment))));
    job.write("plan.toml", plan("YYYY-MM-DD"));
    let said = job.payout(&compute(&[]));
    assert_eq!(said.status, 2);
    assert!(
        said.stderr.contains("`2021-09-30T23:00:00Z`"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_name_may_have_a_line_break_where_the_plan_does_not_read_it() {
    let header = header().replace("</row>", &(text("D1", "first\nname") + "</row>"));
    let job = job(&with_rows(&(header + &row(2, "a", &number("B2", "5")))));
    assert_eq!(paid(&job, &[]), "a,,5.00,5.00\n");
}

#[test]
fn after_ten_thousand_damaged_cells_no_row_is_read() {
    let rows: String = (2..10_100)
        .map(|at| {
            row(
                at,
                &format!("c{at}"),
                &format!("<c r=\"B{at}\" t=\"e\"><v>#REF!</v></c>"),
            )
        })
        .collect();
    let job = job(&with_rows(&(header() + &rows)));
    let said = job.payout(&compute(&["--errors", "errors.csv"]));
    assert_eq!(said.status, 2);
    let expected = "more than 10000 cells are damaged, so the sheet was read only up to row 10002";
    assert!(said.stderr.contains(expected), "{}", said.stderr);
    let listed = job.read("errors.csv");
    assert_eq!(listed.lines().count(), 1 + 10_001);
    assert!(!listed.contains("blank"), "blanks are listed");
}

#[test]
fn taxpayer_numbers_are_read_as_they_are_shown_and_what_is_none_is_no_error() {
    let plan = PLAN.to_owned() + "\n[tax]\nthreshold = 1\nnumber = \"tin\"\n";
    let cells = [
        "<c r=\"D2\" s=\"6\"><v>234567891</v></c>",
        "<c r=\"D3\" s=\"6\"><v>34567891</v></c>",
        "<c r=\"D4\" s=\"1\"><v>44469</v></c>",
        "<c r=\"D5\" t=\"e\"><v>#N/A</v></c>",
        "<c r=\"D6\" t=\"b\"><v>1</v></c>",
        "<c r=\"D7\"><f>A1</f></c>",
        "<c r=\"D8\"><v>2345678912345678</v></c>",
        "<c r=\"D9\" s=\"7\"><v>234567891</v></c>",
        "<c r=\"D10\"><v>234567891</v></c>",
    ];
    let mut rows = header().replace("</row>", &(text("D1", "tin") + "</row>"));
    for (at, cell) in (2..).zip(cells) {
        let loss = number(&format!("B{at}"), "5");
        rows += &row(at, &format!("c{at}"), &loss).replace("</row>", &format!("{cell}</row>"));
    }
    let job = job(&with_rows(&rows));
    job.write("plan.toml", plan);
    let said = job.payout(&compute(&["--errors", "errors.csv"]));
    assert_eq!(said.status, 0, "{}", said.stderr);
    let payouts = records(&job.read("payouts/payouts.csv"));
    let (header, claims) = payouts.split_first().unwrap();
    let tax = header.iter().position(|name| name == "tax").unwrap();
    let with_number = claims.iter().filter(|claim| claim[tax] == "at or over");
    let ids: Vec<&str> = with_number.map(|claim| claim[0].as_str()).collect();
    assert_eq!(ids, ["c2", "c3", "c10"]);
}

#[test]
fn an_account_number_that_lost_digits_or_zeros_is_not_written_to_a_payment_file() {
    let layout = "[layout]\nname = \"x\"\nabout = \"x\"\n\n[file]\nname = \"x.csv\"\n\n\
                  [[column]]\nname = \"account\"\ncolumn = \"account\"\n\n\
                  [[column]]\nname = \"payout\"\npayout = \"decimal\"\n";
    let export = |cell: &str| {
        let account = |cell: &str| format!("{cell}</row>");
        let header = header().replace("</row>", &account(&text("D1", "account")));
        let claim = row(2, "a", &number("B2", "5")).replace("</row>", &account(cell));
        let job = job(&with_rows(&(header + &claim)));
        job.write("layout.toml", layout);
        assert_eq!(job.payout(&compute(&[])).status, 0);
        let said = job.payout(&[
            "export",
            "payouts",
            "--claims",
            "claims.xlsx",
            "--layout",
            "layout.toml",
            "--out",
            "files",
        ]);
        (said.status, said.stderr, job)
    };
    let (status, said, job) = export("<c r=\"D2\" s=\"2\"><v>123.0</v></c>");
    assert_eq!(status, 0, "{said}");
    assert!(job.read("files/x.csv").contains("00123"));
    for cell in [
        "<c r=\"D2\"><v>12345678901234500</v></c>",
        "<c r=\"D2\" s=\"6\"><v>123456789</v></c>",
        "<c r=\"D2\" s=\"7\"><v>123</v></c>",
    ] {
        let (status, said, _) = export(cell);
        assert_eq!(status, 2, "{said}");
        assert!(said.contains("cell D2 (column \"account\")"), "{said}");
    }
}
