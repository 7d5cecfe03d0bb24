//! Warnings about payees before money moves.

use super::{CHECKS, PAYPAL, export, job};
use crate::support::records;

#[test]
fn shared_and_impossible_cells_of_payees_are_warned_of() {
    let job = job(60);
    let moved = "claimant_id,email,address_1,zip\n\
                 C000001,Same@example.com,1 Elm St,00503\n\
                 C000004,same@example.com ,1  elm st,00503\n\
                 C000000,u0@example.com,9 Fir St,5\n\
                 C000003,u3@example.com,9 Fir St,5\n";
    job.write("moved.csv", moved);
    let warned = |layout: &[&str], out: &str| {
        let said = export(&job, layout, out, &["--payees", "moved.csv", "--quiet"]);
        assert_eq!(said.status, 0, "{}", said.stderr);
        let check = job.payout(&["check", "run", out]);
        let words: Vec<&str> = check.stdout.split_whitespace().collect();
        words.join(" ")
    };
    let said = warned(&PAYPAL, "paypal");
    let expected = "paypal: 1 e-mail address is shared by 2 payees (C000001, C000004)";
    assert!(said.contains(expected), "{said}");
    let said = warned(&CHECKS, "checks");
    for expected in [
        "checks: 1 address is shared by 2 payees (C000000, C000003)",
        "checks: 2 postal codes do not have the form of their country (C000000, C000003)",
    ] {
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn every_payee_of_a_warning_is_in_the_list() {
    let job = job(60);
    let moved = "claimant_id,email,address_1,zip\n\
                 C000001,Same@example.com,1 Elm St,00503\n\
                 C000004,same@example.com ,1  elm st,00503\n\
                 C000003,u3@example.com,9 Fir St,5\n";
    job.write("moved.csv", moved);
    let listed = |layout: &[&str], out: &str| -> Vec<String> {
        let options = ["--payees", "moved.csv", "--warnings", "warnings.csv"];
        let said = export(&job, layout, out, &options);
        assert_eq!(said.status, 0, "{}", said.stderr);
        let list = records(&job.read("warnings.csv"));
        list[1..].iter().map(|line| line.join("|")).collect()
    };
    let shared = "another payee has the same e-mail address";
    let expected = [
        format!("moved.csv|2||1|C000001||email|Same@example.com||{shared}"),
        format!("moved.csv|3||2|C000004||email|same@example.com||{shared}"),
    ];
    assert_eq!(listed(&PAYPAL, "paypal"), expected);
    let expected = "moved.csv|4||3|C000003||zip|5||the postal code does not have the form of its \
                    country";
    assert_eq!(listed(&CHECKS, "checks"), [expected]);
    let said = export(&job, &PAYPAL, "again", &["--warnings", "moved.csv"]);
    let refused = "`--warnings` names moved.csv";
    assert!(said.stderr.contains(refused), "{}", said.stderr);
}

#[test]
fn payees_without_anything_in_common_are_not_warned_of() {
    let job = job(60);
    let said = export(&job, &CHECKS, "checks", &[]);
    assert!(!said.stderr.contains("warning"), "{}", said.stderr);
}
