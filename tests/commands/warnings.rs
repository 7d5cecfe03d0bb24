//! Warnings of what a plan pays that is hardly meant, in `payout plan` and in
//! the summary.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::Job;

/// A plan with these lines in its pool.
fn plan(claims: &str, pool: &str) -> String {
    format!(
        "[settlement]\nname = \"Example\"\n[fund]\namount = 1_000_000\n{claims}[[pool]]\nname = \"class\"\n{pool}"
    )
}

const EVERY_ROW: &str = "[claims]\nstatus = false\n";
const ADDED_UP: &str = "[claims]\nstatus = false\nrows = \"sum\"\n";

/// The warnings of a run, the same however many threads there are, and the run is
/// as `payout check` finds it.
fn warnings(plan: &str, claims: &str) -> Vec<String> {
    let job = Job::with(&[("plan.toml", plan), ("claims.csv", claims)]);
    let compute = |threads: &str| {
        let out = format!("with-{threads}");
        let said = job.payout(&[
            "compute",
            "claims.csv",
            "--plan",
            "plan.toml",
            "--threads",
            threads,
            "--out",
            &out,
        ]);
        assert_eq!(said.status, 0, "{}", said.stderr);
        job.read(&format!("{out}/summary.json"))
    };
    let summary = compute("1");
    assert_eq!(summary, compute("3"));
    let said = job.payout(&["check", "with-1", "--claims", "claims.csv"]);
    assert_eq!(said.status, 0, "{}{}", said.stdout, said.stderr);
    listed(&serde_json::from_str(&summary).unwrap())
}

/// Those of `payout plan`.
fn warnings_of_plan(plan: &str) -> Vec<String> {
    let job = Job::with(&[("plan.toml", plan)]);
    let said = job.payout(&["plan", "plan.toml", "--json"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    listed(&serde_json::from_str(&said.stdout).unwrap())
}

fn listed(facts: &Value) -> Vec<String> {
    let warnings = facts["warnings"].as_array().unwrap().iter();
    warnings
        .map(|one| one.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn ranges_that_meet_are_told_with_their_lines() {
    let of = |steps: &str| {
        let pool = format!("shares = [\n  {{ add = 1 }},\n{steps}]\n");
        warnings_of_plan(&plan(EVERY_ROW, &pool))
    };
    for (one, other, what) in [
        ("{ to = 2 }", "{ from = 2 }", "2 is"),
        ("{ from = 2, to = 4 }", "{ from = 1, to = 2.0 }", "2 is"),
        (
            "{ to = 1_000.5 }",
            "{ from = 1000.5, to = 2_000 }",
            "1,000.5 is",
        ),
        (
            "{ to = 2021-09-30 }",
            "{ from = 2021-09-30 }",
            "September 30, 2021 is",
        ),
        (
            "{ to = 2022-03-01T23:59:59Z }",
            "{ from = 2022-03-02T00:59:59+01:00 }",
            "March 1, 2022, 23:59:59 UTC is",
        ),
    ] {
        for verb in ["add", "subtract"] {
            let step = |range| {
                format!("  {{ {verb} = 1, when = {{ state = \"IL\", miles = {range} }} }},\n")
            };
            let said = of(&(step(one) + &step(other)));
            let expected = format!(
                "column `miles`: {what} in both ranges (lines 11 and 12): both steps apply"
            );
            assert_eq!(said, [expected], "{one} {other}");
        }
    }
    for steps in [
        // A range within another adds to it.
        "{ add = 1, when = { miles = { to = 5 } } }, { add = 1, when = { miles = { to = 2 } } }",
        "{ add = 1, when = { miles = { to = 2 } } }, { add = 1, when = { miles = { from = 2, to = 2 } } }",
        // More than one value in common, or none.
        "{ add = 1, when = { miles = { to = 3 } } }, { add = 1, when = { miles = { from = 2 } } }",
        "{ add = 1, when = { miles = { below = 2 } } }, { add = 1, when = { miles = { from = 2 } } }",
        "{ add = 1, when = { miles = { to = 2 } } }, { add = 1, when = { miles = { above = 2 } } }",
        // Other verbs, conditions, columns and kinds of range.
        "{ add = 1, when = { miles = { to = 2 } } }, { subtract = 1, when = { miles = { from = 2 } } }",
        "{ add = 1, when = { miles = { to = 2 } } }, { add = 1, when = { miles = { from = 2 }, state = \"IL\" } }",
        "{ add = 1, when = { miles = { to = 2 } } }, { add = 1, when = { years = { from = 2 } } }",
        "{ times = 2, when = { miles = { to = 2 } } }, { times = 3, when = { miles = { from = 2 } } }",
        "{ at_most = 1, when = { miles = { to = 2 } } }, { at_most = 2, when = { miles = { from = 2 } } }",
        "{ add = 1, when = { miles = { to = 2 } } }, { add = 1, when = { miles = { from = 3 } } }",
    ] {
        assert_eq!(of(steps), [""; 0], "{steps}");
    }
    let one_line =
        "{ add = 1, when = { miles = { to = 2 } } }, { add = 1, when = { miles = { from = 2 } } }";
    assert!(of(one_line)[0].ends_with("2 is in both ranges (line 11): both steps apply"));
}

#[test]
fn ranges_within_any_are_warned_of_if_rows_are_added_up() {
    let award = "award = [ { add = { column = \"loss\" }, when = { any = [ { miles = { from = 1 } }, { kind = \"x\" } ] } }, { add = { column = \"miles\" } } ]\n";
    let said = warnings_of_plan(&plan(ADDED_UP, award));
    let sum = "the range compares the sum of column `miles`";
    assert!(said.iter().any(|one| one.contains(sum)), "{said:?}");
}

#[test]
fn a_pool_with_the_money_of_one_award_is_asked_about() {
    let of = |pool: &str| warnings_of_plan(&plan(EVERY_ROW, pool));
    for pool in [
        "award = 100\namount = 100.00\n",
        "award = [ { add = 50 }, { times = 2 } ]\nup_to = 100\n",
    ] {
        let said = of(pool);
        let expected = "the whole pool has $100.00";
        assert!(said.iter().any(|one| one.contains(expected)), "{said:?}");
    }
    for pool in [
        "award = 100\namount = 101\n",
        "shares = 100\namount = 100\n",
        "award = 100\n",
    ] {
        assert_eq!(of(pool), [""; 0], "{pool}");
    }
}

#[test]
fn formulas_of_values_and_portions_are_warned_of_too() {
    let steps = "[ { add = 1, when = { miles = { to = 2 } } }, { add = 1, when = { miles = { from = 2 } } } ]";
    for rule in [
        format!("[value.v]\nsteps = {steps}\n[subclass.s]\nwhen = {{ v = {{ from = 1 }} }}\n"),
        format!("[[portion]]\nname = \"a\"\namount = {steps}\n[[portion]]\nname = \"b\"\n"),
    ] {
        let pool = format!("shares = 1\n{rule}");
        let said = warnings_of_plan(&plan(EVERY_ROW, &pool));
        let both = "column `miles`: 2 is in both ranges";
        assert!(said.iter().any(|one| one.starts_with(both)), "{said:?}");
    }
}

#[test]
fn claims_between_ranges_in_values_and_over_values_are_counted() {
    let far = "{ add = 5, when = { far = { above = 3 } } }";
    let rules = format!(
        "shares = [ {{ add = 1 }}, {{ add = {{ column = \"kilometers\" }} }}, {{ add = 1, when = {{ far = {{ to = 2 }} }} }}, {far} ]\n\
         [value.far]\nsteps = [ {{ add = {{ column = \"miles\" }} }} ]\n\
         [value.kilometers]\nwhen = {{ kind = \"x\" }}\nsteps = [ {{ add = 1, when = {{ miles = {{ to = 4 }} }} }}, {{ add = 2, when = {{ miles = {{ from = 5 }} }} }} ]\n"
    );
    let claims = "claimant_id,state,kind,miles,loss\n\
        a,IL,x,2.5,1\nb,IL,x,3,1\nc,IL,x,4.5,1\nd,IL,y,4.5,1\ne,IL,x,1,1\n";
    let said = warnings(&plan(EVERY_ROW, &rules), claims);
    assert!(
        said[0].starts_with("2 claims are between two ranges over value `far`"),
        "{said:?}"
    );
    assert!(
        said[1].starts_with("1 claim is between two ranges over column `miles`"),
        "{said:?}"
    );
    assert_eq!(said.len(), 2, "{said:?}");
}

#[test]
fn claims_between_ranges_of_portions_are_counted() {
    let rules = "shares = 1\n[[portion]]\nname = \"a\"\namount = [ { add = 1, when = { miles = { to = 2 } } }, { add = 2, when = { miles = { from = 3 } } } ]\n[[portion]]\nname = \"b\"\n";
    // All but the last have equal entitlements.
    let claims = "claimant_id,state,kind,miles,loss\n\
        a,IL,x,2,1\nb,IL,x,2.5,1\nc,IL,x,2.5,1\nd,IL,x,3,1\n";
    for rows in [
        EVERY_ROW.to_owned(),
        format!("{EVERY_ROW}rows = \"sum\"\n[column.miles]\nrows = \"same\"\n"),
    ] {
        let said = warnings(&plan(&rows, rules), claims);
        assert!(
            said.iter()
                .any(|one| one.starts_with("2 claims are between two ranges over column `miles`")),
            "{said:?}"
        );
    }
}

const BANDS: &str = r#"when = { state = "IL" }
award = [
  { add = 1 },
  { add = 3, when = { kind = "x", miles = { from = 3 } } },
  { add = 5, when = { miles = { to = 2 }, kind = "x" } },
  { add = { column = "loss" } },
]
"#;

#[test]
fn claims_between_two_ranges_are_counted_whatever_is_remembered_of_rows() {
    // Many rows alike, and so many different ones that none is remembered.
    for different in [false, true] {
        let mut claims = "claimant_id,state,kind,miles,loss\n".to_owned();
        let rows = 24_000;
        for row in 0..rows {
            let state = if row % 3 == 0 { "CA" } else { "IL" };
            let kind = if row % 5 == 0 { "y" } else { "x" };
            let miles = ["1", "2", "2.5", "3"][row % 4];
            let loss = if different { row } else { 1 };
            writeln!(claims, "C-{row},{state},{kind},{miles},{loss}").unwrap();
        }
        let between = |row: &usize| row % 4 == 2 && ![0, 3, 5, 6, 9, 10, 12].contains(&(row % 15));
        let count = (0..rows).filter(between).count();
        let (thousands, rest) = (count / 1000, count % 1000);
        let expected = format!(
            "{thousands},{rest:03} claims are between two ranges over column `miles` (lines 12 and 13): above 2 and below 3, so neither step applies to them; if one should, change an end of its range: `below` ends it just before the next begins, and the bands of a table have no gaps"
        );
        // The pool has too little for its awards, which is another warning.
        assert_eq!(warnings(&plan(EVERY_ROW, BANDS), &claims)[0], expected);
    }
}

#[test]
fn of_rows_that_are_added_up_claims_are_counted_and_the_sum_is_compared() {
    let claims = "claimant_id,state,kind,miles,loss\n\
        a,IL,x,2.5,1\na,IL,x,2.5,2\nb,IL,x,2.5,1\nc,IL,x,1,1\nd,CA,x,2.5,1\n";
    let said = warnings(&plan(ADDED_UP, BANDS), claims);
    assert!(said[0].starts_with("2 claims are between"), "{said:?}");

    let added = BANDS.replace("{ add = 1 }", "{ add = { column = \"miles\" } }");
    let said = warnings(&plan(ADDED_UP, &added), claims);
    assert_eq!(
        said[..2],
        [13, 14].map(|line| format!(
            "line {line}: the range compares the sum of column `miles` over the claimant's rows, not each row"
        ))
    );
    // The two rows of `a` come to 5.
    assert!(said[2].starts_with("1 claim is between"), "{said:?}");
}

#[test]
fn a_limit_that_may_be_repeated_in_each_row_is_warned_of() {
    let claims = "claimant_id,loss,my cap,paid\na,1,100,2\na,200,100,2\n";
    let pool =
        |limits: &str| format!("award = [ {{ add = {{ column = \"loss\" }} }} ]\n{limits}\n");
    let cap = "at_most = [\n  { add = { column = \"my cap\" } } ]\nless = [ { add = { column = \"paid\" } } ]";
    let said = warnings(&plan(ADDED_UP, &pool(cap)), claims);
    assert_eq!(
        said,
        [
            "line 12: `at_most` reads the sum of column `my cap` over the claimant's rows; if the value is the same in every row, write `rows = \"same\"` under [column.\"my cap\"]",
            "line 13: `less` reads the sum of column `paid` over the claimant's rows; if the value is the same in every row, write `rows = \"same\"` under [column.paid]",
        ]
    );
    let step = "award = [\n  { add = { column = \"loss\" } },\n  { at_most = { column = \"my cap\" } } ]\n";
    let said = warnings(&plan(ADDED_UP, step), claims);
    assert!(said[0].starts_with("line 12: `at_most` reads"), "{said:?}");
    let same = format!("{step}[column.\"my cap\"]\nrows = \"same\"\n");
    assert_eq!(warnings(&plan(ADDED_UP, &same), claims).len(), 0);
    // No more than was lost in all rows.
    let sum = pool("at_most = [ { add = { column = \"loss\" } } ]");
    assert_eq!(warnings(&plan(ADDED_UP, &sum), claims).len(), 0);
}

#[test]
fn texts_that_no_cell_is_meant_to_be_are_warned_of() {
    let claims = "claimant_id,zip\na,60601\n";
    let said = |when: &str| {
        let pool = format!("shares = 1\nwhen = {{ zip = {{ not = {when} }} }}\n");
        warnings(&plan(EVERY_ROW, &pool), claims)
    };
    for (text, hint) in [
        ("60*", "no wildcards"),
        ("%60a%", "no wildcards"),
        (">18", "write `{ from = … }`"),
        (">= 6", "write `{ from = … }`"),
        ("≤ $6.50", "write `{ from = … }`"),
    ] {
        let said = said(&format!("[\"{text}\", \"b\", \"{text}\"]"));
        assert!(said[0].contains(hint), "{said:?}");
        let again = said
            .iter()
            .filter(|said| said.contains("only that exact text"))
            .count();
        assert_eq!(again, 1, "{said:?}");
    }
    for text in ["50%", "*", "65+", "18-24", "->x", "< none"] {
        let said = said(&format!("\"{text}\""));
        assert!(
            !said
                .iter()
                .any(|said| said.contains("only that exact text")),
            "{said:?}"
        );
    }
}

#[test]
fn a_gap_counts_only_where_its_formula_is_worked_out() {
    let limit = "shares = [ { add = { column = \"points\" } } ]\nat_most = [\n  { add = 9, when = { since = { to = 2021-01-31 } } },\n  { add = 8, when = { since = { from = 2021-03-01, to = 2021-03-31 } } },\n  { at_least = 1 },\n]\n";
    let claims = "claimant_id,points,since\na,1,2021-02-01\nb,0,2021-02-01\nc,2,2021-01-31\nd,1,2021-04-01\n";
    let said = warnings(&plan(EVERY_ROW, limit), claims);
    assert_eq!(said.len(), 1);
    let expected = "1 claim is between two ranges over column `since` (lines 11 and 12): after January 31, 2021 and before March 1, 2021, so neither";
    assert!(said[0].starts_with(expected), "{said:?}");
}

#[test]
fn amounts_finer_than_the_currency_are_counted_where_they_are_read() {
    let pool = "award = [ { add = { column = \"loss\" }, when = { kind = \"x\" } }, { add = 1 }, { times = { column = \"rate\" } } ]\nless = [ { add = { column = \"paid\" } } ]\n";
    let claims = "claimant_id,kind,loss,rate,paid\n\
        a,y,1.234,1.125,0\nb,x,1.50,0.5,0\nc,x,1.234,1,0.0\nd,x,10.000,1,0.00\ne,x,2.5000,1,0.001\nf,x,1.234,1,0.0\n";
    let fine = |rows: &str, first: &str| {
        format!(
            "{rows} more than 2 decimal places (first: row {first}); a point is a decimal point, so remove it if it separates thousands"
        )
    };
    assert_eq!(
        warnings(&plan(EVERY_ROW, pool), claims),
        [
            fine("3 rows of column `loss` have", "3"),
            fine("1 row of column `paid` has", "5")
        ]
    );
    // Shares are no amounts.
    let shares = "shares = [ { add = { column = \"loss\" } } ]\n";
    assert_eq!(warnings(&plan(EVERY_ROW, shares), claims), [""; 0]);
    // Of rows that are added up each is looked at.
    let award = "award = [ { add = { column = \"loss\" } } ]\n";
    let claims = "claimant_id,loss\na,1\na,1.500\na,1.25\nb,1.001\n";
    let expected = fine("2 rows of column `loss` have", "2");
    assert_eq!(warnings(&plan(ADDED_UP, award), claims), [expected]);
    // What is the same in them is counted by rows, too.
    let award = "award = [ { add = { column = \"loss\" } } ]\n[column.loss]\nrows = \"same\"\n";
    let alike = "claimant_id,loss\na,1\na,1\nb,1.500\nc,1.5\nb,1.500\n";
    let expected = fine("2 rows of column `loss` have", "3");
    assert_eq!(warnings(&plan(ADDED_UP, award), alike), [expected]);
    let award = "award = [ { add = { column = \"loss\" } } ]\n";
    let yen = plan(ADDED_UP, award).replace("[fund]", "currency = \"JPY\"\n[fund]");
    let said = warnings(&yen, claims);
    let expected = "3 rows of column `loss` have decimal places, but JPY has none (first: row";
    assert!(said[0].starts_with(expected), "{said:?}");
}

#[test]
fn a_plan_says_of_every_column_that_is_added_up_that_it_is_a_sum() {
    let pool = r#"when = { a = { from = 1 } }
award = [ { add = { column = "a", up_to = 5, blank = 2 }, when = { b = { blank = false } } } ]
at_least = [ { add = { column = "b", times = 0 } } ]
less = [ { add = { column = "c", brackets = [ { to = 1, rate = 1 }, { rate = 0 } ] } }, { times = { column = "d" } } ]
[column.d]
rows = "same"
[subclass.some]
when = { c = { to = 3 } }
[[exclude]]
reason = "nothing"
when = { a = { to = 0 } }
"#;
    let plan = plan(ADDED_UP, pool);
    let job = Job::with(&[("plan.toml", &plan)]);
    let said = job.payout(&["plan", "plan.toml", "--json"]);
    let told: Value = serde_json::from_str(&said.stdout).unwrap();
    let sections = told["sections"].as_array().unwrap().iter();
    let sentences = sections.flat_map(|section| section["sentences"].as_array().unwrap());
    let text: Vec<&str> = sentences.filter_map(Value::as_str).collect();
    let text = text.join("\n");
    let sum = |column: &str| format!("the sum of column \"{column}\" over the claimant's rows");
    for part in [
        format!("claims where {} is at least 1", sum("a")),
        format!(
            "award is {}, counting 2 if all are blank, capped at $5.00",
            sum("a")
        ),
        "if column \"b\" is not blank in at least one of the claimant's rows".to_owned(),
        format!(
            "minimum payment to each participant is {}, multiplied by 0",
            sum("b")
        ),
        format!("{}, counting 100% of the first $1.00", sum("c")),
        "then multiplied by the number in column \"d\"".to_owned(),
        "In column \"d\", all rows of a claimant must have the same value.".to_owned(),
        format!("claimants where {} is at most 3", sum("c")),
        "rows where column \"a\" is at most 0".to_owned(),
    ] {
        assert!(text.contains(&part), "{part}\n{text}");
    }
    let sum = |column: &str| format!("the sum of column `{column}` over the claimant's rows");
    let what = |place: &str, key: &str, column: &str| {
        format!("{place}: {key} compares {}, not each row", sum(column))
    };
    assert_eq!(
        listed(&told),
        [
            what("[subclass.some]", "the range", "c"),
            what("pool `class`", "the range", "a"),
            what("line 11", "`up_to`", "a"),
            what("line 13", "`brackets`", "c"),
            format!(
                "line 12: `at_least` reads {}; if the value is the same in every row, write `rows = \"same\"` under [column.b]",
                sum("b")
            ),
        ]
    );
}

#[test]
fn a_number_that_is_the_same_in_all_rows_is_read_once() {
    let pool = "award = [ { add = { column = \"loss\" } }, { times = { column = \"people\" } } ]\n[column.people]\nrows = \"same\"\n";
    let plan = plan(ADDED_UP, pool);
    let claims = "claimant_id,loss,people\na,1,3\nb,5,2\na,2,3\n";
    assert_eq!(warnings(&plan, claims), [""; 0]);
    let job = Job::with(&[("plan.toml", &plan), ("claims.csv", claims)]);
    let compute = ["compute", "claims.csv", "--plan", "plan.toml"];
    assert_eq!(job.payout(&compute).status, 0);
    assert_eq!(
        job.read("payouts/payouts.csv"),
        "claimant_id,subclass,rows,award,payout\na,,2,9.00,9.00\nb,,1,10.00,10.00\n"
    );
    // Letter by letter.
    job.write("claims.csv", claims.replace("2,3", "2,3.0"));
    let said = job.payout(&[&compute[..], &["--out", "other"]].concat());
    assert!(
        said.stderr.contains("`3.0` here, but `3` in row 1"),
        "{said:?}"
    );
}

#[test]
fn a_last_row_that_is_the_sum_of_all_others_is_warned_of() {
    let plan = "[settlement]\nname = \"X\"\n[fund]\namount = 1000\n[[pool]]\nname = \"losses\"\n\
                award = [ { add = { column = \"loss\" } } ]\n";
    let claims = "claimant_id,loss\nA-1,120.50\nA-2,80\nA-3,99.25\nA-4,299.75\n";
    let words = "the last row, row 4, equals the sum of all other rows in pool `losses`, as a totals row would; if it is one, remove it and compute again";
    for (claims, expected) in [
        (claims.to_owned(), vec![words]),
        (claims.replace("299.75", "299.76"), Vec::new()),
        (
            claims
                .replace("A-2,80\n", "A-2,0\n")
                .replace("299.75", "219.75"),
            Vec::new(),
        ),
    ] {
        let job = Job::with(&[("plan.toml", plan), ("claims.csv", &claims)]);
        let said = job.payout(&["compute", "claims.csv", "--plan", "plan.toml", "--json"]);
        let summary: Value = serde_json::from_str(&said.stdout).unwrap();
        assert_eq!(summary["warnings"], serde_json::json!(expected), "{claims}");
        assert_eq!(job.payout(&["check", "payouts"]).status, 0);
    }
}

#[test]
fn rows_that_repeat_a_row_of_the_claimant_are_counted() {
    let pool = "shares = [{ add = { column = \"weeks\" } }]\n";
    let plan = plan(
        "[claims]\nrows = \"sum\"\nstatus = \"status\"\npay = [\"yes\"]\ndeny = [\"no\"]\n",
        pool,
    );
    let of = |rows: &str| {
        let claims = "claimant_id,weeks,status,note\n".to_owned() + rows;
        warnings(&plan, &claims)
    };
    let is_told = |warning: &&String| warning.contains("the same cells as");
    let found = of("a,39,yes,1\nb,39,yes,2\na,39,yes,3\na,40,yes,\nb,39,no,\n");
    let words = "1 row has the same cells as an earlier row of the claimant in every column \
                 that the plan reads, and it was added up (first: rows 1 and 3); if a claim was \
                 entered twice, remove the repeated row";
    assert_eq!(found.iter().filter(is_told).collect::<Vec<_>>(), [words]);
    let found = of(&"a,1,yes,\n".repeat(8));
    let words = "7 rows have the same cells as an earlier row of the claimant in every column \
                 that the plan reads, and each was added up (first: rows 1 and 2; rows 1 and 3; \
                 rows 1 and 4; rows 1 and 5; rows 1 and 6)";
    assert!(found.iter().any(|one| one.starts_with(words)), "{found:?}");
    let found = of("a,1,yes,\na,2,yes,\nb,1,yes,\na,1,no,\n");
    assert!(!found.iter().any(|one| is_told(&one)), "{found:?}");
}

#[test]
fn rows_that_repeat_a_row_are_no_matter_if_nothing_is_added_up() {
    let pool = "shares = [{ add = { column = \"weeks\" } }]\n[column.weeks]\nrows = \"same\"\n";
    let claims = "claimant_id,weeks\na,39\na,39\n";
    assert_eq!(warnings(&plan(ADDED_UP, pool), claims), [""; 0]);
}

#[test]
fn ids_that_are_shorter_than_all_others_are_counted() {
    let of = |ids: &mut dyn Iterator<Item = String>| {
        let rows: Vec<String> = ids.map(|id| format!("{id}\n")).collect();
        let rows = rows.concat();
        let claims = "claimant_id\n".to_owned() + &rows;
        warnings(&plan(EVERY_ROW, "shares = 1\n"), &claims)
    };
    let usual = || (0..40).map(|number| (10_203_040 + number * 7).to_string());
    let lost = ["304050", "7008091"].map(str::to_owned);
    let found = of(&mut usual().chain(lost));
    let words = "2 ids have fewer digits than the other 40; leading zeros may be lost \
                 (first: row 41, row 42)";
    assert_eq!(found, [words]);
    assert_eq!(of(&mut usual()), [""; 0]);
    // A count from 1, and ids that are no numbers.
    assert_eq!(of(&mut (1..120).map(|number| number.to_string())), [""; 0]);
    assert_eq!(of(&mut usual().chain(["A-7".to_owned()])), [""; 0]);
}
