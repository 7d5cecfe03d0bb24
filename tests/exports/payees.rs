//! Names and addresses from a file of their own, and whoever is left to pay.

use std::fs;

use serde_json::Value;

use super::{ACH, CHECKS, PAYPAL, export, exported, job, of_method};
use crate::support::{Job, names, records};

/// New addresses of some who are paid by check, of one who is paid otherwise, and
/// columns that no layout reads.
const MOVED: &str = "moved_on,zip,claimant_id,city,address_1,address_2\n\
    2026-11-02,60001,C000003,Elsewhere,1 New St,Apt 1\n\
    2026-11-03,60002,C000000,Somewhere,2 New St,\n\
    2026-11-03,60002,C000001,Nowhere,3 New St,\n";

fn moved() -> Job {
    let job = job(60);
    job.write("moved.csv", MOVED);
    job
}

fn with_payees(arguments: &[&'static str]) -> Vec<&'static str> {
    [arguments, &["--payees", "moved.csv"]].concat()
}

fn manifest(job: &Job, export: &str) -> Value {
    serde_json::from_str(&job.read(&format!("{export}/manifest.json"))).unwrap()
}

#[test]
fn cells_of_the_payees_take_the_place_of_those_of_the_claims() {
    let job = moved();
    exported(&job, &CHECKS, "before");
    exported(&job, &with_payees(&CHECKS), "checks");
    let register = |export: &str| records(&job.read(&format!("{export}/check-register.csv")));
    let (before, after) = (register("before"), register("checks"));
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        let id = before[11].as_str();
        let expected = match id {
            "C000000" => ["2 New St", "", "Somewhere", "IL", "60002"],
            "C000003" => ["1 New St", "Apt 1", "Elsewhere", "IL", "60001"],
            _ => [3, 4, 5, 6, 7].map(|place| before[place].as_str()),
        };
        assert_eq!(after[3..8], expected, "{id}");
        assert_eq!((&before[..3], &before[8..]), (&after[..3], &after[8..]));
    }
    assert_eq!(job.read("checks/payees.csv"), MOVED);
    let payees = &manifest(&job, "checks")["payees"];
    let paid = of_method(&job, "check").len();
    assert_eq!(payees["claimants"], 2);
    assert_eq!(payees["others"], paid - 2);
    assert_eq!(payees["rows"], 3);
    assert_eq!(payees["not_read"][0], "moved_on");
}

#[test]
fn conditions_read_the_payees_and_the_claims_file_need_not_have_their_columns() {
    let job = moved();
    job.write(
        "moved.csv",
        "claimant_id,way,mail\nC000003,mail,a@example.com\nC000004,mail,b@example.com\n",
    );
    let arguments = [
        "--layout",
        "paypal",
        "--set",
        "note=x",
        "--rename",
        "email=mail",
        "--when",
        "way=mail",
        "--payees",
        "moved.csv",
    ];
    exported(&job, &arguments, "paid");
    let rows = records(&job.read("paid/paypal-1.csv"));
    let recipients: Vec<(&str, &str)> = rows.iter().map(|row| (&*row[0], &*row[3])).collect();
    let expected = [("a@example.com", "C000003"), ("b@example.com", "C000004")];
    assert_eq!(recipients, expected);
    let checked = job.payout(&["check", "run", "paid"]);
    assert!(checked.stdout.contains("2 of 48"), "{}", checked.stdout);
    assert!(!checked.stdout.contains("paid/"), "{}", checked.stdout);
}

#[test]
fn an_export_with_payees_is_regenerated_from_its_own_copy() {
    let job = moved();
    exported(&job, &with_payees(&CHECKS), "checks");
    exported(&job, &PAYPAL, "paypal");
    exported(&job, &ACH, "ach");
    fs::remove_file(job.path("moved.csv")).unwrap();
    let check = || job.payout(&["check", "run", "checks", "paypal", "ach"]);
    assert_eq!(check().status, 0, "{}", check().stdout);
    for changed in [
        MOVED.replace("2 New St", "9 New St"),
        // A column that no layout reads is sealed, too.
        MOVED.replace("2026-11-02", "2026-11-09"),
        MOVED.replace("C000003", "C000006"),
        MOVED.replace("C000003", "C000008"),
        MOVED.replace("claimant_id", "id"),
        String::new(),
    ] {
        job.write("checks/payees.csv", &changed);
        let said = check();
        assert_eq!(said.status, 1, "{changed}{}", said.stdout);
        assert!(said.stdout.contains("checks/payees.csv"), "{}", said.stdout);
    }
    fs::remove_file(job.path("checks/payees.csv")).unwrap();
    assert_eq!(check().status, 1);
    job.write("checks/payees.csv", MOVED);
    assert_eq!(check().status, 0);
}

/// The same cells as a workbook, and compressed, give the same payment files.
#[test]
fn payees_are_read_as_claims_are() {
    let job = moved();
    exported(&job, &with_payees(&CHECKS), "csv");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, MOVED.as_bytes()).unwrap();
    job.write("moved.csv.gz", packed.finish().unwrap());
    let arguments = [&CHECKS[..], &["--payees", "moved.csv.gz"]].concat();
    exported(&job, &arguments, "gz");
    assert!(names(&job.path("gz")).contains(&"payees.csv.gz".to_owned()));
    let register = |export: &str| job.read(&format!("{export}/check-register.csv"));
    assert_eq!(register("csv"), register("gz"));
    let said = job.payout(&["check", "run", "gz"]);
    assert!(!said.stdout.contains("gz/"), "{}", said.stdout);
}

#[test]
fn rows_that_were_added_up_may_disagree_where_the_payees_decide() {
    let job = Job::with(&[
        (
            "plan.toml",
            "[settlement]\nname = \"S\"\n[fund]\namount = 10\n[claims]\nrows = \"sum\"\n\
             [[pool]]\nname = \"p\"\nshares = [{ add = { column = \"units\" } }]\n",
        ),
        (
            "claims.csv",
            "claimant_id,units,email\na,1,a@example.com\na,1,b@example.com\nb,2,c@example.com\n",
        ),
        ("new.csv", "claimant_id,email\na,d@example.com\n"),
    ]);
    job.compute("plan.toml", "run");
    let layout = ["--layout", "paypal", "--set", "note=x"];
    assert_eq!(export(&job, &layout, "old", &[]).status, 2);
    exported(
        &job,
        &[&layout[..], &["--payees", "new.csv"]].concat(),
        "new",
    );
    assert!(
        job.read("new/paypal-1.csv")
            .starts_with("d@example.com,5.00")
    );
}

#[test]
fn whoever_earlier_exports_have_not_paid_is_the_rest() {
    let job = job(60);
    exported(&job, &PAYPAL, "paypal");
    exported(&job, &ACH, "ach");
    let rest = [
        "--layout",
        "check-register",
        "--date",
        "2026-12-01",
        "--set",
        "first_check=1001",
        "--after",
        "paypal",
        "ach",
        "--rest",
    ];
    let text = export(&job, &rest, "rest", &[]).stdout;
    exported(&job, &CHECKS, "checks");
    let register = |export: &str| job.read(&format!("{export}/check-register.csv"));
    assert_eq!(register("rest"), register("checks"));
    let (paypal, ach) = (
        of_method(&job, "paypal").len(),
        of_method(&job, "ach").len(),
    );
    let listed = records(&job.read("rest/already-paid.csv"));
    assert_eq!(listed.len(), 1 + paypal + ach);
    assert_eq!(listed[0], ["claimant_id", "payout", "export"]);
    assert!(
        listed[1..]
            .iter()
            .all(|row| row[2] == "paypal" || row[2] == "ach")
    );
    let left_out = &manifest(&job, "rest")["rest"];
    assert_eq!(left_out["left_out"]["count"], paypal + ach);
    assert_eq!(left_out["after"][1]["name"], "ach");
    assert!(text.contains("already paid"), "{text}");
    let check = |exports: &[&str]| job.payout(&[&["check", "run"], exports].concat());
    let said = check(&["paypal", "ach", "rest"]);
    assert_eq!(said.status, 0, "{}", said.stdout);
    // Alone, it pays only some, and is what it says.
    let said = check(&["rest"]);
    assert_eq!(said.status, 1);
    assert!(!said.stdout.contains("rest/"), "{}", said.stdout);
    // Another condition narrows it further.
    let narrowed = [&rest[..], &["--when", "home=IL"]].concat();
    exported(&job, &narrowed, "illinois");
    let paid = records(&job.read("illinois/payments.csv")).len() - 1;
    let of_home = of_method(&job, "check")
        .into_iter()
        .filter(|(claim, _)| claim[1] == "IL");
    assert_eq!(paid, of_home.count());
    // A claimant fewer on the list is a claimant more to pay.
    let list = job.read("rest/already-paid.csv");
    let (kept, _) = list.trim_end().rsplit_once('\n').unwrap();
    job.write("rest/already-paid.csv", format!("{kept}\n"));
    let said = check(&["paypal", "ach", "rest"]);
    assert_eq!(said.status, 1);
    assert!(
        said.stdout.contains("rest/already-paid.csv"),
        "{}",
        said.stdout
    );
}

/// Of a claimant whom an export has paid, no cell matters.
#[test]
fn the_cells_of_those_left_out_need_not_fit() {
    let job = Job::with(&[
        (
            "plan.toml",
            "[settlement]\nname = \"S\"\n[fund]\namount = 10\n[[pool]]\nname = \"p\"\nshares = 1\n",
        ),
        (
            "claims.csv",
            "claimant_id,method,email\na,mail,a@example.com\nb,Mail,\nc,mail,c@example.com\n",
        ),
        ("other.csv", "claimant_id,email\nb,b@example.com\n"),
    ]);
    job.compute("plan.toml", "run");
    let layout = ["--layout", "paypal", "--set", "note=x"];
    let b = [
        &layout[..],
        &["--when", "method=Mail", "--payees", "other.csv"],
    ]
    .concat();
    // Two others have almost this text.
    assert_eq!(export(&job, &b, "b", &[]).status, 2);
    job.write(
        "b.toml",
        "base = \"paypal\"\nwhen = { email = \"b@example.com\" }\n[set]\nnote = \"x\"\n",
    );
    let b = ["--layout", "b.toml", "--payees", "other.csv"];
    exported(&job, &b, "b");
    let rest = ["--when", "method=mail", "--after", "b", "--rest"];
    exported(&job, &[&layout[..], &rest].concat(), "rest");
    assert_eq!(records(&job.read("rest/payments.csv")).len(), 3);
}

#[test]
fn payees_whom_the_run_does_not_pay_are_counted_and_unknown_ones_refused() {
    let job = Job::with(&[
        (
            "plan.toml",
            "[settlement]\nname = \"S\"\n[fund]\namount = 10\n[claims]\nstatus = \"status\"\n\
             pay = [\"yes\"]\nhold = [\"wait\"]\ndeny = [\"no\"]\n[[pool]]\nname = \"p\"\n\
             shares = 1\n",
        ),
        (
            "claims.csv",
            "claimant_id,status,email\na,yes,a@b.example\nb,no,b@b.example\nc,wait,c@b.example\n",
        ),
        (
            "new.csv",
            "claimant_id,email\nc,c@c.example\na,a@c.example\nb,b@c.example\n",
        ),
    ]);
    job.compute("plan.toml", "run");
    let layout = [
        "--layout", "paypal", "--set", "note=x", "--payees", "new.csv",
    ];
    let said = export(&job, &layout, "one", &[]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let words = "warning: 2 rows of new.csv are of claimants whom the run does not pay (first: \
                 rows 1, 3); `payout explain RUN ID` shows why";
    assert!(said.stderr.contains(words), "{}", said.stderr);
    assert_eq!(job.payout(&["check", "run", "one"]).status, 0);
    job.write(
        "new.csv",
        "claimant_id,email\nx,x@c.example\nb,b@c.example\ny,y@c.example\n",
    );
    let said = export(&job, &layout, "two", &["--errors", "errors.csv"]);
    assert_eq!(said.status, 2);
    assert!(said.stderr.contains("2 problems"), "{}", said.stderr);
    let list = job.read("errors.csv");
    let same = ",\"the id is not in the claims of the run; correct the id, or remove the row";
    assert_eq!(list.matches(same).count(), 2, "{list}");
}
