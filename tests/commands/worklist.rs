//! The list of errors, as somebody works it down in a spreadsheet.

use crate::support::{Job, records};

const PLAN: &str = r#"[settlement]
name = "Example Settlement"

[fund]
amount = 1000

[claims]
status = "status"
pay    = ["approved"]
deny   = ["denied"]

[[pool]]
name  = "losses"
award = [{ add = { column = "loss" } }]
"#;

const COMPUTE: [&str; 6] = [
    "compute",
    "claims.csv",
    "--plan",
    "plan.toml",
    "--errors",
    "errors.csv",
];

/// The list for these claims, without the file.
fn listed(claims: &str, more: &[&str]) -> Vec<String> {
    let job = Job::with(&[
        ("plan.toml", PLAN),
        ("claims.csv", claims),
        ("totals.toml", "[sum]\nloss = 5\n"),
    ]);
    job.payout(&[&COMPUTE, more].concat());
    let list = records(&job.read("errors.csv"));
    let line = |record: &Vec<String>| record[1..9].join("|");
    list[1..].iter().map(line).collect()
}

#[test]
fn a_fault_has_one_line_whatever_follows_from_it() {
    let claims = "claimant_id,status,loss\nN/A,approved,$5\nN/A,approved,1\nb,approved,x\n";
    let expected = [
        "2||1|N/A|C068|claimant_id|N/A|",
        "2||1|N/A|C105|loss|$5|5",
        "3||2|N/A|C068|claimant_id|N/A|",
        "4||3|b|C110|loss|x|",
    ];
    assert_eq!(listed(claims, &["--expect", "totals.toml"]), expected);
}

#[test]
fn amounts_that_may_be_others_and_opposite_statuses_have_no_suggestion() {
    let claims = "claimant_id,status,loss\n\
                  a,approved,£5\nb,approved,12OO\nc,approved,EUR 5\nd,not approved,5\ne,approved*,5\n";
    let expected = [
        "2||1|a|C105|loss|£5|",
        "3||2|b|C110|loss|12OO|",
        "4||3|c|C110|loss|EUR 5|",
        "5||4|d|C080|status|not approved|",
        "6||5|e|C080|status|approved*|",
    ];
    assert_eq!(listed(claims, &[]), expected);
}

#[test]
fn a_status_that_is_mistyped_or_unknown_hides_no_other_cell() {
    let claims = "claimant_id,status,loss\na,Approved,$5\nb,Denied,$5\nc,x,$5\n";
    let expected = [
        "2||1|a|C080|status|Approved|approved",
        "2||1|a|C105|loss|$5|5",
        "3||2|b|C080|status|Denied|denied",
        "4||3|c|C080|status|x|",
        "4||3|c|C105|loss|$5|5",
    ];
    let mut list = listed(claims, &[]);
    list.sort();
    assert_eq!(list, expected);
}

#[test]
fn lines_are_those_of_the_file() {
    let claims = "claimant_id,status,loss\n\na,approved,1\n,,\n \t,,\n\
                  b,approved,\"1\n\n\"\na,approved,1\nd,approved,1.000,5\n";
    let expected = [
        "10||4||C040|||",
        "3||1|a|C071|claimant_id|a|",
        "9||3|a|C071|claimant_id|a|",
    ];
    assert_eq!(listed(claims, &[]), expected);
}

#[test]
fn cells_of_denied_rows_are_checked_if_that_is_asked_for() {
    for rows in ["unique", "sum"] {
        let plan = PLAN.replace("[claims]", &format!("[claims]\nrows = \"{rows}\""));
        let claims = "claimant_id,status,loss\na,approved,1\nb,denied,$5\nc,denied,\nd,denied,2\n";
        let job = Job::with(&[("plan.toml", &plan), ("claims.csv", claims)]);
        assert_eq!(job.payout(&COMPUTE).status, 0);
        let all = [&COMPUTE[..], &["--check-all", "--out", "all"]].concat();
        assert_eq!(job.payout(&all).status, 2);
        let list = job.read("errors.csv");
        assert!(list.contains("claims.csv,3,,2,b,C105,loss,$5,5,"), "{list}");
        let blank = list.contains(",c,C100,loss,") || list.contains(",c,C120,loss,");
        assert_eq!(blank, rows == "unique", "{list}");
        job.write(
            "claims.csv",
            claims.replace("$5", "5").replace("c,denied,", "c,denied,1"),
        );
        assert_eq!(job.payout(&[&COMPUTE[..], &["--force"]].concat()).status, 0);
        assert_eq!(job.payout(&all).status, 0);
        for name in job.names("all") {
            let (all, usual) = (format!("all/{name}"), format!("payouts/{name}"));
            assert_eq!(job.read(&all), job.read(&usual), "{name}");
        }
    }
}

#[test]
fn a_workbook_is_a_list_and_takes_the_place_of_a_list_only() {
    let claims =
        "claimant_id,status,loss\n=1+1,approved,1\nb,approved,\"$ 1,200.00\"\nc\x01,approved,1\n";
    let job = Job::with(&[("plan.toml", PLAN), ("claims.csv", claims)]);
    let compute = |list: &str| {
        let mut arguments = COMPUTE;
        arguments[5] = list;
        job.payout(&arguments)
    };
    for _ in 0..2 {
        let said = compute("errors.xlsx");
        assert_eq!(said.status, 2);
        let listed = "all of them are listed in errors.xlsx";
        assert!(said.stderr.contains(listed), "{}", said.stderr);
    }
    // What is in it, the program itself reads.
    let read = "[settlement]\nname = \"L\"\n[fund]\namount = 100\n[claims]\nid = \"line\"\n\
                [[pool]]\nname = \"p\"\nwhen = { value = \"$ 1,200.00\", code = \"C280\", claimant_id = \"b\" }\n\
                shares = [{ add = { column = \"suggestion\" } }]\n";
    job.write("read.toml", read);
    let said = job.payout(&["compute", "errors.xlsx", "--plan", "read.toml"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let payouts = job.read("payouts/payouts.csv");
    assert_eq!(
        payouts,
        "claimant_id,subclass,shares,payout\n3,,1200,100.00\n"
    );
    std::fs::copy(job.path("errors.xlsx"), job.path("other.xlsx")).unwrap();
    let mut other = std::fs::read(job.path("other.xlsx")).unwrap();
    let name = b"payout, a list";
    let at = other.windows(name.len()).position(|part| part == name);
    other[at.unwrap()] = b'P';
    job.write("other.xlsx", other);
    let said = compute("other.xlsx");
    assert!(said.stderr.starts_with("error[U033]"), "{}", said.stderr);
}

#[test]
fn an_export_lists_a_cell_once_however_often_its_layout_writes_it() {
    let layout = "[layout]\nname = \"x\"\nabout = \"x\"\n\n[file]\nname = \"x.csv\"\n\n\
                  [[column]]\nname = \"payee\"\ncolumn = \"payee\"\nlength = 30\n\n\
                  [[column]]\nname = \"memo\"\ncolumn = \"payee\"\n\n\
                  [[column]]\nname = \"zip\"\ncolumn = \"zip\"\n\n\
                  [[column]]\nname = \"payout\"\npayout = \"decimal\"\n";
    let claims = "claimant_id,status,loss,payee,zip\n,,,,\n\
                  a,approved,1,N/A,62701.0\nb,approved,1,Ana,62701\n";
    let job = Job::with(&[
        ("plan.toml", PLAN),
        ("claims.csv", claims),
        ("layout.toml", layout),
    ]);
    assert_eq!(job.payout(&COMPUTE).status, 0);
    let export = "export payouts --layout layout.toml --out x --errors errors.csv";
    let said = job.payout(&export.split(' ').collect::<Vec<_>>());
    assert_eq!(said.status, 2, "{}", said.stderr);
    let list = records(&job.read("errors.csv"));
    let lines: Vec<String> = list[1..].iter().map(|line| line[1..9].join("|")).collect();
    let expected = ["3||1|a|X055|payee|N/A|", "3||1|a|X053|zip|62701.0|62701"];
    assert_eq!(lines, expected);
}
