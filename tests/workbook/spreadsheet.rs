//! Workbooks that a spreadsheet has written.

use std::process::Command;

use super::{Job, PLAN};
use crate::support::skipped;

/// Converts a file of a folder to a workbook, if there is a spreadsheet here.
fn converted(job: &Job, file: &str, filter: &str) -> bool {
    let profile = format!(
        "-env:UserInstallation=file://{}",
        job.path("profile").display()
    );
    let mut office = Command::new("soffice");
    office.args([&profile, "--headless", filter, "--convert-to", "xlsx", file]);
    let ended = office.current_dir(job.path(".")).output();
    if ended.is_err() {
        skipped("LibreOffice");
        return false;
    }
    let name = file.rsplit_once('.').unwrap().0;
    assert!(job.path(&format!("{name}.xlsx")).exists(), "{ended:?}");
    true
}

#[test]
fn a_csv_file_that_a_spreadsheet_made_a_workbook_gives_the_same_run() {
    let rows: Vec<String> = (1..200)
        .map(|row| {
            format!(
                "{row:05},\"{}.{:02}\",approved,\"Ann \"\"A\"\", née Ö\"\n",
                row * 37,
                row % 100
            )
        })
        .collect();
    let rows = rows.concat();
    let claims = format!("claimant_id,loss,status,name\n{rows}");
    let job = Job::with(&[("plan.toml", PLAN), ("claims.csv", &claims)]);
    // Commas, double quotes, UTF-8; the ids are texts, the rest as it seems.
    if !converted(
        &job,
        "claims.csv",
        "--infilter=CSV:44,34,76,1,1/2,0,false,true",
    ) {
        return;
    }
    for (claims, out) in [("claims.csv", "csv"), ("claims.xlsx", "xlsx")] {
        let arguments = [
            "compute",
            claims,
            "--plan",
            "plan.toml",
            "--quiet",
            "--out",
            out,
        ];
        let said = job.payout(&arguments);
        assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    }
    for file in ["payouts.csv", "held.csv", "unpaid.csv"] {
        let read = |run| job.read(&format!("{run}/{file}"));
        assert_eq!(read("xlsx"), read("csv"), "{file}");
    }
    let check = job.payout(&["check", "xlsx"]);
    assert_eq!(check.status, 0, "{}{}", check.stdout, check.stderr);
}

/// A sheet of a flat file for `LibreOffice`: rows of cells.
fn flat(rows: &str) -> String {
    let namespaces: Vec<String> = [
        ("office", "office:1.0"),
        ("table", "table:1.0"),
        ("text", "text:1.0"),
        ("style", "style:1.0"),
        ("number", "datastyle:1.0"),
    ]
    .iter()
    .map(|(name, of)| format!(" xmlns:{name}=\"urn:oasis:names:tc:opendocument:xmlns:{of}\""))
    .collect();
    let namespaces = namespaces.concat();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document{namespaces} xmlns:of=\"urn:oasis:names:tc:opendocument:xmlns:of:1.2\" office:version=\"1.2\" office:mimetype=\"application/vnd.oasis.opendocument.spreadsheet\"><office:automatic-styles><number:date-style style:name=\"nd\"><number:year number:style=\"long\"/><number:text>-</number:text><number:month number:style=\"long\"/><number:text>-</number:text><number:day number:style=\"long\"/></number:date-style><style:style style:name=\"d\" style:family=\"table-cell\" style:data-style-name=\"nd\"/></office:automatic-styles><office:body><office:spreadsheet><table:table table:name=\"Claims\">{rows}</table:table></office:spreadsheet></office:body></office:document>"
    )
}

fn text(text: &str) -> String {
    format!(
        "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
    )
}

fn number(digits: &str, formula: &str) -> String {
    format!("<table:table-cell office:value-type=\"float\" office:value=\"{digits}\"{formula}/>")
}

fn row(cells: &[String]) -> String {
    format!("<table:table-row>{}</table:table-row>", cells.concat())
}

#[test]
fn cells_that_a_spreadsheet_has_damaged_are_refused_by_their_names() {
    let approved = || text("approved");
    let date = "<table:table-cell table:style-name=\"d\" office:value-type=\"date\" office:date-value=\"2021-10-05\"/>";
    let merged = approved().replace(
        "<table:table-cell",
        "<table:table-cell table:number-rows-spanned=\"2\" table:number-columns-spanned=\"1\"",
    );
    let rows = [
        row(&[text("claimant_id"), text("loss"), text("status")]),
        row(&[text("00123"), number("33.33", ""), approved()]),
        row(&[number("1234567890123456", ""), number("5", ""), approved()]),
        row(&[date.to_owned(), number("5", ""), approved()]),
        row(&[
            text("c"),
            number("0", " table:formula=\"of:=1/0\""),
            approved(),
        ]),
        row(&[text("d"), number("5", ""), merged]),
        row(&[
            text("e"),
            number("5", ""),
            "<table:covered-table-cell/>".to_owned(),
        ]),
        row(&[
            text("Total"),
            number("0", " table:formula=\"of:=SUM([.B2:.B4])\""),
        ]),
    ];
    let job = Job::with(&[("plan.toml", PLAN), ("claims.fods", &flat(&rows.concat()))]);
    if !converted(&job, "claims.fods", "--calc") {
        return;
    }
    let said = job.payout(&["compute", "claims.xlsx", "--plan", "plan.toml", "--quiet"]);
    let errors = said.stderr.lines().filter(|line| line.starts_with("error"));
    let errors: Vec<&str> = errors.collect();
    let expected = [
        "[C231]: claims.xlsx, cell A3 (column \"claimant_id\"): the id is the number 1234567890123460, but a spreadsheet keeps only 15 digits",
        "[C233]: claims.xlsx, cell A4 (column \"claimant_id\"): the id is a date, possibly converted by the spreadsheet",
        "[C223]: claims.xlsx, cell B5 (column \"loss\"): `#DIV/0!` is a spreadsheet error value",
        "[C215]: claims.xlsx, cell C6 (column \"status\"): the cells C6:C7 are merged",
        "[C270]: claims.xlsx, cell A8 (column \"claimant_id\"): this is a totals row, not a claim",
    ];
    let expected = expected.map(|error| format!("error{error}"));
    assert_eq!(
        (said.status, errors),
        (2, expected.iter().map(String::as_str).collect())
    );
}
