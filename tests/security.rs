//! Nothing of a file reaches a terminal or a spreadsheet as a command.

use crate::support::Job;

const PLAN: &str = "\
[settlement]
name = \"Example\"
[fund]
amount = 100
[claims]
status = \"status\"
pay = [\"ok\"]
[[pool]]
name = \"p\"
shares = [ { add = 1 }, { add = 1, when = { state = \"IL\" } } ]
";

#[test]
fn no_cell_name_or_text_moves_the_cursor() {
    let escape = "\u{1b}[2J\u{202e}";
    let claims = [
        format!("claimant_id,status,state\na{escape},ok,IL\n"),
        format!("claimant_id,status,state\na,o{escape}k,IL\n"),
        "claimant_id,status,state\na,ok,I\u{202e}L\n".to_owned(),
        format!("claimant_id,status,st{escape}ate\na,ok,IL\n"),
    ];
    let plans = [
        PLAN.to_owned(),
        PLAN.replace("Example", &format!("E{escape}")),
        PLAN.replace("\"p\"", "\"p\\u001b[2J\""),
    ];
    for plan in &plans {
        for claims in &claims {
            let job = Job::with(&[("plan.toml", plan), ("claims.csv", claims)]);
            for arguments in [
                &["compute", "claims.csv", "--plan", "plan.toml"][..],
                &["plan", "plan.toml"],
                &["check", "payouts"],
            ] {
                let said = job.payout(arguments);
                for text in [&said.stdout, &said.stderr] {
                    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
                }
            }
        }
    }
}

#[test]
fn a_list_of_errors_holds_no_formula() {
    let claims = "claimant_id,status,state\n=1+1,ok,IL\na,=cmd,IL\nb,@x,IL\n";
    let job = Job::with(&[("plan.toml", PLAN), ("claims.csv", claims)]);
    let said = job.payout(&[
        "compute",
        "claims.csv",
        "--plan",
        "plan.toml",
        "--errors",
        "errors.csv",
    ]);
    assert_eq!(said.status, 2);
    let list = job.read("errors.csv");
    assert!(list.contains("'=1+1") && list.contains("'=cmd") && list.contains("'@x"));
    assert!(!list.contains(",=") && !list.contains(",@"), "{list}");
}
