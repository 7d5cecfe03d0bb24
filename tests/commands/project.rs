//! `payout project`: what claimants will receive, before anyone has claimed.

use serde_json::Value;

use crate::support::Job;

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
