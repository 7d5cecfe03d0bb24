//! A spreadsheet opens a workbook and computes it anew, where there is one.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use payout::internals::base::money::group;

use super::package::Parts;
use crate::support::{Job, records, skipped};

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

fn is_here() -> bool {
    let mut command = Command::new("soffice");
    let command = command.arg("--version").stdout(Stdio::null());
    command.stderr(Stdio::null()).status().is_ok()
}

/// Has the spreadsheet compute a workbook of `job`'s run, in which every sum is
/// wrong at first. It has to show the rows of the run, with so many on each
/// sheet of payouts, and to come to the figures of the run.
pub(super) fn tie_out(job: &Job, file: &str, payouts: &[usize]) {
    if !is_here() {
        skipped("LibreOffice");
        return;
    }
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
