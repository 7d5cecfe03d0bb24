//! What stands in the files of a run.

use serde_json::{Value, json};

use super::{CLAIMS, PLAN, compute, job};
use crate::support::sha256;

#[test]
fn each_row_is_paid_held_or_unpaid_with_its_reason() {
    let job = job();
    job.payout(&compute(&[]));
    assert_eq!(
        job.read("payouts/payouts.csv"),
        "claimant_id,subclass,shares,payout\n\
         A-1,illinois,6,500.00\n\
         A-2,,1,83.33\n\
         \"A,6\",,1,83.33\n"
    );
    assert_eq!(
        job.read("payouts/held.csv"),
        "claimant_id,subclass,shares,payout,status\n\
         A-4,,1,83.33,pending\n"
    );
    assert_eq!(
        job.read("payouts/unpaid.csv"),
        "claimant_id,row,reason\n\
         A-3,3,status: denied\n\
         A-5,5,received after the deadline\n"
    );
}

#[test]
fn the_summary_accounts_for_every_cent() {
    let job = job();
    job.payout(&compute(&[]));
    let summary: Value = serde_json::from_str(&job.read("payouts/summary.json")).unwrap();
    assert_eq!(
        summary["fund"],
        json!({
            "amount": "1000.00",
            "interest": "0.00",
            "deductions": [{ "name": "Fees", "kind": "fees", "amount": "250.00" }],
            "net": "750.00",
        })
    );
    assert_eq!(
        summary["claims"],
        json!({
            "rows": 6, "empty_rows": 0, "claimants": 6, "paid": 3, "held": 1, "unpaid_rows": 2,
            "unpaid_reasons": [
                { "reason": "received after the deadline", "rows": 1 },
                { "reason": "status: denied", "rows": 1 },
            ],
        })
    );
    assert_eq!(
        summary["pools"],
        json!([{
            "name": "class", "available": "750.00", "participants": 4,
            "shares": "9", "awards": null,
            "rate": "83.333333333333", "rate_exact": "250/3", "unit_rate": null,
            "paid": "666.66", "held": "83.33", "dropped": 0, "left": "0.01",
        }])
    );
    assert_eq!(
        summary["payouts"],
        json!({
            "count": 3, "total": "666.66", "average": "222.22",
            "median": "83.33", "smallest": "83.33", "largest": "500.00",
        })
    );
    let by_status = json!([{ "status": "pending", "count": 1, "total": "83.33" }]);
    assert_eq!(
        summary["held"],
        json!({ "count": 1, "total": "83.33", "by_status": by_status })
    );
    assert_eq!(summary["residual"], json!({ "amount": "0.01", "to": null }));
    assert_eq!(summary["ties_out"], json!(true));
}

#[test]
fn no_summary_holds_a_claimants_data() {
    let job = job();
    job.payout(&compute(&[]));
    for name in job.names("payouts") {
        if ["payouts.csv", "held.csv", "unpaid.csv"].contains(&name.as_str()) {
            continue;
        }
        let text = job.read(&format!("payouts/{name}"));
        for personal in ["A-1", "A,6", "Smith", "Zoë", "Okafor"] {
            assert!(!text.contains(personal), "{personal} is in {name}");
        }
    }
}

#[test]
fn the_manifest_has_the_digest_of_every_input_and_of_every_other_file() {
    let job = job();
    job.payout(&compute(&[]));
    let manifest: Value = serde_json::from_str(&job.read("payouts/manifest.json")).unwrap();
    assert_eq!(
        manifest["inputs"],
        json!([{
            "name": "claims.csv", "bytes": CLAIMS.len(),
            "sha256": sha256(CLAIMS.as_bytes()), "rows": 6,
        }])
    );
    let mut listed = Vec::new();
    for output in manifest["outputs"].as_array().unwrap() {
        let name = output["name"].as_str().unwrap();
        let content = job.read(&format!("payouts/{name}"));
        assert_eq!(output["bytes"], content.len(), "{name}");
        assert_eq!(output["sha256"], sha256(content.as_bytes()), "{name}");
        listed.push(name.to_owned());
    }
    listed.push("manifest.json".to_owned());
    listed.sort();
    assert_eq!(job.names("payouts"), listed);
    for name in [
        "payouts.csv",
        "held.csv",
        "unpaid.csv",
        "summary.txt",
        "summary.json",
    ] {
        assert!(listed.contains(&name.to_owned()), "there is no {name}");
    }
}

#[test]
fn the_plan_is_kept_byte_for_byte() {
    let job = job();
    let plan = PLAN.replace('\n', "\r\n") + "# Überweisung, no line end";
    job.write("plan.toml", &plan);
    assert_eq!(job.payout(&compute(&["--quiet"])).status, 0);
    assert_eq!(job.read("payouts/plan.toml"), plan);
}
