//! `payout fill`: the figures of a run in a declaration or a notice.

use std::fs;

use super::{CLAIMS, PLAN, compute};
use crate::support::Job;

/// A folder with a run in it.
fn with_run(plan: &str) -> Job {
    let job = Job::with(&[("plan.toml", plan), ("claims.csv", CLAIMS)]);
    let said = job.payout(&compute(&["--quiet"]));
    assert_eq!(said.status, 0, "{}", said.stderr);
    job
}

/// What becomes of a template.
fn filled(job: &Job, name: &str, template: &str) -> String {
    job.write(name, template);
    let said = job.payout(&["fill", "payouts", name]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert_eq!(said.stderr, "");
    said.stdout
}

#[test]
fn places_are_filled_and_all_other_text_stays() {
    let job = with_run(&PLAN.replace("name   = \"class\"", "name   = \"No. 1 & Co.\""));
    let template = "\
        {settlement.name} {settlement.docket|[docket]} {{x}}\r\n\
        {payouts.count} of {claims.rows}: {payouts.total}, {fund.net}; {held.total}\n\
        {pools.\"No. 1 & Co.\".paid} at { pools.\"No. 1 & Co.\".rate }, {ties_out}\n\
        {fund.deductions.Fees.amount} {subclasses.illinois.name} {claims.unpaid_reasons.status: denied.rows}";
    let seal = job.payout(&["fill", "payouts", "--list"]).stdout;
    assert!(seal.contains("{seal}  "), "{seal}");
    let expected = "\
        Example Settlement [docket] {x}\r\n\
        3 of 6: $666.66, $750.00; $83.33\n\
        $666.66 at $83.333333333333, yes\n\
        $250.00 Illinois Subclass 1";
    assert_eq!(filled(&job, "notice.txt", template), expected);
}

#[test]
fn figures_are_escaped_in_html_and_style_sheets_are_left_alone() {
    let plan = PLAN.replace("Example Settlement", "Doe & Co. v. <Acme>");
    let plan = plan.replace("name   = \"class\"", "name   = \"A & B\"");
    let job = with_run(&plan);
    let template = "<style>p { color: red }</style><!-- {x} --><p class=\"{seal|}\">\
        {settlement.name}</p>{pools.A &amp; B.paid} {settlement.docket|<b>none</b>}";
    let html = filled(&job, "notice.HTML", template);
    assert!(
        html.contains("<style>p { color: red }</style><!-- {x} --><p"),
        "{html}"
    );
    assert!(
        html.contains(">Doe &amp; Co. v. &lt;Acme&gt;</p>$666.66 <b>none</b>"),
        "{html}"
    );
    let text = filled(&job, "notice.md", "{settlement.name}");
    assert_eq!(text, "Doe & Co. v. <Acme>");
}

#[test]
fn a_run_that_was_changed_fills_nothing() {
    for file in ["payouts.csv", "summary.json", "report.html"] {
        let job = with_run(PLAN);
        job.write("notice.md", "{seal}");
        let changed = job.read(&format!("payouts/{file}")) + "\n";
        fs::write(job.path("payouts").join(file), changed).unwrap();
        let said = job.payout(&["fill", "payouts", "notice.md", "--out", "filed.md"]);
        assert_eq!(said.status, 2, "{}", said.stderr);
        assert!(
            said.stderr.contains("does not match the run's manifest"),
            "{}",
            said.stderr
        );
        assert!(!job.path("filed.md").exists());
    }
}

#[test]
fn a_file_is_written_once_and_not_into_a_run() {
    let job = with_run(PLAN);
    job.write("notice.md", "{payouts.total}\n");
    let fill = |out| job.payout(&["fill", "payouts", "notice.md", "--out", out]);
    let said = fill("filed.md");
    assert_eq!((said.status, &*said.stderr), (0, "wrote filed.md\n"));
    assert_eq!(job.read("filed.md"), "$666.66\n");
    assert_eq!(fill("filed.md").status, 2);
    assert_eq!(fill("payouts/filed.md").status, 2);
    assert_eq!(job.payout(&["check", "payouts"]).status, 0);
}

#[test]
fn every_listed_place_can_be_filled_as_it_is_listed() {
    let plan = PLAN.replace("name   = \"class\"", "name   = \"a.b {c} \\\"d\\\" | e\"");
    let job = with_run(&plan);
    let list = job.payout(&["fill", "payouts", "--list"]).stdout;
    assert!(list.lines().count() > 40, "{list}");
    for line in list.lines() {
        let (place, figure) = line.split_once("  ").unwrap();
        let place = place.strip_suffix('}').unwrap();
        let template = format!("{place}|(not stated)}}");
        let text = filled(&job, "one.md", &template).replace('\n', "; ");
        assert_eq!(text, figure, "{place}");
    }
}

#[test]
fn the_declaration_is_filled_whatever_the_plan_states() {
    let full = PLAN.replace(
        "[claims]",
        "[class]\nmembers = 1000\nnotices = 900\nopt_outs = 7\nobjections = 1\n\n[claims]",
    );
    for plan in [PLAN, &full] {
        let job = with_run(plan);
        let said = job.payout(&["fill", "payouts", "--template", "declaration"]);
        assert_eq!(said.status, 0, "{}", said.stderr);
        assert!(!said.stdout.contains(['{', '}']), "{}", said.stdout);
        let payments = "Payments made: 3, in total $666.66";
        assert!(said.stdout.contains(payments), "{}", said.stdout);
        let reserve = "Retained as a reserve, out of the deductions: $0.00";
        assert!(said.stdout.contains(reserve), "{}", said.stdout);
        for list in [
            "they are made:\n     - Fees: $250.00\n   - Retained",
            "reason stated: 2\n     - received after the deadline: 1\n     - status \"denied\": 1\n",
            "by method of payment:\n\n   - [method]: [number], in total [amount]\n",
        ] {
            assert!(said.stdout.contains(list), "{list}: {}", said.stdout);
        }
    }
    let job = Job::new();
    let template = job.payout(&["fill", "--template", "declaration"]).stdout;
    assert!(template.contains("{payouts.total}"), "{template}");
    // No noun follows a place: a count may be 0, 1 or more.
    for after in template.split('}').skip(1) {
        let noun = after.trim_start().starts_with(char::is_alphabetic);
        let new_paragraph = after.starts_with("\n\n");
        assert!(!noun || new_paragraph, "{after}");
    }
}

#[test]
fn lists_have_a_line_for_each_entry() {
    let plan = PLAN.to_owned() + "[payment]\nmethod = \"state\"\n";
    let job = with_run(&plan);
    let text = filled(
        &job,
        "notice.md",
        "- {payouts.by_method}\n{pools.class.rate_short}\n",
    );
    let expected = "- CA: 1, in total $83.33\n- IL: 1, in total $500.00\n\
                    - WI: 1, in total $83.33\n$83.33\n";
    assert_eq!(text, expected);
}

#[test]
fn a_draft_is_said_to_be_one() {
    let job = with_run(&PLAN.replace("[fund]", "draft = \"no order yet\"\n[fund]"));
    job.write("notice.md", "{settlement.draft}\n");
    let said = job.payout(&["fill", "payouts", "notice.md"]);
    let draft = "DRAFT – not for payment: no order yet";
    let expected = format!("{draft}\n\nno order yet\n");
    assert_eq!((said.status, said.stdout), (0, expected));
    job.write(
        "notice.html",
        "<html><body class=\"a\"><p>{payouts.total}</p></body></html>",
    );
    let html = job.payout(&["fill", "payouts", "notice.html"]).stdout;
    let expected = format!("<body class=\"a\"><p><strong>{draft}</strong></p>");
    assert!(html.contains(&expected), "{html}");
    assert_eq!(
        said.stderr,
        "warning: DRAFT – not for payment: no order yet\n"
    );
}

#[test]
fn rates_of_awards_are_percentages_and_other_currencies_have_their_code() {
    let plan = "[settlement]\nname = \"1.00\"\ncurrency = \"JPY\"\n[fund]\namount = 1000\n\
        [claims]\nstatus = false\n[[pool]]\nname = \"2026\"\naward = 700\n";
    let job = Job::with(&[("plan.toml", plan), ("claims.csv", "claimant_id\na\nb\n")]);
    assert_eq!(job.payout(&compute(&["--quiet"])).status, 0);
    let template =
        "{settlement.name} {pools.2026.name} {pools.2026.rate} {pools.2026.awards} {payouts.total}";
    let expected = "1.00 2026 71.4285714285% JPY 1,400 JPY 1,000";
    assert_eq!(filled(&job, "notice.md", template), expected);
}
