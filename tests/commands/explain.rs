//! `payout explain`: how one payout came about.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::compute;
use crate::support::{Job, Said, records, sha256};

/// Several pools, a pool for some only, small payments dropped, and rows that
/// are held, denied and excluded.
const POOLS: &str = r#"[settlement]
name = "Example"

[fund]
amount = 1000

[claims]
status = "status"
pay    = ["approved"]
hold   = ["pending"]
deny   = ["denied"]

[[exclude]]
reason = "no member of the class"
when   = { state = { not = ["IL", "CA"] } }

[subclass.illinois]
name = "Illinois Subclass"
when = { state = "IL" }

[[pool]]
name    = "Illinois"
percent = 40
when    = { in = "illinois" }
shares  = 1

[[pool]]
name   = "hours, lost"
shares = [ { add = { column = "hours" } } ]
drop   = { below = 60, method = "all-at-once" }
"#;

const POOLS_CLAIMS: &str = "\
claimant_id,state,hours,status
A,IL,5,approved
B,CA,5,approved
C,IL,0,pending
D,CA,1,approved
E,CA,0,approved
F,IL,1,denied
G,TX,1,approved
";

/// Awards reduced pro rata, between a least and a most.
const AWARDS: &str = r#"[settlement]
name = "Example"

[fund]
amount = 1000

[[pool]]
name     = "losses"
award    = [ { add = { column = "loss" }, label = "Documented loss" } ]
at_least = 50
at_most  = [ { add = { column = "loss", times = 0.5 } }, { at_most = 400 }, { at_least = 50 } ]
round    = "largest-remainder"
"#;

const AWARDS_CLAIMS: &str = "claimant_id,loss\nA,1500\nB,800\nC,500\nD,30\n";

/// A run over this plan and these claims.
fn run(plan: &str, claims: &str) -> Job {
    let job = Job::with(&[("plan.toml", plan), ("claims.csv", claims)]);
    let said = job.payout(&["compute", "claims.csv", "--plan", "plan.toml", "--quiet"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    job
}

/// A run over one of the examples.
fn example(name: &str) -> Job {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let read = |file: &str| fs::read_to_string(folder.join(name).join(file)).unwrap();
    run(&read("plan.toml"), &read("claims.csv"))
}

fn pools() -> Job {
    run(POOLS, POOLS_CLAIMS)
}

fn awards() -> Job {
    run(AWARDS, AWARDS_CLAIMS)
}

/// The explanation as text.
fn told(job: &Job, id: &str) -> String {
    let said = job.payout(&["explain", "payouts", id]);
    assert_eq!((said.stderr.as_str(), said.status), ("", 0), "{id}");
    said.stdout
}

/// The explanation as data.
fn data(job: &Job, id: &str) -> Value {
    let said = job.payout(&["explain", "payouts", id, "--json"]);
    assert_eq!((said.stderr.as_str(), said.status), ("", 0), "{id}");
    serde_json::from_str(&said.stdout).unwrap()
}

/// What it says when it explains nothing.
fn refused(job: &Job, arguments: &[&str], status: i32) -> String {
    let said = job.payout(&[&["explain", "payouts"], arguments].concat());
    let as_data = arguments.contains(&"--json");
    assert_eq!((said.stdout.is_empty(), said.status), (!as_data, status));
    said.stderr
}

#[test]
fn a_share_whose_value_is_rounded_first_is_explained() {
    let expected = "\
Claimant C-0001 receives $4,543,437.00.
DRAFT – not for payment: expenses, service awards and administration costs are
  not in this plan

The claim
  Row 1 (claims.csv, line 2): payable (status: approved).
  Subclass: Illinois Subclass (column \"subclass\" is \"illinois\").

Pool \"class\"
  1. Nationwide Class: + 1; running total: 1 [line 66]
  2. Illinois Subclass: + 5, because the claimant is in subclass \"Illinois
    Subclass\"; running total: 6 [line 67]
  Shares: 6.
  The pool has $61,336,400.00; 31 participants have 81 shares.
  Each share receives $757,239.506172839506 (exactly 61336400/81).
  Rounded down, each share receives $757,239.50.
  6 × 757239.50 = $4,543,437.00.
  Payment: $4,543,437.00 (no rounding needed).
";
    assert_eq!(told(&example("tiktok"), "C-0001"), expected);
}

#[test]
fn steps_that_do_not_apply_are_counted_and_the_data_say_where_they_would() {
    let job = example("tiktok");
    let text = told(&job, "C-0002");
    let step = "running total: 1 [line 66]\n  1 other line does not apply.\n  Shares: 1.\n";
    assert!(text.contains(step), "{text}");
    let step = &data(&job, "C-0002")["pools"][0]["steps"][1];
    assert_eq!(step["applied"], false);
    assert_eq!(
        step["condition"],
        "the claimant is in subclass \"Illinois Subclass\""
    );
}

#[test]
fn an_award_reduced_pro_rata_is_explained() {
    let expected = "\
Claimant C receives $211.54.

The claim
  Row 3 (claims.csv, line 4): payable.

Pool \"losses\"
  1. Documented loss: + 500, from loss = \"500\" (the amount in column \"loss\");
    running total: 500 [line 9]
  Award: $500.00.
  The pool has $1,000.00; 4 participants have awards of $2,830.00.
  Each $1.00 of award receives $0.423076923076 (exactly 11/26).
  At this rate, all payments from the pool, each within its limits, add up to
    the pool's money.
  Minimum: $50.00.
  Maximum: $250.00.
  1. + 250, from loss = \"500\" (the number in column \"loss\", multiplied by 0.5);
    running total: 250 [line 11]
  2. at most 400; no change [line 11]
  3. at least 50; no change [line 11]
  Amount: $250.00.
  500.00 × (11/26) = $211.538461538461 (exactly 2750/13).
  Payment: $211.54 (rounded down to the cent, plus one cent: the remainder from
    rounding goes to the payments with the largest fractions; ties are broken by
    claimant id).
";
    assert_eq!(told(&awards(), "C"), expected);
}

#[test]
fn the_most_that_is_paid_is_explained_where_it_binds() {
    let expected = "\
Claimant A receives $400.00.

The claim
  Row 1 (claims.csv, line 2): payable.

Pool \"losses\"
  1. Documented loss: + 1500, from loss = \"1500\" (the amount in column \"loss\");
    running total: 1500 [line 9]
  Award: $1,500.00.
  The pool has $1,000.00; 4 participants have awards of $2,830.00.
  Each $1.00 of award receives $0.423076923076 (exactly 11/26).
  At this rate, all payments from the pool, each within its limits, add up to
    the pool's money.
  Minimum: $50.00.
  Maximum: $400.00.
  1. + 750, from loss = \"1500\" (the number in column \"loss\", multiplied by 0.5);
    running total: 750 [line 11]
  2. capped at 400; running total: 400 [line 11]
  3. at least 50; no change [line 11]
  Amount: $400.00.
  At that rate, the payment would reach the maximum, so the maximum applies:
    $400.00.
  Payment: $400.00 (no rounding needed).
";
    let job = awards();
    assert_eq!(told(&job, "A"), expected);
    assert_eq!(data(&job, "A")["pools"][0]["bound"], "at_most");
}

#[test]
fn the_least_payment_is_explained_where_it_binds() {
    let expected = "\
Claimant D receives $50.00.

The claim
  Row 4 (claims.csv, line 5): payable.

Pool \"losses\"
  1. Documented loss: + 30, from loss = \"30\" (the amount in column \"loss\");
    running total: 30 [line 9]
  Award: $30.00.
  The pool has $1,000.00; 4 participants have awards of $2,830.00.
  Each $1.00 of award receives $0.423076923076 (exactly 11/26).
  At this rate, all payments from the pool, each within its limits, add up to
    the pool's money.
  Minimum: $50.00.
  Maximum: $50.00.
  1. + 15, from loss = \"30\" (the number in column \"loss\", multiplied by 0.5);
    running total: 15 [line 11]
  2. at most 400; no change [line 11]
  3. at least 50; running total: 50 [line 11]
  Amount: $50.00.
  At that rate, the payment would be below the minimum, so the minimum applies:
    $50.00.
  Payment: $50.00 (no rounding needed).
";
    let job = awards();
    assert_eq!(told(&job, "D"), expected);
    assert_eq!(data(&job, "D")["pools"][0]["bound"], "at_least");
}

#[test]
fn a_unit_that_a_limit_forbids_is_told() {
    let plan = "[settlement]\nname = \"S\"\n[fund]\namount = 100\n[claims]\nstatus = false\n\
                [[pool]]\nname = \"losses\"\naward = [{ add = { column = \"loss\" } }]\n\
                round = \"largest-remainder\"\n";
    let claims = "claimant_id,loss\na,10.006\nb,10.006\n";
    let job = Job::with(&[("plan.toml", plan), ("claims.csv", claims)]);
    assert_eq!(job.payout(&compute(&[])).status, 0);
    let said = job.payout(&["explain", "payouts", "a", "--json"]);
    let told: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(
        told["pools"][0]["rounding"],
        "rounded down to the cent; one more cent would exceed the maximum for the award"
    );
}

#[test]
fn a_unit_that_the_largest_remainders_get_is_told() {
    let job = awards();
    let rounding = |id: &str| data(&job, id)["pools"][0]["rounding"].clone();
    assert_eq!(
        rounding("B"),
        "rounded down to the cent; the remainder from rounding went to payments with larger fractions, or with the same fraction and an earlier claimant id"
    );
    assert_eq!(
        rounding("C"),
        "rounded down to the cent, plus one cent: the remainder from rounding goes to the payments with the largest fractions; ties are broken by claimant id"
    );
}

#[test]
fn what_was_received_before_is_taken_off() {
    let expected = "\
Claimant C-0002 receives $15,000.00.

The claim
  Row 2 (claims.csv, line 3): payable (status: allowed).

Pool \"rising tide\"
  1. + 150000, from invested = \"150000\" (the amount in column \"invested\");
    running total: 150000 [line 33]
  Award: $150,000.00.
  The pool has $60,000.00; 6 participants have awards of $620,000.00.
  Each $1.00 of award receives $0.30.
  At this rate, all payments from the pool, each within its limits, add up to
    the pool's money.
  Already received: $30,000.00.
  1. + 30000, from withdrawn = \"30000\" (the amount in column \"withdrawn\");
    running total: 30000 [line 34]
  Amount: $30,000.00.
  150000.00 × 0.3 - 30000.00 = $15,000.00.
  Payment: $15,000.00 (no rounding needed).
";
    assert_eq!(told(&example("huber"), "C-0002"), expected);
}

#[test]
fn who_received_more_before_than_the_rate_gives_receives_nothing() {
    let expected = "\
Claimant C-0005 receives no payment.

The claim
  Row 5 (claims.csv, line 6): payable (status: allowed); not paid: payout comes
    to 0.00.

Pool \"rising tide\"
  1. + 50000, from invested = \"50000\" (the amount in column \"invested\"); running
    total: 50000 [line 33]
  Award: $50,000.00.
  The pool has $60,000.00; 6 participants have awards of $620,000.00.
  Each $1.00 of award receives $0.30.
  At this rate, all payments from the pool, each within its limits, add up to
    the pool's money.
  Already received: $81,250.50.
  1. + 81250.5, from withdrawn = \"81250.50\" (the amount in column \"withdrawn\");
    running total: 81250.5 [line 34]
  Amount: $81,250.50.
  50000.00 × 0.3 - 81250.50 = $0.00 (payments are never negative).
  Payment: $0.00 (no rounding needed).
";
    assert_eq!(told(&example("huber"), "C-0005"), expected);
}

#[test]
fn rows_that_were_added_up_are_listed_each_with_its_fate() {
    let expected = "\
Claimant C-0001 receives $21,393.58.
DRAFT – not for payment: an example, not a settlement

The claim
  Row 1 (claims.csv, line 2): payable (status: accepted).
  Row 2 (claims.csv, line 3): payable (status: accepted).
  Row 3 (claims.csv, line 4): excluded: purchased after the class period (column
    \"purchased\" is on or after August 20, 2022); not paid: purchased after the
    class period.

Pool \"class\"
  1. Recognized loss: + 69520, from recognized_loss = \"69520\" (the sum of column
    \"recognized_loss\" over the claimant's rows); running total: 69520 [line 65]
  Award: $69,520.00.
  The pool has $29,048.86; 9 participants have awards of $94,396.35.
  Each $1.00 of award receives $0.307732873146 (exactly 2904886/9439635).
  69520.00 × (2904886/9439635) = $21,393.589341113295 (exactly
    40389534944/1887927).
  Payment: $21,393.58 (rounded down to the cent).
";
    assert_eq!(told(&example("securities"), "C-0001"), expected);
}

#[test]
fn several_pools_are_explained_one_after_the_other() {
    let expected = "\
Claimant A receives $500.00.

The claim
  Row 1 (claims.csv, line 2): payable (status: approved).
  Subclass: Illinois Subclass (column \"state\" is \"IL\").

Pool \"Illinois\"
  1. + 1; running total: 1 [line 25]
  Shares: 1.
  The pool has $400.00; 2 participants have 2 shares.
  Each share receives $200.00.
  1 × 200 = $200.00.
  Payment: $200.00 (no rounding needed).

Pool \"hours, lost\"
  1. + 5, from hours = \"5\" (the number in column \"hours\"); running total: 5
    [line 29]
  Shares: 5.
  The pool has $600.00; 2 participants have 10 shares.
  Each share receives $60.00.
  5 × 60 = $300.00.
  Payment: $300.00 (no rounding needed).

Total: $200.00 + $300.00 = $500.00.
";
    assert_eq!(told(&pools(), "A"), expected);
}

#[test]
fn a_pool_with_more_money_than_its_upper_limits_has_no_rate() {
    let job = example("data-breach");
    let text = told(&job, "C-0001");
    let words = "  The pool covers every claimant's maximum, so each receives the maximum.\n  \
                 Maximum: $6,250.00.\n";
    assert!(text.contains(words), "{text}");
    let told = data(&job, "C-0001");
    assert_eq!(told["pools"][1]["rate_exact"], Value::Null);
    assert_eq!(told["pools"][1]["exact_fraction"], "6250");
}

#[test]
fn what_is_held_is_explained_like_a_payout() {
    let expected = "\
Claimant C: $200.00 is held pending determination.

The claim
  Row 3 (claims.csv, line 4): held pending determination (status: pending).
  Subclass: Illinois Subclass (column \"state\" is \"IL\").

Pool \"Illinois\"
  1. + 1; running total: 1 [line 25]
  Shares: 1.
  The pool has $400.00; 2 participants have 2 shares.
  Each share receives $200.00.
  1 × 200 = $200.00.
  Payment: $200.00 (no rounding needed).

Pool \"hours, lost\"
  1. + 0, from hours = \"0\" (the number in column \"hours\"); running total: 0
    [line 29]
  Shares: 0.
  No payment: the claimant has no shares in this pool.

Total: $200.00 + $0.00 = $200.00.
";
    let job = pools();
    assert_eq!(told(&job, "C"), expected);
    assert_eq!(data(&job, "C")["outcome"], "held");
}

#[test]
fn who_has_no_shares_is_told_so() {
    let expected = "\
Claimant E receives no payment.

The claim
  Row 5 (claims.csv, line 6): payable (status: approved); not paid: no shares in
    any pool.

Pool \"Illinois\"
  Not eligible: this pool is limited to claims in subclass \"Illinois Subclass\".

Pool \"hours, lost\"
  1. + 0, from hours = \"0\" (the number in column \"hours\"); running total: 0
    [line 29]
  Shares: 0.
  No payment: the claimant has no shares in this pool.
";
    assert_eq!(told(&pools(), "E"), expected);
}

#[test]
fn who_is_denied_or_excluded_is_told_why() {
    let job = pools();
    let denied = "\
Claimant F receives no payment.

The claim
  Row 6 (claims.csv, line 7): not payable (status: denied); not paid: status:
    denied.
";
    assert_eq!(told(&job, "F"), denied);
    let excluded = "\
Claimant G receives no payment.

The claim
  Row 7 (claims.csv, line 8): excluded: no member of the class (column \"state\"
    is not \"IL\" or \"CA\"); not paid: no member of the class.
";
    assert_eq!(told(&job, "G"), excluded);
    for id in ["F", "G"] {
        let told = data(&job, id);
        assert_eq!(told["outcome"], "unpaid");
        assert_eq!(
            (&told["payout"], &told["pools"]),
            (&Value::Null, &serde_json::json!([]))
        );
    }
}

#[test]
fn who_was_dropped_is_told_so() {
    let job = pools();
    let told = data(&job, "D");
    assert_eq!(
        (&told["outcome"], &told["payout"]),
        (&"unpaid".into(), &Value::Null)
    );
    assert_eq!(told["pools"][1]["dropped"], true);
    assert_eq!(told["pools"][1]["payout"], "0.00");
    let reason = "below the minimum payment of 60.00 in pool \"hours, lost\"";
    assert_eq!(told["rows"][0]["unpaid"], reason);
}

#[test]
fn the_data_have_the_payouts_of_the_run() {
    for name in ["tiktok", "huber", "securities", "data-breach"] {
        let job = example(name);
        for (list, outcome) in [("payouts.csv", "paid"), ("held.csv", "held")] {
            let rows = records(&job.read(&format!("payouts/{list}")));
            let place = rows[0]
                .iter()
                .rposition(|column| column == "payout")
                .unwrap();
            for row in &rows[1..] {
                let told = data(&job, &row[0]);
                assert_eq!(told["outcome"], outcome, "{name} {}", row[0]);
                assert_eq!(told["payout"], row[place].as_str(), "{name} {}", row[0]);
            }
        }
    }
}

/// A plan of two pools for ids that need quoting.
const IDS: &str = "[settlement]\nname = \"Example\"\n[fund]\namount = 100\n\
                   [[pool]]\nname = \"a, \\\"b\\\"\"\nshares = [ { add = { column = \"n\" } } ]\n";

#[test]
fn an_id_may_hold_whatever_ids_may_hold() {
    let claims =
        "claimant_id,n\n\"A,6\",1\n\"say \"\"x\"\"\",2\nÅsa-李,3\n007-b,4\nC 1,5\n ok ,6\n";
    let job = run(IDS, claims);
    let payouts = ["4.76", "9.52", "14.28", "19.04", "23.80", "28.57"];
    for (id, payout) in ["A,6", "say \"x\"", "Åsa-李", "007-b", "C 1", "ok"]
        .iter()
        .zip(payouts)
    {
        let told = data(&job, id);
        assert_eq!(
            (&told["claimant_id"], &told["payout"]),
            (&(*id).into(), &payout.into())
        );
        let headline = format!("Claimant {id} receives ${payout}.\n");
        assert!(self::told(&job, id).starts_with(&headline));
    }
}

#[test]
fn ids_that_differ_only_by_doubled_quotes_are_two_claimants() {
    let job = run(
        IDS,
        "claimant_id,n\n\"say \"\"x\"\"\",1\n\"say \"\"\"\"x\"\"\"\"\",3\n",
    );
    for (id, row, payout) in [("say \"x\"", 1, "25.00"), ("say \"\"x\"\"", 2, "75.00")] {
        let told = data(&job, id);
        assert_eq!(told["rows"].as_array().unwrap().len(), 1, "{told}");
        assert_eq!(
            (&told["rows"][0]["row"], &told["payout"]),
            (&row.into(), &payout.into())
        );
    }
}

#[test]
fn an_id_as_it_is_written_between_quotes_is_not_an_id() {
    let job = run(IDS, "claimant_id,n\n\"say \"\"x\"\"\",1\n");
    let stderr = refused(&job, &["say \"\"x\"\""], 2);
    assert!(
        stderr.starts_with("error[K030]: no claimant has the id "),
        "{stderr}"
    );
}

#[test]
fn an_unknown_id_suggests_the_nearest() {
    let job = example("tiktok");
    let stderr = refused(&job, &["c-0018"], 2);
    let expected = "error[K030]: no claimant has the id `c-0018`\nhint: did you mean `C-0018`?\n";
    assert!(stderr.starts_with(expected), "{stderr}");
    let expected = "error[K030]: no claimant has the id `nobody at all`\n\
                    hint: check the id, and that it is one of this run; no id in the claims is similar\n";
    assert_eq!(refused(&job, &["nobody at all"], 2), expected);
    assert_eq!(refused(&job, &["nobody at all", "--json"], 2), expected);
}

#[test]
fn the_nearest_ids_may_need_quotes_in_the_file_or_be_in_any_script() {
    let job = run(IDS, "claimant_id,n\n\"Smith, 6\",1\nÅsa-李,3\n");
    for (id, near) in [("Smith 6", "`Smith, 6`"), ("Asa-李", "`Åsa-李`")] {
        let expected =
            format!("error[K030]: no claimant has the id `{id}`\nhint: did you mean {near}?\n");
        assert_eq!(refused(&job, &[id], 2), expected);
    }
}

#[test]
fn a_claims_file_that_is_not_that_of_the_run_is_refused() {
    let job = pools();
    job.write("other.csv", POOLS_CLAIMS.replace("A,IL,5", "A,IL,50"));
    let stderr = refused(&job, &["A", "--claims", "other.csv"], 2);
    let expected = "error[K022]: other.csv is not the claims file of the run: its SHA-256 differs\n\
                    hint: the run was computed from claims.csv with SHA-256 ";
    assert!(stderr.starts_with(expected), "{stderr}");
    let both = ["A", "--claims", "claims.csv", "--claims", "other.csv"];
    let stderr = refused(&job, &both, 2);
    assert!(
        stderr.starts_with("error[K021]: the run has 1 claims file\n"),
        "{stderr}"
    );
    job.write("claims.csv", POOLS_CLAIMS.replace("G,TX", "G,CA"));
    let stderr = refused(&job, &["A"], 2);
    assert!(
        stderr.starts_with("error[K022]: claims.csv is not the claims file of the run"),
        "{stderr}"
    );
}

#[test]
fn the_claims_file_may_be_elsewhere_or_beside_the_run() {
    let job = pools();
    let expected = told(&job, "A");
    fs::create_dir(job.path("deep")).unwrap();
    fs::rename(job.path("payouts"), job.path("deep/payouts")).unwrap();
    fs::rename(job.path("claims.csv"), job.path("deep/claims.csv")).unwrap();
    let said = job.payout(&["explain", "deep/payouts", "A"]);
    assert_eq!((said.stdout.as_str(), said.status), (expected.as_str(), 0));
    fs::rename(job.path("deep/claims.csv"), job.path("archive.csv")).unwrap();
    let said = job.payout(&["explain", "deep/payouts", "A"]);
    let stderr = "error[K020]: cannot find claims.csv, the claims file of the run\n\
                  hint: name the claims file with `--claims`\n";
    assert_eq!((said.stderr.as_str(), said.status), (stderr, 2));
    let said = job.payout(&["explain", "deep/payouts", "A", "--claims", "archive.csv"]);
    let expected = expected.replace("claims.csv", "archive.csv");
    assert_eq!((said.stdout.as_str(), said.status), (expected.as_str(), 0));
}

#[test]
fn several_claims_files_are_searched_in_their_order() {
    let (first, second) = POOLS_CLAIMS.split_at(POOLS_CLAIMS.find("D,CA").unwrap());
    let second = format!("claimant_id,state,hours,status\n{second}");
    let job = Job::with(&[("plan.toml", POOLS), ("1.csv", first), ("2.csv", &second)]);
    let files = [
        "compute",
        "1.csv",
        "2.csv",
        "--plan",
        "plan.toml",
        "--quiet",
    ];
    assert_eq!(job.payout(&files).status, 0);
    assert_eq!(data(&job, "F")["rows"][0]["row"], 6);
    let swapped = ["F", "--claims", "2.csv", "--claims", "1.csv"];
    let stderr = refused(&job, &swapped, 2);
    assert!(stderr.contains("2.csv is not the claims file"), "{stderr}");
}

#[test]
fn a_run_whose_plan_or_summary_was_changed_is_refused() {
    for name in ["plan.toml", "summary.json"] {
        let job = pools();
        let path = format!("payouts/{name}");
        job.write(&path, job.read(&path) + "\n");
        let expected = format!(
            "error[K007]: payouts/{name} does not match the run's manifest\n\
             hint: it was changed after the run; compute the run again\n"
        );
        assert_eq!(refused(&job, &["A"], 2), expected);
    }
}

#[test]
fn a_run_without_one_of_its_files_is_refused() {
    for name in ["plan.toml", "summary.json", "payouts.csv"] {
        let job = pools();
        fs::remove_file(job.path(&format!("payouts/{name}"))).unwrap();
        let expected = format!(
            "error[K008]: payouts/{name} is missing\n\
             hint: it was removed after the run; compute the run again\n"
        );
        assert_eq!(refused(&job, &["A"], 2), expected);
    }
}

#[test]
fn what_is_no_run_is_refused() {
    let job = pools();
    for (folder, message) in [
        ("nowhere", "error[K001]: the run `nowhere` does not exist\n"),
        (
            "claims.csv",
            "error[K002]: the run `claims.csv` is not a folder\n",
        ),
        (
            ".",
            "error[K003]: `.` is not a run: it has no manifest.json\n",
        ),
    ] {
        let said = job.payout(&["explain", folder, "A"]);
        assert_eq!((said.stdout.as_str(), said.status), ("", 2));
        assert!(said.stderr.starts_with(message), "{}", said.stderr);
    }
}

/// Explains an id after a text of one of the files of the run was replaced.
fn after(job: &Job, file: &str, [old, new]: [&str; 2], id: &str) -> Said {
    let path = format!("payouts/{file}");
    let before = job.read(&path);
    assert!(before.contains(old), "{before}");
    job.write(&path, before.replacen(old, new, 1));
    let said = job.payout(&["explain", "payouts", id]);
    job.write(&path, before);
    said
}

/// Explains ids after such changes; tells those that went unnoticed.
fn unnoticed(job: &Job, changes: &[(&str, [&str; 2], &str)]) -> String {
    let mut unnoticed = String::new();
    for &(file, change, id) in changes {
        let said = after(job, file, change, id);
        let noticed = said.status == 1
            && said.stdout.is_empty()
            && said.stderr.contains("does not match the run's manifest");
        if !noticed {
            let status = said.status;
            unnoticed += &format!("{file} {change:?} {id}: {status} {}\n", said.stderr);
        }
    }
    unnoticed
}

#[test]
fn a_payout_that_was_altered_is_noticed() {
    let job = example("tiktok");
    let change = ["illinois,6,4543437.00", "illinois,6,4543437.01"];
    let said = after(&job, "payouts.csv", change, "C-0001");
    assert_eq!(
        said.stderr,
        "error[K007]: payouts/payouts.csv does not match the run's manifest\n\
         hint: it was changed after the run; compute the run again\n"
    );
    assert_eq!((said.stdout.as_str(), said.status), ("", 1));
    let row = "C-0001,illinois,6,4543437.00\n";
    let changes = [
        ("payouts.csv", [row, ""], "C-0001"),
        ("payouts.csv", [row, "C-0001,illinois,6\n"], "C-0001"),
        ("payouts.csv", [row, "C-0001,illinois,6,soon\n"], "C-0001"),
        (
            "held.csv",
            ["C-0010,illinois,6,4543437.00", "C-0010,illinois,6,1.00"],
            "C-0010",
        ),
        ("held.csv", ["C-0010,", "C-0100,"], "C-0010"),
    ];
    assert_eq!(unnoticed(&job, &changes), "");
    let changes = [(
        "payouts.csv",
        ["6250.00,1,377.61", "6250.01,1,377.60"],
        "C-0001",
    )];
    assert_eq!(unnoticed(&example("data-breach"), &changes), "");
}

#[test]
fn whatever_was_altered_in_a_row_is_noticed() {
    let row = "C-0001,illinois,6,4543437.00\n";
    let twice = row.repeat(2);
    let denied = format!("{row}C-0018,illinois,6,4543437.00\n");
    let changes = [
        (
            "payouts.csv",
            [row, "C-0001,illinois,7,4543437.00\n"],
            "C-0001",
        ),
        ("payouts.csv", [row, "C-0001,,6,4543437.00\n"], "C-0001"),
        ("payouts.csv", [row, &twice], "C-0001"),
        ("payouts.csv", [row, &denied], "C-0018"),
        ("held.csv", ["C-0010,", "C-0001,"], "C-0001"),
        ("unpaid.csv", ["C-0018,18,status: denied\n", ""], "C-0018"),
        ("unpaid.csv", ["C-0018,18,", "C-0001,1,"], "C-0001"),
    ];
    let mut unnoticed = unnoticed(&example("tiktok"), &changes);
    let total = [("payouts.csv", ["15893.94", "99999.94"], "C-0001")];
    unnoticed += &self::unnoticed(&example("data-breach"), &total);
    // A small payment can have been dropped; this one was not.
    let (row, zero) = ("C-0001,,2,69520.00,21393.58\n", "C-0001,,2,69520.00,0.00\n");
    let changes = [
        ("payouts.csv", [row, ""], "C-0001"),
        ("payouts.csv", [row, zero], "C-0001"),
    ];
    unnoticed += &self::unnoticed(&example("securities"), &changes);
    // A whole amount takes no unit of what rounding leaves over.
    let whole = [(
        "payouts.csv",
        ["150000.00,15000.00", "150000.00,15000.01"],
        "C-0002",
    )];
    unnoticed += &self::unnoticed(&example("huber"), &whole);
    assert_eq!(unnoticed, "");
}

#[test]
fn who_is_not_payable_has_no_payout() {
    let job = pools();
    let before = job.read("payouts/payouts.csv");
    let after = format!("{before}F,illinois,1,200.00,1,60.00,260.00\n");
    let manifest = job.read("payouts/manifest.json");
    let manifest = manifest.replace(&sha256(&before), &sha256(&after));
    job.write("payouts/payouts.csv", after);
    job.write("payouts/manifest.json", manifest);
    let stderr = refused(&job, &["F"], 1);
    let expected =
        "error[A009]: the run does not match its plan: `F` has a payout but is not payable\n";
    assert!(stderr.starts_with(expected), "{stderr}");
}

#[test]
fn what_was_altered_with_its_digest_contradicts_the_plan() {
    let row = "A,illinois,1,200.00,5,300.00,500.00";
    for (altered, column) in [
        (
            "A,illinois,1,200.00,5,300.00,900.00",
            "`payout` has `900.00`",
        ),
        (
            "A,illinois,1,200.00,6,300.00,500.00",
            "`hours, lost shares` has `6`",
        ),
        (
            "A,illinois,2,200.00,5,300.00,500.00",
            "`Illinois shares` has `2`",
        ),
    ] {
        let job = pools();
        let before = job.read("payouts/payouts.csv");
        assert!(before.contains(row), "{before}");
        let after = before.replace(row, altered);
        let manifest = job.read("payouts/manifest.json");
        let manifest = manifest.replace(&sha256(&before), &sha256(&after));
        job.write("payouts/payouts.csv", after);
        job.write("payouts/manifest.json", manifest);
        let stderr = refused(&job, &["A"], 1);
        let expected = format!("error[A009]: the run does not match its plan: column {column}\n");
        assert!(stderr.starts_with(&expected), "{stderr}");
    }
}

/// A claimant who was dropped would receive more than the pool has, were it not
/// for that: as upper limit where there is no rate, or at the last rate.
#[test]
fn whoever_was_dropped_is_explained_whatever_the_payment_would_have_been() {
    for (limit, who, claims) in [
        ("at_most = 20", "", "claimant_id,n\na,1\n"),
        (
            "",
            ", when = { n = { from = 10 } }",
            "claimant_id,n\na,10\nb,1\n",
        ),
    ] {
        let job = Job::new();
        job.write("claims.csv", claims);
        job.write(
            "plan.toml",
            format!(
                r#"[settlement]
name = "Example"
[fund]
amount = 14
[claims]
status = false
[[pool]]
name   = "first"
amount = 7
shares = [ {{ add = {{ column = "n" }} }} ]
{limit}
drop   = {{ at_or_below = 10, method = "all-at-once"{who} }}
round  = "nearest"
[[pool]]
name   = "rest"
shares = 1
"#
            ),
        );
        let said = job.payout(&[&compute(&[])[..], &["--statements"]].concat());
        assert_eq!(said.status, 0, "{}", said.stderr);
        let said = job.payout(&["explain", "payouts", "a"]);
        assert_eq!(said.status, 0, "{}", said.stderr);
        assert!(
            said.stdout.contains("so the claimant was removed"),
            "{}",
            said.stdout
        );
    }
}

#[test]
fn an_amount_of_more_digits_than_a_plan_can_have_is_explained() {
    let job = Job::new();
    job.write("claims.csv", "claimant_id\na\n");
    let plan = "[settlement]\nname = \"Example\"\n[fund]\namount = 99999999999999999999999999.99\ninterest = 1\n[claims]\nstatus = false\n[[pool]]\nname = \"all\"\naward = 1\n";
    job.write("plan.toml", plan);
    let said = job.payout(&[&compute(&[])[..], &["--statements"]].concat());
    assert_eq!(said.status, 0, "{}", said.stderr);
    let said = job.payout(&["explain", "payouts", "a"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let available = "The pool has $100,000,000,000,000,000,000,000,000.99";
    assert!(said.stdout.contains(available), "{}", said.stdout);
}

#[test]
fn nobody_is_dropped_below_nothing() {
    let job = Job::new();
    job.write("claims.csv", "claimant_id,cap\na,0\nb,5\n");
    let plan = "[settlement]\nname = \"Example\"\n[fund]\namount = 100\n[claims]\nstatus = false\n[[pool]]\nname = \"all\"\nshares = 1\nat_most = [{ add = { column = \"cap\" } }]\ndrop = { below = 0, method = \"all-at-once\" }\n";
    job.write("plan.toml", plan);
    let said = job.payout(&compute(&[]));
    assert_eq!(said.status, 0, "{}", said.stderr);
    let said = job.payout(&["explain", "payouts", "a"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(!said.stdout.contains("dropped"), "{}", said.stdout);
}

#[test]
fn the_place_of_each_row_is_named() {
    let plan = "[settlement]\nname = \"S\"\n[fund]\namount = 9\n[claims]\nstatus = false\n\
                rows = \"sum\"\n[[pool]]\nname = \"p\"\nshares = [ { add = { column = \"n\" } } ]\n";
    let job = Job::with(&[
        ("plan.toml", plan),
        (
            "east.csv",
            "claimant_id,name,n\na,\"two\nlines\",1\n\nb,,1\n",
        ),
        ("west.csv", "\nclaimant_id,name,n\nc,,1\nb,,1\n"),
    ]);
    let compute = [
        "compute",
        "east.csv",
        "west.csv",
        "--plan",
        "plan.toml",
        "--quiet",
    ];
    let said = job.payout(&compute);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let said = told(&job, "b");
    for row in [
        "  Row 2 (east.csv, line 5): payable.\n",
        "  Row 4 (west.csv, line 4): payable.\n",
    ] {
        assert!(said.contains(row), "{said}");
    }
    let rows = data(&job, "b")["rows"].to_string();
    assert!(rows.contains("\"file\":\"west.csv\",\"line\":4"), "{rows}");
}
