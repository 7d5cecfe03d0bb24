//! The reference itself is tested on worked examples; `vectors.rs` tests it on
//! allocations published by others.

use super::{Kind, Outcome, Refused, compute, csv};

fn plan(rest: &str) -> String {
    format!("settlement = {{ name = \"Test\" }}\n{rest}")
}

fn outcome(plan: &str, claims: &str) -> Outcome {
    compute(plan, claims.as_bytes()).expect("the plan can be carried out")
}

fn refusal(plan: &str, claims: &str) -> Refused {
    compute(plan, claims.as_bytes()).expect_err("the plan cannot be carried out")
}

/// The last column of `payouts.csv`, without the header.
fn payouts(outcome: &Outcome) -> Vec<&str> {
    outcome.payouts[1..]
        .iter()
        .map(|line| line.last().expect("a payout").as_str())
        .collect()
}

const TIKTOK: &str = r#"
[settlement]
name = "In re TikTok, Inc., Consumer Privacy Litigation"
[fund]
amount = 92_000_000
[[deduction]]
name = "Attorneys' fees"
kind = "fees"
percent = 33.33
[[deduction]]
name = "Service awards"
each = 2500
count = 35
[claims]
status = "status"
pay = ["approved"]
hold = ["pending"]
deny = ["denied"]
[subclass.illinois]
name = "Illinois Subclass"
when = { subclass = "illinois" }
[[pool]]
name = "class"
shares = [ { add = 1 }, { add = 5, when = { in = "illinois" } } ]
unit = "share"
amount = 250.61
[residual]
to = "as the Court directs"
"#;

const SIX_CLAIMS: &str = "\
claimant_id,subclass,status
a,illinois,approved
b,nationwide,approved
c, nationwide ,approved
\"d, e\",nationwide,pending
e,illinois,denied
f,nationwide,denied
";

#[test]
fn a_fee_in_percent_is_taken_from_its_digits() {
    let plan = TIKTOK.replace(
        "[[deduction]]\nname = \"Service awards\"\neach = 2500\ncount = 35\n",
        "",
    );
    assert_eq!(
        outcome(&plan, SIX_CLAIMS).figures["fund"]["net"],
        "61336400.00"
    );
    let net = outcome(TIKTOK, SIX_CLAIMS).figures["fund"]["net"].clone();
    assert_eq!(net, "61248900.00");
}

#[test]
fn the_value_of_a_share_is_rounded_before_it_is_multiplied() {
    let result = outcome(TIKTOK, SIX_CLAIMS);
    assert_eq!(
        csv(&result.payouts),
        "claimant_id,subclass,shares,payout\na,illinois,6,167.04\nb,,1,27.84\nc,,1,27.84\n"
    );
    assert_eq!(
        csv(&result.held),
        "claimant_id,subclass,shares,payout,status\n\"d, e\",,1,27.84,pending\n"
    );
    assert_eq!(
        csv(&result.unpaid),
        "claimant_id,row,reason\ne,5,status: denied\nf,6,status: denied\n"
    );
    let pool = &result.figures["pools"][0];
    assert_eq!(
        (&pool["participants"], &pool["shares"]),
        (&4.into(), &"9".into())
    );
    assert_eq!(
        (&pool["rate"], &pool["unit_rate"]),
        (&"27.845555555555".into(), &"27.84".into())
    );
    assert_eq!(
        (&pool["paid"], &pool["held"], &pool["left"]),
        (&"222.72".into(), &"27.84".into(), &"0.05".into())
    );
}

#[test]
fn an_exact_rate_is_in_lowest_terms() {
    let claims =
        "claimant_id,subclass,status\na,illinois,approved\nb,illinois,approved\nc,n,pending\n";
    let plan = TIKTOK.replace("250.61", "362");
    let pool = outcome(&plan, claims).figures["pools"][0].clone();
    assert_eq!(
        (&pool["rate_exact"], &pool["rate"]),
        (&"362/13".into(), &"27.846153846153".into())
    );
    assert_eq!(pool["unit_rate"], "27.84");
}

const FRAUD: &str = "claimant_id,invested,withdrawn\na,150000,60000\nb,150000,30000\nc,150000,0\n";

#[test]
fn net_losses_share_pro_rata() {
    let plan = plan(
        r#"fund = { amount = 60000 }
        pool = [ { name = "p", shares = [ { add = { column = "invested" } }, { subtract = { column = "withdrawn" } } ] } ]"#,
    );
    assert_eq!(
        payouts(&outcome(&plan, FRAUD)),
        ["15000.00", "20000.00", "25000.00"]
    );
}

#[test]
fn a_rising_tide_counts_what_was_received_already() {
    let plan = plan(
        r#"fund = { amount = 60000 }
        pool = [ { name = "p", shares = [ { add = { column = "invested" } } ], less = [ { add = { column = "withdrawn" } } ] } ]"#,
    );
    let result = outcome(&plan, FRAUD);
    assert_eq!(payouts(&result), ["15000.00", "45000.00"]);
    assert_eq!(result.unpaid[1], ["a", "1", "payout comes to 0.00"]);
}

#[test]
fn small_payments_are_dropped_at_once_or_one_by_one() {
    let shares = r#"fund = { amount = 100 }
        pool = [ { name = "p", shares = [ { add = { column = "n" } } ], drop = DROP } ]"#;
    let claims = "claimant_id,n\na,1\nb,2\nc,3\nd,94\n";
    let at_once = plan(shares).replace("DROP", r#"{ below = 3.00, method = "all-at-once" }"#);
    let result = outcome(&at_once, claims);
    assert_eq!(payouts(&result), ["3.09", "96.90"]);
    assert_eq!(
        result.unpaid[1][2],
        "below the minimum payment of 3.00 in pool \"p\""
    );
    let one_by_one = plan(shares).replace(
        "DROP",
        r#"{ at_or_below = 3.05, method = "smallest-first" }"#,
    );
    assert_eq!(payouts(&outcome(&one_by_one, claims)), ["3.09", "96.90"]);
    let at_the_limit =
        plan(shares).replace("DROP", r#"{ at_or_below = 3, method = "all-at-once" }"#);
    let result = outcome(&at_the_limit, claims);
    assert_eq!(payouts(&result), ["100.00"]);
    assert_eq!(
        result.unpaid[3],
        [
            "c",
            "3",
            "at or below the minimum payment of 3.00 in pool \"p\""
        ]
    );
}

#[test]
fn minimum_payments_must_be_affordable() {
    let plan = plan(
        r#"fund = { amount = 10 }
        pool = [ { name = "p", shares = 1, at_least = 4 } ]"#,
    );
    let refused = refusal(&plan, "claimant_id\na\nb\nc\n");
    assert_eq!(
        refused.problem,
        "pool `p` needs at least 1200 minor units, and there are 1000"
    );
}

#[test]
fn rounding_to_nearest_may_not_overspend() {
    let plan = plan(
        r#"fund = { amount = 0.05 }
        pool = [ { name = "p", shares = 1, round = "nearest" } ]"#,
    );
    assert_eq!(refusal(&plan, "claimant_id\na\nb\n").kind, Kind::Plan);
}

#[test]
fn rounding_up_never_passes_the_award() {
    let plan = plan(
        r#"fund = { amount = 100 }
        pool = [ { name = "p", award = [ { add = { column = "loss" } } ], round = "largest-remainder" } ]"#,
    );
    let result = outcome(&plan, "claimant_id,loss\na,10.005\nb,10.005\n");
    assert_eq!(payouts(&result), ["10.00", "10.00"]);
    assert_eq!(result.payouts[1][2], "10.005");
}

#[test]
fn near_misses_are_errors() {
    for cell in ["Illinois", "ILLINOIS", "il linois", "illi\u{a0}nois"] {
        let claims = format!("claimant_id,subclass,status\na,{cell},approved\n");
        assert_eq!(refusal(TIKTOK, &claims).rows, [1], "{cell}");
        let denied = format!("claimant_id,subclass,status\nx,n,approved\na,{cell},denied\n");
        assert_eq!(outcome(TIKTOK, &denied).unpaid.len(), 2, "{cell}");
    }
}

#[test]
fn rows_of_one_claimant_are_added_up() {
    let plan = plan(
        r#"fund = { amount = 100 }
        claims = { rows = "sum" }
        pool = [ { name = "p", when = { state = "IL" }, shares = [ { add = { column = "n", blank = 7 } } ] } ]"#,
    );
    let claims = "claimant_id,state,n\na,IL,1\nb,IL,\na,IL,2.50\nb,IL,\na,IL,\n";
    let result = outcome(&plan, claims);
    let lines = "claimant_id,subclass,rows,shares,payout\na,,3,3.5,33.33\nb,,2,7,66.66\n";
    assert_eq!(csv(&result.payouts), lines);
    assert_eq!(refusal(&plan, &claims.replace("2.50", "x")).rows, [3]);
    assert_eq!(
        refusal(&plan, &claims.replace("a,IL,2", "a,CA,2")).rows,
        [1, 3, 5]
    );
}

#[test]
fn numbers_are_plain_decimals() {
    let plan = plan(
        r#"fund = { amount = 100 }
        pool = [ { name = "p", shares = [ { add = { column = "n" } } ] } ]"#,
    );
    for cell in [
        "-1",
        "+1",
        "1e3",
        ".5",
        "5.",
        "1,000",
        "$1",
        "",
        "(1)",
        "1_0",
        "12345678901234567890123456789",
    ] {
        let claims = format!("claimant_id,n\na,\"{cell}\"\n");
        assert_eq!(refusal(&plan, &claims).rows, [1], "{cell}");
    }
    assert_eq!(
        outcome(&plan, "claimant_id,n\na,\" 0.10 \"\n").payouts[1][2],
        "0.1"
    );
    for number in [
        "-1",
        "+1",
        "1e3",
        "inf",
        "0x10",
        "\"1_0\"",
        "\"\"",
        "0.00000000000000000000000000001",
    ] {
        let plan = plan.replace("amount = 100", &format!("amount = {number}"));
        assert_eq!(
            refusal(&plan, "claimant_id,n\na,1\n").kind,
            Kind::Plan,
            "{number}"
        );
    }
}
