//! `[[unique]]` in a plan: claimants who share cells are refused, or listed and paid.

use crate::support::Job;

const PLAN: &str = r#"[settlement]
name = "Example Settlement"

[fund]
amount = 10_000

[claims]
status = "status"
pay    = ["ok"]
hold   = ["hold"]
deny   = ["no"]
rows   = "sum"

[[pool]]
name   = "class"
shares = 1

[tax]
threshold = 600
number    = "tin"

[[unique]]
columns    = ["email"]
duplicates = "flag"

[[unique]]
columns    = ["tin"]
duplicates = "flag"

[[unique]]
columns    = ["name", "zip"]
duplicates = "flag"
"#;

const CLAIMS: &str = "\
claimant_id,status,email,tin,name,zip
a,ok,Ana@x.com,987-65-4320,Ana,60601
a,ok,ana@x.com,987-65-4320,Ana,60602
b,no,ana@x.com,987-65-4320,Ana,60601
c,hold,ANA @x.com,987 65 4320,ana,
d,ok,,none,José,60601
e,ok,,,Jose\u{301},60601
";

#[test]
fn claimants_who_share_cells_are_listed_and_paid() {
    let job = Job::with(&[("plan.toml", PLAN), ("claims.csv", CLAIMS)]);
    job.compute("plan.toml", "run");
    assert_eq!(
        job.read("run/flags.csv"),
        "\
claimant_id,row,rule,same_as
c,4,email,a
c,4,tin,a
e,6,name;zip,d
"
    );
    let summary: serde_json::Value = serde_json::from_str(&job.read("run/summary.json")).unwrap();
    assert_eq!(
        summary["flags"].to_string(),
        r#"[{"rows":1,"rule":"email"},{"rows":1,"rule":"tin"},{"rows":1,"rule":"name;zip"}]"#
    );
    assert_eq!(summary["payouts"]["count"], 3);
    let said = job.payout(&["check", "run"]);
    assert_eq!(said.status, 0, "{}", said.stdout);
    let flags = job.read("run/flags.csv").replace("e,6", "e,5");
    job.write("run/flags.csv", flags);
    let said = job.payout(&["check", "run"]);
    assert_eq!(said.status, 1);
    assert!(said.stdout.contains("flags.csv, row 3"), "{}", said.stdout);
}

#[test]
fn placeholders_are_not_the_same_person() {
    let claims = "claimant_id,status,email,tin,name,zip\n\
                  a,ok,N/A,,A,1\nb,ok,n/a,,B,2\nc,ok,none,,-,3\nd,no,n/a,,-,3\ne,hold,x@y.z,,-,3\n";
    let plan = PLAN.replace("\"flag\"", "\"refuse\"");
    let job = Job::with(&[("plan.toml", &plan), ("claims.csv", claims)]);
    job.compute("plan.toml", "run");
    let summary: serde_json::Value = serde_json::from_str(&job.read("run/summary.json")).unwrap();
    assert_eq!(
        summary["warnings"].to_string(),
        "[\"3 placeholders in the column `email` (`N/A`, `n/a`, `none`), which [[unique]] compares with no other cell; `map = { \\\"N/A\\\" = \\\"\\\" }` under [column.email] reads it as a blank\",\"2 placeholders in the column `name` (`-`), which [[unique]] compares with no other cell; `map = { \\\"-\\\" = \\\"\\\" }` under [column.name] reads it as a blank\"]"
    );
    assert_eq!(job.payout(&["check", "run"]).status, 0);
}

#[test]
fn a_taxpayer_number_is_never_shown() {
    let plan = PLAN.replace("\"flag\"", "\"refuse\"");
    let job = Job::with(&[("plan.toml", &plan), ("claims.csv", CLAIMS)]);
    let compute = [
        "compute",
        "claims.csv",
        "--plan",
        "plan.toml",
        "--errors",
        "errors.csv",
    ];
    let said = job.payout(&compute);
    assert_eq!(said.status, 2);
    let list = job.read("errors.csv");
    // Of each rule, the row and its partner.
    assert_eq!(list.lines().count(), 7, "{list}");
    for text in [&said.stderr, &list] {
        assert!(!text.contains("4320"), "{text}");
    }
    let stderr = &said.stderr;
    assert!(
        stderr.contains("the same `tin` as claimant `a`"),
        "{stderr}"
    );
    assert!(
        list.contains("the same `tin` as another claimant"),
        "{list}"
    );
}

#[test]
fn what_sample_writes_is_accepted() {
    let plan = PLAN.replace("\"flag\"", "\"refuse\"")
        + "[[portion]]\nname = \"fee\"\npercent = { column = \"percent\" }\nto = { column = \"firm\" }\n[[portion]]\nname = \"client\"\n";
    let job = Job::with(&[("plan.toml", &plan)]);
    let said = job.payout(&[
        "sample",
        "300",
        "--plan",
        "plan.toml",
        "--out",
        "claims.csv",
    ]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    job.compute("plan.toml", "run");
    let kinds = "claimant_id,count,status\nall,10,ok\n";
    job.write("kinds.csv", kinds);
    let said = job.payout(&["project", "kinds.csv", "--plan", "plan.toml"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(
        said.stdout.contains("portions, [[unique]], tax flags"),
        "{}",
        said.stdout
    );
}
