//! `payout compute --xlsx`: the rows and the account as a workbook.

pub(crate) mod package;

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use anyhow::Result;
use package::{Cell, Parts};
use payout::internals::allocate::pools;
use payout::internals::claims::input::Input;
use payout::internals::plan::{Plan, PlanSource};
use payout::internals::run::hashing_writer::WrittenFile;
use payout::internals::run::rows::{self, RowSink};
use payout::internals::run::summary;
use payout::internals::run::workbook::{WorkbookInput, write_workbook};
use payout::internals::{claims, plan};

use super::{CLAIMS, PLAN, compute};
use crate::support::{Job, records, sha256};

/// Ids that a spreadsheet would like to change.
pub(crate) const IDS: &str = "\
claimant_id,name,state,status,submitted
00123,,IL,approved,2022-01-15
1E5,,CA,approved,2022-03-01
2022-03-01,,CA,approved,2022-03-01
TRUE,,CA,approved,2022-03-01
http://a.example,,CA,approved,2022-03-01
\"1,000\",,CA,approved,2022-03-01
_x0041_,,CA,approved,2022-03-01
\"<b>&'\"\"'</b>\",,CA,pending,2022-03-01
12345678901234567890,,IL,denied,2022-02-01
Zoë 大,,WI,approved,2022-02-28
";

/// Two pools, awards finer than a cent, rows added up, and a draft.
pub(crate) const POOLS: &str = r#"[settlement]
name = "Doe v. Acme & Sons <made up>"
docket = "No. 1:22-cv-00001"
currency = "CODE"
draft = "the fees are not ordered"

[fund]
amount = 98765
interest = 4

[[deduction]]
name = "Fees"
kind = "fees"
percent = 25
of = "gross"

[claims]
status = false
rows = "sum"

[[pool]]
name = "losses"
percent = 50
award = [ { add = { column = "loss" } } ]

[[pool]]
name = "rest"
shares = 1
"#;

pub(crate) fn run(plan: &str, claims: &str, options: &[&str]) -> Job {
    let job = Job::with(&[("plan.toml", plan), ("claims.csv", claims)]);
    let said = job.payout(&compute(&[&["--xlsx", "--quiet"], options].concat()));
    assert_eq!(said.status, 0, "{}", said.stderr);
    job
}

fn workbook(job: &Job) -> Parts {
    Parts::read(&fs::read(job.path("payouts/payouts.xlsx")).unwrap())
}

/// The columns of amounts say their currency.
fn without_currency(heading: &str) -> &str {
    heading.strip_suffix(" (USD)").unwrap_or(heading)
}

#[test]
fn every_sheet_holds_the_rows_of_its_file_as_they_stand_there() {
    for claims in [CLAIMS, IDS] {
        let job = run(PLAN, claims, &[]);
        let workbook = workbook(&job);
        assert_eq!(workbook.sheets(), ["Summary", "Payouts", "Held", "Unpaid"]);
        for name in ["payouts", "held", "unpaid"] {
            let sheet = workbook.sheet(name);
            let file = records(&job.read(&format!("payouts/{name}.csv")));
            assert_eq!(sheet.len(), file.len(), "{name}");
            let names: Vec<&str> = sheet[0].iter().map(|c| without_currency(&c.text)).collect();
            assert_eq!(names, file[0], "{name}");
            for (cells, row) in sheet.iter().zip(&file).skip(1) {
                let there: Vec<&String> = row.iter().filter(|cell| !cell.is_empty()).collect();
                let texts: Vec<&String> = cells.iter().map(|cell| &cell.text).collect();
                assert_eq!(texts, there, "{name}");
            }
        }
    }
}

#[test]
fn the_words_of_the_summary_are_those_of_the_report_and_the_workbook() {
    for example in ["data-breach", "tax-flags", "payments"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
        let read = |name| fs::read_to_string(folder.join(example).join(name)).unwrap();
        let job = run(&read("plan.toml"), &read("claims.csv"), &[]);
        let page = job.read("payouts/report.html");
        let page = page.replace("&#39;", "'").replace("&#34;", "\"");
        let page = page
            .replace("<span class=\"number\">", "")
            .replace("</span>", "");
        let sheet = workbook(&job).sheet("summary").concat();
        let sheet: Vec<String> = sheet.into_iter().map(|cell| cell.text).collect();
        let sheet = sheet.join("\n");
        let text = job.read("payouts/summary.txt");
        for line in text.lines().filter(|line| !line.contains("----")) {
            let words = line.trim().split("  ").next().unwrap();
            assert!(page.contains(words), "{words} is not on the page: {page}");
            assert!(sheet.contains(words), "{words} is not in {sheet}");
        }
    }
}

#[test]
fn ids_are_text_and_amounts_are_numbers() {
    let job = run(PLAN, IDS, &[]);
    let workbook = workbook(&job);
    for name in ["payouts", "held", "unpaid"] {
        for row in workbook.sheet(name).iter().skip(1) {
            let Cell { kind, format, .. } = &row[0];
            assert_eq!((kind.as_str(), format.as_str()), ("inlineStr", "@"));
            let last = row.last().unwrap();
            let number = ("n", "#,##0.00");
            if name == "payouts" {
                assert_eq!((last.kind.as_str(), last.format.as_str()), number);
            }
        }
    }
    for (path, xml) in &workbook.parts {
        let formulas = xml.contains("<f>") && path != "xl/worksheets/sheet1.xml";
        assert!(!formulas && !xml.contains("hyperlink"), "{path}: {xml}");
    }
}

#[test]
fn the_header_is_frozen_filtered_and_printed_on_every_page() {
    let job = run(PLAN, CLAIMS, &[]);
    let workbook = workbook(&job);
    let payouts = &workbook.parts["xl/worksheets/sheet2.xml"];
    for part in [
        "<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>",
        "<autoFilter ref=\"A1:D4\"/>",
        "<pageSetup orientation=\"landscape\" fitToHeight=\"0\"/>",
        "<oddFooter>&amp;L&amp;A&amp;RPage &amp;P of &amp;N</oddFooter>",
    ] {
        assert!(payouts.contains(part), "no {part} in {payouts}");
    }
    let names = &workbook.parts["xl/workbook.xml"];
    assert!(
        names.contains("localSheetId=\"1\">Payouts!$1:$1<"),
        "{names}"
    );
    assert!(!payouts.contains("DRAFT"), "{payouts}");
}

#[test]
fn the_same_run_is_the_same_workbook_with_any_number_of_threads() {
    let digest = |threads: &str| {
        let job = run(PLAN, CLAIMS, &["--threads", threads]);
        let bytes = fs::read(job.path("payouts/payouts.xlsx")).unwrap();
        let digest = sha256(bytes);
        assert!(job.read("payouts/manifest.json").contains(&digest));
        digest
    };
    let first = digest("1");
    for threads in ["1", "2", "3", "7"] {
        assert_eq!(digest(threads), first, "{threads} threads");
    }
}

#[test]
fn a_workbook_changes_nothing_else_of_a_run() {
    let with = run(PLAN, CLAIMS, &[]);
    let without = Job::with(&[("plan.toml", PLAN), ("claims.csv", CLAIMS)]);
    assert_eq!(without.payout(&compute(&["--quiet"])).status, 0);
    for name in without.names("payouts") {
        if name != "manifest.json" {
            let path = format!("payouts/{name}");
            assert_eq!(with.read(&path), without.read(&path), "{name}");
        }
    }
    let said = with.payout(&compute(&["--quiet", "--force"]));
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert_eq!(with.names("payouts"), without.names("payouts"));
}

#[test]
fn a_check_makes_the_workbook_anew_and_compares_it() {
    let job = run(PLAN, CLAIMS, &[]);
    let said = job.payout(&["check", "payouts"]);
    assert_eq!(said.status, 0, "{}", said.stdout);
    let words = "workbook        payouts.xlsx regenerated and compared\n";
    assert!(said.stdout.contains(words), "{}", said.stdout);

    // One cent more for one claimant, and a manifest that says so.
    let mut forged = workbook(&job);
    let sheet = forged.parts.get_mut("xl/worksheets/sheet2.xml").unwrap();
    assert!(sheet.contains("<v>500.00</v>"), "{sheet}");
    *sheet = sheet.replace("<v>500.00</v>", "<v>500.01</v>");
    let path = job.path("payouts/payouts.xlsx");
    let real = fs::read(&path).unwrap();
    let forged = forged.packed();
    fs::write(&path, &forged).unwrap();
    let said = job.payout(&["check", "payouts"]);
    assert_eq!(said.status, 1, "{}", said.stdout);
    assert!(
        said.stdout.contains("payouts.xlsx: SHA-256\n"),
        "{}",
        said.stdout
    );

    let manifest = job.read("payouts/manifest.json");
    let length = |bytes: &[u8]| format!("\"bytes\": {},", bytes.len());
    let manifest = manifest.replace(&sha256(&real), &sha256(&forged));
    let manifest = manifest.replace(&length(&real), &length(&forged));
    job.write("payouts/manifest.json", manifest);
    let said = job.payout(&["check", "payouts"]);
    assert_eq!(said.status, 1, "{}", said.stdout);
    let words = "payouts.xlsx: SHA-256 of the regenerated workbook\n";
    assert!(said.stdout.contains(words), "{}", said.stdout);
    assert!(said.stdout.contains("1 difference"), "{}", said.stdout);
}

#[test]
fn a_check_of_a_run_whose_rows_make_no_workbook_says_so() {
    let job = run(PLAN, CLAIMS, &[]);
    let payouts = job.read("payouts/payouts.csv");
    for (from, to) in [
        ("500.00", "500.01"),
        ("500.00", "five"),
        (",payout", ",pay"),
    ] {
        job.write("payouts/payouts.csv", payouts.replace(from, to));
        let said = job.payout(&["check", "payouts"]);
        assert_eq!(said.status, 1, "{}\n{}", said.stdout, said.stderr);
        let words = "the rows that summary.json counts";
        assert!(said.stdout.contains(words), "{}", said.stdout);
        assert!(!said.stdout.contains("bug"), "{}", said.stdout);
    }
    fs::remove_file(job.path("payouts/payouts.csv")).unwrap();
    let said = job.payout(&["check", "payouts"]);
    assert_eq!(said.status, 1, "{}\n{}", said.stdout, said.stderr);
}

/// Rows that go nowhere.
#[derive(Default)]
struct Nowhere(u64);

impl RowSink for Nowhere {
    fn rows(&mut self, _: &[u8], lines: u64) -> Result<()> {
        self.0 += lines;
        Ok(())
    }

    fn finish(self) -> Result<WrittenFile> {
        Ok(WrittenFile {
            name: String::new(),
            bytes: 0,
            lines: self.0,
            sha256: String::new(),
            files: None,
        })
    }
}

/// Writes the workbook of a run with so many rows on a sheet.
pub(crate) fn write(job: &Job, rows_of_a_sheet: u64, out: impl Write) -> Result<()> {
    let plan: Plan = plan::load(&PlanSource {
        folder: std::path::PathBuf::new(),
        name: "plan.toml".to_owned(),
        shown: "plan.toml".to_owned(),
        text: job.read("plan.toml"),
    })
    .unwrap();
    let inputs = [Input::File(job.path("claims.csv"))];
    let mut claims =
        claims::read(&inputs, &plan, &claims::ReadOptions::default(), &|_| {}).unwrap();
    let distribution = pools::distribute(&plan, &mut claims).unwrap();
    let nowhere = [Nowhere(0), Nowhere(0), Nowhere(0)];
    let tally = rows::write(&plan, &claims, &distribution, nowhere, &|_| {});
    let tally = tally.unwrap().tally;
    let digest = sha256(&plan.source.text);
    let summary = summary::summarize(&plan, &claims, &distribution, &tally, None, digest);
    let maker = WorkbookInput {
        plan: &plan,
        summary: &summary.unwrap(),
        folder: &job.path("payouts"),
        rows_of_a_sheet,
    };
    write_workbook(maker, &|_| {}, out)
}

/// A disk with room for so many bytes.
struct Room(usize);

impl Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.0 {
            return Err(ErrorKind::StorageFull.into());
        }
        self.0 -= bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_disk_that_is_full_is_an_error_wherever_it_happens() {
    let job = run(PLAN, CLAIMS, &[]);
    let mut bytes = Vec::new();
    write(&job, 2, &mut bytes).unwrap();
    assert!(write(&job, 2, Room(bytes.len())).is_ok());
    for room in (0..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
        let error = write(&job, 2, Room(room)).unwrap_err();
        let error = error.downcast::<io::Error>().unwrap();
        assert!(error.to_string().contains("no storage space"), "{error}");
    }
}

#[test]
fn what_one_sheet_cannot_hold_goes_on_in_further_ones() {
    let job = run(PLAN, IDS, &[]);
    let mut bytes = Vec::new();
    write(&job, 3, &mut bytes).unwrap();
    let workbook = Parts::read(&bytes);
    let names = [
        "Summary",
        "Payouts",
        "Payouts 2",
        "Payouts 3",
        "Held",
        "Unpaid",
    ];
    assert_eq!(workbook.sheets(), names);
    let mut rows = Vec::new();
    for name in ["payouts", "payouts 2", "payouts 3"] {
        let sheet = workbook.sheet(name);
        assert_eq!(sheet[0][0].text, "claimant_id");
        let ids = sheet.iter().skip(1).map(|row| row[0].text.clone());
        rows.extend(ids);
    }
    let file = records(&job.read("payouts/payouts.csv"));
    let ids: Vec<&String> = file.iter().skip(1).map(|row| &row[0]).collect();
    assert_eq!(rows.iter().collect::<Vec<_>>(), ids);
    let sum = "-(SUMPRODUCT(ROUND(Payouts!D2:D4*100,0))\
               +SUMPRODUCT(ROUND('Payouts 2'!D2:D4*100,0))\
               +SUMPRODUCT(ROUND('Payouts 3'!D2:D3*100,0)))/100";
    assert!(workbook.parts["xl/worksheets/sheet1.xml"].contains(sum));
}

#[test]
fn a_draft_is_called_one_on_every_sheet() {
    let losses = "claimant_id,loss\nA,10.5\nB,20.25\n";
    let job = run(&POOLS.replace("CODE", "USD"), losses, &[]);
    let workbook = workbook(&job);
    for number in 1..=4 {
        let xml = &workbook.parts[&format!("xl/worksheets/sheet{number}.xml")];
        assert!(xml.contains("DRAFT – not for payment</oddHeader>"), "{xml}");
    }
    let summary = &workbook.parts["xl/worksheets/sheet1.xml"];
    for words in [">DRAFT – not for payment<", ">the fees are not ordered<"] {
        assert!(summary.contains(words), "{summary}");
    }
}

#[test]
fn methods_of_payment_and_tax_flags_stand_on_the_summary() {
    let plan = "[settlement]\nname = \"S\"\n[fund]\namount = 900\n[payment]\nmethod = \"by\"\n\
                [tax]\nthreshold = 250\nnumber = \"tin\"\n\
                [[pool]]\nname = \"p\"\nshares = [{ add = { column = \"n\" } }]\n";
    let claims = "claimant_id,by,tin,n\nA,check,123-45-6780,4\nB,ach,,4\nC,ach,000000000,1\n";
    let job = run(plan, claims, &[]);
    let summary = workbook(&job).sheet("summary");
    let rows: Vec<Vec<&str>> = summary
        .iter()
        .map(|row| row.iter().map(|cell| cell.text.as_str()).collect())
        .collect();
    for expected in [
        &["  ach", "2", "66.67%", "500.00"][..],
        &["  check", "1", "33.33%", "400.00"],
        &["Tax flags (not tax advice)", "Number", "Total"],
        &["  Payments at or over $250.00", "2", "800.00"],
        &["    Of these, no valid taxpayer number", "1", "400.00"],
        &[
            "  All payments without a valid taxpayer number",
            "2",
            "500.00",
        ],
    ] {
        assert!(
            rows.iter().any(|row| row == expected),
            "{expected:?} in\n{rows:#?}"
        );
    }
    assert_eq!(job.payout(&["check", "payouts"]).status, 0);
}
