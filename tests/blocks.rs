//! Reading claims in blocks, by several threads: the same at any size of block
//! and any number of threads, with whatever is wrong in the file.

use std::fmt::Write as _;
use std::fs;

use payout::internals::claims::input::Input;
use payout::internals::claims::{self, ReadOptions};
use payout::internals::plan::{self, Plan, PlanSource};

use crate::fuzz::damaged;
use crate::generator::case;
use crate::generator::dice::Dice;
use crate::support::Job;

/// Everything that reading says, as text.
fn reading(file: &Input, plan: &Plan, block: usize, threads: usize) -> String {
    let options = ReadOptions {
        block,
        threads,
        ..ReadOptions::default()
    };
    let claims = match claims::read(std::slice::from_ref(file), plan, &options, &|_| {}) {
        Ok(claims) => claims,
        Err(error) => return error.to_string(),
    };
    let mut said = String::new();
    for row in claims.claim_list.rows() {
        let kinds = &claims.entitlements;
        writeln!(
            said,
            "{} {:?} {} of {} {:?} {:?}",
            row.number,
            row.id_text(),
            claims.rows_of(row.number),
            claims.lead(row.number),
            kinds.group_of(row.class),
            (0..plan.pools.len())
                .map(|pool| kinds.pool_entitlement(row.class, pool))
                .collect::<Vec<_>>()
        )
        .unwrap();
    }
    let total: u64 = claims
        .entitlements
        .classes()
        .map(|kind| claims.entitlements.count(kind))
        .sum();
    write!(
        said,
        "{total} {:?} {} {:?} {:?}",
        claims.files, claims.claimants, claims.unmatched, claims.warnings
    )
    .unwrap();
    said
}

fn plan(text: &str) -> Option<Plan> {
    let source = PlanSource {
        folder: std::path::PathBuf::new(),
        name: "plan.toml".to_owned(),
        shown: "plan.toml".to_owned(),
        text: text.to_owned(),
    };
    plan::load(&source).ok()
}

/// Blocks of one byte and of many, and sizes between, each with another number of threads
/// than the last; `first` says with which to begin.
fn compare(name: &str, claims: &[u8], plan: &Plan, sizes: &[usize], first: usize) {
    let job = Job::new();
    let path = job.path("claims.csv");
    fs::write(&path, claims).unwrap();
    let file = Input::File(path);
    let whole = reading(&file, plan, 1 << 20, 1);
    let threads = [1, 2, 3, 7].into_iter().cycle().skip(first % 4);
    for (&size, threads) in sizes.iter().zip(threads) {
        let said = reading(&file, plan, size, threads);
        assert!(
            said == whole,
            "{name}: blocks of {size} bytes and {threads} threads\n--- whole\n{whole}\n--- so\n{said}"
        );
    }
}

const TWO_COLUMNS: &str = "[settlement]\nname = \"x\"\n[fund]\namount = 100\n\
    [[pool]]\nname = \"a\"\nshares = 1\nwhen = { note = { not = \"x\" } }\n";

#[test]
fn line_breaks_in_quotes_may_stand_anywhere() {
    let plan = plan(TWO_COLUMNS).unwrap();
    let rows = "claimant_id,note\r\n1,\"a\nb\"\n2,\"\"\"\r\n\"\"\"\r\n\n\"3\",\"\n\n\"\n4,c\r\n5,\"d,\"\"\n6,x\"\"\"";
    for before in 0..40 {
        let claims = format!("{rows}\n{},{}\n", 9, "e".repeat(before))
            + &rows[18..].replace(['1', '2', '3', '4', '5'], "8");
        let sizes: Vec<usize> = (1..40).collect();
        compare(
            "line breaks",
            claims.as_bytes(),
            &plan,
            &sizes[before % 7..],
            before / 7,
        );
    }
}

#[test]
fn quotes_out_of_place_are_found_in_the_same_rows() {
    let plan = plan(TWO_COLUMNS).unwrap();
    let cases = [
        "4,\"a\" ",
        "4,a\"b",
        "\"4,a",
        "4,\"a\"\"",
        "4,\"a\"b\"\n\"",
        "4,a\r",
        "4,\0",
    ];
    for (bad, first) in cases
        .iter()
        .flat_map(|bad| (0..4).map(move |first| (bad, first)))
    {
        let claims = format!(
            "claimant_id,note\n1,a\n2,\"b\nc\"\n3,d\n{bad}\n5,\"e\"\n6,f\"\n7,\"g\n\"\n8,h,\n9,\"i\n\n"
        );
        compare(
            bad,
            claims.as_bytes(),
            &plan,
            &[1, 2, 3, 5, 8, 13, 21, 34, 55],
            first,
        );
    }
}

#[test]
fn random_claims_are_read_the_same_in_blocks() {
    for seed in 0..300 {
        let mut dice = Dice::new(seed);
        let (text, claims) = case(seed);
        let Some(plan) = plan(&text) else { continue };
        let mut claims = claims.into_bytes();
        if seed % 2 == 1 {
            claims = damaged(&claims, &mut dice);
        }
        let sizes = [1, 7, 64, 100 + dice.below(400) as usize];
        compare(
            &format!("seed {seed}"),
            &claims,
            &plan,
            &sizes,
            seed as usize,
        );
    }
}
