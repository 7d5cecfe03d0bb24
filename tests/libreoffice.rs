//! What a spreadsheet makes of our workbooks, and we of its own.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use payout::internals::base::money::group;

use crate::commands::workbook::package::Parts;
use crate::commands::workbook::{IDS, POOLS, run, write};
use crate::commands::{CLAIMS, PLAN};
use crate::support::{Job, records};
use crate::workbook::PLAN as CLAIMS_PLAN;

/// All sheets, each to a CSV file of its own, with cells as they are shown.
const EVERY_SHEET: &str =
    "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1";

/// A profile in which everything is computed anew when a file is opened.
const ALWAYS_COMPUTE: &str = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<oor:items xmlns:oor=\"http://openoffice.org/2001/registry\">
<item oor:path=\"/org.openoffice.Office.Calc/Formula/Load\">
<prop oor:name=\"OOXMLRecalcMode\" oor:op=\"fuse\"><value>0</value></prop></item>
</oor:items>
";

/// The rows of every sheet, by its name, as the spreadsheet shows them.
fn shown(job: &Job, file: &str) -> BTreeMap<String, Vec<Vec<String>>> {
    let profile = tempfile::tempdir().unwrap();
    let user = profile.path().join("user");
    fs::create_dir(&user).unwrap();
    fs::write(user.join("registrymodifications.xcu"), ALWAYS_COMPUTE).unwrap();
    let said = Command::new("soffice")
        .arg(format!(
            "-env:UserInstallation=file://{}",
            profile.path().display()
        ))
        .args(["--headless", "--convert-to", EVERY_SHEET, "--outdir"])
        .args([job.path("shown"), job.path(file)])
        .output()
        .unwrap();
    let mut sheets = BTreeMap::new();
    for name in job.names("shown") {
        let text = job.read(&format!("shown/{name}"));
        let sheet = name.split_once('-').unwrap().1;
        let sheet = sheet.strip_suffix(".csv").unwrap().to_owned();
        sheets.insert(sheet, records(&text));
    }
    assert!(!sheets.is_empty(), "{said:?}");
    sheets
}

/// Has the spreadsheet compute a workbook of `job`'s run, in which every sum is
/// wrong at first. It has to show the rows of the run, with so many on each
/// sheet of payouts, and to come to the figures of the run.
fn tie_out(job: &Job, file: &str, payouts: &[usize]) {
    let right = Parts::read(&fs::read(job.path(file)).unwrap());
    let mut wrong = Parts {
        parts: right.parts.clone(),
    };
    let summary = wrong.parts.get_mut("xl/worksheets/sheet1.xml").unwrap();
    let sums: Vec<&str> = summary.split("</f><v>").collect();
    let mut falsified = sums[0].to_owned();
    for rest in &sums[1..] {
        let (_, rest) = rest.split_once("</v>").unwrap();
        falsified += &format!("</f><v>777</v>{rest}");
    }
    *summary = falsified;
    job.write("wrong.xlsx", wrong.packed());
    let sheets = shown(job, "wrong.xlsx");

    let mut there = vec![records(&job.read("payouts/payouts.csv"))[0].clone()];
    for (number, rows) in (1..).zip(payouts) {
        let name = if number == 1 {
            "Payouts".to_owned()
        } else {
            format!("Payouts {number}")
        };
        assert_eq!(sheets[&name].len(), rows + 1, "{name}");
        there.extend(sheets[&name].iter().skip(1).cloned());
    }
    same_rows(&job.read("payouts/payouts.csv"), &there);
    same_rows(&job.read("payouts/held.csv"), &sheets["Held"]);
    same_rows(&job.read("payouts/unpaid.csv"), &sheets["Unpaid"]);

    // What the workbook said before anything was computed.
    let cached = right.sheet("summary");
    let computed: Vec<&Vec<String>> = sheets["Summary"]
        .iter()
        .filter(|row| row.iter().any(|cell| !cell.is_empty()))
        .collect();
    assert_eq!(computed.len(), cached.len());
    for (computed, cached) in computed.iter().zip(&cached) {
        let computed: Vec<&String> = computed.iter().filter(|cell| !cell.is_empty()).collect();
        let cached: Vec<String> = cached
            .iter()
            .filter(|cell| !cell.text.is_empty())
            .map(|cell| {
                if cell.kind == "n" {
                    group(&cell.text)
                } else {
                    cell.text.clone()
                }
            })
            .collect();
        assert_eq!(computed, cached.iter().collect::<Vec<_>>());
    }
    let text = job.read("payouts/summary.txt");
    let residual = computed.iter().find(|row| row[0].starts_with("Residual"));
    let residual = &residual.unwrap()[1];
    let line = text.lines().find(|line| line.starts_with("Residual"));
    assert!(line.unwrap().ends_with(residual.as_str()), "{text}");
    let differences: Vec<&String> = computed
        .iter()
        .skip_while(|row| row[0] != "Tie-out")
        .skip(1)
        .take_while(|row| !row[3].is_empty())
        .map(|row| &row[3])
        .collect();
    assert!(differences.len() >= 6, "{differences:?}");
    for difference in differences {
        assert!(difference.chars().all(|c| "0.".contains(c)), "{difference}");
    }
}

/// The spreadsheet shows the rows of a file; numbers with their groups.
fn same_rows(file: &str, shown: &[Vec<String>]) {
    let file = records(file);
    assert_eq!(file.len(), shown.len());
    for (row, shown) in file.iter().zip(shown).skip(1) {
        for (place, (cell, shown)) in row.iter().zip(shown).enumerate() {
            let texts = [
                "claimant_id",
                "subclass",
                "status",
                "reason",
                "row",
                "rows",
                "tax",
            ];
            let is_number = !texts.contains(&file[0][place].as_str());
            let expected = if is_number { group(cell) } else { cell.clone() };
            assert_eq!(*shown, expected, "{row:?}");
        }
    }
}

pub(crate) fn a_spreadsheet_comes_to_the_same_figures() {
    let losses = "claimant_id,loss\nA,10.5\nB,20.25\nC,0.125\nA,7\nD,0\n";
    let whole = losses.replace('.', "");
    let cases = [
        (PLAN.to_owned(), CLAIMS),
        (PLAN.to_owned(), IDS),
        (POOLS.replace("CODE", "USD"), losses),
        (POOLS.replace("CODE", "KWD"), losses),
        (POOLS.replace("CODE", "JPY"), whole.as_str()),
    ];
    for (plan, claims) in cases {
        let job = run(&plan, claims, &[]);
        let rows = records(&job.read("payouts/payouts.csv")).len() - 1;
        tie_out(&job, "payouts/payouts.xlsx", &[rows]);
        let said = job.payout(&["check", "payouts"]);
        assert_eq!(said.status, 0, "{}", said.stdout);
    }
}

pub(crate) fn a_spreadsheet_adds_up_what_goes_on_in_further_sheets() {
    let job = run(PLAN, IDS, &[]);
    let mut bytes = Vec::new();
    write(&job, 3, &mut bytes).unwrap();
    job.write("split.xlsx", bytes);
    tie_out(&job, "split.xlsx", &[3, 3, 2]);
}

/// Converts a file of a folder to a workbook.
fn convert(job: &Job, file: &str, filter: &str) {
    let profile = format!(
        "-env:UserInstallation=file://{}",
        job.path("profile").display()
    );
    let mut office = Command::new("soffice");
    office.args([&profile, "--headless", filter, "--convert-to", "xlsx", file]);
    let ended = office.current_dir(job.path(".")).output();
    let name = file.rsplit_once('.').unwrap().0;
    assert!(job.path(&format!("{name}.xlsx")).exists(), "{ended:?}");
}

pub(crate) fn a_csv_file_that_a_spreadsheet_made_a_workbook_gives_the_same_run() {
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
    let job = Job::with(&[("plan.toml", CLAIMS_PLAN), ("claims.csv", &claims)]);
    // Commas, double quotes, UTF-8; the ids are texts, the rest as it seems.
    let filter = "--infilter=CSV:44,34,76,1,1/2,0,false,true";
    convert(&job, "claims.csv", filter);
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

pub(crate) fn cells_that_a_spreadsheet_has_damaged_are_refused_by_their_names() {
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
    let job = Job::with(&[
        ("plan.toml", CLAIMS_PLAN),
        ("claims.fods", &flat(&rows.concat())),
    ]);
    convert(&job, "claims.fods", "--calc");
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
