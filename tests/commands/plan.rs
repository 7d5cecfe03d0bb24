//! `payout plan` and `payout init`.

use serde_json::Value;

use super::job;
use crate::support::Job;

#[test]
fn a_plan_is_told_back_in_plain_english() {
    let said = job().payout(&["plan", "plan.toml"]);
    assert_eq!((said.stderr.as_str(), said.status), ("", 0));
    assert_eq!(
        said.stdout,
        "\
Example Settlement

Fund
  The fund is $1,000.00. The following amounts are deducted, in this order:
  1. Fees [fees]: 25% of the fund, rounded to the nearest cent: $250.00.
  The net settlement fund is $750.00.

Claims
  Each row of the claims file is one claim. The claimant id is in column
    \"claimant_id\" and must be unique.
  According to column \"status\", claims with status \"approved\" are paid; claims
    with status \"pending\" are computed but held; claims with status \"denied\" are
    not paid. Any other status is an error.

Exclusions, regardless of status (the first applicable reason is reported)
  \"received after the deadline\": rows where column \"submitted\" is on or after
    March 2, 2022.

Subclasses
  Illinois Subclass (\"illinois\"): claimants where column \"state\" is \"IL\".

Pool \"class\"
  Funded with the balance of the net settlement fund.
  All approved and held claims participate.
  Each claimant has 1 share, plus 5 if the claimant is in subclass \"Illinois
    Subclass\".
  The pool is divided pro rata by shares.
  Each payment is rounded down to the cent; the remainder stays in the fund.

Residual
  The plan does not state who receives residual funds.
"
    );
}

#[test]
fn a_plan_is_told_as_data_too() {
    let said = job().payout(&["plan", "plan.toml", "--json"]);
    assert_eq!((said.stderr.as_str(), said.status), ("", 0));
    let told: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(told["settlement"], "Example Settlement");
    assert_eq!(told["net"], "750.00");
    assert_eq!(told["deductions"][0]["amount"], "250.00");
}

#[test]
fn without_a_file_the_plan_that_is_built_in_is_told() {
    let said = Job::new().payout(&["plan"]);
    assert_eq!((said.stderr.as_str(), said.status), ("", 0));
    let title = "In re TikTok, Inc., Consumer Privacy Litigation\n";
    assert!(said.stdout.starts_with(title), "{}", said.stdout);
    assert!(
        said.stdout.contains("\nDRAFT – not for payment: "),
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains("$61,336,400.00"), "{}", said.stdout);
}

#[test]
fn init_writes_a_plan_that_can_be_told_at_once() {
    let job = Job::new();
    let said = job.payout(&["init"]);
    assert_eq!((said.stdout.as_str(), said.status), ("", 0));
    let stderr = "wrote plan.toml\nnext: fill it in, then run `payout plan plan.toml`\n";
    assert_eq!(said.stderr, stderr);
    assert_eq!(job.names("."), ["plan.toml"]);
    assert_eq!(job.payout(&["plan", "plan.toml"]).status, 0);
}

#[test]
fn init_writes_the_file_that_is_named() {
    let job = Job::new();
    assert_eq!(job.payout(&["init", "case.toml"]).status, 0);
    assert_eq!(
        job.payout(&["init", "tiktok.toml", "--template", "tiktok"])
            .status,
        0
    );
    assert_eq!(job.names("."), ["case.toml", "tiktok.toml"]);
    let printed = job.payout(&["init", "--template", "tiktok"]).stdout;
    assert_eq!(job.read("tiktok.toml"), printed);
}

#[test]
fn init_never_writes_over_a_file() {
    let job = Job::with(&[("plan.toml", "mine\n"), ("case.toml", "mine too\n")]);
    for arguments in [
        &["init"][..],
        &["init", "case.toml"],
        &["init", "case.toml", "--template", "tiktok"],
    ] {
        let said = job.payout(arguments);
        assert_eq!((said.stdout.as_str(), said.status), ("", 2));
    }
    assert_eq!(job.read("plan.toml"), "mine\n");
    assert_eq!(job.read("case.toml"), "mine too\n");
}

#[test]
fn a_template_without_a_file_is_printed_and_nothing_is_written() {
    let job = Job::new();
    for template in ["tiktok", "start"] {
        let said = job.payout(&["init", "--template", template]);
        assert_eq!((said.stderr.as_str(), said.status), ("", 0));
        assert!(said.stdout.contains("[settlement]"), "{template}");
    }
    assert_eq!(job.names("."), [""; 0]);
}

#[test]
fn sources_follow_their_rules_wherever_people_read_them() {
    let plan = r#"[settlement]
name = "Example Settlement"

[fund]
amount = 1000
source = "Order 1"

[[deduction]]
name   = "Fees"
amount = 100
source = "Order 2"

[subclass.il]
when   = { state = "IL" }
source = "Order 3"

[[exclude]]
reason = "late"
when   = { state = "late" }

[[pool]]
name   = "class"
source = "Order 4"
shares = [ { add = 1, label = "each", source = "Order 5" }, { add = 1, source = "Order 6" } ]
"#;
    let claims = "claimant_id,state\na,IL\nb,late\n";
    let job = Job::with(&[("plan.toml", plan), ("claims.csv", claims)]);
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let english = words(&job.payout(&["plan", "plan.toml"]).stdout);
    for sentence in [
        "The fund is $1,000.00 [Order 1].",
        "1. Fees: $100.00 [Order 2].",
        "claimants where column \"state\" is \"IL\" [Order 3].",
        "Pool \"class\" [Order 4]",
        "1 share (each) [Order 5], plus 1 [Order 6].",
        "1 rule has no source: [[exclude]] (line 17).",
    ] {
        assert!(english.contains(sentence), "{sentence}: {english}");
    }
    let json = job.payout(&["plan", "plan.toml", "--json"]).stdout;
    let facts: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(facts["without_source"], 1);
    assert_eq!(facts["rules_without_source"][0], "[[exclude]] (line 17)");
    let compute = [
        "compute",
        "claims.csv",
        "--plan",
        "plan.toml",
        "--out",
        "run",
    ];
    let said = job.payout(&compute);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let explained = words(&job.payout(&["explain", "run", "a"]).stdout);
    for sentence in [
        "Subclass: il [Order 3] (",
        "Pool \"class\" [Order 4]",
        "1. each [Order 5]: + 1; running total: 1",
        "2. + 1 [Order 6]; running total: 2",
    ] {
        assert!(explained.contains(sentence), "{sentence}: {explained}");
    }
    assert!(job.read("run/report.html").contains("[Order 4]"));
    // A plan without sources has nothing to count.
    let bare = plan.lines().filter(|line| !line.starts_with("source"));
    let bare = bare.collect::<Vec<_>>().join("\n");
    let bare = bare
        .replace(", source = \"Order 5\"", "")
        .replace(", source = \"Order 6\"", "");
    job.write("bare.toml", bare);
    let english = job.payout(&["plan", "bare.toml"]).stdout;
    assert!(!english.contains("source"), "{english}");
}

/// The sentences of a plan about tables, spans, values, parts and portions.
#[test]
fn new_rules_are_told_with_their_ends() {
    let plan = r#"[settlement]
name = "Example"
[fund]
amount = 100
[claims]
rows = "sum"
[table.miles]
bands = [ { to = 2, value = 7 }, { below = 4, value = 5 }, { value = 1 } ]
[table.bought]
bands = [ { to = 2018-11-01, value = 2 }, { below = 2019-02-21, value = 3 } ]
[table.late]
bands = [ { to = 2018-11-01, value = 2 }, { value = 3 } ]
[value.stay]
per = "row"
steps = [ { add = { days = ["placed", "released"], inclusive = true, within = [2020-01-01, 2020-12-31] } } ]
[value.paid]
per = "row"
steps = [ { add = { column = "stay" } }, { add = { column = "miles", table = "miles" } } ]
[value.dates]
per = "row"
steps = [ { add = { column = "bought", table = "bought" } }, { add = { column = "bought", table = "late" } } ]
[[pool]]
name   = "class"
by     = "state"
parts  = { A = 1, B = 12.5, C = 4.0625, D = 82.4375 }
shares = [ { add = { column = "paid" } }, { add = { column = "dates" } } ]
[[portion]]
name    = "Fee"
percent = 10
to      = { column = "firm" }
[[portion]]
name = "Claimant"
"#;
    let said = Job::with(&[("plan.toml", plan)]).payout(&["plan", "plan.toml"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let words: Vec<&str> = said.stdout.split_whitespace().collect();
    let told = words.join(" ");
    for sentence in [
        "Table \"miles\": 7 up to 2, 5 below 4, 1 from 4 on.",
        "Table \"bought\": 2 through November 1, 2018, 3 before February 21, 2019.",
        "Table \"late\": 2 through November 1, 2018, 3 after November 1, 2018.",
        "the last day included, counting only the part from January 1, 2020 through December 31, 2020.",
        "column \"miles\"; added up over the claimant's rows.",
        "\"A\" 1.00%, \"B\" 12.50%, \"C\" 4.0625%, \"D\" 82.4375%.",
        "Each payment, whether paid or held, is divided into these portions, in this order; no portion exceeds the balance of the payment:",
        "1. Fee: 10% of the payment, rounded to the nearest cent, paid to the payee in column \"firm\".",
    ] {
        assert!(told.contains(sentence), "{sentence}\n{}", said.stdout);
    }
}

#[test]
fn awards_that_are_the_fund_are_paid_in_full() {
    let told = |limit: &str| {
        let plan = format!(
            "[settlement]\nname = \"Example\"\n[fund]\namount = \"as claimed\"\n{limit}\
             [[pool]]\nname = \"class\"\naward = 5\n"
        );
        let said = Job::with(&[("plan.toml", &plan)]).payout(&["plan", "plan.toml"]);
        assert_eq!(said.status, 0, "{}", said.stderr);
        said.stdout
    };
    assert!(told("").contains("  Awards are paid in full.\n"));
    assert!(told("at_most = 100\n").contains("  Awards are paid in full, or pro rata if they"));
}
