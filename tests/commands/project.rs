//! `payout project`: what claimants will receive, before anyone has claimed.

use serde_json::Value;

use crate::support::{Job, Said};

const KINDS: &str = "\
claimant_id,subclass,status,count
nationwide,nationwide,approved,1239400
Illinois,illinois,approved,160600
";

fn project(options: &[&str]) -> Value {
    let job = Job::with(&[("kinds.csv", KINDS)]);
    let said = job.payout(&[&["project", "kinds.csv", "--json"], options].concat());
    assert_eq!((said.stderr.as_str(), said.status), ("", 0));
    assert_eq!(job.names("."), ["kinds.csv"]);
    serde_json::from_str(&said.stdout).unwrap()
}

/// Kind by kind, how many claim and what each receives.
fn kinds(rate: &Value) -> Vec<(u64, &str)> {
    let kinds = rate["kinds"].as_array().unwrap().iter();
    kinds
        .map(|kind| {
            (
                kind["claimants"].as_u64().unwrap(),
                kind["receives"].as_str().unwrap(),
            )
        })
        .collect()
}

#[test]
fn by_default_everybody_claims() {
    let projection = project(&[]);
    let rates = projection["take_up"].as_array().unwrap();
    assert_eq!(rates.len(), 1);
    assert_eq!(
        kinds(&rates[0]),
        [(1_239_400, "27.84"), (160_600, "167.04")]
    );
    assert_eq!(projection["members"], 1_400_000);
    assert_eq!(projection["net"], "61336400.00");
}

#[test]
fn the_fewer_claim_the_more_each_receives() {
    let projection = project(&["--take-up", "50%,0.001%,100%"]);
    let rates = projection["take_up"].as_array().unwrap();
    // 61,336,400.00 over 619,700 + 6 × 80,300 shares.
    assert_eq!(kinds(&rates[0]), [(619_700, "55.68"), (80_300, "334.08")]);
    // 12.394 and 1.606 claimants: 12 and 2, with 24 shares.
    assert_eq!(kinds(&rates[1]), [(12, "2555683.33"), (2, "15334099.98")]);
    assert_eq!(
        kinds(&rates[2]),
        [(1_239_400, "27.84"), (160_600, "167.04")]
    );
    assert_eq!(rates[1]["residual"], "0.08");
}

#[test]
fn groups_larger_than_the_class_are_warned_of() {
    let plan = |members: u32| {
        format!(
            "[settlement]\nname = \"S\"\n[class]\nmembers = {members}\n[fund]\namount = 9\n\
             [claims]\nstatus = false\n[[pool]]\nname = \"p\"\nshares = 1\n"
        )
    };
    let job = Job::with(&[
        ("kinds.csv", "claimant_id,count\na,1000\nb,1\n"),
        ("plan.toml", &plan(1000)),
    ]);
    let project = ["project", "kinds.csv", "--plan", "plan.toml"];
    let said = job.payout(&project).stdout;
    let warning = "Warning: the groups have 1,001 class members, but `members` in [class] of the\n  plan says 1,000.\n";
    assert!(said.contains(warning), "{said}");
    job.write("plan.toml", plan(1001));
    let said = job.payout(&project).stdout;
    assert!(!said.contains("Warning"), "{said}");
}

#[test]
fn half_a_claimant_is_a_whole_one() {
    let few = "claimant_id,subclass,status,count\nfew,nationwide,approved,3\n";
    let job = Job::with(&[("kinds.csv", few)]);
    let said = job.payout(&["project", "kinds.csv", "--json", "--take-up", "50%,49%,0%"]);
    let projection: Value = serde_json::from_str(&said.stdout).unwrap();
    let claimants: Vec<&Value> = projection["take_up"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rate| &rate["claimants"])
        .collect();
    assert_eq!(claimants, [2, 1, 0]);
    let nobody = &projection["take_up"][2]["kinds"][0];
    assert!(nobody["receives"].is_null() && nobody["outcome"].is_null());
}

#[test]
fn a_projection_is_what_a_run_over_as_many_claims_pays() {
    let plan = "[settlement]\nname = \"Example\"\n[fund]\namount = 1000\n[[pool]]\nname = \"p\"\n\
                shares = [ { add = { column = \"units\" } } ]\nround = \"largest-remainder\"\n";
    let kinds_file = "claimant_id,units,count\na,1,4\nb,2.5,3\nc,0,2\n";
    let mut claims = "claimant_id,units\n".to_owned();
    for (kind, units, count) in [("a", "1", 4), ("b", "2.5", 3), ("c", "0", 2)] {
        for number in 0..count {
            claims += &format!("{kind}{number},{units}\n");
        }
    }
    let job = Job::with(&[
        ("plan.toml", plan),
        ("kinds.csv", kinds_file),
        ("claims.csv", &claims),
    ]);
    let said = job.payout(&["project", "kinds.csv", "--plan", "plan.toml", "--json"]);
    let projection: Value = serde_json::from_str(&said.stdout).unwrap();
    let run = job.payout(&["compute", "claims.csv", "--plan", "plan.toml", "--json"]);
    let run: Value = serde_json::from_str(&run.stdout).unwrap();
    let rate = &projection["take_up"][0];
    assert_eq!(rate["pools"], run["pools"]);
    assert_eq!(rate["paid"], run["payouts"]["total"]);
    assert_eq!(rate["residual"], run["residual"]["amount"]);
    assert_eq!(kinds(rate), [(4, "86.95"), (3, "217.39"), (2, "0.00")]);
}

/// A plan with statuses and units that largest remainders hand out.
const PLAN: &str = r#"[settlement]
name = "Example"

[fund]
amount = 1000

[claims]
status = "status"
pay    = ["approved"]
hold   = ["pending"]
deny   = ["denied"]

[[pool]]
name  = "class"
shares = [ { add = { column = "units" } } ]
round = "largest-remainder"
"#;

const FOUR_KINDS: &str = "\
claimant_id,units,status,count
b,1,approved,3
a,1,pending,3
c,2,approved,1
d,5,denied,40
";

/// Projects these kinds under this plan.
fn projected(plan: &str, kinds: &str, options: &[&str]) -> Said {
    let job = Job::with(&[("plan.toml", plan), ("kinds.csv", kinds)]);
    let said = job.payout(&[&["project", "kinds.csv", "--plan", "plan.toml"], options].concat());
    assert_eq!(job.names("."), ["kinds.csv", "plan.toml"]);
    said
}

fn projected_data(plan: &str, kinds: &str, options: &[&str]) -> Value {
    let said = projected(plan, kinds, &[options, &["--json"]].concat());
    assert_eq!((said.stderr.as_str(), said.status), ("", 0));
    serde_json::from_str(&said.stdout).unwrap()
}

/// How projecting these kinds fails.
fn refused(plan: &str, kinds: &str, options: &[&str]) -> String {
    let said = projected(plan, kinds, options);
    let as_data = options.contains(&"--json");
    assert_eq!((said.stdout.is_empty(), said.status), (!as_data, 2));
    said.stderr
}

#[test]
fn take_up_rates_stand_beside_each_other() {
    let said = projected(PLAN, FOUR_KINDS, &["--take-up", "100%,50%,2.5%,1%,0%"]);
    let expected = "\
Example
Net settlement fund 1,000.00 USD; 47 class members in the groups listed, which
  the column \"claimant_id\" names. Each column is a claims rate, the percentage
  of them who file claims.

claims rate                     100%           50%          2.5%            1%
claimants                         47            25             1             0
payment per claimant
  b                           125.00       166.66+             -             -
  a                      125.00 held   166.67 held             -             -
  c                           250.00        333.33             -             -
  d                             0.00          0.00          0.00             -
rate per share            125.000000    166.666666             -             -
paid                          625.00        666.66          0.00          0.00
held                          375.00        333.34          0.00          0.00
residual                        0.00          0.00      1,000.00      1,000.00

claims rate                       0%
claimants                          0
payment per claimant
  b                                -
  a                                -
  c                                -
  d                                -
rate per share                     -
paid                            0.00
residual                    1,000.00

+ some claimants of the group receive an extra unit (largest remainders)
";
    assert_eq!((said.stdout.as_str(), said.stderr.as_str()), (expected, ""));
}

#[test]
fn the_count_that_claims_is_rounded_half_up_for_each_kind() {
    let kinds = "claimant_id,units,status,count\na,1,approved,19\nb,1,approved,20\n\
                 c,1,approved,59\nd,1,approved,60\ne,1,approved,0\n";
    let projection = projected_data(PLAN, kinds, &["--take-up", "2.5%,0.0000000001%, 100%"]);
    let claimants = |rate: usize| {
        let rate = &projection["take_up"][rate];
        let of_kinds: Vec<u64> = classes_of(rate, "claimants");
        assert_eq!(rate["claimants"], of_kinds.iter().sum::<u64>());
        of_kinds
    };
    // 0.475, 0.5, 1.475 and 1.5 claimants.
    assert_eq!(claimants(0), [0, 1, 1, 2, 0]);
    assert_eq!(claimants(1), [0, 0, 0, 0, 0]);
    assert_eq!(claimants(2), [19, 20, 59, 60, 0]);
    assert_eq!(projection["take_up"][2]["rate"], "100%");
    assert_eq!(projection["members"], 158);
    assert_eq!(projection["take_up"][1]["residual"], "1000.00");
}

/// Most kinds have awards that do not fit with the others into 128 bits, and at
/// a low take-up nobody of them claims.
#[test]
fn kinds_of_which_nobody_claims_do_not_matter() {
    let plan = "[settlement]\nname = \"Caps\"\n[fund]\namount = 10\n[claims]\nstatus = false\n\
                [[pool]]\nname = \"p\"\nshares = [{ add = { column = \"points\" } }]\n\
                at_most = [{ add = { column = \"cap\" } }]\n";
    let mut some = "claimant_id,points,cap,count\n".to_owned();
    for kind in 10..40 {
        some += &format!("K{kind},0.{kind}345678901234567891,100,1000\n");
    }
    let more = (1..=40).map(|kind| format!("L{kind},9999999999999999999,{kind},1\n"));
    let all = more.fold(some.clone(), |all, kind| all + &kind);
    let options = ["--take-up", "1%"];
    let [some, all] = [some, all].map(|kinds| projected_data(plan, &kinds, &options));
    for key in ["pools", "paid", "residual", "claimants"] {
        assert_eq!(all["take_up"][0][key], some["take_up"][0][key], "{key}");
    }
    assert_eq!(all["take_up"][0]["paid"], "8.50");
}

/// A number of each kind.
fn classes_of(rate: &Value, key: &str) -> Vec<u64> {
    let kinds = rate["kinds"].as_array().unwrap().iter();
    kinds.map(|kind| kind[key].as_u64().unwrap()).collect()
}

#[test]
fn kinds_in_dispute_are_held_and_others_are_not_paid() {
    let projection = projected_data(PLAN, FOUR_KINDS, &[]);
    let rate = &projection["take_up"][0];
    let kinds = rate["kinds"].as_array().unwrap().iter();
    let outcomes: Vec<&str> = kinds
        .map(|kind| kind["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["paid", "held", "paid", "unpaid"]);
    assert_eq!(
        self::kinds(rate),
        [(3, "125.00"), (3, "125.00"), (1, "250.00"), (40, "0.00")]
    );
    assert_eq!(
        (&rate["paid"], &rate["held"]),
        (&"625.00".into(), &"375.00".into())
    );
    assert_eq!(rate["pools"][0]["participants"], 7);
}

#[test]
fn units_of_the_largest_remainders_go_by_the_names_of_kinds() {
    let plan = PLAN.replace("1000", "10.03");
    let kinds = "claimant_id,units,status,count\nb,1,approved,3\na,1,pending,1\nc,2,approved,4\n";
    // 10.03 over 12 shares: 0.8358 for four and 1.6717 for four, which leave
    // 0.03; those go to the larger fractions, of which there are four.
    let projection = projected_data(&plan, kinds, &[]);
    let rate = &projection["take_up"][0];
    let expected = [(3, "0.83"), (1, "0.84"), (4, "1.67")];
    assert_eq!(self::kinds(rate), expected);
    assert_eq!(classes_of(rate, "one_unit_more"), [2, 0, 0]);
    assert_eq!(
        (&rate["paid"], &rate["held"]),
        (&"9.19".into(), &"0.84".into())
    );
    assert_eq!(rate["residual"], "0.00");
}

#[test]
fn kinds_with_the_same_entitlement_have_units_of_their_own() {
    let kinds = "claimant_id,units,status,count\nb,1,approved,2\na,1,approved,1\n";
    let projection = projected_data(&PLAN.replace("1000", "100.01"), kinds, &[]);
    let rate = &projection["take_up"][0];
    assert_eq!(self::kinds(rate), [(2, "33.33"), (1, "33.34")]);
    assert_eq!(classes_of(rate, "one_unit_more"), [1, 0]);
}

#[test]
fn what_everybody_of_a_kind_receives_more_is_part_of_the_payment() {
    let pool = "shares = 1\nround = \"largest-remainder\"\n";
    let plan = format!(
        "[settlement]\nname = \"Example\"\n[fund]\namount = 0.02\n[claims]\nstatus = false\n[[pool]]\nname = \"first\"\namount = 0.01\n{pool}[[pool]]\nname = \"second\"\n{pool}"
    );
    let projection = projected_data(&plan, "claimant_id,count\na,1\nb,1\n", &[]);
    let rate = &projection["take_up"][0];
    assert_eq!(kinds(rate), [(1, "0.02"), (1, "0.00")]);
    assert_eq!(classes_of(rate, "one_unit_more"), [0, 0]);
}

#[test]
fn a_plan_that_cannot_be_carried_out_names_the_take_up_rate() {
    let plan = PLAN.replace("round = \"largest-remainder\"", "at_least = 150");
    let expected = "error[A003]: plan.toml:14:9: at a claims rate of 100%: pool `class` is insufficient: \
                    the minimum payments require $1,050.00, but it has $1,000.00\n";
    for options in [
        &["--take-up", "100%"][..],
        &["--take-up", "90%,100%", "--json"],
        &[],
    ] {
        let stderr = refused(&plan, FOUR_KINDS, options);
        assert!(stderr.contains(expected) || options.len() == 3, "{stderr}");
    }
    let said = projected(&plan, FOUR_KINDS, &["--take-up", "50%,100%"]);
    assert_eq!((said.status, said.stderr.as_str()), (1, ""));
    let words = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let expected = "No distribution: at a claims rate of 100%: pool `class` is insufficient: the minimum payments require $1,050.00";
    assert!(words.contains(expected), "{words}");
    let json = projected(&plan, FOUR_KINDS, &["--take-up", "50%,100%", "--json"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["take_up"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["impossible"][0]["rate"], "100%");
    assert_eq!(
        projected(&plan, FOUR_KINDS, &["--take-up", "50%"]).status,
        0
    );
}

#[test]
fn only_the_columns_that_the_pools_read_are_wanted() {
    let plan = PLAN.replace(
        "[[pool]]",
        "[column.state]\nvalues = [\"IL\", \"CA\"]\n[[exclude]]\nreason = \"late\"\nwhen = { filed = { from = 2025-01-01 } }\n[statement]\ncolumns = [\"name\"]\n[[pool]]",
    );
    let kinds = "claimant_id,units,count\na,1,4\nb,2,3\n";
    let said = projected(&plan, kinds, &[]);
    assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    let words = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let expected =
        "Not applied, because the file lacks the columns: the status of claims and exclusions.";
    assert!(words.contains(expected), "{words}");
    // What is there counts, and a slip in a name is no column that is absent.
    let there = "claimant_id,units,count,status\na,1,4,approved\nb,2,3,denied\n";
    let data = projected_data(&plan, there, &[]);
    assert_eq!(data["absent"], serde_json::json!(["exclusions"]));
    assert_eq!(data["take_up"][0]["kinds"][1]["outcome"], "unpaid");
    let stderr = refused(
        &plan,
        "claimant_id,units,count,Status\na,1,4,approved\n",
        &[],
    );
    assert!(stderr.contains("almost that of `status`"), "{stderr}");
    let stderr = refused(&plan, "claimant_id,count\na,4\n", &[]);
    assert!(stderr.contains("column `units`"), "{stderr}");
}

#[test]
fn a_take_up_that_is_no_percentage_is_refused() {
    for (rates, problem) in [
        ("101%", "a claims rate is at most 100%"),
        ("5", "write a percentage, like 2.5%"),
        ("", "write a percentage, like 2.5%"),
        ("1%,x%", "`x` is not a number"),
        ("1e1%", "`1e1` has an exponent"),
    ] {
        let stderr = refused(PLAN, FOUR_KINDS, &["--take-up", rates]);
        assert!(stderr.contains(problem), "{stderr}");
    }
}

#[test]
fn a_count_that_is_no_number_of_people_is_refused() {
    for count in ["1.5", "-3", "", "many", "1.0", "99999999999999999999"] {
        let kinds =
            format!("claimant_id,units,status,count\nb,1,approved,4\nc,1,approved,{count}\n");
        let stderr = refused(PLAN, &kinds, &[]);
        assert!(
            stderr.starts_with("error[K043]: kinds.csv:2:count: "),
            "{stderr}"
        );
    }
    let stderr = refused(PLAN, "claimant_id,units,status\nb,1,approved\n", &[]);
    assert!(
        stderr.starts_with("error[K042]: kinds.csv has no column `count`\n"),
        "{stderr}"
    );
    let stderr = refused(
        PLAN,
        "claimant_id,units,status,Count\nb,1,approved,1\n",
        &[],
    );
    assert!(
        stderr.ends_with("hint: did you mean `Count`?\n"),
        "{stderr}"
    );
}

#[test]
fn counts_that_add_up_to_too_much_are_refused() {
    let kinds =
        "claimant_id,units,status,count\nb,1,approved,18446744073709551615\na,1,approved,5\n";
    let stderr = refused(PLAN, kinds, &[]);
    assert!(
        stderr.starts_with("error[K041]: the sum of the counts is too large"),
        "{stderr}"
    );
}

/// A name that no column has room for.
fn long(what: &str) -> String {
    format!("{what} with a name that is very long and then goes on for a while")
}

/// A folder with plans of large funds and long names.
fn large() -> Job {
    let (pool, subclass, fee) = (long("pool"), long("subclass"), long("fee"));
    let plan = |fund: &str| {
        format!(
            "[settlement]\nname = \"Example\"\n[fund]\namount = {fund}\n\
             [[deduction]]\nname = \"{fee}\"\npercent = 10\n\
             [subclass.x]\nname = \"{subclass}\"\nwhen = {{ tier = \"x\" }}\n\
             [[pool]]\nname = \"{pool}\"\nshares = 1\nwhen = {{ tier = \"x\" }}\n\
             [tax]\nthreshold = 600\nnumber = \"tin\"\n"
        )
    };
    let kinds = format!("claimant_id,tier,count\n{},x,3\nother,y,1\n", long("kind"));
    Job::with(&[
        ("old.toml", &plan("8_000_000_000_000")),
        ("new.toml", &plan("9_000_000_000_000")),
        ("kinds.csv", &kinds),
        ("claims.csv", "claimant_id,tier,tin\nA,x,\nB,y,\n"),
    ])
}

#[test]
fn columns_never_run_together_whatever_stands_in_them() {
    let job = large();
    let rates = "100%,75%,50%,34%,33%,30%,10%";
    let basic = ["project", "kinds.csv", "--plan", "new.toml"];
    let projected = job.payout(&[&basic[..], &["--take-up", rates]].concat());
    let projected = projected.stdout;
    for plan in ["old", "new"] {
        let toml = format!("{plan}.toml");
        let said = job.payout(&["compute", "claims.csv", "--plan", &toml, "--out", plan]);
        assert_eq!(said.status, 0, "{}", said.stderr);
    }
    let compared = job.payout(&["compare", "old", "new"]).stdout;
    let summary = job.read("new/summary.txt");
    let (old, new) = ("7,200,000,000,000.00", "8,100,000,000,000.00");
    let more = "900,000,000,000.00";
    let less = "-900,000,000,000.00";
    for (text, amounts, names) in [
        (
            &projected,
            &[new, "2,700,000,000,000.00"][..],
            &["kind"][..],
        ),
        (&summary, &[new, less], &["fee", "pool", "subclass"]),
        (&compared, &[old, new, more], &["pool", "fee"]),
    ] {
        for amount in amounts {
            let mut words = text.split_whitespace();
            assert!(words.any(|word| word == *amount), "{amount}\n{text}");
        }
        for name in names {
            assert!(text.contains(&long(name)), "{name}\n{text}");
        }
    }
    // Seven rates of this width are four tables.
    assert_eq!(projected.matches("claims rate  ").count(), 4, "{projected}");
}
