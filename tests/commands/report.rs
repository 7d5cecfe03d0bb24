//! report.html: what stands on it, and that nothing in a plan or a claims file can
//! become markup.

use std::fs;

use super::{CLAIMS, PLAN, compute, job};
use crate::support::Job;

/// The report of a run of this plan on these claims.
fn report(plan: &str, claims: &str) -> String {
    let job = Job::with(&[("plan.toml", plan), ("claims.csv", claims)]);
    let said = job.payout(&compute(&["--quiet"]));
    assert_eq!(said.status, 0, "{}", said.stderr);
    job.read("payouts/report.html")
}

/// The texts of a page, without its tags.
fn words(html: &str) -> String {
    let mut words = String::new();
    let mut inside = false;
    for character in html.chars() {
        match character {
            '<' => inside = true,
            '>' => inside = false,
            plain if !inside => words.push(plain),
            _ => {}
        }
    }
    words.replace("&#39;", "'").replace("&#34;", "\"")
}

#[test]
fn a_class_smaller_than_its_claimants_is_warned_of() {
    let plan = PLAN.replace("[claims]", "[class]\nmembers = 3\n\n[claims]");
    let words = words(&report(&plan, CLAIMS));
    let warning = "4 claimants participate, but the class has only 3 members";
    assert!(words.contains(warning), "{words}");
}

#[test]
fn the_report_says_what_the_run_did() {
    let plan = PLAN.replace(
        "[claims]",
        "[class]\nmembers = 1000\nnotices = 900\nopt_outs = 7\nobjections = 1\n\n[claims]",
    );
    let html = report(&plan, CLAIMS);
    let words = words(&html);
    for said in [
        "Example Settlement",
        "Everything ties out",
        "Fund $1,000.00 = deductions $250.00 + payments $666.66 + held $83.33 + residual $0.01.",
        "6 claim rows read = 3 paid + 1 held + 2 not paid.",
        "Each claimant has 1 share, plus 5 if the claimant is in subclass \"Illinois Subclass\".",
        "received after the deadline",
        "status: denied",
        "0.70% of the class",
        "90.00% of the class",
        "25% of the fund",
        "Control totals: none provided",
    ] {
        assert!(words.contains(said), "no `{said}` in\n{words}");
    }
    for personal in ["A-1", "Zo", "Okafor", "Smith"] {
        assert!(!words.contains(personal), "{personal} in\n{words}");
    }
}

#[test]
fn payments_are_counted_by_method_where_the_plan_names_the_column() {
    let plan = format!("{PLAN}\n[payment]\nmethod = \"name\"\n");
    let job = Job::with(&[("plan.toml", &plan), ("claims.csv", CLAIMS)]);
    assert_eq!(job.payout(&compute(&["--quiet"])).status, 0);
    let words = words(&job.read("payouts/report.html"));
    for said in ["Methods of payment", "Smith, John", "33.33%", "$500.00"] {
        assert!(words.contains(said), "no `{said}` in\n{words}");
    }
    // Claims that are not paid have no method of payment.
    assert!(!words.contains("Okafor"), "{words}");
    assert_eq!(job.payout(&["check", "payouts"]).status, 0);

    let plan = plan.replace("[claims]\n", "[claims]\nrows = \"sum\"\n");
    let claims = CLAIMS.to_owned() + "A-1,Jo,IL,approved,2022-01-15\n";
    let job = Job::with(&[("plan.toml", &plan), ("claims.csv", &claims)]);
    let said = job.payout(&compute(&[]));
    assert_eq!(said.status, 2);
    let words = "claims.csv:7:name: `Jo` here, but `Smith, John` in row 1 for the same claimant";
    assert!(said.stderr.contains(words), "{}", said.stderr);
}

#[test]
fn a_draft_is_called_one_at_the_top() {
    let plan = PLAN.replacen("[fund]", "draft = \"fees are not ordered\"\n\n[fund]", 1);
    let html = report(&plan, CLAIMS);
    let draft = html.find("DRAFT – not for payment").unwrap();
    assert!(html.contains("fees are not ordered"));
    assert!(draft < html.find("Everything ties out").unwrap());
}

#[test]
fn nothing_in_a_plan_becomes_markup() {
    let hostile = "<script>alert(1)</script>&amp;'<img src=x onerror=y>";
    let plan = PLAN
        .replace("\"Example Settlement\"", &format!("\"{hostile}\""))
        .replace("\"Fees\"", &format!("\"{hostile}\""))
        .replace("\"received after the deadline\"", &format!("\"{hostile}\""))
        .replace("\"Illinois Subclass\"", &format!("\"{hostile}\""));
    let html = report(&plan, CLAIMS);
    assert!(!html.contains("<script"));
    assert!(!html.contains("<img"));
    assert!(html.contains("&#60;script&#62;alert(1)&#60;/script&#62;&#38;amp;&#39;&#60;img"));
}

#[test]
fn a_space_that_does_not_break_may_stand_in_a_name() {
    let html = report(
        &PLAN.replace("Example Settlement", "Doe v.\u{a0}Acme"),
        CLAIMS,
    );
    assert!(html.contains("Doe v. Acme"));
}

#[test]
fn names_of_files_do_not_become_markup() {
    let job = job();
    let name = "<b>&\"\u{202e}claims.csv";
    fs::rename(job.path("claims.csv"), job.path(name)).unwrap();
    let said = job.payout(&["compute", name, "--plan", "plan.toml", "--quiet"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let html = job.read("payouts/report.html");
    assert!(
        html.contains("&#60;b&#62;&#38;&#34;\\u{202e}claims.csv"),
        "{html}"
    );
    assert!(!html.contains("<b>") && !html.contains('\u{202e}'));
}

#[test]
fn nothing_is_loaded_and_every_tag_is_closed() {
    let html = report(PLAN, CLAIMS);
    for word in [
        "http:", "https:", "url(", "@import", " src=", " href=", "<script",
    ] {
        assert!(!html.contains(word), "{word}");
    }
    let mut open = Vec::new();
    for tag in html.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap();
        let name = tag.split_whitespace().next().unwrap();
        if let Some(closed) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed.to_owned()));
        } else if !(name == "!doctype" || name == "meta" || tag.ends_with('/')) {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn a_column_of_addresses_is_none_of_methods() {
    let plan = format!("{PLAN}\n[payment]\nmethod = \"name\"\n");
    let claims = |people: usize| {
        let rows = (0..people).map(|n| format!("N-{n},n{n}@example.org,IL,approved,2022-01-15\n"));
        let header = "claimant_id,name,state,status,submitted\n".to_owned();
        header + &rows.collect::<String>()
    };
    for (people, status) in [(100, 0), (101, 2)] {
        let claims = claims(people);
        let job = Job::with(&[("plan.toml", &plan), ("claims.csv", &claims)]);
        let said = job.payout(&compute(&["--quiet"]));
        assert_eq!(said.status, status, "{}", said.stderr);
        assert_eq!(job.path("payouts").exists(), status == 0);
        let words = "column `name` has 101 different methods of payment";
        assert_eq!(said.stderr.contains(words), status == 2, "{}", said.stderr);
    }
}

#[test]
fn deductions_have_the_names_and_the_bases_of_the_plan() {
    let fees = "[[deduction]]\nname    = \"Fees\"\nkind    = \"fees\"\npercent = 25\n";
    let deductions = "\
        [[deduction]]\nname = \"Costs of Class Counsel\"\nkind = \"costs\"\namount = 100\n\
        [[deduction]]\nname = \"Doe LLP\"\nkind = \"fees\"\nfraction = \"1/3\"\nof = \"remaining\"\n\
        [[deduction]]\nname = \"Roe LLP\"\nkind = \"fees\"\npercent = 2.5\nof = \"amount\"\n\
        [[deduction]]\nname = \"Late claims\"\nkind = \"reserve\"\namount = 10\n";
    let plan = PLAN.replace(fees, deductions);
    let words = words(&report(&plan, CLAIMS));
    for said in [
        "Costs of Class Counsel\n$100.00\n10.00% of the fund\n",
        "Attorneys' fees\n$325.00\n32.50% of the fund\n",
        "Doe LLP\n$300.00\n1/3 of the balance after the preceding deductions, $900.00; 30.00% of the fund\n",
        "Roe LLP\n$25.00\n2.5% of the fund\n",
        "Service awards\n$0.00\n0.00% of the fund\n",
        "Reserve: Late claims\n$10.00\n1.00% of the fund\n",
    ] {
        assert!(words.contains(said), "no `{said}` in\n{words}");
    }
}

#[test]
fn the_page_has_the_dates_and_the_paper_of_its_locale() {
    let of_locale = |locale: &str| {
        let key = format!("locale = \"{locale}\"\n\n[fund]");
        report(&PLAN.replacen("\n[fund]", &key, 1), CLAIMS)
    };
    let expected = [
        ("en-US", "size: letter;", "March 2, 2022"),
        ("en-CA", "size: letter;", "March 2, 2022"),
        ("en-GB", "size: A4;", "2 March 2022"),
        ("en-AU", "size: A4;", "2 March 2022"),
    ];
    for (locale, size, date) in expected {
        let html = of_locale(locale);
        assert!(
            html.contains(&format!("<html lang=\"{locale}\">")),
            "{html}"
        );
        assert!(html.contains(size), "{html}");
        assert!(html.contains(&format!("is on or after {date}.")), "{html}");
        assert!(
            html.contains("@top-left { content: \"Example Settlement\""),
            "{html}"
        );
    }
}

#[test]
fn warnings_have_no_backticks() {
    let plan = PLAN.replace(
        "[subclass.illinois]",
        "[subclass.none]\nname = \"None\"\nwhen = { state = \"ZZ\" }\n\n[subclass.illinois]",
    );
    let words = words(&report(&plan, CLAIMS));
    let warning = "no payable or held claim is in subclass \"none\"";
    assert!(words.contains(warning), "{words}");
    assert!(!words.contains('`'), "{words}");
}
